//! Why a cache was not read or not written, and what the user can do about it. It carries paths, never
//! a name or a value of a secret.

use std::io;
use std::path::PathBuf;

use super::entry;
use crate::seal::{envelope, key, private_file};

/// Why a cache was not read or not written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its directory or a file of it cannot be used.
    #[error(transparent)]
    File(#[from] private_file::Error),
    /// Its key cannot be had.
    #[error(transparent)]
    Key(#[from] key::Error),
    /// The key file would be copied together with what it opens.
    #[error("the key file `{}` is in the directory of the cache, `{}`", key.display(), directory.display())]
    KeyBeside {
        /// The key file.
        key: PathBuf,
        /// The directory.
        directory: PathBuf,
    },
    /// The kernel gives no keyring.
    #[error("the kernel's keyring cannot be used")]
    Keyring(#[source] io::Error),
    /// The kernel has forgotten the key.
    #[error("the kernel's keyring has no key for the entry `{}` any more", path.display())]
    Forgotten {
        /// The entry's file.
        path: PathBuf,
    },
    /// The entry cannot be opened.
    #[error("the entry `{}` does not open", path.display())]
    Sealed {
        /// The entry's file.
        path: PathBuf,
        /// Why not.
        source: envelope::Error,
    },
    /// The entry cannot be sealed.
    #[error("no entry can be sealed")]
    Sealing(#[source] envelope::Error),
    /// The entry was opened, and cannot be understood.
    #[error("the entry `{}` cannot be understood", path.display())]
    Content {
        /// The entry's file.
        path: PathBuf,
        /// Why not.
        source: entry::Error,
    },
    /// There is too much to keep.
    #[error("what the server gave cannot be kept")]
    TooMuch(#[source] entry::Error),
    /// The entry is from the future.
    #[error("the entry `{}` is from the future: the clock was put back", path.display())]
    Future {
        /// The entry's file.
        path: PathBuf,
    },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint(),
            Self::Key(error) => error.hint(),
            Self::KeyBeside { directory, .. } => {
                Some(format!("keep the key file outside `{}`", directory.display()))
            }
            Self::Keyring(_) => Some("choose another key with --cache-key".to_owned()),
            Self::Sealing(error) => error.hint(),
            Self::TooMuch(_) => None,
            Self::Forgotten { .. }
            | Self::Sealed { .. }
            | Self::Content { .. }
            | Self::Future { .. } => Some(
                "the next answer of the server replaces it; `hushed cache clear` destroys it"
                    .to_owned(),
            ),
        }
    }
}
