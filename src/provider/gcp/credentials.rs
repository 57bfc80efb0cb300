//! Application Default Credentials: finds the credential file, or the metadata server, and reads what it says. No
//! request is sent here.
//!
//! ```text
//! ID token of a CI job  >  credentials-file, systemd credential  >  GOOGLE_APPLICATION_CREDENTIALS
//!     >  file of gcloud  >  metadata server
//! ```

use std::path::{Path, PathBuf};

use serde::Deserialize;
use url::Url;

use super::error::Error;
use super::federation::Federation;
use crate::config::{Credential, Environment};
use crate::provider::SecretText;
use crate::provider::identity::google::{MetadataServer, PUBLIC_UNIVERSE, ServiceAccountKey};
use crate::provider::identity::id_token::IdToken;
use crate::provider::identity::is_local;
use crate::seal::private_file;
use crate::secret::Value;

/// The variable that names the credential file.
const VARIABLE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
/// The name of the file that gcloud writes, in its directory.
const WELL_KNOWN: &str = "application_default_credentials.json";
/// The largest credential file, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// Who logs in, and how.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    /// The identity that is there.
    pub(super) base: Identity,
    /// The service account that it acts as, if it does.
    pub(super) impersonation: Option<Impersonation>,
    /// Where the identity comes from, for messages.
    pub(super) place: String,
    /// The project that it belongs to, if the file names one.
    pub(super) project: Option<String>,
    /// The project that is billed, if the file names one.
    pub(super) quota_project: Option<String>,
}

/// An identity.
#[derive(Clone, Debug)]
pub(super) enum Identity {
    /// A service account, by its key.
    ServiceAccount(ServiceAccountKey),
    /// A person who logged in with gcloud.
    User(User),
    /// Another identity provider: workload identity federation.
    Federation(Box<Federation>),
    /// The service account of the machine.
    Metadata(MetadataServer),
}

/// A person's refresh token.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) client_id: String,
    pub(super) client_secret: Value,
    pub(super) refresh_token: Value,
    /// The token endpoint.
    pub(super) token_url: Url,
}

/// A service account that an identity acts as.
#[derive(Clone, Debug)]
pub(super) struct Impersonation {
    /// The address of `generateAccessToken` for the service account.
    pub(super) url: Url,
    /// The service accounts in between.
    pub(super) delegates: Vec<String>,
}

impl Impersonation {
    /// The email address of the service account.
    pub(super) fn email(&self) -> &str {
        let last = self.url.path_segments().and_then(|mut segments| segments.next_back());
        last.and_then(|last| last.split(':').next()).unwrap_or_default()
    }
}

/// What all types of credential files may have.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
    quota_project_id: Option<String>,
    universe_domain: Option<String>,
    service_account_impersonation_url: Option<String>,
    #[serde(default)]
    delegates: Vec<String>,
}

#[derive(Deserialize)]
struct UserFile {
    client_id: String,
    client_secret: SecretText,
    refresh_token: SecretText,
    token_uri: Option<String>,
}

/// A file that lends the identity of another one.
#[derive(Deserialize)]
struct ImpersonatedFile<'a> {
    #[serde(borrow)]
    source_credentials: &'a serde_json::value::RawValue,
}

/// Where credentials may be.
#[derive(Clone, Debug)]
pub(super) struct Lookup<'a> {
    /// The login with the ID token of a CI job.
    pub(super) of_job: Option<&'a Credentials>,
    /// What hushed's own settings or systemd name.
    pub(super) own: Option<&'a Credential>,
    /// The inherited environment.
    pub(super) environment: &'a Environment,
    /// The domain that the hosts of the cloud end in.
    pub(super) universe: &'a str,
}

impl Lookup<'_> {
    /// Finds the credentials. A file that is there and cannot be used is an error, and never passed over.
    pub(super) fn find(&self) -> Result<Credentials, Error> {
        if let Some(of_job) = self.of_job {
            return Ok(of_job.clone());
        }
        if let Some(Credential { value, origin, .. }) = self.own {
            return self.parse(value, origin);
        }
        if let Some(path) = self.environment.text(VARIABLE) {
            let path = PathBuf::from(path);
            let value = read(&path)?.ok_or_else(|| missing(&path))?;
            return self.parse(&value, &format!("`{}` ({VARIABLE})", path.display()));
        }
        if let Some(path) = gcloud_directory(self.environment).map(|path| path.join(WELL_KNOWN))
            && let Some(value) = read(&path)?
        {
            return self.parse(&value, &format!("`{}`", path.display()));
        }
        let server = MetadataServer::from_environment(self.environment)?;
        let server = server.ok_or(Error::NoCredentials)?;
        Ok(Credentials {
            place: format!("the metadata server {}", server.url().origin().ascii_serialization()),
            base: Identity::Metadata(server),
            impersonation: None,
            project: None,
            quota_project: None,
        })
    }

    fn parse(&self, json: &Value, place: &str) -> Result<Credentials, Error> {
        let failed = |problem: String| Error::Credentials { place: place.to_owned(), problem };
        // The words of the JSON library are not used: they quote values.
        let head: Head = serde_json::from_slice(json.expose())
            .map_err(|_| failed("not a JSON object with a `type`".to_owned()))?;
        let universe = head.universe_domain.as_deref().unwrap_or(PUBLIC_UNIVERSE);
        if universe != self.universe {
            return Err(failed(format!(
                "they are for the universe `{}`, not `{}`; set `universe-domain` or GOOGLE_CLOUD_UNIVERSE_DOMAIN",
                universe.escape_debug(),
                self.universe
            )));
        }
        let incomplete = || failed(format!("a key of the type `{}` is missing", head.kind));
        let impersonation = match &head.service_account_impersonation_url {
            None => None,
            Some(text) => Some(Impersonation {
                url: self.url(text, "service_account_impersonation_url", place)?,
                delegates: head.delegates.clone(),
            }),
        };
        let quota_project = head.quota_project_id.clone();
        let place = place.to_owned();
        let base = match head.kind.as_str() {
            "service_account" => {
                let key = ServiceAccountKey::parse(json).ok_or_else(incomplete)?;
                let project = key.project.clone();
                let base = Identity::ServiceAccount(key);
                return Ok(Credentials { base, impersonation, place, project, quota_project });
            }
            "authorized_user" => {
                let file: UserFile =
                    serde_json::from_slice(json.expose()).map_err(|_| incomplete())?;
                let url =
                    file.token_uri.as_deref().unwrap_or("https://oauth2.googleapis.com/token");
                Identity::User(User {
                    client_id: file.client_id,
                    client_secret: file.client_secret.0,
                    refresh_token: file.refresh_token.0,
                    token_url: self.url(url, "token_uri", &place)?,
                })
            }
            "external_account" => {
                let federation = Federation::parse(json, self, &place)?;
                Identity::Federation(Box::new(federation))
            }
            "impersonated_service_account" => {
                let file: ImpersonatedFile<'_> =
                    serde_json::from_slice(json.expose()).map_err(|_| incomplete())?;
                let source = Value::from(file.source_credentials.get());
                let source = self.parse(&source, &place)?;
                let impersonation = impersonation.ok_or_else(incomplete)?;
                if source.impersonation.is_some() {
                    return Err(failed("they impersonate twice; use `delegates`".to_owned()));
                }
                let quota_project = quota_project.or(source.quota_project);
                let impersonation = Some(impersonation);
                return Ok(Credentials { impersonation, quota_project, ..source });
            }
            other => {
                return Err(failed(format!(
                    "the type `{}` is not supported",
                    other.escape_debug()
                )));
            }
        };
        let project = None;
        Ok(Credentials { base, impersonation, place, project, quota_project })
    }

    /// An address in a credential file that gets a token: one of the cloud, or of this machine. A file that others
    /// wrote could name any.
    pub(super) fn url(&self, text: &str, key: &str, place: &str) -> Result<Url, Error> {
        let is_of_cloud = |url: &Url| {
            let host = url.host_str().unwrap_or_default();
            let below = host.strip_suffix(self.universe).is_some_and(|rest| rest.ends_with('.'));
            url.scheme() == "https" && below
        };
        let is_here = |url: &Url| matches!(url.scheme(), "http" | "https") && is_local(url);
        let url = Url::parse(text).ok().filter(|url| is_of_cloud(url) || is_here(url));
        url.ok_or_else(|| Error::Credentials {
            place: place.to_owned(),
            problem: format!("`{key}` is not an https address below {}", self.universe),
        })
    }
}

/// The directory of gcloud's configuration.
fn gcloud_directory(environment: &Environment) -> Option<PathBuf> {
    let own = environment.text("CLOUDSDK_CONFIG").map(PathBuf::from);
    own.or_else(|| Some(Path::new(environment.text("HOME")?).join(".config").join("gcloud")))
}

/// The project of gcloud's active configuration.
pub(super) fn gcloud_project(environment: &Environment) -> Option<String> {
    let directory = gcloud_directory(environment)?;
    let text = |path: &Path| Some(read(path).ok()??.expose_str()?.to_owned());
    let own = environment.text("CLOUDSDK_ACTIVE_CONFIG_NAME").and_then(|name| name.to_str());
    let name = own.map(str::to_owned).or_else(|| text(&directory.join("active_config")));
    let name = name.as_deref().unwrap_or("default").trim();
    if name.contains('/') {
        return None;
    }
    let file = text(&directory.join("configurations").join(format!("config_{name}")))?;
    let mut is_core = false;
    file.lines().find_map(|line| {
        let line = line.trim();
        if line.starts_with('[') {
            is_core = line == "[core]";
        }
        let (key, value) = line.split_once('=').filter(|_| is_core)?;
        (key.trim() == "project").then(|| value.trim().to_owned())
    })
}

/// Reads a regular file; `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<Value>, Error> {
    match private_file::read(path, MAX_SIZE) {
        Ok(file) => Ok(Some(file.bytes)),
        Err(private_file::Error::Missing { .. }) => Ok(None),
        Err(error) => Err(Error::Unreadable { path: path.to_owned(), source: error.into() }),
    }
}

/// A file that is named and does not exist.
pub(super) fn missing(path: &Path) -> Error {
    Error::Unreadable { path: path.to_owned(), source: std::io::ErrorKind::NotFound.into() }
}

impl Credentials {
    /// One line, such as `service account a@b of /run/key.json`.
    pub(super) fn describe(&self) -> String {
        let place = &self.place;
        let base = match &self.base {
            Identity::ServiceAccount(key) => format!("service account {} of {place}", key.email),
            Identity::User(_) => format!("user credentials of {place}"),
            Identity::Federation(_) => format!("workload identity federation of {place}"),
            Identity::Metadata(_) => format!("service account of the machine, from {place}"),
        };
        match &self.impersonation {
            Some(to) => format!("service account {}, impersonated with {base}", to.email()),
            None => base,
        }
    }

    /// The servers that a login talks to.
    pub(super) fn endpoints(&self) -> Vec<&Url> {
        let own = match &self.base {
            Identity::ServiceAccount(_) => Vec::new(),
            Identity::User(user) => vec![&user.token_url],
            Identity::Federation(federation) => federation.endpoints(),
            Identity::Metadata(server) => vec![server.url()],
        };
        own.into_iter().chain(self.impersonation.as_ref().map(|to| &to.url)).collect()
    }

    /// The endpoints of metadata services, which have plain http only.
    pub(super) fn metadata(&self) -> Vec<&Url> {
        match &self.base {
            Identity::Metadata(server) => vec![server.url()],
            Identity::Federation(federation) => federation.metadata().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The ID token of a CI job, if the login has one.
    pub(super) fn id_token(&self) -> Option<&IdToken> {
        if let Identity::Federation(federation) = &self.base { federation.id_token() } else { None }
    }

    /// The secret that proves the identity for years, if it is one.
    pub(super) fn long_lived(&self) -> Option<&Value> {
        match &self.base {
            Identity::ServiceAccount(key) => Some(&key.private_key),
            Identity::User(user) => Some(&user.refresh_token),
            _ => None,
        }
    }
}
