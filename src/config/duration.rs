//! Durations as users write them: `500ms`, `30s`, `5m`, `1h`.

use std::time::Duration;

/// Reads a duration: a whole number and a unit. A bare number is seconds.
pub fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(3600).map(Duration::from_secs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_units() {
        for (text, want) in [
            ("500ms", Some(Duration::from_millis(500))),
            ("30s", Some(Duration::from_secs(30))),
            ("30", Some(Duration::from_secs(30))),
            ("5m", Some(Duration::from_mins(5))),
            ("1h", Some(Duration::from_hours(1))),
            ("", None),
            ("s", None),
            ("1d", None),
            ("-1s", None),
            ("1.5s", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(parse(text), want, "{text:?}");
        }
    }
}
