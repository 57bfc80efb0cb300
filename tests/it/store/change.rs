//! Setting, reading and deleting, byte for byte. Must not test keys.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{get, names, set};
use crate::support::sandbox::Sandbox;

#[test]
fn values_come_from_standard_input_less_one_line_ending() {
    let sandbox = Sandbox::new();
    for (given, want) in [
        (&b"canary"[..], &b"canary"[..]),
        (b"canary\n", b"canary"),
        (b"canary\r\n", b"canary"),
        (b"canary\n\n", b"canary\n"),
        (b" canary\ttwo\nlines ", b" canary\ttwo\nlines "),
        (b"canary \xff\x00\x80", b"canary \xff\x00\x80"),
        (b"", b""),
    ] {
        let line = ["secrets", "set", "A", "--allow-empty"];
        sandbox.command(line).stdin(given).run().success();
        assert_eq!(get(&sandbox, "A"), want, "{}", given.escape_ascii());
    }
}

#[test]
fn values_come_from_a_file_with_every_byte() {
    let sandbox = Sandbox::new().file("value", "canary\n\n").file("empty", "");
    sandbox.run(["secrets", "set", "A", "--file", "value"]).success();
    assert_eq!(get(&sandbox, "A"), b"canary\n\n");
    sandbox.run(["secrets", "set", "A", "--file", "empty", "--allow-empty"]).success();
    assert_eq!(get(&sandbox, "A"), b"");
    let output = sandbox.run(["secrets", "set", "A", "--file", "none"]).fails_with(1);
    assert!(
        output.stderr.contains("cannot read from `(a path of 4 characters)`"),
        "{}",
        output.stderr
    );
}

#[test]
fn no_value_is_taken_from_the_arguments() {
    let sandbox = Sandbox::new();
    for line in [&["secrets", "set", "A", "value"][..], &["secrets", "set", "A=value"]] {
        let output = sandbox.run(line);
        assert_ne!(output.code(), 0, "{line:?}");
        assert!(!sandbox.project().join("secrets.hushed").exists(), "{}", output.stderr);
    }
}

#[test]
fn a_store_is_private_and_says_nothing_unless_asked() {
    let sandbox = Sandbox::new();
    let output = set(&sandbox, "A", "canary one").success();
    let key = sandbox.home().join(".config/hushed/key");
    let want = format!("hushed: made the key {}; keep a copy in a safe place", key.display());
    assert!(output.stderr.starts_with(&want), "{}", output.stderr);
    for path in [key, sandbox.project().join("secrets.hushed")] {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600, "{path:?}");
    }
    let output = set(&sandbox, "A", "canary two").success();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
    let output =
        sandbox.command(["secrets", "set", "A", "-v"]).stdin("canary three").run().success();
    assert_eq!(output.stderr, "hushed: replaced `A` in secrets.hushed\n");
}

#[test]
fn deleting_takes_one_out_and_tells_what_is_not_there() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(["secrets", "delete", "A"]).fails_with(1);
    assert!(
        output.stderr.contains("the local store `secrets.hushed` does not exist"),
        "{}",
        output.stderr
    );
    set(&sandbox, "A", "canary").success();
    set(&sandbox, "B", "canary").success();
    sandbox.run(["secrets", "delete", "A"]).success();
    assert_eq!(names(&sandbox), ["B"]);
    let output = sandbox.run(["secrets", "delete", "A"]).fails_with(1);
    assert!(
        output.stderr.starts_with("hushed: no secret `A` in `local` (secrets.hushed)\n"),
        "{}",
        output.stderr
    );
    let output = sandbox.run(["secrets", "get", "A"]).fails_with(1);
    assert!(output.stderr.starts_with("hushed: no secret `A` in `local`\n"), "{}", output.stderr);
    set(&sandbox, "API_TOKEN", "canary").success();
    let output = sandbox.run(["secrets", "delete", "API_TOKN"]).fails_with(1);
    assert!(output.stderr.ends_with("  hint: did you mean `API_TOKEN`?\n"), "{}", output.stderr);
}

#[test]
fn writers_at_once_lose_nothing() {
    let sandbox = Sandbox::new();
    let all: Vec<String> = (0..8).map(|number| format!("NAME_{number}")).collect();
    for name in &all {
        let value = sandbox.project().join(name);
        fs::write(&value, "seven").unwrap();
    }
    let begun: Vec<_> = all
        .iter()
        .map(|name| sandbox.command(["secrets", "set", name, "--file", name]).spawn())
        .collect();
    let made: usize = begun
        .into_iter()
        .map(|running| running.wait().success().stderr.matches("made the key").count())
        .sum();
    assert_eq!(made, 1, "one of them made the key, and said so");
    assert_eq!(names(&sandbox), all);
}

#[test]
fn the_store_that_is_meant_must_be_one() {
    let config = "[source.a]\ntype = \"local\"\nfile = \"a\"\n[source.b]\ntype = \"local\"\nfile = \"b\"\n\
                  [source.c]\ntype = \"dotenv\"\n[source.d]\ntype = \"age\"\nfile = \"x.age\"\n";
    let sandbox = Sandbox::new().file("hushed.toml", config);
    let output = set(&sandbox, "X", "canary").fails_with(78);
    let want = "hushed: `hushed secrets set` needs one store that hushed can change, but 3 are configured\n  hint: ";
    assert!(output.stderr.starts_with(want), "{}", output.stderr);
    sandbox.command(["secrets", "set", "X", "--source", "b"]).stdin("canary").run().success();
    assert!(sandbox.project().join("b").exists() && !sandbox.project().join("a").exists());
    let output = sandbox.command(["secrets", "set", "X", "--source", "d"]).run().fails_with(78);
    assert!(output.stderr.contains("none is configured"), "{}", output.stderr);
}

#[test]
fn nothing_is_deleted_if_one_of_the_names_is_wrong() {
    let sandbox = Sandbox::new();
    set(&sandbox, "ONE", "canary").success();
    set(&sandbox, "TWO", "canary").success();
    let output = sandbox.run(["secrets", "delete", "ONE", "TWO", "TWOO"]).fails_with(1);
    assert!(output.stderr.contains("no secret `TWOO`"), "{}", output.stderr);
    assert_eq!(names(&sandbox), ["ONE", "TWO"]);
}

#[test]
fn a_value_that_no_variable_can_hold_is_stored_with_a_warning() {
    let sandbox = Sandbox::new().file("raw", b"canary\0");
    let output = sandbox.run(["secrets", "set", "RAW", "--file", "raw"]).success();
    assert!(output.stderr.contains("the value contains a NUL byte"), "{}", output.stderr);
}
