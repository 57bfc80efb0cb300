//! The flags that every command has which reads sources.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::settings::{SettingFlags, Sources};

/// Where the secrets come from. Flags of `infisical run` that mean the same keep their names.
#[derive(Args, Debug, Default)]
pub struct Scope {
    /// Use this configuration instead of the project's hushed.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use this profile of the configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Print what hushed does to standard error
    #[arg(short = 'v', long, action = ArgAction::SetTrue)]
    pub verbose: bool,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingFlags<Sources>,
}
