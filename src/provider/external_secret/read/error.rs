//! Why manifests give no secrets. Every error has its place, and none a value.

use std::path::Path;
use std::sync::Arc;

use super::fields::Fault;
use crate::config;
use crate::provider::{Class, ProviderError};

/// A fault of a manifest, in its file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}: {}", file.display(), fault.line, fault.what)]
pub(super) struct ManifestFault {
    pub(super) file: Arc<Path>,
    pub(super) fault: Fault,
}

/// What the user can do about a manifest that cannot be honored.
pub(super) const HINT: &str = "hushed-external-secrets(7) lists what is supported";

impl ManifestFault {
    pub(super) fn into_config(self) -> config::Error {
        config::Error::Store { hint: HINT.to_owned(), error: Box::new(self) }
    }
}

impl ProviderError for ManifestFault {
    fn class(&self) -> Class {
        if self.fault.what.contains(" has no secret ") { Class::NotFound } else { Class::BadData }
    }

    fn hint(&self) -> Option<String> {
        Some(match self.class() {
            Class::NotFound => {
                "check key, version and property; `deletionPolicy: Merge` allows it to be missing"
                    .to_owned()
            }
            _ => HINT.to_owned(),
        })
    }

    fn names_its_place(&self) -> bool {
        true
    }
}

/// All secrets of a manifest that deletes its target with them are missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("none of the secrets of `{name}` exists, and its `deletionPolicy` would delete the Secret")]
pub(super) struct AllMissing {
    pub(super) name: String,
}

impl ProviderError for AllMissing {
    fn class(&self) -> Class {
        Class::NotFound
    }

    fn hint(&self) -> Option<String> {
        Some("create one of them, or pass --allow-empty".to_owned())
    }
}
