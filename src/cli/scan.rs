//! The arguments of `hushed scan`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Confinement, Redaction, Scope, SettingFlags};

/// `hushed scan`.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Exit status: 0 if nothing was found, 1 if a value was found.",
    override_usage = "hushed scan [OPTIONS] [PATH]...\n       hushed scan install-hook"
)]
pub struct Scan {
    /// The subcommand.
    #[command(subcommand)]
    pub action: Option<ScanAction>,
    /// What is searched.
    #[command(flatten)]
    pub target: ScanTarget,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The sources.
    #[command(flatten)]
    pub scope: Scope,
    /// Which values are secret.
    #[command(flatten)]
    pub redaction: SettingFlags<Redaction>,
    /// How the fetch is confined.
    #[command(flatten)]
    pub confinement: SettingFlags<Confinement>,
}

/// What `hushed scan` searches.
#[derive(Args, Debug)]
pub struct ScanTarget {
    /// Files and directories; the default is the working directory.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Search what the next commit would add or change.
    #[arg(long, conflicts_with_all = ["paths", "range", "history", "no_git"])]
    pub staged: bool,
    /// Search the files and messages of these commits, such as `main..HEAD`.
    #[arg(long, value_name = "A..B", conflicts_with_all = ["paths", "history", "no_git"])]
    pub range: Option<OsString>,
    /// Search the files and messages of all commits.
    #[arg(long, conflicts_with_all = ["paths", "no_git"])]
    pub history: bool,
    /// Search all files of a directory, also those that git ignores.
    #[arg(long)]
    pub no_git: bool,
}

/// The subcommands of `hushed scan`.
#[derive(Debug, Subcommand)]
pub enum ScanAction {
    /// Install a git hook that searches each commit before it is made.
    InstallHook,
}
