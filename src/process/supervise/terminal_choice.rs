//! Which terminal a command gets whose output is filtered. Pure, except [`StreamState::inherited`].

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

/// What replaces a terminal that filtered output goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalMode {
    /// The command keeps the real terminal for input. Its output goes to a pseudo-terminal that mirrors the real one
    /// and is nobody's controlling terminal.
    Shared,
    /// The command gets a session and a controlling pseudo-terminal of its own.
    Inner,
    /// Pipes.
    Off,
}

/// The configured mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TerminalChoice {
    /// Inner for an interactive shell that is alone in its foreground, else shared.
    #[default]
    Auto,
    /// This mode.
    Mode(TerminalMode),
}

/// The chosen mode and the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalDecision {
    /// The mode.
    pub mode: TerminalMode,
    /// The reason, for `hushed plan`.
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

/// The standard streams of hushed.
#[derive(Clone, Copy, Debug)]
struct StreamState {
    /// Whether standard output is a terminal.
    output: bool,
    /// Whether all three are one terminal, and hushed leads its foreground process group.
    alone: bool,
}

impl StreamState {
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

/// Chooses the terminal of a command whose output is filtered.
pub fn choose_terminal(
    choice: TerminalChoice,
    program: &Program,
    command: &[OsString],
) -> TerminalDecision {
    // The file may be a link to the shell, as /bin/sh is.
    let file = program.file();
    let resolved = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let shell = is_shell(&resolved, command) && is_interactive(command);
    choose(choice, shell, StreamState::inherited())
}

fn choose(choice: TerminalChoice, shell: bool, streams: StreamState) -> TerminalDecision {
    let (mode, reason) = match choice {
        TerminalChoice::Mode(TerminalMode::Inner) if !streams.output => {
            (TerminalMode::Shared, "standard output is not a terminal")
        }
        TerminalChoice::Mode(mode) => (mode, "as configured"),
        TerminalChoice::Auto if shell && streams.alone => {
            (TerminalMode::Inner, "the command is an interactive shell")
        }
        TerminalChoice::Auto if shell => {
            (TerminalMode::Shared, "hushed does not lead the foreground job of one terminal")
        }
        TerminalChoice::Auto => (TerminalMode::Shared, "the command is not an interactive shell"),
    };
    TerminalDecision { mode, reason }
}

/// Shells with job control.
const SHELLS: [&str; 17] = [
    "ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "ksh93", "lksh", "mksh", "nu", "oksh",
    "sh", "tcsh", "xonsh", "yash", "zsh",
];

/// Programs that act as a shell when called by the name of one.
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

/// Options of shells that take an argument.
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

/// Whether a shell with these arguments is interactive: with `-i`, or with neither `-c` nor a script.
fn is_interactive(command: &[OsString]) -> bool {
    let mut arguments = command.iter().skip(1).map(|argument| argument.as_bytes());
    // The first argument names the shell for a multi-call program.
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
    fn interactive_shells_are_recognized_by_name_and_arguments() {
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
    fn the_inner_terminal_is_chosen_for_a_shell_alone_or_if_configured() {
        use TerminalMode::{Inner, Off, Shared};
        let streams = |output, alone| StreamState { output, alone };
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
