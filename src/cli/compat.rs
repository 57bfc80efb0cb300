//! Options of other programs that hushed accepts and ignores, so that scripts written for them keep working:
//! the global options of the Infisical CLI, which concern its log and telemetry.

use std::ffi::OsStr;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// Ignored options without a value; `--silent=false` is accepted too.
const SWITCHES: [&str; 2] = ["silent", "telemetry"];

/// Ignored options with a value.
const VALUES: [&str; 3] = ["log-level", "log-format", "log-destination"];

/// The short form of `--log-level`.
const LOG_LEVEL_SHORT: char = 'l';

/// The ignored options. They have no effect.
#[derive(Debug, Default)]
pub struct IgnoredOptions;

impl IgnoredOptions {
    /// Whether an argument is one of the ignored options.
    pub(super) fn has(argument: &OsStr) -> bool {
        let Some(text) = argument.to_str() else { return false };
        let name = text.split('=').next().unwrap_or_default();
        let long = name.strip_prefix("--");
        long.is_some_and(|long| SWITCHES.contains(&long) || VALUES.contains(&long))
            || text.strip_prefix('-').is_some_and(|rest| rest.starts_with(LOG_LEVEL_SHORT))
    }

    /// The long options that require a value, for the scanner of arguments.
    pub(super) fn requires_value(name: &str) -> bool {
        name == "-l" || name.strip_prefix("--").is_some_and(|long| VALUES.contains(&long))
    }
}

impl Args for IgnoredOptions {
    fn augment_args(command: Command) -> Command {
        let switches = SWITCHES.iter().map(|name| {
            let arg = Arg::new(name).long(name).num_args(0..=1).require_equals(true);
            arg.default_missing_value("true")
        });
        let values = VALUES.iter().map(|name| Arg::new(name).long(name).num_args(1));
        let args = switches.chain(values).map(|arg| {
            let is_level = arg.get_id() == "log-level";
            let arg = if is_level { arg.short(LOG_LEVEL_SHORT) } else { arg };
            arg.hide(true).action(ArgAction::Append)
        });
        command.args(args)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for IgnoredOptions {
    fn from_arg_matches(_: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self)
    }

    fn update_from_arg_matches(&mut self, _: &ArgMatches) -> Result<(), clap::Error> {
        Ok(())
    }
}
