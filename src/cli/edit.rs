//! The arguments of `hushed secrets edit`.

use clap::Args;

use super::Scope;

/// `hushed secrets edit`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  hushed secrets edit
  EDITOR=nano hushed secrets edit --only 'DB_*'")]
pub struct SecretsEdit {
    /// Edit only secrets whose names match these patterns.
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Allow the file to be on a disk if there is no file system in memory.
    #[arg(long)]
    pub allow_disk: bool,
    /// Give up the text of an earlier edit that was not written.
    #[arg(long, conflicts_with_all = ["only", "allow_disk", "yes"])]
    pub discard: bool,
    /// Do not ask, neither about an unknown editor nor before writing.
    #[arg(long)]
    pub yes: bool,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}
