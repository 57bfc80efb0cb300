//! Supervise mode: we stay as the command's parent, as faithful as if we were not there, and its output
//! passes through filters. It knows nothing of what a filter does.
//!
//! `state` decides (an event goes in, actions come out); `event_loop` finds the events and does the
//! actions. `start` and `streams` start the command, `output` moves what it writes, `audience` tells which
//! signals it has got already, `notify` passes on what it tells the service manager.
//!
//! ```text
//! shared terminal                              inner terminal (an interactive shell)
//! keys ──> terminal ──> command                keys ──> terminal ──> hushed ──> PTY ──> command
//!            ^             │ stdout, stderr               ^            ^         │
//!            └── hushed <──┘ (PTY or pipe)                └────────────┴─────────┘
//! one session, one process group               a session of the command's own
//! ```

mod arrangement;
mod audience;
mod controlling;
mod event_loop;
mod filter;
mod inner;
mod keys;
mod mirror;
mod newline;
mod notify;
mod outlet;
mod output;
mod start;
mod state;
mod streams;
#[cfg(test)]
mod table;
mod tree;

pub use arrangement::{Arrangement, TerminalChoice, TerminalMode, choose_terminal};
pub use filter::{Filter, PassThrough, Sink};
pub use state::Ending;

use std::fmt;
use std::io;
use std::time::Duration;

use super::{Error, Image, Program};
use crate::sys::signals::BlockedSignals;

/// Signals, held back so that the command gets them once it is there.
#[derive(Debug)]
pub struct Signals(BlockedSignals);

impl Signals {
    /// Holds all signals back that can be. To be called before any thread exists; when it drops, what
    /// has come meanwhile has its effect.
    pub fn block() -> Result<Self, Error> {
        BlockedSignals::all().map(Self).map_err(Error::Signals)
    }
}

/// How the command is supervised.
pub struct Supervision {
    /// What its standard output passes through; `None` leaves it ours.
    pub stdout: Option<Box<dyn Filter>>,
    /// The same for its standard error. Where both go to one place, all passes through `stdout`.
    pub stderr: Option<Box<dyn Filter>>,
    /// What takes the place of a terminal that a filtered stream goes to.
    pub terminal: TerminalMode,
    /// Whether all that descends from it is ended after it.
    pub init: bool,
    /// How long after SIGTERM it is sent SIGKILL, if it is.
    pub kill_after: Option<Duration>,
    /// Whether a service manager started us: it may signal each process of its unit by itself.
    pub managed: bool,
}

impl fmt::Debug for Supervision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { terminal, init, kill_after, managed, .. } = self;
        f.debug_struct("Supervision")
            .field("terminal", terminal)
            .field("init", init)
            .field("kill_after", kill_after)
            .field("managed", managed)
            .finish_non_exhaustive()
    }
}

/// How a supervised command ended.
#[derive(Debug)]
pub struct Ended {
    /// Its own end.
    pub ending: Ending,
    /// Why some of its output could not be written, if so.
    pub lost_output: Option<io::Error>,
}

impl Ended {
    /// The end of the command, unless it claims success, or died of a closed pipe, while some of its output
    /// was lost: that may be all that was wanted. The other result is what was lost all the same.
    pub fn checked(self) -> Result<(Ending, Option<Error>), Error> {
        match (self.ending, self.lost_output.map(Error::Output)) {
            (Ending::Code(0) | Ending::Signal(SIGPIPE), Some(lost)) => Err(lost),
            (ending, lost) => Ok((ending, lost)),
        }
    }
}

/// The number of SIGPIPE.
const SIGPIPE: u8 = 13;

/// What happened meanwhile, and is no reason to stop.
#[derive(Debug, thiserror::Error)]
pub enum Notice {
    /// The process belongs to another user.
    #[error("cannot send signal {number} to process {pid}: operation not permitted")]
    SignalRefused {
        /// The signal.
        number: i32,
        /// The process; -1 for all.
        pid: i32,
    },
}

/// A command that runs as our child. What it was started with is not needed any more, and can be wiped.
pub struct Supervised<'a>(event_loop::EventLoop<'a>);

impl fmt::Debug for Supervised<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Supervised").finish_non_exhaustive()
    }
}

impl Supervised<'_> {
    /// Supervises the command until it and its output have ended; how it ended.
    pub fn wait(self, notice: &mut dyn FnMut(Notice)) -> Result<Ended, Error> {
        self.0.run(notice)
    }
}

/// Starts the command as our child. If we end, so does the command.
pub fn supervise<'a>(
    program: &Program,
    image: &Image<'_>,
    supervision: Supervision,
    signals: &'a Signals,
) -> Result<Supervised<'a>, Error> {
    let managed = supervision.managed;
    let (started, policy) = start::start(program, image, supervision, &signals.0)?;
    Ok(Supervised(event_loop::EventLoop::new(started, policy, managed, &signals.0)))
}

/// Ends this process by the signal that ended the command. Returns only where that cannot be.
pub fn terminate_by_signal(number: u8) {
    crate::sys::signals::terminate_by_signal(number);
}
