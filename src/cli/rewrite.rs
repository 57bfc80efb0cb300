//! Rewrites arguments to the one form that clap parses: `help` and `version` as words, options before the
//! subcommand, and `hushed secrets` without a subcommand. Pure. It leaves `hushed run …` alone, which is
//! the common case and must start fast.

use std::ffi::{OsStr, OsString};

use super::compat::IgnoredOptions;
use super::settings::{Arity, setting_arity};

/// The subcommands that have subcommands of their own, with the default one.
const GROUPS: [(&str, Option<&str>); 2] = [("secrets", Some("list")), ("cache", None)];

/// Options that are not settings: those that take a value, and those that do not.
const WITH_VALUE: [&str; 17] = [
    "--config",
    "--profile",
    "--format",
    "-f",
    "--output",
    "-o",
    "--output-file",
    "--file",
    "--type",
    "--tag",
    "--manifest-name",
    "--namespace",
    "--refresh-interval",
    "--creation-policy",
    "--service-account",
    "--name",
    "-n",
];
const WITHOUT_VALUE: [&str; 9] = [
    "--verbose",
    "-v",
    "--plain",
    "--raw-value",
    "--json",
    "--reveal",
    "--show-values",
    "--all",
    "--cluster-store",
];

/// How an option takes its value; `None` for an unknown option.
pub(super) fn arity(option: &str) -> Option<Arity> {
    if WITH_VALUE.contains(&option) || IgnoredOptions::requires_value(option) {
        return Some(Arity::Required);
    }
    if WITHOUT_VALUE.contains(&option) || IgnoredOptions::has(OsStr::new(option)) {
        return Some(Arity::Never);
    }
    setting_arity(option)
}

/// Rewrites the arguments, the first of which is the name of the program.
pub fn rewrite(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_none_or(|first| first == "run") {
        return arguments;
    }
    if arguments.len() == 2 && arguments.get(1).is_some_and(|only| only == "-v") {
        arguments.truncate(1);
        arguments.push("--version".into());
        return arguments;
    }
    let moved = move_options(&mut arguments, 1);
    if moved > 0 && arguments.get(1).is_some_and(|word| word == "run") {
        separate_command(&mut arguments, 2 + moved);
    }
    let word = |at: usize| arguments.get(at).and_then(|word| word.to_str()).map(str::to_owned);
    match word(1).as_deref() {
        Some("help") => {
            arguments.remove(1);
            arguments.push("--help".into());
        }
        Some("version") if arguments.len() == 2 => {
            arguments.truncate(1);
            arguments.push("--version".into());
        }
        Some("completion") => replace(&mut arguments, 1, "completions"),
        Some("token") => name_token(&mut arguments),
        Some(name) => {
            if let Some((_, default)) = GROUPS.iter().find(|(group, _)| *group == name) {
                select_subcommand(&mut arguments, *default);
            }
        }
        None => {}
    }
    arguments
}

/// `token renew TOKEN` is `token renew --token TOKEN`, which keeps the token out of `ps`.
fn name_token(arguments: &mut Vec<OsString>) {
    move_options(arguments, 2);
    let end = options_end(arguments, 3);
    let is_renew = arguments.get(2).is_some_and(|word| word == "renew");
    if is_renew && arguments.get(end).is_some_and(|word| !word.as_encoded_bytes().starts_with(b"-"))
    {
        arguments.insert(end, "--token".into());
    }
}

fn replace(arguments: &mut [OsString], at: usize, word: &str) {
    if let Some(argument) = arguments.get_mut(at) {
        *argument = word.into();
    }
}

/// Moves the options of a group behind its subcommand, or inserts the default subcommand.
fn select_subcommand(arguments: &mut Vec<OsString>, default: Option<&str>) {
    let asks_help = |argument: &OsString| argument == "--help" || argument == "-h";
    let end = options_end(arguments, 2);
    match default {
        Some(default) if end == arguments.len() && !arguments.iter().any(asks_help) => {
            arguments.insert(2, default.into());
        }
        _ => {
            move_options(arguments, 2);
        }
    }
}

/// Moves the options at `start` behind the word that follows them.
/// Returns how many arguments it moved.
fn move_options(arguments: &mut [OsString], start: usize) -> usize {
    let end = options_end(arguments, start);
    let moved = arguments.get_mut(start..=end);
    moved.filter(|moved| moved.len() > 1).map_or(0, |moved| {
        moved.rotate_right(1);
        moved.len() - 1
    })
}

/// Inserts `--` before a command, which would otherwise stand behind an option that was moved there, as in
/// `hushed --redact run true`.
fn separate_command(arguments: &mut Vec<OsString>, at: usize) {
    if arguments.get(at).is_some_and(|word| !word.as_encoded_bytes().starts_with(b"-")) {
        arguments.insert(at, "--".into());
    }
}

/// The index after the known options that begin at `start`, with their values.
fn options_end(arguments: &[OsString], start: usize) -> usize {
    let mut at = start;
    while let Some(text) = arguments.get(at).and_then(|argument| argument.to_str()) {
        let name = text.split('=').next().unwrap_or_default();
        let attached = name.len() != text.len();
        let short = name.get(..2).filter(|short| short.starts_with('-') && *short != "--");
        match arity(name).or_else(|| short.and_then(arity)) {
            Some(Arity::Required) if !attached && arity(name).is_some() => at += 2,
            Some(_) => at += 1,
            None => break,
        }
    }
    at.min(arguments.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(line: &str) -> String {
        let arguments = line.split(' ').map(OsString::from).collect();
        let texts = rewrite(arguments).into_iter().map(|text| text.into_string().unwrap());
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn options_move_behind_the_subcommand() {
        for (line, want) in [
            ("hushed run --env x -- y", "hushed run --env x -- y"),
            ("hushed --profile prod run -- y", "hushed run --profile prod -- y"),
            ("hushed --domain=u -e prod run y", "hushed run --domain=u -e prod -- y"),
            ("hushed --redact run true", "hushed run --redact -- true"),
            ("hushed --redact run --init true", "hushed run --redact --init true"),
            ("hushed --silent -l debug secrets", "hushed secrets list --silent -l debug"),
            ("hushed secrets --path /a --plain", "hushed secrets list --path /a --plain"),
            ("hushed secrets", "hushed secrets list"),
            ("hushed secrets --env dev get A", "hushed secrets get --env dev A"),
            ("hushed secrets -o json --path /a", "hushed secrets list -o json --path /a"),
            ("hushed secrets --help", "hushed secrets --help"),
            ("hushed secrets lst", "hushed secrets lst"),
            ("hushed help", "hushed --help"),
            ("hushed help secrets get", "hushed secrets get --help"),
            ("hushed version", "hushed --version"),
            ("hushed -v", "hushed --version"),
            ("hushed --unknown run x", "hushed --unknown run x"),
            ("hushed --version", "hushed --version"),
            ("hushed completion bash", "hushed completions bash"),
            ("hushed --recursive plan", "hushed plan --recursive"),
            ("hushed token renew abc", "hushed token renew --token abc"),
            ("hushed token renew --silent abc", "hushed token renew --silent --token abc"),
            ("hushed token renew", "hushed token renew"),
        ] {
            assert_eq!(rewritten(line), want, "{line}");
        }
    }
}
