//! Why an envelope does not open, each reason apart, and what the user can do about it. It carries
//! no bytes of the envelope but its kind.

use super::Kind;
use crate::seal::derive::{ExcessiveCost, NoMemory};

/// Why an envelope was not sealed or not opened.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It does not begin as an envelope does.
    #[error("it was not sealed by hushed")]
    NotOurs,
    /// Its format is of another version.
    #[error("its format has version {found}, and this hushed knows {known}")]
    UnknownVersion {
        /// The version that it has.
        found: u16,
        /// The version that we know.
        known: u16,
    },
    /// Its end is missing.
    #[error("it is cut short: {found} bytes{}", of(*expected))]
    Truncated {
        /// The number of bytes that are there.
        found: usize,
        /// The number that there should be, if so much can be read.
        expected: Option<usize>,
    },
    /// Its checksum is wrong: bytes have changed by accident.
    #[error("it is damaged: its checksum does not match")]
    Damaged,
    /// Something else is sealed in it.
    #[error(
        "it holds something else: `{}`, not `{}`",
        found.0.escape_ascii(),
        wanted.0.escape_ascii()
    )]
    OtherKind {
        /// The kind that it has.
        found: Kind,
        /// The kind that was to be opened.
        wanted: Kind,
    },
    /// Its key is derived in a way that we do not know.
    #[error("its key is derived in a way that this hushed does not know ({found})")]
    UnknownDerivation {
        /// The number of the derivation.
        found: u16,
    },
    /// It asks for more work than any passphrase is worth.
    #[error(transparent)]
    ExcessiveCost(#[from] ExcessiveCost),
    /// Argon2id's memory is not to be had.
    #[error("there is no memory for deriving the key: {memory_kib} KiB")]
    NoMemory {
        /// What was asked for.
        memory_kib: u32,
    },
    /// Something else was given, and it was sealed with a key file.
    #[error("it is sealed with a key file, not with a passphrase")]
    NeedsKeyFile,
    /// Something else was given, and it was sealed with a passphrase.
    #[error("it is sealed with a passphrase, not with a key file")]
    NeedsPassphrase,
    /// Something else was given, and it was sealed with a machine credential.
    #[error("it is sealed with a machine credential")]
    NeedsCredential,
    /// It was sealed with another key.
    #[error("the key is not the one that it was sealed with")]
    WrongKey,
    /// Key and checksum are right, and the content is not what was sealed.
    #[error("it was altered: its authentication tag does not match")]
    Altered,
    /// The kernel gave no random bytes.
    #[error("the kernel gave no random bytes to seal with")]
    NoRandomness,
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotOurs | Self::OtherKind { .. } => "check the path",
            Self::UnknownVersion { .. } | Self::UnknownDerivation { .. } => {
                "update hushed; if no newer hushed wrote the file, restore it from a backup"
            }
            Self::Truncated { .. } | Self::Damaged => "restore the file from a backup",
            Self::ExcessiveCost(_) | Self::Altered => {
                "restore the file from a backup, and find out who can write to it"
            }
            Self::NoMemory { .. } => "raise the memory limit of this process",
            Self::NeedsKeyFile => "give the key file (--key-file)",
            Self::NeedsPassphrase => "give the passphrase (HUSHED_PASSPHRASE, --passphrase-file)",
            Self::NeedsCredential => "give the credential that it was sealed with",
            Self::WrongKey => {
                "give the key or the passphrase that it was sealed with (--key-file, --passphrase-file)"
            }
            Self::NoRandomness => return None,
        };
        Some(hint.to_owned())
    }
}

impl From<NoMemory> for Error {
    fn from(NoMemory(cost): NoMemory) -> Self {
        let [memory_kib, ..] = cost.parameters();
        Self::NoMemory { memory_kib }
    }
}

fn of(expected: Option<usize>) -> String {
    expected.map_or_else(String::new, |expected| format!(" of {expected}"))
}
