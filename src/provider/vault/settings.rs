//! What a Vault source is configured with: server, login, scope. It talks to no server.

use std::path::PathBuf;
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use url::Url;

use super::path::ApiPath;
use crate::config::{CacheIdentity, CacheSettings, Credential, Origin, UnsuitableProof};
use crate::http::{self, ClientCertificate};
use crate::provider::identity::id_token::{self, IdToken};
use crate::secret::Value;

/// Secrets of one Vault server and one identity.
#[derive(Clone, Debug)]
pub struct Vault {
    /// Its name in the configuration.
    pub(super) name: Arc<str>,
    /// The server.
    pub(super) server: Server,
    /// The namespace.
    pub(super) namespace: Option<String>,
    /// How to log in.
    pub(super) login: Login,
    /// The path of the auth method, below `auth/`.
    pub(super) auth_mount: ApiPath,
    /// Whether the login is sent with the request, where that is possible.
    pub(super) inline_auth: bool,
    /// The paths of the secrets, lowest precedence first. References need none.
    pub(super) paths: Vec<ApiPath>,
    /// The mount of all paths.
    pub(super) mount: Option<ApiPath>,
    /// The mount of the transit secrets engine.
    pub(super) transit: Option<ApiPath>,
    /// The kind of secrets engine.
    pub(super) engine: EngineSetting,
    /// The version of a KV 2 secret.
    pub(super) version: Option<u64>,
    /// The parameters of a dynamic secret.
    pub(super) parameters: Vec<(String, String)>,
    /// Where it is configured that the token of a login is revoked, if it is.
    pub(super) revoke_token: Option<Origin>,
    /// Accept a secret that does not exist or has no keys.
    pub(super) allow_empty: bool,
    /// The only trusted authorities.
    pub(super) ca_file: Option<PathBuf>,
    /// Directories of further authorities.
    pub(super) ca_dirs: Vec<PathBuf>,
    /// The client certificate.
    pub(super) certificate: Option<ClientCertificate>,
    /// Allow plain http.
    pub(super) insecure_http: bool,
    /// The cache.
    pub(super) cache: Option<CacheSettings>,
}

/// The server.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// Its address: an origin, perhaps with a path, without `/v1`.
    pub(super) base: Url,
    /// The Unix socket of an agent, to which all requests go.
    pub(super) socket: Option<PathBuf>,
    /// The address as it is configured, for messages.
    pub(super) shown: String,
}

/// The kind of the secrets engine at the paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EngineSetting {
    /// The server is asked.
    Auto,
    /// KV 1.
    Kv1,
    /// KV 2.
    Kv2,
    /// Another one: paths are read as they are.
    Other,
}

/// How to log in to Vault.
#[derive(Clone, Debug)]
pub(super) enum Login {
    /// A token.
    Token(Credential),
    /// The wrapped token of an agent's sink, with the path that created it.
    WrappedToken { token: Credential, creation_path: String },
    /// An `AppRole`. Some roles need no secret ID.
    AppRole { role_id: Credential, secret_id: Option<SecretId> },
    /// A Kubernetes service account.
    Kubernetes { role: String, jwt: Credential },
    /// A JWT of an issuer that the server knows.
    Jwt { role: Option<String>, jwt: IdToken },
    /// A user name and a password.
    Userpass { username: String, password: Credential },
    /// The same, of a directory.
    Ldap { username: String, password: Credential },
    /// The client certificate.
    Certificate { role: Option<String> },
    /// None: the listener of an agent adds its own token.
    Agent,
}

/// The secret ID of an `AppRole`.
#[derive(Clone, Debug)]
pub(super) struct SecretId {
    /// The secret ID, or a wrapping token.
    pub(super) credential: Credential,
    /// Whether it is a wrapping token, and of which role its secret ID must be.
    pub(super) wrapped: Option<WrappedFor>,
}

/// The role of a wrapped secret ID.
#[derive(Clone, Debug)]
pub(super) struct WrappedFor {
    /// The name, if it is configured.
    pub(super) role: Option<String>,
}

impl Login {
    /// The name of the method.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::Token(_) | Self::WrappedToken { .. } => "token",
            Self::AppRole { .. } => "approle",
            Self::Kubernetes { .. } => "kubernetes",
            Self::Jwt { .. } => "jwt",
            Self::Userpass { .. } => "userpass",
            Self::Ldap { .. } => "ldap",
            Self::Certificate { .. } => "cert",
            Self::Agent => "agent",
        }
    }

    /// Whether hushed logs in, so that there is a token of its own.
    pub(super) fn logs_in(&self) -> bool {
        !matches!(self, Self::Token(_) | Self::WrappedToken { .. } | Self::Agent)
    }

    /// The ID token in it, if there is one.
    pub(super) fn id_token(&self) -> Option<&IdToken> {
        if let Self::Jwt { jwt, .. } = self { Some(jwt) } else { None }
    }

    /// The same with the ID token itself, which is requested if need be.
    pub(super) async fn with_id_token(&self, http: &http::Client) -> Result<Self, id_token::Error> {
        let mut login = self.clone();
        if let Self::Jwt { jwt, .. } = &mut login {
            *jwt = jwt.obtain(http).await?;
        }
        Ok(login)
    }

    /// The credentials in it: first who it is, then what proves it.
    pub(super) fn credentials(&self) -> Vec<&Credential> {
        match self {
            Self::Token(token) | Self::WrappedToken { token, .. } => vec![token],
            Self::AppRole { role_id, secret_id } => {
                let secret_id = secret_id.as_ref().map(|secret_id| &secret_id.credential);
                std::iter::once(role_id).chain(secret_id).collect()
            }
            Self::Kubernetes { jwt, .. } => vec![jwt],
            Self::Jwt { jwt, .. } => vec![jwt.credential()],
            Self::Userpass { password, .. } | Self::Ldap { password, .. } => vec![password],
            Self::Certificate { .. } | Self::Agent => Vec::new(),
        }
    }

    /// The secret that proves the identity, if it is a credential that hushed reads.
    pub(super) fn secret(&self) -> Option<&Value> {
        match self {
            Self::AppRole { secret_id, .. } => {
                secret_id.as_ref().map(|secret_id| &secret_id.credential.value)
            }
            _ => self.credentials().pop().map(|credential| &credential.value),
        }
    }

    /// Who logs in, without what proves it; of a token its SHA-256.
    fn public_identity(&self) -> Vec<Option<Vec<u8>>> {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        match self {
            Self::Token(token) | Self::WrappedToken { token, .. } => {
                vec![Some(digest(&SHA256, token.value.expose().trim_ascii()).as_ref().to_vec())]
            }
            Self::AppRole { role_id, .. } => {
                vec![Some(role_id.value.expose().trim_ascii().to_vec())]
            }
            Self::Kubernetes { role, .. } => vec![text(role)],
            Self::Jwt { role, .. } | Self::Certificate { role } => {
                vec![role.as_deref().and_then(text)]
            }
            Self::Userpass { username, .. } | Self::Ldap { username, .. } => vec![text(username)],
            Self::Agent => Vec::new(),
        }
    }

    /// Why what proves the identity cannot open a cache later, if it cannot.
    pub(super) fn unfit_cache_key(&self) -> Option<UnsuitableProof> {
        let why = match self {
            Self::AppRole { secret_id: Some(SecretId { wrapped: None, .. }), .. }
            | Self::Token(_) => return None,
            Self::AppRole { .. }
            | Self::WrappedToken { .. }
            | Self::Kubernetes { .. }
            | Self::Jwt { .. } => "proves the identity by a token that is new each time",
            Self::Userpass { .. } | Self::Ldap { .. } => {
                "proves the identity by a password, which may be guessed"
            }
            Self::Certificate { .. } => "proves the identity by a signature",
            Self::Agent => "needs no credential",
        };
        Some(UnsuitableProof { method: self.method(), why })
    }
}

impl Vault {
    /// What an entry of the cache is bound to: everything that decides what the server answers.
    ///
    /// | field | of the login too |
    /// |---|---|
    /// | type of store: `vault` | yes |
    /// | the server's address, the namespace | yes |
    /// | method of login and its path | yes |
    /// | who logs in: role, role ID, user name, or the token's SHA-256 | yes |
    /// | the certificate's file | yes |
    /// | mount, kind of engine, version, whether emptiness counts | |
    /// | how many parameters, then each; how many paths, then each | |
    pub(super) fn cache_identity(&self) -> CacheIdentity {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let display =
            |path: &Option<ApiPath>| path.as_ref().map(|path| path.to_string().into_bytes());
        let mut login = vec![text("vault"), text(&self.server.shown)];
        login.push(self.namespace.as_deref().and_then(text));
        login.push(text(self.login.method()));
        login.push(text(&self.auth_mount.to_string()));
        let certificate = self.certificate.as_ref().map(|certificate| &certificate.certificate);
        login.push(certificate.map(|file| file.as_os_str().as_encoded_bytes().to_vec()));
        login.extend(self.login.public_identity());
        let mut scope = vec![display(&self.mount), text(&format!("{:?}", self.engine))];
        scope.push(self.version.map(|version| version.to_be_bytes().to_vec()));
        scope.push(Some(vec![u8::from(self.allow_empty)]));
        scope.push(text(&self.parameters.len().to_string()));
        scope.extend(self.parameters.iter().flat_map(|(name, value)| [text(name), text(value)]));
        scope.push(text(&self.paths.len().to_string()));
        scope.extend(self.paths.iter().map(|path| text(&path.to_string())));
        let proof = self.login.secret().cloned().unwrap_or_else(|| Value::from(""));
        CacheIdentity { login, scope, proof, logs_in: self.login.logs_in() }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::*;

    pub(in super::super) fn credential(value: &str, origin: &str) -> Credential {
        Credential { value: Value::from(value), origin: origin.to_owned(), file: None }
    }

    pub(in super::super) fn path(text: &str) -> ApiPath {
        ApiPath::parse(text).unwrap()
    }

    pub(in super::super) fn settings(base: Url) -> Vault {
        Vault {
            name: "vault".into(),
            server: Server {
                shown: base.as_str().trim_end_matches('/').into(),
                base,
                socket: None,
            },
            namespace: None,
            login: Login::Token(credential("canary-token", "VAULT_TOKEN")),
            auth_mount: path("token"),
            transit: None,
            inline_auth: false,
            paths: vec![path("secret/app")],
            mount: None,
            engine: EngineSetting::Auto,
            version: None,
            parameters: Vec::new(),
            revoke_token: None,
            allow_empty: false,
            ca_file: None,
            ca_dirs: Vec::new(),
            certificate: None,
            insecure_http: false,
            cache: None,
        }
    }

    pub(in super::super) fn approle(role_id: &str) -> Login {
        let credential = credential("canary-secret-id", "VAULT_SECRET_ID");
        let secret_id = Some(SecretId { credential, wrapped: None });
        Login::AppRole { role_id: self::credential(role_id, "VAULT_ROLE_ID"), secret_id }
    }

    #[test]
    fn whatever_changes_the_answer_changes_the_scope() {
        let own = settings(Url::parse("https://example.com").unwrap());
        let text = |text: &str| Some(text.to_owned());
        let changed = vec![
            settings(Url::parse("https://example.org").unwrap()),
            Vault { namespace: text("team"), ..own.clone() },
            Vault { login: Login::Token(credential("canary-other", "T")), ..own.clone() },
            Vault { login: approle("a"), ..own.clone() },
            Vault { login: approle("b"), ..own.clone() },
            Vault { login: Login::Certificate { role: None }, ..own.clone() },
            Vault { login: Login::Certificate { role: text("r") }, ..own.clone() },
            Vault { login: Login::Agent, ..own.clone() },
            Vault { auth_mount: path("other"), ..own.clone() },
            Vault { paths: vec![path("secret/app"), path("secret/b")], ..own.clone() },
            Vault { paths: vec![path("secret/b"), path("secret/app")], ..own.clone() },
            Vault { paths: Vec::new(), ..own.clone() },
            Vault { mount: Some(path("secret")), ..own.clone() },
            Vault { engine: EngineSetting::Kv1, ..own.clone() },
            Vault { version: Some(1), ..own.clone() },
            Vault { parameters: vec![("a".into(), "b".into())], ..own.clone() },
            Vault { allow_empty: true, ..own.clone() },
        ];
        let bound = |vault: &Vault| {
            let identity = vault.cache_identity();
            (identity.login, identity.scope)
        };
        let scopes: BTreeSet<_> = changed.iter().chain([&own]).map(bound).collect();
        assert_eq!(scopes.len(), changed.len() + 1);
        let texts = scopes.iter().flat_map(|(login, scope)| login.iter().chain(scope)).flatten();
        assert!(texts.into_iter().all(|text| !text.windows(6).any(|part| part == b"canary")));
    }

    #[test]
    fn a_new_secret_id_and_the_name_of_the_source_change_nothing() {
        let own = Vault { login: approle("a"), ..settings(Url::parse("https://e.com").unwrap()) };
        let credential = credential("canary-new", "OTHER");
        let secret_id = Some(SecretId { credential, wrapped: None });
        let login = Login::AppRole { role_id: self::credential("a\n", "ID"), secret_id };
        let other = Vault { name: "other".into(), login, ..own.clone() };
        let (own, other) = (own.cache_identity(), other.cache_identity());
        assert_eq!((own.login, own.scope), (other.login, other.scope));
    }
}
