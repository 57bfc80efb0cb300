//! The clock that nobody can set: how long the kernel has been running, and which run of it this is.
//! It knows no dates.
#![expect(unsafe_code, reason = "the clock is read by a system call")]

use std::fs;
use std::mem::MaybeUninit;
use std::time::Duration;

use nix::libc;

/// The time since the kernel was started, sleep included (`clock_gettime(2)`, `CLOCK_BOOTTIME`).
pub(crate) fn uptime() -> Option<Duration> {
    let mut time = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: on success the call has written the whole structure.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, time.as_mut_ptr()) };
    // SAFETY: it was written, as the status says.
    let time = (status == 0).then(|| unsafe { time.assume_init() })?;
    let seconds = u64::try_from(time.tv_sec).ok()?;
    Some(Duration::new(seconds, u32::try_from(time.tv_nsec).ok()?))
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
