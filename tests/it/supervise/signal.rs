//! Signals from outside, on their way to the command.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use super::{Talk, alone, direct, is_alive, output, probe_path};

#[test]
fn a_burst_arrives_whole() {
    let receiver = "\
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {35})
print('ready', flush=True)
for _ in range(50): signal.sigwaitinfo({35})
print('fifty', flush=True)";
    let mut talk = Talk::start(alone(&[], &["python3", "-c", receiver]));
    assert_eq!(talk.line(), "ready");
    let burst = format!(
        "for i in 1 2 3 4 5; do for j in 1 2 3 4 5 6 7 8 9 0; do kill -35 {}; done; done",
        talk.pid()
    );
    assert!(Command::new("sh").args(["-c", &burst]).status().unwrap().success());
    assert_eq!(talk.line(), "fifty");
    assert_eq!(talk.end().code(), Some(0));
}

#[test]
fn a_queued_value_arrives_with_its_signal() {
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
    let mut talk = Talk::start(alone(&[], &["python3", "-c", receiver]));
    assert_eq!(talk.line(), "ready");
    let pid = talk.pid().to_string();
    assert!(
        Command::new("/bin/kill").args(["-q", "4711", "-40", &pid]).status().unwrap().success()
    );
    assert_eq!(talk.line(), "4711");
}

#[test]
fn each_signal_is_passed_on() {
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
        let mut talk = Talk::start(alone(&["--init"], &["bash", "-c", &script]));
        assert_eq!(talk.line(), "ready");
        talk.signal(name);
        assert_eq!(talk.line(), "got", "{name}");
        assert_eq!(talk.end().code(), Some(number), "{name}");
    }
}

#[test]
fn the_whole_process_group_is_told() {
    let mut talk = Talk::start(alone(&[], &["sh", "-c", "sleep 1000 & echo ready; wait"]));
    assert_eq!(talk.line(), "ready");
    talk.signal("TERM");
    // Both held the output, and both are gone.
    assert_eq!(talk.rest(), b"");
    assert_eq!(talk.end().signal(), Some(15));
}

#[test]
fn who_ignores_the_request_is_killed_after_the_grace() {
    let deaf = "trap '' TERM; echo ready; sleep 1000; sleep 1000";
    let mut talk = Talk::start(alone(&["--grace=0.2"], &["sh", "-c", deaf]));
    assert_eq!(talk.line(), "ready");
    talk.signal("TERM");
    assert_eq!(talk.rest(), b"");
    assert_eq!(talk.end().signal(), Some(9));
}

#[test]
fn further_requests_shorten_the_grace() {
    let deaf = "trap 'echo got' TERM; echo ready; while :; do read x < /dev/zero & wait; done";
    let mut talk = Talk::start(alone(&["--grace=1000"], &["bash", "-c", deaf]));
    assert_eq!(talk.line(), "ready");
    // Far fewer than 1000 seconds hold; requests within a moment may count as one.
    let mut requests = 0;
    loop {
        talk.signal("TERM");
        requests += 1;
        if talk.line().is_empty() {
            break;
        }
    }
    assert!(requests > 2, "{requests} requests");
    // A request that comes when the command is gone already may end hushed itself.
    let end = talk.end().signal();
    assert!(matches!(end, Some(9 | 15)), "{end:?}");
}

#[test]
fn the_command_does_not_outlive_a_killed_supervisor() {
    let mut talk = Talk::start(alone(&["--plain"], &["sleep", "1000"]));
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
    assert_eq!(talk.rest(), b"");
    // A process that dies closes its output a moment before it is gone.
    super::within_deadline("the end of the command", move || while is_alive(&command) {});
    assert_eq!(talk.end().signal(), Some(9));
}

#[test]
fn the_command_finds_the_mask_and_dispositions_that_we_found() {
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
fn a_timeout_around_us_is_one_request() {
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
fn a_signal_before_the_command_is_there_still_reaches_it() {
    // Blocked signals wait: this one is pending when the supervisor begins.
    let (ended, ..) = output(direct(&[], &["sh", "-c", "kill -TERM $PPID; exec sleep 1000"]));
    assert_eq!(ended.signal(), Some(15));
}
