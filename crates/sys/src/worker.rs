//! A worker process: a fork of this program that does one thing, writes its result to a pipe and exits. The
//! kernel kills it when its parent dies. A keeper is a worker that stays after its result, until its parent
//! releases it or dies. This module does not know what the result means.
#![expect(unsafe_code, reason = "a descriptor in the async runtime")]

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::ops::Deref;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::unistd::pipe2;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::child::{self, Fork, exit_without_cleanup};
use super::memory::arena::fork_with_secrets;
use super::sandbox;
use super::signals::BlockedSignals;
use super::wait::ChildStatus;

/// The worker, as its parent sees it. Killed and reaped when dropped, except a keeper, which is released.
#[derive(Debug)]
pub struct Worker {
    pid: i32,
    output: File,
    reaped: bool,
    is_keeper: bool,
    /// Held by the parent of a keeper alone: when it is closed, the keeper finishes.
    hold: Option<OwnedFd>,
}

/// The keeper's side of what its parent holds.
#[derive(Debug)]
pub struct Release(OwnedFd);

impl Release {
    /// Waits until the parent has released the keeper, or has died.
    pub async fn wait(&self) -> io::Result<()> {
        // SAFETY: the descriptor stays open as long as `self` is borrowed, which outlives `ready`.
        let ready = unsafe { AsyncFd::register_with_interest(self.0.as_fd(), Interest::READABLE) }?;
        // Nobody writes to it: it becomes readable at its end.
        ready.readable().await.map(drop)
    }
}

/// The writing end of the worker's result pipe.
#[derive(Debug)]
pub struct WorkerOutput(OwnedFd);

impl WorkerOutput {
    /// Duplicates the descriptor: whichever copy is written to first gives the result.
    pub fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Writes a part of the result.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        File::from(self.0.try_clone()?).write_all(bytes)
    }

    /// Writes the result and exits. After a write error the parent gets an incomplete result.
    pub fn write_and_exit(&self, bytes: &[u8]) -> ! {
        let written = self.0.try_clone().and_then(|pipe| File::from(pipe).write_all(bytes));
        exit_without_cleanup(i32::from(written.is_err()))
    }
}

/// What [`Worker::read_or_signal`] waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerEvent {
    /// So many bytes were read; 0 at the end of the result.
    Output(usize),
    /// A signal asks this process to terminate. One from the terminal has reached the worker, too.
    Signal {
        /// The signal's number.
        number: u8,
        /// Whether it comes from the terminal.
        from_terminal: bool,
    },
}

impl Worker {
    /// Starts a worker whose result is what `work` returns. The worker goes on as a whole program, so the caller
    /// checks first that this process has one thread: [`require_single_thread`](super::threads::require_single_thread).
    pub fn spawn<B: Deref<Target = Vec<u8>>>(
        work: impl FnOnce(&WorkerOutput) -> B,
    ) -> io::Result<Self> {
        let (reader, writer) = pipe2(OFlag::O_CLOEXEC)?;
        drop(writer);
        Self::start(None, reader, |output, _unused| work(output))
    }

    /// Starts a keeper: what `work` writes first is its result, and what it returns is written last.
    pub fn spawn_keeper<B: Deref<Target = Vec<u8>>>(
        work: impl FnOnce(&WorkerOutput, Release) -> B,
    ) -> io::Result<Self> {
        let (reader, writer) = pipe2(OFlag::O_CLOEXEC)?;
        Self::start(Some(writer), reader, work)
    }

    fn start<B: Deref<Target = Vec<u8>>>(
        hold: Option<OwnedFd>,
        release: OwnedFd,
        work: impl FnOnce(&WorkerOutput, Release) -> B,
    ) -> io::Result<Self> {
        let (reader, writer) = pipe2(OFlag::O_CLOEXEC)?;
        // An empty pipe stands in for /dev/null, which a container may lack. It is made here, where a failure
        // can be reported.
        let (empty_pipe, _) = pipe2(OFlag::O_CLOEXEC)?;
        match fork_with_secrets()? {
            Fork::Parent { child: pid } => {
                let (output, is_keeper) = (File::from(reader), hold.is_some());
                Ok(Self { pid, output, reaped: false, is_keeper, hold })
            }
            Fork::Child { parent } => {
                drop(reader);
                let dies_with_parent = hold.is_none();
                drop(hold);
                let tied = if dies_with_parent {
                    child::set_parent_death_signal(parent, Signal::SIGKILL)
                } else {
                    // For `ps`; a filter may deny it.
                    let _unnamed = nix::sys::prctl::set_name(c"hushed-keeper");
                    Ok(())
                };
                let ready = tied
                    .and_then(|()| sandbox::forbid_inspection())
                    .map_err(io::Error::from)
                    .and_then(|()| {
                        sandbox::close_writable_descriptors(writer.as_raw_fd(), &empty_pipe)
                    });
                if ready.is_err() {
                    exit_without_cleanup(1);
                }
                let output = WorkerOutput(writer);
                output.write_and_exit(&work(&output, Release(release)))
            }
        }
    }

    /// Waits for bytes of the result or for a signal, whichever comes first.
    pub fn read_or_signal(
        &mut self,
        buffer: &mut [u8],
        signals: &BlockedSignals,
    ) -> io::Result<WorkerEvent> {
        loop {
            let mut polled = [
                PollFd::new(signals.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.output.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut polled, PollTimeout::NONE) {
                Ok(_) => {}
                Err(Errno::EINTR) => continue,
                Err(errno) => return Err(errno.into()),
            }
            let readable = polled.last().and_then(PollFd::any) == Some(true);
            if let Some(signal) = signals.next()? {
                let (number, from_terminal) = (signal.number_u8(), signal.from_kernel);
                return Ok(WorkerEvent::Signal { number, from_terminal });
            }
            if readable {
                return self.output.read(buffer).map(WorkerEvent::Output);
            }
        }
    }

    /// The process.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Releases a keeper, which then finishes.
    pub fn release(&mut self) {
        self.hold = None;
    }

    /// Sends the worker a signal.
    pub fn send_signal(&self, number: u8) -> io::Result<()> {
        super::signals::send(self.pid, number.into())
    }

    /// The reading end of the result pipe.
    #[cfg(test)]
    pub fn output(&mut self) -> &mut File {
        &mut self.output
    }

    /// Waits for the worker to end. `None` if its status is unknown, as in a process that ignores SIGCHLD.
    pub fn reap(mut self) -> io::Result<Option<ChildStatus>> {
        self.reaped = true;
        super::wait::wait_for(self.pid)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // A keeper still has to clean up, and does so without its parent.
        if !self.reaped && !self.is_keeper {
            let _gone = super::signals::send(self.pid, libc::SIGKILL);
            let _reaped = super::wait::wait_for(self.pid);
        }
    }
}
