//! Performs the actions that `state` decides.

use std::io;
use std::time::{Duration, Instant};

use nix::libc;
use nix::unistd::getpid;

use super::super::SupervisionWarning;
use super::super::output_relay::OutputRelay;
use super::super::state::{Action, CommandExit, Event, Phase};
use super::super::terminal_mirror::TerminalMirror;
use super::EventLoop;
use crate::sys::signals::{self, ReceivedSignal, StopTarget};

impl EventLoop<'_> {
    pub(super) fn perform(&mut self, action: Action) -> io::Result<()> {
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
            Action::StartTimer(time) => self.deadline = Instant::now().checked_add(time),
            Action::StopTimer => self.deadline = None,
            Action::CloseOutput => {
                for output in &mut self.started.outputs {
                    output.close();
                    output.relay(&mut self.chunk);
                }
            }
            Action::Finish(exit) => self.finished = Some(exit),
        }
        Ok(())
    }

    fn signal_descendants(&mut self, number: i32) -> io::Result<()> {
        // Usually no descendant is left, and `/proc` need not be searched.
        self.reap()?;
        if !matches!(self.state.phase, Phase::EndingDescendants { .. }) {
            return Ok(());
        }
        let own = getpid().as_raw();
        let is_alone = self.companion.is_none();
        let pids = if own == 1 && is_alone { vec![-1] } else { self.command_descendants() };
        for pid in pids {
            self.report_refused(signals::send(pid, number), number, pid)?;
        }
        self.reap()
    }

    /// Stops hushed as the command was stopped; returns when hushed is continued.
    fn stop(&mut self, number: i32) -> io::Result<()> {
        for output in &mut self.started.outputs {
            output.relay(&mut self.chunk);
            output.report_idle(Instant::now() + Duration::from_secs(1));
        }
        let from_terminal = matches!(number, libc::SIGTTIN | libc::SIGTTOU);
        let mut extent = StopTarget::Process;
        if let Some(outer) = &mut self.started.outer {
            // It was in the background when it was stopped, and is not any more.
            if from_terminal && outer.is_foreground() {
                return self.resume();
            }
            outer.restore_modes();
            if from_terminal || number == libc::SIGTSTP {
                extent = StopTarget::Group;
            }
        }
        let command = self.started.command;
        let group = self.started.controlling.as_ref().and_then(|terminal| {
            let group = terminal.command_foreground_group(command);
            terminal.reclaim_foreground(command);
            group
        });
        let stopped = signals::stop_self(number, extent)?;
        if self.started.outer.is_some() {
            signals::take_continue();
        }
        if let (Some(terminal), Some(group)) = (&self.started.controlling, group) {
            terminal.give_foreground(group);
        }
        self.copy_modes();
        self.copy_size();
        self.step(Event::Resumed { stopped })
    }

    /// Stops hushed's process group, as the kernel stops a background process that writes to a terminal in `tostop`
    /// mode; returns when hushed is continued.
    pub(super) fn stop_for_output(&mut self) -> io::Result<()> {
        let stopped = signals::stop_self(libc::SIGTTOU, StopTarget::Group)?;
        let ends = |received: &ReceivedSignal| {
            matches!(received.number, libc::SIGTERM | libc::SIGINT | libc::SIGHUP | libc::SIGQUIT)
        };
        // An orphaned process group cannot be stopped: its writes fail. After a termination signal hushed does not
        // wait for the terminal any longer.
        let writes_no_more = self.handle_signals()?.iter().any(ends) || !stopped;
        for output in self.started.outputs.iter_mut().filter(|output| output.must_stop()) {
            if writes_no_more {
                output.abandon();
            } else {
                output.retry();
            }
        }
        Ok(())
    }

    fn resume(&mut self) -> io::Result<()> {
        let foreground = match &mut self.started.outer {
            Some(outer) => outer.take_over()?,
            None => false,
        };
        match &self.started.monitor {
            Some(monitor) => monitor.continue_command(foreground),
            None => signals::send(self.started.command, libc::SIGCONT),
        }
    }

    /// Copies the size of hushed's terminal to the command's.
    pub(super) fn copy_size(&mut self) {
        if let Some(outer) = &self.started.outer {
            outer.resize();
        }
        let mirrors = self.started.outputs.iter_mut().filter_map(OutputRelay::mirror);
        mirrors.for_each(TerminalMirror::copy_size);
    }

    /// Sends SIGWINCH after a size was copied: the kernel's SIGWINCH may have reached the command before.
    pub(super) fn report_size(&mut self) {
        let mirrors = self.started.outputs.iter_mut().filter_map(OutputRelay::mirror);
        let resized = mirrors.filter_map(|mirror| mirror.take_resized().then_some(())).count() > 0;
        if resized && self.is_alive() {
            let _gone = signals::send(0, libc::SIGWINCH);
        }
    }

    /// Finishes: relays the last messages, restores the terminal, and signals the rest of the job.
    pub(super) fn finish(&mut self, exit: CommandExit) -> io::Result<()> {
        if let Some(relay) = &self.started.relay {
            let _lost = relay.forward_messages(self.started.command);
        }
        for mirror in self.started.outputs.iter_mut().filter_map(OutputRelay::mirror) {
            mirror.finish_modes();
        }
        self.copy_size();
        if let Some(terminal) = &self.started.controlling {
            terminal.reclaim_foreground(self.started.command);
        }
        if let Some(outer) = &mut self.started.outer {
            let foreground = outer.is_foreground();
            outer.finish(exit);
            // Without hushed, the key would have signaled the whole job: the script that runs hushed, the rest of
            // the pipeline.
            if let CommandExit::Signal(number @ (2 | 3)) = exit
                && foreground
                && !self.interrupted
            {
                let _refused = signals::send(0, i32::from(number));
            }
        }
        // No process is left to forward these to, and the exit status is decided.
        while self.signals.next()?.is_some() {}
        Ok(())
    }

    /// Turns a signal that hushed may not send, as to a command that changed its user, into a warning.
    fn report_refused(&mut self, sent: io::Result<()>, number: i32, pid: i32) -> io::Result<()> {
        match sent {
            Err(error) if error.raw_os_error() == Some(libc::EPERM) => {
                self.warnings.push(SupervisionWarning::SignalRefused { number, pid });
                Ok(())
            }
            other => other,
        }
    }
}
