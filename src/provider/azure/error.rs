//! The errors of Azure Key Vault. Their texts name vaults, tenants, files and secrets, never a token or a value.

use std::io;
use std::path::PathBuf;

use crate::message::shown_path;
use crate::provider::identity::{self, Refusal, id_token};
use crate::provider::{Class, ProviderError, shape};

/// Why Azure Key Vault gave no secrets.
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
    /// A file holds no certificate.
    #[error("`{}` holds no certificate in PEM format", shown_path(path))]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A file holds no token.
    #[error("`{}` holds no token", shown_path(path))]
    NoToken {
        /// The file.
        path: PathBuf,
    },
    /// A CI job gets no ID token.
    #[error(transparent)]
    IdToken(#[from] id_token::Error),
    /// The Azure CLI gave no token.
    #[error("the Azure CLI gave no token: {problem}")]
    Cli {
        /// Why not.
        problem: String,
    },
    /// The Azure CLI cannot be used here.
    #[error("the login `azure-cli` runs a program, which --disk-free does not allow")]
    DiskFree,
    /// The login fails, or the service cannot be reached.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The vault wants a token for another service.
    #[error("the vault asks for a token for `{resource}`, which is not its own domain")]
    Audience {
        /// What it asks for.
        resource: String,
    },
    /// The vault accepts no token of this tenant.
    #[error("the vault does not accept the token; it belongs to the tenant {tenant}")]
    Tenant {
        /// The tenant of the vault.
        tenant: String,
    },
    /// A secret that cannot be read.
    #[error("cannot read {what}: {refusal}")]
    Refused {
        /// What: ``the secret `db` ``.
        what: String,
        /// What the service says.
        refusal: Refusal,
    },
    /// What answers is not the service.
    #[error("the answer of Azure Key Vault for {what} cannot be understood")]
    BadAnswer {
        /// What was asked for.
        what: String,
    },
    /// A list with nothing in it.
    #[error("there is nothing in {place}")]
    Nothing {
        /// Where.
        place: String,
    },
    /// A reference that names no secret.
    #[error("`{text}` is not the name of a secret in Azure Key Vault")]
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
    match refusal.status {
        404 => Class::NotFound,
        400 => Class::BadConfiguration,
        _ => refusal.class(),
    }
}

fn hint(refusal: &Refusal) -> &'static str {
    match (refusal.reason.as_str(), refusal.status) {
        ("ForbiddenByFirewall" | "ForbiddenByConnection", _) => {
            "allow this network in the firewall of the vault, or use its private endpoint"
        }
        ("SecretDisabled", _) => "enable the secret, or select another version",
        ("ForbiddenByRbac" | "AccessDenied" | "ForbiddenByPolicy", _) | (_, 403) => {
            "give this identity the role `Key Vault Secrets User` of the vault, or the right `get` (and `list`) in \
             its access policy; it takes some minutes until that works"
        }
        (_, 404) => "check the name, the version and the vault",
        (_, 401) => "check the tenant and the cloud of the vault",
        _ => "hushed-azure(7) lists the settings",
    }
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Identity(error) => error.class(),
            Self::IdToken(error) => error.class(),
            Self::Refused { refusal, .. } => class(refusal),
            Self::Cli { .. } | Self::Tenant { .. } | Self::NoToken { .. } => Class::Denied,
            Self::BadAnswer { .. } | Self::Audience { .. } => Class::BadData,
            Self::Nothing { .. } => Class::NotFound,
            Self::Shape(error) => error.class(),
            _ => Class::BadConfiguration,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Identity(error) => return error.hint(),
            Self::IdToken(error) => return error.hint(),
            Self::Shape(error) => return error.hint(),
            Self::Unreadable { .. } => "check that the file exists and that you can read it",
            Self::NoCertificate { .. } => {
                "put the certificate and its private key into one PEM file; convert a PFX file with `openssl pkcs12 \
                 -in FILE.pfx -out FILE.pem -nodes`"
            }
            Self::NoToken { .. } => "check what writes the file",
            Self::Cli { .. } => "run `az login`, and see what `az account get-access-token` prints",
            Self::DiskFree => "run without --disk-free, or use another login",
            Self::Audience { .. } => {
                "check the address of the vault; if it is right, set `audience` in the source"
            }
            Self::Tenant { .. } => "set `tenant-id` or AZURE_TENANT_ID to that tenant",
            Self::Refused { refusal, .. } => hint(refusal),
            Self::BadAnswer { .. } => {
                "check the address, the proxies in between, and whether a captive portal answers"
            }
            Self::Nothing { .. } => "check the names, or accept this with --allow-empty",
            Self::BadReference { .. } => {
                "names have letters, digits and dashes only: DB-PASSWORD, not DB_PASSWORD"
            }
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Identity(error) if error.is_denied_login())
    }
}
