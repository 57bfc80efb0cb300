//! The event loop: polls descriptors, turns what happens into events for `state`, and performs the actions that it
//! decides. `signals` handles signals and children, `actions` the actions.

mod actions;
mod signals;

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use zeroize::Zeroizing;

use super::key_forwarding::KeyForwarding;
use super::outer_terminal::OuterTerminal;
use super::output_relay::{self, OutputRelay};
use super::start::StartedCommand;
use super::state::{CommandExit, Event, Phase, Policy, SupervisorState};
use super::{BackgroundTask, Error, SupervisionResult, SupervisionWarning};
use crate::sys::monitor::MonitorEvent;
use crate::sys::signals::{BlockedSignals, ReceivedSignal};
use crate::sys::stream;
use crate::sys::wait::ChildStatus;

/// How long a service manager may take to signal every process of a unit.
const UNIT_SIGNAL_DELAY: Duration = Duration::from_millis(50);

/// How long a command runs before hushed prepares for a long run. Until then a signal to the whole process group
/// reaches the command twice, as no witness tells it from one to hushed alone.
const SHORT_COMMAND: Duration = Duration::from_millis(2);

/// How long the command may run on after its standard error ended, before hushed closes its own.
const STDERR_CLOSE_DELAY: Duration = Duration::from_millis(100);

/// How often hushed checks whether the command has read a typed-ahead line.
const LINE_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A polled descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Signals,
    Monitor,
    Notify,
    OuterKeys,
    KeyArrivals,
    SlaveClosed,
    ForwardedKeys,
    Task,
    Output(usize),
}

/// The event loop of one supervised command.
pub(super) struct EventLoop<'a> {
    started: StartedCommand,
    state: SupervisorState,
    signals: &'a BlockedSignals,
    /// Whether a service manager started hushed, see [`super::SupervisionOptions::managed`].
    managed: bool,
    /// A child that is none of the command's, see [`super::SupervisionOptions::companion`].
    companion: Option<i32>,
    /// Work beside the command, see [`super::SupervisionOptions::task`].
    task: Option<Box<dyn BackgroundTask>>,
    deadline: Option<Instant>,
    /// When to prepare for a long run.
    long_run_at: Option<Instant>,
    finished: Option<CommandExit>,
    /// Whether hushed received SIGINT or SIGQUIT itself, not through the command's terminal.
    interrupted: bool,
    /// A signal of the service manager that other processes of the unit may get, too; and until when.
    unit_signal: Option<(ReceivedSignal, Instant)>,
    /// When to close hushed's standard error, which the command has closed.
    close_stderr_at: Option<Instant>,
    /// Warnings not reported yet.
    warnings: Vec<SupervisionWarning>,
    chunk: Zeroizing<Vec<u8>>,
}

impl<'a> EventLoop<'a> {
    pub(super) fn new(
        started: StartedCommand,
        policy: Policy,
        managed: bool,
        signals: &'a BlockedSignals,
    ) -> Self {
        let none = started.outputs.is_empty();
        Self {
            started,
            state: SupervisorState::new(policy),
            signals,
            managed,
            companion: None,
            task: None,
            deadline: None,
            long_run_at: Some(Instant::now() + SHORT_COMMAND),
            finished: None,
            interrupted: false,
            unit_signal: None,
            close_stderr_at: None,
            warnings: Vec::new(),
            chunk: if none { Zeroizing::default() } else { output_relay::buffer() },
        }
    }

    /// The same beside another child of hushed, and other work.
    pub(super) fn beside(
        self,
        companion: Option<i32>,
        task: Option<Box<dyn BackgroundTask>>,
    ) -> Self {
        Self { companion, task, ..self }
    }

    /// Runs until the command and its output have ended.
    pub(super) fn run(
        mut self,
        warn: &mut dyn FnMut(SupervisionWarning),
    ) -> Result<SupervisionResult, Error> {
        for received in std::mem::take(&mut self.started.early) {
            self.interrupted |= matches!(received.number, libc::SIGINT | libc::SIGQUIT);
            self.step(Event::Signal(received)).map_err(Error::Watch)?;
        }
        loop {
            if let Some(exit) = self.finished {
                self.finish(exit).map_err(Error::Watch)?;
                let output_error =
                    self.started.outputs.iter_mut().find_map(OutputRelay::take_error);
                return Ok(SupervisionResult { exit, output_error });
            }
            self.run_once().map_err(Error::Watch)?;
            self.warnings.drain(..).for_each(&mut *warn);
        }
    }

    /// Polls once and handles what happened.
    fn run_once(&mut self) -> io::Result<()> {
        for (token, revents) in self.wait()? {
            self.handle(token, revents)?;
            if self.finished.is_some() {
                return Ok(());
            }
        }
        if self.started.outputs.iter().any(OutputRelay::must_stop) {
            return self.stop_for_output();
        }
        self.report_size();
        let (now, alive) = (Instant::now(), self.is_alive());
        self.started.outputs.iter_mut().for_each(|output| output.report_idle(now));
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            self.step(Event::Deadline)?;
        }
        if self.unit_signal.is_some_and(|(_, until)| until <= now) {
            self.resolve_unit_signal()?;
        }
        if self.long_run_at.is_some_and(|at| at <= now) {
            self.long_run_at = None;
            self.started.prepare_long_run();
        }
        if self.close_stderr_at.is_some_and(|at| at <= now) {
            self.close_stderr_at = None;
            stream::replace_with_null(2);
        }
        if let Some(outer) = &mut self.started.outer {
            outer.feed_next_line()?;
        }
        if let Some(keys) = self.started.keys.as_mut().filter(|_| alive) {
            keys.check(now);
        }
        self.close_finished_streams();
        let draining = matches!(self.state.phase, Phase::Draining { .. });
        if draining && self.started.outputs.iter().all(OutputRelay::is_finished) {
            self.step(Event::OutputEnded)?;
        }
        Ok(())
    }

    /// Waits until a descriptor is ready or a timeout expires; the ready ones.
    fn wait(&self) -> io::Result<Vec<(Token, PollFlags)>> {
        let StartedCommand { monitor, relay, outer, keys, outputs, .. } = &self.started;
        let input = PollFlags::POLLIN;
        let mut wanted: Vec<(Token, BorrowedFd<'_>, PollFlags)> =
            vec![(Token::Signals, self.signals.as_fd(), input)];
        let monitor = monitor.as_ref().filter(|_| self.is_alive());
        wanted.extend(monitor.map(|monitor| (Token::Monitor, monitor.changes.as_fd(), input)));
        wanted.extend(relay.as_ref().map(|relay| (Token::Notify, relay.as_fd(), input)));
        wanted.extend(self.task.as_ref().map(|task| (Token::Task, task.as_fd(), input)));
        let outer_keys = outer.as_ref().and_then(OuterTerminal::poll_target);
        wanted.extend(outer_keys.map(|(fd, flags)| (Token::OuterKeys, fd, flags)));
        if let Some(keys) = keys.as_ref().filter(|_| self.is_alive()) {
            wanted.push((Token::KeyArrivals, keys.arrivals(), input));
            wanted.extend(keys.closes().map(|fd| (Token::SlaveClosed, fd, input)));
            wanted.extend(keys.poll_target().map(|(fd, flags)| (Token::ForwardedKeys, fd, flags)));
        }
        for (index, output) in outputs.iter().enumerate() {
            wanted
                .extend(output.poll_targets().map(|(fd, flags)| (Token::Output(index), fd, flags)));
        }
        let mut polled: Vec<PollFd<'_>> =
            wanted.iter().map(|(_, fd, flags)| PollFd::new(*fd, *flags)).collect();
        match poll(&mut polled, self.timeout()) {
            Err(Errno::EINTR) => return Ok(Vec::new()),
            other => other?,
        };
        let revents = |polled: &PollFd<'_>| polled.revents().unwrap_or(PollFlags::POLLIN);
        let ready =
            wanted.iter().zip(&polled).map(|((token, ..), polled)| (*token, revents(polled)));
        Ok(ready.filter(|(_, revents)| !revents.is_empty()).collect())
    }

    fn timeout(&self) -> PollTimeout {
        let rests = self.started.outputs.iter().filter_map(OutputRelay::idle_at);
        let lines = self.started.outer.as_ref().filter(|outer| outer.has_typed_ahead());
        let lines = lines.map(|_| Instant::now() + LINE_POLL_INTERVAL);
        let unit_signal = self.unit_signal.map(|(_, until)| until);
        let keys = self.started.keys.as_ref().filter(|_| self.is_alive());
        let keys = keys.and_then(KeyForwarding::check_at);
        let times = rests.chain(self.deadline).chain(self.long_run_at).chain(lines);
        let times = times.chain(unit_signal).chain(keys);
        let Some(deadline) = times.chain(self.close_stderr_at).min() else {
            return PollTimeout::NONE;
        };
        let left = deadline.saturating_duration_since(Instant::now());
        // Rounded up, so that the deadline has passed when poll returns.
        let milliseconds = left.as_millis() + 1;
        i32::try_from(milliseconds)
            .map_or(PollTimeout::MAX, |ms| PollTimeout::try_from(ms).unwrap_or(PollTimeout::MAX))
    }

    fn handle(&mut self, token: Token, revents: PollFlags) -> io::Result<()> {
        match token {
            Token::Signals => return self.handle_signals().map(drop),
            Token::Monitor => return self.read_monitor(),
            Token::Notify => {
                if let Some(relay) = &self.started.relay {
                    // A message that cannot be received is lost, and the command goes on.
                    let _lost = relay.forward_messages(self.started.command);
                }
            }
            Token::OuterKeys => {
                if let Some(outer) = &mut self.started.outer {
                    outer.forward_keys();
                }
            }
            Token::KeyArrivals => {
                if let Some(keys) = &mut self.started.keys {
                    keys.handle_arrivals();
                }
            }
            Token::SlaveClosed => {
                // A program resets the modes before it closes the terminal; the next may read them.
                self.copy_modes();
                if let Some(keys) = &mut self.started.keys {
                    keys.handle_close();
                }
            }
            Token::ForwardedKeys => {
                // Modes first: they decide what the keys mean.
                self.copy_modes();
                if let Some(keys) = &mut self.started.keys {
                    keys.forward();
                }
            }
            Token::Task => {
                if let Some(task) = &mut self.task {
                    task.handle();
                }
            }
            Token::Output(index) => {
                if let Some(output) = self.started.outputs.get_mut(index) {
                    output.handle(revents, &mut self.chunk);
                }
            }
        }
        Ok(())
    }

    /// Closes hushed's own standard streams whose outputs have finished, so that the reader sees the end as soon as
    /// the command has closed its stream. Standard error waits, because hushed itself may have to report an error.
    fn close_finished_streams(&mut self) {
        let finished = self
            .started
            .outputs
            .iter_mut()
            .filter_map(|output| output.has_just_finished().then(|| output.streams().to_vec()));
        let streams: Vec<RawFd> = finished.flatten().collect();
        if streams.is_empty() {
            return;
        }
        // Key forwarding holds the pseudo-terminal open, whose reader must see the end.
        let is_mirror =
            |output: &mut OutputRelay| !output.is_finished() && output.mirror().is_some();
        if !self.started.outputs.iter_mut().any(is_mirror) {
            self.started.keys = None;
        }
        if streams.contains(&1) {
            stream::replace_with_null(1);
        }
        if streams.contains(&2) && self.is_alive() {
            self.close_stderr_at = Some(Instant::now() + STDERR_CLOSE_DELAY);
        }
    }

    fn copy_modes(&mut self) {
        self.started.outputs.iter_mut().for_each(OutputRelay::copy_modes);
    }

    fn read_monitor(&mut self) -> io::Result<()> {
        while let Some(monitor) = &self.started.monitor {
            match monitor.next_event()? {
                MonitorEvent::Changed(change) => self.handle_status(change)?,
                MonitorEvent::Pending => return Ok(()),
                MonitorEvent::Ended => {
                    // The command is now a child of hushed.
                    self.started.monitor = None;
                    return self.reap();
                }
            }
        }
        Ok(())
    }

    fn handle_status(&mut self, change: ChildStatus) -> io::Result<()> {
        let event = match change {
            ChildStatus::Exited(code) => Event::Ended(CommandExit::Code(code)),
            ChildStatus::Killed(number) => {
                Event::Ended(CommandExit::Signal(u8::try_from(number).unwrap_or(0)))
            }
            ChildStatus::Stopped(number) => Event::Stopped(number),
            ChildStatus::Continued => return Ok(()),
        };
        if matches!(event, Event::Ended(_)) {
            // No signal needs to be forwarded any more.
            (self.started.witness, self.unit_signal) = (None, None);
            (self.long_run_at, self.close_stderr_at) = (None, None);
            if let Some(outer) = &mut self.started.outer {
                outer.release_slave();
            }
        }
        self.step(event)
    }

    fn is_alive(&self) -> bool {
        matches!(self.state.phase, Phase::Running | Phase::Terminating | Phase::Killed)
    }

    fn step(&mut self, event: Event) -> io::Result<()> {
        for action in self.state.step(event) {
            self.perform(action)?;
        }
        Ok(())
    }
}
