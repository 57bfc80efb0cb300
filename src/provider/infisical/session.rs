//! A session with an Infisical server: logging in, requests that carry the token, and its revocation.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use serde::de::{DeserializeOwned, IgnoredAny};

use super::answer::{Answer, Meaning};
use super::api::{Api, Failure, Route};
use super::error::Error;
use super::fault::{LoginFault, Seen, Step, TokenFault};
use super::login;
use super::settings::Login;
use super::wire::{LoggedIn, Status};
use crate::provider;
use crate::secret::Value;

/// How long the server has to end a token: the command waits for it.
const TIME_TO_REVOKE: Duration = Duration::from_secs(5);

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

    /// Begins with a token that an earlier login brought.
    pub(super) fn resume(&self, token: Value) {
        self.login_state.resume(token);
    }

    /// What became of the login that it began with.
    pub(super) fn outcome(&self) -> provider::Login {
        self.login_state.outcome()
    }

    /// Logs in, unless that was done.
    pub(super) async fn enter(&self) -> Result<(), Error> {
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
        let route = Route { step: Step::Renew, parts: &parts, query: &[] };
        let body = login::revocation(&ready.value);
        match self.api.post::<LoggedIn>(route, &body, &[&ready.value]).await {
            Ok(renewed) => Ok(renewed.access_token.0),
            Err(Failure::Refused(source)) if source.meaning().is_token() => {
                Err(rejected(self.server(), &ready.origin, source))
            }
            Err(failure) => Err(self.refused(Step::Renew, failure)),
        }
    }

    /// Asks the server for its status, which needs no login.
    pub(super) async fn status(&self) -> Result<Status, Error> {
        let route = Route { step: Step::Status, parts: &["status"], query: &[] };
        self.api.get(route, None, &[]).await.map_err(|f| self.refused(Step::Status, f))
    }

    /// Reads with the token.
    pub(super) async fn get<T: DeserializeOwned>(&self, route: Route<'_>) -> Result<T, Failure> {
        let token = self.token(None).await?;
        let answer = match self.get_with(route, &token).await {
            Err(Failure::Refused(answer)) if answer.meaning().is_token() => answer,
            result => return result,
        };
        if let Some(ready) = self.login.ready() {
            return Err(rejected(self.server(), &ready.origin, answer).into());
        }
        let token = self.token(Some(&token)).await?;
        match self.get_with(route, &token).await {
            Err(Failure::Refused(source)) if source.meaning().is_token() => {
                Err(Error::NewToken { server: self.server(), source }.into())
            }
            result => result,
        }
    }

    /// Ends the token that a login gave, if one did; one that the user gave stays. It is forgotten,
    /// whatever the server says.
    pub(super) async fn revoke(&self) -> Result<(), Error> {
        if self.login.ready().is_some() {
            return Ok(());
        }
        let Some(token) = self.login_state.take() else { return Ok(()) };
        let parts = ["v1", "auth", "token", "revoke"];
        let route = Route { step: Step::Revoke, parts: &parts, query: &[] };
        let mut credentials = self.credentials();
        credentials.push(&token);
        let body = login::revocation(&token);
        let asked = self.api.apart(TIME_TO_REVOKE);
        match asked.post::<IgnoredAny>(route, &body, &credentials).await {
            Ok(_message) => Ok(()),
            Err(Failure::Refused(answer)) if ended(&answer) => Ok(()),
            Err(Failure::Refused(answer)) if answer.meaning() == Meaning::RouteMissing => {
                Err(Error::Irrevocable { server: self.server() })
            }
            Err(failure) => Err(self.refused(Step::Revoke, failure)),
        }
    }

    /// Turns a refusal that has no meaning of its own at this place into an error.
    pub(super) fn refused(&self, step: Step, failure: Failure) -> Error {
        let server = self.server();
        match failure {
            Failure::Failed(error) => error,
            Failure::Refused(source) => match source.meaning() {
                Meaning::Address => Error::Address { server, source },
                Meaning::RouteMissing => Error::NotInfisical { server, seen: Seen::NoRoute },
                _ => Error::Refused { step, server, source },
            },
        }
    }

    async fn get_with<T: DeserializeOwned>(
        &self,
        route: Route<'_>,
        token: &Value,
    ) -> Result<T, Failure> {
        let mut credentials = self.credentials();
        credentials.push(token);
        self.api.get(route, Some(token), &credentials).await
    }

    /// The token, by a new login if there is none, or none but the one that was rejected.
    async fn token(&self, rejected: Option<&Rc<Value>>) -> Result<Rc<Value>, Error> {
        let log_in = async || match login::ready(&self.login)? {
            Some(value) => Ok(provider::Token { value, lifetime: None, is_new: false }),
            None => self.log_in().await,
        };
        self.login_state.token(rejected, log_in).await
    }

    async fn log_in(&self) -> Result<provider::Token, Error> {
        let Some(body) = login::body(&self.login, self.organization.as_deref())? else {
            return Err(self.odd_login());
        };
        let parts = ["v1", "auth", self.login.method(), "login"];
        let route = Route { step: Step::Login, parts: &parts, query: &[] };
        match self.api.post::<LoggedIn>(route, &body, &self.credentials()).await {
            Ok(login) => {
                let lifetime = login.time(SystemTime::now());
                let value = login.access_token.0;
                Ok(provider::Token { value, lifetime, is_new: true })
            }
            Err(Failure::Failed(error)) => Err(error),
            Err(Failure::Refused(source)) => {
                let fault = login::fault(&self.login, self.organization.is_some(), &source);
                let universal = matches!(self.login, Login::UniversalAuth { .. });
                if universal && fault == LoginFault::UnknownMethod {
                    // Every Infisical has this method.
                    return Err(self.odd_login());
                }
                Err(Error::Login { server: self.server(), fault, source })
            }
        }
    }

    fn odd_login(&self) -> Error {
        Error::NotInfisical { server: self.server(), seen: Seen::NoRoute }
    }

    fn credentials(&self) -> Vec<&Value> {
        // The first is who it is, which may be shown, if more follow.
        let credentials = self.login.credentials();
        let skipped = usize::from(credentials.len() > 1);
        credentials.into_iter().skip(skipped).map(|credential| &credential.value).collect()
    }
}

/// Whether the server says that the token is none any more.
fn ended(answer: &Answer) -> bool {
    matches!(answer.meaning(), Meaning::TokenExpired | Meaning::TokenUsedUp | Meaning::TokenUnknown)
}

fn rejected(server: String, from: &str, source: Box<Answer>) -> Error {
    let fault = match source.meaning() {
        Meaning::TokenExpired => TokenFault::Expired,
        Meaning::TokenUsedUp => TokenFault::UsedUp,
        Meaning::TokenMalformed => TokenFault::Malformed,
        _ => TokenFault::Unknown,
    };
    Error::Token { server, from: from.to_owned(), fault, source }
}
