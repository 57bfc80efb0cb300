//! Signals while a sandboxed fetch hangs: hushed ends at once by that signal, and no process stays.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{can_be_held, over_tls};
use crate::support::{
    infisical::{Fault, FaultKind, Server},
    sandbox::{Output, Running, Sandbox},
};

const LIST: &str = "/api/v4/secrets";
const REVOKE: &str = "/api/v1/auth/token/revoke";
const PATIENCE: Duration = Duration::from_secs(10);

fn hanging() -> (Server, Sandbox) {
    let (server, sandbox) = over_tls();
    server.fault(Fault::on(LIST, FaultKind::Hang));
    (server, sandbox)
}

fn send(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid.cast_signed()), signal).unwrap();
}

fn ended_by(output: &Output) -> Option<Signal> {
    Signal::try_from(output.status.signal()?).ok()
}

/// Starts a run, and waits until its fetcher waits for the server; with the fetcher's PID.
fn fetching<'a>(server: &Server, sandbox: &'a Sandbox, mode: &[&str]) -> (Running<'a>, u32) {
    let line = [&["run", "--disk-free"], mode, &["--", "touch", "started"]].concat();
    let running = sandbox.command(line).spawn();
    server.await_request(LIST);
    let pid = running.pid();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    (running, children.trim().parse().unwrap())
}

/// Whether a process is there and no zombie.
fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, fields)| !fields.starts_with(['Z', 'X']))
}

const MODES: [&[&str]; 2] = [&[], &["--redact"]];

#[test]
fn a_signal_ends_hushed_and_the_fetcher_at_once() {
    if !can_be_held() {
        return;
    }
    for mode in MODES {
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
            let (server, sandbox) = hanging();
            let (running, fetcher) = fetching(&server, &sandbox, mode);
            assert!(lives(fetcher));
            send(running.pid(), signal);
            let output = running.wait();
            assert_eq!(ended_by(&output), Some(signal), "{mode:?}");
            assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""), "{signal}");
            // It was reaped before hushed ended.
            assert!(!fs::exists(format!("/proc/{fetcher}")).unwrap(), "{mode:?} {signal}");
            assert!(!sandbox.project().join("started").exists());
        }
    }
}

#[test]
fn a_signal_ends_a_fetcher_that_waits_for_a_pipe() {
    if !can_be_held() {
        return;
    }
    let sandbox = Sandbox::new();
    let pipe = sandbox.project().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let line = ["run", "--disk-free", "--env-file", "pipe", "--", "touch", "started"];
        let running = sandbox.command(line).spawn();
        // Opening the other end waits until the fetcher reads.
        let writer = fs::OpenOptions::new().write(true).open(&pipe);
        send(running.pid(), signal);
        let output = running.wait();
        drop(writer);
        assert_eq!(ended_by(&output), Some(signal));
        assert!(!sandbox.project().join("started").exists());
    }
}

#[test]
fn the_fetcher_does_not_outlive_a_killed_parent() {
    if !can_be_held() {
        return;
    }
    for mode in MODES {
        let (server, sandbox) = hanging();
        let (running, fetcher) = fetching(&server, &sandbox, mode);
        send(running.pid(), Signal::SIGKILL);
        let output = running.wait();
        assert_eq!(ended_by(&output), Some(Signal::SIGKILL));
        let begin = Instant::now();
        while lives(fetcher) {
            assert!(begin.elapsed() < PATIENCE, "the fetcher lives on");
            thread::yield_now();
        }
    }
}

#[test]
fn a_fetcher_killed_by_another_process_is_reported() {
    if !can_be_held() {
        return;
    }
    let (server, sandbox) = hanging();
    let (running, fetcher) = fetching(&server, &sandbox, &[]);
    send(fetcher, Signal::SIGKILL);
    let output = running.wait().fails_with(125);
    assert_eq!(
        output.stderr,
        "hushed: the process that fetches the secrets failed: signal 9 ended it\n"
    );
    // One that is asked to end does so as hushed itself would.
    server.forget();
    let (running, fetcher) = fetching(&server, &sandbox, &[]);
    send(fetcher, Signal::SIGTERM);
    let output = running.wait();
    assert_eq!((ended_by(&output), output.stderr.as_str()), (Some(Signal::SIGTERM), ""));
}

#[test]
fn the_timeout_applies_to_the_fetcher() {
    if !can_be_held() {
        return;
    }
    let (_server, sandbox) = hanging();
    let begin = Instant::now();
    let line = ["run", "--disk-free", "--timeout", "500ms", "--", "true"];
    let output = sandbox.run(line).fails_with(125);
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
    assert!(output.stderr.contains("within 0.5 s"), "{}", output.stderr);
}

#[test]
fn the_fetcher_revokes_its_token_however_it_ends() {
    if !can_be_held() {
        return;
    }
    let revoked = |server: &Server| {
        server.requests().iter().filter(|request| request.path() == REVOKE).count()
    };
    for mode in ["--redact", "--redact=false"] {
        let (server, sandbox) = over_tls();
        let line = ["run", "--disk-free", "--revoke-token", mode, "--", "true"];
        assert_eq!(sandbox.run(line).success().stderr, "");
        assert_eq!(revoked(&server), 1);
        let (server, sandbox) = hanging();
        let (running, _fetcher) = fetching(&server, &sandbox, &["--revoke-token", mode]);
        send(running.pid(), Signal::SIGTERM);
        let output = running.wait();
        assert_eq!((ended_by(&output), output.stderr.as_str()), (Some(Signal::SIGTERM), ""));
        assert_eq!(revoked(&server), 1, "{mode}");
        // Whoever asks twice does not wait.
        let (server, sandbox) = hanging();
        server.fault(Fault::on(REVOKE, FaultKind::Hang));
        let (running, fetcher) = fetching(&server, &sandbox, &["--revoke-token", mode]);
        send(running.pid(), Signal::SIGTERM);
        server.await_request(REVOKE);
        send(running.pid(), Signal::SIGINT);
        assert_eq!(ended_by(&running.wait()), Some(Signal::SIGINT));
        assert!(!lives(fetcher));
    }
}
