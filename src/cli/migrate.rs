//! The arguments of `hushed migrate`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `hushed migrate`.
#[derive(Args, Debug)]
pub struct Migrate {
    /// The subcommand.
    #[command(subcommand)]
    pub action: MigrateAction,
}

/// The subcommands of `hushed migrate`.
#[derive(Debug, Subcommand)]
pub enum MigrateAction {
    /// Convert the references of other tools in dotenv files to hushed's, with the sources that they need.
    References(MigrateReferences),
}

/// `hushed migrate references`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  hushed migrate references .env >>hushed.toml
  hushed migrate references --in-place .env >>hushed.toml

Exit status: 1 if a reference cannot be converted; the messages name its variable and line.")]
pub struct MigrateReferences {
    /// The files with lines NAME=REFERENCE; `-` is standard input [default: -].
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Replace the references in the files, for `hushed run --references`, and print only the sources.
    #[arg(long, requires = "files")]
    pub in_place: bool,
}
