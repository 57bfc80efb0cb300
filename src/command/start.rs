//! Explains why a command could not be started when it needs a shell: several words in one argument, an
//! assignment, a shell builtin or an alias.

use std::ffi::OsStr;

use crate::error::Error;
use crate::message::is_plain_name;
use crate::process;

/// Builtins of POSIX shells that are no programs.
const BUILTINS: [&str; 22] = [
    ".", "alias", "bg", "break", "cd", "continue", "eval", "exec", "exit", "export", "fg",
    "history", "jobs", "popd", "pushd", "read", "return", "set", "shift", "source", "ulimit",
    "unset",
];

/// Common aliases of interactive shells.
const ALIASES: [&str; 4] = ["gs", "l", "la", "ll"];

/// Characters that only a shell interprets.
const SHELL_SYNTAX: [char; 9] = [' ', '\t', '\n', '|', '&', ';', '<', '>', '$'];

const USE_SHELL: &str = "to run it in a shell: hushed run -c STRING";

/// Turns "not found" into an error that says what the user probably meant. It quotes no argument that may
/// hold a secret.
pub(super) fn explain(error: process::Error, name: &OsStr) -> Error {
    let is_missing =
        matches!(error, process::Error::NotInPath { .. } | process::Error::NotFound { .. });
    let name = name.to_string_lossy();
    let explained = is_missing.then(|| reason(&name)).flatten();
    match explained {
        // Without the error of `process` as its source, which would print the argument.
        Some((what, hint)) => Error::NeedsShell { what, hint },
        None => error.into(),
    }
}

fn reason(name: &str) -> Option<(String, String)> {
    if let Some((variable, _)) = name.split_once('=')
        && !variable.contains('/')
    {
        let what = if is_plain_name(variable) {
            format!("the command is an assignment to `{variable}`, which only a shell interprets")
        } else {
            "the command is an assignment, which only a shell interprets".to_owned()
        };
        let hint = "set the variable before `hushed`, use `hushed run -- env NAME=VALUE COMMAND`, or \
                    `hushed run -c STRING`";
        return Some((what, hint.to_owned()));
    }
    if name.contains(SHELL_SYNTAX) {
        let what = "the command is one argument with spaces or shell syntax in it, and no program has that name";
        let hint = format!("pass each word as its own argument, or {USE_SHELL}");
        return Some((what.to_owned(), hint));
    }
    if ALIASES.contains(&name) {
        let what = format!("`{name}` is not a program, but perhaps an alias of your shell");
        let hint =
            "hushed and `hushed run -c STRING` do not know aliases; write the command in full";
        return Some((what, hint.to_owned()));
    }
    if BUILTINS.contains(&name) {
        let what = format!("`{name}` is a shell builtin, not a program");
        return Some((what, USE_SHELL.to_owned()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_need_a_shell_are_told_apart() {
        for (name, want) in [
            ("echo hello", Some("one argument")),
            ("cd", Some("builtin")),
            ("FOO=canary", Some("assignment to `FOO`")),
            ("sk-live=canary", Some("is an assignment,")),
            ("a|b", Some("one argument")),
            ("ll", Some("alias")),
            ("node", None),
            ("./a=b", None),
        ] {
            let reason = reason(name);
            assert_eq!(reason.is_some(), want.is_some(), "{name}");
            if let (Some((what, hint)), Some(want)) = (reason, want) {
                assert!(
                    what.contains(want) && !format!("{what}{hint}").contains("canary"),
                    "{what}"
                );
            }
        }
    }
}
