//! Times as AWS writes them: the date of a signature, and the ends of credentials. Pure.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: u64 = 86_400;

/// Seconds since 1970.
pub(super) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// Year, month, day, hour, minute and second in UTC.
fn civil(time: SystemTime) -> [u64; 6] {
    let seconds = unix_seconds(time);
    let (days, rest) = (seconds / DAY, seconds % DAY);
    // Years begin in March, so that the leap day is the last of its year; eras have 400 years.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    [year, month, day, rest / 3600, rest % 3600 / 60, rest % 60]
}

/// `20150830T123600Z`, as a signature has it; its first eight characters are the date.
pub(super) fn basic(time: SystemTime) -> String {
    let [year, month, day, hour, minute, second] = civil(time);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// `2015-08-30T12:36:00Z`, as the token caches of the CLI have it.
pub(super) fn extended(time: SystemTime) -> String {
    let [year, month, day, hour, minute, second] = civil(time);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Reads a time such as `2030-01-02T03:04:05Z`, with or without a fraction, with `Z`, `UTC` or an offset at
/// its end. Without any, it is UTC.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    let (date, time) = text.split_once(['T', ' '])?;
    let [year, month, day] = numbers(date, '-')?;
    let (time, offset) = split_offset(time)?;
    let time = time.split('.').next()?;
    let [hour, minute, second] = numbers(time, ':')?;
    let valid = (1970..10_000).contains(&year) && (1..=12).contains(&month);
    if !valid || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - 719_468;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// The time of day, and its offset from UTC in seconds.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    let utc = time.strip_suffix('Z').or_else(|| time.strip_suffix("UTC"));
    if let Some(time) = utc {
        return Some((time.trim_end(), 0));
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, 0)) };
    let (time, offset) = time.split_at_checked(at)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    Some((time, sign * (hours.parse::<i64>().ok()? * 3600 + minutes * 60)))
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let numbers: Vec<i64> = text.split(separator).map(str::parse).collect::<Result<_, _>>().ok()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read_back() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_440_938_160, "2015-08-30T12:36:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_102_444_800, "2100-01-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!((extended(time).as_str(), parse(text)), (text, Some(time)));
        }
        let time = parse("2015-08-30T12:36:00Z").unwrap();
        assert_eq!(basic(time), "20150830T123600Z");
        for text in [
            "2015-08-30T12:36:00.123Z",
            "2015-08-30T12:36:00UTC",
            "2015-08-30T12:36:00",
            "2015-08-30 12:36:00Z",
            "2015-08-30T14:36:00+02:00",
            "2015-08-30T10:36:00-0200",
            "2015-08-30T12:36:00+00",
        ] {
            assert_eq!(parse(text), Some(time), "{text}");
        }
        for text in ["soon", "", "2015-08-30", "2015-13-30T00:00:00Z", "1015-01-01T00:00:00Z"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
