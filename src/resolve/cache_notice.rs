//! What the user is told of a cache: that it served, that it is of no use, or why it alone does not do.

use std::fmt;
use std::time::Duration;

use crate::cache;
use crate::message::in_one_line;
use crate::secret::Age;

/// What is to be said of a cache.
#[derive(Debug)]
pub enum CacheNotice {
    /// The secrets are from the cache.
    Served {
        /// The source.
        source: String,
        /// How old they are.
        age: Duration,
        /// Why the server did not give them, if it was asked.
        because: Option<String>,
    },
    /// The cache is of no use now.
    Trouble {
        /// The source.
        source: String,
        /// Why.
        why: String,
    },
}

/// Why a cache alone does not do.
#[derive(Debug)]
pub enum CacheMiss {
    /// It has no such entry.
    Nothing,
    /// It has one that cannot be used.
    Unusable(cache::Error),
    /// It has one that is too old.
    Old {
        /// Its age.
        age: Duration,
        /// The greatest age that is accepted.
        limit: Duration,
    },
}

impl fmt::Display for CacheNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Served { source, age, because } => {
                write!(f, "source `{source}` is from the cache, {} old", Age(*age))?;
                because.as_ref().map_or(Ok(()), |why| write!(f, ": {why}"))
            }
            Self::Trouble { source, why } => {
                write!(f, "the cache of source `{source}` is not used: {why}")
            }
        }
    }
}

impl fmt::Display for CacheMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("the cache has no entry for it"),
            Self::Unusable(error) => f.write_str(&in_one_line(error)),
            Self::Old { age, limit } => {
                write!(
                    f,
                    "its entry is {} old, and at most {} are accepted",
                    Age(*age),
                    Age(*limit)
                )
            }
        }
    }
}

impl CacheMiss {
    pub(super) fn hint(&self) -> String {
        match self {
            Self::Nothing => "an entry is for one server, identity, place and set of options: run \
                              it once with the same, with --cache fallback, while the server is \
                              there"
                .to_owned(),
            Self::Unusable(error) => error.hint().unwrap_or_default(),
            Self::Old { .. } => "accept it with --cache-max-age, or ask the server".to_owned(),
        }
    }
}
