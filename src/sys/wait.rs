//! `waitpid(2)` for whichever child has changed, with every signal number, real-time ones included.
//! It blocks only for a child that is about to end.
#![expect(unsafe_code, reason = "nix knows no real-time signals")]

use std::io;

use nix::errno::Errno;
use nix::libc;

/// What became of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It ended by itself.
    Exited(u8),
    /// A signal ended it.
    Killed(i32),
    /// A signal stopped it.
    Stopped(i32),
    /// It runs again.
    Continued,
}

/// The answer of [`next`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// The child with this PID has changed.
    Changed(i32, Change),
    /// No child has changed.
    Nothing,
    /// There is no child.
    Childless,
}

/// Takes the next change of any child; one that has ended is reaped.
pub(crate) fn next() -> io::Result<Waited> {
    let mut status = 0;
    let options = libc::WNOHANG | libc::WUNTRACED | libc::WCONTINUED;
    // SAFETY: the call writes one integer, to which it is given a pointer.
    match unsafe { libc::waitpid(-1, &raw mut status, options) } {
        0 => Ok(Waited::Nothing),
        -1 => match Errno::last() {
            Errno::ECHILD => Ok(Waited::Childless),
            errno => Err(errno.into()),
        },
        pid => Ok(change(status).map_or(Waited::Nothing, |change| Waited::Changed(pid, change))),
    }
}

/// Waits until this child has ended, and reaps it; `None` where nothing is known of it any more.
pub(crate) fn ended(pid: i32) -> io::Result<Option<Change>> {
    let mut status = 0;
    loop {
        // SAFETY: the call writes one integer, to which it is given a pointer.
        if unsafe { libc::waitpid(pid, &raw mut status, 0) } == pid {
            return Ok(change(status));
        }
        match Errno::last() {
            Errno::EINTR => {}
            Errno::ECHILD => return Ok(None),
            errno => return Err(errno.into()),
        }
    }
}

fn change(status: i32) -> Option<Change> {
    if libc::WIFEXITED(status) {
        return u8::try_from(libc::WEXITSTATUS(status)).ok().map(Change::Exited);
    }
    if libc::WIFSIGNALED(status) {
        return Some(Change::Killed(libc::WTERMSIG(status)));
    }
    if libc::WIFSTOPPED(status) {
        return Some(Change::Stopped(libc::WSTOPSIG(status)));
    }
    libc::WIFCONTINUED(status).then_some(Change::Continued)
}
