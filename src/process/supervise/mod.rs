//! Supervision: hushed stays as the parent of the command, as transparently as possible, and passes its output
//! through filters.
//!
//! `state` decides (an event goes in, actions come out); `event_loop` detects the events and performs the
//! actions. `start` and `streams` start the command, `output_relay` moves its output, `signal_target` tells which
//! signals it has received itself, `notify` relays its messages to the service manager.
//!
//! ```text
//! shared terminal                              inner terminal (an interactive shell)
//! keys ──> terminal ──> command                keys ──> terminal ──> hushed ──> PTY ──> command
//!            ^             │ stdout, stderr               ^            ^         │
//!            └── hushed <──┘ (PTY or pipe)                └────────────┴─────────┘
//! one session, one process group               a session of the command's own
//! ```

mod carriage_returns;
mod controlling_terminal;
mod event_loop;
mod filter;
mod key_buffer;
mod key_forwarding;
mod notify;
mod outer_terminal;
mod output_relay;
mod output_writer;
mod process_tree;
mod signal_target;
mod start;
mod state;
#[cfg(test)]
mod state_tests;
mod streams;
mod terminal_choice;
mod terminal_mirror;

pub use filter::{OutputFilter, OutputSink, PassThroughFilter};
pub use state::CommandExit;
pub use terminal_choice::{TerminalChoice, TerminalDecision, TerminalMode, choose_terminal};

use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use super::{Error, ExecArguments, Program};
use crate::sys::signals::BlockedSignals;

/// Blocked signals, which the command gets once it runs.
#[derive(Debug)]
pub struct HeldSignals(BlockedSignals);

impl HeldSignals {
    /// Blocks all signals that can be blocked, before any thread exists. When this is dropped, pending signals
    /// take effect.
    pub fn block() -> Result<Self, Error> {
        BlockedSignals::all().map(Self).map_err(Error::Signals)
    }
}

/// How the command is supervised.
#[expect(missing_debug_implementations, reason = "filters need no Debug")]
pub struct SupervisionOptions {
    /// The filter of its standard output; `None` leaves it the inherited one.
    pub stdout: Option<Box<dyn OutputFilter>>,
    /// The same for its standard error. If both go to one place, all output passes through `stdout`.
    pub stderr: Option<Box<dyn OutputFilter>>,
    /// What replaces a terminal that a filtered stream goes to.
    pub terminal: TerminalMode,
    /// Whether all its descendants are terminated after it.
    pub init: bool,
    /// How long after SIGTERM it is sent SIGKILL; `None` for never.
    pub kill_after: Option<Duration>,
    /// A child of hushed that is none of the command's, and must not be ended with the command's descendants.
    pub companion: Option<i32>,
    /// What else hushed does while the command runs.
    pub task: Option<Box<dyn BackgroundTask>>,
    /// Whether a service manager started hushed: it may signal each process of the unit by itself.
    pub managed: bool,
}

/// Work that waits for a descriptor while the command runs.
pub trait BackgroundTask {
    /// The descriptor that it waits for.
    fn as_fd(&self) -> BorrowedFd<'_>;

    /// Does the work when the descriptor can be read. It must not block.
    fn handle(&mut self);
}

/// How a supervised command ended.
#[derive(Debug)]
pub struct SupervisionResult {
    /// Its exit status.
    pub exit: CommandExit,
    /// Why some of its output could not be written.
    pub output_error: Option<io::Error>,
}

impl SupervisionResult {
    /// The exit status and the output error. The error is returned as `Err` if the command exited with 0 or died of
    /// SIGPIPE, because the lost output may be all that was wanted.
    pub fn checked(self) -> Result<(CommandExit, Option<Error>), Error> {
        match (self.exit, self.output_error.map(Error::Output)) {
            (CommandExit::Code(0) | CommandExit::Signal(SIGPIPE), Some(error)) => Err(error),
            (exit, error) => Ok((exit, error)),
        }
    }
}

/// The number of SIGPIPE.
const SIGPIPE: u8 = 13;

/// A problem that does not end supervision.
#[derive(Debug, thiserror::Error)]
pub enum SupervisionWarning {
    /// The process belongs to another user.
    #[error("cannot send signal {number} to process {pid}: operation not permitted")]
    SignalRefused {
        /// The signal.
        number: i32,
        /// The process; -1 for all.
        pid: i32,
    },
}

/// A command that runs as a child of hushed. The arguments that it was started with can be wiped.
#[expect(missing_debug_implementations, reason = "filters need no Debug")]
pub struct SupervisedCommand<'a>(event_loop::EventLoop<'a>);

impl SupervisedCommand<'_> {
    /// Supervises the command until it and its output have ended.
    pub fn wait(
        self,
        warn: &mut dyn FnMut(SupervisionWarning),
    ) -> Result<SupervisionResult, Error> {
        self.0.run(warn)
    }
}

/// Starts the command as a child. It is killed if hushed dies.
pub fn supervise<'a>(
    program: &Program,
    arguments: &ExecArguments<'_>,
    mut options: SupervisionOptions,
    signals: &'a HeldSignals,
) -> Result<SupervisedCommand<'a>, Error> {
    let (managed, companion, task) = (options.managed, options.companion, options.task.take());
    let (started, policy) = start::start(program, arguments, options, &signals.0)?;
    let event_loop = event_loop::EventLoop::new(started, policy, managed, &signals.0);
    Ok(SupervisedCommand(event_loop.beside(companion, task)))
}

/// Terminates this process by the signal that killed the command. Returns only where that is not possible.
pub fn terminate_by_signal(number: u8) {
    crate::sys::signals::terminate_by_signal(number);
}
