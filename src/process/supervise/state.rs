//! The state machine of the supervisor: an event goes in, actions come out. Pure.

use std::time::Duration;

use nix::libc;

use crate::sys::signals::ReceivedSignal;

/// How long hushed waits for more output after the command's end if another process still holds the pipe or terminal.
pub(super) const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// How long descendants have between SIGTERM and SIGKILL if it is not configured.
pub(super) const DEFAULT_KILL_AFTER: Duration = Duration::from_secs(10);

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandExit {
    /// It exited with this code.
    Code(u8),
    /// This signal killed it.
    Signal(u8),
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A signal was sent to hushed alone.
    Signal(ReceivedSignal),
    /// A signal was sent to hushed's process group, and so to the command, too.
    GroupSignal(ReceivedSignal),
    /// A signal stopped the command.
    Stopped(i32),
    /// The command has ended.
    Ended(CommandExit),
    /// hushed was continued after it stopped itself, or could not stop.
    Resumed { stopped: bool },
    /// The armed timer has expired.
    Deadline,
    /// All output has ended and was written.
    OutputEnded,
    /// No descendant is left.
    NoDescendants,
}

/// Something to do, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Send the signal to the command.
    Forward(ReceivedSignal),
    /// Send SIGKILL to the command.
    Kill,
    /// Send the signal to all remaining descendants.
    SignalDescendants(i32),
    /// Stop hushed by the signal; [`Event::Resumed`] follows.
    Stop(i32),
    /// Continue the command; in a session of its own, in the foreground if hushed is in the foreground.
    Continue,
    /// Copy the terminal's size to the command's terminal.
    Resize,
    /// Start the timer for [`Event::Deadline`], replacing an earlier one.
    StartTimer(Duration),
    /// Stop the timer.
    StopTimer,
    /// Read only the output that is there.
    CloseOutput,
    /// End with this exit status.
    Finish(CommandExit),
}

/// The phase of supervision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The command runs or is stopped.
    Running,
    /// It was sent SIGTERM, and a timer runs.
    Terminating,
    /// It was sent SIGKILL.
    Killed,
    /// It has ended; its descendants are being terminated.
    EndingDescendants { exit: CommandExit, killed: bool },
    /// It has ended; its output is being relayed.
    Draining { exit: CommandExit, closed: bool },
    /// Supervision has ended.
    Finished,
}

/// The fixed options of the decisions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// Whether the command has a session and a terminal of its own.
    pub own_session: bool,
    /// How long after SIGTERM the command is sent SIGKILL; `None` for never.
    pub kill_after: Option<Duration>,
    /// Whether descendants are terminated after the command.
    pub end_descendants: bool,
    /// Whether hushed inherited SIGTERM as ignored, so that it does not start the timer.
    pub term_ignored: bool,
}

/// The supervisor's state.
#[derive(Clone, Copy, Debug)]
pub(super) struct SupervisorState {
    pub policy: Policy,
    pub phase: Phase,
}

impl SupervisorState {
    pub(super) fn new(policy: Policy) -> Self {
        Self { policy, phase: Phase::Running }
    }

    /// Handles an event; the actions to perform.
    pub(super) fn step(&mut self, event: Event) -> Vec<Action> {
        match self.phase {
            Phase::Running | Phase::Terminating | Phase::Killed => self.while_alive(event),
            Phase::EndingDescendants { exit, killed } => {
                self.while_exit_descendants(event, exit, killed)
            }
            Phase::Draining { exit, closed } => self.while_draining(event, exit, closed),
            Phase::Finished => Vec::new(),
        }
    }

    fn while_alive(&mut self, event: Event) -> Vec<Action> {
        match event {
            Event::Signal(received) => self.signal(received),
            Event::GroupSignal(received) => match received.number {
                libc::SIGWINCH => vec![Action::Resize],
                number => self.start_kill_timer(number),
            },
            Event::Stopped(number) => vec![Action::Stop(number)],
            // SIGCONT to the process group or to hushed, which forwards it, continues the command as well, except in
            // a session of its own.
            Event::Resumed { stopped } if self.policy.own_session || !stopped => {
                vec![Action::Continue]
            }
            Event::Deadline if self.phase == Phase::Terminating => {
                self.phase = Phase::Killed;
                vec![Action::Kill, Action::StopTimer]
            }
            Event::Ended(exit) if self.policy.end_descendants => {
                self.phase = Phase::EndingDescendants { exit, killed: false };
                let time = self.policy.kill_after.unwrap_or(DEFAULT_KILL_AFTER);
                vec![Action::StartTimer(time), Action::SignalDescendants(libc::SIGTERM)]
            }
            Event::Ended(exit) => self.drain(exit),
            Event::Resumed { .. } | Event::Deadline | Event::OutputEnded | Event::NoDescendants => {
                Vec::new()
            }
        }
    }

    fn signal(&mut self, received: ReceivedSignal) -> Vec<Action> {
        if self.policy.own_session {
            match received.number {
                libc::SIGWINCH if received.from_kernel => return vec![Action::Resize],
                libc::SIGCONT => return vec![Action::Continue],
                _ => {}
            }
        }
        let mut actions = vec![Action::Forward(received)];
        actions.extend(self.start_kill_timer(received.number));
        actions
    }

    /// Starts the timer at the first SIGTERM.
    fn start_kill_timer(&mut self, number: i32) -> Vec<Action> {
        match (self.phase, self.policy.kill_after) {
            (Phase::Running, Some(time))
                if number == libc::SIGTERM && !self.policy.term_ignored =>
            {
                self.phase = Phase::Terminating;
                vec![Action::StartTimer(time)]
            }
            _ => Vec::new(),
        }
    }

    fn drain(&mut self, exit: CommandExit) -> Vec<Action> {
        self.phase = Phase::Draining { exit, closed: false };
        vec![Action::StartTimer(DRAIN_TIMEOUT)]
    }

    fn while_exit_descendants(
        &mut self,
        event: Event,
        exit: CommandExit,
        killed: bool,
    ) -> Vec<Action> {
        match event {
            Event::Deadline if !killed => {
                self.phase = Phase::EndingDescendants { exit, killed: true };
                vec![Action::StartTimer(DRAIN_TIMEOUT), Action::SignalDescendants(libc::SIGKILL)]
            }
            // A process that survives SIGKILL sleeps in the kernel or belongs to another user.
            Event::NoDescendants | Event::Deadline => self.drain(exit),
            _ => Vec::new(),
        }
    }

    fn while_draining(&mut self, event: Event, exit: CommandExit, closed: bool) -> Vec<Action> {
        match event {
            Event::OutputEnded => self.finish(exit),
            Event::Deadline if !closed => {
                self.phase = Phase::Draining { exit, closed: true };
                vec![Action::CloseOutput, Action::StopTimer]
            }
            // No process is left to forward the signal to, so it is for hushed.
            event if is_termination_signal(event) => self.finish(exit),
            _ => Vec::new(),
        }
    }

    fn finish(&mut self, exit: CommandExit) -> Vec<Action> {
        self.phase = Phase::Finished;
        vec![Action::Finish(exit)]
    }
}

fn is_termination_signal(event: Event) -> bool {
    let (Event::Signal(received) | Event::GroupSignal(received)) = event else { return false };
    matches!(received.number, libc::SIGTERM | libc::SIGINT | libc::SIGHUP | libc::SIGQUIT)
}
