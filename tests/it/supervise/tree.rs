//! Processes that outlive the command.

use std::process::Command;

use super::{SupervisedProcess, as_child, is_alive, output, probe_path, skipped, without_terminal};

/// Makes an orphan, and ends only when somebody has reaped it.
const ORPHAN: &str =
    "(sh -c 'echo $$' &) | { read pid; while [ -e /proc/$pid ]; do :; done; echo reaped; }";

#[test]
fn orphans_are_reaped() {
    let (ended, said, errors) = output(as_child(&[], &["sh", "-c", ORPHAN]));
    assert!(ended.success(), "{errors}");
    assert_eq!(said, b"reaped\n");
}

/// A supervisor that is PID 1, where this machine lets us have one.
fn first(options: &[&str], command: &[&str]) -> Option<Command> {
    let unshare = ["--pid", "--fork", "--mount-proc", "--kill-child"];
    let may = Command::new("unshare").args(unshare).arg("true").output();
    if !may.is_ok_and(|tried| tried.status.success()) {
        skipped("no PID namespace can be made here");
        return None;
    }
    let mut wrapped = Command::new("unshare");
    wrapped.args(unshare).arg(probe_path()).args(options).arg("--").args(command);
    Some(wrapped)
}

#[test]
fn orphans_are_reaped_by_pid_1() {
    let Some(command) = first(&["--init"], &["sh", "-c", ORPHAN]) else { return };
    let (ended, said, errors) = output(command);
    assert!(ended.success(), "{errors}");
    assert_eq!(said, b"reaped\n");
}

#[test]
fn pid_1_ends_with_128_and_the_signal() {
    let Some(command) = first(&["--init"], &["sh", "-c", "kill -TERM $$"]) else { return };
    assert_eq!(output(command).0.code(), Some(143));
}

#[test]
fn pid_1_forwards_signals_without_a_default_disposition() {
    // PID 1 has no default dispositions; its command has, and here the signal comes from inside.
    let script = "(kill -TERM 1) & exec sleep 1000";
    let Some(command) = first(&["--init"], &["sh", "-c", script]) else { return };
    assert_eq!(output(command).0.code(), Some(143));
}

#[test]
fn descendants_are_terminated_only_with_init() {
    for (options, left) in [(&["--init", "--kill-after=0.2"][..], false), (&[], true)] {
        // One in a session of its own that ignores SIGTERM, which only a walk finds.
        let script =
            "setsid sh -c 'trap \"\" TERM; echo $$; exec sleep 1000 >&- 2>&-' & read x <&3";
        let script = format!("exec 3<&0; {script}");
        let mut command = without_terminal(options, &["sh", "-c", &script]);
        let (reader, writer) = std::io::pipe().unwrap();
        command.stdin(reader);
        let mut talk = SupervisedProcess::start(command);
        let pid = talk.line();
        assert!(is_alive(&pid));
        drop(writer);
        assert_eq!(talk.rest_of_output(), b"");
        talk.wait();
        assert_eq!(is_alive(&pid), left, "{options:?}");
        if left {
            super::kill("KILL", pid.parse().unwrap());
        }
    }
}
