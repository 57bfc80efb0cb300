//! Checks of the configuration files.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::provider::Check;

/// Warns if everyone can write to a configuration file: they could change which secrets a command gets.
pub(super) fn configuration(path: &Path) -> Option<Check> {
    let mode = path.metadata().ok()?.permissions().mode() & 0o777;
    if mode & 0o002 == 0 {
        return None;
    }
    let detail = format!("{} has mode {mode:04o}", path.display());
    let hint =
        format!("any user on this machine can change it; run `chmod o-w {}`", path.display());
    Some(Check::not_ok("configuration mode", detail, hint))
}
