//! Starts the command: opens its streams, terminal and notification socket, and waits for its exec.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};

use nix::libc;

use super::controlling_terminal::ControllingTerminal;
use super::key_forwarding::KeyForwarding;
use super::notify::NotifyRelay;
use super::outer_terminal::OuterTerminal;
use super::output_relay::OutputRelay;
use super::signal_target::take_signals;
use super::state::Policy;
use super::streams::{CommandStreams, InnerTerminal};
use super::{Error, ExecArguments, Program, SupervisionOptions};
use crate::process::lookup::argv;
use crate::process::replace::{explain, files};
use crate::sys::child::{self, ChildSetup, SpawnError};
use crate::sys::exec::PreparedExec;
use crate::sys::group_witness::GroupWitness;
use crate::sys::inherited::was_closed_at_start;
use crate::sys::memory::release_program_pages;
use crate::sys::monitor::{self, Monitor, SessionSetup};
use crate::sys::signals::{BlockedSignals, ReceivedSignal, block_stops, is_ignored};
use crate::sys::stream;

/// The running command and everything that was opened for it.
pub(super) struct StartedCommand {
    pub command: i32,
    /// The leader of the command's own session, if it has one.
    pub monitor: Option<Monitor>,
    /// Tells signals to the process group from those to hushed alone, if the command is in hushed's group.
    pub witness: Option<GroupWitness>,
    pub outputs: Vec<OutputRelay>,
    pub outer: Option<OuterTerminal>,
    pub controlling: Option<ControllingTerminal>,
    pub keys: Option<KeyForwarding>,
    pub relay: Option<NotifyRelay>,
    /// Signals that arrived before the command was started.
    pub early: Vec<ReceivedSignal>,
}

/// Starts the command.
pub(super) fn start(
    program: &Program,
    arguments: &ExecArguments<'_>,
    options: SupervisionOptions,
    signals: &BlockedSignals,
) -> Result<(StartedCommand, Policy), Error> {
    child::become_subreaper().map_err(Error::Start)?;
    let relay = NotifyRelay::open(arguments.environment).map_err(Error::Notify)?;
    let own_variable = relay.as_ref().map(NotifyRelay::variable);
    let environment = replace_notify_socket(arguments.environment, own_variable.as_deref());
    let (argv, files) = (argv(arguments.command)?, files(program)?);
    let mut exec = PreparedExec::new(files, program.is_searched(), &argv, &environment);
    exec.retarget_pid_variables(&environment);

    let streams = CommandStreams::open(options.stdout, options.stderr, options.terminal)?;
    let policy = Policy {
        own_session: streams.inner.is_some(),
        kill_after: options.kill_after,
        end_descendants: options.init,
        term_ignored: is_ignored(libc::SIGTERM),
    };
    block_stops().map_err(Error::Signals)?;
    let early = early_signals(signals).map_err(Error::Signals)?;
    let mut started = StartedCommand {
        command: 0,
        monitor: None,
        witness: None,
        outputs: streams.outputs,
        outer: None,
        controlling: None,
        keys: None,
        relay,
        early,
    };
    // Dropped after the exec: while hushed holds the command's ends, its output does not end.
    let ends = streams.ends;
    let setup = ChildSetup {
        namespace: arguments.namespace,
        streams: ends.each_ref().map(|end| end.as_ref().map(OwnedFd::as_fd)),
        mask: signals.inherited(),
        own_group: policy.own_session,
        foreground: None,
    };
    let spawned = if let Some(inner) = streams.inner {
        started.spawn_session(&mut exec, &setup, inner)
    } else {
        started.open_controlling_terminal(streams.mirrored).map_err(Error::Streams)?;
        child::spawn(&mut exec, &setup).map(|pid| started.command = pid)
    };
    spawned.map_err(|error| match error {
        SpawnError::Exec(failure) => explain(program, failure),
        SpawnError::Namespace(error) => Error::Namespace(error),
        SpawnError::Setup(error) => Error::Start(error),
    })?;
    Ok((started, policy))
}

impl StartedCommand {
    fn open_controlling_terminal(
        &mut self,
        mirrored: Option<(OwnedFd, std::path::PathBuf)>,
    ) -> io::Result<()> {
        self.controlling = ControllingTerminal::open();
        if let (Some((master, name)), Some(terminal)) = (mirrored, &self.controlling) {
            let terminal = terminal.as_fd().try_clone_to_owned()?;
            // Without epoll, hushed forwards no keys.
            self.keys = KeyForwarding::new(terminal, master, name).ok();
        }
        Ok(())
    }

    /// Starts the command in a session and on a terminal of its own.
    fn spawn_session(
        &mut self,
        exec: &mut PreparedExec<'_>,
        setup: &ChildSetup<'_>,
        inner: InnerTerminal,
    ) -> Result<(), SpawnError> {
        let InnerTerminal { slave, mut outer, modes } = inner;
        outer.feed_first_line(slave.as_fd()).map_err(SpawnError::Setup)?;
        let foreground = outer.take_over().map_err(SpawnError::Setup)?;
        let setup = ChildSetup { foreground: foreground.then_some(slave.as_fd()), ..*setup };
        let terminal = slave.as_fd();
        let session = SessionSetup { terminal, outer: Some((outer.own(), modes)), foreground };
        let monitor = monitor::spawn(exec, &setup, &session)?;
        self.command = monitor.command;
        (self.monitor, self.outer) = (Some(monitor), Some(outer));
        Ok(())
    }

    /// Prepares for a command that runs for a while: starts the witness, releases memory that only the start
    /// needed, and closes what the command has inherited, so that its peers see when the command closes it. Many
    /// commands end before this.
    pub(super) fn prepare_long_run(&mut self) {
        if self.monitor.is_none() {
            // Without a witness, signals from the kernel count as the terminal's, and all others as hushed's.
            self.witness = GroupWitness::start().ok();
            if !was_closed_at_start(0) {
                stream::replace_with_null(0);
            }
            let is_output = self.outputs.iter().any(|output| output.streams().contains(&1));
            if !was_closed_at_start(1) && !is_output {
                stream::replace_with_null(1);
            }
            stream::close_inherited_descriptors();
        }
        release_program_pages();
    }
}

/// The signals that arrived before the start and concern the command.
fn early_signals(signals: &BlockedSignals) -> io::Result<Vec<ReceivedSignal>> {
    let mut early = take_signals(signals, &mut false)?;
    early.retain(|received| !matches!(received.number, libc::SIGCONT | libc::SIGWINCH));
    Ok(early)
}

fn replace_notify_socket<'a>(given: &[&'a CStr], own: Option<&'a CStr>) -> Vec<&'a CStr> {
    let replace = |string: &&'a CStr| match own {
        Some(own) if NotifyRelay::replaces(string) => own,
        _ => string,
    };
    given.iter().map(replace).collect()
}
