//! Leases of a supervised command: renewed while it runs, revoked when it has ended, however that comes about.
//! Must not wait for a fixed time.

use std::{
    fs,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{
    approle, home,
    server::{FakeVault, TOKEN},
};
use crate::support::sandbox::{Running, Sandbox};

const RENEW: &str = "POST /v1/sys/leases/renew";
const REVOKE_TOKEN: &str = "POST /v1/auth/token/revoke-self";
const REVOKE_LEASE: &str = "POST /v1/sys/leases/revoke";

fn dynamic(server: &FakeVault) -> Sandbox {
    home(server).env("HUSHED_SOURCE_APP_PATH", "database/creds/app")
}

/// A command that runs until something is written to `go`, or a signal ends it.
fn start<'a>(sandbox: &'a Sandbox, options: &[&str]) -> Running<'a> {
    let script = "mkfifo go.tmp && mv go.tmp go; echo $USER; read x < go; echo $x";
    let arguments = [&["run"], options, &["--", "sh", "-c", script]].concat();
    let running = sandbox.command(arguments).spawn();
    until("the command runs", || sandbox.project().join("go").exists());
    running
}

fn go(sandbox: &Sandbox) {
    fs::write(sandbox.project().join("go"), "end\n").unwrap();
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < limit, "never: {what}");
        std::thread::yield_now();
    }
}

fn asked(server: &FakeVault, line: &str) -> usize {
    server.asked().iter().filter(|asked| *asked == line).count()
}

#[test]
fn a_lease_is_renewed_while_the_command_runs_and_revoked_when_it_has_ended() {
    for option in ["--redact", "--init"] {
        let server = FakeVault::start();
        let sandbox = approle(dynamic(&server));
        let running = start(&sandbox, &[option]);
        until("a renewal", || asked(&server, RENEW) > 0);
        assert_eq!(asked(&server, REVOKE_TOKEN), 0);
        go(&sandbox);
        let output = running.wait().success();
        assert!(output.stdout.ends_with("end\n"), "{}", output.stdout);
        assert_eq!(output.stderr, "", "{option}");
        assert_eq!(server.asked().last().unwrap(), REVOKE_TOKEN, "{option}");
        assert_eq!(asked(&server, "GET /v1/database/creds/app"), 1);
    }
}

#[test]
fn the_lease_of_the_users_own_token_is_revoked_by_itself() {
    let server = FakeVault::start();
    let sandbox = dynamic(&server).env("VAULT_TOKEN", TOKEN);
    let running = start(&sandbox, &["--redact"]);
    go(&sandbox);
    running.wait().success();
    assert_eq!(server.asked().last().unwrap(), REVOKE_LEASE);
    assert_eq!(asked(&server, REVOKE_TOKEN), 0);
}

#[test]
fn a_signal_ends_the_command_first_and_the_lease_after_it() {
    for (option, signal) in [("--redact", Signal::SIGTERM), ("--init", Signal::SIGTERM)] {
        let server = FakeVault::start();
        let sandbox = approle(dynamic(&server));
        let running = start(&sandbox, &[option]);
        kill(Pid::from_raw(running.pid().try_into().unwrap()), signal).unwrap();
        let output = running.wait();
        assert_eq!(output.code(), 143, "{}", output.stderr);
        assert_eq!(server.asked().last().unwrap(), REVOKE_TOKEN);
    }
}

#[test]
fn hushed_may_be_killed_and_the_lease_ends_still() {
    let server = FakeVault::start();
    let sandbox = approle(dynamic(&server));
    let running = start(&sandbox, &["--redact"]);
    kill(Pid::from_raw(running.pid().try_into().unwrap()), Signal::SIGKILL).unwrap();
    running.wait().fails_with(137);
    until("the revocation", || asked(&server, REVOKE_TOKEN) == 1);
}

#[test]
fn descendants_end_before_the_lease() {
    let server = FakeVault::start();
    let sandbox = approle(dynamic(&server));
    let script = "sh -c 'trap \"echo ended > left; exit\" TERM; touch up; while :; do sleep 0.05; done' & \
                  while [ ! -e up ]; do :; done; echo $USER";
    let started = Instant::now();
    sandbox.command(["run", "--init", "--", "sh", "-c", script]).run().success();
    // The keeper is none of those that are waited for, up to ten seconds.
    assert!(started.elapsed() < Duration::from_secs(9));
    assert_eq!(fs::read_to_string(sandbox.project().join("left")).unwrap(), "ended\n");
    assert_eq!(server.asked().last().unwrap(), REVOKE_TOKEN);
}

#[test]
fn a_confined_keeper_renews_and_revokes_too() {
    let server = FakeVault::start();
    let sandbox = approle(dynamic(&server));
    let running = start(&sandbox, &["--redact", "--disk-free=best-effort"]);
    until("a renewal", || asked(&server, RENEW) > 0);
    go(&sandbox);
    running.wait().success();
    assert_eq!(server.asked().last().unwrap(), REVOKE_TOKEN);
}

#[test]
fn a_denied_fetch_is_told_as_without_a_keeper() {
    let server = FakeVault::start();
    let sandbox = approle(home(&server)).env("HUSHED_SOURCE_APP_PATH", "secret/denied");
    let supervised = sandbox.run(["run", "--redact", "--", "true"]).fails_with(125).stderr;
    let plain = sandbox.run(["run", "--", "true"]).fails_with(125).stderr;
    assert_eq!(supervised, plain);
}
