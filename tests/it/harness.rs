//! The harness itself: a leak must fail a test, or no test says anything.
//! Must not need hushed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::{leak, sandbox::Sandbox};

/// Returns whether a run fails its test, which is silent about it here.
fn fails(run: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(run)).is_err()
}

fn sh(sandbox: &Sandbox, script: &str) {
    sandbox.program("sh", ["-c", script]).run();
}

#[test]
fn a_secret_on_a_stream_fails_the_test() {
    let sandbox = Sandbox::new().env("SECRET", "a canary value");
    assert!(fails(|| sh(&sandbox, "echo $SECRET")));
    assert!(fails(|| sh(&sandbox, "echo $SECRET >&2")));
    assert!(fails(|| sh(&sandbox, "printf %s \"$SECRET\" | base64 >&2")));
    assert!(!fails(|| sh(&sandbox, "echo nothing; echo to see >&2")));
    assert!(!fails(|| {
        sandbox.program("sh", ["-c", "echo $SECRET"]).reveals().run();
    }));
}

#[test]
fn a_secret_left_in_a_file_fails_the_test() {
    let sandbox = Sandbox::new().env("SECRET", "canary").file("own.env", "A=canary");
    assert!(!fails(|| sh(&sandbox, "true")));
    let places = ["./left", "$HOME/left", "$TMPDIR/left", "$XDG_CACHE_HOME/left"];
    for place in places {
        assert!(fails(|| sh(&sandbox, &format!("echo $SECRET > {place}"))), "{place}");
        sh(&sandbox, &format!("rm {place}"));
    }
    assert!(fails(|| sh(&sandbox, "mkdir -p a/b; : > a/b/$SECRET")));
}

#[test]
fn a_secret_in_an_argument_fails_the_test() {
    let sandbox = Sandbox::new();
    assert!(fails(|| sh(&sandbox, "true canary")));
    let running = sandbox.program("sh", ["-c", ": canary; kill -STOP $$"]).argv_reveals().spawn();
    assert!(leak::in_command_line(running.pid()).unwrap());
    assert!(fails(|| running.check_command_line()));
    let mut running = running;
    running.child().kill().unwrap();
    assert_eq!(running.wait().code(), 137);
}

#[test]
fn base64_hides_no_secret() {
    for before in ["", "a", "ab", "abc", "abcd"] {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let text = STANDARD.encode(format!("{before}canary{before}"));
        assert!(leak::is_in(text.as_bytes()), "{text}");
    }
    assert!(!leak::is_in(b"a bird"));
}

#[test]
fn the_environment_is_empty_but_for_the_home() {
    let sandbox = Sandbox::new().env("MINE", "1").file("a/b.toml", "x = 1");
    let output = sandbox.program("sh", ["-c", "env | cut -d= -f1; cat a/b.toml"]).run().success();
    let mut names: Vec<&str> = output.stdout.lines().collect();
    names.sort_unstable();
    let known = ["HOME", "MINE", "PATH", "PWD", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"];
    let more = ["XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "x = 1"];
    names.retain(|name| !["_", "SHLVL", "OLDPWD"].contains(name));
    assert_eq!(names, [&known[..], &more].concat());
}
