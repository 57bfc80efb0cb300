//! From many sources to one list of variables: fetch · filter · map · refuse. All but `fetch` and
//! `cached` is pure, and nothing here knows the inherited environment or the command.

mod cache_notice;
mod cached;
mod fetch;
mod map;
mod name;
mod objects;
mod reserved;
mod rules;
mod shell;
mod transform;

use std::fmt;
use std::time::Duration;

use crate::provider;
use crate::secret::Age;

pub use crate::config::Globs;
pub use cache_notice::{CacheMiss, CacheNotice};
pub use cached::CachedSource;
pub use fetch::{Inherited, fetch};
pub use map::{ExclusionReason, Problem, ProblemKind, Resolution, ResolvedVariable, resolve};
pub use reserved::{RESERVED_NAMES, ReservedNames, is_reserved};
pub use rules::MappingRules;
pub use shell::{SHELLS, Shell, ShellEffects};
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
    /// Only the cache was to be asked, and it does not do.
    Offline {
        /// The source's name in the configuration.
        source_name: String,
        /// What is missing.
        missing: CacheMiss,
    },
    /// The login was refused a moment ago, and is not tried again yet.
    Withheld {
        /// The source's name in the configuration.
        source_name: String,
        /// How long ago it was refused.
        ago: Duration,
        /// How long after that it is tried again.
        pause: Duration,
    },
    /// Some secrets cannot or may not become variables.
    Refused(Vec<Problem>),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // It names the file, which says more than the source's name.
            Self::Source { error, .. } if error.names_its_place() => error.fmt(f),
            Self::Source { source_name, error } => write!(f, "source `{source_name}`: {error}"),
            Self::Offline { source_name, missing } => {
                write!(f, "source `{source_name}`: no server is asked (--offline), and {missing}")
            }
            Self::Withheld { source_name, ago, .. } => write!(
                f,
                "source `{source_name}`: the server refused this login {} ago, and it is not tried \
                 again so soon",
                Age(*ago)
            ),
            Self::Refused(problems) => f.write_str(&list(problems)),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source { error, .. } => error.source(),
            Self::Offline { .. } | Self::Withheld { .. } | Self::Refused(_) => None,
        }
    }
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Source { error, .. } => error.hint(),
            Self::Offline { missing, .. } => Some(missing.hint()),
            Self::Withheld { ago, pause, .. } => Some(format!(
                "too many logins lock an identity out: correct the credential, which is tried at \
                 once, or wait {} s",
                pause.saturating_sub(*ago).as_secs() + 1
            )),
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
