//! The errors of the Kubernetes store. Their texts name Secrets, namespaces and users; they never contain a value
//! or a credential.

use std::fmt;

use super::access_error::AccessError;
use super::status::{StatusError, StatusKind};
use crate::http;
use crate::provider::{Class, ProviderError};
use crate::sys::program::HelperError;

/// Why reading from Kubernetes failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The request failed: no connection, or no complete response.
    #[error("cannot {operation} Kubernetes at {server}")]
    Transport {
        operation: Operation,
        server: String,
        #[source]
        source: Box<http::Error>,
    },
    /// The server does not accept the credentials.
    #[error("Kubernetes at {server} does not accept the credentials from {origin}")]
    Unauthorized { server: String, origin: String, is_anonymous: bool },
    /// The identity lacks a right.
    #[error("not allowed to {verb} {place}")]
    Forbidden {
        verb: &'static str,
        place: String,
        is_anonymous: bool,
        #[source]
        source: Box<StatusError>,
    },
    /// There is no such Secret.
    #[error("there is no Secret `{name}` in the namespace `{namespace}`")]
    NoSecret { name: String, namespace: String },
    /// No Secret has these labels.
    #[error("no Secret in the namespace `{namespace}` matches the label selector `{selector}`")]
    NoMatch { selector: String, namespace: String },
    /// A Secret has no data.
    #[error("the Secret `{name}` in the namespace `{namespace}` has no keys")]
    NoKeys { name: String, namespace: String },
    /// Two Secrets that a selector selects have one key.
    #[error(
        "the key `{key}` is in the Secrets `{first}` and `{second}`, which the label selector both selects"
    )]
    AmbiguousKey { key: String, first: String, second: String },
    /// The list changed faster than it could be read.
    #[error("the list of Secrets expired {attempts} times while it was read")]
    ListExpired { attempts: u32 },
    /// The server answers something else than Kubernetes would.
    #[error("the server at {server} does not answer as Kubernetes does: {seen}")]
    NotKubernetes { server: String, seen: &'static str },
    /// The server refuses for another reason.
    #[error("cannot {operation} Kubernetes at {server}")]
    Refused {
        operation: Operation,
        server: String,
        #[source]
        source: Box<StatusError>,
    },
    /// A file with a token cannot be used.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A token file has no token.
    #[error("the token file `{path}` is empty")]
    EmptyToken { path: String },
    /// The credential plugin failed.
    #[error("the credential plugin `{command}` gave no credentials")]
    Plugin {
        command: String,
        #[source]
        source: PluginError,
    },
    /// A credential plugin cannot run in disk-free mode.
    #[error("disk-free mode cannot run the credential plugin `{command}`")]
    PluginDiskFree { command: String },
    /// A reference that does not name a Secret.
    #[error("`{path}` is not the name of a Secret")]
    InvalidReference { path: String },
    /// An option of a reference that Kubernetes does not have.
    #[error("a reference to a Secret has no option `{option}`")]
    UnknownOption { option: String },
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// Reading Secrets.
    Read,
    /// Changing a Secret.
    Write,
    /// Asking about the server or the identity.
    Ask,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read from",
            Self::Write => "write to",
            Self::Ask => "query",
        })
    }
}

/// Why a credential plugin gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum PluginError {
    /// It is not installed.
    #[error("the program was not found in PATH")]
    NotFound { hint: String },
    /// It cannot be started, or does not end.
    #[error(transparent)]
    NotRun(HelperError),
    /// It failed.
    #[error("it ended with status {0}")]
    Failed(i32),
    /// A signal killed it.
    #[error("a signal killed it")]
    Killed,
    /// It wants a terminal.
    #[error("it needs a terminal (interactiveMode: Always), and standard input is none")]
    NoTerminal,
    /// Its answer cannot be used.
    #[error("its answer {0}")]
    Answer(&'static str),
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Transport { source, .. } => source.class(),
            Self::Unauthorized { .. } | Self::Forbidden { .. } => Class::Denied,
            Self::NoSecret { .. } | Self::NoMatch { .. } | Self::NoKeys { .. } => Class::NotFound,
            Self::AmbiguousKey { .. }
            | Self::Access(_)
            | Self::EmptyToken { .. }
            | Self::PluginDiskFree { .. }
            | Self::InvalidReference { .. }
            | Self::UnknownOption { .. } => Class::BadConfiguration,
            Self::ListExpired { .. } => Class::Unreachable,
            Self::NotKubernetes { .. } => Class::BadData,
            Self::Refused { source, .. } => match source.kind {
                StatusKind::Unavailable => Class::Unreachable,
                StatusKind::TooManyRequests => Class::RateLimited,
                StatusKind::Invalid => Class::BadConfiguration,
                _ => Class::BadData,
            },
            Self::Plugin { source, .. } => match source {
                PluginError::Failed(_) | PluginError::Killed => Class::Denied,
                PluginError::Answer(_) => Class::BadData,
                _ => Class::BadConfiguration,
            },
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Transport { source, .. } => return transport_hint(source),
            Self::Unauthorized { is_anonymous: true, .. }
            | Self::Forbidden { is_anonymous: true, .. } => {
                "the request had no credentials that the server knows: check the user of the context"
            }
            Self::Unauthorized { .. } => {
                "the token or certificate has expired or is for another cluster or audience; log in again"
            }
            Self::Forbidden { verb, .. } => {
                return Some(format!(
                    "grant the verb `{verb}` on `secrets` with a Role and a RoleBinding; the server \
                     does not tell whether the Secret exists"
                ));
            }
            Self::NoSecret { .. } => {
                "check the name, the namespace and the context; a namespace that is missing looks \
                 the same. --allow-empty accepts this"
            }
            Self::NoMatch { .. } => {
                "check the labels and the namespace: a namespace that is missing is an empty one. \
                 --allow-empty accepts this"
            }
            Self::NoKeys { .. } => "add keys to it, or accept this with --allow-empty",
            Self::AmbiguousKey { .. } => {
                "name the Secrets with `secret`, whose order decides, or select fewer"
            }
            Self::ListExpired { .. } => "try again later",
            Self::NotKubernetes { .. } => "check the server and its path in the kubeconfig",
            Self::Refused { source, .. } => match source.kind {
                StatusKind::Unavailable | StatusKind::TooManyRequests => "try again later",
                StatusKind::Invalid => "correct the label selector",
                _ => return None,
            },
            Self::Access(error) => return Some(error.hint()),
            Self::EmptyToken { .. } => "write the token to it again",
            Self::Plugin { source: PluginError::NotFound { hint }, .. } if !hint.is_empty() => {
                let line = hint.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                return Some(line.trim().to_owned());
            }
            Self::Plugin { source: PluginError::NotFound { .. }, .. } => {
                "install it, or name it with a slash: a relative path starts at the kubeconfig"
            }
            Self::Plugin { source: PluginError::NotRun(HelperError::TimedOut), .. } => {
                "increase --timeout, or log in again with the tool that it belongs to"
            }
            Self::Plugin { .. } => {
                "run it by hand, or log in again with the tool that it belongs to"
            }
            Self::PluginDiskFree { .. } => {
                "use a token, a certificate or a service account, or --disk-free=false"
            }
            Self::InvalidReference { .. } => {
                "write kubernetes://NAME#KEY or kubernetes://NAMESPACE/NAME#KEY"
            }
            Self::UnknownOption { .. } => "remove it",
        };
        Some(hint.to_owned())
    }
}

/// The settings that the hints of the HTTP client name are those of other stores.
fn transport_hint(error: &http::Error) -> Option<String> {
    let hint = match error {
        http::Error::Tls { source: http::TlsError::UnknownIssuer, .. } => {
            "check certificate-authority-data in the kubeconfig: it is for another cluster"
        }
        http::Error::Tls { source: http::TlsError::WrongName(_), .. } => {
            "check the server in the kubeconfig, or set tls-server-name there"
        }
        http::Error::PemInvalid { .. } => {
            "correct the kubeconfig: the data is PEM, encoded in base64"
        }
        http::Error::PlainHttp { .. } => "use https in the kubeconfig",
        http::Error::CrossOriginRedirect { .. } => "correct the server in the kubeconfig",
        http::Error::ProxyUnreachable { proxy, .. } | http::Error::ProxyAuth { proxy }
            if proxy.variable == "proxy-url" =>
        {
            "check proxy-url in the kubeconfig"
        }
        error => return error.hint(),
    };
    Some(hint.to_owned())
}
