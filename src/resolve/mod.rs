//! From many sources to one list of variables: fetch · filter · map · refuse. All but `fetch` is
//! pure, and nothing here knows the inherited environment or the command.

mod fetch;
mod glob;
mod map;
mod name;
mod reserved;
mod shape;
mod transform;

use std::fmt;

use crate::provider;

pub use fetch::fetch;
pub use glob::Globs;
pub use map::{Entry, Left, Problem, Reason, Resolution, resolve};
pub use reserved::{GROUPS, Group, is_reserved};
pub use shape::Shape;
pub use transform::{Transform, UnknownTransform};

/// Why the sources give no environment.
#[derive(Debug)]
pub enum Error {
    /// A source gave nothing.
    Source {
        /// The source's name in the configuration.
        source_name: String,
        /// What it said. It is no cause of this error but its text, with the source's name before.
        error: provider::Error,
    },
    /// Some secrets cannot or may not become variables.
    Refused(Vec<Problem>),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // It names the file, which says more than the source's name.
            Self::Source { error: error @ provider::Error::Dotenv(_), .. } => error.fmt(f),
            Self::Source { source_name, error } => write!(f, "source `{source_name}`: {error}"),
            Self::Refused(problems) => f.write_str(&list(problems)),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source { error, .. } => error.source(),
            Self::Refused(_) => None,
        }
    }
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Source { error, .. } => error.hint(),
            Self::Refused(problems) => Some(hints(problems)),
        }
    }
}

/// What can be done about each, one a line.
fn hints(problems: &[Problem]) -> String {
    let mut hints: Vec<_> = problems.iter().map(Problem::hint).collect();
    hints.dedup();
    hints.join("\n  hint: ")
}

/// One problem a line; the first line stands behind `hushed: `.
fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  and: ")
}
