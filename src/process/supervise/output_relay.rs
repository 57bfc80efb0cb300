//! Relays one output stream of the command through its filter to a standard stream of hushed: in order, in bounded
//! memory, at the pace of the reader. It never blocks: the event loop asks what to poll.

use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::PollFlags;
use zeroize::Zeroizing;

use super::filter::OutputFilter;
use super::output_writer::OutputWriter;
use super::terminal_mirror::TerminalMirror;

/// The capacity of a pipe in bytes.
const CHUNK: usize = 1 << 16;

/// How long no output may arrive before the filter is told that it is idle.
const IDLE_DELAY: Duration = Duration::from_millis(2);

/// The maximum size of a key's echo, with what a line editor adds to it.
const MAX_ECHO: usize = 32;

/// How many chunks are relayed before the event loop handles other events.
const CHUNKS_AT_ONCE: usize = 16;

/// What the command writes to.
pub(super) enum OutputSource {
    /// A pipe. hushed closes it when its own reader has gone.
    Pipe,
    /// A pseudo-terminal that mirrors hushed's terminal.
    Mirror(Box<TerminalMirror>),
    /// The terminal of the command's own session.
    Inner,
}

/// An output stream.
pub(super) struct OutputRelay {
    from: Option<OwnedFd>,
    source: OutputSource,
    to: Option<OutputWriter>,
    filter: Box<dyn OutputFilter>,
    /// The standard streams of hushed that it writes to.
    streams: Vec<RawFd>,
    /// Filtered output that is not written yet; wiped afterwards.
    pending: Zeroizing<Vec<u8>>,
    written: usize,
    /// How many bytes are still read after [`OutputRelay::close`].
    remaining: Option<usize>,
    /// Whether it goes to a terminal, where a person may wait for what the filter holds back.
    interactive: bool,
    /// When to tell the filter that it is idle.
    idle_at: Option<Instant>,
    /// When output was last read.
    last_input: Option<Instant>,
    /// Whether the next write would stop hushed, which is in the background of a terminal.
    must_stop: bool,
    /// Whether [`OutputRelay::has_just_finished`] has reported the end.
    end_reported: bool,
    error: Option<io::Error>,
}

impl OutputRelay {
    pub(super) fn new(
        from: OwnedFd,
        source: OutputSource,
        to: OutputWriter,
        filter: Box<dyn OutputFilter>,
        stream: RawFd,
    ) -> Self {
        Self {
            interactive: to.as_fd().is_terminal(),
            from: Some(from),
            source,
            to: Some(to),
            filter,
            streams: vec![stream],
            pending: Zeroizing::new(Vec::with_capacity(CHUNK)),
            written: 0,
            remaining: None,
            idle_at: None,
            last_input: None,
            must_stop: false,
            end_reported: false,
            error: None,
        }
    }

    /// Relays another standard stream through this one.
    pub(super) fn add_stream(&mut self, stream: RawFd) {
        self.streams.push(stream);
    }

    /// The standard streams of hushed that it writes to.
    pub(super) fn streams(&self) -> &[RawFd] {
        &self.streams
    }

    /// What to poll: more input or space for output, never both, which bounds memory; and the
    /// end of the reader, which poll(2) always reports.
    pub(super) fn poll_targets(&self) -> impl Iterator<Item = (BorrowedFd<'_>, PollFlags)> {
        let waits = self.written < self.pending.len();
        let to = self.to.as_ref().filter(|to| waits || self.from.is_some() && to.reports_hangup());
        let room = if waits { PollFlags::POLLOUT } else { PollFlags::empty() };
        let from = self.from.as_ref().filter(|_| !waits);
        let input = from.map(|from| (from.as_fd(), PollFlags::POLLIN));
        input.into_iter().chain(to.map(|to| (to.as_fd(), room)))
    }

    /// Whether hushed's process group must stop before pending output can be written.
    pub(super) fn must_stop(&self) -> bool {
        self.must_stop
    }

    /// Retries after a stop.
    pub(super) fn retry(&mut self) {
        self.must_stop = false;
    }

    /// Whether it has finished since the last call.
    pub(super) fn has_just_finished(&mut self) -> bool {
        self.is_finished() && !std::mem::replace(&mut self.end_reported, true)
    }

    /// Whether all has been read and written.
    pub(super) fn is_finished(&self) -> bool {
        self.from.is_none() && self.written >= self.pending.len()
    }

    /// Reads only what is there, at most the capacity of a pipe: a process that still writes might never pause.
    pub(super) fn close(&mut self) {
        self.remaining = Some(CHUNK);
    }

    /// Takes the error because of which output was lost.
    pub(super) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    /// The mirrored terminal, if it writes to one.
    pub(super) fn mirror(&mut self) -> Option<&mut TerminalMirror> {
        match &mut self.source {
            OutputSource::Mirror(mirror) => Some(mirror),
            OutputSource::Pipe | OutputSource::Inner => None,
        }
    }

    /// Copies the modes of a mirrored terminal.
    pub(super) fn copy_modes(&mut self) {
        if let Some(mirror) = self.mirror() {
            mirror.copy_modes();
        }
    }

    /// Handles the events that poll(2) reported for one of its descriptors.
    pub(super) fn handle(&mut self, told: PollFlags, chunk: &mut [u8]) {
        if told.intersects(PollFlags::POLLERR | PollFlags::POLLHUP)
            && !told.intersects(PollFlags::POLLIN | PollFlags::POLLOUT)
            && self.reader_has_gone()
        {
            self.abandon();
        }
        self.relay(chunk);
    }

    /// Whether the reader of hushed's output has gone.
    fn reader_has_gone(&self) -> bool {
        let Some(to) = self.to.as_ref().filter(|to| to.reports_hangup()) else { return false };
        let mut asked = [nix::poll::PollFd::new(to.as_fd(), PollFlags::empty())];
        let told = nix::poll::poll(&mut asked, nix::poll::PollTimeout::ZERO);
        told.is_ok_and(|count| count > 0)
    }

    /// Relays as much as possible without blocking, then wipes the chunk.
    pub(super) fn relay(&mut self, chunk: &mut [u8]) {
        let mut used = 0;
        self.relay_through(chunk, &mut used);
        // A program resets the modes after its last output.
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
                    self.idle_at = Some(self.next_idle(count));
                    self.remaining =
                        self.remaining.map(|remaining| remaining.saturating_sub(count));
                    if self.remaining == Some(0) {
                        self.end();
                    }
                }
                Err(Errno::EAGAIN) if self.remaining.is_some() => self.end(),
                Err(Errno::EAGAIN) => return,
                Err(Errno::EINTR) => {}
                Err(errno) => {
                    self.error = self.error.take().or(Some(errno.into()));
                    self.end();
                }
            }
        }
    }

    /// Filters what was read; copies the terminal's modes at the right point in between.
    fn filter_input(&mut self, read: &[u8]) {
        let OutputSource::Mirror(mirror) = &mut self.source else {
            let pending = &mut self.pending;
            return self.filter.push(read, &mut |bytes| pending.extend_from_slice(bytes));
        };
        let before = mirror.written_before_change(read);
        let (before, after) = read.split_at(before);
        if !before.is_empty() {
            self.push_unprocessed(before);
            self.flush();
        }
        if let OutputSource::Mirror(mirror) = &mut self.source {
            mirror.copy_modes();
            mirror.copy_size();
        }
        self.push_unprocessed(after);
    }

    fn push_unprocessed(&mut self, read: &[u8]) {
        let Self { source: OutputSource::Mirror(mirror), filter, pending, .. } = self else {
            return;
        };
        mirror.unprocess(read, |bytes| {
            filter.push(bytes, &mut |bytes| pending.extend_from_slice(bytes));
        });
    }

    /// When the filter is idle after these bytes: at once if they look like the echo of a key, a few bytes after a
    /// pause.
    fn next_idle(&mut self, count: usize) -> Instant {
        let now = Instant::now();
        let pause = self.last_input.replace(now).is_none_or(|last| now - last >= IDLE_DELAY);
        if self.interactive && pause && count <= MAX_ECHO { now } else { now + IDLE_DELAY }
    }

    /// When to call [`OutputRelay::report_idle`].
    pub(super) fn idle_at(&self) -> Option<Instant> {
        self.idle_at
    }

    /// Tells the filter that it is idle, if it is time for that.
    pub(super) fn report_idle(&mut self, now: Instant) {
        if self.idle_at.is_some_and(|at| at <= now) {
            self.idle_at = None;
            self.copy_modes();
            self.release_carriage_return();
            let pending = &mut self.pending;
            self.filter.idle(&mut |bytes| pending.extend_from_slice(bytes));
            self.flush();
        }
    }

    fn release_carriage_return(&mut self) {
        let Self { source: OutputSource::Mirror(mirror), filter, pending, .. } = self else {
            return;
        };
        mirror.release(|bytes| filter.push(bytes, &mut |out| pending.extend_from_slice(out)));
    }

    fn end(&mut self) {
        self.from = None;
        self.idle_at = None;
        self.release_carriage_return();
        let pending = &mut self.pending;
        self.filter.finish(&mut |bytes| pending.extend_from_slice(bytes));
    }

    /// Writes pending output; whether all of it was written.
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
                    self.error = self.error.take().or(Some(error).filter(|error| !is_gone(error)));
                    self.abandon();
                }
            }
        }
        self.wipe_pending();
        true
    }

    /// Wipes pending output, which may contain typed input.
    fn wipe_pending(&mut self) {
        self.pending.fill(0);
        self.pending.clear();
        self.written = 0;
    }

    /// Discards the output after a write error. The command notices it as without hushed: by SIGPIPE or EIO at its next
    /// write, or by poll(2). The terminal of its own session stays open for its input.
    pub(super) fn abandon(&mut self) {
        self.wipe_pending();
        self.to = None;
        self.must_stop = false;
        if !matches!(self.source, OutputSource::Inner) {
            self.from = None;
            self.idle_at = None;
            self.source = OutputSource::Pipe;
        }
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error().map(Errno::from_raw),
        Some(Errno::EPIPE | Errno::EIO | Errno::ECONNRESET)
    )
}

/// The buffer that all streams share for reading; wiped when dropped.
pub(super) fn buffer() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(vec![0; CHUNK])
}
