//! What a place in Infisical is configured with: server, login, scope. It talks to no server.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use url::Url;

use super::machine::MachineIdentity;
use crate::config::{CacheIdentity, CacheSettings, Credential, Origin, UnsuitableProof};
use crate::http;
use crate::provider::identity::id_token::{self, IdToken};
use crate::secret::Value;

/// A place in Infisical.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a parameter of the server's own")]
pub struct Infisical {
    /// Its name in the configuration.
    pub name: Arc<str>,
    /// The server: an origin, perhaps with a path, without `/api`.
    pub base: Url,
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
    pub cache: Option<CacheSettings>,
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
    /// A client ID and its secret.
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
        jwt: IdToken,
    },
    /// A signed JWT.
    Jwt {
        /// The identity.
        identity_id: Credential,
        /// The JWT.
        jwt: IdToken,
    },
    /// A JWT of a SPIFFE workload (JWT-SVID).
    Spiffe {
        /// The identity.
        identity_id: Credential,
        /// The JWT.
        jwt: IdToken,
    },
    /// The identity that this machine has from its platform.
    Machine {
        /// The identity.
        identity_id: Credential,
        /// What proves it.
        machine: MachineIdentity,
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
        if token.value.expose().trim_ascii().starts_with(b"st.") {
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
            Self::Spiffe { .. } => "spiffe-auth",
            Self::Machine { machine, .. } => machine.method(),
            Self::Ldap { .. } => "ldap-auth",
            Self::AccessToken(_) => "access token",
            Self::ServiceToken(_) => "service token",
        }
    }

    /// Why what proves the identity cannot open a cache later, if it cannot.
    pub(super) fn unfit_cache_key(&self) -> Option<UnsuitableProof> {
        self.unfit().map(|why| UnsuitableProof { method: self.method(), why })
    }

    fn unfit(&self) -> Option<&'static str> {
        match self {
            Self::UniversalAuth { .. } | Self::AccessToken(_) | Self::ServiceToken(_) => None,
            Self::Kubernetes { .. }
            | Self::Oidc { .. }
            | Self::Jwt { .. }
            | Self::Spiffe { .. } => Some("proves the identity by a token that is new each time"),
            Self::Machine { .. } => Some("proves the identity by a proof that is new each time"),
            Self::Ldap { .. } => Some("proves the identity by a password, which may be guessed"),
        }
    }

    /// Who logs in, without what proves it; of a ready token its SHA-256.
    fn public_identity(&self) -> Vec<Vec<u8>> {
        if let Some(token) = self.ready() {
            let token = token.value.expose().trim_ascii();
            return vec![digest(&SHA256, token).as_ref().to_vec()];
        }
        let credentials = self.credentials();
        // All but the last, which proves it.
        let public = match self {
            Self::Machine { .. } => &credentials[..],
            _ => credentials.split_last().map_or(&[][..], |(_, public)| public),
        };
        public.iter().map(|part| part.value.expose().trim_ascii().to_vec()).collect()
    }

    /// The value that proves the identity.
    pub fn secret(&self) -> Option<&Value> {
        let secret = match self {
            Self::Machine { machine, .. } => return machine.secret(),
            Self::UniversalAuth { client_secret, .. } => client_secret,
            Self::Kubernetes { jwt, .. } => jwt,
            Self::Oidc { jwt, .. } | Self::Jwt { jwt, .. } | Self::Spiffe { jwt, .. } => {
                jwt.credential()
            }
            Self::Ldap { password, .. } => password,
            Self::AccessToken(token) | Self::ServiceToken(token) => token,
        };
        Some(&secret.value)
    }

    /// The ID token in it, if there is one.
    pub(super) fn id_token(&self) -> Option<&IdToken> {
        match self {
            Self::Oidc { jwt, .. } | Self::Jwt { jwt, .. } | Self::Spiffe { jwt, .. } => Some(jwt),
            _ => None,
        }
    }

    /// The identity of this machine, if that logs in.
    pub(super) fn machine(&self) -> Option<&MachineIdentity> {
        if let Self::Machine { machine, .. } = self { Some(machine) } else { None }
    }

    /// The secrets in it, which no message may repeat.
    pub(super) fn secrets(&self) -> Vec<&Value> {
        match self {
            Self::Ldap { username, password, .. } => vec![&username.value, &password.value],
            _ => self.secret().into_iter().collect(),
        }
    }

    /// The same with the ID token itself, which is requested if need be.
    pub(super) async fn with_id_token(&self, http: &http::Client) -> Result<Self, id_token::Error> {
        let mut login = self.clone();
        if let Self::Oidc { jwt, .. } | Self::Jwt { jwt, .. } | Self::Spiffe { jwt, .. } =
            &mut login
        {
            *jwt = jwt.obtain(http).await?;
        }
        Ok(login)
    }

    /// The credentials in it: first who it is, then what proves it.
    pub fn credentials(&self) -> Vec<&Credential> {
        match self {
            Self::UniversalAuth { client_id, client_secret } => vec![client_id, client_secret],
            Self::Kubernetes { identity_id, jwt } => vec![identity_id, jwt],
            Self::Oidc { identity_id, jwt }
            | Self::Jwt { identity_id, jwt }
            | Self::Spiffe { identity_id, jwt } => vec![identity_id, jwt.credential()],
            Self::Machine { identity_id, .. } => vec![identity_id],
            Self::Ldap { identity_id, username, password } => vec![identity_id, username, password],
            Self::AccessToken(token) | Self::ServiceToken(token) => vec![token],
        }
    }
}

impl Infisical {
    /// What an entry of the cache is bound to: everything that decides what the server answers.
    ///
    /// | field | of the login too |
    /// |---|---|
    /// | type of store: `infisical` | yes |
    /// | the server's address | yes |
    /// | method of login | yes |
    /// | who logs in: client ID, identity ID (with the user name), or the token's SHA-256 | yes |
    /// | organization | yes |
    /// | project, environment | |
    /// | whether folders below, imports, references, personal secrets count, and emptiness | |
    /// | how many folders, then each; how many tags, then each | |
    pub fn cache_identity(&self) -> CacheIdentity {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let option = |option: Option<&str>| option.map(|text| text.as_bytes().to_vec());
        let address = self.base.as_str().trim_end_matches('/');
        let mut login = vec![text("infisical"), text(address), text(self.login.method())];
        login.extend(self.login.public_identity().into_iter().map(Some));
        login.push(option(self.organization.as_deref()));
        let project = self.project.as_ref().map(ToString::to_string);
        let mut scope = vec![option(project.as_deref()), option(self.environment.as_deref())];
        let switches =
            [self.recursive, self.include_imports, self.expand, self.personal, self.allow_empty];
        scope.extend(switches.map(|switch| Some(vec![u8::from(switch)])));
        for list in [&self.paths, &self.tags] {
            scope.push(text(&list.len().to_string()));
            scope.extend(list.iter().map(|item| text(item)));
        }
        let proof = self.login.secret().cloned().unwrap_or_else(|| Value::from(""));
        let logs_in = self.login.ready().is_none();
        CacheIdentity { login, scope, proof, logs_in }
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
    use std::collections::BTreeSet;

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
            let value = Value::from(token);
            let credential = Credential { value, origin: String::new(), file: None };
            let login = Login::from_token(credential);
            assert_eq!(matches!(login, Login::ServiceToken(_)), service, "{token}");
        }
    }

    type Fields = Vec<Option<Vec<u8>>>;

    fn bound(source: &Infisical) -> (Fields, Fields) {
        let identity = source.cache_identity();
        (identity.login, identity.scope)
    }

    fn credential(text: &str) -> Credential {
        Credential { value: Value::from(text), origin: "TEST".to_owned(), file: None }
    }

    fn source() -> Infisical {
        Infisical {
            name: "infisical".into(),
            base: "https://example.com".parse().unwrap(),
            base_origin: Origin::Default,
            login: Login::UniversalAuth {
                client_id: credential("id"),
                client_secret: credential("canary-secret"),
            },
            organization: None,
            revoke_token: None,
            project: Some(ProjectRef::parse("shop")),
            environment: Some("dev".to_owned()),
            paths: vec!["/a".to_owned()],
            recursive: false,
            include_imports: true,
            expand: true,
            personal: true,
            tags: Vec::new(),
            allow_empty: false,
            ca_file: None,
            insecure_http: false,
            cache: None,
        }
    }

    #[test]
    fn whatever_changes_the_answer_changes_the_scope() {
        let own = source();
        let text = |text: &str| Some(text.to_owned());
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        let ldap = |user| Login::Ldap {
            identity_id: credential("id"),
            username: credential(user),
            password: credential("canary"),
        };
        let changed = vec![
            Infisical { base: "https://example.org".parse().unwrap(), ..own.clone() },
            Infisical { base: "https://example.com/x".parse().unwrap(), ..own.clone() },
            Infisical { base: "http://example.com".parse().unwrap(), ..own.clone() },
            Infisical {
                login: Login::UniversalAuth {
                    client_id: credential("other"),
                    client_secret: credential("canary-secret"),
                },
                ..own.clone()
            },
            Infisical { login: ldap("ada"), ..own.clone() },
            Infisical { login: ldap("eve"), ..own.clone() },
            Infisical { login: Login::AccessToken(credential("canary-1")), ..own.clone() },
            Infisical { login: Login::AccessToken(credential("canary-2")), ..own.clone() },
            Infisical { login: Login::ServiceToken(credential("canary-1")), ..own.clone() },
            Infisical { organization: text("sub"), ..own.clone() },
            Infisical { project: Some(ProjectRef::parse("shop2")), ..own.clone() },
            Infisical { project: None, ..own.clone() },
            Infisical { environment: text("prod"), ..own.clone() },
            Infisical { environment: None, ..own.clone() },
            Infisical { paths: list(&["/a", "/b"]), ..own.clone() },
            Infisical { paths: list(&["/b", "/a"]), ..own.clone() },
            Infisical { paths: list(&[]), ..own.clone() },
            Infisical { paths: list(&[]), tags: list(&["/a"]), ..own.clone() },
            Infisical { tags: list(&["web"]), ..own.clone() },
            Infisical { recursive: true, ..own.clone() },
            Infisical { include_imports: false, ..own.clone() },
            Infisical { expand: false, ..own.clone() },
            Infisical { personal: false, ..own.clone() },
            Infisical { allow_empty: true, ..own.clone() },
        ];
        let scopes: BTreeSet<_> = changed.iter().chain([&own]).map(bound).collect();
        assert_eq!(scopes.len(), changed.len() + 1);
        let texts = scopes.iter().flat_map(|(login, scope)| login.iter().chain(scope)).flatten();
        assert!(texts.into_iter().all(|text| !text.windows(6).any(|part| part == b"canary")));
    }

    #[test]
    fn a_new_client_secret_and_the_name_of_the_source_change_nothing() {
        let own = source();
        let login = Login::UniversalAuth {
            client_id: credential("id\n"),
            client_secret: credential("canary-new"),
        };
        let other = Infisical { name: "other".into(), login, ..own.clone() };
        assert_eq!(bound(&own), bound(&other));
    }
}
