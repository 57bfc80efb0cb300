//! The inner arrangement: the command has a terminal of its own, and ours is a mere wire to it. This is our
//! end: its modes, its keys, and what was typed ahead. It is never touched while another job is in its
//! foreground.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use zeroize::Zeroizing;

use super::state::Ending;
use crate::sys::terminal::{
    TerminalModes, WindowSize, is_controlling, is_foreground, unread_bytes,
};

/// As many keys as are read at once, and the longest line of a terminal (`MAX_CANON` and more).
const CHUNK: usize = 4096;

/// How long ago the last line must have been read before the next is passed on: the command may be about to
/// end, and what it does not read is for whoever reads our terminal next.
const PATIENCE: Duration = Duration::from_millis(20);

/// How many milliseconds a line may take from one end of the inner terminal to the other.
const TRANSIT: u16 = 10;

/// What a panic must put back. There is one process, so there is one terminal to lose.
static TAKEN: Mutex<Option<(OwnedFd, TerminalModes)>> = Mutex::new(None);
static HOOK: Once = Once::new();

/// What our terminal does with what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    /// What it did before: it is not ours to use.
    Released,
    /// It makes lines, while what was typed ahead is passed on.
    Lines,
    /// It passes on each key.
    Keys,
}

/// A terminal that the command has through a pseudo-terminal.
#[derive(Debug)]
pub(super) struct Outer {
    own: OwnedFd,
    master: OwnedFd,
    /// Whether it is ours by being the controlling terminal; else by being what we were given.
    controlling: bool,
    saved: TerminalModes,
    /// The modes that the command found.
    given: TerminalModes,
    input: Input,
    typed: Zeroizing<Vec<u8>>,
    /// The other end, as long as lines are passed on that were typed ahead: it tells whether the last one
    /// was read.
    slave: Option<OwnedFd>,
    /// Since when the last line is read.
    read_since: Option<Instant>,
    ended: bool,
}

impl Outer {
    pub(super) fn new(
        own: BorrowedFd<'_>,
        master: OwnedFd,
        saved: TerminalModes,
    ) -> io::Result<Self> {
        HOOK.call_once(|| {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore_after_panic();
                previous(panic);
            }));
        });
        let controlling = is_controlling(own);
        let own = open_anew(own)?;
        let given = TerminalModes::get(master.as_fd()).unwrap_or(saved);
        Ok(Self {
            own,
            master,
            controlling,
            saved,
            given,
            input: Input::Released,
            read_since: None,
            typed: Zeroizing::new(Vec::with_capacity(CHUNK)),
            slave: None,
            ended: false,
        })
    }

    /// Gives the inner terminal the first line that was typed ahead, if there is one. As long as there are
    /// more, our terminal goes on making lines of what is typed, and what the command does not read stays
    /// there for whoever reads next.
    pub(super) fn feed_first_line(&mut self, slave: BorrowedFd<'_>) -> io::Result<()> {
        let by_lines = self.saved.is_canonical();
        if by_lines && self.is_typed_into() && self.feed_line(slave) {
            self.slave = Some(slave.try_clone_to_owned()?);
        }
        Ok(())
    }

    /// Passes one line on without an echo: it was echoed when it was typed. Whether there was one.
    fn feed_line(&mut self, slave: BorrowedFd<'_>) -> bool {
        let mut waiting = [PollFd::new(self.own(), PollFlags::POLLIN)];
        let ready = poll(&mut waiting, PollTimeout::ZERO).is_ok_and(|count| count > 0);
        if !ready || waiting.iter().any(|fd| fd.revents() != Some(PollFlags::POLLIN)) {
            return false;
        }
        let mut line = Zeroizing::new(vec![0; CHUNK]);
        match nix::unistd::read(&self.own, &mut line) {
            // A line that ends without a line feed: the key for the end of the input.
            Ok(0) => *line = vec![self.given.end_of_file_key()],
            Ok(count) => line.truncate(count),
            Err(_) => return false,
        }
        let modes = TerminalModes::get(slave).filter(TerminalModes::is_canonical);
        if let Some(modes) = &modes {
            let _gone = modes.without_echo().apply(slave);
        }
        let _written = nix::unistd::write(&self.master, &line);
        if let Some(modes) = &modes {
            // The kernel takes a moment to bring it to the other end.
            let mut arrived = [PollFd::new(slave, PollFlags::POLLIN)];
            let _late = poll(&mut arrived, PollTimeout::from(TRANSIT));
            let _gone = modes.apply(slave);
        }
        true
    }

    /// Whether lines that were typed ahead wait until the command has read the one before.
    pub(super) fn has_typed_ahead(&self) -> bool {
        self.slave.is_some()
    }

    /// Passes the next line on, if the command has read the one before. After the last, our terminal becomes
    /// a mere wire.
    pub(super) fn feed_next_line(&mut self) -> io::Result<()> {
        let Some(slave) = &self.slave else { return Ok(()) };
        if unread_bytes(slave.as_fd()) > 0 {
            self.read_since = None;
            return Ok(());
        }
        if self.read_since.get_or_insert_with(Instant::now).elapsed() < PATIENCE {
            return Ok(());
        }
        self.read_since = None;
        let Some(slave) = self.slave.take() else { return Ok(()) };
        if self.is_foreground() && self.feed_line(slave.as_fd()) {
            self.slave = Some(slave);
            return Ok(());
        }
        self.take().map(drop)
    }

    /// Lets go of the inner terminal: the command has ended.
    pub(super) fn release_slave(&mut self) {
        self.slave = None;
    }

    /// The terminal itself.
    pub(super) fn own(&self) -> BorrowedFd<'_> {
        self.own.as_fd()
    }

    /// Whether the terminal is ours to use. One that does not control us knows no jobs, so it is.
    pub(super) fn is_foreground(&self) -> bool {
        !self.controlling || is_foreground(self.own())
    }

    /// Whether what is typed is for us.
    fn is_typed_into(&self) -> bool {
        self.is_foreground() && (self.controlling || io::stdin().is_terminal())
    }

    /// Becomes a mere wire if we are in the foreground; whether we are.
    pub(super) fn take(&mut self) -> io::Result<bool> {
        let input = match (self.is_typed_into(), &self.slave) {
            (false, _) => Input::Released,
            (true, Some(_)) => Input::Lines,
            (true, None) => Input::Keys,
        };
        if self.input == Input::Released && input != Input::Released {
            self.saved = TerminalModes::get(self.own()).unwrap_or(self.saved);
            *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((self.own.try_clone()?, self.saved));
        }
        match input {
            Input::Lines => self.saved.without_output_processing().apply(self.own())?,
            Input::Keys if self.input != Input::Keys => self.saved.raw().apply(self.own())?,
            Input::Keys | Input::Released => {}
        }
        self.input = input;
        self.resize();
        Ok(self.is_foreground())
    }

    /// Puts the modes back.
    pub(super) fn give_back(&mut self) {
        self.give_back_with(self.saved);
    }

    fn give_back_with(&mut self, modes: TerminalModes) {
        if self.input != Input::Released && self.is_foreground() {
            let _hung_up = modes.apply(self.own());
        }
        self.input = Input::Released;
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Gives the terminal back for good. Modes that the command changed and left so on purpose, as
    /// `stty` does, are what its user wants; those of one that was killed are not.
    pub(super) fn end(&mut self, ending: Ending) {
        let left = TerminalModes::get(self.master.as_fd()).filter(|left| *left != self.given);
        match (ending, left) {
            (Ending::Code(_), Some(left)) => self.give_back_with(left),
            _ => self.give_back(),
        }
    }

    /// Gives the command's terminal the size of ours.
    pub(super) fn resize(&self) {
        let size = WindowSize::get(self.own());
        if size != WindowSize::get(self.master.as_fd())
            && let Some(size) = size
        {
            let _hung_up = size.apply(self.master.as_fd());
        }
    }

    /// What to wait for: keys, or room for those that were typed.
    pub(super) fn wants(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        if !self.typed.is_empty() {
            return Some((self.master.as_fd(), PollFlags::POLLOUT));
        }
        let reads = self.input == Input::Keys && !self.ended;
        reads.then(|| (self.own(), PollFlags::POLLIN))
    }

    /// Passes on what was typed. It is read only when there is some, so that it cannot block.
    pub(super) fn forward_keys(&mut self) {
        if self.typed.is_empty() {
            self.typed.resize(CHUNK, 0);
            let read = nix::unistd::read(&self.own, &mut self.typed);
            self.typed.truncate(*read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => self.ended = true,
                Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => {}
                // In the background, which the next SIGCONT tells; or hung up, which SIGHUP does.
                Err(_) => self.input = Input::Released,
            }
        }
        let count = match nix::unistd::write(&self.master, &self.typed) {
            Ok(count) => count,
            Err(Errno::EAGAIN | Errno::EINTR) => 0,
            Err(_) => self.typed.len(),
        };
        let left = self.typed.len() - count;
        self.typed.copy_within(count.., 0);
        self.typed.get_mut(left..).unwrap_or_default().fill(0);
        self.typed.truncate(left);
    }
}

impl Drop for Outer {
    fn drop(&mut self) {
        self.give_back();
    }
}

fn restore_after_panic() {
    // Who panics may hold the lock.
    if let Ok(taken) = TAKEN.try_lock()
        && let Some((own, modes)) = &*taken
    {
        let _hung_up = modes.apply(own.as_fd());
    }
}

/// A description of our own, which does not block; or a copy where that may not be opened.
fn open_anew(fd: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    match OpenOptions::new().read(true).write(true).custom_flags(flags).open(path) {
        Ok(file) => Ok(file.into()),
        Err(_not_ours) => fd.try_clone_to_owned(),
    }
}
