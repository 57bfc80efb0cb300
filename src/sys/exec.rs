//! `execve(2)` with an environment that we built ourselves. It searches no PATH.

use std::convert::Infallible;
use std::ffi::{CStr, CString};

use nix::errno::Errno;

/// Replaces this process by the program at `path`. Returns only on failure.
///
/// `std::process::Command` is not used, because it keeps copies of the environment, and resets
/// SIGPIPE whatever it was.
pub(crate) fn replace(path: &CStr, argv: &[CString], envp: &[&CStr]) -> Errno {
    match nix::unistd::execve(path, argv, envp) {
        Ok(never) => {
            let never: Infallible = never;
            match never {}
        }
        Err(errno) => errno,
    }
}
