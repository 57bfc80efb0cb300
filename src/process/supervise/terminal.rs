//! Our own terminal while the command runs: who has it, its modes, and the keys that are typed. It is
//! never touched while another job is in its foreground.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::{Mutex, Once, PoisonError};

use nix::errno::Errno;
use nix::libc;
use nix::poll::PollFlags;

use super::state::Ending;
use super::tree;
use crate::sys::terminal::{Modes, Size, is_controlling, is_foreground};

/// What a panic must put back. There is one process, so there is one terminal to lose.
static TAKEN: Mutex<Option<(OwnedFd, Modes)>> = Mutex::new(None);
static HOOK: Once = Once::new();

/// A terminal that the command has through a pseudo-terminal.
#[derive(Debug)]
pub(super) struct Outer {
    own: OwnedFd,
    master: OwnedFd,
    /// Whether it is ours by being the controlling terminal; else by being what we were given.
    controlling: bool,
    saved: Modes,
    /// The modes that the command found.
    given: Modes,
    taken: bool,
    typed: Vec<u8>,
    ended: bool,
}

impl Outer {
    pub(super) fn new(own: BorrowedFd<'_>, master: OwnedFd, saved: Modes) -> io::Result<Self> {
        HOOK.call_once(|| {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore_after_panic();
                previous(panic);
            }));
        });
        let controlling = is_controlling(own);
        let own = open_anew(own)?;
        let given = Modes::of(master.as_fd()).unwrap_or(saved);
        let (taken, typed, ended) = (false, Vec::new(), false);
        Ok(Self { own, master, controlling, saved, given, taken, typed, ended })
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
        let typed_into = self.is_typed_into();
        if typed_into && !self.taken {
            self.saved = Modes::of(self.own()).unwrap_or(self.saved);
            *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((self.own.try_clone()?, self.saved));
            self.saved.raw().apply(self.own())?;
        }
        self.taken = typed_into;
        self.resize();
        Ok(self.is_foreground())
    }

    /// Puts the modes back.
    pub(super) fn give_back(&mut self) {
        self.give_back_with(self.saved);
    }

    fn give_back_with(&mut self, modes: Modes) {
        if self.taken && self.is_foreground() {
            let _hung_up = modes.apply(self.own());
        }
        self.taken = false;
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Gives the terminal back for good. Modes that the command changed and left so on purpose, as
    /// `stty` does, are what its user wants; those of one that was killed are not.
    pub(super) fn end(&mut self, ending: Ending) {
        let left = Modes::of(self.master.as_fd()).filter(|left| !left.same(&self.given));
        match (ending, left) {
            (Ending::Code(_), Some(left)) => self.give_back_with(left),
            _ => self.give_back(),
        }
    }

    /// Gives the command's terminal the size of ours.
    pub(super) fn resize(&self) {
        let size = Size::of(self.own());
        if size != Size::of(self.master.as_fd())
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
        (self.taken && !self.ended).then(|| (self.own(), PollFlags::POLLIN))
    }

    /// Passes on what was typed. It is read only when there is some, so that it cannot block.
    pub(super) fn turn(&mut self) {
        if self.typed.is_empty() {
            let mut keys = [0; 4096];
            match nix::unistd::read(&self.own, &mut keys) {
                Ok(0) => self.ended = true,
                Ok(count) => self.typed.extend_from_slice(keys.get(..count).unwrap_or_default()),
                Err(Errno::EAGAIN | Errno::EINTR) => {}
                // In the background, which the next SIGCONT tells; or hung up, which SIGHUP does.
                Err(_) => self.taken = false,
            }
        }
        match nix::unistd::write(&self.master, &self.typed) {
            Ok(count) => drop(self.typed.drain(..count)),
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(_) => self.typed.clear(),
        }
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

/// The terminal that we share with a command in our own process group.
#[derive(Debug)]
pub(super) struct Shared {
    tty: File,
    foreground: bool,
    saved: Option<Modes>,
}

impl Shared {
    /// Opens the controlling terminal, if there is one.
    pub(super) fn open() -> Option<Self> {
        let flags = libc::O_NOCTTY | libc::O_NONBLOCK;
        let tty =
            OpenOptions::new().read(true).write(true).custom_flags(flags).open("/dev/tty").ok()?;
        let foreground = is_foreground(tty.as_fd());
        let saved = Modes::of(tty.as_fd());
        Some(Self { tty, foreground, saved })
    }

    /// Takes the foreground back from a process group of the command's own making, which has ended
    /// or stopped without giving it back, as a shell that is killed does. Another job keeps it.
    pub(super) fn reclaim(&self, command: i32) {
        let Ok(group) = nix::unistd::tcgetpgrp(&self.tty) else { return };
        let of_command = tree::group(command) == Some(group.as_raw());
        let of_nobody = nix::sys::signal::killpg(group, None) == Err(Errno::ESRCH);
        if self.foreground && (of_command || of_nobody) {
            let _hung_up = nix::unistd::tcsetpgrp(&self.tty, nix::unistd::getpgrp());
        }
    }

    /// The same at the end, and the modes too if the command could not put them back.
    pub(super) fn end(&self, command: i32, ending: Ending) {
        self.reclaim(command);
        if let (Ending::Signal(_), Some(saved)) = (ending, &self.saved)
            && self.foreground
            && is_foreground(self.tty.as_fd())
        {
            let _hung_up = saved.apply(self.tty.as_fd());
        }
    }
}
