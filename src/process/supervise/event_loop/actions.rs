//! What `state` has decided, done.

use std::io;
use std::time::{Duration, Instant};

use nix::libc;
use nix::unistd::getpid;

use super::super::mirror::TerminalMirror;
use super::super::output::OutputRelay;
use super::super::state::{Action, Ending, Event, Phase};
use super::super::{Notice, tree};
use super::EventLoop;
use crate::sys::signals::{self, ReceivedSignal, StopTarget};

impl EventLoop<'_> {
    pub(super) fn act(&mut self, action: Action) -> io::Result<()> {
        let command = self.started.command;
        match action {
            Action::Forward(ReceivedSignal { number, value: Some(value), .. }) => {
                self.report_refused(
                    signals::send_with_value(command, number, value),
                    number,
                    command,
                )?;
            }
            Action::Forward(ReceivedSignal { number, value: None, .. }) => {
                self.report_refused(signals::send(command, number), number, command)?;
            }
            Action::Kill => {
                let sent = signals::send(command, libc::SIGKILL);
                self.report_refused(sent, libc::SIGKILL, command)?;
            }
            Action::SignalDescendants(number) => return self.signal_descendants(number),
            Action::Stop(number) => return self.stop(number),
            Action::Continue => {
                let sent = self.resume();
                self.report_refused(sent, libc::SIGCONT, command)?;
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

    fn signal_descendants(&mut self, number: i32) -> io::Result<()> {
        // Mostly nobody is left, and then nobody need be looked for.
        self.reap()?;
        if !matches!(self.state.phase, Phase::Sweeping { .. }) {
            return Ok(());
        }
        let own = getpid().as_raw();
        let pids = if own == 1 { vec![-1] } else { tree::descendants(own) };
        for pid in pids {
            self.report_refused(signals::send(pid, number), number, pid)?;
        }
        self.reap()
    }

    /// Stops as the command has stopped; returns when we run again.
    fn stop(&mut self, number: i32) -> io::Result<()> {
        for output in &mut self.started.outputs {
            output.relay(&mut self.chunk);
            output.rest(Instant::now() + Duration::from_secs(1));
        }
        let from_terminal = matches!(number, libc::SIGTTIN | libc::SIGTTOU);
        let mut extent = StopTarget::Process;
        if let Some(outer) = &mut self.started.outer {
            // It was in the background a moment ago, and is not any more.
            if from_terminal && outer.is_foreground() {
                return self.resume();
            }
            outer.give_back();
            if from_terminal || number == libc::SIGTSTP {
                extent = StopTarget::Group;
            }
        }
        let command = self.started.command;
        let group = self.started.controlling.as_ref().and_then(|terminal| {
            let group = terminal.foreground_of_command(command);
            terminal.reclaim(command);
            group
        });
        let stopped = signals::stop_self(number, extent)?;
        if self.started.outer.is_some() {
            signals::take_continue();
        }
        if let (Some(terminal), Some(group)) = (&self.started.controlling, group) {
            terminal.hand_over(group);
        }
        self.copy_modes();
        self.copy_size();
        self.step(Event::Resumed { stopped })
    }

    /// Stops our process group, as the kernel does to whoever writes from the background of a terminal in
    /// `tostop` mode; returns when we run again.
    pub(super) fn stop_for_output(&mut self) -> io::Result<()> {
        let stopped = signals::stop_self(libc::SIGTTOU, StopTarget::Group)?;
        let ends = |received: &ReceivedSignal| {
            matches!(received.number, libc::SIGTERM | libc::SIGINT | libc::SIGHUP | libc::SIGQUIT)
        };
        // An orphaned process group cannot be stopped: its writes fail. And who is asked to end while it
        // waits to write does not wait any longer.
        let writes_no_more = self.read_signals()?.iter().any(ends) || !stopped;
        for output in self.started.outputs.iter_mut().filter(|output| output.must_stop()) {
            if writes_no_more {
                output.abandon();
            } else {
                output.try_again();
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
            Some(monitor) => monitor.continue_command(foreground),
            None => signals::send(self.started.command, libc::SIGCONT),
        }
    }

    /// Gives the command's terminal the size of ours.
    pub(super) fn copy_size(&mut self) {
        if let Some(outer) = &self.started.outer {
            outer.resize();
        }
        let mirrors = self.started.outputs.iter_mut().filter_map(OutputRelay::mirror);
        mirrors.for_each(TerminalMirror::copy_size);
    }

    /// Tells of a size that was copied. The kernel has told the command of ours, perhaps before its own had
    /// the new size.
    pub(super) fn report_size(&mut self) {
        let mirrors = self.started.outputs.iter_mut().filter_map(OutputRelay::mirror);
        let resized = mirrors.filter_map(|mirror| mirror.take_resized().then_some(())).count() > 0;
        if resized && self.is_alive() {
            let _gone = signals::send(0, libc::SIGWINCH);
        }
    }

    /// The last things before we end: the terminal, what the service manager was told, and the jobs
    /// beside us.
    pub(super) fn end(&mut self, ending: Ending) -> io::Result<()> {
        if let Some(relay) = &self.started.relay {
            let _lost = relay.turn(self.started.command);
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

    /// Tells of a signal that we may not send, as to a command that is another user now; that is no reason
    /// to leave it alone.
    fn report_refused(&mut self, sent: io::Result<()>, number: i32, pid: i32) -> io::Result<()> {
        match sent {
            Err(error) if error.raw_os_error() == Some(libc::EPERM) => {
                self.notices.push(Notice::SignalRefused { number, pid });
                Ok(())
            }
            other => other,
        }
    }
}
