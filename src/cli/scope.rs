//! The flags that select the sources, shared by all commands that read secrets.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::compat::IgnoredOptions;
use super::settings::{SettingFlags, Sources};

/// The flags that select and configure the sources.
#[derive(Args, Debug, Default)]
pub struct Scope {
    /// The flags that are not settings.
    #[command(flatten)]
    pub options: Options,
    /// The ignored options.
    #[command(flatten)]
    pub ignored: IgnoredOptions,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingFlags<Sources>,
}

/// The flags that are not settings.
#[derive(Args, Debug, Default)]
pub struct Options {
    /// Use this configuration instead of the project's hushed.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use this profile of the configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Write errors as text (default) or json
    // It is taken out of the arguments before they are parsed; this is for --help.
    #[arg(long, value_name = "FORMAT")]
    pub error_format: Option<String>,
    /// Print what hushed does to standard error
    #[arg(short = 'v', long, action = ArgAction::SetTrue)]
    pub verbose: bool,
}
