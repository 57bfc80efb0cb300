//! Why an AWS store was not changed. Its texts never quote a value: AWS repeats values in some messages, so that
//! these are not shown.

use super::endpoint::Service;
use super::error::{Error, Meaning, Refusal};
use crate::provider::{Class, ProviderError, WriteRefusal};

/// Why a secret or a parameter was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// Nothing decides where a new secret goes.
    #[error("the settings do not decide where the new secret `{name}` goes")]
    NoPlace {
        /// The variable.
        name: String,
        /// What to set.
        hint: &'static str,
    },
    /// Several paths or prefixes.
    #[error("several {what} are configured, and secrets are written to one")]
    Several {
        /// What, in the plural.
        what: &'static str,
        /// What to set.
        hint: &'static str,
    },
    /// A version is selected, and versions do not change.
    #[error("{what} selects a version, and a version cannot be changed")]
    Version {
        /// The setting that does.
        what: String,
    },
    /// The secret would be read under another name.
    #[error("AWS can store `{name}`, but hushed reads it back as `{variable}`")]
    OtherName {
        /// The name that was given.
        name: String,
        /// The variable.
        variable: String,
    },
    /// The secret is one value.
    #[error("the secret `{secret}` holds one value, the variable `{variable}`, and no JSON object")]
    OneValue {
        /// Its name.
        secret: String,
        /// Its variable.
        variable: String,
    },
    /// The value would be read as several variables.
    #[error("the value of `{name}` is a JSON object, which hushed reads as several variables")]
    ReadAsObject {
        /// The variable.
        name: String,
    },
    /// The name breaks a rule of the service.
    #[error("{} does not accept the name `{}`: {rule}", service.title(), name.escape_debug())]
    Name {
        /// The service.
        service: Service,
        /// The name.
        name: String,
        /// The rule.
        rule: &'static str,
    },
    /// The value breaks a rule of the service.
    #[error("{} does not accept the value of `{}`: {rule}", service.title(), name.escape_debug())]
    BadValue {
        /// The service.
        service: Service,
        /// The name.
        name: String,
        /// The rule.
        rule: String,
        /// What to do.
        hint: &'static str,
    },
    /// Deleted, but not gone.
    #[error("the secret `{secret}` is scheduled for deletion")]
    ScheduledForDeletion {
        /// Its name.
        secret: String,
    },
    /// Something else changes it.
    #[error("the secret `{secret}` {problem}, so it cannot be renamed")]
    NotMovable {
        /// Its name.
        secret: String,
        /// Why not.
        problem: &'static str,
    },
    /// There is no randomness for a request token.
    #[error("this system gives no random bytes")]
    NoRandomness,
    /// The service refuses the change.
    #[error("cannot {verb} {what} `{name}`: {refusal}")]
    Refused {
        /// `create`, `change` or `delete`.
        verb: &'static str,
        /// `the secret` or `the parameter`.
        what: &'static str,
        /// Its name.
        name: String,
        /// What the service says.
        refusal: Refusal,
    },
    /// A change does not fit what is stored.
    #[error(transparent)]
    Change(#[from] WriteRefusal),
    /// Anything that reading may fail with as well.
    #[error(transparent)]
    Other(Error),
}

/// Codes whose messages name things, and no values.
const SAFE_CODES: &[&str] = &[
    "InvalidRequestException",
    "ResourceExistsException",
    "DecryptionFailure",
    "EncryptionFailure",
    "InvalidKeyId",
    "ParameterMaxVersionLimitExceeded",
    "ParameterLimitExceeded",
];

impl WriteError {
    /// The refusal of a write, without what may be a value.
    pub(super) fn refused(
        verb: &'static str,
        what: &'static str,
        name: &str,
        mut refusal: Refusal,
    ) -> Self {
        let name = name.to_owned();
        if refusal.says_scheduled_for_deletion() {
            return Self::ScheduledForDeletion { secret: name };
        }
        if refusal.meaning() == Meaning::Other && !SAFE_CODES.contains(&&*refusal.code) {
            refusal.message.clear();
        }
        Self::Refused { verb, what, name, refusal }
    }
}

impl Refusal {
    /// Whether a secret is gone, but its name is not free yet.
    fn says_scheduled_for_deletion(&self) -> bool {
        self.code == "InvalidRequestException"
            && ["deletion", "marked deleted"].iter().any(|words| self.message.contains(words))
    }
}

impl From<Error> for WriteError {
    fn from(error: Error) -> Self {
        match error {
            Error::Item { name, refusal, .. } if refusal.says_scheduled_for_deletion() => {
                Self::ScheduledForDeletion { secret: name }
            }
            error => Self::Other(error),
        }
    }
}

impl ProviderError for WriteError {
    fn class(&self) -> Class {
        match self {
            Self::NoPlace { .. }
            | Self::Several { .. }
            | Self::Version { .. }
            | Self::OneValue { .. }
            | Self::NotMovable { .. }
            | Self::NoRandomness => Class::BadConfiguration,
            Self::OtherName { .. }
            | Self::ReadAsObject { .. }
            | Self::Name { .. }
            | Self::BadValue { .. } => Class::BadData,
            Self::ScheduledForDeletion { .. } => Class::Conflict,
            Self::Refused { refusal, .. } => refusal.class(),
            Self::Change(refusal) => refusal.class(),
            Self::Other(error) => error.class(),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoPlace { hint, .. }
            | Self::Several { hint, .. }
            | Self::BadValue { hint, .. } => hint,
            Self::Version { .. } => "set the source to the current version",
            Self::OtherName { variable, .. } => {
                return Some(format!("use the name `{variable}`"));
            }
            Self::OneValue { variable, .. } => {
                return Some(format!("set `{variable}`, or use a secret with a JSON object"));
            }
            Self::ReadAsObject { .. } => "set `json = false` in the source to store it as one text",
            Self::Name { .. } => "choose another name",
            Self::ScheduledForDeletion { secret } => {
                return Some(format!(
                    "restore it with `aws secretsmanager restore-secret --secret-id {secret}`, wait until its \
                     recovery window ends, or choose another name"
                ));
            }
            Self::NotMovable { .. } => "create the new secret and delete this one with the AWS CLI",
            Self::NoRandomness => "check that /dev/urandom exists",
            Self::Refused { refusal, .. } => refusal.hint(),
            Self::Change(refusal) => return refusal.hint(),
            Self::Other(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Other(error) if error.is_denied_login())
    }
}
