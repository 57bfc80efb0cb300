//! Checks of parsed arguments that clap cannot express: values that a user meant for an option, and options
//! that ended up among the arguments of the command.

use std::ffi::{OsStr, OsString};

use super::rewrite::arity;
use super::settings::{Arity, FlagSet as _, Sources, is_flag_of};
use super::usage::UsageError;
use super::{Command, Run};

/// Words that a user may write behind an option, instead of `--option=WORD`.
const SWITCH_WORDS: [&str; 6] = ["true", "false", "yes", "no", "0", "1"];

/// Checks a parsed command against the arguments that it was parsed from.
pub(super) fn check(mut command: Command, arguments: &[OsString]) -> Result<Command, UsageError> {
    match &mut command {
        Command::Run(run) => check_run(run, arguments)?,
        Command::Plan(plan) => check_switch_word(plan.command.len(), arguments)?,
        Command::Completions(_) | Command::Schema | Command::Init(_) => {}
        _ => check_all_switch_words(arguments)?,
    }
    Ok(command)
}

fn check_run(run: &mut Run, arguments: &[OsString]) -> Result<(), UsageError> {
    let invocation = &mut run.invocation;
    if invocation.string.as_deref().is_some_and(OsStr::is_empty) {
        return Err(UsageError::new(
            "the command string of `-c` is empty",
            "a variable in it may be unset; pass the command as `-c STRING`",
        ));
    }
    if invocation.command.is_empty() {
        return Ok(());
    }
    check_switch_word(invocation.command.len(), arguments)?;
    let start = arguments.len().saturating_sub(invocation.command.len());
    let is_separated = arguments.get(start.saturating_sub(1)).is_some_and(|word| word == "--");
    if !is_separated {
        invocation.misplaced_option = misplaced(invocation.command.get(1..).unwrap_or_default());
    }
    Ok(())
}

/// Rejects `--recursive true COMMAND`, where `true` would be the command.
fn check_switch_word(command: usize, arguments: &[OsString]) -> Result<(), UsageError> {
    let start = arguments.len().saturating_sub(command);
    match arguments.get(start.saturating_sub(1)..=start) {
        Some([option, word]) if command > 0 => check_pair(option, word),
        _ => Ok(()),
    }
}

/// The same for a command whose arguments are all its own.
fn check_all_switch_words(arguments: &[OsString]) -> Result<(), UsageError> {
    let own = arguments.split(|argument| argument == "--").next().unwrap_or_default();
    own.windows(2).try_for_each(|pair| match pair {
        [option, word] => check_pair(option, word),
        _ => Ok(()),
    })
}

fn check_pair(option: &OsStr, word: &OsStr) -> Result<(), UsageError> {
    let (Some(option), Some(word)) = (option.to_str(), word.to_str()) else { return Ok(()) };
    if !option.starts_with("--")
        || option == "--"
        || !SWITCH_WORDS.contains(&word)
        || arity(option) != Some(Arity::Optional)
    {
        return Ok(());
    }
    Err(UsageError::new(
        format!("`{option} {word}`: the value of `{option}` must follow `=`"),
        format!("write `{option}={word}`"),
    ))
}

/// The first option of ours that selects secrets among the arguments of a command that no `--` precedes.
fn misplaced(arguments: &[OsString]) -> Option<String> {
    let own = arguments.iter().take_while(|argument| *argument != "--");
    let names = own.filter_map(|argument| argument.to_str()?.split('=').next());
    let mut candidates = names.filter(|name| name.starts_with("--") && name.len() > 2).peekable();
    candidates.peek()?;
    let keys: Vec<_> = Sources::groups().into_iter().flat_map(|(_, keys)| keys).collect();
    let is_ours = |name: &&str| {
        ["--config", "--profile"].contains(name) || keys.iter().any(|key| is_flag_of(key, name))
    };
    candidates.find(is_ours).map(str::to_owned)
}
