//! Which login to Vault is meant, and its credentials. It logs in to nothing.

use std::path::{Path, PathBuf};

use super::environment::{hidden, is_agent, path, text};
use super::path::ApiPath;
use super::schema::{
    self, JWT, PASSWORD, ROLE_ID_CREDENTIAL, SECRET_ID, TOKEN, TOKEN_FILE, WRAPPED_SECRET_ID,
};
use super::settings::{Login, SecretId, WrappedFor};
use super::token_file::{self, TokenContent};
use crate::config::credential::{self, CredentialPrecedence, FoundCredential, find, would_do};
use crate::config::schema::{CredentialKey, SettingKey};
use crate::config::systemd::explain_missing;
use crate::config::{Credential, Error, Layers, Origin, Setting};
use crate::provider::identity::id_token::{IdToken, IdTokenSetting};

/// Where Kubernetes puts a service account's token.
const KUBERNETES_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// The token file of the store's own command line, in the home directory.
const DEFAULT_TOKEN_FILE: &str = ".vault-token";

/// The variable that names another one.
const TOKEN_PATH: &str = "BAO_TOKEN_PATH";

/// A login method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Token,
    AppRole,
    Kubernetes,
    Jwt,
    Userpass,
    Ldap,
    Certificate,
    Agent,
}

impl Method {
    const ALL: [(&'static str, Self); 8] = [
        ("token", Self::Token),
        ("approle", Self::AppRole),
        ("kubernetes", Self::Kubernetes),
        ("jwt", Self::Jwt),
        ("userpass", Self::Userpass),
        ("ldap", Self::Ldap),
        ("cert", Self::Certificate),
        ("agent", Self::Agent),
    ];

    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, method)| *method == self).map_or("", |(name, _)| name)
    }

    fn parse(setting: Setting<String>) -> Result<Self, Error> {
        let found = Self::ALL.iter().find(|(name, _)| *name == setting.value);
        found.map(|(_, method)| *method).ok_or_else(|| Error::Choice {
            origin: setting.origin,
            what: "login method",
            value: setting.value,
            known: Self::ALL.iter().map(|(name, _)| (*name).to_owned()).collect(),
        })
    }
}

/// Chooses the method, and takes its credentials and the path of the auth method.
pub(super) fn choose(layers: &Layers<'_>, address: &Origin) -> Result<(Login, ApiPath), Error> {
    let method = match layers.text(&schema::METHOD)? {
        Some(setting) => Method::parse(setting)?,
        None => by_credentials(layers, address)?,
    };
    let mount = match layers.text(&schema::AUTH_MOUNT)? {
        Some(Setting { value, origin }) => {
            let below = value.trim_matches('/');
            let below = below.strip_prefix("auth/").unwrap_or(below);
            let invalid = |_| Error::Form {
                origin,
                what: "the path of an auth method",
                value: value.clone(),
            };
            ApiPath::parse(below).map_err(invalid)?
        }
        None => ApiPath::of(&[method.name()]),
    };
    Ok((login(method, layers)?, mount))
}

/// The method of the strongest credential; of two that are equally strong, the first here.
fn by_credentials(layers: &Layers<'_>, address: &Origin) -> Result<Method, Error> {
    let tier = |found: Option<FoundCredential>| found.map(|found| found.tier);
    let secret_id = tier(find(&SECRET_ID, layers)?);
    let role_id = tier(find(&ROLE_ID_CREDENTIAL, layers)?);
    let role = text(&schema::ROLE, layers)?;
    let in_pod = role.is_some() && Path::new(KUBERNETES_TOKEN).exists();
    let kubernetes = layers
        .text(&schema::KUBERNETES_TOKEN_FILE)?
        .or(role.filter(|_| in_pod))
        .map(|setting| CredentialPrecedence::from_origin(&setting.origin));
    let id_token = IdTokenSetting::find(layers)?.map(|setting| setting.tier);
    let candidates = [
        (tier(found_token(layers)?), Method::Token),
        (secret_id.max(role_id), Method::AppRole),
        (tier(find(&JWT, layers)?).max(id_token), Method::Jwt),
        (kubernetes, Method::Kubernetes),
    ];
    let strongest = candidates.iter().filter_map(|(tier, _)| *tier).max();
    let chosen = candidates.iter().find(|(tier, _)| tier.is_some() && *tier == strongest);
    if let Some((_, method)) = chosen {
        return Ok(*method);
    }
    if find(&PASSWORD, layers)?.is_some() {
        return Err(Error::Incomplete {
            method: "a login with a password",
            what: "method",
            would_do: "set `method` to \"userpass\" or \"ldap\"".into(),
            systemd: None,
        });
    }
    if is_agent(address) {
        return Ok(Method::Agent);
    }
    if default_token_file(layers)?.is_some() {
        return Ok(Method::Token);
    }
    Err(Error::NoCredentials {
        store: "Vault",
        variables: "VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID, or choose another login with `method`"
            .to_owned(),
        systemd: explain_missing(layers.environment()),
    })
}

/// The token, unless an empty `BAO_TOKEN` hides it.
fn found_token(layers: &Layers<'_>) -> Result<Option<FoundCredential>, Error> {
    let found = find(&TOKEN, layers)?;
    Ok(found.filter(|found| !found.variable.is_some_and(|name| hidden(name, layers.environment()))))
}

/// The token's file where no credential is found: that of the settings, if a variable hides it, else that of
/// the store's own command line.
fn default_token_file(layers: &Layers<'_>) -> Result<Option<(PathBuf, String)>, Error> {
    if let Some(Setting { value, origin }) = layers.path(&TOKEN_FILE)? {
        return Ok(Some((value, origin.to_string())));
    }
    let environment = layers.environment();
    if let Some(path) = environment.text(TOKEN_PATH) {
        return Ok(Some((path.into(), TOKEN_PATH.to_owned())));
    }
    let home = environment.text("HOME").map(|home| Path::new(home).join(DEFAULT_TOKEN_FILE));
    Ok(home.filter(|path| path.exists()).map(|path| (path, "the default".to_owned())))
}

fn login(method: Method, layers: &Layers<'_>) -> Result<Login, Error> {
    let need = |key| need(key, method, layers);
    let role = || Ok::<_, Error>(text(&schema::ROLE, layers)?.map(|setting| setting.value));
    let username = || {
        let found = text(&schema::USERNAME, layers)?.map(|setting| setting.value);
        found.ok_or_else(|| incomplete(method, "user name", "set `username`"))
    };
    Ok(match method {
        Method::Token => token(layers)?,
        Method::AppRole => Login::AppRole {
            role_id: need(&ROLE_ID_CREDENTIAL)?,
            secret_id: secret_id(layers, role()?)?,
        },
        Method::Kubernetes => Login::Kubernetes {
            role: role()?.ok_or_else(|| incomplete(method, "role", "set `role`"))?,
            jwt: kubernetes_jwt(layers)?,
        },
        Method::Jwt => Login::Jwt { role: role()?, jwt: jwt(layers)? },
        Method::Userpass => Login::Userpass { username: username()?, password: need(&PASSWORD)? },
        Method::Ldap => Login::Ldap { username: username()?, password: need(&PASSWORD)? },
        Method::Certificate => {
            if path(&schema::CLIENT_CERTIFICATE, layers)?.is_none() {
                let would_do = "set `client-certificate` and `client-key`";
                return Err(incomplete(method, "client certificate", would_do));
            }
            Login::Certificate { role: role()? }
        }
        Method::Agent => Login::Agent,
    })
}

fn incomplete(method: Method, what: &'static str, would_do: &str) -> Error {
    let (method, would_do) = (method.name(), would_do.to_owned());
    Error::Incomplete { method, what, would_do, systemd: None }
}

fn need(
    key: &'static CredentialKey,
    method: Method,
    layers: &Layers<'_>,
) -> Result<Credential, Error> {
    let missing = || Error::Incomplete {
        method: method.name(),
        what: key.what,
        would_do: would_do(key),
        systemd: explain_missing(layers.environment()),
    };
    find(key, layers)?.ok_or_else(missing)?.take()
}

/// The ID token of the job, unless a JWT is configured in a stronger place.
fn jwt(layers: &Layers<'_>) -> Result<IdToken, Error> {
    let jwt = find(&JWT, layers)?;
    match IdTokenSetting::find(layers)? {
        Some(setting) if jwt.is_none_or(|jwt| jwt.tier <= setting.tier) => {
            setting.take(layers, None)
        }
        _ => need(&JWT, Method::Jwt, layers).map(IdToken::from),
    }
}

fn token(layers: &Layers<'_>) -> Result<Login, Error> {
    let credential = match (found_token(layers)?, default_token_file(layers)?) {
        (Some(found), _) => found.take()?,
        (None, Some((path, named_by))) => {
            let origin = format!("`{}`", path.display());
            let read = credential::read(&TOKEN, &path, &named_by, origin, layers.timeout())?;
            Credential { file: Some(path), ..read }
        }
        (None, None) => need(&TOKEN, Method::Token, layers)?,
    };
    let unusable = |what| Error::UnusableCredential {
        what: TOKEN.what,
        origin: credential.origin.clone(),
        problem: what,
        hint: "let the agent write the token itself, or a wrapped one",
    };
    match token_file::parse(&credential.value) {
        TokenContent::Plain => Ok(Login::Token(credential)),
        TokenContent::Wrapped { token, creation_path } => {
            let token = Credential { value: token, ..credential };
            Ok(Login::WrappedToken { token, creation_path })
        }
        TokenContent::Encrypted => Err(unusable("is encrypted for another reader (dh_type)")),
        TokenContent::Unknown => Err(unusable("is JSON, but not that of a wrapped token")),
    }
}

fn secret_id(layers: &Layers<'_>, role: Option<String>) -> Result<Option<SecretId>, Error> {
    let is_wrapped = layers.switch(&WRAPPED_SECRET_ID, false)?;
    let Some(found) = find(&SECRET_ID, layers)? else {
        return if is_wrapped {
            need(&SECRET_ID, Method::AppRole, layers).map(|_| None)
        } else {
            Ok(None)
        };
    };
    let wrapped = is_wrapped.then_some(WrappedFor { role });
    Ok(Some(SecretId { credential: found.take()?, wrapped }))
}

fn kubernetes_jwt(layers: &Layers<'_>) -> Result<Credential, Error> {
    let said = layers.path(&schema::KUBERNETES_TOKEN_FILE)?;
    let named_by = said.as_ref().map_or_else(|| "the default".to_owned(), |s| s.origin.to_string());
    let path = said.map_or_else(|| PathBuf::from(KUBERNETES_TOKEN), |setting| setting.value);
    let origin = format!("`{}`", path.display());
    credential::read(&JWT, &path, &named_by, origin, layers.timeout())
}

/// The settings that name a file with a credential.
pub(super) static CREDENTIAL_FILES: [&SettingKey; 7] = [
    &TOKEN_FILE,
    &schema::ROLE_ID_FILE,
    &schema::SECRET_ID_FILE,
    &schema::JWT_FILE,
    &schema::KUBERNETES_TOKEN_FILE,
    &schema::PASSWORD_FILE,
    &schema::CLIENT_KEY,
];
