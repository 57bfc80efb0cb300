//! What surprises users elsewhere, and must not here: how runners end, and names that a misread file left behind.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::ExitStatusExt as _,
    process::Stdio,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::sandbox::Sandbox;

/// The modes of a run.
const MODES: [&[&str]; 4] = [&[], &["--init"], &["--redact"], &["--redact", "--init"]];

#[test]
fn a_command_ends_with_its_own_status_after_a_signal() {
    let sandbox = Sandbox::new().file(".env", "NAME=canary-value\n");
    for mode in MODES {
        // It answers the signal with 7, or dies of it.
        for (script, code, signal) in [
            ("trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done", Some(7), None),
            ("echo up; while :; do sleep 0.01; done", None, Some(15)),
        ] {
            let line = [&["run", "--env-file", ".env"], mode, &["--", "sh", "-c", script]].concat();
            let mut command = sandbox.command(line).prepared();
            let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
            let mut up = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut up).unwrap();
            kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM).unwrap();
            let status = child.wait().unwrap();
            assert_eq!((status.code(), status.signal()), (code, signal), "{mode:?}: {script}");
        }
    }
}

#[test]
fn a_plan_tells_of_names_that_a_misread_env_file_left() {
    let sandbox = Sandbox::new().file(".env", "NAME=canary-value\n").env("export A", "1");
    let plan = sandbox.env("B ", "2").run(["plan", "--env-file", ".env"]).success();
    let want = "inherited with white space in the name, as from an env file with `export A=1`: \
                `B `, `export A`";
    let found = plan.stdout.lines().find(|line| line.starts_with("inherited"));
    assert_eq!(found, Some(want), "{}", plan.stdout);
}
