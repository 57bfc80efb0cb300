//! The credential endpoints of containers and instances: plain HTTP on link-local or loopback addresses, never
//! through a proxy, with a short time limit. Of the instance metadata service, only version 2 is used.

use std::time::{Duration, SystemTime};

use serde::Deserialize;
use url::Url;

use super::credential_plan::{Container, ContainerToken, InstanceMetadata};
use super::error::Error;
use super::keys::Keys;
use super::resolve::read_file;
use super::time;
use crate::http::{Client, FieldValue, Request, Response};
use crate::provider::SecretText;
use crate::secret::Value;

/// The time limit of one request to a container's endpoint, and how often it is sent.
const CONTAINER_TIMEOUT: Duration = Duration::from_secs(2);
const CONTAINER_ATTEMPTS: u32 = 3;

/// The JSON of both endpoints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    code: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<SecretText>,
    token: Option<SecretText>,
    expiration: Option<String>,
}

impl Answer {
    fn keys(self) -> Option<Keys> {
        let expires = time::parse(&self.expiration?);
        Some(Keys {
            access_key: self.access_key_id.filter(|key| !key.is_empty())?,
            secret_key: self.secret_access_key?.0,
            session_token: Some(self.token?.0),
            expires,
        })
    }
}

/// The credentials of a container.
pub(super) async fn container(http: &Client, container: &Container) -> Result<Keys, Error> {
    let what = "the credential endpoint of the container";
    let mut request = Request::get(&container.url);
    if let Some(token) = container_token(&container.token)? {
        request = request.with_field("authorization", FieldValue::Secret(token));
    }
    let mut problem = String::new();
    for _ in 0..CONTAINER_ATTEMPTS {
        problem = match http.with_own_deadline(CONTAINER_TIMEOUT).send(&request).await {
            Ok(response) if response.status == 200 => {
                match serde_json::from_slice::<Answer>(&response.body).ok().and_then(Answer::keys) {
                    Some(keys) if keys.is_expired(SystemTime::now()) => {
                        return Err(Error::Expired { place: what.to_owned() });
                    }
                    Some(keys) => return Ok(keys),
                    None => "it returned no credentials".to_owned(),
                }
            }
            Ok(response) => format!("it answered {}", response.status_text()),
            Err(error) => error.to_string(),
        };
    }
    Err(Error::Provider {
        provider: what.to_owned(),
        problem,
        hint: "check that the task or pod has an IAM role, and the AWS_CONTAINER_* variables"
            .into(),
    })
}

fn container_token(token: &ContainerToken) -> Result<Option<Value>, Error> {
    let value = match token {
        ContainerToken::None => return Ok(None),
        ContainerToken::Value(value) => value.clone(),
        ContainerToken::File(path) => read_file(path)?.ok_or_else(|| Error::Unreadable {
            path: path.clone(),
            source: std::io::ErrorKind::NotFound.into(),
        })?,
    };
    if value.expose().iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        return Err(Error::BadSetting {
            place: "AWS_CONTAINER_AUTHORIZATION_TOKEN (or its _FILE)",
            wanted: "a line break is not allowed in it, not even at its end",
        });
    }
    Ok(Some(value))
}

/// A conversation with the instance metadata service.
struct Conversation<'a> {
    http: &'a Client,
    settings: &'a InstanceMetadata,
    token: Value,
}

/// Why the metadata service gives nothing: there is none here, or it has nothing.
type Failure = String;

/// The credentials of the instance's role.
pub(super) async fn instance(http: &Client, settings: &InstanceMetadata) -> Result<Keys, Error> {
    let keys = async {
        let conversation = Conversation::start(http, settings).await?;
        let path = "latest/meta-data/iam/security-credentials/";
        let role = conversation.get(path).await?;
        let role = role.lines().next().unwrap_or_default().trim().to_owned();
        if role.is_empty() {
            return Err("the instance has no IAM role".to_owned());
        }
        let text = conversation.get(&format!("{path}{role}")).await?;
        let answer = serde_json::from_str::<Answer>(&text).ok();
        let answer = answer.filter(|answer| answer.code.as_deref() == Some("Success"));
        let none = || format!("it has no credentials for the role `{}`", role.escape_debug());
        answer.and_then(Answer::keys).ok_or_else(none)
    };
    keys.await.map_err(|problem| {
        if !settings.is_requested {
            return Error::NoCredentials { metadata: Some(problem) };
        }
        Error::Provider {
            provider: "the instance metadata service".to_owned(),
            problem,
            hint: "in a container, the instance needs a metadata hop limit of 2; version 1 of the \
                   service is not enough"
                .to_owned(),
        }
    })
}

/// The region of the instance.
pub(super) async fn region(http: &Client, settings: &InstanceMetadata) -> Result<String, Error> {
    let zone = async {
        let conversation = Conversation::start(http, settings).await?;
        conversation.get("latest/meta-data/placement/availability-zone/").await
    };
    // That there is no such service is no news where nobody named a region.
    let zone = zone.await.map_err(|_absent| Error::NoRegion)?;
    let zone = zone.trim();
    let region = zone.get(..zone.len().saturating_sub(1)).unwrap_or_default();
    super::endpoint::check_region(region).map(|(region, _)| region)
}

impl<'a> Conversation<'a> {
    /// Asks for the token that version 2 requires.
    async fn start(http: &'a Client, settings: &'a InstanceMetadata) -> Result<Self, Failure> {
        let token = Value::from("");
        let mut conversation = Self { http, settings, token };
        let ttl = FieldValue::Public("21600".to_owned());
        let request = Request::put(&conversation.url("latest/api/token")?)
            .with_field("x-aws-ec2-metadata-token-ttl-seconds", ttl);
        let response = conversation.send(&request).await?;
        match response.status {
            200 => conversation.token = Value::from(response.body.as_slice()),
            403..=405 => {
                let status = response.status_text();
                return Err(format!(
                    "it does not offer version 2, which hushed requires ({status})"
                ));
            }
            _ => return Err(refused("the request for a token", &response)),
        }
        Ok(conversation)
    }

    async fn get(&self, path: &str) -> Result<zeroize::Zeroizing<String>, Failure> {
        let request = Request::get(&self.url(path)?)
            .with_field("x-aws-ec2-metadata-token", FieldValue::Secret(self.token.clone()));
        let response = self.send(&request).await?;
        if response.status != 200 {
            return Err(refused(path, &response));
        }
        let text = String::from_utf8(response.body.to_vec());
        text.map(zeroize::Zeroizing::new).map_err(|_| format!("its answer to {path} is not UTF-8"))
    }

    fn url(&self, path: &str) -> Result<Url, Failure> {
        let url = self.settings.endpoint.join(path);
        url.map_err(|_| format!("{path} is no path"))
    }

    async fn send(&self, request: &Request) -> Result<Response, Failure> {
        let timeout = Duration::from_secs(self.settings.timeout);
        let response = self.http.with_own_deadline(timeout).send(request).await;
        response.map_err(|error| error.to_string())
    }
}

fn refused(what: &str, response: &Response) -> Failure {
    format!("it answered {what} with {}", response.status_text())
}
