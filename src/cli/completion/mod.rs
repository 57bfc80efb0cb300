//! Shell completion: the scripts, and what to complete at a position of a command line. Candidates that
//! depend on the configuration (profiles, sources, names) are left to `command`.

use std::ffi::OsString;

use clap::{Arg, Command};
use clap_complete::Shell;

use super::parse::definition;

/// The first argument with which the scripts call hushed.
pub const COMPLETE: &str = "__complete";

/// The completion script of a shell.
pub fn script(shell: Shell) -> Vec<u8> {
    let text = match shell {
        Shell::Bash => include_str!("hushed.bash"),
        Shell::Zsh => include_str!("_hushed"),
        Shell::Fish => include_str!("hushed.fish"),
        _ => {
            // The generator panics on write errors, so it writes to memory.
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut definition(), "hushed", &mut text);
            return text;
        }
    };
    text.as_bytes().to_vec()
}

/// What to offer at a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// The words from this index are a command line of their own.
    Command(usize),
    /// Paths.
    Files,
    /// These words, with descriptions.
    Words(Vec<(String, String)>),
    /// Words that depend on the configuration, each after this prefix.
    Dynamic(Dynamic, String),
}

/// A kind of word that depends on the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dynamic {
    /// Profiles of hushed.toml.
    Profiles,
    /// Sources of hushed.toml.
    Sources,
    /// Names of secrets.
    Names,
    /// Formats of `hushed export`.
    Formats,
}

/// Finds out what to offer for the word at `index`; the first word is the program.
pub fn complete(words: &[OsString], index: usize) -> Completion {
    let mut definition = definition();
    definition.build();
    let texts: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let current = texts.get(index).map_or("", String::as_str);
    let mut command = &definition;
    let mut wanted: Option<&Arg> = None;
    let mut at = 1;
    while let Some(word) = texts.get(at).filter(|_| at < index) {
        at += 1;
        if wanted.take().is_some() {
            continue;
        }
        if word == "--" {
            return if wraps(command) { Completion::Command(at) } else { Completion::Files };
        }
        if word.starts_with('-') {
            wanted = option(command, word).filter(|arg| takes_next(arg) && !word.contains('='));
        } else if let Some(found) = command.find_subcommand(word) {
            command = found;
        } else if wraps(command) {
            return Completion::Command(at - 1);
        }
    }
    if let Some(arg) = wanted {
        return values(arg, "");
    }
    if let Some((name, _)) = current.split_once('=').filter(|_| current.starts_with("--")) {
        return option(command, name)
            .map_or(Completion::Files, |arg| values(arg, &format!("{name}=")));
    }
    if current.starts_with('-') {
        return Completion::Words(options(command));
    }
    if command.has_subcommands() {
        return Completion::Words(subcommands(command));
    }
    if wraps(command) {
        return Completion::Command(index);
    }
    let positional = command.get_positionals().next();
    positional.map_or(Completion::Words(Vec::new()), |arg| values(arg, ""))
}

/// Whether the arguments of a subcommand are a command line of their own.
fn wraps(command: &Command) -> bool {
    command.get_positionals().any(Arg::is_trailing_var_arg_set)
}

/// The option that a word names.
fn option<'c>(command: &'c Command, word: &str) -> Option<&'c Arg> {
    let name = word.split('=').next().unwrap_or_default();
    let is_named = |arg: &&Arg| {
        if let Some(long) = name.strip_prefix("--") {
            return arg.get_long() == Some(long)
                || arg.get_all_aliases().unwrap_or_default().contains(&long);
        }
        let mut letters = name.chars().skip(1);
        arg.get_short().is_some() && arg.get_short() == letters.next() && letters.next().is_none()
    };
    command.get_arguments().find(is_named)
}

/// Whether the next word is the value of an option.
fn takes_next(arg: &Arg) -> bool {
    arg.get_action().takes_values() && !arg.is_require_equals_set()
}

/// The values of an option or argument.
fn values(arg: &Arg, prefix: &str) -> Completion {
    let id = arg.get_id().as_str();
    let fixed = |words: &[&str]| {
        Completion::Words(
            words.iter().map(|word| (format!("{prefix}{word}"), String::new())).collect(),
        )
    };
    let dynamic = match id {
        "profile" => Some(Dynamic::Profiles),
        "source" => Some(Dynamic::Sources),
        "format" => Some(Dynamic::Formats),
        "only" | "exclude" | "require" | "no-redact" | "preserve-env" | "name" | "names" => {
            Some(Dynamic::Names)
        }
        _ => None,
    };
    if let Some(dynamic) = dynamic {
        return Completion::Dynamic(dynamic, prefix.to_owned());
    }
    let possible = arg.get_possible_values();
    if !possible.is_empty() {
        let words: Vec<_> = possible.iter().map(clap::builder::PossibleValue::get_name).collect();
        return fixed(&words);
    }
    match id {
        "method" => {
            fixed(&["universal-auth", "kubernetes", "oidc-auth", "jwt-auth", "ldap-auth", "token"])
        }
        "cache" => fixed(&["off", "fallback", "ttl=5m"]),
        "cache-key" => fixed(&["credential", "keyring", "file", "systemd", "passphrase"]),
        "terminal" => fixed(&["auto", "shared", "inner", "off"]),
        "dialect" | "env-file-dialect" => {
            fixed(&["strict", "node", "dotenv", "python", "ruby", "compose", "docker", "systemd"])
        }
        "transform" => fixed(&[
            "camel",
            "upper-camel",
            "upper-snake",
            "lower-snake",
            "lower-kebab",
            "tf-var",
            "dotnet",
        ]),
        _ if arg.is_require_equals_set() => fixed(&["true", "false"]),
        _ => Completion::Files,
    }
}

/// The options of a command with the first line of their help.
fn options(command: &Command) -> Vec<(String, String)> {
    let args = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let named = |arg: &Arg| {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let help = help.lines().next().unwrap_or_default().to_owned();
        let long = arg.get_long().into_iter().chain(arg.get_visible_aliases().unwrap_or_default());
        let mut names: Vec<String> = long.map(|long| format!("--{long}")).collect();
        names.extend(arg.get_short().map(|short| format!("-{short}")));
        names.into_iter().map(move |name| (name, help.clone())).collect::<Vec<_>>()
    };
    args.flat_map(named).collect()
}

fn subcommands(command: &Command) -> Vec<(String, String)> {
    let visible = command.get_subcommands().filter(|c| !c.is_hide_set());
    let about = |c: &Command| c.get_about().map(ToString::to_string).unwrap_or_default();
    visible.map(|c| (c.get_name().to_owned(), about(c))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_end(line: &str) -> Completion {
        let words: Vec<_> = line.split(' ').map(OsString::from).collect();
        complete(&words, words.len() - 1)
    }

    fn words(line: &str) -> Vec<String> {
        match at_end(line) {
            Completion::Words(words) => words.into_iter().map(|(word, _)| word).collect(),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_position_decides_what_is_offered() {
        for (line, want) in [
            ("hushed run -- mak", Completion::Command(3)),
            ("hushed run mak", Completion::Command(2)),
            ("hushed run git com", Completion::Command(2)),
            ("hushed run --env prod -- git com", Completion::Command(5)),
            ("hushed run --redact git --env ", Completion::Command(3)),
            ("hushed run --profile ", Completion::Dynamic(Dynamic::Profiles, String::new())),
            ("hushed run --profile=p", Completion::Dynamic(Dynamic::Profiles, "--profile=".into())),
            ("hushed plan --only A", Completion::Dynamic(Dynamic::Names, String::new())),
            ("hushed secrets get A", Completion::Dynamic(Dynamic::Names, String::new())),
            ("hushed why A", Completion::Dynamic(Dynamic::Names, String::new())),
            ("hushed export -f j", Completion::Dynamic(Dynamic::Formats, String::new())),
            ("hushed run --config ", Completion::Files),
        ] {
            assert_eq!(at_end(line), want, "{line}");
        }
        assert!(words("hushed ").contains(&"run".to_owned()));
        assert_eq!(words("hushed token "), ["renew"]);
        assert!(words("hushed run --en").contains(&"--env".to_owned()));
        assert!(words("hushed completions ").contains(&"zsh".to_owned()));
        assert_eq!(words("hushed run --redact="), ["--redact=true", "--redact=false"]);
        assert!(words("hushed run --method ").contains(&"kubernetes".to_owned()));
    }
}
