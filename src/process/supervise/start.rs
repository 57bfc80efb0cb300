//! All that the command finds when it starts: its streams, its terminal, its place among the processes,
//! its environment. It waits for nothing but the exec.

use std::ffi::CStr;
use std::os::fd::{AsFd as _, OwnedFd};

use nix::libc;

use super::audience::take_signals;
use super::controlling::ControllingTerminal;
use super::inner::Outer;
use super::keys::KeyForwarding;
use super::notify::Relay;
use super::output::OutputRelay;
use super::state::Policy;
use super::streams::{InnerTerminal, Streams};
use super::{Error, Image, Program, Supervision};
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

/// The command, and all that was opened for it.
pub(super) struct Started {
    pub command: i32,
    /// What leads its session, where it has one of its own.
    pub monitor: Option<Monitor>,
    /// What tells signals to our process group from those to us, where it is the command's as well.
    pub witness: Option<GroupWitness>,
    pub outputs: Vec<OutputRelay>,
    pub outer: Option<Outer>,
    pub controlling: Option<ControllingTerminal>,
    pub keys: Option<KeyForwarding>,
    pub relay: Option<Relay>,
    /// Signals that came before there was a command.
    pub early: Vec<ReceivedSignal>,
}

/// Starts the command.
pub(super) fn start(
    program: &Program,
    image: &Image<'_>,
    supervision: Supervision,
    signals: &BlockedSignals,
) -> Result<(Started, Policy), Error> {
    let Supervision { stdout, stderr, terminal, init, kill_after, managed: _ } = supervision;
    child::become_subreaper().map_err(Error::Start)?;
    let relay = Relay::open(image.environment).map_err(Error::Notify)?;
    let own_variable = relay.as_ref().map(Relay::variable);
    let environment = environment(image.environment, own_variable.as_deref());
    let (argv, files) = (argv(image.command)?, files(program)?);
    let mut launch = PreparedExec::new(files, program.is_searched(), &argv, &environment);
    launch.retarget_pid_variables(&environment);

    let mut streams = Streams::open(stdout, stderr, terminal)?;
    let policy = Policy {
        own_session: streams.inner.is_some(),
        kill_after,
        sweep: init,
        term_ignored: is_ignored(libc::SIGTERM),
    };
    block_stops().map_err(Error::Signals)?;
    let early = pending(signals).map_err(Error::Signals)?;
    let explain = |refusal| match refusal {
        SpawnError::Exec(failure) => explain(program, failure),
        SpawnError::Setup(error) => Error::Start(error),
    };
    // The command's ends close here, once it has them: else its output would never end.
    let ends = std::mem::take(&mut streams.ends);
    let mut setup = ChildSetup {
        streams: ends.each_ref().map(|end| end.as_ref().map(OwnedFd::as_fd)),
        mask: signals.inherited(),
        own_group: policy.own_session,
        foreground: None,
    };
    let mut started = Started {
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
    if let Some(inner) = streams.inner {
        let (monitor, outer) = start_session(&mut launch, &mut setup, inner).map_err(explain)?;
        started.command = monitor.command;
        (started.monitor, started.outer) = (Some(monitor), Some(outer));
        return Ok((started, policy));
    }
    started.controlling = ControllingTerminal::open();
    if let (Some((master, name)), Some(terminal)) = (streams.mirrored, &started.controlling) {
        let terminal = terminal.as_fd().try_clone_to_owned().map_err(Error::Streams)?;
        // Who cannot be told of keys forwards none.
        started.keys = KeyForwarding::new(terminal, master, name).ok();
    }
    started.command = child::spawn(&mut launch, &setup).map_err(explain)?;
    drop(ends);
    Ok((started, policy))
}

impl Started {
    /// Prepares for a command that goes on: starts the witness, and lets go of what only the start needed
    /// and of what the command has inherited from us, so that whoever is at the other end sees what the
    /// command does with it. Many commands are over before this.
    pub(super) fn prepare_long_run(&mut self) {
        if self.monitor.is_none() {
            // Without one, signals of the kernel are taken for the terminal's, and all others for ours.
            self.witness = GroupWitness::start().ok();
            if !was_closed_at_start(0) {
                stream::replace_with_null(0);
            }
            if !was_closed_at_start(1)
                && !self.outputs.iter().any(|output| output.streams().contains(&1))
            {
                stream::replace_with_null(1);
            }
            stream::close_inherited_descriptors();
        }
        release_program_pages();
    }
}

/// The signals that came before there was a command, but for those that say nothing to it.
fn pending(signals: &BlockedSignals) -> std::io::Result<Vec<ReceivedSignal>> {
    let mut early = take_signals(signals, &mut false)?;
    early.retain(|received| !matches!(received.number, libc::SIGCONT | libc::SIGWINCH));
    Ok(early)
}

fn environment<'a>(given: &[&'a CStr], socket: Option<&'a CStr>) -> Vec<&'a CStr> {
    let own = |string: &&'a CStr| match socket {
        Some(socket) if Relay::replaces(string) => socket,
        _ => *string,
    };
    given.iter().map(own).collect()
}

/// Starts the command in a session of its own, on a terminal of its own.
fn start_session(
    launch: &mut PreparedExec<'_>,
    setup: &mut ChildSetup<'_>,
    inner: InnerTerminal,
) -> Result<(Monitor, Outer), SpawnError> {
    let InnerTerminal { slave, mut outer, modes } = inner;
    outer.feed_first_line(slave.as_fd()).map_err(SpawnError::Setup)?;
    let foreground = outer.take().map_err(SpawnError::Setup)?;
    let setup = ChildSetup { foreground: foreground.then_some(slave.as_fd()), ..*setup };
    let session =
        SessionSetup { terminal: slave.as_fd(), outer: Some((outer.own(), modes)), foreground };
    let monitor = monitor::spawn(launch, &setup, &session)?;
    Ok((monitor, outer))
}
