//! The outer terminal in inner mode: the command has a pseudo-terminal of its own, and hushed forwards the keys of the
//! outer one, typed-ahead lines included. hushed does not touch the terminal while another job is in its foreground.

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

use super::key_buffer::{CHUNK, KeyBuffer};
use super::state::CommandExit;
use crate::sys::terminal::{
    TerminalModes, WindowSize, is_controlling, is_foreground, unread_bytes,
};

/// How long after the command has read a typed-ahead line the next is forwarded: if the command ends, the next reader
/// of the outer terminal must get that line.
const NEXT_LINE_DELAY: Duration = Duration::from_millis(20);

/// How long a line may take through the inner terminal, in milliseconds.
const LINE_TIMEOUT: u16 = 10;

/// The terminal and modes that a panic must restore.
static MODES_TO_RESTORE: Mutex<Option<(OwnedFd, TerminalModes)>> = Mutex::new(None);
static PANIC_HOOK: Once = Once::new();

/// How the outer terminal treats input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InputMode {
    /// As before: it is another job's.
    Untouched,
    /// Line by line, while typed-ahead lines are forwarded.
    Canonical,
    /// Key by key.
    Raw,
}

/// The terminal of hushed, whose keys go to the command's pseudo-terminal.
#[derive(Debug)]
pub(super) struct OuterTerminal {
    own: OwnedFd,
    master: OwnedFd,
    /// Whether it is the controlling terminal, and not just a standard stream.
    controlling: bool,
    saved: TerminalModes,
    /// The modes that the command's terminal started with.
    initial: TerminalModes,
    input: InputMode,
    keys: KeyBuffer,
    /// The slave of the command's terminal while typed-ahead lines are forwarded: it shows whether the last one was
    /// read.
    slave: Option<OwnedFd>,
    /// When the last line was read.
    read_since: Option<Instant>,
    ended: bool,
}

impl OuterTerminal {
    pub(super) fn new(
        own: BorrowedFd<'_>,
        master: OwnedFd,
        saved: TerminalModes,
    ) -> io::Result<Self> {
        PANIC_HOOK.call_once(|| {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore_after_panic();
                previous(panic);
            }));
        });
        let controlling = is_controlling(own);
        let own = reopen(own)?;
        let initial = TerminalModes::get(master.as_fd()).unwrap_or(saved);
        Ok(Self {
            own,
            master,
            controlling,
            saved,
            initial,
            input: InputMode::Untouched,
            read_since: None,
            keys: KeyBuffer::new(),
            slave: None,
            ended: false,
        })
    }

    /// Forwards the first typed-ahead line, if there is one. While more lines follow, the outer terminal stays in
    /// canonical mode, so that lines that the command does not read stay there for the next reader.
    pub(super) fn feed_first_line(&mut self, slave: BorrowedFd<'_>) -> io::Result<()> {
        let by_lines = self.saved.is_canonical();
        if by_lines && self.is_typed_into() && self.feed_line(slave) {
            self.slave = Some(slave.try_clone_to_owned()?);
        }
        Ok(())
    }

    /// Forwards one line without echo, because the outer terminal has echoed it; whether there was one.
    fn feed_line(&mut self, slave: BorrowedFd<'_>) -> bool {
        let mut waiting = [PollFd::new(self.own(), PollFlags::POLLIN)];
        let ready = poll(&mut waiting, PollTimeout::ZERO).is_ok_and(|count| count > 0);
        if !ready || waiting.iter().any(|fd| fd.revents() != Some(PollFlags::POLLIN)) {
            return false;
        }
        let mut line = Zeroizing::new(vec![0; CHUNK]);
        match nix::unistd::read(&self.own, &mut line) {
            // End of file: forward the key for it.
            Ok(0) => *line = vec![self.initial.end_of_file_key()],
            Ok(count) => line.truncate(count),
            Err(_) => return false,
        }
        let modes = TerminalModes::get(slave).filter(TerminalModes::is_canonical);
        if let Some(modes) = &modes {
            let _gone = modes.without_echo().apply(slave);
        }
        let _written = nix::unistd::write(&self.master, &line);
        if let Some(modes) = &modes {
            // The line reaches the slave after a moment.
            let mut arrived = [PollFd::new(slave, PollFlags::POLLIN)];
            let _late = poll(&mut arrived, PollTimeout::from(LINE_TIMEOUT));
            let _gone = modes.apply(slave);
        }
        true
    }

    /// Whether typed-ahead lines are being forwarded.
    pub(super) fn has_typed_ahead(&self) -> bool {
        self.slave.is_some()
    }

    /// Forwards the next line if the command has read the last one. After the last line, switches the outer terminal
    /// to raw mode.
    pub(super) fn feed_next_line(&mut self) -> io::Result<()> {
        let Some(slave) = &self.slave else { return Ok(()) };
        if unread_bytes(slave.as_fd()) > 0 {
            self.read_since = None;
            return Ok(());
        }
        if self.read_since.get_or_insert_with(Instant::now).elapsed() < NEXT_LINE_DELAY {
            return Ok(());
        }
        self.read_since = None;
        let Some(slave) = self.slave.take() else { return Ok(()) };
        if self.is_foreground() && self.feed_line(slave.as_fd()) {
            self.slave = Some(slave);
            return Ok(());
        }
        self.take_over().map(drop)
    }

    /// Closes the slave after the command's end.
    pub(super) fn release_slave(&mut self) {
        self.slave = None;
    }

    /// The outer terminal.
    pub(super) fn own(&self) -> BorrowedFd<'_> {
        self.own.as_fd()
    }

    /// Whether hushed may use the terminal. One that is not the controlling terminal has no jobs.
    pub(super) fn is_foreground(&self) -> bool {
        !self.controlling || is_foreground(self.own())
    }

    /// Whether input of the terminal is for hushed.
    fn is_typed_into(&self) -> bool {
        self.is_foreground() && (self.controlling || io::stdin().is_terminal())
    }

    /// Switches the terminal to raw mode if hushed is in the foreground; whether it is.
    pub(super) fn take_over(&mut self) -> io::Result<bool> {
        let input = match (self.is_typed_into(), &self.slave) {
            (false, _) => InputMode::Untouched,
            (true, Some(_)) => InputMode::Canonical,
            (true, None) => InputMode::Raw,
        };
        if self.input == InputMode::Untouched && input != InputMode::Untouched {
            self.saved = TerminalModes::get(self.own()).unwrap_or(self.saved);
            *MODES_TO_RESTORE.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((self.own.try_clone()?, self.saved));
        }
        match input {
            InputMode::Canonical => self.saved.without_output_processing().apply(self.own())?,
            InputMode::Raw if self.input != InputMode::Raw => self.saved.raw().apply(self.own())?,
            InputMode::Raw | InputMode::Untouched => {}
        }
        self.input = input;
        self.resize();
        Ok(self.is_foreground())
    }

    /// Restores the saved modes.
    pub(super) fn restore_modes(&mut self) {
        self.restore_modes_to(self.saved);
    }

    fn restore_modes_to(&mut self, modes: TerminalModes) {
        if self.input != InputMode::Untouched && self.is_foreground() {
            let _hung_up = modes.apply(self.own());
        }
        self.input = InputMode::Untouched;
        *MODES_TO_RESTORE.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Restores the terminal for good. Modes that the command has left changed, as `stty` does, are copied, unless it
    /// was killed.
    pub(super) fn finish(&mut self, exit: CommandExit) {
        let left = TerminalModes::get(self.master.as_fd()).filter(|left| *left != self.initial);
        match (exit, left) {
            (CommandExit::Code(_), Some(left)) => self.restore_modes_to(left),
            _ => self.restore_modes(),
        }
    }

    /// Copies the size to the command's terminal.
    pub(super) fn resize(&self) {
        let size = WindowSize::get(self.own());
        if size != WindowSize::get(self.master.as_fd())
            && let Some(size) = size
        {
            let _hung_up = size.apply(self.master.as_fd());
        }
    }

    /// What to poll: keys, or space for pending keys.
    pub(super) fn poll_target(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        if !self.keys.is_empty() {
            return Some((self.master.as_fd(), PollFlags::POLLOUT));
        }
        let reads = self.input == InputMode::Raw && !self.ended;
        reads.then(|| (self.own(), PollFlags::POLLIN))
    }

    /// Forwards keys. Called only when there are some, so that reading does not block.
    pub(super) fn forward_keys(&mut self) {
        if self.keys.is_empty() {
            match self.keys.read_from(&self.own) {
                Ok(0) => self.ended = true,
                Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => {}
                // In the background until the next SIGCONT, or hung up.
                Err(_) => self.input = InputMode::Untouched,
            }
        }
        self.keys.write_to(&self.master);
    }
}

impl Drop for OuterTerminal {
    fn drop(&mut self) {
        self.restore_modes();
    }
}

fn restore_after_panic() {
    // The panicking thread may hold the lock.
    if let Ok(taken) = MODES_TO_RESTORE.try_lock()
        && let Some((own, modes)) = &*taken
    {
        let _hung_up = modes.apply(own.as_fd());
    }
}

/// Opens a new nonblocking description of the terminal, or duplicates it where that is not allowed.
fn reopen(fd: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    match OpenOptions::new().read(true).write(true).custom_flags(flags).open(path) {
        Ok(file) => Ok(file.into()),
        Err(_not_ours) => fd.try_clone_to_owned(),
    }
}
