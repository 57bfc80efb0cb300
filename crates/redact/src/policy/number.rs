//! Numbers, sizes and points in time that configuration has.

use super::part::{is_letters, runs};

/// Where a number stands.
pub(super) struct Context<'a> {
    pub(super) value: &'a str,
    pub(super) token: &'a str,
    /// The character before it.
    pub(super) before: Option<char>,
    /// Whether the part before it is a number.
    pub(super) after_number: bool,
}

/// Whether a number is one that configuration has: of four digits at most, a round one, a date, a port,
/// a fraction, a phone number, the number of an account.
pub(super) fn is_plain_number(digits: &str, context: &Context<'_>) -> bool {
    if digits.len() <= 4 || is_round(digits) || is_date(digits) {
        return true;
    }
    match context.before {
        Some(':') => digits.parse::<u16>().is_ok() || is_account(digits, context.value),
        Some('.') if context.after_number => digits.len() <= 12,
        Some('+') => context.token.len() == digits.len() + 1 && (7..=15).contains(&digits.len()),
        Some('/') => digits.len() <= 12,
        Some(_) => digits.len() <= 6 || is_account(digits, context.value),
        None => {
            // `20457 Hamburg`, `123456-app`, and an account as the first name of a host.
            let goes_on = context.value.len() > digits.len();
            goes_on && (digits.len() <= 6 || is_account(digits, context.value))
        }
    }
}

/// Whether a number is that of an account in a name or address of AWS.
fn is_account(digits: &str, value: &str) -> bool {
    digits.len() == 12 && (value.starts_with("arn:aws") || value.contains(".amazonaws.com"))
}

/// Whether a number is a round one: half of it zeros, a small multiple of a power of two or one less, or
/// whole days in seconds.
pub(super) fn is_round(digits: &str) -> bool {
    let Ok(number) = digits.parse::<u64>() else { return false };
    if digits.len() > 12 || digits.len() < 5 || number == 0 {
        return false;
    }
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let is_power = |number: u64| number >> number.trailing_zeros() < 64;
    zeros * 2 >= digits.len() || is_power(number) || is_power(number + 1) || number % 86_400 == 0
}

/// Whether eight digits are a date, or fourteen a date and a time.
pub(super) fn is_date(digits: &str) -> bool {
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|text| text.parse().ok());
    let within = |from, to, most: u32| number(from, to).is_some_and(|found: u32| found <= most);
    let is_day =
        (1970..2100).contains(&number(0, 4).unwrap_or(0)) && within(4, 6, 12) && within(6, 8, 31);
    is_day && (digits.len() == 8 || digits.len() == 14 && within(8, 10, 23) && within(10, 12, 59))
}

/// Units of sizes and times.
const UNITS: [&str; 38] = [
    "ms", "us", "ns", "s", "sec", "m", "min", "h", "hr", "d", "day", "days", "w", "y", "b", "k",
    "kb", "kib", "ki", "mb", "mib", "mi", "g", "gb", "gib", "gi", "t", "tb", "px", "em", "rem",
    "vh", "x", "xlarge", "st", "nd", "rd", "th",
];

/// `640x480`, `30s`, `1h30m`, `512Mi`, `2xlarge`.
pub(super) fn is_amount(part: &str) -> bool {
    if part.split(['x', 'X']).all(|side| side.len() <= 5 && side.parse::<u32>().is_ok()) {
        return true;
    }
    let mut runs = runs(part);
    let mut most = 5;
    while let Some(number) = runs.next() {
        let Some(unit) = runs.next() else { return false };
        let is_unit = UNITS.iter().any(|known| known.eq_ignore_ascii_case(unit));
        if is_letters(number) || (number.len() > most && !is_round(number)) || !is_unit {
            return false;
        }
        most = 2;
    }
    most == 2
}

/// `15T10`, `00Z`, `20240115T100000Z`: what is left of a point in time between its signs.
pub(super) fn is_time(part: &str) -> bool {
    let part = part.strip_suffix('Z').unwrap_or(part);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match part.split_once('T') {
        Some((date, time)) => {
            digits(date) && digits(time) && matches!((date.len(), time.len()), (2, 2) | (8, 6))
        }
        None => digits(part) && matches!(part.len(), 1..=3),
    }
}
