//! What a supervisor decides: an event and the time go in, actions come out. It does none of them, and
//! asks nobody.

use std::time::{Duration, Instant};

use nix::libc;

use crate::sys::signals::Received;

/// How long output is waited for after the command's end, where a process that it left behind still
/// holds the other end.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// What a second request to end leaves of the grace; a third leaves nothing.
pub(super) const SHORTENED: Duration = Duration::from_secs(1);

/// Requests closer to each other are one: `timeout(1)` sends its signal to the process and then to
/// the process group, and we are in both.
const SAME: Duration = Duration::from_millis(2);

/// Where the command is, as seen from a terminal and from those who send signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a process group of its own; there is no terminal.
    OwnGroup,
    /// In our process group: what the terminal sends to us, it sends to the command.
    OurGroup {
        /// Whether we lead the session: a hangup is told to its leader alone.
        leader: bool,
    },
    /// In a session of its own on a pseudo-terminal.
    OwnSession,
}

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
    /// A signal came to us from outside.
    Signal(Received),
    /// A signal stopped the command.
    Stopped(i32),
    /// The command runs again.
    Continued,
    /// The command has ended.
    Ended(Ending),
    /// We run again after we stopped ourselves.
    Resumed,
    /// The time that was asked for is over.
    Deadline,
    /// All output has ended and has been written.
    Quiet,
    /// No descendant is left.
    Alone,
}

/// What to do, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Send the signal to the command's process group.
    Forward(Received),
    /// Send SIGKILL to the command's process group.
    Kill,
    /// Send the signal to all descendants that are left.
    EndRest(i32),
    /// Give our terminal back and stop ourselves by the signal; then comes [`Event::Resumed`].
    Stop(i32),
    /// See whether we are in the foreground, take the terminal accordingly, continue the command.
    Resume,
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
    /// It was asked to end, so many times, the last time at this moment.
    Leaving { requests: u8, last: Instant },
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
pub(super) struct Terms {
    pub place: Place,
    pub grace: Duration,
    /// Whether descendants are ended after the command.
    pub sweep: bool,
    /// Whether SIGTERM was ignored when we began, so that it asks nobody to end.
    pub term_ignored: bool,
}

/// The supervisor's state.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub terms: Terms,
    pub phase: Phase,
    pub stopped: bool,
}

impl State {
    pub(super) fn new(terms: Terms) -> Self {
        Self { terms, phase: Phase::Running, stopped: false }
    }

    /// Takes an event, and says what to do.
    pub(super) fn step(&mut self, event: Event, now: Instant) -> Vec<Action> {
        match self.phase {
            Phase::Running | Phase::Leaving { .. } | Phase::Killed => self.while_alive(event, now),
            Phase::Sweeping { ending, killed } => self.while_sweeping(event, ending, killed),
            Phase::Draining { ending, closed } => self.while_draining(event, ending, closed),
            Phase::Finished => Vec::new(),
        }
    }

    fn while_alive(&mut self, event: Event, now: Instant) -> Vec<Action> {
        match event {
            Event::Signal(received) => self.signal(received, now),
            // Without a terminal there is no shell that sees us stop, and would continue us.
            Event::Stopped(libc::SIGSTOP) if self.terms.place == Place::OwnGroup => {
                self.stopped = true;
                Vec::new()
            }
            Event::Stopped(number) => {
                self.stopped = true;
                vec![Action::Stop(number)]
            }
            Event::Continued => {
                self.stopped = false;
                Vec::new()
            }
            Event::Resumed if self.stopped || self.terms.place == Place::OwnSession => {
                vec![Action::Resume]
            }
            Event::Deadline if matches!(self.phase, Phase::Leaving { .. }) => self.kill(),
            Event::Ended(ending) if self.terms.sweep => {
                self.phase = Phase::Sweeping { ending, killed: false };
                vec![Action::Arm(self.terms.grace), Action::EndRest(libc::SIGTERM)]
            }
            Event::Ended(ending) => self.drain(ending),
            Event::Resumed | Event::Deadline | Event::Quiet | Event::Alone => Vec::new(),
        }
    }

    fn signal(&mut self, received: Received, now: Instant) -> Vec<Action> {
        match received.number {
            libc::SIGWINCH if received.of_kernel => return vec![Action::Resize],
            libc::SIGCONT if self.stopped || self.terms.place == Place::OwnSession => {
                return vec![Action::Resume];
            }
            // It is not sent again, but it may be a second request to end.
            _ if self.has_reached_the_command(received) => {
                return self.request(received.number, now);
            }
            _ => {}
        }
        let mut actions = vec![Action::Forward(received)];
        actions.extend(self.request(received.number, now));
        actions
    }

    fn has_reached_the_command(&self, received: Received) -> bool {
        let Place::OurGroup { leader } = self.terms.place else { return false };
        let of_terminal = matches!(
            received.number,
            libc::SIGINT
                | libc::SIGQUIT
                | libc::SIGTSTP
                | libc::SIGTTIN
                | libc::SIGTTOU
                | libc::SIGCONT
                | libc::SIGHUP
        );
        received.of_kernel && of_terminal && !(leader && received.number == libc::SIGHUP)
    }

    /// SIGTERM asks the command to end; it and SIGINT then ask again.
    fn request(&mut self, number: i32, now: Instant) -> Vec<Action> {
        match (self.phase, number) {
            (Phase::Running, libc::SIGTERM) if !self.terms.term_ignored => {
                self.phase = Phase::Leaving { requests: 1, last: now };
                vec![Action::Arm(self.terms.grace)]
            }
            (Phase::Leaving { requests, last }, libc::SIGTERM | libc::SIGINT) => {
                if now.duration_since(last) < SAME {
                    Vec::new()
                } else if requests == 1 {
                    self.phase = Phase::Leaving { requests: 2, last: now };
                    vec![Action::Arm(SHORTENED.min(self.terms.grace))]
                } else {
                    self.kill()
                }
            }
            _ => Vec::new(),
        }
    }

    fn kill(&mut self) -> Vec<Action> {
        self.phase = Phase::Killed;
        vec![Action::Kill, Action::Disarm]
    }

    fn drain(&mut self, ending: Ending) -> Vec<Action> {
        self.phase = Phase::Draining { ending, closed: false };
        vec![Action::Arm(LINGER)]
    }

    fn while_sweeping(&mut self, event: Event, ending: Ending, killed: bool) -> Vec<Action> {
        let again = Event::Deadline == event || is_request(event);
        match event {
            Event::Alone => self.drain(ending),
            _ if again && !killed => {
                self.phase = Phase::Sweeping { ending, killed: true };
                vec![Action::Arm(LINGER), Action::EndRest(libc::SIGKILL)]
            }
            // What not even SIGKILL ends sleeps in the kernel, and nobody can wait for it.
            _ if again => self.drain(ending),
            _ => Vec::new(),
        }
    }

    fn while_draining(&mut self, event: Event, ending: Ending, closed: bool) -> Vec<Action> {
        match event {
            Event::Quiet => self.finish(ending),
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
    let Event::Signal(received) = event else { return false };
    matches!(received.number, libc::SIGTERM | libc::SIGINT | libc::SIGHUP | libc::SIGQUIT)
}
