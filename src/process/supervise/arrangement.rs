//! Which terminal the command gets where its output is filtered: pure, but for [`Streams::inherited`].

use std::ffi::OsString;
use std::fmt;
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use nix::sys::stat::fstat;
use nix::unistd::{getpgrp, getpid};

use crate::process::Program;
use crate::sys::inherited::was_closed_at_start;
use crate::sys::terminal::is_foreground;

/// What takes the place of a terminal that filtered output goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalMode {
    /// The command keeps the real terminal for its keys; its output goes to a pseudo-terminal that mirrors
    /// it and controls nobody.
    Shared,
    /// The command has a session and a controlling pseudo-terminal of its own.
    Inner,
    /// Pipes.
    Off,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TerminalChoice {
    /// Inner for an interactive shell that is alone on its terminal, else shared.
    #[default]
    Auto,
    /// This one.
    Mode(TerminalMode),
}

/// What the command gets, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrangement {
    /// What it gets.
    pub mode: TerminalMode,
    /// Why.
    pub reason: &'static str,
}

impl fmt::Display for TerminalMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shared => "shared",
            Self::Inner => "inner",
            Self::Off => "off",
        })
    }
}

/// What is known of our own streams.
#[derive(Clone, Copy, Debug)]
struct Streams {
    /// Whether standard output is a terminal.
    output: bool,
    /// Whether all three are one terminal, in whose foreground we lead our process group.
    alone: bool,
}

impl Streams {
    fn inherited() -> Self {
        let (input, output, error) = (io::stdin(), io::stdout(), io::stderr());
        let device = |fd: std::os::fd::BorrowedFd<'_>| fstat(fd).ok().map(|stat| stat.st_rdev);
        let closed = (0..3).any(was_closed_at_start);
        let terminal = output.is_terminal();
        let one = terminal
            && input.is_terminal()
            && error.is_terminal()
            && device(input.as_fd()) == device(output.as_fd())
            && device(error.as_fd()) == device(output.as_fd());
        let leads = getpgrp() == getpid() && is_foreground(output.as_fd());
        Self { output: terminal, alone: one && leads && !closed }
    }
}

/// Chooses what a command gets whose output is filtered.
pub fn choose_terminal(
    choice: TerminalChoice,
    program: &Program,
    command: &[OsString],
) -> Arrangement {
    // What is executed may be a link to the shell that it is: /bin/sh, for one.
    let file = program.file();
    let resolved = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let shell = is_shell(&resolved, command) && is_interactive(command);
    choose(choice, shell, Streams::inherited())
}

fn choose(choice: TerminalChoice, shell: bool, streams: Streams) -> Arrangement {
    let (mode, reason) = match choice {
        TerminalChoice::Mode(TerminalMode::Inner) if !streams.output => {
            (TerminalMode::Shared, "standard output is no terminal")
        }
        TerminalChoice::Mode(mode) => (mode, "as configured"),
        TerminalChoice::Auto if shell && streams.alone => {
            (TerminalMode::Inner, "the command is an interactive shell")
        }
        TerminalChoice::Auto if shell => {
            (TerminalMode::Shared, "hushed is not alone in the foreground of one terminal")
        }
        TerminalChoice::Auto => (TerminalMode::Shared, "the command is no interactive shell"),
    };
    Arrangement { mode, reason }
}

/// Shells that take job control from their terminal.
const SHELLS: [&str; 17] = [
    "ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "ksh93", "lksh", "mksh", "nu", "oksh",
    "sh", "tcsh", "xonsh", "yash", "zsh",
];

/// Programs that are a shell if they are called by the name of one.
const MULTI_CALL: [&str; 2] = ["busybox", "toybox"];

fn is_shell(file: &Path, command: &[OsString]) -> bool {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let Some(file) = name(file) else { return false };
    // `zsh-5.9`, `bash5`.
    let plain = file.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    let is_known = |name: &str| SHELLS.contains(&name);
    if MULTI_CALL.contains(&plain) {
        let called = command.first().and_then(|word| name(Path::new(word)));
        let word = if called.as_deref() == Some(plain) { command.get(1) } else { command.first() };
        return word.and_then(|word| name(Path::new(word))).is_some_and(|word| is_known(&word));
    }
    is_known(&file) || is_known(plain)
}

/// Options of shells that take the next argument.
const WITH_ARGUMENT: [&[u8]; 9] = [
    b"-o",
    b"+o",
    b"-O",
    b"+O",
    b"--rcfile",
    b"--init-file",
    b"-C",
    b"--init-command",
    b"--config",
];

/// Whether a shell with these arguments talks to its terminal: with `-i`, or with neither `-c` nor a
/// script to read.
fn is_interactive(command: &[OsString]) -> bool {
    let mut arguments = command.iter().skip(1).map(|argument| argument.as_bytes());
    // The name of the shell, for a program that is several.
    let mut first = true;
    let (mut operand, mut reads_input) = (false, false);
    while let Some(argument) = arguments.next() {
        let applet = std::mem::take(&mut first)
            && std::str::from_utf8(argument).is_ok_and(|word| SHELLS.contains(&word))
            && command.first().is_some_and(|word| {
                let name = Path::new(word).file_name();
                name.is_some_and(|name| MULTI_CALL.iter().any(|multi| name == *multi))
            });
        match argument {
            _ if applet => {}
            b"--" | b"-" => {
                operand |= arguments.next().is_some();
                break;
            }
            b"--interactive" => return true,
            b"--command" | b"--commands" => operand = true,
            _ if WITH_ARGUMENT.contains(&argument) => {
                arguments.next();
            }
            [b'-', b'-', ..] => {}
            [b'-' | b'+', letters @ ..] => {
                if letters.contains(&b'i') {
                    return true;
                }
                operand |= letters.contains(&b'c');
                reads_input |= letters.contains(&b's');
            }
            _ => {
                operand = true;
                break;
            }
        }
    }
    !operand || reads_input && !command.iter().any(|word| word == "-c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_known_by_its_name_and_interactive_by_its_arguments() {
        for (file, line, want) in [
            ("/usr/bin/bash", "bash", true),
            ("/usr/bin/bash", "bash -i", true),
            ("/usr/bin/bash", "bash -l", true),
            ("/usr/bin/bash", "bash --norc --noediting -i", true),
            ("/usr/bin/bash", "bash --rcfile file", true),
            ("/usr/bin/bash", "bash -o vi", true),
            ("/usr/bin/bash", "bash -ic true", true),
            ("/usr/bin/bash", "bash -c true", false),
            ("/usr/bin/bash", "bash -lc true", false),
            ("/usr/bin/bash", "bash script", false),
            ("/usr/bin/bash", "bash script -i", false),
            ("/usr/bin/bash", "bash -- script", false),
            ("/usr/bin/bash", "bash -s argument", true),
            ("/usr/bin/dash", "sh", true),
            ("/usr/bin/dash", "sh -e script", false),
            ("/usr/bin/zsh-5.9", "zsh", true),
            ("/usr/bin/fish", "fish --command true", false),
            ("/usr/bin/fish", "fish -C true", true),
            ("/bin/busybox", "sh", true),
            ("/bin/busybox", "busybox sh", true),
            ("/bin/busybox", "busybox sh script", false),
            ("/bin/busybox", "busybox vi", false),
            ("/usr/bin/python3.13", "python3", false),
            ("/usr/bin/env", "env bash", false),
        ] {
            let command: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let got = is_shell(Path::new(file), &command) && is_interactive(&command);
            assert_eq!(got, want, "{file}: {line}");
        }
    }

    #[test]
    fn the_inner_terminal_is_for_a_shell_alone_or_when_asked_for() {
        use TerminalMode::{Inner, Off, Shared};
        let streams = |output, alone| Streams { output, alone };
        for (choice, shell, streams, want) in [
            (TerminalChoice::Auto, true, streams(true, true), Inner),
            (TerminalChoice::Auto, true, streams(true, false), Shared),
            (TerminalChoice::Auto, false, streams(true, true), Shared),
            (TerminalChoice::Mode(Inner), false, streams(true, false), Inner),
            (TerminalChoice::Mode(Inner), false, streams(false, false), Shared),
            (TerminalChoice::Mode(Shared), true, streams(true, true), Shared),
            (TerminalChoice::Mode(Off), true, streams(true, true), Off),
        ] {
            assert_eq!(choose(choice, shell, streams).mode, want, "{choice:?} {streams:?}");
        }
    }
}
