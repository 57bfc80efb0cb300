//! Key forwarding in shared mode, for a program that opens the pseudo-terminal by name and reads from it, as less(1)
//! does with the name of its standard error. All other programs read from the real terminal. Only when nobody reads a
//! key there, hushed looks for such a program.

use std::fs::{self, DirEntry};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::unistd::{Pid, getsid};

use super::key_buffer::KeyBuffer;
use crate::sys::stream::is_same_description;
use crate::sys::terminal::{TerminalModes, is_foreground};

/// How long a key may stay unread on the real terminal before hushed looks for a reader.
const UNREAD_DELAY: Duration = Duration::from_millis(2);

/// Forwards keys from the real terminal while a program reads from the pseudo-terminal.
#[derive(Debug)]
pub(super) struct KeyForwarding {
    terminal: OwnedFd,
    master: OwnedFd,
    /// The path of the pseudo-terminal.
    slave: PathBuf,
    /// Reports new keys once (edge-triggered), however long they stay unread.
    arrivals: Epoll,
    /// When to check whether a key is still unread.
    check_at: Option<Instant>,
    reader: Option<SlaveReader>,
    keys: KeyBuffer,
}

/// A program that reads from the pseudo-terminal.
#[derive(Debug)]
struct SlaveReader {
    /// Its descriptor in `/proc`.
    descriptor: PathBuf,
    /// Reports when a process closes the pseudo-terminal. Only created for a reader, because closing an inotify
    /// descriptor takes some milliseconds.
    closes: Option<Inotify>,
}

impl KeyForwarding {
    /// Watches the real terminal, which is open for nonblocking reading.
    pub(super) fn new(terminal: OwnedFd, master: OwnedFd, slave: PathBuf) -> nix::Result<Self> {
        let arrivals = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        arrivals.add(&terminal, EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLET, 0))?;
        let keys = KeyBuffer::new();
        Ok(Self { terminal, master, slave, arrivals, check_at: None, reader: None, keys })
    }

    /// Polled for new keys.
    pub(super) fn arrivals(&self) -> BorrowedFd<'_> {
        self.arrivals.0.as_fd()
    }

    /// Polled for a process that closes the pseudo-terminal.
    pub(super) fn closes(&self) -> Option<BorrowedFd<'_>> {
        Some(self.reader.as_ref()?.closes.as_ref()?.as_fd())
    }

    /// What else to poll: keys for the reader, or space for pending keys.
    pub(super) fn poll_target(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        if !self.keys.is_empty() {
            return Some((self.master.as_fd(), PollFlags::POLLOUT));
        }
        let reads = self.reader.is_some() && is_foreground(self.terminal.as_fd());
        reads.then(|| (self.terminal.as_fd(), PollFlags::POLLIN))
    }

    /// When to call [`KeyForwarding::check`].
    pub(super) fn check_at(&self) -> Option<Instant> {
        self.check_at
    }

    /// Handles new keys.
    pub(super) fn handle_arrivals(&mut self) {
        let mut events = [EpollEvent::empty()];
        let _none = self.arrivals.wait(&mut events, EpollTimeout::ZERO);
        if self.reader.is_none() {
            self.check_at = Some(Instant::now() + UNREAD_DELAY);
        }
    }

    /// Looks for a reader if it is time for that and a key is still unread.
    pub(super) fn check(&mut self, now: Instant) {
        if self.check_at.is_none_or(|at| at > now) {
            return;
        }
        self.check_at = None;
        let mut waiting = [PollFd::new(self.terminal.as_fd(), PollFlags::POLLIN)];
        let unread = poll(&mut waiting, PollTimeout::ZERO).is_ok_and(|count| count > 0);
        if unread && is_foreground(self.terminal.as_fd()) {
            let raw =
                TerminalModes::get(self.master.as_fd()).is_some_and(|modes| !modes.is_canonical());
            self.reader = find_reader(&self.slave, raw)
                .map(|descriptor| SlaveReader { closes: watch(&self.slave), descriptor });
        }
    }

    /// Handles that a process has closed the pseudo-terminal.
    pub(super) fn handle_close(&mut self) {
        if let Some(closes) = self.reader.as_ref().and_then(|reader| reader.closes.as_ref()) {
            let _none = closes.read_events();
        }
        self.check_reader();
    }

    /// Forgets a reader that has closed its descriptor; the next key then looks for another.
    fn check_reader(&mut self) {
        let reads = |reader: &SlaveReader| {
            fs::read_link(&reader.descriptor).is_ok_and(|target| target == self.slave)
        };
        if self.reader.as_ref().is_some_and(|reader| !reads(reader)) {
            self.reader = None;
            self.check_at = Some(Instant::now() + UNREAD_DELAY);
        }
    }

    /// Forwards keys. Called only when there are some, so that reading does not block.
    pub(super) fn forward(&mut self) {
        if self.keys.is_empty() {
            self.check_reader();
            if self.reader.is_none() {
                return;
            }
            let _none = self.keys.read_from(&self.terminal);
        }
        self.keys.write_to(&self.master);
    }
}

fn watch(slave: &Path) -> Option<Inotify> {
    let closes = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).ok()?;
    closes.add_watch(slave, AddWatchFlags::IN_CLOSE).ok()?;
    Some(closes)
}

/// Finds a descriptor of this session that is open for reading the terminal. One that is open for writing, too, as
/// Node.js reopens its standard output, counts only if the terminal is in raw mode.
fn find_reader(terminal: &Path, raw: bool) -> Option<PathBuf> {
    let session = getsid(None);
    let reader = |process: DirEntry| {
        let pid = process.file_name().to_str()?.parse().ok()?;
        if getsid(Some(Pid::from_raw(pid))) != session {
            return None;
        }
        let descriptors = fs::read_dir(process.path().join("fd")).ok()?;
        let mut paths = descriptors.flatten().map(|descriptor| descriptor.path());
        paths.find(|path| reads(pid, path, terminal, raw) == Some(true))
    };
    fs::read_dir("/proc").ok()?.flatten().find_map(reader)
}

/// Whether a process reads the terminal through this descriptor, and not only has it as an inherited standard stream.
fn reads(pid: i32, descriptor: &Path, terminal: &Path, raw: bool) -> Option<bool> {
    if fs::read_link(descriptor).ok()? != terminal {
        return None;
    }
    let number = descriptor.file_name()?.to_str()?;
    let process = descriptor.parent()?.parent()?;
    let info = fs::read_to_string(process.join("fdinfo").join(number)).ok()?;
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?.trim();
    let number = number.parse::<i32>().ok()?;
    match i32::from_str_radix(flags, 8).ok()? & libc::O_ACCMODE {
        libc::O_RDONLY => Some(true),
        libc::O_RDWR if raw => {
            let given = |stream: &i32| {
                let path = process.join("fd").join(stream.to_string());
                fs::read_link(path).is_ok_and(|target| target == terminal)
            };
            let given = (0..3).find(given)?;
            Some(is_same_description(pid, number, given) == Some(false))
        }
        _ => Some(false),
    }
}
