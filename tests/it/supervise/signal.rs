//! Signals and their way to the command.

use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use super::{SupervisedProcess, as_child, is_alive, kill, output, probe_path, without_terminal};

#[test]
fn a_burst_of_signals_is_forwarded_completely() {
    let receiver = "\
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {35})
print('ready', flush=True)
for _ in range(50): signal.sigwaitinfo({35})
print('fifty', flush=True)";
    let mut talk = SupervisedProcess::start(without_terminal(&[], &["python3", "-c", receiver]));
    assert_eq!(talk.line(), "ready");
    let burst = format!(
        "for i in 1 2 3 4 5; do for j in 1 2 3 4 5 6 7 8 9 0; do kill -35 {}; done; done",
        talk.pid()
    );
    assert!(Command::new("sh").args(["-c", &burst]).status().unwrap().success());
    assert_eq!(talk.line(), "fifty");
    assert_eq!(talk.wait().code(), Some(0));
}

#[test]
fn a_queued_value_is_forwarded_with_its_signal() {
    // The value is the eighth word of a siginfo_t on 64-bit machines: at byte 24.
    let receiver = "\
import ctypes, signal
libc = ctypes.CDLL(None)
signal.pthread_sigmask(signal.SIG_BLOCK, {40})
wanted = (ctypes.c_ulong * 16)(1 << 39)
info = (ctypes.c_int * 32)()
print('ready', flush=True)
libc.sigwaitinfo(wanted, info)
print(info[6], flush=True)";
    let mut talk = SupervisedProcess::start(without_terminal(&[], &["python3", "-c", receiver]));
    assert_eq!(talk.line(), "ready");
    let pid = talk.pid().to_string();
    assert!(
        Command::new("/bin/kill").args(["-q", "4711", "-40", &pid]).status().unwrap().success()
    );
    assert_eq!(talk.line(), "4711");
}

#[test]
fn each_signal_is_forwarded() {
    for (number, name) in [
        (1, "HUP"),
        (2, "INT"),
        (3, "QUIT"),
        (6, "ABRT"),
        (10, "USR1"),
        (12, "USR2"),
        (13, "PIPE"),
        (14, "ALRM"),
        (15, "TERM"),
        (28, "WINCH"),
    ] {
        let script = format!(
            "trap 'echo got; exit {number}' {name}; echo ready; while :; do read x < /dev/zero & wait; done"
        );
        let mut talk =
            SupervisedProcess::start(without_terminal(&["--init"], &["bash", "-c", &script]));
        assert_eq!(talk.line(), "ready");
        talk.signal(name);
        assert_eq!(talk.line(), "got", "{name}");
        assert_eq!(talk.wait().code(), Some(number), "{name}");
    }
}

#[test]
fn a_signal_to_hushed_reaches_the_command_alone() {
    for mode in ["--plain", "--init", "--exec", "--kill-after=100"] {
        let script = "sleep 1000 & echo $!; wait";
        let mut talk = SupervisedProcess::start(without_terminal(&[mode], &["sh", "-c", script]));
        let child = talk.line();
        talk.signal("TERM");
        let deserted = mode != "--init";
        assert_eq!(talk.wait().signal(), Some(15), "{mode}");
        assert_eq!(is_alive(&child), deserted, "{mode}");
        if deserted {
            kill("KILL", child.parse().unwrap());
        }
    }
}

/// Tells of each signal that it gets, and counts them until the end of its input.
const COUNTER: &str = "\
import os, signal, sys
count = 0
def got(*_):
    global count
    count += 1
    print('got', flush=True)
signal.signal(signal.SIGTERM, got)
signal.signal(signal.SIGUSR1, got)
print('ready', os.getpgrp(), flush=True)
sys.stdin.readline()
print('counted', count, flush=True)";

#[test]
fn each_signal_arrives_once_whatever_its_target() {
    for mode in ["--plain", "--init", "--exec", "--kill-after=100"] {
        for to_group in [false, true] {
            let mut command = without_terminal(&[mode], &["python3", "-c", COUNTER]);
            let (reader, mut writer) = std::io::pipe().unwrap();
            command.stdin(reader);
            let mut talk = SupervisedProcess::start(command);
            let group = talk.line().split_whitespace().nth(1).unwrap().parse::<i32>().unwrap();
            if mode != "--exec" {
                talk.await_witness();
            }
            let whom = if to_group { -group } else { talk.pid() };
            for signal in ["TERM", "USR1"] {
                kill(signal, whom);
                assert_eq!(talk.line(), "got", "{mode}, to the group: {to_group}");
            }
            writer.write_all(b"\n").unwrap();
            assert_eq!(talk.line(), "counted 2", "{mode}, to the group: {to_group}");
            assert_eq!(talk.wait().code(), Some(0));
        }
    }
}

#[test]
fn kill_after_kills_a_command_that_ignores_sigterm() {
    let deaf = "trap '' TERM; echo ready; sleep 1000; sleep 1000";
    let mut talk =
        SupervisedProcess::start(without_terminal(&["--kill-after=0.2"], &["sh", "-c", deaf]));
    assert_eq!(talk.line(), "ready");
    talk.signal("TERM");
    assert_eq!(talk.rest_of_output(), b"");
    assert_eq!(talk.wait().signal(), Some(9));
}

#[test]
fn repeated_sigterm_does_not_kill() {
    // A clean stop that takes as long as it takes to be asked fifty times.
    let polite = "\
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {15})
print('ready', flush=True)
for _ in range(50):
    signal.sigwait({15})
    print('asked', flush=True)
print('done', flush=True)";
    for mode in ["--plain", "--init", "--kill-after=100"] {
        let mut talk =
            SupervisedProcess::start(without_terminal(&[mode], &["python3", "-c", polite]));
        assert_eq!(talk.line(), "ready");
        for _ in 0..50 {
            talk.signal("TERM");
            assert_eq!(talk.line(), "asked", "{mode}");
        }
        assert_eq!(talk.line(), "done", "{mode}");
        assert_eq!(talk.wait().code(), Some(0), "{mode}");
    }
}

#[test]
fn the_command_does_not_outlive_a_killed_supervisor() {
    let mut talk = SupervisedProcess::start(without_terminal(&["--plain"], &["sleep", "1000"]));
    // It is there once its exec is over, which /proc tells.
    let children = format!("/proc/{0}/task/{0}/children", talk.pid());
    let command = super::within_deadline("the command", move || {
        loop {
            let pids = std::fs::read_to_string(&children).unwrap_or_default();
            if let Some(pid) = pids.split_whitespace().next() {
                break pid.to_owned();
            }
        }
    });
    talk.signal("KILL");
    assert_eq!(talk.rest_of_output(), b"");
    // A process that dies closes its output a moment before it is gone.
    super::within_deadline("the end of the command", move || while is_alive(&command) {});
    assert_eq!(talk.wait().signal(), Some(9));
}

#[test]
fn the_command_inherits_signal_mask_and_dispositions() {
    let state = "grep -E '^Sig(Blk|Ign)' /proc/self/status";
    let setup = "trap '' PIPE USR1 CHLD; exec \"$@\"";
    let under = |mode: &str| {
        let probe = probe_path();
        let mut command = Command::new("sh");
        command.args(["-c", setup, "sh", probe.to_str().unwrap(), mode, "--", "sh", "-c", state]);
        output(command)
    };
    let (ended, exec, _) = under("--exec");
    assert!(ended.success());
    for mode in ["--plain", "--init"] {
        assert_eq!(String::from_utf8(under(mode).1), String::from_utf8(exec.clone()), "{mode}");
    }
}

#[test]
fn timeout_sends_one_sigterm() {
    let polite =
        "trap 'echo got; exit 3' TERM; echo ready; while :; do read x < /dev/zero & wait; done";
    let probe = probe_path();
    let mut command = Command::new("timeout");
    command.args(["--preserve-status", "1", probe.to_str().unwrap(), "--init", "--"]);
    command.args(["bash", "-c", polite]);
    let (ended, said, _) = output(command);
    assert_eq!(ended.code(), Some(3), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn a_signal_before_the_start_reaches_the_command() {
    // Blocked signals wait: this one is pending when the supervisor begins.
    let (ended, ..) = output(as_child(&[], &["sh", "-c", "kill -TERM $PPID; exec sleep 1000"]));
    assert_eq!(ended.signal(), Some(15));
}

/// Starts a command in a process group of its own, and waits for its end. Since its parent is in another
/// group of the session, the group is not orphaned, so that SIGTSTP stops it.
const JOB: &str = "
import os, subprocess, sys
job = subprocess.Popen(sys.argv[1:], preexec_fn=os.setpgrp)
print(job.pid, flush=True)
sys.exit(job.wait())";

#[test]
fn a_stopped_command_stops_hushed() {
    for mode in ["--plain", "--init", "--kill-after=100"] {
        for stop in ["STOP", "TSTP"] {
            let script = format!("kill -{stop} $$; echo on");
            let probe = probe_path();
            let mut command = Command::new("setsid");
            command.args(["python3", "-c", JOB, probe.to_str().unwrap(), mode, "--"]);
            command.args(["sh", "-c", &script]);
            let mut talk = SupervisedProcess::start(command);
            let supervisor = talk.line();
            let stat = format!("/proc/{supervisor}/stat");
            let stopped = move || {
                let stat = std::fs::read_to_string(&stat).unwrap();
                stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
            };
            super::within_deadline("the stop", move || while !stopped() {});
            kill("CONT", supervisor.parse().unwrap());
            assert_eq!(talk.line(), "on", "{mode} {stop}");
            assert_eq!(talk.wait().code(), Some(0), "{mode} {stop}");
        }
    }
}
