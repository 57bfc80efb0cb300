//! Workload identity federation: the token of another identity provider, from a file, an address or a CI job, is
//! exchanged for one of Google (RFC 8693; AIP-4117).

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::credentials::{Lookup, missing, read};
use super::error::Error;
use crate::http::{Client, Request};
use crate::provider::identity::id_token::IdToken;
use crate::provider::identity::{AccessToken, TokenRequest, is_local};
use crate::provider::shape::Members;
use crate::provider::{SecretText, identity};
use crate::secret::Value;

const SERVICE: &str = "the Security Token Service of Google Cloud";

/// The type of a subject token that is a JWT (RFC 8693, 3).
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// The settings of a credential file of type `external_account`, or those of a CI job.
#[derive(Clone, Debug)]
pub(super) struct Federation {
    audience: String,
    subject_token_type: String,
    token_url: Url,
    source: TokenSource,
    /// The key of the token in a JSON object; none if the token stands alone.
    field: Option<String>,
    /// Where the file is, for messages.
    place: String,
}

/// Where the token of the other identity provider is.
#[derive(Clone, Debug)]
enum TokenSource {
    File(PathBuf),
    Url { url: Url, headers: Vec<(String, Value)> },
    Job(IdToken),
}

#[derive(Deserialize)]
struct File<'a> {
    audience: String,
    subject_token_type: String,
    token_url: String,
    #[serde(borrow)]
    credential_source: Source<'a>,
}

#[derive(Deserialize)]
struct Source<'a> {
    file: Option<PathBuf>,
    url: Option<String>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    format: Option<Format>,
    environment_id: Option<String>,
    #[serde(borrow)]
    executable: Option<&'a RawValue>,
    #[serde(borrow)]
    certificate: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Format {
    #[serde(rename = "type")]
    kind: String,
    subject_token_field_name: Option<String>,
}

impl Federation {
    /// Reads a credential file.
    pub(super) fn parse(json: &Value, lookup: &Lookup<'_>, place: &str) -> Result<Self, Error> {
        let failed = |problem: &str| {
            let (place, problem) = (place.to_owned(), problem.to_owned());
            Error::Credentials { place, problem }
        };
        let file: File<'_> = serde_json::from_slice(json.expose())
            .map_err(|_| failed("a key of the type `external_account` is missing"))?;
        let source = file.credential_source;
        let field = match source.format {
            Some(Format { kind, subject_token_field_name }) if kind == "json" => {
                let field = subject_token_field_name;
                Some(field.ok_or_else(|| failed("`subject_token_field_name` is missing"))?)
            }
            Some(Format { kind, .. }) if kind != "text" => {
                return Err(failed("`format.type` must be `text` or `json`"));
            }
            _ => None,
        };
        let token_source = match (source.file, source.url) {
            _ if source.executable.is_some() => {
                return Err(failed("hushed runs no `executable` for a token; use `file` or `url`"));
            }
            _ if source.certificate.is_some() => {
                return Err(failed("a `certificate` as a token is not supported"));
            }
            _ if source.environment_id.is_some() => {
                return Err(failed(
                    "AWS as the identity provider is not supported; use `file` or `url`",
                ));
            }
            (Some(path), None) => TokenSource::File(path),
            (None, Some(text)) => {
                let is_safe = |url: &Url| {
                    url.scheme() == "https" || (url.scheme() == "http" && is_local(url))
                };
                let url = Url::parse(&text).ok().filter(is_safe);
                let url = url.ok_or_else(|| {
                    failed("`url` must be https, or http to a loopback or link-local address")
                })?;
                let headers = source.headers.map_or(Some(Vec::new()), headers);
                let headers = headers.ok_or_else(|| failed("`headers` must be texts"))?;
                TokenSource::Url { url, headers }
            }
            _ => return Err(failed("`credential_source` must have either `file` or `url`")),
        };
        Ok(Self {
            audience: file.audience,
            subject_token_type: file.subject_token_type,
            token_url: lookup.url(&file.token_url, "token_url", place)?,
            source: token_source,
            field,
            place: place.to_owned(),
        })
    }

    /// The login of a CI job with its ID token. `provider` is the resource name of the provider that trusts its
    /// issuer.
    pub(super) fn of_job(token: IdToken, provider: &str, token_url: Url) -> Self {
        Self {
            audience: format!("//iam.googleapis.com/{provider}"),
            subject_token_type: JWT.to_owned(),
            token_url,
            place: token.credential().origin.clone(),
            source: TokenSource::Job(token),
            field: None,
        }
    }

    /// The ID token of a CI job.
    pub(super) fn id_token(&self) -> Option<&IdToken> {
        if let TokenSource::Job(token) = &self.source { Some(token) } else { None }
    }

    /// The servers that a login talks to.
    pub(super) fn endpoints(&self) -> Vec<&Url> {
        let of_job = self.id_token().and_then(IdToken::endpoint);
        std::iter::once(&self.token_url).chain(self.source_url()).chain(of_job).collect()
    }

    /// The metadata service that gives the token, if it has plain http only.
    pub(super) fn metadata(&self) -> Option<&Url> {
        self.source_url().filter(|url| url.scheme() == "http")
    }

    fn source_url(&self) -> Option<&Url> {
        match &self.source {
            TokenSource::Url { url, .. } => Some(url),
            TokenSource::File(_) | TokenSource::Job(_) => None,
        }
    }

    /// Exchanges the token of the other identity provider for one with this scope.
    pub(super) async fn access_token(
        &self,
        http: &Client,
        scope: &str,
    ) -> Result<AccessToken, Error> {
        let token = self.subject_token(http).await?;
        let text = token.expose_str().unwrap_or_default();
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("audience", &self.audience),
            ("scope", scope),
            ("subject_token_type", &self.subject_token_type),
            ("subject_token", text),
        ];
        let request = TokenRequest { service: SERVICE, url: &self.token_url, form: &form };
        request.send(http).await.map_err(Error::Exchange)
    }

    /// The token of the other identity provider, read anew each time, because it changes.
    async fn subject_token(&self, http: &Client) -> Result<Value, Error> {
        let (content, place) = match &self.source {
            TokenSource::File(path) => {
                let content = read(path)?.ok_or_else(|| missing(path))?;
                (content, format!("`{}`", path.display()))
            }
            TokenSource::Job(token) => {
                let token = token.obtain(http).await?.credential().clone();
                (token.value, token.origin)
            }
            TokenSource::Url { url, headers } => {
                let place = url.origin().ascii_serialization();
                let service = "the address of the subject token";
                let transport = |source| {
                    Error::Identity(identity::Error::Transport {
                        service,
                        source: Box::new(source),
                    })
                };
                let mut request = Request::get(url);
                for (name, value) in headers {
                    request = request.with_secret_header(name, value).map_err(transport)?;
                }
                let response = http.send(&request).await.map_err(transport)?;
                if response.status != 200 {
                    let problem = format!("it answered {}", response.status_text());
                    return Err(Error::SubjectToken { place, problem });
                }
                (Value::from(response.body.as_slice()), place)
            }
        };
        let problem = match &self.field {
            None => "it is empty",
            Some(_) => "it is not a JSON object with the configured field",
        };
        self.token_in(&content).ok_or_else(|| Error::SubjectToken {
            place: format!("{place}, which {} names,", self.place),
            problem: problem.to_owned(),
        })
    }

    fn token_in(&self, content: &Value) -> Option<Value> {
        let token = match &self.field {
            None => Value::from(content.expose().trim_ascii()),
            Some(field) => {
                let members = serde_json::from_slice::<Members<'_>>(content.expose()).ok()?.0;
                let (_, raw) = members.into_iter().find(|(name, _)| name == field)?;
                serde_json::from_str::<SecretText>(raw.get()).ok()?.0
            }
        };
        token.expose_str().is_some_and(|text| !text.is_empty()).then_some(token)
    }
}

/// The headers of a request; their values may be secret.
fn headers(raw: &RawValue) -> Option<Vec<(String, Value)>> {
    let members = serde_json::from_str::<Members<'_>>(raw.get()).ok()?.0;
    let text = |raw: &RawValue| Some(serde_json::from_str::<SecretText>(raw.get()).ok()?.0);
    members.into_iter().map(|(name, raw)| Some((name, text(raw)?))).collect()
}
