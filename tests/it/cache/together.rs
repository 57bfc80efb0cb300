//! Many runs at once fetch once; who waits too long goes alone. And a start from the cache opens no
//! socket and writes nothing.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{
    FALLBACK, LIST, LOGIN, TTL, count, entries, home, run, serves, skipped, start, variables,
};
use crate::support::infisical::{Fault, FaultKind};
use crate::support::sandbox::hushed;

const RUNS: usize = 12;

#[test]
fn many_runs_at_once_fetch_once() {
    for mode in [FALLBACK, TTL] {
        let server = start();
        let sandbox = home(&server);
        server.fault(Fault::on(LIST, FaultKind::Delay(Duration::from_secs(2))).times(1));
        let first = run(&sandbox, &mode).spawn();
        server.await_request(LIST);
        // All of these begin while the first one fetches.
        let others: Vec<_> = (1..RUNS).map(|_| run(&sandbox, &mode).spawn()).collect();
        for running in std::iter::once(first).chain(others) {
            let output = running.wait().success();
            assert_eq!(variables(&output)["NAME"], "canary-one", "{}", output.stderr);
        }
        assert_eq!((count(&server, LOGIN), count(&server, LIST)), (1, 1), "{mode:?}");
        assert_eq!(entries(&sandbox).len(), 1);
    }
}

#[test]
fn runs_of_all_kinds_at_once_never_see_a_half() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &FALLBACK);
    let always = ["--cache", "ttl=1ms", "--cache-token"];
    let modes: [&[&str]; 4] = [&FALLBACK, &TTL, &always, &["--offline"]];
    for _ in 0..3 {
        let running: Vec<_> =
            (0..RUNS).map(|number| run(&sandbox, modes[number % modes.len()]).spawn()).collect();
        for output in running.into_iter().map(|running| running.wait().success()) {
            assert_eq!(variables(&output)["NAME"], "canary-one");
            assert!(!output.stderr.contains("warning"), "{}", output.stderr);
        }
    }
    assert!(serves(&sandbox, &["--offline"]).contains("from the cache"));
}

#[test]
fn who_waits_too_long_goes_alone() {
    let server = start();
    let sandbox = home(&server);
    server.fault(Fault::on(LIST, FaultKind::Hang).times(1));
    let mut first = run(&sandbox, &FALLBACK).spawn();
    server.await_request(LIST);
    // It waits for half of its time, and has the other half for itself.
    assert_eq!(serves(&sandbox, &["--cache", "fallback", "--timeout", "4s"]), "");
    assert_eq!(count(&server, LIST), 2);
    first.child().kill().unwrap();
    first.wait();
}

#[test]
fn a_killed_run_holds_nobody_up() {
    let server = start();
    let sandbox = home(&server);
    server.fault(Fault::on(LIST, FaultKind::Hang).times(1));
    let mut first = run(&sandbox, &FALLBACK).spawn();
    server.await_request(LIST);
    let second = run(&sandbox, &FALLBACK).spawn();
    first.child().kill().unwrap();
    first.wait();
    let output = second.wait().success();
    assert_eq!(output.stderr, "");
    assert_eq!(entries(&sandbox).len(), 1, "it took the place of the killed one");
}

#[test]
fn a_start_from_the_cache_opens_no_socket_and_writes_nothing() {
    let server = start();
    let sandbox = home(&server);
    serves(&sandbox, &TTL);
    if Command::new("strace").arg("-V").output().is_err() {
        return skipped("no strace");
    }
    let trace = sandbox.home().join("trace");
    for flags in [&TTL[..], &["--offline"]] {
        let line = ["-f", "-o", trace.to_str().unwrap(), hushed().to_str().unwrap(), "run"]
            .iter()
            .chain(flags)
            .chain(&["--", "true"])
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        let output = sandbox.program("strace", line).run();
        if output.stderr.contains("PTRACE") {
            return skipped(&output.stderr);
        }
        let output = output.success();
        assert!(output.stderr.contains("is from the cache"), "{}", output.stderr);
        let calls = of_ours(&trace);
        assert!(calls.iter().any(|call| call.contains("/names\"")), "the trace shows files");
        for call in &calls {
            for forbidden in [
                "socket(",
                "connect(",
                "epoll_create",
                "clone",
                "O_WRONLY",
                "O_RDWR",
                "O_CREAT",
                "rename",
                "unlink",
                "mkdir",
            ] {
                assert!(!call.contains(forbidden), "{call}");
            }
        }
    }
}

/// The calls of hushed itself, before the command takes its place.
fn of_ours(trace: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(trace).unwrap();
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let execs: Vec<_> = (0..lines.len()).filter(|at| lines[*at].contains("execve(")).collect();
    let [own, .., command] = execs[..] else { panic!("{text}") };
    lines[own..command].to_vec()
}
