//! The kinds of faults that the errors tell apart, and what can be done about each. Which of them it
//! is, is decided elsewhere.

use std::fmt;

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Logging in.
    Login,
    /// Looking up the project, its environments and folders, or what a service token is for.
    Lookup,
    /// Reading secrets.
    Read,
    /// Ending the access token.
    Revoke,
    /// Extending the lifetime of the access token.
    Renew,
    /// Asking whether the server is there.
    Status,
}

/// Why a login is refused. The texts are where the credentials are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginFault {
    /// Nobody has this client id.
    WrongClientId(String),
    /// The secret is wrong, or revoked, or was used up or expired before. Newer servers say the
    /// same of an unknown client id.
    WrongSecret {
        /// Where the secret is from.
        secret: String,
        /// Where the client id is from.
        id: String,
    },
    /// The secret has expired.
    ExpiredSecret(String),
    /// The secret was used as often as it may.
    UsedUpSecret(String),
    /// Too many logins failed.
    LockedOut,
    /// The identity may not log in from here.
    Address,
    /// The identity is unknown, or has another method.
    UnknownIdentity(String),
    /// The token or password that proves the identity is not believed.
    Unproven(String),
    /// There is no such sub-organisation, or the identity is not in it.
    Organization,
    /// The server is older than this method.
    UnknownMethod,
    /// The request has another form than this server knows.
    Invalid,
    /// Anything else.
    Other,
}

/// Why a ready token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// Its time is over.
    Expired,
    /// It may be used no more times.
    UsedUp,
    /// It is none.
    Malformed,
    /// It is revoked, or was never given by this server.
    Unknown,
}

/// What came instead of an answer of Infisical's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A page for people.
    Html,
    /// JSON of another shape.
    OtherJson,
    /// Anything else.
    Other,
    /// A server that has none of the routes.
    NoRoute,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It stops in the middle.
    Incomplete,
    /// It is no JSON from a point on.
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Its text is not UTF-8.
    NotUtf8,
}

impl LoginFault {
    /// Whether the server says no to who we are. A lock passes, and whoever knows the client id can
    /// bring it about; the others are faults of a request.
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
            Self::WrongClientId(from) => format!("check the client id (read from {from})"),
            Self::WrongSecret { secret, id } => format!(
                "check the client secret (read from {secret}) and the client id (read from {id}), \
                 or ask for a new client secret"
            ),
            Self::ExpiredSecret(from) | Self::UsedUpSecret(from) => {
                format!("ask for a new client secret (this one is read from {from})")
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
            Self::Organization => "check the organisation's slug, and the identity's access".into(),
            Self::UnknownMethod => "use another login method, or update the server".into(),
            Self::Invalid | Self::Other => return None,
        })
    }
}

impl TokenFault {
    /// What the user can do about it.
    pub(super) fn hint(self, from: &str) -> String {
        match self {
            Self::Malformed => format!("check {from}: perhaps only a part was copied"),
            Self::Expired | Self::UsedUp | Self::Unknown => {
                format!(
                    "put a new token into {from}; with a client id and secret hushed logs in by itself"
                )
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login => "log in to Infisical at",
            Self::Lookup => "look up the project in Infisical at",
            Self::Read => "read secrets from Infisical at",
            Self::Revoke => "revoke the access token at",
            Self::Renew => "renew the access token at",
            Self::Status => "reach Infisical at",
        })
    }
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "has expired",
            Self::UsedUp => "is used up",
            Self::Malformed => "is malformed",
            Self::Unknown => "is unknown or revoked",
        })
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Html => "it sends a web page",
            Self::OtherJson => "it sends JSON that is not Infisical's",
            Self::Other => "it sends no JSON",
            Self::NoRoute => "it does not know Infisical's requests",
        })
    }
}

impl fmt::Display for Damage {
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
