//! OAuth 2.0 token requests (RFC 6749, 4.4 and 5; RFC 7523; RFC 8693).

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::error::{Error, Refusal};
use crate::http::{Client, Request, RequestBody, Response};
use crate::provider::{self, SecretText};
use crate::secret::Value;

/// The media type of a token request.
const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of a token request that are secret.
const SECRET_FIELDS: [&str; 5] =
    ["assertion", "client_assertion", "client_secret", "refresh_token", "subject_token"];

/// An access token.
#[derive(Clone, Debug)]
pub(crate) struct AccessToken {
    /// The token.
    pub(crate) value: Value,
    /// How long it is valid, if that is known.
    pub(crate) lifetime: Option<Duration>,
}

impl From<AccessToken> for provider::Token {
    fn from(AccessToken { value, lifetime }: AccessToken) -> Self {
        Self { value, lifetime, is_new: true }
    }
}

/// A request to a token endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenRequest<'a> {
    /// The name of the service in messages, such as `Microsoft Entra ID`.
    pub(crate) service: &'static str,
    /// The token endpoint.
    pub(crate) url: &'a Url,
    /// The fields of the form.
    pub(crate) form: &'a [(&'a str, &'a str)],
}

impl TokenRequest<'_> {
    /// Requests a token.
    pub(crate) async fn send(&self, http: &Client) -> Result<AccessToken, Error> {
        let service = self.service;
        let mut form = url::form_urlencoded::Serializer::new(String::with_capacity(16 << 10));
        let bytes = Value::from(form.extend_pairs(self.form).finish());
        let body = RequestBody { content_type: FORM, bytes };
        // A token that nobody receives does no harm.
        let request = Request::post_body(self.url, body).repeatable();
        let secrets = self.form.iter().filter(|(name, _)| SECRET_FIELDS.contains(name));
        let secrets: Vec<_> = secrets.map(|(_, value)| *value).collect();
        send(http, service, &request, &secrets).await
    }
}

/// Sends a request whose answer is a token.
pub(crate) async fn send(
    http: &Client,
    service: &'static str,
    request: &Request,
    secrets: &[&str],
) -> Result<AccessToken, Error> {
    let response = http.send(request).await;
    let response =
        response.map_err(|source| Error::Transport { service, source: Box::new(source) })?;
    if response.status != 200 {
        return Err(Error::Refused { service, refusal: Refusal::read(&response, secrets) });
    }
    access_token(&response).ok_or(Error::NotUnderstood { service })
}

/// The answer of a token endpoint, or of the service that impersonates service accounts of Google.
#[derive(Deserialize)]
struct Answer {
    #[serde(alias = "accessToken")]
    access_token: SecretText,
    /// Seconds: a number, or a string with one.
    expires_in: Option<serde_json::Value>,
}

/// Reads the answer of a token endpoint.
pub(super) fn access_token(response: &Response) -> Option<AccessToken> {
    parse_token(&response.body)
}

/// Reads a token with its lifetime in a JSON object.
pub(crate) fn parse_token(json: &[u8]) -> Option<AccessToken> {
    let answer: Answer = serde_json::from_slice(json).ok()?;
    let value = answer.access_token.0;
    let is_usable = !value.is_empty() && value.expose().iter().all(u8::is_ascii_graphic);
    let seconds = answer.expires_in.and_then(|time| match time {
        serde_json::Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    });
    is_usable.then_some(AccessToken { value, lifetime: seconds.map(Duration::from_secs) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_with_its_lifetime() {
        for (body, want) in [
            (r#"{"access_token":"canary","expires_in":3599}"#, Some(Some(3599))),
            (r#"{"access_token":"canary","expires_in":"3599"}"#, Some(Some(3599))),
            (r#"{"access_token":"canary","expires_on":"1"}"#, Some(None)),
            (r#"{"accessToken":"canary","expireTime":"2030-01-01T00:00:00Z"}"#, Some(None)),
            (r#"{"access_token":""}"#, None),
            (r#"{"access_token":"a\nb"}"#, None),
            (r#"{"access_token":1}"#, None),
            ("<html>", None),
        ] {
            let token = access_token(&Response::of(200, "", body));
            let lifetime = token.map(|token| token.lifetime.map(|time| time.as_secs()));
            assert_eq!(lifetime, want, "{body}");
        }
    }
}
