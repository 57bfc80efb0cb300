//! `--disk-free`: what it refuses, what the fetcher cannot do, and that everything else is unchanged. The unit tests of
//! `sys::sandbox` test single system calls.

mod capabilities;
mod ending;
mod kernel;
mod parity;
mod probe;
mod refusal;
mod trace;

use std::path::{Path, PathBuf};

use crate::support::{
    infisical::{Generation, Server, World},
    sandbox::Sandbox,
};

/// A server over TLS, and a home that knows it and trusts it.
fn over_tls() -> (Server, Sandbox) {
    let server = Server::start(Generation::V4C, World::sample(3));
    let sandbox = Sandbox::new().server(&server, "sample");
    (server, sandbox)
}

/// A file beside these tests.
fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/disk_free").join(name)
}

/// Whether this machine can hold a fetch to it; says so where it cannot.
fn can_be_held() -> bool {
    let output = Sandbox::new().file(".env", "A=canary\n");
    let output = output.run(["run", "--disk-free", "--env-file", ".env", "--", "true"]);
    if !output.status.success() {
        skipped(&output.stderr);
    }
    output.status.success()
}

#[expect(clippy::print_stderr, reason = "a test that is skipped must be heard")]
fn skipped(why: &str) {
    eprintln!("SKIPPED: {}", why.trim());
}
