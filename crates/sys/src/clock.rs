//! A clock that cannot be set: the time since boot, and which boot it is.

use std::fs;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// The time since boot, including suspend (`clock_gettime(2)`, `CLOCK_BOOTTIME`).
pub fn uptime() -> Option<Duration> {
    clock_gettime(ClockId::CLOCK_BOOTTIME).ok().map(Duration::from)
}

/// The random ID of this boot (random(4), `boot_id`).
pub fn boot_id() -> Option<u128> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    u128::from_str_radix(&text.trim().replace('-', ""), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uptime_grows_and_the_boot_id_stays() {
        let first = uptime().unwrap();
        assert!(uptime().unwrap() >= first && first > Duration::ZERO);
        assert_eq!(boot_id(), boot_id());
    }
}
