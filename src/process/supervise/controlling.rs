//! Our controlling terminal, as far as its foreground goes: it comes back to us from a process group of
//! the command's own making, and goes there again. Its modes are left alone.

use std::fs::{File, OpenOptions};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt as _;

use nix::errno::Errno;
use nix::libc;
use nix::unistd::{Pid, getpgid, getpgrp, tcgetpgrp, tcsetpgrp};

/// The controlling terminal, open for reading and writing without blocking.
#[derive(Debug)]
pub(super) struct ControllingTerminal {
    tty: File,
    /// Whether we began in its foreground.
    foreground: bool,
}

impl ControllingTerminal {
    /// Opens it, if there is one.
    pub(super) fn open() -> Option<Self> {
        let flags = libc::O_NOCTTY | libc::O_NONBLOCK;
        let tty =
            OpenOptions::new().read(true).write(true).custom_flags(flags).open("/dev/tty").ok()?;
        let foreground = tcgetpgrp(&tty) == Ok(getpgrp());
        Some(Self { tty, foreground })
    }

    /// The process group of the command's own that is in the foreground, as that of a shell with job
    /// control is.
    pub(super) fn foreground_of_command(&self, command: i32) -> Option<Pid> {
        let group = getpgid(Some(Pid::from_raw(command))).ok()?;
        (group != getpgrp() && tcgetpgrp(&self.tty) == Ok(group)).then_some(group)
    }

    /// Takes the foreground back from such a group, or from one that has ended without giving it back, as
    /// a shell that is killed does. Another job keeps it.
    pub(super) fn reclaim(&self, command: i32) {
        let of_nobody = || {
            let group = tcgetpgrp(&self.tty);
            group.is_ok_and(|group| nix::sys::signal::killpg(group, None) == Err(Errno::ESRCH))
        };
        if self.foreground && (self.foreground_of_command(command).is_some() || of_nobody()) {
            let _hung_up = tcsetpgrp(&self.tty, getpgrp());
        }
    }

    /// Gives the foreground to a process group, if it is ours to give.
    pub(super) fn hand_over(&self, group: Pid) {
        if tcgetpgrp(&self.tty) == Ok(getpgrp()) {
            let _hung_up = tcsetpgrp(&self.tty, group);
        }
    }
}

impl AsFd for ControllingTerminal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.tty.as_fd()
    }
}
