//! The errors of Google Secret Manager. Their texts name files, projects and secrets, never a token or a value.

use std::io;
use std::path::PathBuf;

use crate::message::shown_path;
use crate::provider::identity::{self, Refusal, id_token};
use crate::provider::{Class, ProviderError, shape};

/// Why Google Secret Manager gave no secrets.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// A file cannot be read.
    #[error("cannot read `{}`", shown_path(path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A credential file that cannot be used.
    #[error("the Google credentials of {place}: {problem}")]
    Credentials {
        /// Where they are from.
        place: String,
        /// What is wrong with them.
        problem: String,
    },
    /// The file or address that gives the token of another identity provider fails.
    #[error("{place} gave no subject token: {problem}")]
    SubjectToken {
        /// Where it should be.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// A CI job gets no ID token.
    #[error(transparent)]
    IdToken(#[from] id_token::Error),
    /// The token of another identity provider cannot be exchanged.
    #[error(transparent)]
    Exchange(identity::Error),
    /// Nothing has credentials.
    #[error("no Google Cloud credentials")]
    NoCredentials,
    /// Nothing names a project.
    #[error("no Google Cloud project specified")]
    NoProject,
    /// The login fails, or the service cannot be reached.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// A secret that cannot be read.
    #[error("cannot read {what}: {refusal}")]
    Refused {
        /// What: ``the secret `db` ``.
        what: String,
        /// What the service says.
        refusal: Refusal,
    },
    /// What answers is not the service.
    #[error("the answer of Google Secret Manager for {what} cannot be understood")]
    BadAnswer {
        /// What was asked for.
        what: String,
    },
    /// The checksum of a value does not match.
    #[error("the secret `{name}`: its value does not match its checksum (CRC32C)")]
    Damaged {
        /// Its name.
        name: String,
    },
    /// A list with nothing in it.
    #[error("there is nothing in {place}")]
    Nothing {
        /// Where.
        place: String,
    },
    /// A reference that names no secret.
    #[error("`{text}` is not the name of a secret in Google Secret Manager")]
    BadReference {
        /// The reference without its source.
        text: String,
    },
    /// A value that cannot become variables.
    #[error(transparent)]
    Shape(#[from] shape::Error),
}

/// What a status of the API means.
fn class(refusal: &Refusal) -> Class {
    match refusal.code.as_str() {
        "NOT_FOUND" => Class::NotFound,
        "FAILED_PRECONDITION" | "INVALID_ARGUMENT" => Class::BadConfiguration,
        "RESOURCE_EXHAUSTED" => Class::RateLimited,
        _ => match refusal.status {
            404 => Class::NotFound,
            _ => refusal.class(),
        },
    }
}

fn hint(refusal: &Refusal) -> &'static str {
    match (refusal.reason.as_str(), refusal.code.as_str()) {
        ("SERVICE_DISABLED", _) => {
            "enable the API with `gcloud services enable secretmanager.googleapis.com`; credentials of a person \
             need a quota project, too"
        }
        ("CONSUMER_INVALID", _) => "check the project",
        ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", _) => {
            "give the virtual machine the access scope cloud-platform; IAM decides what it may do"
        }
        ("USER_PROJECT_DENIED", _) => {
            "allow this identity to use the quota project (roles/serviceusage.serviceUsageConsumer)"
        }
        (_, "FAILED_PRECONDITION") => {
            "enable the version or add a new one; select another with NAME?version=NUMBER, or set `newest-enabled = \
             true`"
        }
        (_, "PERMISSION_DENIED") => {
            "give this identity the role roles/secretmanager.secretAccessor; to list secrets, \
             roles/secretmanager.viewer too. A secret that does not exist may be denied as well"
        }
        (_, "NOT_FOUND") => "check the name, the version, the project and the location",
        (_, "UNAUTHENTICATED") => "log in again, and check the clock of this machine",
        _ => "hushed-gcp(7) lists the settings",
    }
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Identity(error) | Self::Exchange(error) => error.class(),
            Self::IdToken(error) => error.class(),
            Self::Refused { refusal, .. } => class(refusal),
            Self::SubjectToken { .. } => Class::Denied,
            Self::BadAnswer { .. } | Self::Damaged { .. } => Class::BadData,
            Self::Nothing { .. } => Class::NotFound,
            Self::Shape(error) => error.class(),
            _ => Class::BadConfiguration,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Exchange(identity::Error::Refused { .. }) => {
                "compare the workload identity provider (its name, issuer, allowed audiences and attribute \
                 condition) with the issuer, subject and audience of the token; of a CI job, `hushed doctor` shows \
                 them"
            }
            Self::Identity(error) | Self::Exchange(error) => return error.hint(),
            Self::IdToken(error) => return error.hint(),
            Self::Shape(error) => return error.hint(),
            Self::Unreadable { .. } => "check that the file exists and that you can read it",
            Self::Credentials { .. } => {
                "use a file that gcloud or the console wrote; hushed-gcp(7) lists the types of credentials"
            }
            Self::SubjectToken { .. } => {
                "check `credential_source` in the credential file, and what writes the token"
            }
            Self::NoCredentials => {
                "set GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`"
            }
            Self::NoProject => "set `project` in the source, or GOOGLE_CLOUD_PROJECT",
            Self::Refused { refusal, .. } => hint(refusal),
            Self::BadAnswer { .. } => {
                "check the endpoint, the proxies in between, and whether a captive portal answers"
            }
            Self::Damaged { .. } => "try again; if it keeps failing, check the proxies in between",
            Self::Nothing { .. } => {
                "check the names and the filter, or accept this with --allow-empty"
            }
            Self::BadReference { .. } => {
                "write NAME, PROJECT/NAME, or projects/PROJECT/secrets/NAME"
            }
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Identity(error) | Self::Exchange(error) if error.is_denied_login())
    }
}
