//! The generated files that are checked in: the completions in `completions/` and the manual in `man/`.
//! `HUSHED_BLESS=1` writes them again; without it a stale file fails the test.

mod example;
mod manual;
mod options;
mod page;
mod reference;
mod roff;
mod schema;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use clap_complete::Shell;
use hushed::cli;

use crate::support::sandbox::Sandbox;

/// Options that are not settings: they have no key in `hushed.toml`.
const NO_SETTINGS: [&str; 11] = [
    "--command",
    "--error-format",
    "--config",
    "--profile",
    "--set",
    "--sops",
    "--sops-format",
    "--sops-flatten",
    "--sops-path",
    "--verbose",
    "--help",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Lists all commands that are not hidden, subcommands included, ready to be rendered.
fn commands() -> Vec<clap::Command> {
    let mut definition = cli::definition();
    definition.build();
    let mut commands = Vec::new();
    let mut waiting = vec![definition];
    while let Some(command) = waiting.pop() {
        waiting.extend(command.get_subcommands().filter(|sub| !sub.is_hide_set()).cloned());
        commands.push(command);
    }
    commands
}

fn completions() -> BTreeMap<PathBuf, String> {
    let shells = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell];
    let files = ["hushed.bash", "_hushed", "hushed.fish", "hushed.elv", "_hushed.ps1"];
    let rendered = |shell| String::from_utf8(cli::completion_script(shell)).unwrap();
    let path = |file| Path::new("completions").join(file);
    files.into_iter().zip(shells).map(|(file, shell)| (path(file), rendered(shell))).collect()
}

/// Compares a folder with the files that it should hold, or writes them if `HUSHED_BLESS=1`.
fn check(folder: &str, expected: &BTreeMap<PathBuf, String>) {
    let folder = root().join(folder);
    let bless = std::env::var_os("HUSHED_BLESS").is_some_and(|value| value == "1");
    let mut faults = Vec::new();
    for (path, text) in expected {
        if fs::read_to_string(root().join(path)).is_ok_and(|found| found == *text) {
            continue;
        }
        if bless {
            fs::create_dir_all(&folder).unwrap();
            fs::write(root().join(path), text).unwrap();
        } else {
            faults.push(format!("{} is stale", path.display()));
        }
    }
    for entry in fs::read_dir(&folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root()).unwrap().to_owned();
        if path.is_file() && !expected.contains_key(&name) {
            if bless {
                fs::remove_file(path).unwrap();
            } else {
                faults.push(format!("{} is not generated", name.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}\nHUSHED_BLESS=1 writes them again.", faults.join("\n"));
}

#[test]
fn completions_are_fresh() {
    check("completions", &completions());
}

#[test]
fn the_command_prints_the_completions_that_are_checked_in() {
    let sandbox = Sandbox::new();
    for (shell, file) in [
        ("bash", "hushed.bash"),
        ("zsh", "_hushed"),
        ("fish", "hushed.fish"),
        ("elvish", "hushed.elv"),
        ("powershell", "_hushed.ps1"),
    ] {
        let printed = sandbox.run(["completions", shell]).success().stdout;
        let text = completions().remove(&Path::new("completions").join(file));
        assert_eq!(Some(printed), text, "{shell}");
    }
}

#[test]
fn every_setting_has_an_option_a_variable_and_a_key() {
    let run = commands().into_iter().find(|command| command.get_name() == "run").unwrap();
    let flags: BTreeSet<String> = run
        .get_arguments()
        .filter(|argument| !argument.is_hide_set())
        .filter_map(|argument| argument.get_long().map(|long| format!("--{long}")))
        .filter(|flag| !NO_SETTINGS.contains(&flag.as_str()))
        .collect();
    let keys = schema::keys();
    for flag in &flags {
        let key = keys.iter().find(|key| key.flag_name() == Some(flag));
        let credential = schema::credential_keys()
            .into_iter()
            .find(|credential| schema::credential_flags(credential).contains(&flag.as_str()));
        let variable = key.is_some_and(|key| !key.variables.is_empty())
            || credential.is_some_and(|credential| !credential.variables.is_empty());
        assert!(variable, "{flag} has no variable");
        // A secret is never in a configuration file; the key for its file is.
        let secret = credential.is_some_and(|c| c.secret && c.file.flag_name() != Some(flag));
        assert_ne!(key.is_some(), secret, "{flag} in the configuration");
    }
    let unknown: Vec<_> = keys
        .iter()
        .filter_map(|key| key.flag_name())
        .filter(|flag| !flags.contains(*flag))
        .collect();
    assert_eq!(unknown, [""; 0], "options that the command line does not have");
}
