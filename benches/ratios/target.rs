//! What was promised beside what was measured. It fails nobody.

use super::round::{Race, Ratio};

/// Prints one line: at most this many times as long as the other.
pub(crate) fn at_most(limit: f64, race: &Race, name: &str, by: &str) {
    let Some(Ratio { median, least }) = race.ratio(name, by) else { return };
    let verdict = verdict(median <= limit);
    println!(
        "  target: {name} at most {limit:.2}x {by}: measured {median:.2}x (minima {least:.2}x): {verdict}"
    );
}

/// Prints one line: at most this many times as long as the other, both without the time that a third one takes.
pub(crate) fn at_most_beyond(base: &str, limit: f64, race: &Race, name: &str, by: &str) {
    let (Some((one, least)), Some((other, least_other))) =
        (race.difference(name, base), race.difference(by, base))
    else {
        return;
    };
    let verdict = verdict(one <= limit * other);
    println!(
        "  target: {name} at most {limit:.2}x {by}, without {base}: measured {:.2}x (minima {:.2}x): {verdict}",
        one / other,
        least / least_other
    );
}

/// Prints one line: how many times as long as the other. Nothing was promised.
pub(crate) fn informs(race: &Race, name: &str, by: &str) {
    let Some(Ratio { median, least }) = race.ratio(name, by) else { return };
    println!("  {name} is {median:.3}x {by} (minima {least:.3}x)");
}

/// Prints one line: less than this many of a unit.
pub(crate) fn below(limit: f64, what: &str, measured: f64, unit: &str) {
    let verdict = verdict(measured < limit);
    println!("  target: {what} below {limit} {unit}: measured {measured:.2} {unit}: {verdict}");
}

/// Prints one line: at least this many of a unit.
pub(crate) fn at_least(limit: f64, what: &str, measured: f64, unit: &str) {
    let verdict = verdict(measured >= limit);
    println!("  target: {what} at least {limit} {unit}: measured {measured:.1} {unit}: {verdict}");
}

fn verdict(met: bool) -> &'static str {
    if met { "ok" } else { "NOT MET" }
}
