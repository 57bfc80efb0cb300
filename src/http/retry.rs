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
    /// The wait that is due does not fit into the time that is left.
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
}

impl Default for Policy {
    fn default() -> Self {
        Self { base: Duration::from_millis(250), cap: Duration::from_secs(5), attempts: 5 }
    }
}

impl Policy {
    /// Decides after attempt number `attempt` (the first is 1). `jitter` is in `0.0..=1.0`.
    pub fn next(
        &self,
        attempt: u32,
        effect: Effect,
        outcome: Outcome,
        remaining: Duration,
        jitter: f64,
    ) -> Retry {
        if attempt >= self.attempts || !may_repeat(effect, outcome) {
            return Retry::GiveUp;
        }
        let jitter = jitter.clamp(0.0, 1.0);
        let wait = match outcome {
            // Clients that were all told the same second should not all come in that second.
            Outcome::Status(_, Some(asked)) => {
                asked.saturating_add(self.base.max(asked / 10).mul_f64(jitter))
            }
            _ => self.bound(attempt).mul_f64(jitter),
        };
        if wait < remaining { Retry::After(wait) } else { Retry::TooLate(wait) }
    }

    /// The longest wait after this attempt. The wait itself is anything from nothing to here ("full
    /// jitter"), which spreads a crowd of clients best.
    fn bound(&self, attempt: u32) -> Duration {
        let doubled = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        self.base.saturating_mul(doubled).min(self.cap)
    }
}

fn may_repeat(effect: Effect, outcome: Outcome) -> bool {
    match outcome {
        Outcome::NotSent | Outcome::Status(429 | 502 | 503 | 504, _) => true,
        // Servers that report their rate limit as a failure still say when to come again.
        Outcome::Status(500, wait) => wait.is_some(),
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
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(http_date(header)?))?;
    Some(at.duration_since(now).unwrap_or(Duration::ZERO))
}

/// Finds "in N seconds" in a message.
pub fn seconds_in(message: &str) -> Option<Duration> {
    let mut words = message.split_ascii_whitespace().skip_while(|word| *word != "in").skip(1);
    let seconds = words.next()?.parse().ok()?;
    words.next()?.starts_with("second").then(|| Duration::from_secs(seconds))
}

/// Parses the one date format that servers must send, `Sun, 06 Nov 1994 08:49:37 GMT`, to seconds
/// since 1970.
fn http_date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let mut fields = rest.split_ascii_whitespace();
    let day: u64 = fields.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let name = fields.next()?;
    let month = u64::try_from(MONTHS.iter().position(|month| *month == name)?).ok()?;
    let year: u64 = fields.next()?.parse().ok().filter(|year| (1970..=9999).contains(year))?;
    let mut clock = fields.next()?.splitn(3, ':').map(str::parse::<u64>);
    let (hour, minute, second) = (clock.next()?.ok()?, clock.next()?.ok()?, clock.next()?.ok()?);
    if fields.next()? != "GMT" || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Counted from March, so that a leap day is the last day of its year.
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let leaps = year / 4 - year / 100 + year / 400;
    let days = (365 * year + leaps + (153 * month + 2) / 5 + day).checked_sub(719_469)?;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
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

    #[test]
    fn the_bound_doubles_up_to_the_cap_and_the_attempts_end() {
        let policy = Policy { attempts: 8, ..Policy::default() };
        let next = |attempt| policy.next(attempt, Effect::Read, Outcome::NotSent, LONG, 1.0);
        for (attempt, milliseconds) in
            [(1, 250), (2, 500), (3, 1000), (4, 2000), (5, 4000), (6, 5000), (7, 5000)]
        {
            assert_eq!(next(attempt), Retry::After(Duration::from_millis(milliseconds)));
        }
        assert_eq!(next(8), Retry::GiveUp);
        assert_eq!(policy.bound(u32::MAX), policy.cap);
    }

    #[test]
    fn a_wait_is_between_nothing_and_its_bound() {
        for (jitter, milliseconds) in [(0.0, 0), (0.5, 125), (1.0, 250), (7.0, 250), (-1.0, 0)] {
            let got = Policy::default().next(1, Effect::Read, Outcome::NotSent, LONG, jitter);
            assert_eq!(got, Retry::After(Duration::from_millis(milliseconds)));
        }
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept_and_never_shortened() {
        for (asked, jitter, want) in [(10, 0.0, 10_000), (10, 1.0, 11_000), (1, 1.0, 1_250)] {
            let outcome = Outcome::Status(429, Some(Duration::from_secs(asked)));
            let got = Policy::default().next(1, Effect::Read, outcome, LONG, jitter);
            assert_eq!(got, Retry::After(Duration::from_millis(want)));
        }
    }

    #[test]
    fn a_wait_that_does_not_fit_is_not_begun() {
        let outcome = Outcome::Status(500, Some(Duration::from_secs(56)));
        let got = Policy::default().next(1, Effect::Read, outcome, LONG, 0.0);
        assert_eq!(got, Retry::TooLate(Duration::from_secs(56)));
        let endless = Outcome::Status(503, Some(Duration::MAX));
        let got = Policy::default().next(1, Effect::Read, endless, LONG, 1.0);
        assert_eq!(got, Retry::TooLate(Duration::MAX));
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
