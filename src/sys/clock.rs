//! The clock that nobody can set: how long the kernel has been running, and which run of it this is.
//! It knows no dates.

use std::fs;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// The time since the kernel was started, sleep included (`clock_gettime(2)`, `CLOCK_BOOTTIME`).
pub(crate) fn uptime() -> Option<Duration> {
    clock_gettime(ClockId::CLOCK_BOOTTIME).ok().map(Duration::from)
}

/// A number that the kernel draws at each start (random(4), `boot_id`).
pub(crate) fn boot() -> Option<u128> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let digits: String = text.trim().chars().filter(|digit| *digit != '-').collect();
    u128::from_str_radix(&digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uptime_grows_and_the_boot_stays() {
        let first = uptime().unwrap();
        assert!(uptime().unwrap() >= first && first > Duration::ZERO);
        assert_eq!(boot(), boot());
    }
}
