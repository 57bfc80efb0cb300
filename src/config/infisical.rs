//! What holds for a place in Infisical: server, login, scope. Plain data; it talks to nobody.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Caching, Credential, Origin};
use crate::secret::Shielded;

/// A place in Infisical.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a parameter of the server's own")]
pub struct Infisical {
    /// Its name in the configuration.
    pub name: Arc<str>,
    /// The server: an origin, perhaps with a path, without `/api`.
    pub base: url::Url,
    /// Where the server's address was said.
    pub base_origin: Origin,
    /// How to log in.
    pub login: Login,
    /// The project. Only a service token knows its own.
    pub project: Option<ProjectRef>,
    /// The environment's slug. A service token of one scope knows its own, when nothing is said.
    pub environment: Option<String>,
    /// The folders, lowest precedence first. Empty when nothing is said: the root, or what a service
    /// token is for.
    pub paths: Vec<String>,
    /// Take the folders below.
    pub recursive: bool,
    /// Take imports.
    pub include_imports: bool,
    /// Resolve references.
    pub expand: bool,
    /// Whether the user's personal values win over the shared ones (`--secret-overriding`).
    pub personal: bool,
    /// Only secrets with one of these tags.
    pub tags: Vec<String>,
    /// The organisation to log in to.
    pub organization: Option<String>,
    /// Where it was said that the token that a login gives is ended at last, if it is.
    pub revoke_token: Option<Origin>,
    /// Accept emptiness.
    pub allow_empty: bool,
    /// Trust only these authorities.
    pub ca_file: Option<PathBuf>,
    /// Allow plain http.
    pub insecure_http: bool,
    /// What is kept of what the server gave; nothing unless it is said.
    pub cache: Option<Caching>,
}

/// A project, by id or by slug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectRef {
    /// Its id.
    Id(String),
    /// Its slug.
    Slug(String),
}

/// How to log in to Infisical.
#[derive(Clone, Debug)]
pub enum Login {
    /// A client id and its secret.
    UniversalAuth {
        /// The id.
        client_id: Credential,
        /// The secret.
        client_secret: Credential,
    },
    /// A Kubernetes service account.
    Kubernetes {
        /// The identity.
        identity_id: Credential,
        /// The account's token.
        jwt: Credential,
    },
    /// A token of an OIDC provider.
    Oidc {
        /// The identity.
        identity_id: Credential,
        /// The token.
        jwt: Credential,
    },
    /// A signed JWT.
    Jwt {
        /// The identity.
        identity_id: Credential,
        /// The JWT.
        jwt: Credential,
    },
    /// A user of a directory.
    Ldap {
        /// The identity.
        identity_id: Credential,
        /// The user.
        username: Credential,
        /// The password.
        password: Credential,
    },
    /// A ready access token.
    AccessToken(Credential),
    /// A service token, `st.…`.
    ServiceToken(Credential),
}

impl Login {
    /// Tells a service token from an access token by its beginning.
    pub fn from_token(token: Credential) -> Self {
        if token.value.open().expose().trim_ascii().starts_with(b"st.") {
            Self::ServiceToken(token)
        } else {
            Self::AccessToken(token)
        }
    }

    /// The token, if it is the user's own and needs no login.
    pub fn ready(&self) -> Option<&Credential> {
        match self {
            Self::AccessToken(token) | Self::ServiceToken(token) => Some(token),
            _ => None,
        }
    }

    /// The name of the method, as Infisical has it.
    pub fn method(&self) -> &'static str {
        match self {
            Self::UniversalAuth { .. } => "universal-auth",
            Self::Kubernetes { .. } => "kubernetes-auth",
            Self::Oidc { .. } => "oidc-auth",
            Self::Jwt { .. } => "jwt-auth",
            Self::Ldap { .. } => "ldap-auth",
            Self::AccessToken(_) => "access token",
            Self::ServiceToken(_) => "service token",
        }
    }

    /// Why what proves the identity is no key for later, if it is none.
    pub(super) fn changes(&self) -> Option<&'static str> {
        match self {
            Self::UniversalAuth { .. } | Self::AccessToken(_) | Self::ServiceToken(_) => None,
            Self::Kubernetes { .. } | Self::Oidc { .. } | Self::Jwt { .. } => {
                Some("proves the identity by a token that is new each time")
            }
            Self::Ldap { .. } => Some("proves the identity by a password, which may be guessed"),
        }
    }

    /// The values in it that are secret.
    pub fn secrets(&self) -> Vec<&Shielded> {
        let secret = match self {
            Self::UniversalAuth { client_secret, .. } => client_secret,
            Self::Kubernetes { jwt, .. } | Self::Oidc { jwt, .. } | Self::Jwt { jwt, .. } => jwt,
            Self::Ldap { password, .. } => password,
            Self::AccessToken(token) | Self::ServiceToken(token) => token,
        };
        vec![&secret.value]
    }

    /// The credentials in it: first who it is, then what proves it.
    pub fn credentials(&self) -> Vec<&Credential> {
        match self {
            Self::UniversalAuth { client_id, client_secret } => vec![client_id, client_secret],
            Self::Kubernetes { identity_id, jwt }
            | Self::Oidc { identity_id, jwt }
            | Self::Jwt { identity_id, jwt } => vec![identity_id, jwt],
            Self::Ldap { identity_id, username, password } => vec![identity_id, username, password],
            Self::AccessToken(token) | Self::ServiceToken(token) => vec![token],
        }
    }
}

impl ProjectRef {
    /// Tells an id from a slug.
    pub fn parse(text: &str) -> Self {
        let hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let lengths: Vec<_> = text.split('-').map(str::len).collect();
        let is_id = matches!(lengths.as_slice(), [8, 4, 4, 4, 12] | [24]);
        if is_id && text.split('-').all(hex) {
            Self::Id(text.to_owned())
        } else {
            Self::Slug(text.to_owned())
        }
    }
}

impl fmt::Display for ProjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Id(text) | Self::Slug(text)) = self;
        f.write_str(text)
    }
}

/// Writes the path of a folder in the one way that every server understands: `/` at the start, none
/// at the end, none twice. Servers answer nothing at all for other spellings.
pub fn normalise(path: &str) -> String {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Value;

    #[test]
    fn paths_have_one_spelling() {
        for (given, want) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("api", "/api"),
            ("/api/", "/api"),
            ("//api//v1//", "/api/v1"),
            ("/a b", "/a b"),
        ] {
            assert_eq!(normalise(given), want);
        }
    }

    #[test]
    fn an_id_is_told_from_a_slug() {
        for (text, id) in [
            ("9ac97618-225c-4714-bf55-c34c7fdd7f55", true),
            ("9AC97618-225C-4714-BF55-C34C7FDD7F55", true),
            ("64f1c0ffee64f1c0ffee64f1", true),
            ("64f1c0ffee64f1c0ffee64f", false),
            ("9ac97618-225c-4714-bf55-c34c7fdd7f5g", false),
            ("acceptance", false),
            ("my-app-x-1", false),
            ("", false),
        ] {
            assert_eq!(matches!(ProjectRef::parse(text), ProjectRef::Id(_)), id, "{text}");
        }
    }

    #[test]
    fn a_service_token_is_known_by_its_beginning() {
        for (token, service) in [
            ("st.canary.b.c", true),
            (" st.canary.b.c\n", true),
            ("eyJ.canary", false),
            ("", false),
        ] {
            let value = Shielded::from(Value::from(token));
            let credential = Credential { value, origin: String::new(), file: None };
            let login = Login::from_token(credential);
            assert_eq!(matches!(login, Login::ServiceToken(_)), service, "{token}");
        }
    }
}
