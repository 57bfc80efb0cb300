//! Turns signals and status changes of children into events.

use std::io;
use std::time::Instant;

use nix::libc;
use nix::unistd::{Pid, getpgid, getpgrp, getpid, getppid};

use super::super::process_tree;
use super::super::signal_target::{SignalTarget, read_signals};
use super::super::state::{CommandExit, Event};
use super::{EventLoop, UNIT_SIGNAL_DELAY};
use crate::sys::group_witness::GroupWitness;
use crate::sys::signals::ReceivedSignal;
use crate::sys::wait::{self, ChildStatus, WaitResult};

impl EventLoop<'_> {
    /// Reads and handles all pending signals; those that were read.
    pub(super) fn handle_signals(&mut self) -> io::Result<Vec<ReceivedSignal>> {
        let batch = read_signals(self.signals, self.started.witness.as_ref())?;
        let taken = batch.signals.iter().map(|(received, _)| *received).collect();
        for (received, target) in batch.signals {
            if target == SignalTarget::Process && self.may_be_unit_signal(received) {
                self.unit_signal = Some((received, Instant::now() + UNIT_SIGNAL_DELAY));
                continue;
            }
            self.signal(received, target)?;
        }
        if let Some((received, _)) = self.unit_signal
            && batch.unmatched.iter().any(|number| i32::from(*number) == received.number)
        {
            self.unit_signal = None;
            self.signal(received, SignalTarget::Group)?;
        }
        if batch.child {
            self.reap()?;
        }
        Ok(taken)
    }

    /// Whether the service manager sent the signal, perhaps to hushed first and then to the rest of the unit.
    fn may_be_unit_signal(&self, received: ReceivedSignal) -> bool {
        self.managed
            && self.unit_signal.is_none()
            && self.is_alive()
            && received.number == libc::SIGTERM
            && received.sender == getppid().as_raw()
    }

    pub(super) fn resolve_unit_signal(&mut self) -> io::Result<()> {
        let Some((received, _)) = self.unit_signal.take() else { return Ok(()) };
        let witnessed = self.started.witness.as_ref().and_then(GroupWitness::take_signals);
        let same = |number: &u8| i32::from(*number) == received.number;
        let group = witnessed.unwrap_or_default().iter().any(same);
        let target = if group { SignalTarget::Group } else { SignalTarget::Process };
        self.signal(received, target)
    }

    fn signal(&mut self, received: ReceivedSignal, target: SignalTarget) -> io::Result<()> {
        self.interrupted |= matches!(received.number, libc::SIGINT | libc::SIGQUIT);
        let to_group = target == SignalTarget::Group && !self.command_left_our_group();
        let event = if to_group { Event::GroupSignal(received) } else { Event::Signal(received) };
        if received.number == libc::SIGCONT {
            self.copy_size();
        }
        self.step(event)
    }

    /// Whether the command has left hushed's process group, which it would lead without hushed.
    fn command_left_our_group(&self) -> bool {
        let group = getpgid(Some(Pid::from_raw(self.started.command)));
        getpgrp() == getpid() && group.is_ok_and(|group| group != getpgrp())
    }

    pub(super) fn reap(&mut self) -> io::Result<()> {
        // The last status counts: the command may have stopped and continued since.
        let mut changed = None;
        let childless = loop {
            match wait::wait_any()? {
                WaitResult::Changed(pid, change) if pid == self.started.command => {
                    changed = Some(change);
                }
                WaitResult::Changed(pid, change) if self.companion == Some(pid) => {
                    if matches!(change, ChildStatus::Exited(_) | ChildStatus::Killed(_)) {
                        self.companion = None;
                    }
                }
                WaitResult::Changed(pid, change) => self.handle_witness_status(pid, change),
                WaitResult::Unchanged => break self.has_only_companion(),
                WaitResult::NoChildren => break true,
            }
        };
        if let Some(change) = changed {
            self.handle_status(change)?;
        }
        if !childless {
            return Ok(());
        }
        // Without any child left, the command was killed together with its monitor.
        if self.is_alive() && self.started.monitor.is_none() {
            self.step(Event::Ended(CommandExit::Signal(9)))?;
        }
        self.step(Event::NoDescendants)
    }

    /// Whether the companion is the only descendant that is left.
    fn has_only_companion(&self) -> bool {
        self.companion.is_some() && self.command_descendants().is_empty()
    }

    /// All descendants of hushed but the companion and its own.
    pub(super) fn command_descendants(&self) -> Vec<i32> {
        let mut pids = process_tree::descendants(getpid().as_raw());
        pids.retain(|pid| {
            !self.companion.is_some_and(|own| process_tree::is_descendant(*pid, own))
        });
        pids
    }

    fn handle_witness_status(&mut self, pid: i32, change: ChildStatus) {
        match change {
            _ if self.started.witness.as_ref().is_none_or(|witness| witness.pid() != pid) => {}
            ChildStatus::Exited(_) | ChildStatus::Killed(_) => {
                if let Some(witness) = self.started.witness.take() {
                    witness.forget_reaped();
                }
            }
            ChildStatus::Stopped(_) | ChildStatus::Continued => {}
        }
    }
}
