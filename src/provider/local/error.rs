//! Why a local store was not opened or not changed, and what the user can do about it. It carries
//! paths and names, never values.

use std::path::PathBuf;

use super::format;
use crate::provider::{Class, ProviderError, WriteRefusal};
use crate::seal::{KeySource, X25519Recipient, envelope, key, private_file};

/// Why a local store was not opened or not changed. Whatever it is, the store is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no store yet.
    #[error("the local store `{}` does not exist", store.display())]
    StoreMissing {
        /// The store's file.
        store: PathBuf,
    },
    /// There is a store, and its key file is gone.
    #[error("the key file `{}` of the local store `{}` is missing", key.display(), store.display())]
    KeyLost {
        /// The key file.
        key: PathBuf,
        /// The store's file.
        store: PathBuf,
    },
    /// The store was created with a passphrase, and there is none.
    #[error(
        "the local store `{}` is encrypted with a passphrase, and no passphrase is set",
        store.display()
    )]
    PassphraseMissing {
        /// The store's file.
        store: PathBuf,
    },
    /// Key and store would be copied together.
    #[error(
        "the key file `{}` is inside the directory of the local store, `{}`",
        key.display(),
        directory.display()
    )]
    KeyBeside {
        /// The key file.
        key: PathBuf,
        /// The directory of the store.
        directory: PathBuf,
    },
    /// Only a key file can be created.
    #[error("the local store uses a key that hushed cannot create: no key file is configured")]
    NoKeyFile,
    /// Somebody is to be removed who cannot open the store.
    #[error("`{recipient}` is not a recipient of the local store")]
    NotARecipient {
        /// The public key.
        recipient: X25519Recipient,
    },
    /// The key in use is to be removed.
    #[error("that is the recipient of your own key")]
    OwnRecipient,
    /// The key cannot be had.
    #[error(transparent)]
    Key(#[from] key::Error),
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] private_file::Error),
    /// The file cannot be opened with the key.
    #[error("cannot open the local store `{}` with {key}", store.display())]
    Sealed {
        /// The store's file.
        store: PathBuf,
        /// Where the key is from.
        key: KeySource,
        /// Why not.
        source: envelope::Error,
    },
    /// The new content cannot be sealed.
    #[error("cannot encrypt the local store `{}`", store.display())]
    Sealing {
        /// The store's file.
        store: PathBuf,
        /// Why not.
        source: envelope::Error,
    },
    /// The file was opened, and its content cannot be understood.
    #[error("cannot parse the local store `{}`", store.display())]
    Content {
        /// The store's file.
        store: PathBuf,
        /// Why not.
        source: format::Error,
    },
    /// The secret may not be in a store.
    #[error(transparent)]
    Refused(#[from] format::Error),
    /// A change does not fit what is stored.
    #[error(transparent)]
    Change(#[from] WriteRefusal),
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::StoreMissing { .. } => {
                Some("create it with its first secret: `hushed secrets set NAME`".to_owned())
            }
            Self::KeyLost { .. } => Some(
                "restore the key file from a backup, or pass its path with --key-file; no other key \
                 opens the store"
                    .to_owned(),
            ),
            Self::PassphraseMissing { .. } => {
                Some("set HUSHED_PASSPHRASE, or pass --passphrase-file FILE".to_owned())
            }
            Self::KeyBeside { directory, .. } => {
                Some(format!("store the key file outside `{}`", directory.display()))
            }
            Self::NoKeyFile => Some("set `key-file`, or pass --key-file".to_owned()),
            Self::NotARecipient { .. } => {
                Some("`hushed secrets recipients` shows who can open it".to_owned())
            }
            Self::OwnRecipient => Some(
                "to replace your key, use `hushed secrets rekey`; to leave, let another recipient \
                 revoke it"
                    .to_owned(),
            ),
            Self::Key(error) => error.hint(),
            Self::File(error) => error.hint(),
            Self::Sealed { source, .. } | Self::Sealing { source, .. } => source.hint(),
            Self::Content { source, .. } | Self::Refused(source) => source.hint(),
            Self::Change(refusal) => refusal.hint(),
        }
    }
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::StoreMissing { .. } => Class::NotFound,
            Self::Change(refusal) => refusal.class(),
            _ => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }
}
