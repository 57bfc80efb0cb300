//! What a cache does: from its mode, the age of what it has, and what came of asking the server, to one
//! action. Pure; the time is told.
//!
//! | mode | before the server is asked | it cannot be reached | it refuses | it gives |
//! |---|---|---|---|---|
//! | fallback | ask | serve what is younger than the maximal age, else fail | destroy | store |
//! | ttl | serve what is younger than that, else ask | fail | destroy | store |
//! | offline | serve what is younger than the maximal age, else fail | | | |
//!
//! Whatever else goes wrong (an answer that is none, a certificate that is not to be trusted) fails, and
//! leaves what is kept as it is.

use std::time::Duration;

/// When the cache is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachePolicy {
    /// When the server cannot be reached, and the entry is younger than this.
    Fallback(Duration),
    /// Without asking the server, while the entry is younger than this.
    Ttl(Duration),
    /// Always, while the entry is younger than this; no server is asked.
    Offline(Duration),
}

/// What the cache has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// No entry, or none that can be used.
    Missing,
    /// An entry of this age.
    Aged(Duration),
    /// An entry from the future: the clock was put back, so nobody knows how old it is.
    FromFuture,
}

/// What came of asking the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchOutcome {
    /// It gave the secrets.
    Fresh,
    /// It was not reached, or could not answer now.
    Unreachable,
    /// It said no: to the login, or to what was asked for.
    Refused,
    /// Anything else.
    Failed,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheDecision {
    /// Take the entry, and say how old it is.
    Serve(Duration),
    /// Ask the server.
    Ask,
    /// Keep what it gave.
    Store,
    /// Destroy the entry, and fail.
    Destroy,
    /// Fail.
    Fail,
}

impl EntryState {
    fn younger_than(self, limit: Duration) -> Option<Duration> {
        match self {
            Self::Aged(age) => Some(age).filter(|age| *age < limit),
            Self::Missing | Self::FromFuture => None,
        }
    }
}

/// What to do before any server is asked.
pub fn decide_before_fetch(mode: CachePolicy, found: EntryState) -> CacheDecision {
    let (limit, otherwise) = match mode {
        CachePolicy::Fallback(_) => return CacheDecision::Ask,
        CachePolicy::Ttl(limit) => (limit, CacheDecision::Ask),
        CachePolicy::Offline(limit) => (limit, CacheDecision::Fail),
    };
    found.younger_than(limit).map_or(otherwise, CacheDecision::Serve)
}

/// What to do with what came of asking.
pub fn decide_after_fetch(
    mode: CachePolicy,
    found: EntryState,
    outcome: FetchOutcome,
) -> CacheDecision {
    match (outcome, mode) {
        (FetchOutcome::Fresh, _) => CacheDecision::Store,
        (FetchOutcome::Refused, _) => CacheDecision::Destroy,
        (FetchOutcome::Unreachable, CachePolicy::Fallback(limit)) => {
            found.younger_than(limit).map_or(CacheDecision::Fail, CacheDecision::Serve)
        }
        (FetchOutcome::Unreachable | FetchOutcome::Failed, _) => CacheDecision::Fail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const YOUNG: EntryState = EntryState::Aged(Duration::from_secs(59));
    const OLD: EntryState = EntryState::Aged(MINUTE);
    const ALL: [EntryState; 4] = [EntryState::Missing, YOUNG, OLD, EntryState::FromFuture];

    #[test]
    fn before_the_server_is_asked() {
        let serve = CacheDecision::Serve(Duration::from_secs(59));
        for (mode, want) in [
            (CachePolicy::Fallback(MINUTE), [CacheDecision::Ask; 4]),
            (
                CachePolicy::Ttl(MINUTE),
                [CacheDecision::Ask, serve, CacheDecision::Ask, CacheDecision::Ask],
            ),
            (
                CachePolicy::Offline(MINUTE),
                [CacheDecision::Fail, serve, CacheDecision::Fail, CacheDecision::Fail],
            ),
        ] {
            assert_eq!(ALL.map(|found| decide_before_fetch(mode, found)), want, "{mode:?}");
        }
    }

    #[test]
    fn after_it_was_asked() {
        use FetchOutcome as O;
        let serve = CacheDecision::Serve(Duration::from_secs(59));
        let (fallback, ttl) = (CachePolicy::Fallback(MINUTE), CachePolicy::Ttl(MINUTE));
        let fail = [CacheDecision::Fail; 4];
        for (mode, outcome, want) in [
            (fallback, O::Fresh, [CacheDecision::Store; 4]),
            (ttl, O::Fresh, [CacheDecision::Store; 4]),
            (fallback, O::Refused, [CacheDecision::Destroy; 4]),
            (ttl, O::Refused, [CacheDecision::Destroy; 4]),
            (
                fallback,
                O::Unreachable,
                [CacheDecision::Fail, serve, CacheDecision::Fail, CacheDecision::Fail],
            ),
            (ttl, O::Unreachable, fail),
            (fallback, O::Failed, fail),
            (ttl, O::Failed, fail),
        ] {
            assert_eq!(
                ALL.map(|found| decide_after_fetch(mode, found, outcome)),
                want,
                "{mode:?} {outcome:?}"
            );
        }
    }

    #[test]
    fn a_cache_never_answers_for_what_was_refused() {
        for mode in [CachePolicy::Fallback(Duration::MAX), CachePolicy::Ttl(Duration::MAX)] {
            for found in ALL {
                assert_eq!(
                    decide_after_fetch(mode, found, FetchOutcome::Refused),
                    CacheDecision::Destroy
                );
            }
        }
    }
}
