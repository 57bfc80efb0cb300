//! Why a key was not used. A fault of the service is told from one of the way to it by the class, and so by the exit
//! status. No text holds data or a key.

use crate::provider::{Class, Error, ProviderError};

/// Why a key was not used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No source has keys.
    #[error("no source with keys is configured")]
    NoService,
    /// Several sources have keys.
    #[error("{count} sources with keys are configured")]
    SeveralServices {
        /// How many.
        count: usize,
    },
    /// The data is larger than the service accepts.
    #[error("the data has {size} bytes; the service accepts at most {limit}")]
    TooLarge {
        /// Bytes of the data.
        size: usize,
        /// The most that is accepted.
        limit: usize,
    },
    /// The service cannot do it.
    #[error("{what}")]
    Unsupported {
        /// What.
        what: String,
        /// What the user can do.
        hint: &'static str,
    },
    /// A text that is not the name of a key.
    #[error("{name} is not the name of a key")]
    KeyName {
        /// The text, quoted, or a description of it.
        name: String,
    },
    /// There is no such key.
    #[error("there is no key `{name}` in {place}")]
    NoSuchKey {
        /// Its name.
        name: String,
        /// Where it was looked for.
        place: String,
    },
    /// A secret that is too short to be a key.
    #[error("the secret `{name}` has {size} bytes; a key has at least {least}")]
    WeakKey {
        /// Its name.
        name: String,
        /// Its length in bytes.
        size: usize,
        /// The least length.
        least: usize,
    },
    /// The service denies the use of a key.
    #[error("the identity may not use `{path}`")]
    Denied {
        /// The path in the API.
        path: String,
        /// What the service says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The version of the key, or the key, is disabled.
    #[error("the key `{name}` does not accept this version any more")]
    Disabled {
        /// The key.
        name: String,
        /// What the service says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The service cannot decrypt it.
    #[error("the key `{name}` does not decrypt this")]
    Ciphertext {
        /// The key.
        name: String,
        /// What the service says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The service rejects the request for another reason, such as an algorithm that the key does not have.
    #[error("the service rejects the request for the key `{name}`")]
    Rejected {
        /// The key.
        name: String,
        /// What the service says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What answers is not the service.
    #[error("the answer for the key `{name}` cannot be understood")]
    NotUnderstood {
        /// The key.
        name: String,
    },
    /// A text that is not a signature.
    #[error("this is not a signature of `hushed kms sign`")]
    SignatureForm,
    /// The configuration does not accept the scheme.
    #[error("the signature has the scheme `{scheme}`, which is not accepted")]
    NotAccepted {
        /// Service and algorithm.
        scheme: String,
    },
    /// A signature of another key than the configured one.
    #[error("the signature is of the key `{found}`, not of `{expected}`")]
    OtherKey {
        /// The key of the signature.
        found: String,
        /// The configured one.
        expected: String,
    },
    /// The signature is not of this data.
    #[error("the signature does not match the data")]
    Mismatch,
    /// A login or a request fails.
    #[error(transparent)]
    Other(#[from] Error),
}

impl ProviderError for KeyError {
    fn class(&self) -> Class {
        match self {
            Self::Denied { .. }
            | Self::Disabled { .. }
            | Self::NotAccepted { .. }
            | Self::OtherKey { .. } => Class::Denied,
            Self::NoSuchKey { .. } | Self::Mismatch => Class::NotFound,
            Self::TooLarge { .. }
            | Self::WeakKey { .. }
            | Self::Ciphertext { .. }
            | Self::SignatureForm => Class::BadData,
            Self::NoService
            | Self::SeveralServices { .. }
            | Self::Unsupported { .. }
            | Self::KeyName { .. }
            | Self::Rejected { .. } => Class::BadConfiguration,
            // The way to the service is broken, not the data.
            Self::NotUnderstood { .. } => Class::Unreachable,
            Self::Other(error) => error.class(),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoService => {
                "set `transit` in a source for a server, or add a local store; hushed-kms(1) describes both"
            }
            Self::SeveralServices { .. } => "choose one with --source NAME",
            Self::TooLarge { .. } => {
                "encrypt large data with a key of its own, and that key with the service; sign a hash of it"
            }
            Self::Unsupported { hint, .. } => hint,
            Self::KeyName { .. } => "names have letters, digits, `-`, `_` and `.`",
            Self::NoSuchKey { .. } => {
                "check the name; `hushed kms keys` lists the keys of a service"
            }
            Self::WeakKey { .. } => "generate one: hushed secrets set NAME --generate",
            Self::Denied { path, .. } => {
                return Some(format!(
                    "allow it in the policy: path \"{path}\" {{ capabilities = [\"update\"] }}"
                ));
            }
            Self::Disabled { .. } => "sign or encrypt it again with the newest version of the key",
            Self::Ciphertext { .. } => "check the key, --context, and that the text is complete",
            Self::Rejected { .. } => {
                "check --algorithm against the type of the key, which `hushed kms keys` shows"
            }
            Self::NotUnderstood { .. } => {
                "check the address, the proxies in between, and whether a captive portal answers"
            }
            Self::SignatureForm => "pass the text that `hushed kms sign` or `hmac` printed",
            Self::NotAccepted { scheme } => {
                return Some(format!(
                    "if signatures of this kind are as good as yours, add \"{scheme}\" to `kms-accept` in [run]"
                ));
            }
            Self::OtherKey { .. } => "if that is the right key, pass it with --key",
            Self::Mismatch => "the data or the signature was changed",
            Self::Other(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Other(error) if error.is_denied_login())
    }
}
