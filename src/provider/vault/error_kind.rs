//! The parts of an error: what was done, and why it was rejected.

use std::fmt;

/// What was asked of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Logging in.
    Login,
    /// Finding out which secrets engine is at a path.
    Lookup,
    /// Reading a secret.
    Read,
    /// Unwrapping a token.
    Unwrap,
    /// Writing a secret.
    Write,
    /// Deleting a secret.
    Delete,
    /// Revoking the token.
    Revoke,
    /// Revoking a lease.
    RevokeLease,
    /// Extending a lease or the token.
    Renew,
    /// Using a key of a transit secrets engine.
    UseKey,
    /// Requesting the state of the server.
    Status,
}

/// Why the server rejects a login. The texts are the origins of the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginRejection {
    /// The role ID or the secret ID is wrong, expired or used up.
    AppRole {
        /// The origin of the role ID.
        role_id: String,
        /// The origin of the secret ID.
        secret_id: String,
    },
    /// The secret ID cannot be used from this address.
    Address,
    /// The user name or the password is wrong.
    Password {
        /// The origin of the password.
        password: String,
    },
    /// The JWT is not accepted.
    Token {
        /// The origin of the JWT.
        jwt: String,
    },
    /// The role does not exist.
    Role,
    /// The client certificate is not accepted.
    Certificate,
    /// The auth method does not exist at that path, or the identity is locked out.
    LockedOrMissing {
        /// The path of the auth method.
        mount: String,
    },
    /// The login requires a second factor.
    SecondFactor,
    /// Anything else.
    Other,
}

/// What was received instead of Vault's JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnexpectedContent {
    /// A web page.
    Html,
    /// JSON of another shape.
    OtherJson,
    /// Something else.
    Other,
}

/// Why the body of a response cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It ends early.
    Incomplete,
    /// It is not JSON.
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
    /// What the user can do about it.
    pub(super) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::AppRole { role_id, secret_id } => format!(
                "check the role ID (from {role_id}) and the secret ID (from {secret_id}); a secret ID may \
                 have expired or have been used up"
            ),
            Self::Address => {
                "log in from an address that the secret ID permits, or extend its CIDR list"
                    .to_owned()
            }
            Self::Password { password } => {
                format!("check the user name and the password (from {password})")
            }
            Self::Token { jwt } => {
                format!(
                    "check the JWT (from {jwt}): issuer, audience, expiry, and the claims of the role"
                )
            }
            Self::Role => "check `role`".to_owned(),
            Self::Certificate => {
                "check `client-certificate`, and the certificates that the auth method accepts"
                    .to_owned()
            }
            Self::LockedOrMissing { mount } => format!(
                "check that an auth method is enabled at `auth/{mount}` (`auth-mount`); after too many failed \
                 logins the server rejects an identity for some minutes, even with the right secret"
            ),
            Self::SecondFactor => {
                "use a login without MFA, such as approle, or pass a token".to_owned()
            }
            Self::Other => return None,
        })
    }

    /// Whether it is the identity that is rejected, and not the form of the request.
    pub(super) fn is_refusal(&self) -> bool {
        !matches!(self, Self::Other | Self::SecondFactor)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login => "log in to Vault at",
            Self::Lookup => "look up the secrets engine in Vault at",
            Self::Read => "read secrets from Vault at",
            Self::Write | Self::Delete => "write secrets to Vault at",
            Self::Unwrap => "unwrap the token at",
            Self::Revoke => "revoke the token at",
            Self::RevokeLease => "revoke a lease at",
            Self::Renew => "renew a lease at",
            Self::UseKey => "use a key of Vault at",
            Self::Status => "reach Vault at",
        })
    }
}

impl fmt::Display for UnexpectedContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Html => "it sent a web page",
            Self::OtherJson => "it sent JSON that is not Vault's",
            Self::Other => "it did not send JSON",
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
