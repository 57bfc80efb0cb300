//! Parses the arguments of the process with clap.

use std::ffi::{OsStr, OsString};
use std::iter;

use clap::builder::StyledStr;
use clap::error::ErrorKind;
use clap::{Args as _, CommandFactory as _, FromArgMatches as _, Parser as _};

use super::checks;
use super::compat::IgnoredOptions;
use super::help;
use super::usage::UsageError;
use super::{
    Cli, Command, Confinement, Environment, Invocation, Options, Redaction, Run, SettingFlags,
    Sources, Supervision,
};
use crate::config::schema::SettingKey;

/// Parses the arguments; the first is the name of the program.
pub fn parse(arguments: &[OsString]) -> Result<Parsed, UsageError> {
    let parsed = match arguments {
        [_, first, rest @ ..] if first == "run" => parse_run(rest).map(Box::new).map(Command::Run),
        _ => Cli::try_parse_from(arguments).map(|cli| cli.command),
    };
    match parsed {
        Ok(command) => checks::check(command, arguments).map(Parsed::Command),
        Err(error) if error.kind() == ErrorKind::DisplayVersion => Ok(Parsed::Help(error.render())),
        Err(error) if is_help(error.kind()) => Ok(Parsed::Help(help::render(arguments))),
        Err(error) => Err(UsageError::from_clap(&error, arguments)),
    }
}

/// Whether clap would print help; a command without its subcommand asks for it as well.
fn is_help(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand)
}

/// What the arguments ask for.
#[derive(Debug)]
pub enum Parsed {
    /// To run a subcommand.
    Command(Command),
    /// To print help or the version.
    Help(StyledStr),
}

/// Parses `run`, which must start fast. Defining all of its flags takes a fifth of the start time, so a
/// first attempt defines only the flags in use. The full definition handles everything that this attempt
/// rejects, including `--help`.
fn parse_run(arguments: &[OsString]) -> Result<Run, clap::Error> {
    if let Ok(run) = parse_used_flags(arguments) {
        return Ok(run);
    }
    let command = Run::augment_args(clap::Command::new("run"))
        .bin_name("hushed run")
        .about("Run a command with secrets in its environment")
        .max_term_width(100);
    Run::from_arg_matches(&command.try_get_matches_from(with_command_name(arguments))?)
}

fn parse_used_flags(arguments: &[OsString]) -> Result<Run, clap::Error> {
    let is_flag = |argument: &&OsString| argument.as_encoded_bytes().starts_with(b"-");
    let flags = || arguments.iter().take_while(|argument| *argument != "--").filter(is_flag);
    let command = clap::Command::new("run").disable_help_flag(true);
    let command = Invocation::augment_args(command);
    if flags().next().is_none() {
        let matches = command.try_get_matches_from(with_command_name(arguments))?;
        let invocation = Invocation::from_arg_matches(&matches)?;
        return Ok(Run { invocation, ..Run::default() });
    }
    let is_used = |key: &SettingKey| {
        let Some(flag) = key.flag else { return false };
        flags().any(|argument| {
            is_long_flag(argument, flag.long)
                || flag.short.is_some_and(|short| starts_with_short(argument, short))
        })
    };
    let mut command = Options::augment_args(command);
    if flags().any(|argument| IgnoredOptions::has(argument)) {
        command = IgnoredOptions::augment_args(command);
    }
    command = SettingFlags::<Sources>::augment_with(command, is_used);
    command = SettingFlags::<Environment>::augment_with(command, is_used);
    command = SettingFlags::<Confinement>::augment_with(command, is_used);
    command = SettingFlags::<Supervision>::augment_with(command, is_used);
    command = SettingFlags::<Redaction>::augment_with(command, is_used);
    Run::from_arg_matches(&command.try_get_matches_from(with_command_name(arguments))?)
}

/// Whether an argument is this long flag, as `--flag` or `--flag=VALUE`.
fn is_long_flag(argument: &OsStr, flag: &str) -> bool {
    let argument = argument.as_encoded_bytes();
    argument
        .strip_prefix(flag.as_bytes())
        .is_some_and(|rest| rest.first().is_none_or(|&byte| byte == b'='))
}

/// Whether an argument starts with this short flag.
fn starts_with_short(argument: &OsStr, short: char) -> bool {
    argument
        .to_str()
        .is_some_and(|text| text.strip_prefix('-').is_some_and(|rest| rest.starts_with(short)))
}

fn with_command_name(arguments: &[OsString]) -> impl Iterator<Item = OsString> {
    iter::once(OsString::from("run")).chain(arguments.iter().cloned())
}

/// The full definition, for completions and manual pages.
pub fn definition() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arguments: &[&str]) -> Result<Run, clap::Error> {
        parse_used_flags(&arguments.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_used_flags_alone_parse_to_the_same_as_all_flags() {
        for arguments in [
            &["--", "true"][..],
            &["true", "--env", "x"],
            &["--redact", "--env-file=.env", "--", "true", "--prefix"],
            &["--env", "prod", "--path", "/a", "--path", "/b", "true"],
            &["-e", "prod", "-ta,b", "true"],
            &["--tags=a,b", "--clean-env=no", "--rename", "A=B", "-v", "true"],
            &["--token", "canary", "--domain=x", "-c", "true"],
            &["--disk-free=best-effort", "--preserve-env", "true"],
        ] {
            let all: Vec<_> = iter::once("run").chain(arguments.iter().copied()).collect();
            let all = Run::augment_args(clap::Command::new("run")).get_matches_from(all);
            let all = Run::from_arg_matches(&all).unwrap();
            assert_eq!(format!("{:?}", run(arguments).unwrap()), format!("{all:?}"));
        }
    }

    #[test]
    fn arguments_that_need_other_flags_are_left_to_the_full_definition() {
        for arguments in [
            &["--help"][..],
            &["--unknown", "true"],
            &["-ve", "prod", "true"],
            &["--projectId", "x", "true"],
            &["--token", "a", "--token-file", "b", "true"],
        ] {
            assert!(run(arguments).is_err(), "{arguments:?}");
        }
    }
}
