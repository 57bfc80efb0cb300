//! A terminal under hushed is as a terminal without: the same lines, typed into the same shells on a
//! pseudo-terminal, show the same, end the same and leave the same.
//! Must not know what hushed does: `cases/` says what is typed, `compare.py` what is compared.

use std::{io::Write as _, path::Path, process::Command};

use crate::support::sandbox::hushed;

/// The modes of `hushed run` that are compared with the plain command.
const MODES: [&str; 3] = ["exec", "init", "redact"];

/// How many comparisons there must be.
const LEAST: usize = 120;

/// Makes the driver's command line for these modes.
fn driver(arguments: &[&str]) -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/terminal/compare.py");
    let mut python = Command::new("python3");
    python.arg(path).arg("--subject").arg(hushed()).args(["--attempts", "3"]).args(arguments);
    for mode in MODES {
        python.args(["--mode", mode]);
    }
    python
}

/// Runs the driver, and returns what it printed.
fn table(arguments: &[&str]) -> String {
    let output = driver(arguments).output().unwrap();
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {}\n{table}\n{errors}", output.status);
    table
}

/// Compares the cases of a group; prints which were skipped, and how many were equal.
fn compare(group: &str) {
    let table = table(&["--only", &format!("{group}/*")]);
    let skipped = table.lines().filter(|line| line.contains(" skipped: "));
    let count = table.lines().last().into_iter();
    for line in skipped.chain(count) {
        std::io::stderr().write_all(format!("terminal: {group}: {line}\n").as_bytes()).unwrap();
    }
    assert!(table.contains(" equal\n"), "{group}: nothing was compared\n{table}");
}

macro_rules! groups {
    ($($group:ident)*) => {
        $(
            #[test]
            fn $group() {
                compare(stringify!($group));
            }
        )*

        #[test]
        fn every_case_is_in_a_group_and_there_are_enough() {
            let groups = [$(concat!(stringify!($group), "/")),*];
            let list = table(&["--list"]);
            let stray = list.lines().find(|case| !groups.iter().any(|group| case.starts_with(group)));
            assert_eq!(stray, None);
            let comparisons = list.lines().map(|case| case.split(' ').count() - 1).sum::<usize>();
            assert!(comparisons >= LEAST, "{comparisons}");
        }
    };
}

groups! { ahead jobs keys nested parallel screens scripts streams }
