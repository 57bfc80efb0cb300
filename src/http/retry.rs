//! When to ask again, and after how long: a pure policy. It neither waits nor draws random numbers;
//! time and chance are arguments.

use std::time::{Duration, SystemTime};

/// How one attempt ended, as far as it matters for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was sent: the connection was refused or not made in time.
    NotSent,
    /// The connection was lost after the request went out.
    Interrupted,
    /// The server answered with this status, and perhaps said how long to wait.
    Status(u16, Option<Duration>),
    /// Asking again cannot help.
    Final,
}

/// Whether a request may be repeated when the server perhaps acted on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    Read,
    /// It makes something, like a session.
    Write,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Ask again after this time.
    After(Duration),
    /// The wait that was asked for does not fit into the time that is left.
    TooLate(Duration),
    /// Do not ask again.
    GiveUp,
}

/// How often and how patiently to ask.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// The upper bound of the first wait; it doubles with each attempt.
    pub base: Duration,
    /// What that bound grows to at most.
    pub cap: Duration,
    /// How many attempts there are in all.
    pub attempts: u32,
    /// Whether those that a limit of the rate turns away are not counted: the time that is left ends
    /// them.
    pub outlasts_limits: bool,
}

/// How far a crowd spreads that a limit of the rate holds back, in units of the wait that the server
/// asked for. A thousand runs that begin at once with two requests each, at a server that takes a
/// hundred a second, then come at about twice its limit and are done in 25 s; with 1 in place of 8
/// they come at ten times the limit in the second second. `crowd` is the simulation.
const SPREAD: u32 = 8;

/// What stands for the wait where the server asks for none, or for less than the granularity of
/// `retry-after`.
const UNIT: Duration = Duration::from_secs(1);

impl Default for Policy {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(250),
            cap: Duration::from_secs(5),
            attempts: 5,
            outlasts_limits: true,
        }
    }
}

impl Policy {
    /// Decides after attempt number `attempt` (the first is 1). `jitter` is in `0.0..=1.0`.
    ///
    /// What the server asks to wait is waited for, whole. On top comes a part of a window that is known
    /// to nobody else ("full jitter"), which doubles with each attempt and never takes more than half
    /// of the time that is left.
    pub fn next(
        &self,
        attempt: u32,
        effect: Effect,
        outcome: Outcome,
        remaining: Duration,
        jitter: f64,
    ) -> Retry {
        let is_limit = is_limit(outcome);
        let is_last = attempt >= self.attempts && !(is_limit && self.outlasts_limits);
        if is_last || !may_repeat(effect, outcome) {
            return Retry::GiveUp;
        }
        let asked = asked(outcome);
        // Half of what is left is for the requests that are still to come.
        let room = remaining.saturating_sub(asked) / 2;
        if asked >= remaining || (is_limit && room < self.base) {
            return Retry::TooLate(asked);
        }
        let window = if is_limit {
            doubled(asked.max(UNIT).saturating_mul(SPREAD), attempt)
        } else {
            self.bound(attempt).max(asked)
        };
        Retry::After(asked + window.min(room).mul_f64(jitter.clamp(0.0, 1.0)))
    }

    /// The window of this attempt where no limit of the rate is in the way.
    fn bound(&self, attempt: u32) -> Duration {
        doubled(self.base, attempt).min(self.cap)
    }
}

/// The time of the first attempt, twice that of the second, and so on.
fn doubled(first: Duration, attempt: u32) -> Duration {
    first.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX))
}

/// What the server asked to wait.
fn asked(outcome: Outcome) -> Duration {
    match outcome {
        Outcome::Status(_, asked) => asked.unwrap_or_default(),
        _ => Duration::ZERO,
    }
}

/// Whether the server would answer if fewer came. Some report that as a failure, and still say when
/// to come again.
fn is_limit(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Status(429, _) | Outcome::Status(500, Some(_)))
}

fn may_repeat(effect: Effect, outcome: Outcome) -> bool {
    match outcome {
        Outcome::NotSent | Outcome::Status(502..=504, _) => true,
        Outcome::Status(..) if is_limit(outcome) => true,
        Outcome::Interrupted => effect == Effect::Read,
        Outcome::Status(..) | Outcome::Final => false,
    }
}

/// Reads the header `retry-after`: seconds, or a date.
pub fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(header).ok()?;
    Some(at.duration_since(now).unwrap_or(Duration::ZERO))
}

/// Finds "in N seconds" in a message.
pub fn seconds_in(message: &str) -> Option<Duration> {
    let mut words = message.split_ascii_whitespace().skip_while(|word| *word != "in").skip(1);
    let seconds = words.next()?.parse().ok()?;
    words.next()?.starts_with("second").then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_repeated_and_what_is_not() {
        use Effect::{Read, Write};
        use Outcome::{Final, Interrupted, NotSent, Status};
        for (outcome, read, write) in [
            (NotSent, true, true),
            (Interrupted, true, false),
            (Final, false, false),
            (Status(429, None), true, true),
            (Status(502, None), true, true),
            (Status(503, None), true, true),
            (Status(504, None), true, true),
            (Status(500, Some(SECOND)), true, true),
            (Status(500, None), false, false),
            (Status(501, Some(SECOND)), false, false),
            (Status(200, None), false, false),
            (Status(400, Some(SECOND)), false, false),
            (Status(401, None), false, false),
            (Status(401, Some(SECOND)), false, false),
            (Status(403, None), false, false),
            (Status(404, None), false, false),
            (Status(422, None), false, false),
        ] {
            for (effect, want) in [(Read, read), (Write, write)] {
                let got = Policy::default().next(1, effect, outcome, LONG, 0.5) != Retry::GiveUp;
                assert_eq!(got, want, "{outcome:?} {effect:?}");
            }
        }
    }

    const EVER: Duration = Duration::from_hours(1000);

    fn next(attempt: u32, outcome: Outcome, remaining: Duration, jitter: f64) -> Retry {
        Policy::default().next(attempt, Effect::Read, outcome, remaining, jitter)
    }

    fn after(milliseconds: u64) -> Retry {
        Retry::After(Duration::from_millis(milliseconds))
    }

    #[test]
    fn the_bound_doubles_up_to_the_cap_and_the_attempts_end() {
        let policy = Policy { attempts: 8, ..Policy::default() };
        let next = |attempt| policy.next(attempt, Effect::Read, Outcome::NotSent, LONG, 1.0);
        for (attempt, milliseconds) in
            [(1, 250), (2, 500), (3, 1000), (4, 2000), (5, 4000), (6, 5000), (7, 5000)]
        {
            assert_eq!(next(attempt), after(milliseconds));
        }
        assert_eq!(next(8), Retry::GiveUp);
        assert_eq!(policy.bound(u32::MAX), policy.cap);
    }

    #[test]
    fn a_wait_is_between_nothing_and_its_bound() {
        for (jitter, milliseconds) in [(0.0, 0), (0.5, 125), (1.0, 250), (7.0, 250), (-1.0, 0)] {
            assert_eq!(next(1, Outcome::NotSent, LONG, jitter), after(milliseconds));
        }
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept_and_never_shortened() {
        for (status, asked, attempt, jitter, want) in [
            (429, 10, 1, 0.0, 10_000),
            (429, 10, 1, 1.0, 90_000),
            (429, 10, 2, 0.5, 90_000),
            (429, 1, 1, 1.0, 9_000),
            // No wait, or less than a second: as if it were a second, on top.
            (429, 0, 1, 1.0, 8_000),
            (429, 0, 3, 1.0, 32_000),
            (500, 1, 1, 1.0, 9_000),
            (503, 10, 1, 0.0, 10_000),
            (503, 10, 1, 1.0, 20_000),
            (503, 0, 1, 1.0, 250),
        ] {
            let outcome = Outcome::Status(status, Some(Duration::from_secs(asked)));
            assert_eq!(next(attempt, outcome, EVER, jitter), after(want), "{outcome:?} {attempt}");
        }
        assert_eq!(next(1, Outcome::Status(429, None), EVER, 1.0), after(8_000));
    }

    #[test]
    fn chance_takes_no_more_than_half_of_what_is_left() {
        for (outcome, remaining, want) in [
            (Outcome::NotSent, 400, 200),
            (Outcome::Status(503, Some(SECOND)), 2_000, 1_500),
            (Outcome::Status(429, Some(SECOND)), 11_000, 6_000),
            (Outcome::Status(429, None), 3_000, 1_500),
            (Outcome::Status(429, None), 500, 250),
        ] {
            let remaining = Duration::from_millis(remaining);
            assert_eq!(next(1, outcome, remaining, 1.0), after(want), "{outcome:?}");
        }
    }

    #[test]
    fn a_limit_of_the_rate_ends_with_the_time_and_not_with_the_attempts() {
        for outcome in [Outcome::Status(429, None), Outcome::Status(500, Some(SECOND))] {
            assert!(matches!(next(100, outcome, LONG, 0.5), Retry::After(_)), "{outcome:?}");
        }
        // Without an end to them, waits of half of the rest would become a storm.
        let short = Duration::from_millis(499);
        assert_eq!(next(1, Outcome::Status(429, None), short, 0.5), Retry::TooLate(Duration::ZERO));
        let outcome = Outcome::Status(429, Some(SECOND));
        assert_eq!(next(1, outcome, SECOND + short, 0.5), Retry::TooLate(SECOND));
        assert_eq!(next(5, Outcome::Status(503, Some(SECOND)), LONG, 0.5), Retry::GiveUp);
        let hasty = Policy { attempts: 2, outlasts_limits: false, ..Policy::default() };
        let next = |attempt| hasty.next(attempt, Effect::Write, outcome, LONG, 0.5);
        assert!(matches!(next(1), Retry::After(_)));
        assert_eq!(next(2), Retry::GiveUp);
    }

    #[test]
    fn a_wait_that_does_not_fit_is_not_begun() {
        let outcome = Outcome::Status(500, Some(Duration::from_secs(56)));
        assert_eq!(next(1, outcome, LONG, 0.0), Retry::TooLate(Duration::from_secs(56)));
        let endless = Outcome::Status(503, Some(Duration::MAX));
        assert_eq!(next(1, endless, LONG, 1.0), Retry::TooLate(Duration::MAX));
        assert_eq!(next(1, Outcome::NotSent, Duration::ZERO, 1.0), Retry::TooLate(Duration::ZERO));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (header, want) in [
            ("56", Some(56)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Mon, 07 Nov 1994 08:49:37 GMT", Some(86_400)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(1_445_412_480 - 784_111_777)),
            ("Thu, 29 Feb 2024 12:00:00 GMT", Some(1_709_208_000 - 784_111_777)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("Sun, 06 Foo 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("Sun, 06 Nov 1994 25:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("Sun, 06 Nov", None),
            ("", None),
        ] {
            assert_eq!(retry_after(header, now), want.map(Duration::from_secs), "{header}");
        }
    }

    #[test]
    fn a_message_may_say_how_long() {
        for (message, want) in [
            ("Rate limit exceeded. Please try again in 42 seconds", Some(42)),
            ("try again in 1 second.", Some(1)),
            ("Rate limit exceeded", None),
            ("in a moment", None),
            ("in 5 minutes", None),
            ("in", None),
        ] {
            assert_eq!(seconds_in(message), want.map(Duration::from_secs), "{message}");
        }
    }
}
