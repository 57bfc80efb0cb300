//! Ctrl-C while a server hangs: hushed ends at once, by that signal, and nothing was started.
//! Must not test signals that reach a command.

use std::{fs, os::unix::process::ExitStatusExt};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::fixture::{LIST, LOGIN, home, start};
use crate::support::{
    infisical::{Fault, FaultKind, Server},
    sandbox::{Output, Sandbox, hushed},
};

fn hanging(path: &str) -> Server {
    let server = start();
    server.fault(Fault::on(path, FaultKind::Hang));
    server
}

fn send(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid.cast_signed()), signal).unwrap();
}

fn ended_by(output: &Output) -> Option<Signal> {
    Signal::try_from(output.status.signal()?).ok()
}

/// Fails unless the command did not run and no file was left.
fn check_untouched(sandbox: &Sandbox) {
    for folder in ["project", "tmp", "run", ".cache", ".local/state"] {
        let left: Vec<_> = fs::read_dir(sandbox.home().join(folder)).unwrap().collect();
        assert!(left.is_empty(), "{folder} has {left:?}");
    }
}

#[test]
fn a_signal_ends_it_at_once_and_is_seen_by_the_parent() {
    for path in [LOGIN, LIST] {
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
            let server = hanging(path);
            let sandbox = home(&server);
            let running = sandbox.command(["run", "--", "touch", "started"]).spawn();
            server.await_request(path);
            running.check_command_line();
            send(running.pid(), signal);
            let output = running.wait();
            assert_eq!(ended_by(&output), Some(signal), "{path} {signal}");
            assert!(!output.status.core_dumped(), "{signal}");
            assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""), "{signal}");
            check_untouched(&sandbox);
        }
    }
}

#[test]
fn a_signal_ends_the_reading_of_a_credential_that_never_comes() {
    let server = start();
    let sandbox = home(&server);
    nix::unistd::mkfifo(&sandbox.project().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let running =
            sandbox.command(["run", "--token-file", "pipe", "--", "touch", "started"]).spawn();
        // Opening the other end waits until hushed reads.
        let writer = fs::OpenOptions::new().write(true).open(sandbox.project().join("pipe"));
        send(running.pid(), signal);
        let output = running.wait();
        drop(writer);
        assert_eq!(ended_by(&output), Some(signal), "{signal}");
        assert!(!sandbox.project().join("started").exists());
    }
}

#[test]
fn as_the_first_process_it_exits_with_128_and_the_signal() {
    let unshare = ["--user", "--map-root-user", "--pid", "--fork", "--kill-child"];
    let probe = Sandbox::new().program("unshare", unshare.iter().chain(&["true"])).run();
    if !probe.status.success() {
        skipped(&probe.stderr);
        return;
    }
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let server = hanging(LIST);
        let sandbox = home(&server);
        let hushed = hushed().into_os_string();
        let command = ["run", "--", "touch", "started"].map(Into::into);
        let arguments = unshare.iter().map(Into::into).chain([hushed]).chain(command);
        let running = sandbox.program("unshare", arguments).spawn();
        server.await_request(LIST);
        let outer = running.pid();
        let children = fs::read_to_string(format!("/proc/{outer}/task/{outer}/children")).unwrap();
        send(children.trim().parse().unwrap(), signal);
        let output = running.wait();
        assert_eq!(output.status.code(), Some(code), "{signal}: {}", output.stderr);
        assert_eq!(output.stderr, "");
        check_untouched(&sandbox);
    }
}

#[expect(clippy::print_stderr, reason = "a test that is skipped must be heard")]
fn skipped(why: &str) {
    eprintln!("SKIPPED: no process namespace can be made here: {}", why.trim());
}
