//! Kernels that lack something, as a filter before hushed lets them seem. Must not need one.

use super::{beside, can_be_held, over_tls};
use crate::support::sandbox::{Output, Sandbox, hushed};

fn without(what: &str, sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let line = [beside("without.py").into(), what.into(), hushed().into()].into_iter();
    let line = line.chain(arguments.iter().map(std::ffi::OsString::from));
    sandbox.program("python3", line).run()
}

const LACKS: [(&str, &str); 2] =
    [("landlock", "this kernel has no Landlock"), ("seccomp", "no seccomp filter")];

#[test]
fn what_cannot_be_promised_is_refused_before_anything_is_asked() {
    let (server, sandbox) = over_tls();
    for (what, want) in LACKS {
        for (command, code) in [
            (&["run", "--disk-free", "--", "true"][..], 125),
            (&["plan", "--disk-free"], 1),
            (&["export", "--disk-free"], 1),
            (&["secrets", "list", "--disk-free"], 1),
        ] {
            let output = without(what, &sandbox, command).fails_with(code);
            let begin = "hushed: disk-free (--disk-free) cannot be held to here: ";
            assert!(output.stderr.starts_with(begin), "{}", output.stderr);
            assert!(output.stderr.contains(want), "{}", output.stderr);
            assert!(output.stderr.contains("--disk-free=best-effort"), "{}", output.stderr);
        }
    }
    assert!(server.requests().is_empty());
}

#[test]
fn the_best_effort_says_what_it_is_not() {
    if !can_be_held() {
        return;
    }
    let (server, sandbox) = over_tls();
    for (what, want) in LACKS {
        let line = ["run", "--disk-free=best-effort", "--", "true"];
        let output = without(what, &sandbox, &line).success();
        let begin = "hushed: warning: disk-free is not held to in full: ";
        assert!(output.stderr.starts_with(begin), "{}", output.stderr);
        assert!(output.stderr.contains(want), "{}", output.stderr);
        assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
        server.forget();
    }
    // Where nothing is missing there is nothing to say.
    let output = sandbox.run(["run", "--disk-free=best-effort", "--", "true"]).success();
    assert_eq!(output.stderr, "");
}

#[test]
fn attest_tells_what_is_missing() {
    let sandbox = Sandbox::new();
    for (what, line) in [("landlock", "Landlock"), ("seccomp", "seccomp")] {
        let output = without(what, &sandbox, &["attest", "--json"]).fails_with(1);
        let said: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let found = said["lines"].as_array().unwrap().iter().find(|found| found["what"] == line);
        assert_eq!(found.unwrap()["holds"], false, "{}", output.stdout);
    }
}

#[test]
fn who_ignores_the_death_of_children_hears_of_the_fetch_all_the_same() {
    if !can_be_held() {
        return;
    }
    let (_server, sandbox) = over_tls();
    for line in [
        &["run", "--disk-free", "--", "true"][..],
        &["run", "--disk-free", "--redact", "--", "true"],
    ] {
        let output = without("sigchld", &sandbox, line).success();
        assert_eq!(output.stderr, "");
    }
}
