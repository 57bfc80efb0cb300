//! Why a secret was not written to Infisical.

use super::error::Error;
use super::error_response::ErrorResponse;
use crate::provider::{Class, ProviderError};

/// Why a secret was not written. Nothing was changed, unless the connection was lost.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// Several folders are configured.
    #[error("several folders are configured, and a secret is written to one")]
    SeveralFolders,
    /// The name does not fit into a route of the server.
    #[error("the name is longer than {limit} characters")]
    NameTooLong {
        /// The limit of the server, in characters.
        limit: usize,
    },
    /// The value is not UTF-8.
    #[error("the value is not UTF-8 text")]
    ValueNotText,
    /// The value is too large.
    #[error("the value is larger than {} KiB", limit / 1024)]
    ValueTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The server would store another value.
    #[error("Infisical removes white space at the ends of a value, and this one has some")]
    ValueTrimmed,
    /// A change policy protects the folder.
    #[error(
        "a change policy of Infisical protects the folder: the secret was not written, and waits for approval"
    )]
    NeedsApproval,
    /// The identity may not write there.
    #[error("the identity may not write to `{path}`")]
    Forbidden {
        /// The folder.
        path: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// Anything that reading may fail with as well.
    #[error(transparent)]
    Other(#[from] Error),
}

impl ProviderError for WriteError {
    fn class(&self) -> Class {
        match self {
            Self::SeveralFolders => Class::BadConfiguration,
            Self::NameTooLong { .. }
            | Self::ValueNotText
            | Self::ValueTooLarge { .. }
            | Self::ValueTrimmed => Class::BadData,
            Self::NeedsApproval | Self::Forbidden { .. } => Class::Denied,
            Self::Other(error) => error.class(),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::SeveralFolders => "pass one with --path",
            Self::NameTooLong { .. } => "choose a shorter name",
            Self::ValueNotText => {
                "store it in base64, and decode it with ?encoding=base64 in [env]"
            }
            Self::ValueTooLarge { .. } => "store it elsewhere, and its address here",
            Self::ValueTrimmed => {
                "remove the white space (one newline at the end is kept), or store the value in base64"
            }
            Self::NeedsApproval => "have it approved in Infisical",
            Self::Forbidden { .. } => {
                "grant the identity permission to create and edit secrets there"
            }
            Self::Other(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Other(error) if error.is_denied_login())
    }
}
