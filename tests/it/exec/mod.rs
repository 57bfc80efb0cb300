//! Exec mode: the command finds what it would find without hushed.

mod arguments;
mod failure;
mod identity;
mod lookup;
mod signal;
mod stream;

use std::ffi::OsString;

use crate::support::sandbox::{Output, Sandbox, hushed};

/// Returns a sandbox with one secret in it.
fn sandbox() -> Sandbox {
    Sandbox::new().file("app.env", "SECRET=canary\n")
}

/// Returns a command line of hushed for a command.
fn through_hushed(sandbox: &Sandbox, command: &[&str]) -> Vec<OsString> {
    let file = sandbox.project().join("app.env");
    let mut line: Vec<OsString> = vec![hushed().into(), "run".into(), "--env-file".into()];
    line.extend([file.into(), "--".into()]);
    line.extend(command.iter().map(Into::into));
    line
}

/// Runs a script that ends in `exec "$@"`, where `"$@"` is a command line.
fn sh(sandbox: &Sandbox, script: &str, line: Vec<OsString>) -> Output {
    let arguments = ["-c", script, "sh"].map(OsString::from).into_iter().chain(line);
    sandbox.program("/bin/sh", arguments).run()
}

/// What a command says when a script starts it directly, and when it does so through hushed.
fn both(script: &str, command: &[&str]) -> (String, String) {
    let sandbox = sandbox();
    let directly = sh(&sandbox, script, command.iter().map(Into::into).collect()).success();
    let through = sh(&sandbox, script, through_hushed(&sandbox, command)).success();
    assert_eq!(through.stderr, directly.stderr, "{script}");
    (directly.stdout, through.stdout)
}
