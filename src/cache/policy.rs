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
pub enum Mode {
    /// When the server cannot be reached, and the entry is younger than this.
    Fallback(Duration),
    /// Without asking the server, while the entry is younger than this.
    Ttl(Duration),
    /// Always, while the entry is younger than this; no server is asked.
    Offline(Duration),
}

/// What the cache has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No entry, or none that can be used.
    Nothing,
    /// An entry of this age.
    Aged(Duration),
    /// An entry from the future: the clock was put back, so nobody knows how old it is.
    Future,
}

/// What came of asking the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
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
pub enum Action {
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

impl Found {
    fn younger_than(self, limit: Duration) -> Option<Duration> {
        match self {
            Self::Aged(age) => Some(age).filter(|age| *age < limit),
            Self::Nothing | Self::Future => None,
        }
    }
}

/// What to do before any server is asked.
pub fn before(mode: Mode, found: Found) -> Action {
    let (limit, otherwise) = match mode {
        Mode::Fallback(_) => return Action::Ask,
        Mode::Ttl(limit) => (limit, Action::Ask),
        Mode::Offline(limit) => (limit, Action::Fail),
    };
    found.younger_than(limit).map_or(otherwise, Action::Serve)
}

/// What to do with what came of asking.
pub fn after(mode: Mode, found: Found, outcome: Outcome) -> Action {
    match (outcome, mode) {
        (Outcome::Fresh, _) => Action::Store,
        (Outcome::Refused, _) => Action::Destroy,
        (Outcome::Unreachable, Mode::Fallback(limit)) => {
            found.younger_than(limit).map_or(Action::Fail, Action::Serve)
        }
        (Outcome::Unreachable | Outcome::Failed, _) => Action::Fail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const YOUNG: Found = Found::Aged(Duration::from_secs(59));
    const OLD: Found = Found::Aged(MINUTE);
    const ALL: [Found; 4] = [Found::Nothing, YOUNG, OLD, Found::Future];

    #[test]
    fn before_the_server_is_asked() {
        let serve = Action::Serve(Duration::from_secs(59));
        for (mode, want) in [
            (Mode::Fallback(MINUTE), [Action::Ask; 4]),
            (Mode::Ttl(MINUTE), [Action::Ask, serve, Action::Ask, Action::Ask]),
            (Mode::Offline(MINUTE), [Action::Fail, serve, Action::Fail, Action::Fail]),
        ] {
            assert_eq!(ALL.map(|found| before(mode, found)), want, "{mode:?}");
        }
    }

    #[test]
    fn after_it_was_asked() {
        use Outcome as O;
        let serve = Action::Serve(Duration::from_secs(59));
        let (fallback, ttl) = (Mode::Fallback(MINUTE), Mode::Ttl(MINUTE));
        let fail = [Action::Fail; 4];
        for (mode, outcome, want) in [
            (fallback, O::Fresh, [Action::Store; 4]),
            (ttl, O::Fresh, [Action::Store; 4]),
            (fallback, O::Refused, [Action::Destroy; 4]),
            (ttl, O::Refused, [Action::Destroy; 4]),
            (fallback, O::Unreachable, [Action::Fail, serve, Action::Fail, Action::Fail]),
            (ttl, O::Unreachable, fail),
            (fallback, O::Failed, fail),
            (ttl, O::Failed, fail),
        ] {
            assert_eq!(ALL.map(|found| after(mode, found, outcome)), want, "{mode:?} {outcome:?}");
        }
    }

    #[test]
    fn a_cache_never_answers_for_what_was_refused() {
        for mode in [Mode::Fallback(Duration::MAX), Mode::Ttl(Duration::MAX)] {
            for found in ALL {
                assert_eq!(after(mode, found, Outcome::Refused), Action::Destroy);
            }
        }
    }
}
