//! Trying a system call in a child process, because a seccomp(2) filter may kill the caller. It does not know
//! what the call is for.
#![expect(unsafe_code, reason = "a prctl that nix does not know")]

use std::os::fd::AsRawFd as _;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::unistd::pipe2;

use super::child::{self, Fork, errno_number, exit_without_cleanup, read_words, write_words};

/// The outcome of a system call in a child process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProbeOutcome {
    /// It returned this number.
    Returned(i32),
    /// It failed.
    Failed(Errno),
    /// It killed the child.
    Killed,
}

/// Whether a seccomp filter applies to this process.
pub(super) fn is_filtered() -> bool {
    // SAFETY: this option takes no argument and touches no memory.
    unsafe { libc::prctl(libc::PR_GET_SECCOMP, 0, 0, 0, 0) != 0 }
}

/// Runs `attempt` in a child. It may only make system calls: it must not allocate or take a lock.
pub(super) fn run_in_child(
    attempt: impl FnOnce() -> nix::Result<i32>,
) -> nix::Result<ProbeOutcome> {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC)?;
    match child::fork()? {
        Fork::Child { .. } => {
            let words = attempt().map_or_else(|errno| [errno_number(errno), 0], |value| [0, value]);
            write_words(writer.as_raw_fd(), &words);
            exit_without_cleanup(0)
        }
        Fork::Parent { child } => {
            drop(writer);
            let words = read_words(&reader);
            // Where SIGCHLD is ignored, the kernel has reaped it.
            let _reaped = super::wait::wait_for(child);
            Ok(match words {
                Ok(Some([0, value])) => ProbeOutcome::Returned(value),
                Ok(Some([errno, _])) => ProbeOutcome::Failed(Errno::from_raw(errno)),
                Ok(None) | Err(_) => ProbeOutcome::Killed,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_in_a_child_returns_fails_or_kills_it() {
        assert_eq!(run_in_child(|| Ok(7)), Ok(ProbeOutcome::Returned(7)));
        assert_eq!(run_in_child(|| Err(Errno::EPERM)), Ok(ProbeOutcome::Failed(Errno::EPERM)));
        let killed = run_in_child(|| {
            // SAFETY: the signal ends the child, in which nothing else runs.
            unsafe { libc::raise(libc::SIGKILL) };
            Ok(0)
        });
        assert_eq!(killed, Ok(ProbeOutcome::Killed));
    }
}
