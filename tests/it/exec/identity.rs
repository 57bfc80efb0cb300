//! The command keeps the PID, parent, session, terminal, working directory and limits of hushed.

use std::fs::File;

use nix::fcntl::OFlag;
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};

use super::{both, sandbox, sh, through_hushed};

/// The fields of `/proc/PID/stat` behind the program's name: state, ppid, pgrp, session, tty.
fn stat(line: &str) -> (&str, Vec<&str>) {
    let (front, fields) = line.rsplit_once(')').unwrap();
    (front.split_once(' ').unwrap().0, fields.split_whitespace().collect())
}

#[test]
fn keeps_pid_parent_group_session_and_terminal() {
    let sandbox = sandbox();
    let script = r#"read -r line < /proc/self/stat; echo "$line"; exec "$@""#;
    let line = through_hushed(&sandbox, &["cat", "/proc/self/stat"]);
    for script in [script.to_owned(), format!("exec setsid -w sh -c '{script}' sh \"$@\"")] {
        let output = sh(&sandbox, &script, line.clone()).success();
        let (before, after) = output.stdout.split_once('\n').unwrap();
        let ((pid_before, before), (pid_after, after)) = (stat(before), stat(after));
        assert_eq!(pid_after, pid_before);
        assert_eq!(after[1..5], before[1..5], "parent, group, session, terminal");
    }
}

#[test]
fn keeps_the_controlling_terminal() {
    let sandbox = sandbox();
    let terminal = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).unwrap();
    let number = |probe: &[&str]| {
        let line = through_hushed(&sandbox, probe).into_iter();
        let mut command = std::process::Command::new("setsid");
        command.args(["-w", "-c"]).args(line).current_dir(sandbox.project());
        let output = command.stdin(other_end(&terminal)).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let line = number(&["cat", "/proc/self/stat"]);
    let (pid, fields) = stat(&line);
    assert_ne!(fields[4], "0", "no controlling terminal");
    assert_eq!(fields[3], pid, "not the leader of its session");
    assert_eq!(fields[5], pid, "not in the foreground");
    assert_eq!(number(&["tty"]).trim(), ptsname_r(&terminal).unwrap());
}

fn other_end(terminal: &PtyMaster) -> File {
    grantpt(terminal).unwrap();
    unlockpt(terminal).unwrap();
    File::options().read(true).write(true).open(ptsname_r(terminal).unwrap()).unwrap()
}

#[test]
fn keeps_directory_umask_limits_and_the_like() {
    let prepare = "umask 026; ulimit -n 123; ulimit -c 0; ulimit -S -s 4096; mkdir -p sub; cd sub";
    let probe = r"pwd; umask; cat /proc/self/limits /proc/self/oom_score_adj
        grep -E '^(Uid|Gid|Groups|NoNewPrivs|Seccomp|Cap.*|Cpus_allowed):' /proc/self/status";
    for niceness in ["", "nice -n 5 "] {
        let script = format!("{prepare}; exec {niceness}\"$@\"");
        let (directly, through) = both(&script, &["sh", "-c", probe]);
        assert!(directly.contains("project/sub\n0026\n"), "{directly}");
        assert_eq!(through, directly);
    }
    // The tests themselves may run under `nice`.
    let own: i32 = sh(&sandbox(), "nice", Vec::new()).success().stdout.trim().parse().unwrap();
    let (directly, through) = both("exec nice -n 5 \"$@\"", &["nice"]);
    assert_eq!((directly.trim(), through), (&*(own + 5).min(19).to_string(), directly.clone()));
}
