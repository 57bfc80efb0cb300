//! Checks of sources that are files: that they are there, whose they are, and that they can be read.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::check::Check;
use crate::command::plan::counted;
use crate::config::{Dotenv, Local, LocalKey};
use crate::provider::dotenv::DotenvSource;
use crate::provider::{self, Source};

/// Checks a dotenv file.
pub(super) fn dotenv(source: &Dotenv) -> Vec<Check> {
    let opened = DotenvSource::new(std::sync::Arc::clone(&source.name), source.file.clone());
    let mut checks = vec![reading(&opened)];
    checks.extend(mode(&format!("`{}`: mode", source.name), &source.file));
    checks
}

/// Checks a sealed store and its key.
pub(super) fn local(source: &Local) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.extend(mode(&format!("`{}`: mode", source.name), &source.file));
    let what = format!("`{}`: key", source.name);
    match &source.key {
        LocalKey::File(path) => checks.extend(mode(&what, path)),
        LocalKey::Systemd(path) => {
            checks.push(Check::ok(what, format!("systemd credential {}", path.display())));
        }
        LocalKey::Passphrase(passphrase) => {
            checks.push(Check::ok(what, format!("passphrase from {}", passphrase.origin)));
        }
    }
    checks.push(reading(&provider::open_local(source)));
    checks
}

/// Reads the source for real, and counts what it gives.
fn reading(source: &dyn Source) -> Check {
    let what = format!("`{}`: reading", source.name());
    match pin!(source.fetch()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(secrets)) => Check::ok(what, counted(secrets.len(), "secret")),
        Poll::Ready(Err(error)) => Check::failed(what, &error, error.hint()),
        Poll::Pending => Check::skipped(what, "it waits for something"),
    }
}

/// A file with secrets that others may read is not ok. One that is missing is told by reading it.
fn mode(what: &str, path: &Path) -> Option<Check> {
    let mode = path.metadata().ok()?.permissions().mode() & 0o777;
    let detail = format!("{} has mode {mode:04o}", path.display());
    let open = mode & 0o077;
    if open == 0 {
        return Some(Check::ok(what, detail));
    }
    let hint = format!("others on this machine may read it: chmod 600 {}", path.display());
    Some(Check::not_ok(what, detail, hint))
}
