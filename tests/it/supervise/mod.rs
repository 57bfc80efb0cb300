//! Supervision as the parent, the terminal and the service manager see it. No test sleeps: a command reports that it is
//! ready, and a deadline ends a hanging test.

mod ending;
mod foreign;
mod signal;
mod stream;
mod tree;
mod world;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The deadline of every step.
const DEADLINE: Duration = Duration::from_mins(1);

/// The example program that only supervises.
fn probe_path() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let target = tests.parent().and_then(|deps| deps.parent()).unwrap();
    let path = target.join("examples/supervise_probe");
    assert!(path.exists(), "{} is missing: cargo build --examples", path.display());
    path
}

/// A supervisor without a terminal, in a session of its own, wherever the tests run.
fn without_terminal(options: &[&str], command: &[&str]) -> Command {
    // setsid(1) does not fork, because it leads no process group: the supervisor is a child of the test.
    let mut probe = Command::new("setsid");
    probe.arg(probe_path()).args(options).arg("--").args(command).stdin(Stdio::null());
    probe
}

/// A supervisor that is a child of the test.
fn as_child(options: &[&str], command: &[&str]) -> Command {
    let mut probe = Command::new(probe_path());
    probe.args(options).arg("--").args(command).stdin(Stdio::null());
    probe
}

/// Runs work that may hang, and fails the test if it does.
fn within_deadline<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    let done = receiver.recv_timeout(DEADLINE);
    done.unwrap_or_else(|_| panic!("{what}: not within {DEADLINE:?}"))
}

fn status(mut command: Command) -> ExitStatus {
    within_deadline("the end", move || command.status().unwrap())
}

/// Runs to the end; the exit status and the outputs.
fn output(mut command: Command) -> (ExitStatus, Vec<u8>, String) {
    let output = within_deadline("the end", move || command.output().unwrap());
    (output.status, output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A running supervisor, whose command writes lines to the test.
struct SupervisedProcess {
    child: Child,
    lines: Option<BufReader<ChildStdout>>,
}

impl SupervisedProcess {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = child.stdout.take().map(BufReader::new);
        Self { child, lines }
    }

    fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Waits for the process that tells signals to the group from those to hushed alone.
    fn await_witness(&self) {
        let children = format!("/proc/{0}/task/{0}/children", self.pid());
        let is_witness = |pid: &str| {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            name.trim_end() == "hushed-witness"
        };
        within_deadline("the witness", move || {
            while !fs::read_to_string(&children).unwrap().split_whitespace().any(is_witness) {
                thread::yield_now();
            }
        });
    }

    /// Waits for the next line.
    fn line(&mut self) -> String {
        let mut lines = self.lines.take().unwrap();
        let (line, lines) = within_deadline("a line", move || {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            (line, lines)
        });
        self.lines = Some(lines);
        line.trim_end().to_owned()
    }

    /// Waits for the end of the output; the rest of it.
    fn rest_of_output(&mut self) -> Vec<u8> {
        let mut lines = self.lines.take().unwrap();
        within_deadline("the end of the output", move || {
            let mut rest = Vec::new();
            lines.read_to_end(&mut rest).unwrap();
            rest
        })
    }

    fn wait(mut self) -> ExitStatus {
        within_deadline("the end", move || self.child.wait().unwrap())
    }

    /// Sends the supervisor a signal.
    fn signal(&self, number: &str) {
        kill(number, self.pid());
    }
}

fn kill(number: &str, pid: i32) {
    let pid = pid.to_string();
    assert!(
        Command::new("kill").args([&format!("-{number}"), "--", &pid]).status().unwrap().success()
    );
}

/// Reports that a test was skipped, past the test runner, which hides the output of passing tests.
fn skipped(why: &str) {
    std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes()).unwrap();
}

fn is_alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}
