//! Output under `hushed run --redact` and through `hushed redact`: no secrets, and nothing else changed.

mod encoding;
mod ending;
mod filter;
mod flag;
mod policy;
mod program;
mod source;
mod stream;
mod terminal;

use crate::support::sandbox::{Run, Sandbox};

/// What the one secret of most tests holds.
const SECRET: &str = "canary-one";

/// Gives a sandbox with that secret in a file.
fn sandbox() -> Sandbox {
    Sandbox::new().file("app.env", format!("SECRET={SECRET}\n"))
}

/// Prepares a run of a script with the secrets of `app.env`.
fn script<'a>(sandbox: &'a Sandbox, flags: &[&str], script: &str) -> Run<'a> {
    let line = ["run", "--env-file", "app.env"].iter().chain(flags);
    sandbox.command(line.chain(&["--", "sh", "-c", script]).copied())
}

/// Gives what a script writes to stdout, redacted.
fn redacted(sandbox: &Sandbox, flags: &[&str], text: &str) -> String {
    let flags: Vec<&str> = ["--redact"].iter().chain(flags).copied().collect();
    let output = script(sandbox, &flags, text).run().success();
    assert_eq!(output.stderr, "", "{text}");
    output.stdout
}
