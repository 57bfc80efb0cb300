//! `waitpid(2)`, with every signal number, real-time signals included.
#![expect(unsafe_code, reason = "nix knows no real-time signals")]

use std::io;

use nix::errno::Errno;
use nix::libc;

/// A status change of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildStatus {
    /// It exited with this code.
    Exited(u8),
    /// This signal killed it.
    Killed(i32),
    /// This signal stopped it.
    Stopped(i32),
    /// It was continued.
    Continued,
}

/// What [`wait_any`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitResult {
    /// The status of the child with this PID has changed.
    Changed(i32, ChildStatus),
    /// No status has changed.
    Unchanged,
    /// There is no child.
    NoChildren,
}

/// Takes the next status change of any child without blocking. Reaps a child that has ended.
pub fn wait_any() -> io::Result<WaitResult> {
    let mut status = 0;
    let options = libc::WNOHANG | libc::WUNTRACED | libc::WCONTINUED;
    // SAFETY: the call writes one integer, to which it is given a pointer.
    match unsafe { libc::waitpid(-1, &raw mut status, options) } {
        0 => Ok(WaitResult::Unchanged),
        -1 => match Errno::last() {
            Errno::ECHILD => Ok(WaitResult::NoChildren),
            errno => Err(errno.into()),
        },
        pid => {
            Ok(decode(status)
                .map_or(WaitResult::Unchanged, |status| WaitResult::Changed(pid, status)))
        }
    }
}

/// Waits until this child has ended and reaps it. `None` if there is no such child any more.
pub fn wait_for(pid: i32) -> io::Result<Option<ChildStatus>> {
    let mut status = 0;
    loop {
        // SAFETY: the call writes one integer, to which it is given a pointer.
        if unsafe { libc::waitpid(pid, &raw mut status, 0) } == pid {
            return Ok(decode(status));
        }
        match Errno::last() {
            Errno::EINTR => {}
            Errno::ECHILD => return Ok(None),
            errno => return Err(errno.into()),
        }
    }
}

fn decode(status: i32) -> Option<ChildStatus> {
    if libc::WIFEXITED(status) {
        return u8::try_from(libc::WEXITSTATUS(status)).ok().map(ChildStatus::Exited);
    }
    if libc::WIFSIGNALED(status) {
        return Some(ChildStatus::Killed(libc::WTERMSIG(status)));
    }
    if libc::WIFSTOPPED(status) {
        return Some(ChildStatus::Stopped(libc::WSTOPSIG(status)));
    }
    libc::WIFCONTINUED(status).then_some(ChildStatus::Continued)
}
