//! Keys for a program that opens the pseudo-terminal by its name and reads from it, as less(1) does with
//! the name of its standard error. Everybody else reads from the real terminal, which we leave alone: only
//! where nobody takes what was typed there, we look for such a program.

use std::fs::{self, DirEntry};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::unistd::{Pid, getsid};
use zeroize::Zeroizing;

use crate::sys::stream::is_same_description;
use crate::sys::terminal::{TerminalModes, is_foreground};

/// As many keys as are read at once.
const CHUNK: usize = 4096;

/// How long a key may wait for whoever reads the real terminal.
const UNREAD: Duration = Duration::from_millis(2);

/// Passes keys from the real terminal on, while somebody reads from the pseudo-terminal.
#[derive(Debug)]
pub(super) struct KeyForwarding {
    terminal: OwnedFd,
    master: OwnedFd,
    /// The name of the pseudo-terminal.
    slave: PathBuf,
    /// Tells of new keys once, however long they wait.
    arrivals: Epoll,
    /// When to see whether a key still waits.
    check_at: Option<Instant>,
    reader: Option<Reader>,
    keys: Zeroizing<Vec<u8>>,
}

/// Who reads from the pseudo-terminal.
#[derive(Debug)]
struct Reader {
    /// Its descriptor in `/proc`.
    descriptor: PathBuf,
    /// Tells when somebody closes the pseudo-terminal. Made only here: that this is closed takes the kernel
    /// some milliseconds, which no command should wait for that needs none of this.
    closes: Option<Inotify>,
}

impl KeyForwarding {
    /// Watches the real terminal, which is open for reading without blocking.
    pub(super) fn new(terminal: OwnedFd, master: OwnedFd, slave: PathBuf) -> nix::Result<Self> {
        let arrivals = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        arrivals.add(&terminal, EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLET, 0))?;
        let keys = Zeroizing::new(Vec::with_capacity(CHUNK));
        Ok(Self { terminal, master, slave, arrivals, check_at: None, reader: None, keys })
    }

    /// What to wait for: new keys.
    pub(super) fn arrivals(&self) -> BorrowedFd<'_> {
        self.arrivals.0.as_fd()
    }

    /// What else to wait for: that a reader goes.
    pub(super) fn closes(&self) -> Option<BorrowedFd<'_>> {
        Some(self.reader.as_ref()?.closes.as_ref()?.as_fd())
    }

    /// What else to wait for: keys for a reader, or room for those that were typed.
    pub(super) fn wanted(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        if !self.keys.is_empty() {
            return Some((self.master.as_fd(), PollFlags::POLLOUT));
        }
        let reads = self.reader.is_some() && is_foreground(self.terminal.as_fd());
        reads.then(|| (self.terminal.as_fd(), PollFlags::POLLIN))
    }

    /// When [`KeyForwarding::check`] has something to do.
    pub(super) fn check_at(&self) -> Option<Instant> {
        self.check_at
    }

    /// Notes that there are new keys.
    pub(super) fn note_arrivals(&mut self) {
        let mut events = [EpollEvent::empty()];
        let _none = self.arrivals.wait(&mut events, EpollTimeout::ZERO);
        if self.reader.is_none() {
            self.check_at = Some(Instant::now() + UNREAD);
        }
    }

    /// Looks for a reader, where the time for it has come and a key still waits.
    pub(super) fn check(&mut self, now: Instant) {
        if self.check_at.is_none_or(|at| at > now) {
            return;
        }
        self.check_at = None;
        let mut waiting = [PollFd::new(self.terminal.as_fd(), PollFlags::POLLIN)];
        let unread = poll(&mut waiting, PollTimeout::ZERO).is_ok_and(|count| count > 0);
        if unread && is_foreground(self.terminal.as_fd()) {
            let by_keys =
                TerminalModes::get(self.master.as_fd()).is_some_and(|modes| !modes.is_canonical());
            self.reader = find_reader(&self.slave, by_keys)
                .map(|descriptor| Reader { closes: watch(&self.slave), descriptor });
        }
    }

    /// Takes the news that somebody has closed the pseudo-terminal.
    pub(super) fn note_closes(&mut self) {
        if let Some(closes) = self.reader.as_ref().and_then(|reader| reader.closes.as_ref()) {
            let _none = closes.read_events();
        }
        self.check_reader();
    }

    /// Forgets a reader that does not read any more; then the next key looks for another.
    fn check_reader(&mut self) {
        let reads = |reader: &Reader| {
            fs::read_link(&reader.descriptor).is_ok_and(|target| target == self.slave)
        };
        if self.reader.as_ref().is_some_and(|reader| !reads(reader)) {
            self.reader = None;
            self.check_at = Some(Instant::now() + UNREAD);
        }
    }

    /// Passes on what was typed. There is something to read, so it cannot block.
    pub(super) fn forward(&mut self) {
        if self.keys.is_empty() {
            self.check_reader();
            if self.reader.is_none() {
                return;
            }
            self.keys.resize(CHUNK, 0);
            let read = nix::unistd::read(&self.terminal, &mut self.keys).unwrap_or(0);
            self.keys.truncate(read);
        }
        let count = match nix::unistd::write(&self.master, &self.keys) {
            Ok(count) => count,
            Err(Errno::EAGAIN | Errno::EINTR) => 0,
            Err(_) => self.keys.len(),
        };
        let left = self.keys.len() - count;
        self.keys.copy_within(count.., 0);
        self.keys.get_mut(left..).unwrap_or_default().fill(0);
        self.keys.truncate(left);
    }
}

fn watch(slave: &Path) -> Option<Inotify> {
    let closes = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).ok()?;
    closes.add_watch(slave, AddWatchFlags::IN_CLOSE).ok()?;
    Some(closes)
}

/// Finds who has opened this terminal for reading. Who may write as well, as Node.js opens its standard
/// output anew, reads only if the terminal was set to give key by key. Nobody in another session is asked,
/// and of another user's process nothing is known.
fn find_reader(terminal: &Path, by_keys: bool) -> Option<PathBuf> {
    let session = getsid(None);
    let reader = |process: DirEntry| {
        let pid = process.file_name().to_str()?.parse().ok()?;
        if getsid(Some(Pid::from_raw(pid))) != session {
            return None;
        }
        let descriptors = fs::read_dir(process.path().join("fd")).ok()?;
        let mut paths = descriptors.flatten().map(|descriptor| descriptor.path());
        paths.find(|path| reads(pid, path, terminal, by_keys) == Some(true))
    };
    fs::read_dir("/proc").ok()?.flatten().find_map(reader)
}

/// Whether a process has this terminal open for reading by this descriptor, other than as the standard
/// stream that it was given.
fn reads(pid: i32, descriptor: &Path, terminal: &Path, by_keys: bool) -> Option<bool> {
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
        libc::O_RDWR if by_keys => {
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
