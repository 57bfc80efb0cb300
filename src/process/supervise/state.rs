//! What a supervisor decides: an event goes in, actions come out. It does none of them, and asks nobody.

use std::time::Duration;

use nix::libc;

use crate::sys::signals::ReceivedSignal;

/// How long output is waited for after the command's end, where a process that it left behind still
/// holds the other end.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// How long descendants have between SIGTERM and SIGKILL where nothing is configured.
pub(super) const SWEEP: Duration = Duration::from_secs(10);

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this exit code.
    Code(u8),
    /// By this signal.
    Signal(u8),
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A signal was sent to us alone.
    Signal(ReceivedSignal),
    /// A signal was sent to our process group, and so to the command.
    GroupSignal(ReceivedSignal),
    /// A signal stopped the command.
    Stopped(i32),
    /// The command has ended.
    Ended(Ending),
    /// We run again after we stopped ourselves; or could not stop.
    Resumed { stopped: bool },
    /// The time that was asked for is over.
    Deadline,
    /// All output has ended and has been written.
    OutputEnded,
    /// No descendant is left.
    NoDescendants,
}

/// What to do, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Send the signal to the command.
    Forward(ReceivedSignal),
    /// Send SIGKILL to the command.
    Kill,
    /// Send the signal to all descendants that are left.
    SignalDescendants(i32),
    /// Stop ourselves by the signal; then comes [`Event::Resumed`].
    Stop(i32),
    /// Continue the command. In a session of its own: in the foreground of its terminal, if we are in that
    /// of ours.
    Continue,
    /// Give the command's terminal the size of ours.
    Resize,
    /// Ask for [`Event::Deadline`] after this time, instead of any asked for before.
    Arm(Duration),
    /// Ask for no [`Event::Deadline`].
    Disarm,
    /// Take what output there is, and then no more.
    CloseOutput,
    /// End with this.
    Finish(Ending),
}

/// How far the command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It runs, or is stopped.
    Running,
    /// It was asked to end, and has a time for it.
    Terminating,
    /// It was sent SIGKILL.
    Killed,
    /// It has ended, and its descendants are being ended.
    Sweeping { ending: Ending, killed: bool },
    /// It has ended, and its output is still coming.
    Draining { ending: Ending, closed: bool },
    /// All is over.
    Finished,
}

/// What the decisions depend on, and never changes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// Whether the command is in a session of its own, on a terminal of its own.
    pub own_session: bool,
    /// How long after SIGTERM the command is sent SIGKILL, if it is.
    pub kill_after: Option<Duration>,
    /// Whether descendants are ended after the command.
    pub sweep: bool,
    /// Whether SIGTERM was ignored when we began, so that it asks nobody to end.
    pub term_ignored: bool,
}

/// The supervisor's state.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub policy: Policy,
    pub phase: Phase,
}

impl State {
    pub(super) fn new(policy: Policy) -> Self {
        Self { policy, phase: Phase::Running }
    }

    /// Takes an event, and says what to do.
    pub(super) fn step(&mut self, event: Event) -> Vec<Action> {
        match self.phase {
            Phase::Running | Phase::Terminating | Phase::Killed => self.while_alive(event),
            Phase::Sweeping { ending, killed } => self.while_sweeping(event, ending, killed),
            Phase::Draining { ending, closed } => self.while_draining(event, ending, closed),
            Phase::Finished => Vec::new(),
        }
    }

    fn while_alive(&mut self, event: Event) -> Vec<Action> {
        match event {
            Event::Signal(received) => self.signal(received),
            Event::GroupSignal(received) => match received.number {
                libc::SIGWINCH => vec![Action::Resize],
                number => self.limit_time(number),
            },
            Event::Stopped(number) => vec![Action::Stop(number)],
            // Whoever continues us continues the command as well: by a signal to the process group, or by
            // one to us that is passed on. In a session of its own it hears of neither.
            Event::Resumed { stopped } if self.policy.own_session || !stopped => {
                vec![Action::Continue]
            }
            Event::Deadline if self.phase == Phase::Terminating => {
                self.phase = Phase::Killed;
                vec![Action::Kill, Action::Disarm]
            }
            Event::Ended(ending) if self.policy.sweep => {
                self.phase = Phase::Sweeping { ending, killed: false };
                let time = self.policy.kill_after.unwrap_or(SWEEP);
                vec![Action::Arm(time), Action::SignalDescendants(libc::SIGTERM)]
            }
            Event::Ended(ending) => self.drain(ending),
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
        actions.extend(self.limit_time(received.number));
        actions
    }

    /// SIGTERM asks the command to end, once.
    fn limit_time(&mut self, number: i32) -> Vec<Action> {
        match (self.phase, self.policy.kill_after) {
            (Phase::Running, Some(time))
                if number == libc::SIGTERM && !self.policy.term_ignored =>
            {
                self.phase = Phase::Terminating;
                vec![Action::Arm(time)]
            }
            _ => Vec::new(),
        }
    }

    fn drain(&mut self, ending: Ending) -> Vec<Action> {
        self.phase = Phase::Draining { ending, closed: false };
        vec![Action::Arm(LINGER)]
    }

    fn while_sweeping(&mut self, event: Event, ending: Ending, killed: bool) -> Vec<Action> {
        match event {
            Event::Deadline if !killed => {
                self.phase = Phase::Sweeping { ending, killed: true };
                vec![Action::Arm(LINGER), Action::SignalDescendants(libc::SIGKILL)]
            }
            // What not even SIGKILL ends sleeps in the kernel, or is another user's.
            Event::NoDescendants | Event::Deadline => self.drain(ending),
            _ => Vec::new(),
        }
    }

    fn while_draining(&mut self, event: Event, ending: Ending, closed: bool) -> Vec<Action> {
        match event {
            Event::OutputEnded => self.finish(ending),
            Event::Deadline if !closed => {
                self.phase = Phase::Draining { ending, closed: true };
                vec![Action::CloseOutput, Action::Disarm]
            }
            // There is nobody left to pass it on to, so it is meant for us.
            event if is_request(event) => self.finish(ending),
            _ => Vec::new(),
        }
    }

    fn finish(&mut self, ending: Ending) -> Vec<Action> {
        self.phase = Phase::Finished;
        vec![Action::Finish(ending)]
    }
}

fn is_request(event: Event) -> bool {
    let (Event::Signal(received) | Event::GroupSignal(received)) = event else { return false };
    matches!(received.number, libc::SIGTERM | libc::SIGINT | libc::SIGHUP | libc::SIGQUIT)
}
