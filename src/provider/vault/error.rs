//! The errors of the Vault store. Their texts name paths, keys and policies, and quote the server; they never
//! contain a value or a credential.

use super::error_kind::{BodyError, LoginRejection, Operation, UnexpectedContent};
use super::error_response::ErrorResponse;
use crate::http;
use crate::message::nearest;
use crate::provider::identity::id_token;
use crate::provider::{Class, ProviderError};

/// Why fetching from Vault failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request failed: no connection, or no complete response.
    #[error("cannot {operation} {server}")]
    Transport {
        /// The operation that failed.
        operation: Operation,
        /// The server's address.
        server: String,
        /// The reason.
        source: Box<http::Error>,
    },
    /// The server is sealed or not initialized.
    #[error("Vault at {server} is {state}")]
    Sealed {
        /// The server's address.
        server: String,
        /// `sealed` or `not initialized`.
        state: &'static str,
    },
    /// There is no ID token to log in with.
    #[error(transparent)]
    IdToken(#[from] id_token::Error),
    /// The server rejects the login.
    #[error("cannot log in to Vault at {server} by {method}")]
    Login {
        /// The server's address.
        server: String,
        /// The login method.
        method: &'static str,
        /// The reason.
        fault: LoginRejection,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The login requires a second factor.
    #[error("the login by {method} to Vault at {server} requires a second factor")]
    SecondFactor {
        /// The server's address.
        server: String,
        /// The login method.
        method: &'static str,
    },
    /// The server rejects the token.
    #[error("Vault at {server} does not accept the token from {from}")]
    Token {
        /// The server's address.
        server: String,
        /// The origin of the token.
        from: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The server rejects the token of a new login.
    #[error("Vault at {server} does not accept the token of a new login")]
    NewToken {
        /// The server's address.
        server: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// A token has characters that no token has.
    #[error("the token from {from} has characters that are not printable")]
    TokenForm {
        /// The origin of the token.
        from: String,
    },
    /// A credential is not UTF-8 text.
    #[error("the {what} from {from} is not UTF-8 text")]
    CredentialNotText {
        /// What it is.
        what: &'static str,
        /// Its origin.
        from: String,
    },
    /// A wrapping token cannot be unwrapped.
    #[error(
        "the wrapping token from {from} cannot be unwrapped: it was used already, or has expired"
    )]
    Unwrap {
        /// The origin of the wrapping token.
        from: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// A wrapping token was created by something else than expected.
    #[error("the wrapping token from {from} was created by `{found}`, not by `{expected}`")]
    CreationPath {
        /// The origin of the wrapping token.
        from: String,
        /// What created it.
        found: String,
        /// What should have.
        expected: String,
    },
    /// The policy of the token does not permit the request.
    #[error("the token may not read `{path}`")]
    Forbidden {
        /// The path.
        path: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// No secrets engine is mounted there.
    #[error("there is no secrets engine at `{path}`{}", in_namespace(namespace.as_deref()))]
    NoMount {
        /// The path.
        path: String,
        /// The namespace.
        namespace: Option<String>,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The namespace does not exist.
    #[error("there is no namespace `{namespace}`")]
    NoNamespace {
        /// The namespace.
        namespace: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The secret does not exist.
    #[error("there is no secret at `{path}`{}", version.map(|v| format!(" with version {v}")).unwrap_or_default())]
    Missing {
        /// The path.
        path: String,
        /// The requested version.
        version: Option<u64>,
        /// The names beside it, if the token may list them.
        siblings: Vec<String>,
    },
    /// The path is that of a folder or a mount.
    #[error("`{path}` is a folder, not a secret; in it there {}", are(keys))]
    Folder {
        /// The path.
        path: String,
        /// The names in it.
        keys: Vec<String>,
    },
    /// This version of the secret is deleted.
    #[error("{} of `{path}` was deleted at {time}", version_text(*version))]
    Deleted {
        /// The path.
        path: String,
        /// The version.
        version: Option<u64>,
        /// When.
        time: String,
    },
    /// This version of the secret is destroyed.
    #[error("{} of `{path}` is destroyed", version_text(*version))]
    Destroyed {
        /// The path.
        path: String,
        /// The version.
        version: Option<u64>,
    },
    /// A path of KV 1 in a KV 2 engine, or the other way round.
    #[error("`{path}` does not have the form that the secrets engine there has")]
    WrongEngine {
        /// The path.
        path: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The engine is not KV.
    #[error("the secrets engine at `{path}` is not KV, and hushed writes to no other")]
    NotKv {
        /// The path.
        path: String,
    },
    /// A key without a value.
    #[error("`{key}` at `{path}` has no value (null)")]
    NoValue {
        /// The key.
        key: String,
        /// The path.
        path: String,
    },
    /// The response of the path holds no keys.
    #[error("the secret at `{path}` has no keys")]
    Empty {
        /// The path.
        path: String,
    },
    /// Only KV 2 has versions.
    #[error("`{path}` has no versions")]
    NoVersions {
        /// The path.
        path: String,
    },
    /// A reference has an option that this store does not have.
    #[error("a reference to Vault has no option `{option}`")]
    UnknownOption {
        /// The option.
        option: String,
    },
    /// A path or a version in a reference is invalid.
    #[error("`{text}` is not {what}")]
    InvalidReference {
        /// What it should be.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// Another error response.
    #[error("cannot {operation} {server}")]
    Refused {
        /// The operation that failed.
        operation: Operation,
        /// The server's address.
        server: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The server does not let the token revoke itself.
    #[error("the token may not revoke itself at {server}")]
    RevocationDenied {
        /// The server's address.
        server: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// The server is not Vault.
    #[error("the server at {server} is not Vault: {seen}")]
    NotVault {
        /// The server's address.
        server: String,
        /// What the server sent.
        seen: UnexpectedContent,
    },
    /// The body of the response is invalid.
    #[error("the response from {server} is {damage}")]
    InvalidBody {
        /// The server's address.
        server: String,
        /// The fault.
        damage: BodyError,
    },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Transport { source, .. } => return transport_hint(source),
            Self::Sealed { state: "sealed", .. } => "unseal it, or wait until its operator does",
            Self::Sealed { .. } => "initialize it, or check the address",
            Self::IdToken(error) => return error.hint(),
            Self::Login { fault, .. } => return fault.hint(),
            Self::SecondFactor { .. } => return LoginRejection::SecondFactor.hint(),
            Self::Token { .. } => {
                "it may have expired, have been revoked or used up, or be for another namespace; log in again, \
                 or use a machine login such as approle"
            }
            Self::NewToken { .. } => {
                "check the CIDR list and the number of uses of the role's tokens, and the namespace"
            }
            Self::TokenForm { .. } => "copy the token again",
            Self::CredentialNotText { .. } => "check its content",
            Self::Unwrap { .. } => {
                "get a new one; if nobody of you unwrapped it, somebody else may have its content: tell your \
                 Vault administrators"
            }
            Self::CreationPath { .. } => {
                "do not use it: it may have been replaced on its way; if the role has another name, correct `role`"
            }
            Self::Forbidden { path, .. } => {
                return Some(format!(
                    "add `path \"{path}\" {{ capabilities = [\"read\"] }}` to the token's policy"
                ));
            }
            Self::NoMount { .. } => "check `path`, `mount` and `namespace`",
            Self::NoNamespace { .. } => "check `namespace` (VAULT_NAMESPACE)",
            Self::Missing { path, version, siblings } => {
                return Some(missing_hint(path, *version, siblings));
            }
            Self::Folder { .. } => "name the secrets in it in `path`",
            Self::Deleted { .. } => "undelete it, write it anew, or set `version` to an older one",
            Self::Destroyed { .. } => "write it anew, or set `version` to an older one",
            Self::WrongEngine { .. } => "set `mount`, and `kv` to 1 or 2",
            Self::NotKv { .. } => "check `path`, or set `kv` to 1 or 2",
            Self::NoValue { .. } => "set it to a string there, or remove the key",
            Self::Empty { .. } => "add a key there; --allow-empty accepts it",
            Self::NoVersions { .. } => "remove `version`; only KV 2 keeps versions",
            Self::UnknownOption { .. } => "the only option is `version`",
            Self::InvalidReference { .. } => "correct the reference",
            Self::RevocationDenied { .. } => {
                "attach the policy `default` to the token, or remove revoke-token"
            }
            Self::Refused { source, .. } if source.status() >= 500 => {
                "try again; if it keeps failing, check the server's log"
            }
            Self::Refused { .. } => "check the settings of the source",
            Self::NotVault { .. } => {
                "set the address of the server itself, such as https://vault.example.com:8200, without /v1 or /ui"
            }
            Self::InvalidBody { .. } => {
                "try again; if it keeps failing, check the proxies in between"
            }
        };
        Some(hint.to_owned())
    }
}

fn transport_hint(source: &http::Error) -> Option<String> {
    match source {
        http::Error::CrossOriginRedirect { to, .. } => Some(format!(
            "a standby points to its leader; if `{to}` is that, set it as the address, or let the nodes \
             forward requests"
        )),
        http::Error::PlainHttp { .. } => {
            Some("use https, or set insecure-http = true for this source".to_owned())
        }
        other => other.hint(),
    }
}

fn missing_hint(path: &str, version: Option<u64>, siblings: &[String]) -> String {
    if version.is_some() {
        return "check `version`".to_owned();
    }
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    match nearest(name, siblings.iter().map(String::as_str)) {
        Some(nearest) => format!("did you mean `{parent}/{nearest}`?"),
        None if siblings.is_empty() => "check `path`; --allow-empty accepts it".to_owned(),
        None => format!("beside it there {}", are(siblings)),
    }
}

/// How many names are listed.
const LISTED: usize = 20;

fn are(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(LISTED);
    match (quoted.as_slice(), more) {
        ([], _) => "is nothing".to_owned(),
        ([one], 0) => format!("is {one}"),
        (_, 0) => format!("are {}", quoted.join(", ")),
        _ => format!("are {} and {more} more", quoted.join(", ")),
    }
}

fn in_namespace(namespace: Option<&str>) -> String {
    namespace.map_or_else(String::new, |namespace| format!(" in the namespace `{namespace}`"))
}

fn version_text(version: Option<u64>) -> String {
    version.map_or_else(|| "the newest version".to_owned(), |version| format!("version {version}"))
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Transport { source, .. } => match **source {
                http::Error::RateLimited { .. } => Class::RateLimited,
                // A standby that cannot reach its leader redirects to it.
                http::Error::CrossOriginRedirect { .. } => Class::Unreachable,
                ref source if source.is_unreachable() => Class::Unreachable,
                _ => Class::BadData,
            },
            Self::Sealed { .. } => Class::Unreachable,
            Self::Login { source, .. } | Self::Refused { source, .. } if source.status() >= 500 => {
                Class::Unreachable
            }
            Self::IdToken(error) => error.class(),
            Self::Login { fault, .. } if fault.is_refusal() => Class::Denied,
            Self::Refused { source, .. } if source.status() == 403 => Class::Denied,
            Self::Token { .. }
            | Self::NewToken { .. }
            | Self::Unwrap { .. }
            | Self::Forbidden { .. }
            | Self::SecondFactor { .. }
            | Self::RevocationDenied { .. } => Class::Denied,
            Self::NoMount { .. }
            | Self::NoNamespace { .. }
            | Self::Missing { .. }
            | Self::Folder { .. }
            | Self::Deleted { .. }
            | Self::Destroyed { .. } => Class::NotFound,
            Self::NoVersions { .. }
            | Self::UnknownOption { .. }
            | Self::InvalidReference { .. }
            | Self::NotKv { .. }
            | Self::WrongEngine { .. } => Class::BadConfiguration,
            Self::Login { .. }
            | Self::Refused { .. }
            | Self::TokenForm { .. }
            | Self::CredentialNotText { .. }
            | Self::CreationPath { .. }
            | Self::NoValue { .. }
            | Self::Empty { .. }
            | Self::NotVault { .. }
            | Self::InvalidBody { .. } => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Login { source, .. } if source.status() < 500)
    }
}
