//! The flags that every command has which reads sources.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::settings::{SettingFlags, Sources};

/// Where the secrets come from.
#[derive(Args, Debug, Default)]
pub struct Scope {
    /// What is no setting.
    #[command(flatten)]
    pub options: Options,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingFlags<Sources>,
}

/// The flags that are no settings.
#[derive(Args, Debug, Default)]
pub struct Options {
    /// Use this configuration instead of the project's hushed.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use this profile of the configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Print what hushed does to standard error
    #[arg(short = 'v', long, action = ArgAction::SetTrue)]
    pub verbose: bool,
}
