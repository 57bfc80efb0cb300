//! The foreground process group of the controlling terminal: hushed takes the foreground back from a process group
//! that the command made, and returns it.

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
    /// Whether hushed started in its foreground.
    foreground: bool,
}

impl ControllingTerminal {
    /// Opens the controlling terminal, if there is one.
    pub(super) fn open() -> Option<Self> {
        let flags = libc::O_NOCTTY | libc::O_NONBLOCK;
        let tty =
            OpenOptions::new().read(true).write(true).custom_flags(flags).open("/dev/tty").ok()?;
        let foreground = tcgetpgrp(&tty) == Ok(getpgrp());
        Some(Self { tty, foreground })
    }

    /// The command's own process group, if it has one and that is in the foreground, as with a job-control shell.
    pub(super) fn command_foreground_group(&self, command: i32) -> Option<Pid> {
        let group = getpgid(Some(Pid::from_raw(command))).ok()?;
        (group != getpgrp() && tcgetpgrp(&self.tty) == Ok(group)).then_some(group)
    }

    /// Takes the foreground back from that group, or from a group that ended without returning it, as a killed shell
    /// does. Another job keeps it.
    pub(super) fn reclaim_foreground(&self, command: i32) {
        let group_is_gone = || {
            let group = tcgetpgrp(&self.tty);
            group.is_ok_and(|group| nix::sys::signal::killpg(group, None) == Err(Errno::ESRCH))
        };
        if self.foreground && (self.command_foreground_group(command).is_some() || group_is_gone())
        {
            let _hung_up = tcsetpgrp(&self.tty, getpgrp());
        }
    }

    /// Gives the foreground to a process group, if hushed is in the foreground.
    pub(super) fn give_foreground(&self, group: Pid) {
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
