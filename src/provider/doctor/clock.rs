//! Reads a server's date, to tell whether this machine's clock agrees. Pure.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::check::Check;

/// A token is often valid for minutes only, and a JWT is judged by its times.
const TOLERATED_SKEW: i64 = 60;

/// Compares this machine's clock with the date that a server gives, an RFC 3339 time.
pub fn clock(date: &str) -> Check {
    clock_seconds(unix_seconds(date))
}

/// The same for a server that gives seconds since 1970.
pub fn clock_seconds(server: Option<i64>) -> Check {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let Some(server) = server else {
        return Check::skipped("clock", "the server does not tell its time");
    };
    let apart = now - server;
    if apart.abs() <= TOLERATED_SKEW {
        return Check::ok("clock", format!("within {TOLERATED_SKEW} s of the server's"));
    }
    let side = if apart > 0 { "ahead of" } else { "behind" };
    let detail = format!("{} s {side} the server's", apart.abs());
    Check::not_ok("clock", detail, "set this machine's clock (timedatectl set-ntp true)")
}

/// Whether a text is an RFC 3339 time, in UTC or with an offset such as `+01:00`.
pub fn is_rfc3339(text: &str) -> bool {
    let is_offset = |offset: &str| {
        offset.strip_prefix(['+', '-']).and_then(|offset| numbers(offset, ':')).is_some_and(
            |[hours, minutes]: [i64; 2]| (0..24).contains(&hours) && (0..60).contains(&minutes),
        )
    };
    let split = text.len().checked_sub("+01:00".len()).and_then(|at| text.split_at_checked(at));
    let utc = match split {
        Some((time, offset)) if is_offset(offset) => unix_seconds(&format!("{time}Z")),
        _ => unix_seconds(text),
    };
    utc.is_some()
}

/// Seconds since 1970 of an RFC 3339 time in UTC, such as `2026-11-22T10:00:00.123Z`.
fn unix_seconds(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z')?;
    let (date, time) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let time = time.split('.').next()?;
    let [hour, minute, second] = numbers(time, ':')?;
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60;
    valid.then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let numbers: Vec<i64> = text.split(separator).map(str::parse).collect::<Result<_, _>>().ok()?;
    numbers.try_into().ok()
}

/// Days since 1970-01-01 in the Gregorian calendar: years begin in March, so that the leap day is
/// the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        for (text, want) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:00:00.000Z", Some(951_825_600)),
            ("2026-11-21T22:29:53.692Z", Some(1_795_300_193)),
            ("2026-11-21T22:29:53+01:00", None),
            ("2026-13-21T22:29:53Z", None),
            ("yesterday", None),
        ] {
            assert_eq!(unix_seconds(text), want, "{text}");
            let has_offset = text.ends_with("+01:00");
            assert_eq!(is_rfc3339(text), want.is_some() || has_offset, "{text}");
        }
    }
}
