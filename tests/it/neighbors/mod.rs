//! Stores with an HTTP API and a fixed token: Doppler and 1Password Connect, against fake servers, and beside their own
//! clients where these are installed. Their messages are in tests/cmd/neighbors.md.

#[cfg(feature = "onepassword")]
mod connect;
#[cfg(feature = "doppler")]
mod doppler;
mod server;

use std::io::Write as _;

use crate::support::sandbox::{Output, Sandbox};

/// Runs a script with the variables of the sources.
fn sh(sandbox: &Sandbox, flags: &[&str], script: &str) -> Output {
    let arguments = [&["run"], flags, &["--", "sh", "-c", script]].concat();
    sandbox.command(arguments).reveals().run()
}

/// Says that something is not tested on this machine.
fn skip(what: &str) {
    // Not `println!`, which the test runner swallows when a test passes.
    std::io::stderr().write_all(format!("skipped: {what}\n").as_bytes()).unwrap();
}
