//! A point in time by two clocks: the one on the wall, which can be set, and the kernel's, which cannot
//! but begins anew at each start. It decides nothing about ages.

use std::time::{Duration, SystemTime};

use super::policy::EntryState;
use crate::sys::clock;

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// By the clock on the wall.
    pub wall: SystemTime,
    /// How long the kernel had been running.
    pub uptime: Duration,
    /// Which run of the kernel it was; 0 is none that is known.
    pub boot: u128,
}

impl Timestamp {
    /// This moment.
    pub fn now() -> Self {
        let boot = clock::boot_id().unwrap_or_default();
        let uptime = clock::uptime().unwrap_or_default();
        Self { wall: SystemTime::now(), uptime, boot }
    }

    /// How old something of this moment is. Within one run of the kernel it is at least as old as the
    /// kernel's clock says: to put the clock on the wall back makes nothing younger.
    pub fn state_at(self, now: Self) -> EntryState {
        let Ok(age) = now.wall.duration_since(self.wall) else { return EntryState::FromFuture };
        let same = self.boot == now.boot && self.boot != 0;
        // In a namespace of its own the kernel's clock may be behind, and tells nothing then.
        let passed = now.uptime.checked_sub(self.uptime).filter(|_| same);
        EntryState::Aged(passed.map_or(age, |passed| passed.max(age)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greater_age_counts_within_one_run_of_the_kernel() {
        let moment = |wall, uptime, boot| Timestamp {
            wall: SystemTime::UNIX_EPOCH + Duration::from_secs(wall),
            uptime: Duration::from_secs(uptime),
            boot,
        };
        let then = moment(1000, 100, 7);
        let aged = |seconds| EntryState::Aged(Duration::from_secs(seconds));
        for (now, want) in [
            (moment(1050, 150, 7), aged(50)),
            // The clock was put back by 40 seconds, then by 60.
            (moment(1010, 150, 7), aged(50)),
            (moment(990, 150, 7), EntryState::FromFuture),
            // It was put forward.
            (moment(5000, 150, 7), aged(4000)),
            // Another run of the kernel, or a namespace with a clock of its own.
            (moment(1010, 500, 8), aged(10)),
            (moment(1010, 50, 7), aged(10)),
        ] {
            assert_eq!(then.state_at(now), want, "{now:?}");
        }
        let unknown = moment(1000, 100, 0);
        assert_eq!(unknown.state_at(moment(1010, 150, 0)), aged(10));
    }

    #[test]
    fn now_is_now() {
        let now = Timestamp::now();
        assert!(
            matches!(now.state_at(Timestamp::now()), EntryState::Aged(age) if age < Duration::from_mins(5))
        );
    }
}
