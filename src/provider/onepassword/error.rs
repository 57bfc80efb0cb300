//! The errors of the 1Password store. Their texts name vaults, items and fields, never a value or a token.

use crate::provider::token_api;
use crate::provider::{Class, ProviderError};

/// Why reading from 1Password Connect failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The request, the token or its rights.
    #[error(transparent)]
    Api(#[from] token_api::Error),
    /// No vault or item has this name.
    #[error("none of the {kind} of {place} is called `{name}`")]
    NotFound { kind: &'static str, name: String, place: String },
    /// Several have it.
    #[error("several {what} of {place} are called `{name}`: their IDs are {}", ids.join(", "))]
    Ambiguous { what: &'static str, name: String, place: String, ids: Vec<String> },
    /// An item has no such field or file.
    #[error("`{place}` has no field or file `{name}`; it has {}", names(known))]
    NoPart { name: String, place: String, known: Vec<String> },
    /// A field without a one-time password.
    #[error("`{path}` has no one-time password")]
    NoOneTime { path: String },
    /// A one-time password of an item as a whole.
    #[error("`{path}` names no field, whose one-time password could be read")]
    NoField { path: String },
    /// An attribute that hushed does not read.
    #[error("the option `attribute` cannot be `{found}`")]
    Attribute { found: String },
    /// A reference that does not name an item.
    #[error("`{path}` does not name an item, a field or a file")]
    InvalidReference { path: String },
}

/// Names in a message, at most twenty.
fn names(known: &[String]) -> String {
    let mut quoted: Vec<_> =
        known.iter().take(20).map(|name| format!("`{}`", name.escape_debug())).collect();
    if known.len() > quoted.len() {
        quoted.push(format!("{} more", known.len() - quoted.len()));
    }
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}

impl Error {
    /// Whether there is no such item.
    pub(super) fn is_missing_item(&self) -> bool {
        match self {
            Self::Api(token_api::Error::Missing { .. }) => true,
            Self::NotFound { kind, .. } => *kind == "items",
            _ => false,
        }
    }
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Api(error) => error.class(),
            Self::NotFound { .. } | Self::NoPart { .. } | Self::NoOneTime { .. } => Class::NotFound,
            _ => Class::BadConfiguration,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Api(error) => return error.hint(),
            Self::NotFound { kind: "vaults", .. } => {
                "check the name, and that the token may read the vault: others are not visible"
            }
            Self::NotFound { .. } => {
                "check the title; a Connect server lags behind the cloud by some seconds"
            }
            Self::Ambiguous { .. } => "write the ID in place of the name, or name the section too",
            Self::NoPart { .. } => "write op://VAULT/ITEM/FIELD or op://VAULT/ITEM/SECTION/FIELD",
            Self::NoOneTime { .. } | Self::NoField { .. } => {
                "name a field of type one-time password"
            }
            Self::Attribute { .. } => "it can be `value` or `otp`",
            Self::InvalidReference { .. } => {
                "write op://VAULT/ITEM/FIELD, op://VAULT/ITEM/SECTION/FIELD, or op://VAULT/ITEM#FIELD"
            }
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Api(error) if error.is_denied_login())
    }
}
