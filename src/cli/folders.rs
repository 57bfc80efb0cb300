//! The arguments of `hushed folders`.

use clap::{Args, Subcommand};

use super::Scope;

/// `hushed folders`.
#[derive(Args, Debug)]
pub struct Folders {
    /// The subcommand.
    #[command(subcommand)]
    pub action: FoldersAction,
}

/// The subcommands of `hushed folders`.
#[derive(Debug, Subcommand)]
pub enum FoldersAction {
    /// List the folders in a folder.
    List(Box<FoldersList>),
    /// Create a folder, and its missing parents.
    Create(Box<FoldersChange>),
    /// Delete a folder with everything below it.
    Delete(Box<FoldersChange>),
}

/// `hushed folders list`.
#[derive(Args, Debug)]
pub struct FoldersList {
    /// The folder, below the configured one.
    #[arg(value_name = "FOLDER")]
    pub folder: Option<String>,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}

/// `hushed folders create` and `delete`.
#[derive(Args, Debug)]
pub struct FoldersChange {
    /// The folder, below the configured one.
    #[arg(value_name = "FOLDER")]
    pub folder: String,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// The store.
    #[command(flatten)]
    pub scope: Scope,
}
