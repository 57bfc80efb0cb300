//! Obtains an access token with the credentials that were found.

use std::time::{Duration, SystemTime};

use serde_json::json;

use super::credentials::{Credentials, Identity, Impersonation, User};
use super::error::Error;
use crate::http::{self, Bearer, Client, Request};
use crate::provider::identity::google::CLOUD_PLATFORM;
use crate::provider::identity::{self, AccessToken, TokenRequest};
use crate::secret::Value;

/// The scope of a token that only impersonates a service account, as Google's own libraries request it.
const IAM: &str = "https://www.googleapis.com/auth/iam";

/// How long the token of an impersonated service account is valid.
const LIFETIME: Duration = Duration::from_hours(1);

impl Credentials {
    /// Logs in. A service account needs no request for that.
    pub(super) async fn access_token(&self, http: &Client) -> Result<AccessToken, Error> {
        let token = match &self.base {
            Identity::ServiceAccount(key) => key.access_token(SystemTime::now())?,
            Identity::User(user) => user.access_token(http).await?,
            Identity::Federation(federation) => {
                // To impersonate takes less than to read secrets.
                let scope = if self.impersonation.is_some() { IAM } else { CLOUD_PLATFORM };
                federation.access_token(http, scope).await?
            }
            Identity::Metadata(server) => server.access_token(http).await?,
        };
        match &self.impersonation {
            Some(impersonation) => impersonation.access_token(http, &token.value).await,
            None => Ok(token),
        }
    }
}

impl User {
    async fn access_token(&self, http: &Client) -> Result<AccessToken, Error> {
        let secret = self.client_secret.expose_str().unwrap_or_default();
        let refresh_token = self.refresh_token.expose_str().unwrap_or_default();
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.client_id),
            ("client_secret", secret),
            ("refresh_token", refresh_token),
        ];
        let service = "the token service of Google";
        let request = TokenRequest { service, url: &self.token_url, form: &form };
        Ok(request.send(http).await?)
    }
}

impl Impersonation {
    async fn access_token(&self, http: &Client, token: &Value) -> Result<AccessToken, Error> {
        let service = "the service account credentials API of Google Cloud";
        let transport =
            |source: http::Error| identity::Error::Transport { service, source: Box::new(source) };
        let body = json!({
            "scope": [CLOUD_PLATFORM],
            "lifetime": format!("{}s", LIFETIME.as_secs()),
            "delegates": self.delegates,
        });
        let request = Request::post(&self.url, &Value::from(body.to_string())).repeatable();
        let request = request.authorized(&Bearer(token)).map_err(transport)?;
        let token = identity::oauth::send(http, service, &request, &[]).await?;
        Ok(AccessToken { lifetime: Some(LIFETIME), ..token })
    }
}
