//! Searches files, and what a git repository stores, for the values of secrets in all their written forms.

mod git;
mod search;
mod tree;

use std::io;
use std::path::PathBuf;

pub use git::{Blob, BlobReader, Git, Revisions, is_in_work_tree};
pub use search::{Match, Searcher};
pub use tree::{Listing, Tree, files_below};

/// Why a scan cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program is missing.
    #[error("the program git is not in PATH")]
    NoGit,
    /// The program cannot be run.
    #[error("cannot run git")]
    Git(#[source] io::Error),
    /// The program failed, and said why on standard error.
    #[error("git failed (see above)")]
    GitFailed,
    /// The program answered something that is not its format.
    #[error("git answered in a format that hushed does not know")]
    GitAnswer,
    /// An object of the repository is not there, as in a partial clone.
    #[error("the repository lacks the object {0}")]
    MissingObject(String),
    /// A directory cannot be read.
    #[error("cannot read the directory `{0}`")]
    Directory(PathBuf, #[source] io::Error),
    /// A file was named that cannot be read.
    #[error("cannot read `{0}`")]
    File(PathBuf, #[source] io::Error),
    /// There are no values to look for.
    #[error("there is no value to search for")]
    NoValues,
    /// A hook is there already.
    #[error("there is already a hook `{0}`")]
    HookExists(PathBuf),
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoGit => "install git, or search all files with --no-git".to_owned(),
            Self::Git(_) | Self::GitAnswer => "hushed needs git 2.32 or later".to_owned(),
            Self::GitFailed => {
                "run it in a git repository; --no-git searches all files of a directory".to_owned()
            }
            Self::MissingObject(_) => "`git fetch --refetch` completes a partial clone".to_owned(),
            Self::NoValues => {
                "`hushed plan` shows the variables and which of them are redacted".to_owned()
            }
            Self::HookExists(_) => "add the line `hushed scan --staged || exit` to it".to_owned(),
            Self::Directory(..) | Self::File(..) => return None,
        })
    }
}
