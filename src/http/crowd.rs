//! A crowd of clients that know nothing of each other, at a server that limits the rate of requests:
//! a simulation of the retry policy. It waits for nothing: its clock is a number.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use super::retry::{Effect, Outcome, Policy, Retry};

/// What a server takes in a second.
const LIMIT: usize = 100;
/// What one run may take, as `--timeout` has it by default.
const TIMEOUT: Duration = Duration::from_secs(30);
/// From a request to its answer.
const TRIP: Duration = Duration::from_millis(20);

/// What came of a crowd.
#[derive(Debug, Default)]
struct Crowd {
    /// How many had both answers in time.
    done: usize,
    /// How many were told why not, in time.
    told: usize,
    /// How many were not heard of again.
    lost: usize,
    /// How many requests came in each second.
    rate: BTreeMap<u64, usize>,
}

/// One request to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrival {
    at: Duration,
    begun: Duration,
    /// The login is 0, the list is 1.
    step: u8,
    attempt: u32,
}

/// Simulates clients that begin within this time.
fn simulate(clients: u64, within: Duration, says_when: bool, seed: u64) -> Crowd {
    let mut dice = Dice(seed);
    let mut crowd = Crowd::default();
    let mut coming: BinaryHeap<_> = (0..clients)
        .map(|_| {
            let at = within.mul_f64(dice.throw());
            Reverse(Arrival { at, begun: at, step: 0, attempt: 1 })
        })
        .collect();
    let mut taken: BTreeMap<u64, usize> = BTreeMap::new();
    while let Some(Reverse(arrival)) = coming.pop() {
        let second = arrival.at.as_secs();
        let spent = arrival.at.saturating_sub(arrival.begun) + TRIP;
        if spent >= TIMEOUT {
            crowd.lost += 1;
            continue;
        }
        *crowd.rate.entry(second).or_default() += 1;
        let taken = taken.entry(second).or_default();
        let answered = arrival.at + TRIP;
        if *taken < LIMIT {
            *taken += 1;
            if arrival.step == 0 {
                coming.push(Reverse(Arrival { at: answered, step: 1, attempt: 1, ..arrival }));
            } else {
                crowd.done += 1;
            }
            continue;
        }
        let outcome = Outcome::Status(429, says_when.then_some(Duration::from_secs(1)));
        let effect = if arrival.step == 0 { Effect::Write } else { Effect::Read };
        let policy = Policy::default();
        let left = TIMEOUT.saturating_sub(spent);
        match policy.next(arrival.attempt, effect, outcome, left, dice.throw()) {
            Retry::After(wait) => {
                let attempt = arrival.attempt + 1;
                coming.push(Reverse(Arrival { at: answered + wait, attempt, ..arrival }));
            }
            Retry::TooLate(_) | Retry::GiveUp => crowd.told += 1,
        }
    }
    crowd
}

/// Marsaglia's xorshift64: chance that is the same each time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let top = u32::try_from(self.0 >> 32).unwrap();
        f64::from(top) / f64::from(u32::MAX)
    }
}

#[test]
fn a_thousand_at_once_are_all_served_in_time() {
    for within in [0, 1, 3, 8, 15].map(Duration::from_secs) {
        for says_when in [true, false] {
            for seed in 1..=20 {
                let crowd = simulate(1000, within, says_when, seed);
                let case = format!("{within:?} {says_when} {seed}: {crowd:?}");
                assert_eq!((crowd.done, crowd.told, crowd.lost), (1000, 0, 0), "{case}");
            }
        }
    }
}

#[test]
fn a_crowd_comes_once_at_its_own_pace_and_then_near_the_limit() {
    for says_when in [true, false] {
        for seed in 1..=20 {
            let crowd = simulate(1000, Duration::ZERO, says_when, seed);
            // Nobody can know of the others before the server has said no: the first second is theirs.
            let later: Vec<usize> = crowd.rate.values().skip(1).copied().collect();
            let most = later.iter().max().unwrap();
            assert!(*most < 3 * LIMIT, "{says_when} {seed}: {crowd:?}");
            // While there is something to do, the server is not idle either.
            let total: usize = crowd.rate.values().sum();
            assert!(total < 4500, "{total} requests for 2000 answers: {crowd:?}");
            assert!(later.iter().take(15).all(|rate| *rate >= LIMIT * 8 / 10), "{crowd:?}");
        }
    }
}

#[test]
fn whoever_is_too_many_is_told_so_in_time() {
    for says_when in [true, false] {
        // Twice what the server can do in the time.
        let crowd = simulate(3000, Duration::ZERO, says_when, 1);
        assert_eq!(crowd.lost, 0, "{crowd:?}");
        assert_eq!(crowd.done + crowd.told, 3000);
        assert!(crowd.done > 700, "the server works for those it can serve: {crowd:?}");
    }
}

#[test]
fn a_few_wait_no_longer_than_a_few_must() {
    let crowd = simulate(60, Duration::ZERO, true, 1);
    assert_eq!(crowd.done, 60);
    assert!(*crowd.rate.keys().last().unwrap() <= 10, "{crowd:?}");
}
