//! What an Infisical source needs to know, ready and complete. Where it was configured is not known
//! here, but for the origin of each credential, which errors name.

use std::fmt;
use std::sync::Arc;

use reqwest::Url;

use crate::secret::Value;

/// A source in Infisical.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, set by name")]
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name of the source.
    pub name: Arc<str>,
    /// The address of the server, without `/api`; it may have a path of its own.
    pub base: Url,
    /// How to log in.
    pub login: Login,
    /// The sub-organisation to log in to, if not the identity's own organisation.
    pub organization: Option<String>,
    /// The project; a service token brings its own.
    pub project: Option<ProjectRef>,
    /// The slug of the environment; a service token for one environment brings its own.
    pub environment: Option<String>,
    /// The folders, lowest precedence first. None means the root, or what a service token is for.
    pub paths: Vec<String>,
    /// Whether the folders below are read too; what is deeper wins.
    pub recursive: bool,
    /// Whether what the folders import is read too; it loses to what is in them.
    pub include_imports: bool,
    /// Whether references (`${NAME}`) are replaced by what they name.
    pub expand: bool,
    /// Whether the user's personal values win over the shared ones.
    pub personal: bool,
    /// Only secrets with one of these tags; none means all.
    pub tags: Vec<String>,
    /// Whether it is right to find nothing.
    pub allow_empty: bool,
}

/// A secret that logs in, and where it was read from, as its user would name the place.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The secret.
    pub value: Value,
    /// `INFISICAL_TOKEN`, `/run/credentials/app/secret`.
    pub origin: String,
}

/// How to log in.
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
        /// The machine identity.
        identity_id: Credential,
        /// The token of the service account.
        jwt: Credential,
    },
    /// A token of an `OpenID` Connect provider, such as a CI system.
    Oidc {
        /// The machine identity.
        identity_id: Credential,
        /// The token.
        jwt: Credential,
    },
    /// A token signed by a key that the identity trusts.
    Jwt {
        /// The machine identity.
        identity_id: Credential,
        /// The token.
        jwt: Credential,
    },
    /// A user of a directory.
    Ldap {
        /// The machine identity.
        identity_id: Credential,
        /// The user.
        username: Credential,
        /// The password.
        password: Credential,
    },
    /// An access token that somebody else got.
    AccessToken(Credential),
    /// A service token (`st.…`), which is for one project.
    ServiceToken(Credential),
}

impl Login {
    /// Tells a service token from an access token.
    pub fn from_token(token: Credential) -> Self {
        if token.value.expose().trim_ascii().starts_with(b"st.") {
            Self::ServiceToken(token)
        } else {
            Self::AccessToken(token)
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

    /// The credentials in it: first who it is, then what proves it.
    pub(super) fn credentials(&self) -> Vec<&Credential> {
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

/// A project, by its id or by its slug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectRef {
    /// A UUID, or the 24 hexadecimal digits of the oldest projects.
    Id(String),
    /// The name in the project's address.
    Slug(String),
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
            let credential = Credential { value: Value::from(token), origin: String::new() };
            let login = Login::from_token(credential);
            assert_eq!(matches!(login, Login::ServiceToken(_)), service, "{token}");
        }
    }
}
