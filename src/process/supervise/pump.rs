//! One stream of output from the command through its filter to where ours goes: in order, in bounded
//! memory, and as slow as its reader. It waits for nothing itself: the loop asks what to poll.

use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::PollFlags;
use zeroize::Zeroizing;

use super::filter::Filter;
use super::outlet::Outlet;
use crate::sys::terminal::Size;

/// As much as a pipe holds.
const CHUNK: usize = 1 << 16;

/// How long a terminal must be quiet before what is held may be thought to be all for now.
const QUIET: Duration = Duration::from_millis(50);

/// How many chunks may pass before the loop looks at its other events.
const TURN: usize = 16;

/// A stream under way.
pub(super) struct Pump {
    source: Option<OwnedFd>,
    outlet: Outlet,
    filter: Box<dyn Filter>,
    /// What waits for its reader. It is wiped at the end.
    pending: Zeroizing<Vec<u8>>,
    written: usize,
    /// Whether a reader that has gone is to be told to the command, by closing its pipe.
    tell_gone: bool,
    /// How much may still be read, once no more is to come.
    left: Option<usize>,
    sized: bool,
    /// Whether somebody looks at what comes, and may wait for what is held.
    watched: bool,
    /// When the filter is told that nothing more has come.
    rests_at: Option<Instant>,
    fault: Option<io::Error>,
}

impl Pump {
    pub(super) fn new(
        source: OwnedFd,
        outlet: Outlet,
        filter: Box<dyn Filter>,
        tell_gone: bool,
    ) -> Self {
        let pending = Zeroizing::new(Vec::with_capacity(CHUNK));
        Self {
            watched: outlet.as_fd().is_terminal(),
            source: Some(source),
            outlet,
            filter,
            pending,
            written: 0,
            tell_gone,
            left: None,
            sized: false,
            rests_at: None,
            fault: None,
        }
    }

    /// Has the source follow the size of the terminal that the output goes to.
    pub(super) fn sized(mut self) -> Self {
        self.sized = true;
        self
    }

    /// Gives the source the size of the terminal that the output goes to.
    pub(super) fn resize(&self) {
        if let (true, Some(source), Some(size)) =
            (self.sized, &self.source, Size::of(self.outlet.as_fd()))
        {
            let _hung_up = size.apply(source.as_fd());
        }
    }

    /// What to wait for: more input, or room for output. Never both, which bounds what is held.
    pub(super) fn wants(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        if self.written < self.pending.len() {
            return Some((self.outlet.as_fd(), PollFlags::POLLOUT));
        }
        self.source.as_ref().map(|source| (source.as_fd(), PollFlags::POLLIN))
    }

    /// Whether all has been read and written.
    pub(super) fn is_quiet(&self) -> bool {
        self.source.is_none() && self.written >= self.pending.len()
    }

    /// Takes what there is by now, and then no more: as much as a pipe holds, since whoever still
    /// writes might never pause.
    pub(super) fn close(&mut self) {
        self.left = Some(CHUNK);
    }

    /// Why output was lost, if some was.
    pub(super) fn take_fault(&mut self) -> Option<io::Error> {
        self.fault.take()
    }

    /// Whether the source has the size of our terminal.
    pub(super) fn is_sized(&self) -> bool {
        self.sized
    }

    /// Moves what can be moved without waiting. Nothing of it stays in the chunk.
    pub(super) fn turn(&mut self, chunk: &mut [u8]) -> io::Result<()> {
        let mut used = 0;
        let moved = self.pass_on(chunk, &mut used);
        if let Some(used) = chunk.get_mut(..used) {
            used.fill(0);
        }
        moved
    }

    fn pass_on(&mut self, chunk: &mut [u8], used: &mut usize) -> io::Result<()> {
        for _ in 0..TURN {
            if !self.flush() {
                return Ok(());
            }
            let Some(source) = &self.source else { return Ok(()) };
            match nix::unistd::read(source, chunk) {
                Ok(0) | Err(Errno::EIO) => self.end(),
                Ok(count) => {
                    *used = count.max(*used);
                    let pending = &mut self.pending;
                    let read = chunk.get(..count).unwrap_or_default();
                    self.filter.push(read, &mut |bytes| pending.extend_from_slice(bytes));
                    self.rests_at = self.watched.then(|| Instant::now() + QUIET);
                    self.left = self.left.map(|left| left.saturating_sub(count));
                    if self.left == Some(0) {
                        self.end();
                    }
                }
                Err(Errno::EAGAIN) if self.left.is_some() => self.end(),
                Err(Errno::EAGAIN) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    /// When [`Pump::rest`] has something to do.
    pub(super) fn rests_at(&self) -> Option<Instant> {
        self.rests_at
    }

    /// Tells the filter, where the time for it has come, that a terminal waits for what it holds.
    pub(super) fn rest(&mut self, now: Instant) {
        if self.rests_at.is_some_and(|at| at <= now) {
            self.rests_at = None;
            let pending = &mut self.pending;
            self.filter.idle(&mut |bytes| pending.extend_from_slice(bytes));
            self.flush();
        }
    }

    fn end(&mut self) {
        self.source = None;
        self.rests_at = None;
        let pending = &mut self.pending;
        self.filter.finish(&mut |bytes| pending.extend_from_slice(bytes));
    }

    /// Writes what is pending; whether all of it has gone.
    fn flush(&mut self) -> bool {
        while let Some(rest) = self.pending.get(self.written..).filter(|rest| !rest.is_empty()) {
            match self.outlet.write(rest) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.fault = self.fault.take().or(Some(error).filter(|error| !is_gone(error)));
                    self.abandon();
                }
            }
        }
        self.pending.clear();
        self.written = 0;
        true
    }

    /// Nobody reads any more, or a disk is full. The command learns it as it would without us, from
    /// SIGPIPE at its next write; a terminal is told by the hangup, so there the output goes nowhere.
    fn abandon(&mut self) {
        self.pending.clear();
        self.written = 0;
        if self.tell_gone {
            self.source = None;
        }
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error().map(Errno::from_raw),
        Some(Errno::EPIPE | Errno::EIO | Errno::ECONNRESET)
    )
}

/// The buffer that all streams read through, one after the other. It is wiped at the end.
pub(super) fn buffer() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(vec![0; CHUNK])
}
