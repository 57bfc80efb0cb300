//! The errors of the Doppler store. Their texts name projects, configs and secrets, never a value or a token.

use crate::provider::token_api::{self, Refusal};
use crate::provider::{Class, ProviderError};

/// Why reading from Doppler failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The request, the token or its rights.
    #[error(transparent)]
    Api(#[from] token_api::Error),
    /// There is no such project or config.
    #[error("there is no {what}")]
    NoConfig {
        what: String,
        #[source]
        refusal: Refusal,
    },
    /// The config has no secrets.
    #[error("{what} has no secrets")]
    Empty { what: String },
    /// A secret whose value the token may not see.
    #[error("{name} in the {what} is restricted")]
    Restricted { name: String, what: String },
    /// A reference that names neither a secret nor a config.
    #[error("`{path}` is neither the name of a secret nor PROJECT/CONFIG")]
    InvalidReference { path: String },
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Api(error) => error.class(),
            Self::NoConfig { .. } | Self::Empty { .. } => Class::NotFound,
            Self::Restricted { .. } => Class::Denied,
            Self::InvalidReference { .. } => Class::BadConfiguration,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Api(error) => return error.hint(),
            Self::NoConfig { .. } => {
                "check `project` and `config` (DOPPLER_PROJECT, DOPPLER_CONFIG), and that the token may read it"
            }
            Self::Empty { .. } => "add secrets to it, or accept this with --allow-empty",
            Self::Restricted { .. } => {
                "change its visibility in Doppler, or use a service token of the config"
            }
            Self::InvalidReference { .. } => {
                "write doppler://NAME, or doppler://PROJECT/CONFIG#NAME"
            }
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Api(error) if error.is_denied_login())
    }
}
