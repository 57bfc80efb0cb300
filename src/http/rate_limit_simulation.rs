//! A simulation of the retry policy: many independent clients and one server with a rate limit. Its clock
//! is a number, so it runs in no time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use super::retry::{AttemptOutcome, RetryDecision, RetryPolicy};

/// How many requests the server accepts a second.
const LIMIT: usize = 100;
/// The time limit of a run, the default of `--timeout`.
const TIMEOUT: Duration = Duration::from_secs(30);
/// From a request to its response.
const ROUND_TRIP: Duration = Duration::from_millis(20);

/// The result of a simulation.
#[derive(Debug, Default)]
struct SimulationResult {
    /// How many clients got both responses in time.
    done: usize,
    /// How many failed in time, with an error.
    failed: usize,
    /// How many exceeded the time limit.
    late: usize,
    /// How many requests arrived in each second.
    rate: BTreeMap<u64, usize>,
}

/// A future request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrival {
    at: Duration,
    started: Duration,
    /// The login is 0, the list is 1.
    step: u8,
    attempt: u32,
}

/// Simulates clients that start within a time. The server sends `retry-after` or not, and reports a shared
/// limit or not.
fn simulate(
    clients: u64,
    within: Duration,
    says_when: bool,
    is_shared: bool,
    seed: u64,
) -> SimulationResult {
    let mut random = Xorshift(seed);
    let mut result = SimulationResult::default();
    let mut queue: BinaryHeap<_> = (0..clients)
        .map(|_| {
            let at = within.mul_f64(random.next());
            Reverse(Arrival { at, started: at, step: 0, attempt: 1 })
        })
        .collect();
    let mut taken: BTreeMap<u64, usize> = BTreeMap::new();
    while let Some(Reverse(arrival)) = queue.pop() {
        let second = arrival.at.as_secs();
        let spent = arrival.at.saturating_sub(arrival.started) + ROUND_TRIP;
        if spent >= TIMEOUT {
            result.late += 1;
            continue;
        }
        *result.rate.entry(second).or_default() += 1;
        let taken = taken.entry(second).or_default();
        let answered = arrival.at + ROUND_TRIP;
        if *taken < LIMIT {
            *taken += 1;
            if arrival.step == 0 {
                queue.push(Reverse(Arrival { at: answered, step: 1, attempt: 1, ..arrival }));
            } else {
                result.done += 1;
            }
            continue;
        }
        let wait = says_when.then_some(Duration::from_secs(1));
        let outcome = AttemptOutcome::Response { status: 429, wait, is_shared };
        let policy = RetryPolicy::default();
        let left = TIMEOUT.saturating_sub(spent);
        match policy.decide(arrival.attempt, arrival.step == 1, outcome, left, random.next()) {
            RetryDecision::RetryAfter(wait) => {
                let attempt = arrival.attempt + 1;
                queue.push(Reverse(Arrival { at: answered + wait, attempt, ..arrival }));
            }
            RetryDecision::GiveUp => result.failed += 1,
        }
    }
    result
}

/// Marsaglia's xorshift64: a reproducible random number generator.
struct Xorshift(u64);

impl Xorshift {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let top = u32::try_from(self.0 >> 32).unwrap();
        f64::from(top) / f64::from(u32::MAX)
    }
}

#[test]
fn a_thousand_clients_at_once_are_all_served_in_time() {
    for within in [0, 1, 3, 8, 15].map(Duration::from_secs) {
        for says_when in [true, false] {
            for seed in 1..=20 {
                let result = simulate(1000, within, says_when, true, seed);
                let case = format!("{within:?} {says_when} {seed}: {result:?}");
                assert_eq!((result.done, result.failed, result.late), (1000, 0, 0), "{case}");
            }
        }
    }
}

#[test]
fn clients_that_share_a_limit_arrive_near_it_after_the_first_second() {
    for says_when in [true, false] {
        for seed in 1..=20 {
            let result = simulate(1000, Duration::ZERO, says_when, true, seed);
            // No client knows of the others before its first rejection, so the first second does not count.
            let later: Vec<usize> = result.rate.values().skip(1).copied().collect();
            let most = later.iter().max().unwrap();
            assert!(*most < 3 * LIMIT, "{says_when} {seed}: {result:?}");
            // The server is not idle while clients wait.
            let total: usize = result.rate.values().sum();
            assert!(total < 4500, "{total} requests for 2000 responses: {result:?}");
            assert!(later.iter().take(15).all(|rate| *rate >= LIMIT * 8 / 10), "{result:?}");
        }
    }
}

#[test]
fn clients_beyond_the_capacity_fail_in_time() {
    for says_when in [true, false] {
        // Twice the capacity of the server in the time limit.
        let result = simulate(3000, Duration::ZERO, says_when, true, 1);
        assert_eq!(result.late, 0, "{result:?}");
        assert_eq!(result.done + result.failed, 3000);
        assert!(result.done > 700, "{result:?}");
    }
}

#[test]
fn few_clients_do_not_wait_long() {
    let result = simulate(60, Duration::ZERO, true, true, 1);
    assert_eq!(result.done, 60);
    assert!(*result.rate.keys().last().unwrap() <= 10, "{result:?}");
}

#[test]
fn clients_that_do_not_know_of_each_other_still_end_in_time() {
    for says_when in [true, false] {
        let result = simulate(1000, Duration::ZERO, says_when, false, 1);
        assert_eq!((result.done + result.failed, result.late), (1000, 0), "{result:?}");
        assert!(result.done > 900, "{result:?}");
    }
}
