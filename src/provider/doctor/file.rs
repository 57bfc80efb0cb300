//! Checks of files: that they are there, whose they are, and that they can be read.

use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use futures_util::FutureExt as _;

use super::check::{Check, counted};
use crate::config::Credential;
use crate::provider::Source;
use crate::seal::key::is_private;

/// Where container runtimes put secrets, with modes of their own choice.
const MOUNTED: [&str; 2] = ["/run/secrets", "/var/run/secrets"];

/// Checks the file that a credential is read from, if it is a file of the user's own.
pub fn credential(credential: &Credential) -> Option<Check> {
    let file = credential.file.as_deref()?;
    if MOUNTED.iter().any(|mounted| file.starts_with(mounted)) {
        return None;
    }
    private("credential file", file)
}

/// Reads the source for real, and counts what it gives.
pub fn reading(source: &dyn Source) -> Check {
    match source.fetch().now_or_never() {
        Some(Ok(secrets)) => Check::ok("reading", counted(secrets.len(), "secret")),
        Some(Err(error)) => Check::failed("reading", &error, error.hint()),
        None => Check::skipped("reading", "it waits for something"),
    }
}

/// The same for a source that may have to wait.
pub async fn fetching(source: &dyn Source) -> Check {
    match source.fetch().await {
        Ok(secrets) => Check::ok("reading", counted(secrets.len(), "secret")),
        Err(error) => Check::failed("reading", &error, error.hint()),
    }
}

/// Checks that nobody else may change a file. A sealed file may be read by others, as in a repository.
pub fn unchangeable(name: &'static str, path: &Path) -> Option<Check> {
    let metadata = path.metadata().ok().filter(Metadata::is_file)?;
    let mode = metadata.permissions().mode() & 0o777;
    let detail = format!("{} has mode {mode:04o}", path.display());
    if mode & 0o002 == 0 {
        return Some(Check::ok(name, detail));
    }
    let hint = format!("others on this machine may change it: chmod o-w {}", path.display());
    Some(Check::not_ok(name, detail, hint))
}

/// A file with secrets that others may read is not ok. One that is missing is told by reading it.
pub fn private(name: &'static str, path: &Path) -> Option<Check> {
    let metadata = path.metadata().ok().filter(Metadata::is_file)?;
    let mode = metadata.permissions().mode() & 0o777;
    let detail = format!("{} has mode {mode:04o}", path.display());
    if is_private(mode, metadata.gid()) {
        return Some(Check::ok(name, detail));
    }
    let hint = format!("others on this machine may read it: chmod 600 {}", path.display());
    Some(Check::not_ok(name, detail, hint))
}
