//! The retry policy: whether to retry a request, and when. Pure: time and randomness are arguments.

use std::time::{Duration, SystemTime};

/// How one attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The request was not sent: the connection was refused or timed out.
    NotSent,
    /// The connection was lost after the request was sent.
    Interrupted,
    /// The server responded.
    Response {
        /// The status code.
        status: u16,
        /// How long the server asks to wait.
        wait: Option<Duration>,
        /// Whether many clients share the rate limit, so that they must not retry together.
        is_shared: bool,
    },
    /// A retry cannot help.
    Final,
}

/// What to do after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDecision {
    /// Retry after this time.
    RetryAfter(Duration),
    /// Do not retry.
    GiveUp,
}

/// How often to retry, and how long to wait (exponential backoff with full jitter).
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// The upper bound of the first wait; it doubles with each attempt.
    pub base: Duration,
    /// The largest upper bound.
    pub cap: Duration,
    /// The number of attempts, the first included.
    pub attempts: u32,
    /// Whether rate-limited attempts are not counted, so that only the time limit ends them.
    pub outlasts_limits: bool,
}

/// How widely clients that share a rate limit spread, in multiples of the requested wait. A thousand runs
/// that start together and send two requests each to a server that takes a hundred a second then arrive
/// at twice its rate and finish in 25 s; with 1 instead of 8, they arrive at ten times its rate.
/// `rate_limit_simulation` is the simulation.
const SPREAD: u32 = 8;

/// Replaces a requested wait that is missing or shorter than the resolution of `retry-after`.
const LEAST_LIMIT_WAIT: Duration = Duration::from_secs(1);

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(250),
            cap: Duration::from_secs(5),
            attempts: 5,
            outlasts_limits: true,
        }
    }
}

impl RetryPolicy {
    /// Decides after attempt number `attempt`, which counts from 1. `remaining` is the time until the
    /// deadline, and `jitter` is in `0.0..=1.0`.
    ///
    /// The wait that the server requests is never shortened. A random part of a window follows, which
    /// doubles with the attempts and never takes more than half of the remaining time.
    pub fn decide(
        &self,
        attempt: u32,
        repeatable: bool,
        outcome: AttemptOutcome,
        remaining: Duration,
        jitter: f64,
    ) -> RetryDecision {
        let is_limit = outcome.is_rate_limit();
        let is_last = attempt >= self.attempts && !(is_limit && self.outlasts_limits);
        if is_last || !outcome.is_retryable(repeatable) {
            return RetryDecision::GiveUp;
        }
        let (requested, is_shared) = match outcome {
            AttemptOutcome::Response { wait, is_shared, .. } => {
                (wait.unwrap_or_default(), is_shared)
            }
            _ => (Duration::ZERO, false),
        };
        // The other half is for the requests that are still to come.
        let available = remaining.saturating_sub(requested) / 2;
        if requested >= remaining || (is_limit && available < self.base) {
            return RetryDecision::GiveUp;
        }
        let limit_wait = requested.max(LEAST_LIMIT_WAIT);
        let (wait, window) = match (is_limit, is_shared) {
            (false, _) => (requested, self.backoff(attempt).max(requested)),
            (true, true) => (requested, doubled(limit_wait.saturating_mul(SPREAD), attempt)),
            // A client that is alone comes back when it is told to: 20 % later at most, for two attempts.
            (true, false) => (
                requested.max(LEAST_LIMIT_WAIT.min(available)),
                doubled(limit_wait / 5, attempt.saturating_sub(1)),
            ),
        };
        // What is waited beyond the request stays within the available time.
        let window = window.min(available.saturating_sub(wait.saturating_sub(requested)));
        RetryDecision::RetryAfter(wait + window.mul_f64(jitter.clamp(0.0, 1.0)))
    }

    /// The window of this attempt without a rate limit.
    fn backoff(&self, attempt: u32) -> Duration {
        doubled(self.base, attempt).min(self.cap)
    }
}

/// `first` for the first attempt, twice that for the second, and so on.
fn doubled(first: Duration, attempt: u32) -> Duration {
    first.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX))
}

impl AttemptOutcome {
    /// Whether the server limits the rate of requests. Some servers answer 500 and still say when to retry.
    fn is_rate_limit(self) -> bool {
        matches!(
            self,
            Self::Response { status: 429, .. } | Self::Response { status: 500, wait: Some(_), .. }
        )
    }

    /// The outcome for a request that the server must not process twice: a gateway that answers 502 or
    /// 504 may have passed it on.
    pub(super) fn for_single_use(self) -> Self {
        match self {
            Self::Response { status: 500 | 502 | 504, .. } => Self::Final,
            other => other,
        }
    }

    fn is_retryable(self, repeatable: bool) -> bool {
        match self {
            Self::NotSent | Self::Response { status: 502..=504, .. } => true,
            Self::Interrupted => repeatable,
            Self::Response { .. } | Self::Final => self.is_rate_limit(),
        }
    }
}

/// Parses a `retry-after` header: seconds or an HTTP date (RFC 9110, 10.2.3).
pub fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(header).ok()?;
    Some(at.duration_since(now).unwrap_or(Duration::ZERO))
}

/// Finds "in N seconds" in the message of a 429.
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
    const EVER: Duration = Duration::from_hours(1000);

    fn response(status: u16, wait: Option<Duration>) -> AttemptOutcome {
        AttemptOutcome::Response { status, wait, is_shared: false }
    }

    fn shared(status: u16, wait: Option<Duration>) -> AttemptOutcome {
        AttemptOutcome::Response { status, wait, is_shared: true }
    }

    fn decide(
        attempt: u32,
        outcome: AttemptOutcome,
        remaining: Duration,
        jitter: f64,
    ) -> RetryDecision {
        RetryPolicy::default().decide(attempt, true, outcome, remaining, jitter)
    }

    fn after(milliseconds: u64) -> RetryDecision {
        RetryDecision::RetryAfter(Duration::from_millis(milliseconds))
    }

    #[test]
    fn the_outcome_decides_whether_a_request_is_retried() {
        use AttemptOutcome::{Final, Interrupted, NotSent};
        for (outcome, repeatable, other) in [
            (NotSent, true, true),
            (Interrupted, true, false),
            (Final, false, false),
            (response(429, None), true, true),
            (response(502, None), true, true),
            (response(503, None), true, true),
            (response(504, None), true, true),
            (response(500, Some(SECOND)), true, true),
            (response(500, None), false, false),
            (response(501, Some(SECOND)), false, false),
            (response(200, None), false, false),
            (response(400, Some(SECOND)), false, false),
            (response(401, None), false, false),
            (response(401, Some(SECOND)), false, false),
            (response(403, None), false, false),
            (response(404, None), false, false),
            (response(422, None), false, false),
        ] {
            for (is_repeatable, want) in [(true, repeatable), (false, other)] {
                let policy = RetryPolicy::default();
                let decision = policy.decide(1, is_repeatable, outcome, LONG, 0.5);
                assert_eq!(decision != RetryDecision::GiveUp, want, "{outcome:?} {is_repeatable}");
            }
        }
    }

    #[test]
    fn the_window_doubles_up_to_the_cap_and_the_attempts_end() {
        let policy = RetryPolicy { attempts: 8, ..RetryPolicy::default() };
        let decide = |attempt| policy.decide(attempt, true, AttemptOutcome::NotSent, LONG, 1.0);
        for (attempt, milliseconds) in
            [(1, 250), (2, 500), (3, 1000), (4, 2000), (5, 4000), (6, 5000), (7, 5000)]
        {
            assert_eq!(decide(attempt), after(milliseconds));
        }
        assert_eq!(decide(8), RetryDecision::GiveUp);
        assert_eq!(policy.backoff(u32::MAX), policy.cap);
    }

    #[test]
    fn jitter_is_limited_to_the_window() {
        for (jitter, milliseconds) in [(0.0, 0), (0.5, 125), (1.0, 250), (7.0, 250), (-1.0, 0)] {
            assert_eq!(decide(1, AttemptOutcome::NotSent, LONG, jitter), after(milliseconds));
        }
    }

    #[test]
    fn a_single_client_waits_about_as_long_as_the_server_asks() {
        for (status, wait, attempt, jitter, want) in [
            (429, Some(2), 1, 0.0, 2_000),
            (429, Some(2), 1, 1.0, 2_400),
            (429, Some(2), 2, 1.0, 2_400),
            (429, Some(2), 3, 1.0, 2_800),
            (429, Some(2), 5, 1.0, 5_200),
            (429, Some(10), 1, 0.5, 11_000),
            (500, Some(1), 1, 1.0, 1_200),
            // No wait, or less than a second, counts as one second.
            (429, Some(0), 1, 0.0, 1_000),
            (429, None, 1, 1.0, 1_200),
            (503, Some(10), 1, 0.0, 10_000),
            (503, Some(10), 1, 1.0, 20_000),
            (503, Some(0), 1, 1.0, 250),
        ] {
            let outcome = response(status, wait.map(Duration::from_secs));
            assert_eq!(
                decide(attempt, outcome, EVER, jitter),
                after(want),
                "{outcome:?} {attempt}"
            );
        }
    }

    #[test]
    fn clients_that_share_a_limit_spread() {
        for (status, wait, attempt, jitter, want) in [
            (429, Some(10), 1, 0.0, 10_000),
            (429, Some(10), 1, 1.0, 90_000),
            (429, Some(10), 2, 0.5, 90_000),
            (429, Some(1), 1, 1.0, 9_000),
            (429, Some(0), 1, 1.0, 8_000),
            (429, Some(0), 3, 1.0, 32_000),
            (429, None, 1, 1.0, 8_000),
            (500, Some(1), 1, 1.0, 9_000),
            // Only a rate limit is shared.
            (503, Some(0), 1, 1.0, 250),
        ] {
            let outcome = shared(status, wait.map(Duration::from_secs));
            assert_eq!(
                decide(attempt, outcome, EVER, jitter),
                after(want),
                "{outcome:?} {attempt}"
            );
        }
    }

    #[test]
    fn jitter_takes_at_most_half_of_the_remaining_time() {
        for (outcome, remaining, want) in [
            (AttemptOutcome::NotSent, 400, 200),
            (response(503, Some(SECOND)), 2_000, 1_500),
            (shared(429, Some(SECOND)), 11_000, 6_000),
            (shared(429, None), 3_000, 1_500),
            (shared(429, None), 500, 250),
            (response(429, None), 1_000, 500),
        ] {
            let remaining = Duration::from_millis(remaining);
            assert_eq!(decide(1, outcome, remaining, 1.0), after(want), "{outcome:?}");
        }
    }

    #[test]
    fn rate_limited_attempts_end_with_the_time_and_not_with_their_number() {
        for outcome in [shared(429, None), response(429, None), response(500, Some(SECOND))] {
            let decision = decide(100, outcome, LONG, 0.5);
            assert!(matches!(decision, RetryDecision::RetryAfter(_)), "{outcome:?}");
        }
        // Without this limit, waits of half of the remaining time would become a storm.
        let short = Duration::from_millis(499);
        assert_eq!(decide(1, response(429, None), short, 0.5), RetryDecision::GiveUp);
        let outcome = response(429, Some(SECOND));
        assert_eq!(decide(1, outcome, SECOND + short, 0.5), RetryDecision::GiveUp);
        assert_eq!(decide(5, response(503, Some(SECOND)), LONG, 0.5), RetryDecision::GiveUp);
        let cleanup = RetryPolicy { attempts: 2, outlasts_limits: false, ..RetryPolicy::default() };
        let decide = |attempt| cleanup.decide(attempt, false, outcome, LONG, 0.5);
        assert!(matches!(decide(1), RetryDecision::RetryAfter(_)));
        assert_eq!(decide(2), RetryDecision::GiveUp);
    }

    #[test]
    fn a_wait_beyond_the_deadline_is_not_started() {
        for (outcome, remaining) in [
            (response(500, Some(Duration::from_secs(56))), LONG),
            (response(503, Some(Duration::MAX)), LONG),
            (shared(429, Some(Duration::MAX)), LONG),
            (AttemptOutcome::NotSent, Duration::ZERO),
        ] {
            assert_eq!(decide(1, outcome, remaining, 1.0), RetryDecision::GiveUp, "{outcome:?}");
        }
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
