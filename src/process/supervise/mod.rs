//! Supervise mode: we stay as the command's parent, as faithful as if we were not there, and its output
//! passes through filters. It knows nothing of what a filter does.
//!
//! `state` decides (an event goes in, actions come out), `watch` is the loop that finds the events and
//! does the actions, `stage` starts the command, `pump` moves its output, `terminal` keeps ours right,
//! `notify` passes on what it tells the service manager.

mod filter;
mod notify;
mod outlet;
mod pump;
mod stage;
mod state;
#[cfg(test)]
mod table;
mod terminal;
mod tree;
mod watch;

pub use filter::{Filter, PassThrough, Sink};
pub use state::Ending;

use std::fmt;
use std::time::Duration;

use super::{Error, Image, Program};
use crate::sys::signals::Blocked;

/// Signals, held back so that the command gets them once it is there.
#[derive(Debug)]
pub struct Signals(Blocked);

impl Signals {
    /// Holds all signals back that can be. To be called before any thread exists; when it drops, what
    /// has come meanwhile has its effect.
    pub fn block() -> Result<Self, Error> {
        Blocked::new().map(Self).map_err(Error::Signals)
    }
}

/// How the command is supervised.
pub struct Supervision {
    /// What its standard output passes through; `None` leaves it ours.
    pub stdout: Option<Box<dyn Filter>>,
    /// The same for its standard error. Where both are one terminal, all passes through `stdout`.
    pub stderr: Option<Box<dyn Filter>>,
    /// Whether all that descends from it is ended after it.
    pub init: bool,
    /// How long it has after SIGTERM, before SIGKILL.
    pub grace: Duration,
}

impl fmt::Debug for Supervision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { init, grace, .. } = self;
        f.debug_struct("Supervision").field("init", init).field("grace", grace).finish()
    }
}

/// A command that runs as our child. What it was started with is not needed any more, and can be wiped.
pub struct Supervised<'a>(watch::Watch<'a>);

impl fmt::Debug for Supervised<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Supervised").finish_non_exhaustive()
    }
}

impl Supervised<'_> {
    /// Supervises the command until it and its output have ended; how it ended.
    pub fn wait(self) -> Result<Ending, Error> {
        self.0.run()
    }
}

/// Starts the command as our child. If we end, so does the command.
pub fn supervise<'a>(
    program: &Program,
    image: &Image<'_>,
    supervision: Supervision,
    signals: &'a Signals,
) -> Result<Supervised<'a>, Error> {
    let (stage, terms) = stage::start(program, image, supervision, &signals.0)?;
    Ok(Supervised(watch::Watch::new(stage, terms, &signals.0)))
}

/// Ends this process by the signal that ended the command. Returns only where that cannot be.
pub fn die_of(number: u8) {
    crate::sys::signal::die_of(number);
}
