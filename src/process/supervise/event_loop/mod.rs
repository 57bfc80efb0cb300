//! The event loop: finds what has happened, asks `state` what to do, and does it. It decides nothing.
//! `signals` has what signals and children tell, `actions` what was decided.

mod actions;
mod signals;

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use zeroize::Zeroizing;

use super::inner::Outer;
use super::keys::KeyForwarding;
use super::output::{self, OutputRelay};
use super::start::Started;
use super::state::{Ending, Event, Phase, Policy, State};
use super::{Ended, Error, Notice};
use crate::sys::monitor::MonitorEvent;
use crate::sys::signals::{BlockedSignals, ReceivedSignal};
use crate::sys::stream;
use crate::sys::wait::ChildStatus;

/// How long a service manager may take to signal each process of a unit.
const UNIT_SIGNALS: Duration = Duration::from_millis(50);

/// How long a command runs that is not worth preparing for more.
const SHORT_COMMAND: Duration = Duration::from_millis(2);

/// How long after its streams a command may take to end, before it is taken to have closed them itself.
const CLOSED_BY_ITSELF: Duration = Duration::from_millis(100);

/// How often it is looked whether a line that was typed ahead has been read.
const LINE_CHECK: Duration = Duration::from_millis(5);

/// What was polled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Signals,
    Monitor,
    Relay,
    OuterKeys,
    KeyArrivals,
    SlaveClosed,
    ForwardedKeys,
    Output(usize),
}

/// The supervisor at work.
pub(super) struct EventLoop<'a> {
    started: Started,
    state: State,
    signals: &'a BlockedSignals,
    /// Whether a service manager started us, which may signal each process of its unit by itself.
    managed: bool,
    deadline: Option<Instant>,
    /// When the command is taken to go on for a while.
    prepares_at: Option<Instant>,
    finished: Option<Ending>,
    /// Whether an interruption came to us as a signal, and not through the command's terminal.
    interrupted: bool,
    /// A signal of the service manager that may yet come to the others as well; until when.
    undecided: Option<(ReceivedSignal, Instant)>,
    /// When to let go of our standard error, which the command has closed.
    release_stderr_at: Option<Instant>,
    /// What happened meanwhile.
    notices: Vec<Notice>,
    chunk: Zeroizing<Vec<u8>>,
}

impl<'a> EventLoop<'a> {
    pub(super) fn new(
        started: Started,
        policy: Policy,
        managed: bool,
        signals: &'a BlockedSignals,
    ) -> Self {
        let none = started.outputs.is_empty();
        Self {
            started,
            state: State::new(policy),
            signals,
            managed,
            deadline: None,
            prepares_at: Some(Instant::now() + SHORT_COMMAND),
            finished: None,
            interrupted: false,
            undecided: None,
            release_stderr_at: None,
            notices: Vec::new(),
            chunk: if none { Zeroizing::default() } else { output::buffer() },
        }
    }

    /// Runs until the command and its output have ended.
    pub(super) fn run(mut self, notice: &mut dyn FnMut(Notice)) -> Result<Ended, Error> {
        for received in std::mem::take(&mut self.started.early) {
            self.interrupted |= matches!(received.number, libc::SIGINT | libc::SIGQUIT);
            self.step(Event::Signal(received)).map_err(Error::Watch)?;
        }
        loop {
            if let Some(ending) = self.finished {
                self.end(ending).map_err(Error::Watch)?;
                let lost_output = self.started.outputs.iter_mut().find_map(OutputRelay::take_fault);
                return Ok(Ended { ending, lost_output });
            }
            self.iterate().map_err(Error::Watch)?;
            self.notices.drain(..).for_each(&mut *notice);
        }
    }

    /// Waits once, and does what follows.
    fn iterate(&mut self) -> io::Result<()> {
        for (token, told) in self.wait()? {
            self.handle(token, told)?;
            if self.finished.is_some() {
                return Ok(());
            }
        }
        if self.started.outputs.iter().any(OutputRelay::must_stop) {
            return self.stop_for_output();
        }
        self.report_size();
        let (now, alive) = (Instant::now(), self.is_alive());
        self.started.outputs.iter_mut().for_each(|output| output.rest(now));
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            self.step(Event::Deadline)?;
        }
        if self.undecided.is_some_and(|(_, until)| until <= now) {
            self.decide()?;
        }
        if self.prepares_at.is_some_and(|at| at <= now) {
            self.prepares_at = None;
            self.started.prepare_long_run();
        }
        if self.release_stderr_at.is_some_and(|at| at <= now) {
            self.release_stderr_at = None;
            stream::replace_with_null(2);
        }
        if let Some(outer) = &mut self.started.outer {
            outer.feed_next_line()?;
        }
        if let Some(keys) = self.started.keys.as_mut().filter(|_| alive) {
            keys.check(now);
        }
        self.release_streams();
        let draining = matches!(self.state.phase, Phase::Draining { .. });
        if draining && self.started.outputs.iter().all(OutputRelay::is_finished) {
            self.step(Event::OutputEnded)?;
        }
        Ok(())
    }

    /// Waits for something to happen; what is ready.
    fn wait(&self) -> io::Result<Vec<(Token, PollFlags)>> {
        let Started { monitor, relay, outer, keys, outputs, .. } = &self.started;
        let input = PollFlags::POLLIN;
        let mut wanted: Vec<(Token, BorrowedFd<'_>, PollFlags)> =
            vec![(Token::Signals, self.signals.as_fd(), input)];
        let monitor = monitor.as_ref().filter(|_| self.is_alive());
        wanted.extend(monitor.map(|monitor| (Token::Monitor, monitor.changes.as_fd(), input)));
        wanted.extend(relay.as_ref().map(|relay| (Token::Relay, relay.as_fd(), input)));
        let outer_keys = outer.as_ref().and_then(Outer::wants);
        wanted.extend(outer_keys.map(|(fd, flags)| (Token::OuterKeys, fd, flags)));
        if let Some(keys) = keys.as_ref().filter(|_| self.is_alive()) {
            wanted.push((Token::KeyArrivals, keys.arrivals(), input));
            wanted.extend(keys.closes().map(|fd| (Token::SlaveClosed, fd, input)));
            wanted.extend(keys.wanted().map(|(fd, flags)| (Token::ForwardedKeys, fd, flags)));
        }
        for (index, output) in outputs.iter().enumerate() {
            wanted.extend(output.wants().map(|(fd, flags)| (Token::Output(index), fd, flags)));
        }
        let mut polled: Vec<PollFd<'_>> =
            wanted.iter().map(|(_, fd, flags)| PollFd::new(*fd, *flags)).collect();
        match poll(&mut polled, self.timeout()) {
            Err(Errno::EINTR) => return Ok(Vec::new()),
            other => other?,
        };
        let told = |polled: &PollFd<'_>| polled.revents().unwrap_or(PollFlags::POLLIN);
        let ready = wanted.iter().zip(&polled).map(|((token, ..), polled)| (*token, told(polled)));
        Ok(ready.filter(|(_, told)| !told.is_empty()).collect())
    }

    fn timeout(&self) -> PollTimeout {
        let rests = self.started.outputs.iter().filter_map(OutputRelay::rests_at);
        let lines = self.started.outer.as_ref().filter(|outer| outer.has_typed_ahead());
        let lines = lines.map(|_| Instant::now() + LINE_CHECK);
        let undecided = self.undecided.map(|(_, until)| until);
        let keys = self.started.keys.as_ref().filter(|_| self.is_alive());
        let keys = keys.and_then(KeyForwarding::check_at);
        let times = rests.chain(self.deadline).chain(self.prepares_at).chain(lines);
        let times = times.chain(undecided).chain(keys);
        let Some(deadline) = times.chain(self.release_stderr_at).min() else {
            return PollTimeout::NONE;
        };
        let left = deadline.saturating_duration_since(Instant::now());
        // Rounded up, so that the time is over when poll returns.
        let milliseconds = left.as_millis() + 1;
        i32::try_from(milliseconds)
            .map_or(PollTimeout::MAX, |ms| PollTimeout::try_from(ms).unwrap_or(PollTimeout::MAX))
    }

    fn handle(&mut self, token: Token, told: PollFlags) -> io::Result<()> {
        match token {
            Token::Signals => return self.read_signals().map(drop),
            Token::Monitor => return self.read_changes(),
            Token::Relay => {
                if let Some(relay) = &self.started.relay {
                    // What cannot be received is lost, and the command goes on.
                    let _lost = relay.turn(self.started.command);
                }
            }
            Token::OuterKeys => {
                if let Some(outer) = &mut self.started.outer {
                    outer.forward_keys();
                }
            }
            Token::KeyArrivals => {
                if let Some(keys) = &mut self.started.keys {
                    keys.note_arrivals();
                }
            }
            Token::SlaveClosed => {
                // Who closes it has reset the modes, and somebody else may ask for them next.
                self.copy_modes();
                if let Some(keys) = &mut self.started.keys {
                    keys.note_closes();
                }
            }
            Token::ForwardedKeys => {
                // Modes first: they decide what the keys mean.
                self.copy_modes();
                if let Some(keys) = &mut self.started.keys {
                    keys.forward();
                }
            }
            Token::Output(index) => {
                if let Some(output) = self.started.outputs.get_mut(index) {
                    output.handle(told, &mut self.chunk);
                }
            }
        }
        Ok(())
    }

    /// Closes our own standard streams that finished outputs went to: the reader sees the end as soon as
    /// the command has closed its stream. We may have something to say on standard error ourselves, so that
    /// waits until it is clear that the command goes on without it.
    fn release_streams(&mut self) {
        let finished = self
            .started
            .outputs
            .iter_mut()
            .filter_map(|output| output.has_just_finished().then(|| output.streams().to_vec()));
        let streams: Vec<RawFd> = finished.flatten().collect();
        if streams.is_empty() {
            return;
        }
        // Who forwards keys holds a terminal that is to be told that nobody is there.
        let is_mirror =
            |output: &mut OutputRelay| !output.is_finished() && output.mirror().is_some();
        if !self.started.outputs.iter_mut().any(is_mirror) {
            self.started.keys = None;
        }
        if streams.contains(&1) {
            stream::replace_with_null(1);
        }
        if streams.contains(&2) && self.is_alive() {
            self.release_stderr_at = Some(Instant::now() + CLOSED_BY_ITSELF);
        }
    }

    fn copy_modes(&mut self) {
        self.started.outputs.iter_mut().for_each(OutputRelay::copy_modes);
    }

    fn read_changes(&mut self) -> io::Result<()> {
        while let Some(monitor) = &self.started.monitor {
            match monitor.next_event()? {
                MonitorEvent::Changed(change) => self.changed(change)?,
                MonitorEvent::Pending => return Ok(()),
                MonitorEvent::Ended => {
                    // From now on the command is our own child.
                    self.started.monitor = None;
                    return self.reap();
                }
            }
        }
        Ok(())
    }

    fn changed(&mut self, change: ChildStatus) -> io::Result<()> {
        let event = match change {
            ChildStatus::Exited(code) => Event::Ended(Ending::Code(code)),
            ChildStatus::Killed(number) => {
                Event::Ended(Ending::Signal(u8::try_from(number).unwrap_or(0)))
            }
            ChildStatus::Stopped(number) => Event::Stopped(number),
            ChildStatus::Continued => return Ok(()),
        };
        if matches!(event, Event::Ended(_)) {
            // There is nobody left to pass a signal on to, and nobody to stop.
            (self.started.witness, self.undecided) = (None, None);
            (self.prepares_at, self.release_stderr_at) = (None, None);
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
            self.act(action)?;
        }
        Ok(())
    }
}
