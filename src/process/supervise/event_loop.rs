//! The event loop: finds what has happened, asks `state` what to do, and does it. It decides nothing.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{Pid, getpgid, getpgrp, getpid};
use zeroize::Zeroizing;

use super::audience::{Audience, next_signals};
use super::mirror::TerminalMirror;
use super::output::{self, OutputRelay};
use super::start::Started;
use super::state::{Action, Ending, Event, Phase, Policy, State};
use super::{Ended, Error, Notice, tree};
use crate::sys::monitor::Report;
use crate::sys::signals::{self, Blocked, Extent, Received};
use crate::sys::stream;
use crate::sys::wait::{self, Change, Waited};
use crate::sys::witness::Witness;

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
    signals: &'a Blocked,
    /// Whether a service manager started us, which may signal each process of its unit by itself.
    managed: bool,
    deadline: Option<Instant>,
    /// When the command is taken to go on for a while.
    settles_at: Option<Instant>,
    finished: Option<Ending>,
    /// Whether an interruption came to us as a signal, and not through the command's terminal.
    interrupted: bool,
    /// A signal of the service manager that may yet come to the others as well; until when.
    undecided: Option<(Received, Instant)>,
    /// When to let go of our standard error, which the command has closed.
    release_stderr_at: Option<Instant>,
    chunk: Zeroizing<Vec<u8>>,
}

impl<'a> EventLoop<'a> {
    pub(super) fn new(
        started: Started,
        policy: Policy,
        managed: bool,
        signals: &'a Blocked,
    ) -> Self {
        let none = started.outputs.is_empty();
        Self {
            started,
            state: State::new(policy),
            signals,
            managed,
            deadline: None,
            settles_at: Some(Instant::now() + SHORT_COMMAND),
            finished: None,
            interrupted: false,
            undecided: None,
            release_stderr_at: None,
            chunk: if none { Zeroizing::default() } else { output::buffer() },
        }
    }

    /// Runs until the command and its output have ended.
    pub(super) fn run(mut self, notice: &mut dyn FnMut(Notice)) -> Result<Ended, Error> {
        for received in std::mem::take(&mut self.started.early) {
            self.step(Event::Signal(received), notice).map_err(Error::Watch)?;
        }
        loop {
            if let Some(ending) = self.finished {
                self.end(ending).map_err(Error::Watch)?;
                let lost_output = self.started.outputs.iter_mut().find_map(OutputRelay::take_fault);
                return Ok(Ended { ending, lost_output });
            }
            self.iterate(notice).map_err(Error::Watch)?;
        }
    }

    /// Waits once, and does what follows.
    fn iterate(&mut self, notice: &mut dyn FnMut(Notice)) -> io::Result<()> {
        for (token, told) in self.wait()? {
            self.handle(token, told, notice)?;
            if self.finished.is_some() {
                return Ok(());
            }
        }
        if self.started.outputs.iter().any(OutputRelay::must_stop) {
            return self.stop_for_output(notice);
        }
        self.report_size();
        let (now, alive) = (Instant::now(), self.is_alive());
        self.started.outputs.iter_mut().for_each(|output| output.rest(now));
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            self.step(Event::Deadline, notice)?;
        }
        if self.undecided.is_some_and(|(_, until)| until <= now) {
            self.decide(notice)?;
        }
        if self.settles_at.is_some_and(|at| at <= now) {
            self.settles_at = None;
            self.started.settle()?;
        }
        if self.release_stderr_at.is_some_and(|at| at <= now) {
            self.release_stderr_at = None;
            stream::release(2);
        }
        if let Some(outer) = &mut self.started.outer {
            outer.feed_next_line()?;
        }
        if let Some(keys) = self.started.keys.as_mut().filter(|_| alive) {
            keys.check(now);
        }
        let draining = matches!(self.state.phase, Phase::Draining { .. });
        if draining && self.started.outputs.iter().all(OutputRelay::is_finished) {
            self.step(Event::OutputEnded, notice)?;
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
        let outer_keys = outer.as_ref().and_then(super::inner::Outer::wants);
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
        let keys = keys.and_then(super::keys::KeyForwarding::check_at);
        let times = rests.chain(self.deadline).chain(self.settles_at).chain(lines);
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

    fn handle(
        &mut self,
        token: Token,
        told: PollFlags,
        notice: &mut dyn FnMut(Notice),
    ) -> io::Result<()> {
        match token {
            Token::Signals => return self.read_signals(notice).map(drop),
            Token::Monitor => return self.read_changes(notice),
            Token::Relay => {
                if let Some(relay) = &self.started.relay {
                    relay.turn(self.started.command)?;
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
            Token::Output(index) => self.relay_output(index, told),
        }
        Ok(())
    }

    fn relay_output(&mut self, index: usize, told: PollFlags) {
        let Some(output) = self.started.outputs.get_mut(index) else { return };
        let finished = output.is_finished();
        output.handle(told, &mut self.chunk);
        if !finished && output.is_finished() {
            // It holds the other end of a terminal, which is to be told that nobody is there.
            self.started.keys = None;
            self.let_go_of_output(index);
        }
    }

    /// Closes our own standard streams that a finished output went to: the reader sees the end as soon as
    /// the command has closed its stream. We may have something to say on standard error ourselves, so that
    /// waits until it is clear that the command goes on without it.
    fn let_go_of_output(&mut self, index: usize) {
        let streams: Vec<RawFd> = self
            .started
            .outputs
            .get(index)
            .map(|output| output.streams().to_vec())
            .unwrap_or_default();
        if streams.contains(&1) {
            stream::release(1);
        }
        if streams.contains(&2) && self.is_alive() {
            self.release_stderr_at = Some(Instant::now() + CLOSED_BY_ITSELF);
        }
    }

    fn copy_modes(&mut self) {
        self.started.outputs.iter_mut().for_each(OutputRelay::copy_modes);
    }

    /// Takes the signals that have come, and does what they ask for.
    fn read_signals(&mut self, notice: &mut dyn FnMut(Notice)) -> io::Result<Vec<Received>> {
        let batch = next_signals(self.signals, self.started.witness.as_ref())?;
        let taken = batch.signals.iter().map(|(received, _)| *received).collect();
        for (received, audience) in batch.signals {
            if audience == Audience::Process && self.may_be_for_the_unit(received) {
                self.undecided = Some((received, Instant::now() + UNIT_SIGNALS));
                continue;
            }
            self.signal(received, audience, notice)?;
        }
        if let Some((received, _)) = self.undecided
            && batch.unmatched.iter().any(|number| i32::from(*number) == received.number)
        {
            self.undecided = None;
            self.signal(received, Audience::Group, notice)?;
        }
        if batch.child {
            self.reap(notice)?;
        }
        Ok(taken)
    }

    /// Whether the service manager sent the signal, and we were perhaps the first of the unit's processes.
    fn may_be_for_the_unit(&self, received: Received) -> bool {
        self.managed
            && self.undecided.is_none()
            && self.is_alive()
            && received.number == libc::SIGTERM
            && received.sender == nix::unistd::getppid().as_raw()
    }

    fn decide(&mut self, notice: &mut dyn FnMut(Notice)) -> io::Result<()> {
        let Some((received, _)) = self.undecided.take() else { return Ok(()) };
        let witnessed = self.started.witness.as_ref().and_then(Witness::take_signals);
        let same = |number: &u8| i32::from(*number) == received.number;
        let group = witnessed.unwrap_or_default().iter().any(same);
        let audience = if group { Audience::Group } else { Audience::Process };
        self.signal(received, audience, notice)
    }

    fn signal(
        &mut self,
        received: Received,
        audience: Audience,
        notice: &mut dyn FnMut(Notice),
    ) -> io::Result<()> {
        self.interrupted |= matches!(received.number, libc::SIGINT | libc::SIGQUIT);
        let to_group = audience == Audience::Group && !self.command_left_our_group();
        let event = if to_group { Event::GroupSignal(received) } else { Event::Signal(received) };
        if received.number == libc::SIGCONT {
            self.copy_size();
        }
        self.step(event, notice)
    }

    /// Whether the command has a process group of its own where, in our place, it would lead ours.
    fn command_left_our_group(&self) -> bool {
        let group = getpgid(Some(Pid::from_raw(self.started.command)));
        getpgrp() == getpid() && group.is_ok_and(|group| group != getpgrp())
    }

    fn reap(&mut self, notice: &mut dyn FnMut(Notice)) -> io::Result<()> {
        // What is told last holds: it may have stopped and run on since.
        let mut changed = None;
        let childless = loop {
            match wait::next()? {
                Waited::Changed(pid, change) if pid == self.started.command => {
                    changed = Some(change);
                }
                Waited::Changed(pid, change) => self.note_witness(pid, change),
                Waited::Nothing => break false,
                Waited::Childless => break true,
            }
        };
        if let Some(change) = changed {
            self.changed(change, notice)?;
        }
        if !childless {
            return Ok(());
        }
        // A command that is no longer there can only have been killed with its monitor.
        if self.is_alive() && self.started.monitor.is_none() {
            self.step(Event::Ended(Ending::Signal(9)), notice)?;
        }
        self.step(Event::NoDescendants, notice)
    }

    fn note_witness(&mut self, pid: i32, change: Change) {
        match change {
            _ if self.started.witness.as_ref().is_none_or(|witness| witness.pid() != pid) => {}
            Change::Exited(_) | Change::Killed(_) => {
                if let Some(witness) = self.started.witness.take() {
                    witness.forget();
                }
            }
            Change::Stopped(_) | Change::Continued => {}
        }
    }

    fn read_changes(&mut self, notice: &mut dyn FnMut(Notice)) -> io::Result<()> {
        while let Some(monitor) = &self.started.monitor {
            match monitor.next()? {
                Report::Changed(change) => self.changed(change, notice)?,
                Report::Nothing => return Ok(()),
                Report::Ended => {
                    // From now on the command is our own child.
                    self.started.monitor = None;
                    return self.reap(notice);
                }
            }
        }
        Ok(())
    }

    fn changed(&mut self, change: Change, notice: &mut dyn FnMut(Notice)) -> io::Result<()> {
        let event = match change {
            Change::Exited(code) => Event::Ended(Ending::Code(code)),
            Change::Killed(number) => {
                Event::Ended(Ending::Signal(u8::try_from(number).unwrap_or(0)))
            }
            Change::Stopped(number) => Event::Stopped(number),
            Change::Continued => return Ok(()),
        };
        if matches!(event, Event::Ended(_)) {
            // There is nobody left to pass a signal on to, and nobody to stop.
            (self.started.witness, self.undecided) = (None, None);
            (self.settles_at, self.release_stderr_at) = (None, None);
            if let Some(outer) = &mut self.started.outer {
                outer.release_slave();
            }
        }
        self.step(event, notice)
    }

    fn is_alive(&self) -> bool {
        matches!(self.state.phase, Phase::Running | Phase::Terminating | Phase::Killed)
    }

    fn step(&mut self, event: Event, notice: &mut dyn FnMut(Notice)) -> io::Result<()> {
        for action in self.state.step(event) {
            self.act(action, notice)?;
        }
        Ok(())
    }

    fn act(&mut self, action: Action, notice: &mut dyn FnMut(Notice)) -> io::Result<()> {
        let command = self.started.command;
        match action {
            Action::Forward(Received { number, value: Some(value), .. }) => {
                report_refused(signals::queue(command, number, value), number, command, notice)?;
            }
            Action::Forward(Received { number, value: None, .. }) => {
                report_refused(signals::send(command, number), number, command, notice)?;
            }
            Action::Kill => {
                let sent = signals::send(command, libc::SIGKILL);
                report_refused(sent, libc::SIGKILL, command, notice)?;
            }
            Action::SignalDescendants(number) => return self.signal_descendants(number, notice),
            Action::Stop(number) => return self.stop(number, notice),
            Action::Continue => {
                let sent = self.resume();
                report_refused(sent, libc::SIGCONT, command, notice)?;
            }
            Action::Resize => self.copy_size(),
            Action::Arm(time) => self.deadline = Instant::now().checked_add(time),
            Action::Disarm => self.deadline = None,
            Action::CloseOutput => {
                for output in &mut self.started.outputs {
                    output.close();
                    output.relay(&mut self.chunk);
                }
            }
            Action::Finish(ending) => self.finished = Some(ending),
        }
        Ok(())
    }

    fn signal_descendants(
        &mut self,
        number: i32,
        notice: &mut dyn FnMut(Notice),
    ) -> io::Result<()> {
        // Mostly nobody is left, and then nobody need be looked for.
        self.reap(notice)?;
        if !matches!(self.state.phase, Phase::Sweeping { .. }) {
            return Ok(());
        }
        let own = getpid().as_raw();
        let pids = if own == 1 { vec![-1] } else { tree::descendants(own) };
        for pid in pids {
            report_refused(signals::send(pid, number), number, pid, notice)?;
        }
        self.reap(notice)
    }

    /// Stops as the command has stopped; returns when we run again.
    fn stop(&mut self, number: i32, notice: &mut dyn FnMut(Notice)) -> io::Result<()> {
        for output in &mut self.started.outputs {
            output.relay(&mut self.chunk);
            output.rest(Instant::now() + Duration::from_secs(1));
        }
        let of_terminal = matches!(number, libc::SIGTTIN | libc::SIGTTOU);
        let mut extent = Extent::Process;
        if let Some(outer) = &mut self.started.outer {
            // It was in the background a moment ago, and is not any more.
            if of_terminal && outer.is_foreground() {
                return self.resume();
            }
            outer.give_back();
            if of_terminal || number == libc::SIGTSTP {
                extent = Extent::Group;
            }
        }
        let command = self.started.command;
        let group = self.started.controlling.as_ref().and_then(|terminal| {
            let group = terminal.foreground_of_command(command);
            terminal.reclaim(command);
            group
        });
        let stopped = signals::stop_by(number, extent)?;
        if self.started.outer.is_some() {
            signals::take_continue();
        }
        if let (Some(terminal), Some(group)) = (&self.started.controlling, group) {
            terminal.hand_over(group);
        }
        self.copy_modes();
        self.copy_size();
        self.step(Event::Resumed { stopped }, notice)
    }

    /// Stops our process group, as the kernel does to whoever writes from the background of a terminal in
    /// `tostop` mode; returns when we run again.
    fn stop_for_output(&mut self, notice: &mut dyn FnMut(Notice)) -> io::Result<()> {
        let stopped = signals::stop_by(libc::SIGTTOU, Extent::Group)?;
        self.started.outputs.iter_mut().for_each(|output| output.try_again(stopped));
        let signals = self.read_signals(notice)?;
        // Where the command ended before its output was written, what would have ended it ends us.
        if matches!(self.state.phase, Phase::Draining { .. }) {
            for received in signals {
                self.step(Event::Signal(received), notice)?;
            }
        }
        Ok(())
    }

    fn resume(&mut self) -> io::Result<()> {
        let foreground = match &mut self.started.outer {
            Some(outer) => outer.take()?,
            None => false,
        };
        match &self.started.monitor {
            Some(monitor) => monitor.resume(foreground),
            None => signals::send(self.started.command, libc::SIGCONT),
        }
    }

    /// Gives the command's terminal the size of ours.
    fn copy_size(&mut self) {
        if let Some(outer) = &self.started.outer {
            outer.resize();
        }
        let mirrors = self.started.outputs.iter_mut().filter_map(OutputRelay::mirror);
        mirrors.for_each(TerminalMirror::copy_size);
    }

    /// Tells of a size that was copied. The kernel has told the command of ours, perhaps before its own had
    /// the new size.
    fn report_size(&mut self) {
        let mirrors = self.started.outputs.iter_mut().filter_map(OutputRelay::mirror);
        let resized = mirrors.filter_map(|mirror| mirror.take_resized().then_some(())).count() > 0;
        if resized && self.is_alive() {
            let _gone = signals::send(0, libc::SIGWINCH);
        }
    }

    /// The last things before we end: the terminal, what the service manager was told, and the jobs
    /// beside us.
    fn end(&mut self, ending: Ending) -> io::Result<()> {
        if let Some(relay) = &self.started.relay {
            relay.turn(self.started.command)?;
        }
        for mirror in self.started.outputs.iter_mut().filter_map(OutputRelay::mirror) {
            mirror.finish_modes();
        }
        self.copy_size();
        if let Some(terminal) = &self.started.controlling {
            terminal.reclaim(self.started.command);
        }
        if let Some(outer) = &mut self.started.outer {
            let foreground = outer.is_foreground();
            outer.end(ending);
            // The key that ended the command would have reached all of the job: the script that we
            // are in, the other end of the pipeline.
            if let Ending::Signal(number @ (2 | 3)) = ending
                && foreground
                && !self.interrupted
            {
                let _refused = signals::send(0, i32::from(number));
            }
        }
        // Nobody is left to pass these on to, and our end is decided.
        while self.signals.next()?.is_some() {}
        Ok(())
    }
}

/// Tells of a signal that we may not send, as to a command that is another user now; that is no reason to
/// leave it alone.
fn report_refused(
    sent: io::Result<()>,
    number: i32,
    pid: i32,
    notice: &mut dyn FnMut(Notice),
) -> io::Result<()> {
    match sent {
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => {
            notice(Notice::SignalRefused { number, pid });
            Ok(())
        }
        other => other,
    }
}
