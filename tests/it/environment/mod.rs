//! The environment of the command: precedence, filtering and refused names.

mod credential;
mod inherit;
mod name;
mod shell;
mod size;

use std::ffi::OsString;

use crate::support::sandbox::{Run, Sandbox};

/// Runs `env -0` through hushed, and gives the variables by name, in their order. The sandbox's own
/// are left out.
pub(crate) fn variables(run: Run<'_>) -> Vec<(String, String)> {
    let own = ["HOME", "PATH", "TMPDIR"];
    let pairs = strings(run);
    let pairs = pairs.iter().map(|pair| String::from_utf8(pair.clone()).unwrap());
    let pairs = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    });
    pairs.filter(|(name, _)| !name.starts_with("XDG_") && !own.contains(&&**name)).collect()
}

/// Every `NAME=VALUE` that the command of a run gets.
fn strings(run: Run<'_>) -> Vec<Vec<u8>> {
    let output = run.reveals().run().success();
    let parts = output.bytes.split(|byte| *byte == 0).map(<[u8]>::to_vec);
    parts.filter(|part| !part.is_empty()).collect()
}

/// A command line that prints the environment, with flags.
pub(crate) fn env<'a>(sandbox: &'a Sandbox, flags: &[&str]) -> Run<'a> {
    let line = ["run"].iter().chain(flags).chain(&["--", "/usr/bin/env", "-0"]);
    sandbox.command(line.map(OsString::from))
}

/// The same, for what is to fail: the message.
pub(crate) fn refused(sandbox: &Sandbox, flags: &[&str]) -> String {
    let line = ["run"].iter().chain(flags).chain(&["--", "touch", "started"]);
    let output = sandbox.run(line.map(OsString::from)).fails_with(125);
    assert!(!sandbox.project().join("started").exists(), "the command was started");
    output.stderr
}

pub(crate) fn pairs(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
