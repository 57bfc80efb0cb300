//! A session with an Infisical server: login, authenticated requests, and revocation of the token.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use serde::de::{DeserializeOwned, IgnoredAny};

use super::api::{Api, Failure, Method, Route};
use super::error::Error;
use super::error_kind::{LoginRejection, Operation, TokenRejection, UnexpectedContent};
use super::error_response::{ErrorResponse, ResponseKind};
use super::login;
use super::settings::Login;
use super::wire::{LoggedIn, Status};
use crate::provider::{self, Check};
use crate::secret::Value;

/// The time limit for revoking a token; the command's exit waits for it.
const REVOCATION_TIMEOUT: Duration = Duration::from_secs(5);

/// A session with one server.
#[derive(Debug)]
pub(super) struct Session {
    api: Api,
    login: Login,
    organization: Option<String>,
    login_state: provider::Session,
}

impl Session {
    pub(super) fn new(api: Api, login: Login, organization: Option<String>) -> Self {
        Self { api, login, organization, login_state: provider::Session::default() }
    }

    /// The server's address, as an error shows it.
    pub(super) fn server(&self) -> String {
        self.api.server()
    }

    /// Closes the connections.
    pub(super) fn close(&self) {
        self.api.close();
    }

    /// Starts with the token of an earlier login.
    pub(super) fn resume(&self, token: Value) {
        self.login_state.resume(token);
    }

    /// The outcome for the login that the session started with.
    pub(super) fn outcome(&self) -> provider::Login {
        self.login_state.outcome()
    }

    /// Logs in, unless that was done.
    pub(super) async fn log_in_once(&self) -> Result<(), Error> {
        self.token(None).await.map(drop)
    }

    /// Logs in, and returns the access token. A ready token cannot log in.
    pub(super) async fn access_token(&self) -> Result<Value, Error> {
        match self.login.ready() {
            Some(ready) => Err(Error::NothingToLogIn { from: ready.origin.clone() }),
            None => Ok(Value::clone(&*self.token(None).await?)),
        }
    }

    /// Extends the lifetime of the ready token, and returns the one that the server answers with
    /// (`POST /api/v1/auth/token/renew`).
    pub(super) async fn renew(&self) -> Result<Value, Error> {
        let Login::AccessToken(ready) = &self.login else { return Err(Error::NotRenewable) };
        let parts = ["v1", "auth", "token", "renew"];
        let route = Route { operation: Operation::Renew, parts: &parts, query: &[] };
        let body = login::revocation_body(&ready.value);
        match self.api.post::<LoggedIn>(route, &body, &[&ready.value]).await {
            Ok(renewed) => Ok(renewed.access_token.0),
            Err(Failure::Refused(source)) if source.kind().is_token() => {
                Err(rejected(self.server(), &ready.origin, source))
            }
            Err(failure) => Err(self.refused(Operation::Renew, failure)),
        }
    }

    /// Requests the server's status, which needs no login.
    pub(super) async fn status(&self) -> Result<Status, Error> {
        let route = Route { operation: Operation::Status, parts: &["status"], query: &[] };
        self.api.get(route, None, &[]).await.map_err(|f| self.refused(Operation::Status, f))
    }

    /// Sends an authenticated GET request; a rejected token is replaced by one new login.
    pub(super) async fn get<T: DeserializeOwned>(&self, route: Route<'_>) -> Result<T, Failure> {
        self.authenticated(async |token, credentials| {
            self.api.get(route, Some(token), credentials).await
        })
        .await
    }

    /// Sends an authenticated request that changes something. Whatever rejects a token has changed nothing.
    pub(super) async fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        route: Route<'_>,
        json: &Value,
    ) -> Result<T, Failure> {
        self.authenticated(async |token, credentials| {
            self.api.write(method, route, json, token, credentials).await
        })
        .await
    }

    /// Sends a request with the token; a rejected token is replaced by one new login.
    async fn authenticated<T>(
        &self,
        send: impl AsyncFn(&Value, &[&Value]) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let send = async |token: &Value| {
            let mut credentials = self.credentials();
            credentials.push(token);
            send(token, &credentials).await
        };
        let token = self.token(None).await?;
        let answer = match send(&token).await {
            Err(Failure::Refused(answer)) if answer.kind().is_token() => answer,
            result => return result,
        };
        if let Some(ready) = self.login.ready() {
            return Err(rejected(self.server(), &ready.origin, answer).into());
        }
        let token = self.token(Some(&token)).await?;
        match send(&token).await {
            Err(Failure::Refused(source)) if source.kind().is_token() => {
                Err(Error::NewToken { server: self.server(), source }.into())
            }
            result => result,
        }
    }

    /// Revokes the token of a login, and forgets it in any case. A token that the user provided is kept.
    pub(super) async fn revoke(&self) -> Result<(), Error> {
        if self.login.ready().is_some() {
            return Ok(());
        }
        let Some(token) = self.login_state.take() else { return Ok(()) };
        let parts = ["v1", "auth", "token", "revoke"];
        let route = Route { operation: Operation::Revoke, parts: &parts, query: &[] };
        let mut credentials = self.credentials();
        credentials.push(&token);
        let body = login::revocation_body(&token);
        let asked = self.api.apart(REVOCATION_TIMEOUT);
        match asked.post::<IgnoredAny>(route, &body, &credentials).await {
            Ok(_message) => Ok(()),
            Err(Failure::Refused(answer)) if is_token_gone(&answer) => Ok(()),
            Err(Failure::Refused(answer)) if answer.kind() == ResponseKind::RouteMissing => {
                Err(Error::RevocationUnsupported { server: self.server() })
            }
            Err(failure) => Err(self.refused(Operation::Revoke, failure)),
        }
    }

    /// Converts an error response that has no special meaning for this request.
    pub(super) fn refused(&self, operation: Operation, failure: Failure) -> Error {
        let server = self.server();
        match failure {
            Failure::Failed(error) => error,
            Failure::Refused(source) => match source.kind() {
                ResponseKind::Address => Error::Address { server, source },
                ResponseKind::RouteMissing => {
                    Error::NotInfisical { server, seen: UnexpectedContent::NoRoute }
                }
                _ => Error::Refused { operation, server, source },
            },
        }
    }

    /// The token; logs in if there is none, or only the rejected one.
    async fn token(&self, rejected: Option<&Rc<Value>>) -> Result<Rc<Value>, Error> {
        let log_in = async || match login::static_token(&self.login)? {
            Some(value) => Ok(provider::Token { value, lifetime: None, is_new: false }),
            None => self.log_in().await,
        };
        self.login_state.token(rejected, log_in).await
    }

    async fn log_in(&self) -> Result<provider::Token, Error> {
        let login = self.login.with_id_token(self.api.http()).await;
        let login = login.map_err(provider::Error::from)?;
        let proof = match &login {
            Login::Machine { identity_id, machine } => {
                let id = identity_id.value.expose_str().unwrap_or_default().trim();
                machine.prove(id, self.api.http()).await?
            }
            _ => Vec::new(),
        };
        let Some(body) = login::request_body(&login, &proof, self.organization.as_deref())? else {
            return Err(self.missing_login_route());
        };
        let parts = ["v1", "auth", login.method(), "login"];
        let route = Route { operation: Operation::Login, parts: &parts, query: &[] };
        let mut secrets = login.secrets();
        secrets.extend(proof.iter().map(|(_, value)| value));
        match self.api.post::<LoggedIn>(route, &body, &secrets).await {
            Ok(answer) => {
                let lifetime = answer.time(SystemTime::now());
                let value = answer.access_token.0;
                Ok(provider::Token { value, lifetime, is_new: true })
            }
            Err(Failure::Failed(error)) => Err(error),
            Err(Failure::Refused(source)) => {
                let has_organization = self.organization.is_some();
                let fault = login::classify_rejection(&login, has_organization, &source);
                let universal = matches!(login, Login::UniversalAuth { .. });
                if universal && fault == LoginRejection::UnknownMethod {
                    // Every Infisical server supports this method.
                    return Err(self.missing_login_route());
                }
                Err(Error::Login { server: self.server(), fault, source })
            }
        }
    }

    fn missing_login_route(&self) -> Error {
        Error::NotInfisical { server: self.server(), seen: UnexpectedContent::NoRoute }
    }

    fn credentials(&self) -> Vec<&Value> {
        self.login.secrets()
    }

    /// Checks the ID token, if the login has one that is not configured as a JWT.
    pub(super) async fn check_id_token(&self) -> Option<Check> {
        let token = self.login.id_token().filter(|token| token.is_of_job())?;
        Some(token.check(self.api.http()).await)
    }
}

/// Whether the response says that the token is no longer valid.
fn is_token_gone(answer: &ErrorResponse) -> bool {
    matches!(
        answer.kind(),
        ResponseKind::TokenExpired | ResponseKind::TokenUsedUp | ResponseKind::TokenUnknown
    )
}

fn rejected(server: String, from: &str, source: Box<ErrorResponse>) -> Error {
    let fault = match source.kind() {
        ResponseKind::TokenExpired => TokenRejection::Expired,
        ResponseKind::TokenUsedUp => TokenRejection::UsedUp,
        ResponseKind::TokenMalformed => TokenRejection::Malformed,
        _ => TokenRejection::Unknown,
    };
    Error::Token { server, from: from.to_owned(), fault, source }
}
