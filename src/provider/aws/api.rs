//! A session with one AWS service in one region: logs in when the first request needs it, signs requests of the
//! JSON 1.1 protocol, and replaces expired credentials once.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::call::{Call, Repetition};
use super::credential_plan::Provider;
use super::endpoint::Service;
use super::error::{Error, Meaning, Refusal};
use super::keys::Keys;
use super::login::Login;
use super::resolve::Resolved;
use super::sigv4::Signer;
use crate::config::Environment;
use crate::http::{Client, FieldValue, Request, RequestBody};
use crate::secret::Value;

const JSON: &str = "application/x-amz-json-1.1";

/// A session.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) http: Client,
    pub(super) service: Service,
    pub(super) resolved: Resolved,
    pub(super) environment: Environment,
    pub(super) timeout: Duration,
    pub(super) disk_free: bool,
    /// Held while logging in, so that concurrent requests log in once.
    pub(super) login: Mutex<Option<Rc<LoggedIn>>>,
}

/// The credentials and the region of requests.
#[derive(Debug)]
pub(super) struct LoggedIn {
    pub(super) keys: Keys,
    pub(super) region: String,
}

impl Api {
    /// The credentials; obtains them if there are none, or only those that were rejected.
    pub(super) async fn log_in(
        &self,
        rejected: Option<&Rc<LoggedIn>>,
    ) -> Result<Rc<LoggedIn>, Error> {
        let mut current = self.login.lock().await;
        if let Some(current) = &*current
            && rejected.is_none_or(|rejected| !Rc::ptr_eq(rejected, current))
        {
            return Ok(Rc::clone(current));
        }
        let login = Login {
            http: &self.http,
            resolved: &self.resolved,
            environment: &self.environment,
            timeout: self.timeout,
            disk_free: self.disk_free,
        };
        let region = login.region().await?;
        let keys = login.keys(&region).await?;
        Ok(Rc::clone(current.insert(Rc::new(LoggedIn { keys, region }))))
    }

    /// Calls an operation that reads, and reads its answer. The inner error is the service's refusal.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        body: &serde_json::Value,
    ) -> Result<Result<T, Refusal>, Error> {
        let body = Value::new(body.to_string().into_bytes());
        self.call_with(operation, &body, Repetition::Harmless).await
    }

    /// The same for any operation.
    pub(super) async fn call_with<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        body: &Value,
        repetition: Repetition,
    ) -> Result<Result<T, Refusal>, Error> {
        let logged_in = self.log_in(None).await?;
        match self.call_as(&logged_in, operation, body, repetition).await? {
            Err(refusal)
                if refusal.meaning() == Meaning::ExpiredCredentials && self.can_renew() =>
            {
                let logged_in = self.log_in(Some(&logged_in)).await?;
                self.call_as(&logged_in, operation, body, repetition).await
            }
            answer => Ok(answer),
        }
    }

    /// A refusal that concerns the whole request.
    pub(super) fn refused(&self, operation: &'static str, refusal: Refusal) -> Error {
        Error::Refused { service: self.service, operation, refusal }
    }

    /// An answer that contradicts the protocol.
    pub(super) fn bad_answer(&self, operation: &'static str) -> Error {
        Error::BadAnswer { service: self.service, operation }
    }

    /// Whether another login would give other keys.
    fn can_renew(&self) -> bool {
        let credentials = &self.resolved.credentials;
        !credentials.roles.is_empty() || !matches!(credentials.base, Provider::Static { .. })
    }

    async fn call_as<T: DeserializeOwned>(
        &self,
        logged_in: &LoggedIn,
        operation: &'static str,
        body: &Value,
        repetition: Repetition,
    ) -> Result<Result<T, Refusal>, Error> {
        let LoggedIn { keys, region } = logged_in;
        let url = self.resolved.endpoints.url(self.service, region)?;
        let prefix = match self.service {
            Service::ParameterStore => "AmazonSSM",
            _ => "secretsmanager",
        };
        let (attempts, service) = (self.resolved.attempts, self.service);
        let call = Call { http: &self.http, service, operation, attempts, repetition };
        let request = || {
            let body = RequestBody { content_type: JSON, bytes: body.clone() };
            let target = FieldValue::Public(format!("{prefix}.{operation}"));
            let request = Request::post_body(&url, body).with_field("x-amz-target", target);
            let (service, now) = (service.signing_name(), SystemTime::now());
            let request = match repetition {
                Repetition::Harmless => request.repeatable(),
                Repetition::Counts => request.single_use(),
            };
            request.authorized(&Signer { keys, region, service, now })
        };
        match call.send(request).await? {
            // The words of the JSON library are not used: they quote values.
            Ok(response) => match serde_json::from_slice(&response.body) {
                Ok(answer) => Ok(Ok(answer)),
                Err(_quotes_values) => Err(call.not_understood()),
            },
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}
