//! `hushed redact`, the filter between two programs.

use std::io::Read as _;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::{SECRET, sandbox};
use crate::support::sandbox::{Output, Sandbox, hushed};

fn redact(sandbox: &Sandbox, flags: &[&str], input: impl Into<Vec<u8>>) -> Output {
    sandbox.command(["redact"].iter().chain(flags).copied()).stdin(input).run()
}

/// Runs a shell script in which `$0` is hushed.
fn sh(sandbox: &Sandbox, text: &str) -> Output {
    let hushed = hushed().to_string_lossy().into_owned();
    sandbox.program("bash", ["-c".to_owned(), text.to_owned(), hushed]).run()
}

#[test]
fn secrets_are_redacted_and_other_output_is_unchanged() {
    let sandbox = sandbox();
    let all: Vec<u8> = (0..=255).chain([0xc3, b'\r', b'\n', 0xff]).collect();
    for (input, want) in [
        (b"".to_vec(), b"".to_vec()),
        (b"\n".to_vec(), b"\n".to_vec()),
        (b"no line ending".to_vec(), b"no line ending".to_vec()),
        (format!("a{SECRET}b").into(), b"a[hushed:SECRET]b".to_vec()),
        (b"canary-on".iter().rev().copied().collect(), b"no-yranac".to_vec()),
        (all.clone(), all),
    ] {
        let output = redact(&sandbox, &["--env-file", "app.env"], input).success();
        assert_eq!(output.bytes, want);
        assert_eq!(output.stderr, "");
    }
}

#[test]
fn a_partial_secret_at_the_end_is_written() {
    let sandbox = sandbox();
    let run = sandbox.command(["redact", "--env-file", "app.env"]).stdin("a canary-on").reveals();
    assert_eq!(run.run().success().stdout, "a canary-on");
}

#[test]
fn the_filter_uses_the_configured_sources() {
    let config =
        "[run]\nredact-label = \"***\"\n[source.mine]\ntype = \"dotenv\"\nfile = \"app.env\"\n";
    let sandbox = sandbox().file("hushed.toml", config);
    let output = redact(&sandbox, &["-v"], format!("{SECRET}{SECRET}\n")).success();
    assert_eq!(output.stdout, "******\n");
    assert_eq!(output.stderr, "hushed: redacted SECRET: 2 times on standard input\n");
}

#[test]
fn values_come_on_a_descriptor() {
    let sandbox = Sandbox::new()
        .file("lines", "canary-first\n\ncanary-second")
        .file("nuls", "canary\nfirst\0canary-second\0")
        .file("one", "canary-first and canary-second\n")
        .file("two", "canary\nfirst and canary-second\n");
    for (list, text) in [("lines", "one"), ("nuls", "two")] {
        let output = sh(&sandbox, &format!("\"$0\" redact --values-fd 3 3<{list} <{text}"));
        assert_eq!(output.success().stdout, "[hushed:VALUE_1] and [hushed:VALUE_2]\n", "{list}");
    }
    let output = sh(&sandbox, "\"$0\" redact --values-fd 9 <one").fails_with(1);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("descriptor 9"), "{}", output.stderr);
}

#[test]
fn variables_and_files_need_no_source() {
    let sandbox = Sandbox::new().env("TOKEN", SECRET).file("keys/my.key", "canary-two\n");
    let flags = ["--redact-also", "TOKEN", "--redact-also", "keys/my.key"];
    let output = redact(&sandbox, &flags, "canary-one canary-two").success();
    assert_eq!(output.stdout, "[hushed:TOKEN] [hushed:my.key]");
    let output = redact(&sandbox, &[], "x").fails_with(78);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("no source of secrets is configured"), "{}", output.stderr);
}

#[test]
fn a_closed_output_ends_the_filter_without_an_error() {
    let text = "yes | \"$0\" redact --env-file app.env | head -n 1; echo ${PIPESTATUS[1]}";
    let output = sh(&sandbox(), text).success();
    assert_eq!(output.stderr, "");
    assert!(output.stdout == "y\n141\n" || output.stdout == "y\n0\n", "{}", output.stdout);
    let output = sh(&sandbox(), "echo a | \"$0\" redact --env-file app.env >/dev/full");
    assert_eq!(
        output.fails_with(1).stderr.lines().next(),
        Some("hushed: cannot write to standard output")
    );
}

#[test]
fn an_unreadable_input_is_an_error() {
    let output = sh(&sandbox(), "\"$0\" redact --env-file app.env <.").fails_with(1);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("read from standard input"), "{}", output.stderr);
}

#[test]
fn slow_input_is_written_at_once() {
    let sandbox = sandbox();
    let gate = sandbox.project().join("gate");
    mkfifo(&gate, Mode::S_IRWXU).unwrap();
    let text =
        "{ echo one; printf 'two> '; read x <gate; echo $x; } | \"$0\" redact --env-file app.env";
    let line = ["-c".into(), text.into(), hushed().into_os_string()];
    let mut running = sandbox.program("sh", line).spawn();
    let mut seen = [0; 9];
    running.child().stdout.as_mut().unwrap().read_exact(&mut seen).unwrap();
    assert_eq!(&seen, b"one\ntwo> ");
    std::fs::write(&gate, format!("{SECRET}\n")).unwrap();
    assert_eq!(running.wait().success().stdout, "[hushed:SECRET]\n");
}
