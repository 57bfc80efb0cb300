//! A child that is this program still: it does one thing, answers through a pipe, and ends. It is told by
//! the kernel when we die. What the answer means is not known here.
#![expect(
    unsafe_code,
    reason = "a child of a fork that ends without running what its parent has yet to"
)]

use std::fs::File;
use std::io::{self, Write as _};
use std::ops::Deref;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;

use super::child::{self, Fork};
use super::confine;
use super::memory::arena::fork_with_secrets;
use super::signal::Interrupts;
use super::threads;
use super::wait::Change;

/// The child, as its parent sees it. It is killed and reaped when this is dropped.
#[derive(Debug)]
pub(crate) struct Apart {
    pid: i32,
    answer: File,
    reaped: bool,
}

/// Where the child puts its answer.
#[derive(Debug)]
pub(crate) struct Answer(OwnedFd);

impl Answer {
    /// A second way to give it: whichever is first is the answer.
    pub(crate) fn again(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Writes all of the answer, and ends this process. What cannot be written the parent misses.
    pub(crate) fn give(&self, bytes: &[u8]) -> ! {
        let written = self.0.try_clone().and_then(|pipe| File::from(pipe).write_all(bytes));
        end(i32::from(written.is_err()))
    }
}

fn end(code: libc::c_int) -> ! {
    // SAFETY: it ends the process, and runs nothing that the parent has yet to run.
    unsafe { libc::_exit(code) }
}

/// Starts the child; what `work` gives is the answer. It is an error where this process has more than one
/// thread, since the child goes on as a whole program.
pub(crate) fn start<B: Deref<Target = Vec<u8>>>(
    work: impl FnOnce(&Answer) -> B,
) -> io::Result<Apart> {
    // The harness of the tests has threads, all of which wait.
    if cfg!(not(test)) {
        threads::require_one()?;
    }
    let (heard, tell) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
    // A pipe without a writer, made here, where a failure can be reported. It needs no `/dev/null`, which a
    // container may lack.
    let (nothing, _) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
    match fork_with_secrets()? {
        Fork::Parent { child: pid } => Ok(Apart { pid, answer: File::from(heard), reaped: false }),
        Fork::Child { parent } => {
            drop(heard);
            let alone = child::follow(parent, Signal::SIGKILL).map_err(io::Error::from);
            let ready = alone
                .and_then(|()| Ok(confine::hide()?))
                .and_then(|()| confine::keep_readable(tell.as_raw_fd(), &nothing));
            if ready.is_err() {
                end(1);
            }
            let answer = Answer(tell);
            answer.give(&work(&answer))
        }
    }
}

/// What came of waiting for some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// So many came; none means that there will be no more.
    Bytes(usize),
    /// A signal asks us to end; the child has it too where it is the terminal's.
    Interrupt { number: u8, of_terminal: bool },
}

impl Apart {
    /// Waits for bytes of the answer, or for a signal.
    pub(crate) fn hear(&mut self, into: &mut [u8], interrupts: &Interrupts) -> io::Result<Heard> {
        loop {
            let mut waiting = [
                PollFd::new(interrupts.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.answer.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut waiting, PollTimeout::NONE) {
                Ok(_) => {}
                Err(Errno::EINTR) => continue,
                Err(errno) => return Err(errno.into()),
            }
            let answered = waiting.last().and_then(PollFd::any) == Some(true);
            if let Some((number, of_terminal)) = interrupts.taken()? {
                return Ok(Heard::Interrupt { number, of_terminal });
            }
            if answered {
                return io::Read::read(&mut self.answer, into).map(Heard::Bytes);
            }
        }
    }

    /// Sends the child a signal.
    pub(crate) fn tell(&self, number: u8) -> io::Result<()> {
        super::signals::send(self.pid, number.into())
    }

    /// The pipe itself.
    #[cfg(test)]
    pub(crate) fn answer(&mut self) -> &mut File {
        &mut self.answer
    }

    /// Waits for its end; `None` where the kernel has thrown away what it knew, as it does for a
    /// process that ignores SIGCHLD.
    pub(crate) fn reap(mut self) -> io::Result<Option<Change>> {
        self.wait()
    }

    fn wait(&mut self) -> io::Result<Option<Change>> {
        let ended = super::wait::ended(self.pid);
        self.reaped = true;
        ended
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        if !self.reaped {
            let _gone = super::signals::send(self.pid, libc::SIGKILL);
            let _reaped = self.wait();
        }
    }
}
