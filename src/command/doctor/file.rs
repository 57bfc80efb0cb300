//! Checks of the configuration files.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::provider::Check;

/// Checks a configuration file: whoever can write it decides what is run with which secrets.
pub(super) fn configuration(path: &Path) -> Option<Check> {
    let mode = path.metadata().ok()?.permissions().mode() & 0o777;
    if mode & 0o002 == 0 {
        return None;
    }
    let detail = format!("{} has mode {mode:04o}", path.display());
    let hint = format!("anyone on this machine may change it: chmod o-w {}", path.display());
    Some(Check::not_ok("configuration mode", detail, hint))
}
