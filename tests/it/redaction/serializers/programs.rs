//! The programs that are installed here: each prints twelve values in all its forms, to a pipe and to a
//! terminal. `programs/` has a script for each; a program that is missing is told, and skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use hushed::redact::{Patterns, RedactionRules};
use hushed::secret::{Name, Value};

use super::super::whole;
use super::score;

/// A program, and its arguments before the names of values.
const PROGRAMS: [(&str, &[&str]); 8] = [
    ("python3", &["forms.py"]),
    ("node", &["forms.js"]),
    ("ruby", &["forms.rb"]),
    ("php", &["forms.php"]),
    ("perl", &["forms.pl"]),
    ("jq", &["-nrf", "forms.jq", "--args"]),
    ("go", &["run", "forms.go"]),
    ("java", &["Forms.java"]),
];

/// Two more than the recorded outputs have.
const MORE: [(&str, &str); 2] = [
    ("UUID", "7f3b9c1e-4d2a-4e6b-8a5c-0d9e1f2a3b4c"),
    ("HEXKEY", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
];

/// What is not covered: the program, the form, the values, and why.
const UNCOVERED: [(&str, &str, &[&str], &str); 2] = [
    ("node", "base64 of UTF-16", &["NASTY"], "UTF-16 is read of ASCII values only"),
    ("node", "hex of UTF-16", &["NASTY"], "UTF-16 is read of ASCII values only"),
];

/// The least share of outputs that must be covered, in thousandths.
const LEAST: usize = 990;

/// What a program prints, if it is installed.
fn output(
    program: &str,
    arguments: &[&str],
    values: &BTreeMap<String, String>,
    terminal: bool,
) -> Option<Vec<u8>> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/redaction/serializers/programs");
    let mut command = Command::new(program);
    command.args(arguments).args(values.keys()).envs(values).env("PYTHONDONTWRITEBYTECODE", "1");
    command.current_dir(folder).stdin(Stdio::null());
    let mut text = Vec::new();
    let status = if terminal {
        let pty = nix::pty::openpty(None, None).unwrap();
        let mut child = match command.stdout(pty.slave).spawn() {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            child => child.unwrap(),
        };
        // The command holds the other end.
        drop(command);
        // Where the last writer has gone, Linux says EIO.
        let _end = File::from(pty.master).read_to_end(&mut text);
        child.wait().unwrap()
    } else {
        let output = match command.stderr(Stdio::inherit()).output() {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            output => output.unwrap(),
        };
        text = output.stdout;
        output.status
    };
    assert!(status.success(), "{program}: {status}");
    Some(text)
}

/// The outputs by value and form.
fn by_form(text: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let text = String::from_utf8_lossy(text).replace("\r\n", "\n");
    let parts = text.split("\n@@ ").skip(1);
    let part = |part: &str| {
        let (header, output) = part.split_once('\n').unwrap();
        let (name, form) = header.split_once(' ').unwrap();
        (name.to_owned(), form.to_owned(), output.as_bytes().to_vec())
    };
    parts.map(part).collect()
}

#[test]
fn what_installed_programs_print_is_covered_at_a_pipe_and_at_a_terminal() {
    let mut values: BTreeMap<String, String> =
        serde_json::from_str(include_str!("values.json")).unwrap();
    values.extend(MORE.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(values.len(), 12);
    let secrets: Vec<(Name, Value)> =
        values.iter().map(|(name, value)| (Name::new(name), Value::from(value.as_str()))).collect();
    let compiled =
        Patterns::compile(secrets.iter().map(|(n, v)| (n, v)), &RedactionRules::default());
    let patterns: Arc<Patterns> = compiled.unwrap().into();
    let (mut all, mut covered) = (0, 0);
    let mut missed: BTreeSet<(String, String, String)> = BTreeSet::new();
    for (program, arguments) in PROGRAMS {
        for terminal in [false, true] {
            let Some(text) = output(program, arguments, &values, terminal) else {
                println!("skipped: {program} is not installed");
                break;
            };
            let count = by_form(&text).len();
            let shown = by_form(&whole(&patterns, &[&text]));
            assert_eq!(shown.len(), count, "{program}: a form is lost");
            let forms = shown.iter().map(|(_, form, _)| form).collect::<BTreeSet<_>>().len();
            assert_eq!(count, forms * values.len(), "{program}");
            for (name, form, output) in shown {
                let label = format!("[hushed:{name}]");
                let is_covered = score::is_covered(&output, &label, &score::runs(&values[&name]));
                all += 1;
                covered += usize::from(is_covered);
                if !is_covered {
                    missed.insert((program.to_owned(), form, name));
                }
            }
            println!("{program}: {forms} forms of {} values", values.len());
        }
    }
    for (program, form, names, _) in UNCOVERED {
        for name in names {
            missed.remove(&(program.to_owned(), form.to_owned(), (*name).to_owned()));
        }
    }
    println!("{covered} of {all} outputs are covered");
    assert!(covered * 1000 >= all * LEAST, "{covered} of {all}: {missed:?}");
    assert!(missed.is_empty(), "not listed with the reason: {missed:?}");
}
