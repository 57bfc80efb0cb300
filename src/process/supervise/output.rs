//! One stream of output from the command through its filter to where ours goes: in order, in bounded
//! memory, and as slow as its reader. It waits for nothing itself: the event loop asks what to poll.

use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::PollFlags;
use zeroize::Zeroizing;

use super::filter::Filter;
use super::mirror::TerminalMirror;
use super::outlet::Outlet;

/// As much as a pipe holds.
const CHUNK: usize = 1 << 16;

/// How long nothing must come before what is held may be thought to be all for now.
const QUIET: Duration = Duration::from_millis(2);

/// As many bytes as the echo of a key takes, with what a line editor adds to it.
const ECHO: usize = 32;

/// How many chunks may pass before the loop looks at its other events.
const CHUNKS_AT_ONCE: usize = 16;

/// Where the command's end of a stream is.
pub(super) enum Source {
    /// A pipe, which we close to tell the command that its reader has gone.
    Pipe,
    /// A pseudo-terminal that mirrors ours.
    Mirror(Box<TerminalMirror>),
    /// The terminal of a session of the command's own.
    Inner,
}

/// A stream under way.
pub(super) struct OutputRelay {
    from: Option<OwnedFd>,
    source: Source,
    to: Option<Outlet>,
    filter: Box<dyn Filter>,
    /// The standard streams of ours that it writes to.
    streams: Vec<RawFd>,
    /// What waits for its reader. It is wiped at the end.
    pending: Zeroizing<Vec<u8>>,
    written: usize,
    /// How much may still be read, once no more is to come.
    left: Option<usize>,
    /// Whether somebody looks at what comes, and may wait for what is held.
    watched: bool,
    /// When the filter is told that nothing more has come.
    rests_at: Option<Instant>,
    /// When there was input last.
    last_input: Option<Instant>,
    /// Whether the terminal will stop us at the next write, since we are in the background.
    must_stop: bool,
    /// Whether our own standard streams were let go of after the end.
    released: bool,
    fault: Option<io::Error>,
}

impl OutputRelay {
    pub(super) fn new(
        from: OwnedFd,
        source: Source,
        to: Outlet,
        filter: Box<dyn Filter>,
        stream: RawFd,
    ) -> Self {
        Self {
            watched: to.as_fd().is_terminal(),
            from: Some(from),
            source,
            to: Some(to),
            filter,
            streams: vec![stream],
            pending: Zeroizing::new(Vec::with_capacity(CHUNK)),
            written: 0,
            left: None,
            rests_at: None,
            last_input: None,
            must_stop: false,
            released: false,
            fault: None,
        }
    }

    /// Has another standard stream of ours pass through this one.
    pub(super) fn add_stream(&mut self, stream: RawFd) {
        self.streams.push(stream);
    }

    /// The standard streams of ours that it writes to.
    pub(super) fn streams(&self) -> &[RawFd] {
        &self.streams
    }

    /// What to wait for: more input, or room for output, never both, which bounds what is held; and the
    /// end of the reader, which is told whatever is asked.
    pub(super) fn wants(&self) -> impl Iterator<Item = (BorrowedFd<'_>, PollFlags)> {
        let waits = self.written < self.pending.len();
        let to = self.to.as_ref().filter(|to| waits || self.from.is_some() && to.reports_hangup());
        let room = if waits { PollFlags::POLLOUT } else { PollFlags::empty() };
        let from = self.from.as_ref().filter(|_| !waits);
        let input = from.map(|from| (from.as_fd(), PollFlags::POLLIN));
        input.into_iter().chain(to.map(|to| (to.as_fd(), room)))
    }

    /// Whether our process group must stop before what waits can be written.
    pub(super) fn must_stop(&self) -> bool {
        self.must_stop
    }

    /// Tries again after a stop.
    pub(super) fn try_again(&mut self) {
        self.must_stop = false;
    }

    /// Whether it has ended since the last question, so that our own streams are to be let go of.
    pub(super) fn has_just_finished(&mut self) -> bool {
        self.is_finished() && !std::mem::replace(&mut self.released, true)
    }

    /// Whether all has been read and written.
    pub(super) fn is_finished(&self) -> bool {
        self.from.is_none() && self.written >= self.pending.len()
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

    /// The terminal that the command shares with us, if this is one.
    pub(super) fn mirror(&mut self) -> Option<&mut TerminalMirror> {
        match &mut self.source {
            Source::Mirror(mirror) => Some(mirror),
            Source::Pipe | Source::Inner => None,
        }
    }

    /// Copies the modes of a terminal that the command shares with us.
    pub(super) fn copy_modes(&mut self) {
        if let Some(mirror) = self.mirror() {
            mirror.copy_modes();
        }
    }

    /// Does what poll(2) has told of one of its descriptors.
    pub(super) fn handle(&mut self, told: PollFlags, chunk: &mut [u8]) {
        if told.intersects(PollFlags::POLLERR | PollFlags::POLLHUP)
            && !told.intersects(PollFlags::POLLIN | PollFlags::POLLOUT)
            && self.reader_has_gone()
        {
            self.abandon();
        }
        self.relay(chunk);
    }

    /// Whether nobody reads what we write any more.
    fn reader_has_gone(&self) -> bool {
        let Some(to) = self.to.as_ref().filter(|to| to.reports_hangup()) else { return false };
        let mut asked = [nix::poll::PollFd::new(to.as_fd(), PollFlags::empty())];
        let told = nix::poll::poll(&mut asked, nix::poll::PollTimeout::ZERO);
        told.is_ok_and(|count| count > 0)
    }

    /// Moves what can be moved without waiting. Nothing of it stays in the chunk.
    pub(super) fn relay(&mut self, chunk: &mut [u8]) {
        let mut used = 0;
        self.relay_through(chunk, &mut used);
        // A program that is done resets the modes after its last output.
        self.copy_modes();
        if let Some(used) = chunk.get_mut(..used) {
            used.fill(0);
        }
        if self.is_finished() {
            self.to = None;
        }
    }

    fn relay_through(&mut self, chunk: &mut [u8], used: &mut usize) {
        for _ in 0..CHUNKS_AT_ONCE {
            if !self.flush() {
                return;
            }
            let Some(from) = &self.from else { return };
            match nix::unistd::read(from, chunk) {
                Ok(0) | Err(Errno::EIO) => self.end(),
                Ok(count) => {
                    *used = count.max(*used);
                    self.filter_input(chunk.get(..count).unwrap_or_default());
                    self.rests_at = Some(self.next_rest(count));
                    self.left = self.left.map(|left| left.saturating_sub(count));
                    if self.left == Some(0) {
                        self.end();
                    }
                }
                Err(Errno::EAGAIN) if self.left.is_some() => self.end(),
                Err(Errno::EAGAIN) => return,
                Err(Errno::EINTR) => {}
                Err(errno) => {
                    self.fault = self.fault.take().or(Some(errno.into()));
                    self.end();
                }
            }
        }
    }

    /// Passes what was read through the filter, with the terminal's modes copied in between.
    fn filter_input(&mut self, read: &[u8]) {
        let Source::Mirror(mirror) = &mut self.source else {
            let pending = &mut self.pending;
            return self.filter.push(read, &mut |bytes| pending.extend_from_slice(bytes));
        };
        let before = mirror.written_before_change(read);
        let (before, after) = read.split_at(before);
        if !before.is_empty() {
            self.push_unprocessed(before);
            self.flush();
        }
        if let Source::Mirror(mirror) = &mut self.source {
            mirror.copy_modes();
            mirror.copy_size();
        }
        self.push_unprocessed(after);
    }

    fn push_unprocessed(&mut self, read: &[u8]) {
        let Self { source: Source::Mirror(mirror), filter, pending, .. } = self else { return };
        mirror.unprocess(read, |bytes| {
            filter.push(bytes, &mut |bytes| pending.extend_from_slice(bytes));
        });
    }

    /// When what is held of these last bytes may be all for now: at once if they look like the echo of a
    /// key, a few bytes after a pause.
    fn next_rest(&mut self, count: usize) -> Instant {
        let now = Instant::now();
        let pause = self.last_input.replace(now).is_none_or(|last| now - last >= QUIET);
        if self.watched && pause && count <= ECHO { now } else { now + QUIET }
    }

    /// When [`OutputRelay::rest`] has something to do.
    pub(super) fn rests_at(&self) -> Option<Instant> {
        self.rests_at
    }

    /// Tells the filter, where the time for it has come, that somebody may wait for what it holds.
    pub(super) fn rest(&mut self, now: Instant) {
        if self.rests_at.is_some_and(|at| at <= now) {
            self.rests_at = None;
            self.copy_modes();
            self.release_carriage_return();
            let pending = &mut self.pending;
            self.filter.idle(&mut |bytes| pending.extend_from_slice(bytes));
            self.flush();
        }
    }

    fn release_carriage_return(&mut self) {
        let Self { source: Source::Mirror(mirror), filter, pending, .. } = self else { return };
        mirror.release(|bytes| filter.push(bytes, &mut |out| pending.extend_from_slice(out)));
    }

    fn end(&mut self) {
        self.from = None;
        self.rests_at = None;
        self.release_carriage_return();
        let pending = &mut self.pending;
        self.filter.finish(&mut |bytes| pending.extend_from_slice(bytes));
    }

    /// Writes what is pending; whether all of it has gone.
    fn flush(&mut self) -> bool {
        while let Some(rest) = self.pending.get(self.written..).filter(|rest| !rest.is_empty()) {
            let Some(to) = &self.to else { break };
            if to.stops_writers() {
                self.must_stop = true;
                return false;
            }
            match to.write(rest) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.fault = self.fault.take().or(Some(error).filter(|error| !is_gone(error)));
                    self.abandon();
                }
            }
        }
        self.forget_pending();
        true
    }

    /// It may hold what was typed.
    fn forget_pending(&mut self) {
        self.pending.fill(0);
        self.pending.clear();
        self.written = 0;
    }

    /// Nobody reads any more, or a disk is full. The command learns it as it would without us: from SIGPIPE
    /// or EIO at its next write, or at once if it looks for it. The terminal of a session of the command's
    /// own stays, since the keyboard is there too.
    pub(super) fn abandon(&mut self) {
        self.forget_pending();
        self.to = None;
        self.must_stop = false;
        if !matches!(self.source, Source::Inner) {
            self.from = None;
            self.rests_at = None;
            self.source = Source::Pipe;
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
