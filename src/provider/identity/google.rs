//! Identities of Google Cloud: service account keys, and the metadata server of a machine.

use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Value as Json, json};
use url::Url;

use super::error::Error;
use super::jwt::{Algorithm, SigningKey, unix_seconds};
use super::metadata::MetadataService;
use super::oauth::{AccessToken, access_token};
use crate::config::Environment;
use crate::http::{Client, FieldValue, Request, Response};
use crate::provider::SecretText;
use crate::secret::Value;

/// The scope of an access token for all APIs of Google Cloud. What the identity may do there, IAM decides.
pub(crate) const CLOUD_PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";

/// The universe of public Google Cloud: the domain that its hosts end in.
pub(crate) const PUBLIC_UNIVERSE: &str = "googleapis.com";

/// How long a token that is signed here is valid: the longest time that Google accepts.
const LIFETIME: Duration = Duration::from_hours(1);

/// The key of a service account, from a credential file of type `service_account`.
#[derive(Clone, Debug)]
pub(crate) struct ServiceAccountKey {
    /// The email address of the service account.
    pub(crate) email: String,
    /// The project that the service account belongs to.
    pub(crate) project: Option<String>,
    /// The private key, in PEM.
    pub(crate) private_key: Value,
    key_id: Option<String>,
}

#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    private_key: SecretText,
    private_key_id: Option<String>,
    project_id: Option<String>,
}

impl ServiceAccountKey {
    /// Reads a credential file; `None` if it is no service account key.
    pub(crate) fn parse(json: &Value) -> Option<Self> {
        // The words of the JSON library are not used: they quote values.
        let file: KeyFile = serde_json::from_slice(json.expose()).ok()?;
        Some(Self {
            email: file.client_email,
            project: file.project_id,
            private_key: file.private_key.0,
            key_id: file.private_key_id,
        })
    }

    /// Signs a JWT with these claims, valid from now on for an hour.
    pub(crate) fn sign(&self, claims: &Json, now: SystemTime) -> Result<Value, Error> {
        let failed = || Error::Key { place: format!("the service account {}", self.email) };
        let mut claims = claims.clone();
        claims["iat"] = unix_seconds(now).into();
        claims["exp"] = unix_seconds(now + LIFETIME).into();
        let header = self.key_id.as_ref().map_or_else(|| json!({}), |id| json!({ "kid": id }));
        let key = SigningKey::from_pem(&self.private_key).ok_or_else(failed)?;
        key.sign(Algorithm::Rs256, &header, &claims).ok_or_else(failed)
    }

    /// A token for the APIs of Google Cloud, without a request: a JWT that they accept like an access token
    /// (AIP-4111).
    pub(crate) fn access_token(&self, now: SystemTime) -> Result<AccessToken, Error> {
        let claims = json!({ "iss": self.email, "sub": self.email, "scope": CLOUD_PLATFORM });
        Ok(AccessToken { value: self.sign(&claims, now)?, lifetime: Some(LIFETIME) })
    }
}

/// The metadata server of a machine in Google Cloud.
#[derive(Clone, Debug)]
pub(crate) struct MetadataServer {
    base: Url,
}

const METADATA: MetadataService = MetadataService {
    name: "the metadata server of Google Cloud",
    timeout: Duration::from_secs(3),
    // On GKE, the first seconds of a pod are answered with 404.
    is_starting: |status| matches!(status, 404 | 408 | 429 | 500..),
    hint: "outside Google Cloud, set GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`; \
           inside, check that the machine or the pod has a service account",
};

impl MetadataServer {
    /// The server that the environment names, or the usual one; none where `NO_GCE_CHECK` says that there is none.
    pub(crate) fn from_environment(environment: &Environment) -> Result<Option<Self>, Error> {
        let text = |name: &str| environment.text(name).and_then(|text| text.to_str());
        if text("NO_GCE_CHECK") == Some("true") {
            return Ok(None);
        }
        let variable = ["GCE_METADATA_HOST", "GCE_METADATA_ROOT"];
        let set = variable.into_iter().find_map(|name| Some((name, text(name)?)));
        let (variable, host) = set.unwrap_or((variable[0], "metadata.google.internal"));
        let base = Url::parse(&format!("http://{host}/computeMetadata/v1/")).ok();
        let base = base.filter(|url| url.has_host() && url.path() == "/computeMetadata/v1/");
        Ok(Some(Self { base: base.ok_or(Error::Endpoint { variable })? }))
    }

    /// Its address, for [`crate::http::Options::plain_http_origins`].
    pub(crate) fn url(&self) -> &Url {
        &self.base
    }

    /// An access token of the machine's service account.
    pub(crate) async fn access_token(&self, http: &Client) -> Result<AccessToken, Error> {
        let path = "instance/service-accounts/default/token";
        let response = self.get(http, path, &[("scopes", CLOUD_PLATFORM)]).await?;
        access_token(&response).ok_or_else(|| METADATA.not_understood())
    }

    /// An ID token of the machine's service account, for this audience, with the instance's details: a JWT that
    /// Google signs.
    pub(crate) async fn id_token(&self, http: &Client, audience: &str) -> Result<Value, Error> {
        let path = "instance/service-accounts/default/identity";
        let query = [("audience", audience), ("format", "full")];
        let response = self.get(http, path, &query).await?;
        let token = response.body.trim_ascii();
        let dots = memchr::memchr_iter(b'.', token).count();
        let is_jwt = dots == 2 && token.iter().all(u8::is_ascii_graphic);
        is_jwt.then(|| Value::from(token)).ok_or_else(|| METADATA.not_understood())
    }

    /// The ID of the machine's project.
    pub(crate) async fn project(&self, http: &Client) -> Result<String, Error> {
        let response = self.get(http, "project/project-id", &[]).await?;
        let text = std::str::from_utf8(&response.body).ok().map(str::trim);
        let is_id = |text: &&str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-.:".contains(c))
        };
        text.filter(is_id).map(str::to_owned).ok_or_else(|| METADATA.not_understood())
    }

    async fn get(
        &self,
        http: &Client,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Response, Error> {
        let mut url = self.base.join(path).map_err(|_| METADATA.not_understood())?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let flavor = FieldValue::Public("Google".to_owned());
        let request = Request::get(&url).with_field("metadata-flavor", flavor);
        let response = METADATA.send(http, &request).await?;
        // Another server at this address must not choose who we are.
        match response.header("metadata-flavor") {
            Some("Google") => Ok(response),
            _ => Err(METADATA.not_understood()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::jwt::TEST_KEY;
    use super::*;

    #[test]
    fn the_environment_selects_the_metadata_server() {
        for (variables, want) in [
            (vec![], Some("http://metadata.google.internal/computeMetadata/v1/")),
            (
                vec![("GCE_METADATA_HOST", "127.0.0.1:1")],
                Some("http://127.0.0.1:1/computeMetadata/v1/"),
            ),
            (
                vec![("GCE_METADATA_ROOT", "a"), ("GCE_METADATA_HOST", "")],
                Some("http://a/computeMetadata/v1/"),
            ),
            (vec![("NO_GCE_CHECK", "true")], None),
        ] {
            let environment: Environment = variables.into_iter().collect();
            let server = MetadataServer::from_environment(&environment).unwrap();
            assert_eq!(server.as_ref().map(|server| server.url().as_str()), want);
        }
        for host in ["a b", "evil.example/?", "a/b"] {
            let environment: Environment = [("GCE_METADATA_HOST", host)].into_iter().collect();
            assert!(MetadataServer::from_environment(&environment).is_err(), "{host}");
        }
    }

    #[test]
    fn a_service_account_key_signs_and_an_unusable_one_is_named() {
        let key = |pem: &str| {
            let file = json!({ "type": "service_account", "client_email": "a@p.iam", "private_key": pem,
                "private_key_id": "k1", "project_id": "p", "token_uri": "https://x" });
            ServiceAccountKey::parse(&Value::from(file.to_string())).unwrap()
        };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let token = key(TEST_KEY).access_token(now).unwrap();
        assert_eq!(token.value.expose_str().unwrap().split('.').count(), 3);
        let error = key("canary").access_token(now).unwrap_err().to_string();
        assert!(error.contains("a@p.iam") && !error.contains("canary"), "{error}");
        assert!(ServiceAccountKey::parse(&Value::from("{\"type\":\"x\"}")).is_none());
    }
}
