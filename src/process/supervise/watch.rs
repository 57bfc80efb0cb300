//! The loop: finds what has happened, asks `state` what to do, and does it. It decides nothing.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::time::Instant;

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use zeroize::Zeroizing;

use super::pump;
use super::stage::Stage;
use super::state::{Action, Ending, Event, Phase, Place, State, Terms};
use super::{Error, tree};
use crate::sys::monitor::Report;
use crate::sys::signals::{self, Blocked, Extent, Received};
use crate::sys::wait::{self, Change, Waited};

/// What was polled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Signals,
    Monitor,
    Relay,
    Keys,
    Pump(usize),
}

/// The supervisor at work.
pub(super) struct Watch<'a> {
    stage: Stage,
    state: State,
    signals: &'a Blocked,
    deadline: Option<Instant>,
    finished: Option<Ending>,
    /// Whether an interruption came to us as a signal, and not through the command's terminal.
    interrupted: bool,
    chunk: Zeroizing<Vec<u8>>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(stage: Stage, terms: Terms, signals: &'a Blocked) -> Self {
        let chunk = if stage.pumps.is_empty() { Zeroizing::default() } else { pump::buffer() };
        let (deadline, finished, interrupted) = (None, None, false);
        Self { stage, state: State::new(terms), signals, deadline, finished, interrupted, chunk }
    }

    /// Runs until the command and its output have ended.
    pub(super) fn run(mut self) -> Result<Ending, Error> {
        loop {
            if let Some(ending) = self.finished {
                self.end(ending).map_err(Error::Watch)?;
                let fault = self.stage.pumps.iter_mut().find_map(pump::Pump::take_fault);
                return match (ending, fault) {
                    // What was lost may be all that was wanted, so it is no success.
                    (Ending::Code(0), Some(fault)) => Err(Error::Output(fault)),
                    _ => Ok(ending),
                };
            }
            self.turn().map_err(Error::Watch)?;
        }
    }

    /// Waits once, and does what follows.
    fn turn(&mut self) -> io::Result<()> {
        for token in self.wait()? {
            self.handle(token)?;
        }
        let now = Instant::now();
        self.stage.pumps.iter_mut().for_each(|pump| pump.rest(now));
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            self.step(Event::Deadline)?;
        }
        let draining = matches!(self.state.phase, Phase::Draining { .. });
        if draining && self.stage.pumps.iter().all(pump::Pump::is_quiet) {
            self.step(Event::Quiet)?;
        }
        Ok(())
    }

    /// Waits for something to happen; what is ready.
    fn wait(&self) -> io::Result<Vec<Token>> {
        let mut wanted: Vec<(Token, BorrowedFd<'_>, PollFlags)> =
            vec![(Token::Signals, self.signals.as_fd(), PollFlags::POLLIN)];
        let monitor = self.stage.monitor.as_ref().filter(|_| self.is_alive());
        wanted.extend(
            monitor.map(|monitor| (Token::Monitor, monitor.changes.as_fd(), PollFlags::POLLIN)),
        );
        let relay = self.stage.relay.as_ref();
        wanted.extend(relay.map(|relay| (Token::Relay, relay.as_fd(), PollFlags::POLLIN)));
        let keys = self.stage.outer.as_ref().and_then(super::terminal::Outer::wants);
        wanted.extend(keys.map(|(fd, flags)| (Token::Keys, fd, flags)));
        for (index, pump) in self.stage.pumps.iter().enumerate() {
            wanted.extend(pump.wants().map(|(fd, flags)| (Token::Pump(index), fd, flags)));
        }
        let mut polled: Vec<PollFd<'_>> =
            wanted.iter().map(|(_, fd, flags)| PollFd::new(*fd, *flags)).collect();
        match poll(&mut polled, self.timeout()) {
            Err(Errno::EINTR) => return Ok(Vec::new()),
            other => other?,
        };
        let ready = wanted.iter().zip(&polled).filter(|(_, polled)| polled.any() != Some(false));
        Ok(ready.map(|((token, ..), _)| *token).collect())
    }

    fn timeout(&self) -> PollTimeout {
        let rests = self.stage.pumps.iter().filter_map(pump::Pump::rests_at);
        let Some(deadline) = rests.chain(self.deadline).min() else { return PollTimeout::NONE };
        let left = deadline.saturating_duration_since(Instant::now());
        // Rounded up, so that the time is over when poll returns.
        let milliseconds = left.as_millis() + 1;
        i32::try_from(milliseconds)
            .map_or(PollTimeout::MAX, |ms| PollTimeout::try_from(ms).unwrap_or(PollTimeout::MAX))
    }

    fn handle(&mut self, token: Token) -> io::Result<()> {
        match token {
            Token::Signals => self.read_signals(),
            Token::Monitor => self.read_changes(),
            Token::Relay => match &self.stage.relay {
                Some(relay) => relay.turn(self.stage.command),
                None => Ok(()),
            },
            Token::Keys => {
                if let Some(outer) = &mut self.stage.outer {
                    outer.turn();
                }
                Ok(())
            }
            Token::Pump(index) => match self.stage.pumps.get_mut(index) {
                Some(pump) => pump.turn(&mut self.chunk),
                None => Ok(()),
            },
        }
    }

    fn read_signals(&mut self) -> io::Result<()> {
        while let Some(received) = self.signals.next()? {
            if received.number == libc::SIGCHLD {
                self.reap()?;
            } else if !self.is_our_own(received) {
                self.step(Event::Signal(received))?;
            }
        }
        Ok(())
    }

    /// Whether the signal says nothing to the command: it comes from us (as SIGPIPE does), or from the
    /// command's own process group, which is ours, so that the command has it already.
    fn is_our_own(&self, received: Received) -> bool {
        let own = nix::unistd::getpid().as_raw();
        if received.of_kernel || received.sender == 0 {
            return false;
        }
        let shared = matches!(self.state.terms.place, Place::OurGroup { .. });
        received.sender == own || shared && tree::descends(received.sender, own)
    }

    fn reap(&mut self) -> io::Result<()> {
        loop {
            match wait::next()? {
                Waited::Changed(pid, change) if pid == self.stage.command => {
                    self.changed(change)?;
                }
                Waited::Changed(..) => {}
                Waited::Nothing => return Ok(()),
                Waited::Childless => {
                    // A command that is no longer there can only have been killed with its monitor.
                    if self.is_alive() && self.stage.monitor.is_none() {
                        self.step(Event::Ended(Ending::Signal(9)))?;
                    }
                    return self.step(Event::Alone);
                }
            }
        }
    }

    fn read_changes(&mut self) -> io::Result<()> {
        while let Some(monitor) = &self.stage.monitor {
            match monitor.next()? {
                Report::Changed(change) => self.changed(change)?,
                Report::Nothing => return Ok(()),
                Report::Ended => {
                    // From now on the command is our own child.
                    self.stage.monitor = None;
                    return self.reap();
                }
            }
        }
        Ok(())
    }

    fn changed(&mut self, change: Change) -> io::Result<()> {
        self.step(match change {
            Change::Exited(code) => Event::Ended(Ending::Code(code)),
            Change::Killed(number) => {
                Event::Ended(Ending::Signal(u8::try_from(number).unwrap_or(0)))
            }
            Change::Stopped(number) => Event::Stopped(number),
            Change::Continued => Event::Continued,
        })
    }

    fn is_alive(&self) -> bool {
        matches!(self.state.phase, Phase::Running | Phase::Leaving { .. } | Phase::Killed)
    }

    fn step(&mut self, event: Event) -> io::Result<()> {
        for action in self.state.step(event, Instant::now()) {
            self.act(action)?;
        }
        Ok(())
    }

    fn act(&mut self, action: Action) -> io::Result<()> {
        match action {
            Action::Forward(received) => self.forward(received)?,
            Action::Kill => self.signal_group(libc::SIGKILL)?,
            Action::EndRest(number) => return self.end_rest(number),
            Action::Stop(number) => return self.stop(number),
            Action::Resume => self.resume()?,
            Action::Resize => return self.resize(),
            Action::Arm(time) => self.deadline = Instant::now().checked_add(time),
            Action::Disarm => self.deadline = None,
            Action::CloseOutput => {
                for pump in &mut self.stage.pumps {
                    pump.close();
                    pump.turn(&mut self.chunk)?;
                }
            }
            Action::Finish(ending) => self.finished = Some(ending),
        }
        Ok(())
    }

    /// A value is for the command alone: the kernel queues none for a group.
    fn forward(&mut self, received: Received) -> io::Result<()> {
        self.interrupted |= matches!(received.number, libc::SIGINT | libc::SIGQUIT);
        match received.value {
            Some(value) => signals::queue(self.stage.command, received.number, value),
            None => self.signal_group(received.number),
        }
    }

    /// Signals the command's process group. Where that is ours too, there are others in it who are
    /// not the command's, as in a pipeline: they are spared.
    fn signal_group(&self, number: i32) -> io::Result<()> {
        if !matches!(self.state.terms.place, Place::OurGroup { .. }) {
            return signals::send(-self.stage.command, number);
        }
        let group = nix::unistd::getpgrp().as_raw();
        for pid in tree::descendants(nix::unistd::getpid().as_raw()) {
            if pid == self.stage.command || tree::group(pid) == Some(group) {
                signals::send(pid, number)?;
            }
        }
        Ok(())
    }

    fn end_rest(&mut self, number: i32) -> io::Result<()> {
        // Mostly nobody is left, and then nobody need be looked for.
        self.reap()?;
        if !matches!(self.state.phase, Phase::Sweeping { .. }) {
            return Ok(());
        }
        let own = nix::unistd::getpid().as_raw();
        if own == 1 {
            signals::send(-1, number)?;
        } else {
            for pid in tree::descendants(own) {
                signals::send(pid, number)?;
            }
        }
        self.reap()
    }

    fn stop(&mut self, number: i32) -> io::Result<()> {
        for pump in &mut self.stage.pumps {
            pump.turn(&mut self.chunk)?;
        }
        let of_terminal = matches!(number, libc::SIGTTIN | libc::SIGTTOU);
        if let Some(outer) = &mut self.stage.outer {
            // It was in the background a moment ago, and is not any more.
            if of_terminal && outer.is_foreground() {
                return self.resume();
            }
            outer.give_back();
        }
        if let Some(shared) = &self.stage.shared {
            shared.reclaim(self.stage.command);
        }
        let of_group = of_terminal || number == libc::SIGTSTP;
        let whole = self.stage.outer.is_some() && of_group;
        signals::stop_by(number, if whole { Extent::Group } else { Extent::Process })?;
        self.reap()?;
        self.step(Event::Resumed)
    }

    fn resume(&mut self) -> io::Result<()> {
        let foreground = match &mut self.stage.outer {
            Some(outer) => outer.take()?,
            None => false,
        };
        match &self.stage.monitor {
            Some(monitor) => monitor.resume(foreground),
            None => self.signal_group(libc::SIGCONT),
        }
    }

    fn resize(&self) -> io::Result<()> {
        if let Some(outer) = &self.stage.outer {
            outer.resize();
        }
        let mut sized = self.stage.pumps.iter().filter(|pump| pump.is_sized()).peekable();
        // Such a terminal has no foreground that the kernel would tell, and what ours told may have
        // come before the size.
        let tell = sized.peek().is_some();
        sized.for_each(pump::Pump::resize);
        if tell { self.signal_group(libc::SIGWINCH) } else { Ok(()) }
    }

    /// The last things before we end: the terminal, what the service manager was told, and the jobs
    /// beside us.
    fn end(&mut self, ending: Ending) -> io::Result<()> {
        if let Some(relay) = &self.stage.relay {
            relay.turn(self.stage.command)?;
        }
        if let Some(shared) = &self.stage.shared {
            shared.end(self.stage.command, ending);
        }
        if let Some(outer) = &mut self.stage.outer {
            let foreground = outer.is_foreground();
            outer.end(ending);
            // The key that ended the command would have reached all of the job: the script that we
            // are in, the other end of the pipeline.
            if let Ending::Signal(number @ (2 | 3)) = ending
                && foreground
                && !self.interrupted
            {
                signals::send(0, i32::from(number))?;
            }
        }
        // Nobody is left to pass these on to, and our end is decided.
        while self.signals.next()?.is_some() {}
        Ok(())
    }
}
