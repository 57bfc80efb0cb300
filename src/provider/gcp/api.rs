//! Requests to Google Secret Manager: the value of a version, the names of secrets, and what a refusal says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use url::Url;

use super::crc32c::crc32c;
use super::credentials::{Credentials, Identity};
use super::error::Error;
use super::name::SecretRef;
use crate::http::{FieldValue, Request};
use crate::provider::SecretText;
use crate::provider::cloud_secrets::{Found, SecretApi};
use crate::provider::identity::{Refusal, TokenApi};
use crate::secret::{ObjectAddress, Value};

/// How many secrets a page of a list has at most: as many as the API allows.
const PAGE: &str = "25000";

/// A session with Google Secret Manager.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) tokens: TokenApi,
    pub(super) credentials: Credentials,
    pub(super) endpoint: Endpoint,
    /// The project, if a setting names it.
    pub(super) project: Option<String>,
    /// The project of the machine, when it is known.
    pub(super) machine_project: OnceCell<String>,
    pub(super) quota_project: Option<String>,
    pub(super) newest_enabled: bool,
    /// The filter of lists.
    pub(super) filter: Option<String>,
}

/// The address of the service.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    /// The one that is configured, in place of the public one.
    pub(super) custom: Option<Url>,
    pub(super) universe: String,
    /// The location of regional secrets.
    pub(super) location: Option<String>,
}

impl Endpoint {
    /// The address for secrets of a location, or for those of all locations.
    pub(super) fn url(&self, location: Option<&str>) -> Option<Url> {
        if let Some(url) = &self.custom {
            return Some(url.clone());
        }
        let universe = &self.universe;
        Url::parse(&match location {
            None => format!("https://secretmanager.{universe}/"),
            Some(location) => format!("https://secretmanager.{location}.rep.{universe}/"),
        })
        .ok()
    }
}

#[derive(Deserialize)]
struct Access {
    name: String,
    payload: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    /// Absent if the value is empty.
    data: Option<SecretText>,
    data_crc32c: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    secrets: Vec<Named>,
    #[serde(default)]
    versions: Vec<Named>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl SecretApi for Api {
    type Secret = SecretRef;
    type Error = Error;

    fn id(secret: &SecretRef) -> &str {
        &secret.id
    }

    fn place(secret: &SecretRef) -> String {
        match &secret.project {
            None => secret.id.clone(),
            Some(project) => format!("{project}/{}", secret.id),
        }
    }

    fn current(id: &str) -> SecretRef {
        SecretRef { project: None, location: None, id: id.to_owned(), version: None }
    }

    fn referred(address: &ObjectAddress) -> Option<SecretRef> {
        SecretRef::from_path(&address.path, address.version.as_deref())
    }

    fn nothing(place: String) -> Error {
        Error::Nothing { place }
    }

    fn bad_reference(text: String) -> Error {
        Error::BadReference { text }
    }

    async fn list(&self, _: &mut Vec<String>) -> Result<Vec<String>, Error> {
        self.ids(self.filter.as_deref()).await
    }

    async fn access(&self, secret: &SecretRef) -> Result<Found, Error> {
        let version = secret.version.as_deref().unwrap_or("latest");
        match self.access_version(secret, version).await {
            Err(Error::Refused { refusal, .. })
                if refusal.code == "FAILED_PRECONDITION"
                    && secret.version.is_none()
                    && self.newest_enabled =>
            {
                let what = format!("the secret `{}`", secret.id);
                let version = self.newest_enabled(secret).await?;
                let version = version.ok_or(Error::Refused { what, refusal })?;
                self.access_version(secret, &version).await
            }
            result => result,
        }
    }
}

impl Api {
    async fn access_version(&self, secret: &SecretRef, version: &str) -> Result<Found, Error> {
        let what = || match &secret.version {
            None => format!("the secret `{}`", secret.id),
            Some(version) => format!("version {version} of the secret `{}`", secret.id),
        };
        let url = self.url(secret, &["versions", &format!("{version}:access")]).await?;
        for is_last in [false, true] {
            let Access { name, payload } = self.get(&url, &what).await?;
            let data = payload.data.map(|text| STANDARD.decode(text.0.expose())).transpose();
            let bytes = data.map_err(|_quotes_bytes| Error::BadAnswer { what: what() })?;
            let value = Value::new(bytes.unwrap_or_default());
            let sum = payload.data_crc32c.map(|text| text.parse::<u32>());
            if sum.is_none_or(|sum| sum == Ok(crc32c(value.expose()))) {
                let version = name.rsplit('/').next().unwrap_or_default();
                let version = version.chars().filter(char::is_ascii_alphanumeric).collect();
                return Ok(Found { value, version, note: None });
            }
            if is_last {
                break;
            }
        }
        Err(Error::Damaged { name: secret.id.clone() })
    }

    /// The newest version that is enabled, if there is one.
    async fn newest_enabled(&self, secret: &SecretRef) -> Result<Option<String>, Error> {
        let mut url = self.url(secret, &["versions"]).await?;
        url.query_pairs_mut().append_pair("filter", "state:ENABLED").append_pair("pageSize", "1");
        let page: Page = self.get(&url, &|| format!("the versions of `{}`", secret.id)).await?;
        let number = |named: Named| Some(named.name.rsplit('/').next()?.to_owned());
        Ok(page.versions.into_iter().find_map(number))
    }

    /// The IDs of all secrets of the project, or of those that a filter of Google matches, in alphabetical order.
    async fn ids(&self, filter: Option<&str>) -> Result<Vec<String>, Error> {
        let any = Self::current("");
        let mut ids = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut url = self.url(&any, &[]).await?;
            url.query_pairs_mut()
                .append_pair("pageSize", PAGE)
                .extend_pairs(filter.map(|filter| ("filter", filter)))
                .extend_pairs(token.as_deref().map(|token| ("pageToken", token)));
            let what = || "the list of secrets".to_owned();
            let page: Page = self.get(&url, &what).await?;
            for Named { name } in page.secrets {
                let id = SecretRef::from_path(&name, None).map(|secret| secret.id);
                ids.push(id.ok_or_else(|| Error::BadAnswer { what: what() })?);
            }
            match page.next_page_token.filter(|next| !next.is_empty()) {
                // A token that repeats would never end.
                Some(next) if token.as_ref() == Some(&next) => {
                    return Err(Error::BadAnswer { what: what() });
                }
                Some(next) => token = Some(next),
                None => break,
            }
        }
        ids.sort();
        Ok(ids)
    }

    /// The project: that of the settings, of the environment, of the credentials, of gcloud, or of the machine.
    pub(super) async fn project(&self) -> Result<&str, Error> {
        if let Some(project) = &self.project {
            return Ok(project);
        }
        let Identity::Metadata(server) = &self.credentials.base else {
            return Err(Error::NoProject);
        };
        let ask = || async { server.project(&self.tokens.http).await };
        Ok(self.machine_project.get_or_try_init(ask).await?)
    }

    /// The address of something of a secret; without an ID, of the list of secrets.
    async fn url(&self, secret: &SecretRef, below: &[&str]) -> Result<Url, Error> {
        let project = match &secret.project {
            Some(project) => project,
            None => self.project().await?,
        };
        let location = secret.location.as_deref();
        // A project of its own may have its secrets elsewhere.
        let location = location.or(self.endpoint.location.as_deref());
        let url = self.endpoint.url(location);
        let mut url = url.ok_or_else(|| Error::BadAnswer { what: "the endpoint".to_owned() })?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["v1", "projects", project]);
            path.extend(location.into_iter().flat_map(|location| ["locations", location]));
            path.push("secrets");
            path.extend(Some(&secret.id).filter(|id| !id.is_empty())).extend(below);
        }
        Ok(url)
    }

    /// Sends a GET request and reads its answer.
    async fn get<T: DeserializeOwned>(
        &self,
        url: &Url,
        what: &dyn Fn() -> String,
    ) -> Result<T, Error> {
        let mut request = Request::get(url);
        if let Some(project) = &self.quota_project {
            let field = FieldValue::Public(project.clone());
            request = request.with_field("x-goog-user-project", field);
        }
        let log_in = async || self.credentials.access_token(&self.tokens.http).await;
        let response = self.tokens.send(&request, log_in).await?;
        if response.status != 200 {
            let refusal = Refusal::read(&response, &[]);
            return Err(Error::Refused { what: what(), refusal });
        }
        // The words of the JSON library are not used: they quote values.
        serde_json::from_slice(&response.body).map_err(|_| Error::BadAnswer { what: what() })
    }

    /// Logs in, unless that was done.
    pub(super) async fn log_in(&self) -> Result<(), Error> {
        let log_in =
            async || self.credentials.access_token(&self.tokens.http).await.map(Into::into);
        self.tokens.session.token(None, log_in).await.map(drop)
    }
}
