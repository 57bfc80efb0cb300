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
    #[error("the key file `{}` is inside the cache directory `{}`", key.display(), directory.display())]
    KeyBeside {
        /// The key file.
        key: PathBuf,
        /// The directory.
        directory: PathBuf,
    },
    /// The kernel gives no keyring.
    #[error("cannot use the kernel keyring")]
    Keyring(#[source] io::Error),
    /// The kernel has forgotten the key.
    #[error("the kernel keyring no longer holds the key of the cache entry `{}`", path.display())]
    Forgotten {
        /// The entry's file.
        path: PathBuf,
    },
    /// The entry cannot be opened.
    #[error("cannot open the cache entry `{}`", path.display())]
    Sealed {
        /// The entry's file.
        path: PathBuf,
        /// Why not.
        source: envelope::Error,
    },
    /// The entry cannot be sealed.
    #[error("cannot encrypt the cache entry")]
    Sealing(#[source] envelope::Error),
    /// The entry was opened, and cannot be understood.
    #[error("cannot parse the cache entry `{}`", path.display())]
    Content {
        /// The entry's file.
        path: PathBuf,
        /// Why not.
        source: entry::Error,
    },
    /// There is too much to keep.
    #[error("cannot cache the response of the server")]
    TooMuch(#[source] entry::Error),
    /// The entry is from the future.
    #[error("the cache entry `{}` is dated in the future: the system clock was set back", path.display())]
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
                Some(format!("store the key file outside `{}`", directory.display()))
            }
            Self::Keyring(_) => Some("use another key: --cache-key".to_owned()),
            Self::Sealing(error) => error.hint(),
            Self::TooMuch(_) => None,
            Self::Forgotten { .. }
            | Self::Sealed { .. }
            | Self::Content { .. }
            | Self::Future { .. } => Some(
                "the next successful fetch replaces it; `hushed cache clear` deletes it".to_owned(),
            ),
        }
    }
}
