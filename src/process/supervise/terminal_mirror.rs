//! The pseudo-terminal that mirrors the real one in shared mode: the command reads from the real one and writes to the
//! mirror. Modes that the command changes there are copied as differences, so that other changes to the real one stay.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use nix::libc;

use super::carriage_returns::{CarriageReturnRemover, unprocessed_prefix};
use crate::sys::signals;
use crate::sys::terminal::{TerminalModes, WindowSize, is_controlling, is_foreground};

/// A change of modes on the pseudo-terminal.
#[derive(Clone, Copy, Debug)]
struct ModeChange {
    before: TerminalModes,
    after: TerminalModes,
}

impl ModeChange {
    /// Makes the same change on a terminal that has `modes`; its modes afterwards.
    fn apply_to(&self, modes: &TerminalModes, terminal: BorrowedFd<'_>) -> Option<TerminalModes> {
        let _hung_up = modes.with_changes(&self.before, &self.after).apply(terminal);
        TerminalModes::get(terminal)
    }

    /// Whether `modes` have everything that was before the change.
    fn is_undone_in(&self, modes: &TerminalModes) -> bool {
        modes.with_changes(&self.after, &self.before) == *modes
    }
}

/// A reset that came too late to be copied: a program has reset its modes on the pseudo-terminal, as a pager does at
/// its end, but before that was copied, another has saved the modes of the real one and set its own, as readline does
/// for its prompt. The reset is copied once that program has restored what it saved.
#[derive(Clone, Copy, Debug)]
struct DeferredReset {
    change: ModeChange,
    /// The modes that it saved.
    saved: TerminalModes,
}

/// The real terminal and the pseudo-terminal that mirrors it.
#[derive(Debug)]
pub(super) struct TerminalMirror {
    terminal: OwnedFd,
    master: OwnedFd,
    /// Whether the real one is the controlling terminal, so that another job may own it.
    controlling: bool,
    first_modes: TerminalModes,
    slave_modes: TerminalModes,
    /// The modes of the real one after hushed changed them last.
    applied: Option<TerminalModes>,
    deferred_reset: Option<DeferredReset>,
    size: Option<WindowSize>,
    resized: bool,
    carriage_returns: CarriageReturnRemover,
    /// Whether hushed's process group was sent SIGTTOU for changing modes in the background.
    sent_sigttou: bool,
}

impl TerminalMirror {
    /// Starts with equal modes and sizes.
    pub(super) fn new(terminal: OwnedFd, master: OwnedFd, modes: TerminalModes) -> Self {
        let modes = TerminalModes::get(master.as_fd()).unwrap_or(modes);
        Self {
            controlling: is_controlling(terminal.as_fd()),
            first_modes: modes,
            slave_modes: modes,
            applied: None,
            deferred_reset: None,
            size: WindowSize::get(terminal.as_fd()),
            resized: false,
            carriage_returns: CarriageReturnRemover::default(),
            sent_sigttou: false,
            terminal,
            master,
        }
    }

    /// How many of the bytes read must be written before [`TerminalMirror::copy_modes`]: those from before the
    /// pseudo-terminal began to add carriage returns.
    pub(super) fn written_before_change(&self, read: &[u8]) -> usize {
        let begins_to_add = !self.slave_modes.adds_carriage_returns()
            && TerminalModes::get(self.master.as_fd())
                .is_some_and(|now| now.adds_carriage_returns());
        if begins_to_add { unprocessed_prefix(read) } else { 0 }
    }

    /// Copies changed modes from the pseudo-terminal to the real one. In the background, sends SIGTTOU first, as the
    /// kernel does. Never copies the other way: a program that saves the modes could save outdated ones.
    pub(super) fn copy_modes(&mut self) {
        let (Some(now), Some(mut terminal)) =
            (TerminalModes::get(self.master.as_fd()), TerminalModes::get(self.terminal()))
        else {
            return;
        };
        if let Some(deferred_reset) = self.deferred_reset.take_if(|change| terminal == change.saved)
        {
            terminal =
                deferred_reset.change.apply_to(&terminal, self.terminal()).unwrap_or(terminal);
        }
        if now == self.slave_modes || !self.may_change_terminal() {
            return;
        }
        let change = ModeChange { before: self.slave_modes, after: now };
        self.slave_modes = now;
        let reset = now == self.first_modes;
        match self.applied.filter(|applied| reset && terminal != *applied) {
            Some(saved) => self.deferred_reset = Some(DeferredReset { change, saved }),
            None => self.applied = change.apply_to(&terminal, self.terminal()),
        }
    }

    /// Copies what is left when the command has ended.
    pub(super) fn finish_modes(&mut self) {
        if !self.is_ours() {
            return;
        }
        self.copy_modes();
        if let Some(DeferredReset { change, .. }) = self.deferred_reset.take()
            && let Some(terminal) = TerminalModes::get(self.terminal())
            // The program has restored all modes that it saved.
            && change.is_undone_in(&terminal)
        {
            change.apply_to(&terminal, self.terminal());
        }
    }

    /// Whether no other job owns the terminal.
    fn is_ours(&self) -> bool {
        !self.controlling || is_foreground(self.terminal())
    }

    fn may_change_terminal(&mut self) -> bool {
        if self.is_ours() {
            self.sent_sigttou = false;
            return true;
        }
        if signals::is_ignored(libc::SIGTTOU) {
            return true;
        }
        if !std::mem::replace(&mut self.sent_sigttou, true) {
            let _refused = signals::send(0, libc::SIGTTOU);
        }
        false
    }

    /// Copies a changed size from the real terminal to the pseudo-terminal, or back.
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

    /// Whether the pseudo-terminal was resized since the last call.
    pub(super) fn take_resized(&mut self) -> bool {
        std::mem::take(&mut self.resized)
    }

    /// Undoes the output processing of the pseudo-terminal.
    pub(super) fn unprocess(&mut self, read: &[u8], mut out: impl FnMut(&[u8])) {
        if self.slave_modes.adds_carriage_returns() {
            self.carriage_returns.remove(read, out);
        } else {
            self.carriage_returns.release(&mut out);
            out(read);
        }
    }

    /// Writes a held carriage return: no line feed follows.
    pub(super) fn release(&mut self, out: impl FnMut(&[u8])) {
        self.carriage_returns.release(out);
    }

    fn terminal(&self) -> BorrowedFd<'_> {
        self.terminal.as_fd()
    }
}
