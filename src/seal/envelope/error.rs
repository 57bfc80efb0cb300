//! Why an envelope does not open, each reason apart, and what the user can do about it. It carries
//! no bytes of the envelope but its kind.

use super::EnvelopeKind;
use crate::seal::derive::{ExcessiveCost, OutOfMemory};

/// Why an envelope was not sealed or not opened.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It does not begin as an envelope does.
    #[error("it is not a file that hushed encrypted")]
    NotOurs,
    /// Its format is of another version.
    #[error("its format has version {found}; this hushed supports up to version {known}")]
    UnknownVersion {
        /// The version that it has.
        found: u16,
        /// The version that we know.
        known: u16,
    },
    /// Its end is missing.
    #[error("it is truncated: {found} bytes{}", of(*expected))]
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
        found: EnvelopeKind,
        /// The kind that was to be opened.
        wanted: EnvelopeKind,
    },
    /// Its key is derived in a way that we do not know.
    #[error("it uses a key derivation that this hushed does not support ({found})")]
    UnknownDerivation {
        /// The number of the derivation.
        found: u16,
    },
    /// It asks for more work than any passphrase is worth.
    #[error(transparent)]
    ExcessiveCost(#[from] ExcessiveCost),
    /// Its slots together ask for more work than any passphrase is worth.
    #[error(
        "its passphrases together require {work_kib} KiB of work to try, which is not acceptable"
    )]
    ExcessiveSlots {
        /// Memory times passes, of all slots.
        work_kib: u64,
    },
    /// It has no recipient, or more than an envelope can have.
    #[error("it has {found} recipients; 1 to {} are supported", super::MAX_RECIPIENTS)]
    RecipientCount {
        /// The number of recipients.
        found: usize,
    },
    /// A recipient with whom everybody shares the same secret.
    #[error("a recipient is not a usable public key")]
    WeakRecipient,
    /// Only those who have the other keys can seal for their recipients.
    #[error("it has a recipient that this hushed cannot encrypt for")]
    OtherRecipients,
    /// Argon2id's memory is not to be had.
    #[error("not enough memory to derive the key ({memory_kib} KiB)")]
    OutOfMemory {
        /// What was asked for.
        memory_kib: u32,
    },
    /// Something else was given, and it was sealed with a key file.
    #[error("it is encrypted with a key file, not with a passphrase")]
    NeedsKeyFile,
    /// Something else was given, and it was sealed with a passphrase.
    #[error("it is encrypted with a passphrase, not with a key file")]
    NeedsPassphrase,
    /// Something else was given, and it was sealed with a machine credential.
    #[error("it is encrypted with a machine credential")]
    NeedsCredential,
    /// It was sealed with another key.
    #[error("it is encrypted with another key")]
    WrongKey,
    /// Key and checksum are right, and the content is not what was sealed.
    #[error("it was altered: its authentication tag does not match")]
    Altered,
    /// The kernel gave no random bytes.
    #[error("cannot get random bytes from the kernel")]
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
            Self::ExcessiveCost(_)
            | Self::ExcessiveSlots { .. }
            | Self::RecipientCount { .. }
            | Self::Altered => "restore the file from a backup, and find out who can write to it",
            Self::OutOfMemory { .. } => "raise the memory limit of this process",
            Self::NeedsKeyFile => "pass the key file (--key-file)",
            Self::NeedsPassphrase => "pass the passphrase (HUSHED_PASSPHRASE, --passphrase-file)",
            Self::NeedsCredential => "use the credential that it was encrypted with",
            Self::WrongKey => {
                "pass the key or the passphrase that it was encrypted with (--key-file, --passphrase-file)"
            }
            Self::OtherRecipients => "update hushed",
            Self::WeakRecipient => "remove the recipient",
            Self::NoRandomness => return None,
        };
        Some(hint.to_owned())
    }
}

impl From<OutOfMemory> for Error {
    fn from(OutOfMemory(cost): OutOfMemory) -> Self {
        let [memory_kib, ..] = cost.parameters();
        Self::OutOfMemory { memory_kib }
    }
}

fn of(expected: Option<usize>) -> String {
    expected.map_or_else(String::new, |expected| format!(" of {expected}"))
}
