//! Usage errors: translates those of clap into a message, a hint and a usage line. A message quotes an
//! argument only if it is a known word or looks like a name, because a secret may have been typed there.

use std::ffi::OsString;
use std::fmt;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::parse::definition;
use crate::message::{is_plain_name, length, nearest};
use crate::provider::ForeignWord;
use crate::provider::registry::foreign_words;

/// A wrong use of the command line.
#[derive(Debug)]
pub struct UsageError {
    message: String,
    hint: Option<String>,
    usage: Option<String>,
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for UsageError {}

impl UsageError {
    /// An error with its own message and hint.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()), usage: None }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        self.hint.clone()
    }

    /// The usage line of the command, without a final newline.
    pub fn usage(&self) -> Option<&str> {
        self.usage.as_deref()
    }

    /// Translates an error of clap; `arguments` are those of the process, the program first.
    pub(super) fn from_clap(error: &clap::Error, arguments: &[OsString]) -> Self {
        let mut definition = definition();
        definition.build();
        let command = selected(&definition, arguments);
        let (message, hint) = explain(error, arguments, command, &definition);
        Self { message, hint, usage: Some(usage(command)) }
    }
}

/// The innermost subcommand that the arguments name.
pub(super) fn selected<'c>(definition: &'c Command, arguments: &[OsString]) -> &'c Command {
    let mut command = definition;
    for argument in arguments.iter().skip(1).filter_map(|argument| argument.to_str()) {
        let Some(found) = command.find_subcommand(argument) else { break };
        command = found;
    }
    command
}

/// `Usage: …`, with continuation lines aligned.
fn usage(command: &Command) -> String {
    command.clone().render_usage().to_string().trim_end().to_owned()
}

type Explanation = (String, Option<String>);

fn explain(
    error: &clap::Error,
    arguments: &[OsString],
    command: &Command,
    definition: &Command,
) -> Explanation {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let list = |kind| match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let option = option_name(text(ContextKind::InvalidArg).unwrap_or_default());
    match error.kind() {
        ErrorKind::UnknownArgument => {
            unknown_argument(text(ContextKind::InvalidArg), arguments, command, definition)
        }
        ErrorKind::InvalidSubcommand => {
            unknown_command(text(ContextKind::InvalidSubcommand), arguments, command)
        }
        ErrorKind::MissingRequiredArgument => {
            (format!("missing argument: {}", list(ContextKind::InvalidArg)), None)
        }
        ErrorKind::MissingSubcommand => ("missing subcommand".to_owned(), subcommands(command)),
        ErrorKind::ArgumentConflict => {
            let prior = list(ContextKind::PriorArg);
            let message = if prior.is_empty() || prior == list(ContextKind::InvalidArg) {
                format!("`{option}` can be used only once")
            } else {
                format!("`{option}` cannot be used with `{}`", option_name(&prior))
            };
            (message, None)
        }
        ErrorKind::NoEquals => {
            (format!("`{option}` takes its value after `=`"), Some(format!("{option}=VALUE")))
        }
        ErrorKind::InvalidValue
            if text(ContextKind::InvalidValue).unwrap_or_default().is_empty() =>
        {
            (format!("`{option}` requires a value"), None)
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let values = list(ContextKind::ValidValue);
            let source = std::error::Error::source(error).map(ToString::to_string);
            let expected = match source {
                Some(reason) => format!(": {reason}"),
                None if values.is_empty() => String::new(),
                None => format!(": expected one of {values}"),
            };
            (format!("invalid value for `{option}`{expected}"), None)
        }
        ErrorKind::InvalidUtf8 => ("an argument is not valid UTF-8".to_owned(), None),
        _ => (format!("invalid use of `{option}`"), None),
    }
}

/// `--path <PATH>` of clap without its value.
fn option_name(argument: &str) -> &str {
    let is_option = argument.starts_with('-');
    argument.split([' ', '=', '[']).next().filter(|_| is_option).unwrap_or(argument)
}

fn subcommands(command: &Command) -> Option<String> {
    let names: Vec<_> =
        command.get_subcommands().filter(|c| !c.is_hide_set()).map(Command::get_name).collect();
    (!names.is_empty()).then(|| format!("use one of {}", names.join(", ")))
}

/// Names the position of an argument, and its length, without its text.
fn position(argument: &str, arguments: &[OsString]) -> String {
    let index = arguments.iter().skip(1).position(|known| known == argument);
    index.map_or_else(
        || format!("an argument of {}", length(argument)),
        |index| format!("argument {} ({})", index + 1, length(argument)),
    )
}

/// Whether a text has the form of an option, `--word-word` or `-x`, and is no password that happens to
/// begin with a hyphen.
fn is_option_form(text: &str) -> bool {
    let name = text.trim_start_matches('-');
    let letters = name.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    text.starts_with('-') && letters && !name.is_empty() && name.len() <= 32
}

fn unknown_argument(
    argument: Option<&str>,
    arguments: &[OsString],
    command: &Command,
    definition: &Command,
) -> Explanation {
    let argument = argument.unwrap_or_default();
    let flag = argument.split('=').next().unwrap_or_default();
    if !is_option_form(flag) {
        let message = format!("unexpected {}", position(argument, arguments));
        return (message, assignment_hint(argument, command));
    }
    if let Some(ForeignWord { hint, .. }) = foreign_words().find(|known| known.word == flag) {
        return (format!("`{flag}` is not supported"), Some((*hint).to_owned()));
    }
    let owners = owners(definition, flag);
    if !owners.is_empty() {
        let path = command_path(command);
        let message = format!("`{flag}` is not an option of `{path}`");
        let has_json = command.get_arguments().any(|known| known.get_long() == Some("json"));
        if flag == "--format" && has_json {
            return (message, Some("`--json` prints JSON".to_owned()));
        }
        return (message, Some(format!("it is an option of {}", owners.join(", "))));
    }
    let own = long_options(command);
    let all: Vec<String> = all_commands(definition).into_iter().flat_map(long_options).collect();
    let near = nearest(flag, own.iter().map(String::as_str))
        .or_else(|| nearest(flag, all.iter().map(String::as_str)));
    if let Some(near) = near {
        return (format!("unknown option `{flag}`"), Some(format!("did you mean `{near}`?")));
    }
    let hint = format!("`{} --help` lists the options", command_path(command));
    (format!("unknown option: {}", position(argument, arguments)), Some(hint))
}

/// For `hushed secrets set NAME=VALUE` and the like, whose value must not be an argument.
fn assignment_hint(argument: &str, command: &Command) -> Option<String> {
    let (name, _) = argument.split_once('=')?;
    is_plain_name(name).then(|| {
        let path = command_path(command);
        format!("`{path}` takes no NAME=VALUE; to set a secret: `hushed secrets set {name}`")
    })
}

fn unknown_command(word: Option<&str>, arguments: &[OsString], command: &Command) -> Explanation {
    let word = word.unwrap_or_default();
    let path = command_path(command);
    let words = format!("{} {word}", path.strip_prefix("hushed").unwrap_or_default());
    if let Some(known) = foreign_words().find(|known| known.word == words.trim()) {
        return (format!("`{path} {word}` is not supported"), Some(known.hint.to_owned()));
    }
    if let Some((name, _)) = word.split_once('=').filter(|(name, _)| is_plain_name(name)) {
        let hint = format!(
            "to set a secret: `hushed secrets set {name}` (it asks for the value, or reads it from standard input)"
        );
        return (format!("unexpected {}", position(word, arguments)), Some(hint));
    }
    let visible = command.get_subcommands().filter(|c| !c.is_hide_set()).map(Command::get_name);
    if let Some(near) = nearest(word, visible).filter(|_| is_plain_name(word)) {
        (format!("`{path}` has no subcommand `{word}`"), Some(format!("did you mean `{near}`?")))
    } else {
        let mut hint = subcommands(command);
        if path == "hushed" {
            hint = hint.map(|names| format!("{names}; to run a command: `hushed run -- COMMAND`"));
        }
        (format!("`{path}` has no such subcommand: {}", position(word, arguments)), hint)
    }
}

/// `hushed secrets get`.
fn command_path(command: &Command) -> String {
    command.get_bin_name().unwrap_or(command.get_name()).to_owned()
}

/// All commands, the program first.
fn all_commands(command: &Command) -> Vec<&Command> {
    let mut all = vec![command];
    all.extend(command.get_subcommands().flat_map(all_commands));
    all
}

/// The long options of a command, with their hyphens.
fn long_options(command: &Command) -> Vec<String> {
    let names = |arg: &Arg| {
        let long = arg.get_long().filter(|_| !arg.is_hide_set());
        long.into_iter()
            .chain(arg.get_visible_aliases().unwrap_or_default())
            .map(str::to_owned)
            .collect()
    };
    let names = command.get_arguments().flat_map(|arg| -> Vec<String> { names(arg) });
    names.map(|long| format!("--{long}")).collect()
}

/// The commands that have this option, at most five.
fn owners(definition: &Command, flag: &str) -> Vec<String> {
    let has = |command: &&Command| {
        let short = flag.strip_prefix('-').filter(|rest| rest.len() == 1);
        long_options(command).iter().any(|long| long == flag)
            || command.get_arguments().any(|arg| {
                short.is_some_and(|short| arg.get_short().is_some_and(|c| short.starts_with(c)))
            })
    };
    let all = all_commands(definition);
    let owners = all.into_iter().filter(|command| !command.has_subcommands()).filter(has);
    owners.map(|command| format!("`{}`", command_path(command))).take(5).collect()
}
