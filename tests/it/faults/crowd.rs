//! Many runs that begin together, at a server that takes only so many requests a second. What a
//! thousand do is simulated beside the policy; here they are processes.

use std::{fs, time::Instant};

use super::stage::{Stage, plain};
use crate::support::{infisical::Throttle, sandbox::hushed};

/// Starts all of them at once, and says which failed.
const TOGETHER: &str = "i=0; while [ $i -lt $1 ]; do i=$((i + 1)); \
    { \"$2\" run --timeout \"$3\" --cache \"$4\" \"$5\" -- true 2>err.$i || echo $i; } & done; wait";

/// The result of it.
#[derive(Debug)]
struct Crowd {
    /// What each said that failed.
    failed: Vec<String>,
    /// How many requests came in each second.
    rate: Vec<usize>,
    seconds: f64,
}

fn together(runs: usize, limit: usize, says_when: bool, time: &str, cache: &str) -> Crowd {
    throttled(runs, Throttle::new(limit, says_when), time, cache, "--spread=false")
}

fn throttled(runs: usize, throttle: Throttle, time: &str, cache: &str, spread: &str) -> Crowd {
    let stage = Stage::before(plain());
    let sandbox = stage.sandbox.env("INFISICAL_DOMAIN", stage.server.url());
    stage.server.throttle(Some(throttle));
    let (runs, hushed) = (runs.to_string(), hushed());
    let begun = Instant::now();
    let line = ["-c", TOGETHER, "sh", &runs, hushed.to_str().unwrap(), time, cache, spread];
    let output = sandbox.program("sh", line).run().success();
    let seconds = begun.elapsed().as_secs_f64();
    let said = |number: &str| fs::read_to_string(sandbox.project().join(format!("err.{number}")));
    let failed = output.stdout.lines().map(|number| said(number).unwrap()).collect();
    let arrivals = stage.server.throttle(None).unwrap().arrivals;
    let mut rate = Vec::new();
    for arrival in &arrivals {
        let second = usize::try_from(arrival.duration_since(arrivals[0]).as_secs()).unwrap();
        rate.resize(rate.len().max(second + 1), 0);
        rate[second] += 1;
    }
    Crowd { failed, rate, seconds }
}

/// All have what they wanted, and once they have met the limit, they keep near it.
fn check(crowd: &Crowd, runs: usize, limit: usize) {
    assert_eq!(crowd.failed, [""; 0], "{crowd:?}");
    let total: usize = crowd.rate.iter().sum();
    assert!(total >= 2 * runs, "{crowd:?}");
    // While the machine still starts new runs, these come at its pace: until there were as many requests
    // as runs, and half as many again, which were not the first of theirs.
    let mut come = 0;
    let starting = crowd.rate.iter().take_while(|rate| {
        come += **rate;
        come < runs * 3 / 2
    });
    for rate in crowd.rate.iter().skip(starting.count() + 1) {
        assert!(*rate <= 3 * limit, "{rate} in a second: {crowd:?}");
    }
}

#[test]
fn runs_that_begin_together_spread_until_all_are_served() {
    for says_when in [true, false] {
        let crowd = together(60, 30, says_when, "8s", "off");
        check(&crowd, 60, 30);
    }
}

#[test]
fn runs_that_are_told_to_spread_do_so_where_the_server_shows_no_limit() {
    for says_when in [true, false] {
        let throttle = Throttle::new(30, says_when).hiding_its_limit();
        let crowd = throttled(60, throttle, "8s", "off", "--spread");
        check(&crowd, 60, 30);
    }
}

#[test]
fn whoever_is_too_many_says_so_in_time() {
    let crowd = together(60, 6, true, "3s", "off");
    assert!(
        !crowd.failed.is_empty() && crowd.seconds < 3.0 + super::SLACK.as_secs_f64(),
        "{crowd:?}"
    );
    for said in &crowd.failed {
        assert!(said.contains("limits the rate of requests (429) and asks to wait 1 s"), "{said}");
    }
}

#[test]
#[ignore = "takes a minute: .ci/long runs it"]
fn a_thousand_that_begin_together_are_all_served() {
    for says_when in [true, false] {
        let crowd = together(1000, 100, says_when, "30s", "off");
        println!("retry-after {says_when}: {crowd:?}");
        check(&crowd, 1000, 100);
    }
    let throttle = Throttle::new(100, true).hiding_its_limit();
    let crowd = throttled(1000, throttle, "30s", "off", "--spread");
    println!("with --spread: {crowd:?}");
    check(&crowd, 1000, 100);
    // On one host, a cache leaves one of them to ask.
    let crowd = together(1000, 100, true, "30s", "ttl=5m");
    println!("with a cache: {crowd:?}");
    assert_eq!((crowd.failed.len(), crowd.rate.iter().sum()), (0, 2), "{crowd:?}");
}
