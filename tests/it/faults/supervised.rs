//! What a run that stays as the command's parent makes of a fault before there is a command: the same
//! signals end it, and the terminal is as it was. How such a run ends otherwise, the table's modes show.

use std::{
    fs,
    io::Write as _,
    os::unix::process::ExitStatusExt as _,
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::{
        signal::{Signal, kill},
        stat::Mode,
    },
    unistd::{Pid, mkfifo},
};

use super::{
    SLACK,
    rows::rows,
    stage::{Stage, each},
    table::{Cause, Ends, Row},
};
use crate::support::sandbox::hushed;

/// How often to look whether a run hangs.
const LOOK: Duration = Duration::from_millis(5);

/// Ways to start a command; the first replaces hushed by it.
const WAYS: [&[&str]; 4] =
    [&[], &["--init"], &["--redact"], &["--init", "--disk-free=best-effort"]];

/// Returns one of each sort of what hangs until the time is over.
fn hanging() -> Vec<&'static Row> {
    let mut seen = Vec::new();
    let hangs = |row: &&Row| {
        let waits = row.none == Ends::Fails && row.says.contains("TIME");
        waits && !matches!(row.cause, Cause::SilentResolver)
    };
    let is_new = |row: &&Row| {
        let is_new = !seen.contains(&(row.what, row.when));
        seen.push((row.what, row.when));
        is_new
    };
    rows().filter(hangs).filter(is_new).collect()
}

fn until_it_hangs(stage: &Stage) {
    let begun = Instant::now();
    while !stage.hangs() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not come to where it hangs");
        thread::sleep(LOOK);
    }
}

/// Starts a run that hangs, ends it by a signal, and says what is not as it must be.
fn interrupted(row: &Row, flags: &[&str], signal: Signal) -> Option<String> {
    let mut stage = Stage::of(row);
    stage.strike(row);
    let line = ["run", "--timeout", "1m"].iter().chain(flags).chain(&["--", "touch", "started"]);
    let running = stage.sandbox.command(line.copied()).spawn();
    until_it_hangs(&stage);
    let sent = Instant::now();
    kill(Pid::from_raw(running.pid().cast_signed()), signal).unwrap();
    let output = running.wait();
    let left = stage.left_behind();
    let ended_by = output.status.signal().and_then(|number| Signal::try_from(number).ok());
    let what = if ended_by != Some(signal) {
        format!("ended with {}", output.status)
    } else if sent.elapsed() > SLACK {
        format!("took {:?}", sent.elapsed())
    } else if !(output.stdout.is_empty() && is_warning(&output.stderr)) {
        format!("said {}{}", output.stdout, output.stderr)
    } else if !left.is_empty() {
        format!("left {left:?}")
    } else if fs::read_dir(stage.sandbox.project()).unwrap().next().is_some() {
        "started the command".to_owned()
    } else {
        return None;
    };
    Some(format!("{} ({:?}), {flags:?}, {signal}: {what}", row.what, row.when))
}

/// Where the kernel cannot hold all back, a run without a disk says so.
fn is_warning(said: &str) -> bool {
    said.lines().all(|line| line.starts_with("hushed: warning: "))
}

#[test]
fn a_signal_ends_whatever_hangs_at_once() {
    let mut cases = Vec::new();
    for row in hanging() {
        for flags in WAYS {
            cases.extend([Signal::SIGINT, Signal::SIGTERM].map(|signal| (row, flags, signal)));
        }
    }
    assert!(cases.len() > 100, "{}", cases.len());
    each(&cases, |(row, flags, signal)| interrupted(row, flags, *signal).into_iter().collect());
}

/// Runs on a terminal; gives what is seen there, and how it ended. The steps are those of the driver; the
/// text `go` appears as soon as the run hangs.
fn on_terminal(row: &Row, flags: &[&str], time: &str, steps: &[&str]) -> String {
    const TOLD: &str = "(read x <told; echo go) & exec \"$@\"";
    let mut stage = Stage::of(row);
    stage.strike(row);
    mkfifo(&stage.sandbox.project().join("told"), Mode::S_IRWXU).unwrap();
    let (driver, hushed) =
        (concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/output/terminal.py"), hushed());
    let mut line = vec![driver];
    line.extend(steps);
    line.extend(["--", "sh", "-c", TOLD, "sh", hushed.to_str().unwrap(), "run", "--timeout", time]);
    line.extend(flags);
    line.extend(["--", "echo", "started"]);
    let running = stage.sandbox.program("python3", line).spawn();
    until_it_hangs(&stage);
    fs::OpenOptions::new()
        .write(true)
        .open(stage.sandbox.project().join("told"))
        .unwrap()
        .write_all(b"go\n")
        .unwrap();
    let output = running.wait().success();
    output.stdout.replace('\r', "").replace(&stage.url, "URL")
}

#[test]
fn the_terminal_is_as_it_was_after_a_fault_and_after_an_interrupt() {
    let rows: Vec<_> = hanging().into_iter().filter(|row| row.says.contains("no answer")).collect();
    let cases: Vec<_> =
        rows.iter().take(4).flat_map(|row| WAYS.map(|flags| (row, flags))).collect();
    each(&cases, |(row, flags)| {
        let seen = on_terminal(row, flags, "1s", &["=go"]);
        let failed = seen.contains("caused by: no response from `URL` within 1 s\n")
            && seen.ends_with("\nended 125, modes kept\n");
        let ended = on_terminal(row, flags, "1m", &["=go", ">\\x03"]);
        let interrupted = ended.ends_with("ended -2, modes kept\n") && !ended.contains("URL");
        let mut wrong = Vec::new();
        for (is_right, seen) in [(failed, seen), (interrupted, ended)] {
            if !is_right || seen.contains("started") || seen.contains('\x1b') {
                wrong.push(format!("{}, {flags:?}: {seen}", row.what));
            }
        }
        wrong
    });
}
