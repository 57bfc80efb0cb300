//! Why a store gave no secrets: one error for all stores, told by its class. What each store has to say
//! stands with the store.

use std::fmt;

use crate::http;
use crate::secret::ObjectAddress;

/// What a failure means, whatever the store. Retries, the cache and the exit status go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The server was not reached or cannot answer now: a lost or refused connection, a name without an
    /// address, the end of the time allowed, a status from 500 on.
    Unreachable,
    /// It asks to be asked less often.
    RateLimited,
    /// It denies the login, a new token, or the right to what is asked for.
    Denied,
    /// It has no such thing, or does not show it.
    NotFound,
    /// What it answers, or a file holds, cannot be understood or trusted.
    BadData,
    /// What is stored is not what a change expects: somebody else changed it, or it exists.
    Conflict,
    /// The settings do not fit together, or the fault is ours.
    BadConfiguration,
}

impl Class {
    /// Whether the same may work later.
    pub fn is_unreachable(self) -> bool {
        matches!(self, Self::Unreachable | Self::RateLimited)
    }

    /// Whether the server answered no.
    pub fn is_denied(self) -> bool {
        matches!(self, Self::Denied | Self::NotFound)
    }
}

/// What an error of a store tells beside its text.
pub trait ProviderError: std::error::Error {
    /// What it means.
    fn class(&self) -> Class;

    /// What the user can do about it.
    fn hint(&self) -> Option<String>;

    /// Whether the login itself was denied, so that trying it again soon may lock the identity out.
    fn is_denied_login(&self) -> bool {
        false
    }

    /// Whether the text names the place, so that the source's name before it adds nothing.
    fn names_its_place(&self) -> bool {
        false
    }
}

/// Why a store gave no secrets.
pub struct Error(Box<dyn ProviderError>);

impl Error {
    /// What it means.
    pub fn class(&self) -> Class {
        self.0.class()
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        self.0.hint()
    }

    /// Whether the login itself was denied, so that trying it again soon may lock the identity out.
    pub fn is_denied_login(&self) -> bool {
        self.0.is_denied_login()
    }

    /// Whether the text names the place, so that the source's name before it adds nothing.
    pub fn names_its_place(&self) -> bool {
        self.0.names_its_place()
    }

    /// The store's own error, if it is of this type.
    pub fn downcast_ref<E: std::error::Error + 'static>(&self) -> Option<&E> {
        let error: &(dyn std::error::Error + 'static) = &*self.0;
        error.downcast_ref()
    }
}

impl<E: ProviderError + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// An option of a reference that its store does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{address}`: this store has no option `{option}` for references")]
pub struct UnknownOption {
    /// The reference without its source.
    pub address: String,
    /// The option.
    pub option: String,
    /// The options that the store has.
    pub known: &'static [&'static str],
}

impl UnknownOption {
    /// Refuses what is not among the options of a store; `version` counts as one.
    pub fn check(address: &ObjectAddress, known: &'static [&'static str]) -> Result<(), Self> {
        let version = address.version.iter().map(|_| "version");
        let mut options = version.chain(address.options.iter().map(|(name, _)| name.as_str()));
        match options.find(|option| !known.contains(option)) {
            Some(option) => {
                Err(Self { address: address.to_string(), option: option.to_owned(), known })
            }
            None => Ok(()),
        }
    }
}

impl ProviderError for UnknownOption {
    fn class(&self) -> Class {
        Class::BadConfiguration
    }

    fn hint(&self) -> Option<String> {
        Some(match self.known {
            [] => "remove it".to_owned(),
            known => format!("its options are {}", known.join(", ")),
        })
    }
}

impl ProviderError for http::Error {
    fn class(&self) -> Class {
        match self {
            Self::RateLimited { .. } => Class::RateLimited,
            _ if self.is_unreachable() => Class::Unreachable,
            _ => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }
}
