//! Trying a system call in a child process first, because a filter of system calls (`seccomp(2)`) may kill
//! the process that makes it. It does not know what the call is for.
#![expect(unsafe_code, reason = "a child of a fork that ends at once")]

use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;

use super::child::{self, Fork, errno_number};

/// The outcome of a call in a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It returned this number.
    Returned(u32),
    /// It failed.
    Failed(Errno),
    /// It ended the child.
    Killed,
}

/// Whether system calls of this process are filtered.
pub(super) fn is_filtered() -> bool {
    // SAFETY: this option takes no argument and touches no memory.
    unsafe { libc::prctl(libc::PR_GET_SECCOMP, 0, 0, 0, 0) != 0 }
}

/// Runs `attempt` in a child. It may only make system calls: it must not allocate or take a lock. It is an
/// error where there is no child.
pub(super) fn in_child(attempt: impl FnOnce() -> nix::Result<u32>) -> nix::Result<Outcome> {
    let (answer, tell) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
    match child::fork()? {
        Fork::Child { .. } => answer_and_exit(&tell, attempt()),
        Fork::Parent { child } => {
            drop(tell);
            let words = read_words(answer);
            // Where SIGCHLD is ignored, the kernel has reaped it.
            let _reaped = super::wait::ended(child);
            Ok(match words {
                Some([0, value]) => Outcome::Returned(value),
                Some([errno, _]) => {
                    Outcome::Failed(Errno::from_raw(i32::try_from(errno).unwrap_or(0)))
                }
                None => Outcome::Killed,
            })
        }
    }
}

/// Sends an error number (0 for none) and a value to the parent, and ends this process.
fn answer_and_exit(tell: &OwnedFd, outcome: nix::Result<u32>) -> ! {
    let words = match outcome {
        Ok(value) => [0, value],
        Err(errno) => [errno_number(errno).unsigned_abs(), 0],
    };
    // SAFETY: the buffer is as long as the call is told; a pipe takes as little whole.
    let _: isize =
        unsafe { libc::write(tell.as_raw_fd(), words.as_ptr().cast(), size_of_val(&words)) };
    // SAFETY: it ends the process, and runs nothing that the parent has yet to run.
    unsafe { libc::_exit(0) }
}

fn read_words(answer: OwnedFd) -> Option<[u32; 2]> {
    let mut bytes = [0_u8; 8];
    File::from(answer).read_exact(&mut bytes).ok()?;
    let (words, _) = bytes.as_chunks();
    let [errno, value] = words else { return None };
    Some([u32::from_ne_bytes(*errno), u32::from_ne_bytes(*value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_returns_fails_or_is_killed() {
        assert_eq!(in_child(|| Ok(7)), Ok(Outcome::Returned(7)));
        assert_eq!(in_child(|| Err(Errno::EPERM)), Ok(Outcome::Failed(Errno::EPERM)));
        let killed = in_child(|| {
            // SAFETY: the signal ends the child, in which nothing else runs.
            unsafe { libc::raise(libc::SIGKILL) };
            Ok(0)
        });
        assert_eq!(killed, Ok(Outcome::Killed));
    }
}
