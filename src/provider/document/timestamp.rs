//! Timestamps as Go reads and writes them: RFC 3339, and the shorter forms that YAML 1.1 has. Pure.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A time in RFC 3339 as Go writes it: no zeros at the end of the fraction, `Z` for UTC. `None` if it is none.
pub(in crate::provider) fn rfc3339(text: &str) -> Option<String> {
    let (date, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix('T')?;
    let (clock, zone) = split_zone(time)?;
    written(date, clock, zone, true)
}

/// A time of the system's clock in RFC 3339, in UTC.
pub(in crate::provider) fn utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (mut days, rest) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    while days >= days_of(year) {
        days -= days_of(year);
        year += 1;
    }
    let mut month = 1;
    while days >= u64::from(self::days(year, month)) {
        days -= u64::from(self::days(year, month));
        month += 1;
    }
    let (day, hour, minute) = (days + 1, rest / 3600, rest % 3600 / 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", rest % 60)
}

/// How many days a year has.
fn days_of(year: u32) -> u64 {
    (1..=12).map(|month| u64::from(days(year, month))).sum()
}

/// The same without the fraction, as a time in metadata is written again.
pub(in crate::provider) fn rfc3339_seconds(text: &str) -> Option<String> {
    let time = rfc3339(text)?;
    let Some((seconds, rest)) = time.split_once('.') else { return Some(time) };
    let zone = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    Some(format!("{seconds}{zone}"))
}

/// A plain scalar of YAML that is a timestamp, in RFC 3339.
pub(in crate::provider) fn from_yaml(text: &str) -> Option<String> {
    let end = text.find(['T', 't', ' ']);
    let Some(end) = end else { return written(text, "0:0:0", "Z", false) };
    let (date, time) = text.split_at_checked(end)?;
    let is_spaced = time.starts_with(' ');
    let time = time.get(1..)?;
    match split_zone(time) {
        Some((clock, zone)) if !is_spaced => written(date, clock, zone, false),
        None if is_spaced => written(date, time, "Z", false),
        _ => None,
    }
}

/// The time of day, and the zone behind it.
fn split_zone(time: &str) -> Option<(&str, &str)> {
    let at = time.find(['Z', '+', '-'])?;
    time.split_at_checked(at)
}

/// Puts a time together from its checked parts. `strict` demands two digits everywhere.
fn written(date: &str, clock: &str, zone: &str, strict: bool) -> Option<String> {
    let number = |text: &str, min: u32, max: u32| -> Option<u32> {
        let digits = text.len() == 2 || (!strict && text.len() == 1);
        let number: u32 =
            text.parse().ok().filter(|_| digits && text.bytes().all(|b| b.is_ascii_digit()))?;
        (min..=max).contains(&number).then_some(number)
    };
    let (year, rest) = date.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let years: u32 = year.parse().ok()?;
    let month = number(month, 1, 12)?;
    let day = number(day, 1, days(years, month))?;
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, fraction),
        None => (clock, "0"),
    };
    let mut parts = clock.split(':');
    let hour = number(parts.next()?, 0, 23)?;
    let minute = number(parts.next()?, 0, 59)?;
    let second = number(parts.next()?, 0, 59)?;
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if parts.next().is_some() || !is_fraction {
        return None;
    }
    let fraction = fraction.get(..9).unwrap_or(fraction).trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    let zone = written_zone(zone)?;
    Some(format!(
        "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{point}{fraction}{zone}"
    ))
}

fn written_zone(zone: &str) -> Option<&str> {
    if zone == "Z" {
        return Some("Z");
    }
    let offset = zone.strip_prefix('+').or_else(|| zone.strip_prefix('-'))?;
    let (hours, minutes) = offset.split_once(':')?;
    let is_number = |text: &str, max: u32| {
        text.len() == 2
            && text.bytes().all(|b| b.is_ascii_digit())
            && text.parse::<u32>().is_ok_and(|n| n <= max)
    };
    if !is_number(hours, 24) || !is_number(minutes, 60) {
        return None;
    }
    Some(if offset == "00:00" { "Z" } else { zone })
}

fn days(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_go_writes_them() {
        for (text, want) in [
            ("2001-12-14T21:59:43Z", Some("2001-12-14T21:59:43Z")),
            ("2001-12-14T21:59:43.10Z", Some("2001-12-14T21:59:43.1Z")),
            ("2001-12-14T21:59:43.000-05:00", Some("2001-12-14T21:59:43-05:00")),
            ("2001-12-14T21:59:43+00:00", Some("2001-12-14T21:59:43Z")),
            ("2001-02-29T21:59:43Z", None),
            ("2001-12-14 21:59:43Z", None),
            ("2001-12-14", None),
            ("yesterday", None),
        ] {
            assert_eq!(rfc3339(text).as_deref(), want, "{text}");
        }
        let seconds = rfc3339_seconds("2001-12-14T21:59:43.5+01:00");
        assert_eq!(seconds.as_deref(), Some("2001-12-14T21:59:43+01:00"));
    }

    #[test]
    fn yaml_has_shorter_forms() {
        for (text, want) in [
            ("2001-12-14", Some("2001-12-14T00:00:00Z")),
            ("2001-1-2", Some("2001-01-02T00:00:00Z")),
            ("2001-12-14t21:59:43.10-05:00", Some("2001-12-14T21:59:43.1-05:00")),
            ("2001-12-14 21:59:43", Some("2001-12-14T21:59:43Z")),
            ("2001-12-14 21:59:43 -5", None),
            ("190:20:30", None),
            ("1.2.3", None),
        ] {
            assert_eq!(from_yaml(text).as_deref(), want, "{text}");
        }
    }
}
