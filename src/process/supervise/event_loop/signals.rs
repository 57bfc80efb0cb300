//! Signals that have come, and children that have changed, on their way to events.

use std::io;
use std::time::Instant;

use nix::libc;
use nix::unistd::{Pid, getpgid, getpgrp, getpid, getppid};

use super::super::audience::{Audience, next_signals};
use super::super::state::{Ending, Event};
use super::{EventLoop, UNIT_SIGNALS};
use crate::sys::group_witness::GroupWitness;
use crate::sys::signals::ReceivedSignal;
use crate::sys::wait::{self, ChildStatus, WaitResult};

impl EventLoop<'_> {
    /// Takes the signals that have come, and does what they ask for.
    pub(super) fn read_signals(&mut self) -> io::Result<Vec<ReceivedSignal>> {
        let batch = next_signals(self.signals, self.started.witness.as_ref())?;
        let taken = batch.signals.iter().map(|(received, _)| *received).collect();
        for (received, audience) in batch.signals {
            if audience == Audience::Process && self.may_be_for_the_unit(received) {
                self.undecided = Some((received, Instant::now() + UNIT_SIGNALS));
                continue;
            }
            self.signal(received, audience)?;
        }
        if let Some((received, _)) = self.undecided
            && batch.unmatched.iter().any(|number| i32::from(*number) == received.number)
        {
            self.undecided = None;
            self.signal(received, Audience::Group)?;
        }
        if batch.child {
            self.reap()?;
        }
        Ok(taken)
    }

    /// Whether the service manager sent the signal, and we were perhaps the first of the unit's processes.
    fn may_be_for_the_unit(&self, received: ReceivedSignal) -> bool {
        self.managed
            && self.undecided.is_none()
            && self.is_alive()
            && received.number == libc::SIGTERM
            && received.sender == getppid().as_raw()
    }

    pub(super) fn decide(&mut self) -> io::Result<()> {
        let Some((received, _)) = self.undecided.take() else { return Ok(()) };
        let witnessed = self.started.witness.as_ref().and_then(GroupWitness::take_signals);
        let same = |number: &u8| i32::from(*number) == received.number;
        let group = witnessed.unwrap_or_default().iter().any(same);
        let audience = if group { Audience::Group } else { Audience::Process };
        self.signal(received, audience)
    }

    fn signal(&mut self, received: ReceivedSignal, audience: Audience) -> io::Result<()> {
        self.interrupted |= matches!(received.number, libc::SIGINT | libc::SIGQUIT);
        let to_group = audience == Audience::Group && !self.command_left_our_group();
        let event = if to_group { Event::GroupSignal(received) } else { Event::Signal(received) };
        if received.number == libc::SIGCONT {
            self.copy_size();
        }
        self.step(event)
    }

    /// Whether the command has a process group of its own where, in our place, it would lead ours.
    fn command_left_our_group(&self) -> bool {
        let group = getpgid(Some(Pid::from_raw(self.started.command)));
        getpgrp() == getpid() && group.is_ok_and(|group| group != getpgrp())
    }

    pub(super) fn reap(&mut self) -> io::Result<()> {
        // What is told last holds: it may have stopped and run on since.
        let mut changed = None;
        let childless = loop {
            match wait::wait_any()? {
                WaitResult::Changed(pid, change) if pid == self.started.command => {
                    changed = Some(change);
                }
                WaitResult::Changed(pid, change) => self.note_witness(pid, change),
                WaitResult::Unchanged => break false,
                WaitResult::NoChildren => break true,
            }
        };
        if let Some(change) = changed {
            self.changed(change)?;
        }
        if !childless {
            return Ok(());
        }
        // A command that is no longer there can only have been killed with its monitor.
        if self.is_alive() && self.started.monitor.is_none() {
            self.step(Event::Ended(Ending::Signal(9)))?;
        }
        self.step(Event::NoDescendants)
    }

    fn note_witness(&mut self, pid: i32, change: ChildStatus) {
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
