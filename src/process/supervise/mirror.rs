//! A terminal that is shared with the command: the command reads from the real one, and writes to a
//! pseudo-terminal that has its modes and its size. Modes that the command sets there go to the real one as
//! differences, so that what others changed meanwhile stays.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use nix::libc;

use super::newline::{CarriageReturns, unprocessed_prefix};
use crate::sys::signals;
use crate::sys::terminal::{TerminalModes, WindowSize, is_controlling, is_foreground};

/// Modes that were changed on the pseudo-terminal.
#[derive(Clone, Copy, Debug)]
struct Change {
    before: TerminalModes,
    after: TerminalModes,
}

impl Change {
    /// Makes the same change to a terminal that has these modes; what it has then.
    fn apply_to(&self, modes: &TerminalModes, terminal: BorrowedFd<'_>) -> Option<TerminalModes> {
        let _hung_up = modes.with_changes(&self.before, &self.after).apply(terminal);
        TerminalModes::get(terminal)
    }

    /// Whether these modes have all of what was before the change.
    fn is_undone_in(&self, modes: &TerminalModes) -> bool {
        modes.with_changes(&self.after, &self.before) == *modes
    }
}

/// A program has reset its modes on the pseudo-terminal, as a pager does at its end, and before we had
/// copied that, another has saved those of the real terminal and set its own, as readline does for its next
/// prompt. Once it has put back what it saved, we reset that.
#[derive(Clone, Copy, Debug)]
struct Overtaken {
    change: Change,
    /// What it saved.
    seen: TerminalModes,
}

/// The real terminal and the pseudo-terminal in its place.
#[derive(Debug)]
pub(super) struct TerminalMirror {
    terminal: OwnedFd,
    master: OwnedFd,
    /// Whether the real one is our controlling terminal, so that it may belong to another job.
    controlling: bool,
    first_modes: TerminalModes,
    slave_modes: TerminalModes,
    /// The modes of the real one after we changed them last.
    applied: Option<TerminalModes>,
    overtaken: Option<Overtaken>,
    size: Option<WindowSize>,
    resized: bool,
    carriage_returns: CarriageReturns,
    /// Whether our process group was told to stop, since it changes modes in the background.
    told_to_stop: bool,
}

impl TerminalMirror {
    /// Begins with both alike.
    pub(super) fn new(terminal: OwnedFd, master: OwnedFd, modes: TerminalModes) -> Self {
        let modes = TerminalModes::get(master.as_fd()).unwrap_or(modes);
        Self {
            controlling: is_controlling(terminal.as_fd()),
            first_modes: modes,
            slave_modes: modes,
            applied: None,
            overtaken: None,
            size: WindowSize::get(terminal.as_fd()),
            resized: false,
            carriage_returns: CarriageReturns::default(),
            told_to_stop: false,
            terminal,
            master,
        }
    }

    /// How much of what was read is to be written before [`TerminalMirror::copy_modes`]: what was written
    /// while the pseudo-terminal added no carriage returns, if it does so now.
    pub(super) fn written_before_change(&self, read: &[u8]) -> usize {
        let begins_to_add = !self.slave_modes.adds_carriage_returns()
            && TerminalModes::get(self.master.as_fd())
                .is_some_and(|now| now.adds_carriage_returns());
        if begins_to_add { unprocessed_prefix(read) } else { 0 }
    }

    /// Copies changed modes from the pseudo-terminal to the real one. In the background the process group
    /// is told to stop first, as the kernel would have told it. Nothing is copied the other way: a program
    /// that saves the modes, as a pager does, might save those of a moment ago and put them back at its end.
    pub(super) fn copy_modes(&mut self) {
        let (Some(now), Some(mut terminal)) =
            (TerminalModes::get(self.master.as_fd()), TerminalModes::get(self.terminal()))
        else {
            return;
        };
        if let Some(overtaken) = self.overtaken.take_if(|change| terminal == change.seen) {
            terminal = overtaken.change.apply_to(&terminal, self.terminal()).unwrap_or(terminal);
        }
        if now == self.slave_modes || !self.may_change_terminal() {
            return;
        }
        let change = Change { before: self.slave_modes, after: now };
        self.slave_modes = now;
        let reset = now == self.first_modes;
        match self.applied.filter(|applied| reset && terminal != *applied) {
            Some(seen) => self.overtaken = Some(Overtaken { change, seen }),
            None => self.applied = change.apply_to(&terminal, self.terminal()),
        }
    }

    /// Copies what is left to be copied when the command has ended.
    pub(super) fn finish_modes(&mut self) {
        if !self.is_ours() {
            return;
        }
        self.copy_modes();
        if let Some(Overtaken { change, .. }) = self.overtaken.take()
            && let Some(terminal) = TerminalModes::get(self.terminal())
            // Whoever put these modes back has left all of them as they are.
            && change.is_undone_in(&terminal)
        {
            change.apply_to(&terminal, self.terminal());
        }
    }

    /// Whether the terminal is not another job's.
    fn is_ours(&self) -> bool {
        !self.controlling || is_foreground(self.terminal())
    }

    fn may_change_terminal(&mut self) -> bool {
        if self.is_ours() {
            self.told_to_stop = false;
            return true;
        }
        if signals::is_ignored(libc::SIGTTOU) {
            return true;
        }
        if !std::mem::replace(&mut self.told_to_stop, true) {
            let _alone = signals::send(0, libc::SIGTTOU);
        }
        false
    }

    /// Copies a changed size from the real terminal to the pseudo-terminal, or the other way.
    pub(super) fn copy_size(&mut self) {
        let (terminal, slave) =
            (WindowSize::get(self.terminal()), WindowSize::get(self.master.as_fd()));
        if terminal != self.size {
            self.size = terminal;
            self.resized |= terminal.is_some_and(|size| size.apply(self.master.as_fd()).is_ok());
        } else if slave != self.size
            && let Some(size) = slave
            && size.apply(self.terminal()).is_ok()
        {
            self.size = slave;
        }
    }

    /// Whether the pseudo-terminal has another size since the last question.
    pub(super) fn take_resized(&mut self) -> bool {
        std::mem::take(&mut self.resized)
    }

    /// Gives out what the command wrote, as it was before the pseudo-terminal processed it.
    pub(super) fn unprocess(&mut self, read: &[u8], mut out: impl FnMut(&[u8])) {
        if self.slave_modes.adds_carriage_returns() {
            self.carriage_returns.remove(read, out);
        } else {
            self.carriage_returns.release(&mut out);
            out(read);
        }
    }

    /// Gives out what waits for a line feed: none has come.
    pub(super) fn release(&mut self, out: impl FnMut(&[u8])) {
        self.carriage_returns.release(out);
    }

    fn terminal(&self) -> BorrowedFd<'_> {
        self.terminal.as_fd()
    }
}
