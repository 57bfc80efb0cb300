//! `hushed run`: from what was said to the command in our place.

use std::ffi::OsString;
use std::ffi::{CStr, OsStr};

use super::context::Context;
use super::flags::Flags;
use super::gather;
use super::inherit::Rules;
use super::plan::counted;
use crate::cli::Run;
use crate::deliver::environment::{Block, compose};
use crate::deliver::size;
use crate::error::Error;
use crate::exit::Exit;
use crate::process::{self, Image, Program};
use crate::resolve::Entry;
use crate::sys::limit::stack_limit;

/// Runs the command with its secrets. Returns only when that failed.
pub(super) fn run(said: Run, context: &mut Context<'_>) -> Result<Exit, Error> {
    let settings = context.settings(&Flags::of(&said.scope, &said.shaping)?)?;
    let resolution = gather::resolve_or_refuse(&settings)?;
    context.say(said.scope.verbose, &summary(&resolution.entries));

    let command = command_line(said.string, said.command, context);
    let rules = Rules::new(&settings.inherit);
    let composition = compose(&context.environment, &secrets(&resolution.entries), rules.as_ref());
    let name = command.first().map_or(OsStr::new(""), OsString::as_os_str);
    let program = Program::find(name, context.environment.verbatim("PATH"));
    size::check(program.file(), &command, &composition.variables, stack_limit())?;
    let block = Block::new(&composition.variables);
    let strings: Vec<&CStr> = block.strings();
    Err(process::replace(&program, &Image { command: &command, environment: &strings }).into())
}

/// What will be executed: the arguments as they are, or a shell for `-c`.
fn command_line(
    string: Option<OsString>,
    command: Vec<OsString>,
    context: &Context<'_>,
) -> Vec<OsString> {
    let Some(string) = string else { return command };
    let shell = context.environment.text("SHELL").unwrap_or(OsStr::new("/bin/sh"));
    vec![shell.to_owned(), "-c".into(), string]
}

/// Names and values, as the environment takes them.
pub(super) fn secrets(entries: &[Entry]) -> Vec<(&str, &crate::secret::Value)> {
    entries.iter().map(|entry| (entry.name.as_str(), &entry.winner.value)).collect()
}

/// How many secrets from where, for `-v`.
pub(super) fn summary(entries: &[Entry]) -> String {
    let mut sources: Vec<(&str, usize)> = Vec::new();
    for entry in entries {
        let source = &*entry.winner.provenance.source;
        match sources.iter_mut().find(|(found, _)| *found == source) {
            Some((_, count)) => *count += 1,
            None => sources.push((source, 1)),
        }
    }
    let of_source =
        |(source, count): &(&str, usize)| format!("{} from `{source}`", counted(*count, "secret"));
    if sources.is_empty() {
        return "no secrets".into();
    }
    sources.iter().map(of_source).collect::<Vec<_>>().join(", ")
}
