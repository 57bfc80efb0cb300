//! Completion in real shells under a terminal.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::support::sandbox::{Sandbox, hushed};

/// Lines that are typed, and what a tab makes of them.
const LINES: [(&str, &str); 8] = [
    ("hushed secr", "hushed secrets"),
    ("hushed run -- zqm", "hushed run -- zqmake"),
    ("hushed run zqmake alp", "hushed run zqmake alpha-sub"),
    ("hushed run --env prod -- zqmake bet", "hushed run --env prod -- zqmake beta-sub"),
    ("hushed run --profile pro", "hushed run --profile production"),
    ("hushed export --format kub", "hushed export --format kubernetes"),
    ("hushed secrets get APP_", "hushed secrets get APP_KEY"),
    ("hushed plan --only DATA", "hushed plan --only DATABASE_URL"),
];

fn completes(shell: &str) {
    let config =
        "[source.a]\ntype = \"dotenv\"\nfile = \".env\"\n[profile.production.run]\nredact = true\n";
    let sandbox = Sandbox::new()
        .file("hushed.toml", config)
        .file(".env", "APP_KEY=1\nDATABASE_URL=2\n")
        .file("bin/zqmake", "#!/bin/sh\n");
    let program = sandbox.project().join("bin/zqmake");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    let found = sandbox.program("sh", ["-c", &format!("command -v {shell}")]).run();
    if !found.status.success() {
        super::skipped(&format!("completion in {shell}: it is not installed"));
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/usage/complete.py");
    let mut line = vec![script.to_owned(), shell.to_owned(), hushed().display().to_string()];
    line.extend(LINES.iter().flat_map(|(typed, want)| [*typed, *want]).map(str::to_owned));
    sandbox.program("python3", line).run().success();
}

#[test]
fn bash_completes() {
    completes("bash");
}

#[test]
fn zsh_completes() {
    completes("zsh");
}

#[test]
fn fish_completes() {
    completes("fish");
}
