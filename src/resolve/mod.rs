//! From many sources to one list of variables: fetch · filter · map · refuse. All but `fetch` is
//! pure, and nothing here knows the inherited environment or the command.

mod fetch;
mod glob;
mod map;
mod name;
mod reserved;
mod shape;
mod transform;

pub use fetch::fetch;
pub use glob::Globs;
pub use map::{Entry, Left, Problem, Reason, Resolution, resolve};
pub use reserved::{GROUPS, Group, is_reserved};
pub use shape::Shape;
pub use transform::{Transform, UnknownTransform};

/// Why the sources give no environment.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A source gave nothing.
    #[error("no secrets from `{source_name}`")]
    Source {
        /// The source's name in the configuration.
        source_name: String,
        /// What it said.
        #[source]
        error: crate::provider::Error,
    },
    /// Some secrets cannot or may not become variables.
    #[error("{}", list(.0))]
    Refused(Vec<Problem>),
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Source { error, .. } => error.hint(),
            Self::Refused(problems) => problems.first().map(Problem::hint),
        }
    }
}

/// One problem a line; the first line stands behind `hushed: `.
fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  and: ")
}
