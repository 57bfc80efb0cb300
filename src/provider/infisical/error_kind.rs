//! The reasons that the errors distinguish, with their texts and hints. Other modules decide which applies.

use std::fmt;

/// The operation that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Logging in.
    Login,
    /// Looking up the project, its environments and folders, or what a service token is for.
    Lookup,
    /// Reading secrets.
    Read,
    /// Writing a secret.
    Write,
    /// Revoking the access token.
    Revoke,
    /// Extending the lifetime of the access token.
    Renew,
    /// Requesting the server's status.
    Status,
}

/// Why the server rejects a login. The texts are the origins of the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginRejection {
    /// The client ID is unknown.
    WrongClientId(String),
    /// The client secret is wrong, revoked, used up or expired. Newer servers respond the same for an
    /// unknown client ID.
    WrongSecret {
        /// The origin of the secret.
        secret: String,
        /// The origin of the client ID.
        id: String,
    },
    /// The secret has expired.
    ExpiredSecret(String),
    /// The secret has reached its number of uses.
    UsedUpSecret(String),
    /// The identity is locked after too many failed logins.
    LockedOut,
    /// The identity may not log in from this IP address.
    Address,
    /// The identity is unknown, or does not have this login method.
    UnknownIdentity(String),
    /// The token or password of the identity is rejected.
    Unproven(String),
    /// The sub-organization does not exist, or the identity is not a member.
    Organization,
    /// The server does not support this login method.
    UnknownMethod,
    /// The server does not understand the request.
    Invalid,
    /// Anything else.
    Other,
}

/// Why the server rejects an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRejection {
    /// It has expired.
    Expired,
    /// It has reached its number of uses.
    UsedUp,
    /// It is malformed.
    Malformed,
    /// It is revoked, or is not a token of this server.
    Unknown,
}

/// What a server that is not Infisical sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnexpectedContent {
    /// A web page.
    Html,
    /// JSON of another shape.
    OtherJson,
    /// Anything else.
    Other,
    /// The server does not have Infisical's routes.
    NoRoute,
}

/// Why a response cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// The JSON ends early.
    Incomplete,
    /// The JSON has a syntax error.
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// It is not UTF-8.
    NotUtf8,
}

impl LoginRejection {
    /// Whether the server rejects the identity. A lock is temporary, and everyone who knows the client ID can
    /// cause it; the others are faults of a request.
    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Self::WrongClientId(_)
            | Self::WrongSecret { .. }
            | Self::ExpiredSecret(_)
            | Self::UsedUpSecret(_)
            | Self::Address
            | Self::UnknownIdentity(_)
            | Self::Unproven(_)
            | Self::Organization => true,
            Self::LockedOut | Self::UnknownMethod | Self::Invalid | Self::Other => false,
        }
    }

    /// What the user can do about it.
    pub(super) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::WrongClientId(from) => format!("check the client ID (read from {from})"),
            Self::WrongSecret { secret, id } => format!(
                "check the client secret (read from {secret}) and the client ID (read from {id}), \
                 or create a new client secret"
            ),
            Self::ExpiredSecret(from) | Self::UsedUpSecret(from) => {
                format!("create a new client secret (this one is read from {from})")
            }
            Self::LockedOut => {
                "too many logins failed: check the credentials, and try again when the lock ends \
                 (after five minutes, unless the server is set otherwise)"
                    .into()
            }
            Self::Address => "add this machine's address to the identity's trusted IPs".into(),
            Self::UnknownIdentity(from) => format!(
                "check the identity's id (read from {from}), and that it has this login method"
            ),
            Self::Unproven(from) => {
                format!("check what is read from {from}, and the identity's settings")
            }
            Self::Organization => "check the organization's slug, and the identity's access".into(),
            Self::UnknownMethod => "use another login method, or update the server".into(),
            Self::Invalid | Self::Other => return None,
        })
    }
}

impl TokenRejection {
    /// What the user can do about it.
    pub(super) fn hint(self, from: &str) -> String {
        match self {
            Self::Malformed => format!("check {from}; the token may be incomplete"),
            Self::Expired | Self::UsedUp | Self::Unknown => {
                format!(
                    "set a new token in {from}, or use a client ID and secret to let hushed log in"
                )
            }
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login => "log in to Infisical at",
            Self::Lookup => "look up the project in Infisical at",
            Self::Read => "read secrets from Infisical at",
            Self::Write => "write to Infisical at",
            Self::Revoke => "revoke the access token at",
            Self::Renew => "renew the access token at",
            Self::Status => "reach Infisical at",
        })
    }
}

impl fmt::Display for TokenRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "has expired",
            Self::UsedUp => "is used up",
            Self::Malformed => "is malformed",
            Self::Unknown => "is unknown or revoked",
        })
    }
}

impl fmt::Display for UnexpectedContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Html => "it sent a web page",
            Self::OtherJson => "it sent JSON that is not Infisical's",
            Self::Other => "it did not send JSON",
            Self::NoRoute => "it does not support Infisical's requests",
        })
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete => f.write_str("incomplete JSON"),
            Self::Syntax { line, column } => {
                write!(f, "not valid JSON at line {line}, column {column}")
            }
            Self::NotUtf8 => f.write_str("not valid UTF-8"),
        }
    }
}
