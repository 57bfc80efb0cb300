//! Requests to a vault: the value of a secret, the names of secrets, and what a refusal says.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::error::Error;
use super::login::{Login, LoginContext};
use super::vault::{SecretRef, is_below, parse_id};
use crate::config::Environment;
use crate::http::{Request, Response};
use crate::provider::SecretText;
use crate::provider::cloud_secrets::{Found, SecretApi};
use crate::provider::identity::{Refusal, TokenApi};
use crate::secret::ObjectAddress;

/// The version of the API, which all clouds have.
const VERSION: &str = "7.4";
/// How many secrets a page of a list has at most: as many as the API allows.
const PAGE: &str = "25";

/// A session with a vault.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) tokens: TokenApi,
    pub(super) login: Login,
    /// The address of the vault.
    pub(super) vault: Url,
    /// The audience of its tokens.
    pub(super) audience: String,
    /// Whether a setting chose the audience, for a vault outside Azure's domains.
    pub(super) is_audience_chosen: bool,
    pub(super) environment: Environment,
    pub(super) timeout: std::time::Duration,
    pub(super) disk_free: bool,
}

#[derive(Deserialize)]
struct Bundle {
    id: String,
    value: Option<SecretText>,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    value: Vec<Item>,
    next_link: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    managed: bool,
}

/// The times are seconds since 1970.
#[derive(Default, Deserialize)]
struct Attributes {
    enabled: Option<bool>,
    #[serde(rename = "nbf")]
    not_before: Option<u64>,
    #[serde(rename = "exp")]
    expires: Option<u64>,
}

impl Attributes {
    /// Why a secret is not to be used now, if it is not.
    fn fault(&self) -> Option<&'static str> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        match self {
            Self { enabled: Some(false), .. } => Some("is disabled"),
            Self { expires: Some(end), .. } if *end <= now => Some("has expired"),
            Self { not_before: Some(start), .. } if *start > now => Some("is not valid yet"),
            _ => None,
        }
    }
}

impl SecretApi for Api {
    type Secret = SecretRef;
    type Error = Error;

    fn id(secret: &SecretRef) -> &str {
        &secret.name
    }

    fn current(id: &str) -> SecretRef {
        SecretRef { name: id.to_owned(), version: None }
    }

    fn referred(address: &ObjectAddress) -> Option<SecretRef> {
        SecretRef::new(&address.path, address.version.as_deref())
    }

    fn nothing(place: String) -> Error {
        Error::Nothing { place }
    }

    fn bad_reference(text: String) -> Error {
        Error::BadReference { text }
    }

    async fn access(&self, secret: &SecretRef) -> Result<Found, Error> {
        let what = || match &secret.version {
            None => format!("the secret `{}`", secret.name),
            Some(version) => format!("version {version} of the secret `{}`", secret.name),
        };
        let bad = || Error::BadAnswer { what: what() };
        let path = ["secrets", &secret.name, secret.version.as_deref().unwrap_or_default()];
        let path = if secret.version.is_some() { &path[..] } else { &path[..2] };
        let url = self.url(path, &[]).ok_or_else(bad)?;
        let bundle: Bundle = self.get(&url, &what).await?;
        let (name, version) = parse_id(&bundle.id).ok_or_else(bad)?;
        let SecretText(value) = bundle.value.ok_or_else(bad)?;
        if !secret.is_same_secret(&name) {
            return Err(bad());
        }
        let note = bundle.attributes.fault();
        Ok(Found { value, version: version.unwrap_or_default(), note })
    }

    async fn list(&self, notes: &mut Vec<String>) -> Result<Vec<String>, Error> {
        let what = || "the list of secrets".to_owned();
        let bad = || Error::BadAnswer { what: what() };
        let mut names = Vec::new();
        let mut next = Some(self.url(&["secrets"], &[("maxresults", PAGE)]).ok_or_else(bad)?);
        while let Some(url) = next.take() {
            let page: Page = self.get(&url, &what).await?;
            for Item { id, attributes, managed } in page.value {
                let (name, _) = parse_id(&id).ok_or_else(bad)?;
                let fault = attributes.fault().or(managed.then_some("belongs to a certificate"));
                match fault {
                    Some(fault) => {
                        notes.push(format!("the secret `{name}` {fault}, and is left out"));
                    }
                    None => names.push(name),
                }
            }
            if let Some(link) = page.next_link.filter(|link| !link.is_empty()) {
                let link = Url::parse(&link).ok();
                // The token goes to the vault alone; a page that repeats would never end.
                let is_next = |link: &Url| link.origin() == self.vault.origin() && *link != url;
                next = Some(link.filter(is_next).ok_or_else(bad)?);
            }
        }
        names.sort();
        Ok(names)
    }
}

impl Api {
    /// Logs in, unless that was done.
    pub(super) async fn log_in(&self) -> Result<(), Error> {
        let log_in = async || self.login.access_token(self.login_context()).await.map(Into::into);
        self.tokens.session.token(None, log_in).await.map(drop)
    }

    fn login_context(&self) -> LoginContext<'_> {
        LoginContext {
            http: &self.tokens.http,
            environment: &self.environment,
            audience: &self.audience,
            timeout: self.timeout,
            disk_free: self.disk_free,
        }
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Option<Url> {
        let mut url = self.vault.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend(path);
        url.query_pairs_mut().append_pair("api-version", VERSION).extend_pairs(query);
        Some(url)
    }

    /// Sends a GET request and reads its answer.
    async fn get<T: DeserializeOwned>(
        &self,
        url: &Url,
        what: &dyn Fn() -> String,
    ) -> Result<T, Error> {
        let log_in = async || self.login.access_token(self.login_context()).await;
        let response = self.tokens.send(&Request::get(url), log_in).await?;
        if response.status == 401 {
            self.check_challenge(&response)?;
        }
        if response.status != 200 {
            let refusal = Refusal::read(&response, &[]);
            return Err(Error::Refused { what: what(), refusal });
        }
        // The words of the JSON library are not used: they quote values.
        serde_json::from_slice(&response.body).map_err(|_| Error::BadAnswer { what: what() })
    }

    /// Explains a rejected token by what the vault asks for: `Bearer authorization="https://HOST/TENANT",
    /// resource="https://vault.azure.net"`.
    fn check_challenge(&self, response: &Response) -> Result<(), Error> {
        let challenge = response.header("www-authenticate").unwrap_or_default();
        let field = |names: &[&str]| {
            let fields = challenge.split_once(' ').map_or("", |(_, fields)| fields).split(',');
            fields.filter_map(|field| field.trim().split_once('=')).find_map(|(name, value)| {
                names.contains(&name).then(|| value.trim_matches('"').to_owned())
            })
        };
        let printable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if let Some(resource) = field(&["resource", "scope"]).filter(|text| printable(text)) {
            let host = self.vault.host_str().unwrap_or_default();
            let domain = Url::parse(&resource).ok();
            let domain = domain.as_ref().and_then(Url::host_str).unwrap_or_default();
            if !self.is_audience_chosen && !is_below(host, domain) {
                return Err(Error::Audience { resource });
            }
        }
        let authority =
            field(&["authorization", "authorization_uri"]).and_then(|text| Url::parse(&text).ok());
        let tenant = authority.as_ref().and_then(|url| url.path_segments()?.next());
        match tenant.filter(|tenant| !tenant.is_empty() && printable(tenant)) {
            Some(tenant) => Err(Error::Tenant { tenant: tenant.to_owned() }),
            None => Ok(()),
        }
    }
}
