//! A session with a Vault server: login, authenticated requests, and revocation of the token.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::api::{Api, Authentication, Call, Failure, Reply};
use super::error::Error;
use super::error_kind::{LoginRejection, Operation};
use super::error_response::ResponseKind;
use super::lease::{Leases, Renewed};
use super::login;
use super::path::ApiPath;
use super::settings::{Login, SecretId, Vault};
use super::token_file::is_token;
use super::unwrap::{self, CreatedBy};
use super::wire::{Envelope, Health, TokenLookup};
use crate::config::Credential;
use crate::message::in_one_line;
use crate::provider::{self, Check, LeaseInfo, ProviderError as _, Renewal, Token};
use crate::secret::Value;

/// The time limit for revoking a token; the command's exit waits for it.
const REVOCATION_TIMEOUT: Duration = Duration::from_secs(5);

/// A session with one server.
#[derive(Debug)]
pub(super) struct Session {
    api: Api,
    login: Login,
    auth_mount: ApiPath,
    /// Whether requests carry the login.
    inline: Cell<bool>,
    login_state: provider::Session,
    /// The secret ID that was unwrapped: its wrapping token is spent.
    unwrapped: RefCell<Option<Value>>,
    /// The token of a new login that no request has succeeded with yet. If the server rejects it, another
    /// login does not help.
    fresh: RefCell<Option<Rc<Value>>>,
    /// What the server will end after some time.
    leases: RefCell<Leases>,
    /// Whether another run may use the token, because it is cached.
    is_token_shared: bool,
}

impl Session {
    /// A session. It logs in with the request itself if `inline` is set.
    pub(super) fn new(api: Api, settings: &Vault, inline: bool) -> Self {
        Self {
            api,
            login: settings.login.clone(),
            auth_mount: settings.auth_mount.clone(),
            inline: Cell::new(inline),
            login_state: provider::Session::default(),
            unwrapped: RefCell::default(),
            fresh: RefCell::default(),
            leases: RefCell::default(),
            is_token_shared: settings.cache.as_ref().is_some_and(|cache| cache.token),
        }
    }

    /// The server's address, as an error shows it.
    pub(super) fn server(&self) -> String {
        self.api.server()
    }

    /// The namespace.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.api.namespace()
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

    /// Requests the state of the server.
    pub(super) async fn health(&self) -> Result<Health, Error> {
        self.api.health().await
    }

    /// Checks the ID token, if the login has one that is not configured as a JWT.
    pub(super) async fn check_id_token(&self) -> Option<Check> {
        let token = self.login.id_token().filter(|token| token.is_of_job())?;
        Some(token.check(self.api.http()).await)
    }

    /// Logs in, unless that was done.
    pub(super) async fn log_in_once(&self) -> Result<(), Error> {
        self.token(None).await.map(drop)
    }

    /// Sends an authenticated request. A token that the server rejects is replaced by one new login, if it
    /// was good before.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Reply, Failure> {
        if self.inline.get()
            && let Some(result) = self.send_inline(call).await?
        {
            return result;
        }
        if matches!(self.login, Login::Agent) {
            return self.api.send(call, Authentication::None, &[]).await;
        }
        let token = self.token(None).await?;
        let source = match self.send_with(call, &token).await {
            Err(Failure::Refused(source)) if *source.kind() == ResponseKind::BadToken => source,
            result => return result,
        };
        let server = self.server();
        if !self.login.logs_in() {
            let from = self.login.credentials().pop().map(|token| token.origin.clone());
            return Err(Error::Token { server, from: from.unwrap_or_default(), source }.into());
        }
        if self.is_fresh(&token) {
            return Err(Error::NewToken { server, source }.into());
        }
        let token = self.token(Some(&token)).await?;
        match self.send_with(call, &token).await {
            Err(Failure::Refused(source)) if *source.kind() == ResponseKind::BadToken => {
                Err(Error::NewToken { server, source }.into())
            }
            result => result,
        }
    }

    /// Revokes the token of a login, with all leases that it created, and forgets it in any case. A token that
    /// the user provided is kept.
    pub(super) async fn revoke(&self) -> Result<(), Error> {
        if !self.login.logs_in() {
            return Ok(());
        }
        let Some(token) = self.login_state.take() else { return Ok(()) };
        let path = ApiPath::of(&["auth", "token", "revoke-self"]);
        let body = Value::from("{}");
        let operation = Operation::Revoke;
        let call =
            Call { operation, path: &path, query: &[], body: Some(&body), single_use: false };
        let api = self.api.with_own_deadline(REVOCATION_TIMEOUT);
        match api.send(call, Authentication::Token(&token), &[&token]).await {
            Ok(_empty) => Ok(()),
            Err(Failure::Refused(source)) if *source.kind() == ResponseKind::BadToken => Ok(()),
            Err(Failure::Refused(source)) if source.status() < 500 => {
                Err(Error::RevocationDenied { server: self.server(), source })
            }
            Err(failure) => Err(failure.into_error(operation, self.server())),
        }
    }

    /// Takes note of the lease of a response, if it has one. It ends with the token at the latest.
    pub(super) async fn hold_lease(&self, reply: &Reply, place: &ApiPath) -> Result<(), Error> {
        let envelope: Envelope<'_> = reply.parse()?;
        let Some(id) = envelope.lease_id.filter(|id| !id.is_empty()) else { return Ok(()) };
        let duration = Duration::from_secs(envelope.lease_duration);
        self.leases.borrow_mut().add(id, place.to_string(), duration, envelope.renewable);
        if !self.login.logs_in() && !matches!(self.login, Login::Agent) {
            self.look_up_token().await;
        }
        Ok(())
    }

    /// The leases, with the time that they last from now on.
    pub(super) fn leases(&self) -> Vec<LeaseInfo> {
        self.leases.borrow().list(Instant::now())
    }

    /// Renews the leases that are due, and the token of our login.
    pub(super) async fn renew_leases(&self) -> Renewal {
        let now = Instant::now();
        let due = self.leases.borrow().due(now);
        for id in due.leases {
            let renewed = self.renew_lease(&id).await;
            self.leases.borrow_mut().lease_renewed(&id, now, renewed);
        }
        if due.token {
            let renewed = self.renew_token().await;
            self.leases.borrow_mut().token_renewed(now, renewed);
        }
        let mut leases = self.leases.borrow_mut();
        Renewal { next: leases.next(Instant::now()), warnings: leases.take_warnings() }
    }

    /// Revokes the leases: with the token of our login, which most policies permit, or each by its ID.
    pub(super) async fn revoke_leases(&self) -> Result<(), Error> {
        let ids = self.leases.borrow_mut().take();
        if self.login.logs_in() && !self.is_token_shared {
            return self.revoke().await;
        }
        let path = ApiPath::of(&["sys", "leases", "revoke"]);
        let mut outcome = Ok(());
        for id in ids {
            let fields = [("lease_id", Value::from(id))];
            let body = login::body(&fields);
            if let Err(failure) = self.send_apart(Operation::RevokeLease, &path, &body).await {
                outcome = Err(failure.into_error(Operation::RevokeLease, self.server()));
            }
        }
        outcome
    }

    async fn renew_lease(&self, id: &str) -> Renewed {
        let path = ApiPath::of(&["sys", "leases", "renew"]);
        let body = login::body(&[("lease_id", Value::from(id))]);
        let outcome = self.send_apart(Operation::Renew, &path, &body).await;
        self.renewed(outcome, |envelope| envelope.lease_duration)
    }

    async fn renew_token(&self) -> Renewed {
        let path = ApiPath::of(&["auth", "token", "renew-self"]);
        let outcome = self.send_apart(Operation::Renew, &path, &Value::from("{}")).await;
        self.renewed(outcome, |envelope| envelope.auth.map_or(0, |auth| auth.lease_duration))
    }

    /// What a renewal came to.
    fn renewed(
        &self,
        outcome: Result<Reply, Failure>,
        seconds: impl FnOnce(Envelope<'_>) -> u64,
    ) -> Renewed {
        let error = match outcome {
            Ok(reply) => match reply.parse::<Envelope<'_>>() {
                Ok(envelope) => return Renewed::For(Duration::from_secs(seconds(envelope))),
                Err(error) => error,
            },
            Err(failure) => failure.into_error(Operation::Renew, self.server()),
        };
        let text = in_one_line(&error);
        if error.class().is_unreachable() { Renewed::Later(text) } else { Renewed::Never(text) }
    }

    /// Finds out how long the user's own token lasts. It need not permit that.
    async fn look_up_token(&self) {
        let path = ApiPath::of(&["auth", "token", "lookup-self"]);
        let operation = Operation::Lookup;
        let call = Call { operation, path: &path, query: &[], body: None, single_use: false };
        if let Ok(reply) = self.send(call).await
            && let Ok(TokenLookup { ttl }) = reply.data()
        {
            let lifetime = Some(ttl).filter(|ttl| *ttl > 0).map(Duration::from_secs);
            self.leases.borrow_mut().set_token_lifetime(lifetime, false);
        }
    }

    /// Sends a request with the token that there is, in a time of its own.
    async fn send_apart(
        &self,
        operation: Operation,
        path: &ApiPath,
        body: &Value,
    ) -> Result<Reply, Failure> {
        let call = Call { operation, path, query: &[], body: Some(body), single_use: false };
        let api = self.api.with_own_deadline(REVOCATION_TIMEOUT);
        if matches!(self.login, Login::Agent) {
            return api.send(call, Authentication::None, &[]).await;
        }
        let token = self.token(None).await?;
        api.send(call, Authentication::Token(&token), &[&token]).await
    }

    async fn send_with(&self, call: Call<'_>, token: &Rc<Value>) -> Result<Reply, Failure> {
        let mut credentials = self.secrets();
        credentials.push(token);
        let result = self.api.send(call, Authentication::Token(token), &credentials).await;
        let is_rejected = matches!(
            &result,
            Err(Failure::Refused(source)) if *source.kind() == ResponseKind::BadToken
        );
        if !is_rejected && self.is_fresh(token) {
            self.fresh.take();
        }
        result
    }

    /// Sends a request with the login in its headers. `None` if the server does not support that: then no
    /// login was made.
    async fn send_inline(&self, call: Call<'_>) -> Result<Option<Result<Reply, Failure>>, Error> {
        let login = self.login.with_id_token(self.api.http()).await?;
        let fields = login::fields(&login, None)?;
        let parameters = login::inline_parameters(&fields);
        let path = login::request_path(&login, &self.auth_mount);
        let call = Call { single_use: true, ..call };
        let authentication = Authentication::Inline(&path, &parameters);
        let secrets: Vec<&Value> = login.secret().into_iter().collect();
        let failure = match self.api.send(call, authentication, &secrets).await {
            Err(Failure::Refused(source)) => source,
            result => return Ok(Some(result)),
        };
        match failure.kind() {
            ResponseKind::InlineUnsupported => {}
            // Either the server ignores the headers, or it knows no such auth method.
            ResponseKind::BadToken if !self.health().await?.has_inline_auth() => {}
            ResponseKind::BadToken | ResponseKind::Invalid => {
                return Err(self.rejected_login(failure));
            }
            _ => return Ok(Some(Err(Failure::Refused(failure)))),
        }
        self.inline.set(false);
        Ok(None)
    }

    fn is_fresh(&self, token: &Rc<Value>) -> bool {
        self.fresh.borrow().as_ref().is_some_and(|fresh| Rc::ptr_eq(fresh, token))
    }

    /// The token; logs in if there is none, or only the rejected one.
    async fn token(&self, rejected: Option<&Rc<Value>>) -> Result<Rc<Value>, Error> {
        let is_new = Cell::new(false);
        let log_in = async || {
            let token = self.log_in().await?;
            is_new.set(token.is_new);
            Ok::<_, Error>(token)
        };
        let token = self.login_state.token(rejected, log_in).await?;
        if is_new.get() {
            *self.fresh.borrow_mut() = Some(Rc::clone(&token));
        }
        Ok(token)
    }

    async fn log_in(&self) -> Result<Token, Error> {
        let own = |value| Token { value, lifetime: None, is_new: false };
        match &self.login {
            Login::Token(token) => return static_token(token).map(own),
            Login::WrappedToken { token, creation_path } => {
                return unwrap::token(&self.api, token, creation_path).await.map(own);
            }
            Login::AppRole { secret_id: Some(secret_id), .. } => {
                self.unwrap_once(secret_id).await?;
            }
            _ => {}
        }
        let unwrapped = self.unwrapped.borrow().clone();
        let login = self.login.with_id_token(self.api.http()).await?;
        let fields = login::fields(&login, unwrapped.as_ref())?;
        let body = login::body(&fields);
        let path = login::request_path(&login, &self.auth_mount);
        let operation = Operation::Login;
        let call = Call { operation, path: &path, query: &[], body: Some(&body), single_use: true };
        let credentials: Vec<&Value> = login.secret().into_iter().chain(&unwrapped).collect();
        let reply = match self.api.send(call, Authentication::None, &credentials).await {
            Ok(reply) => reply,
            Err(Failure::Failed(error)) => return Err(error),
            Err(Failure::Refused(source)) if *source.kind() == ResponseKind::NoNamespace => {
                let namespace = self.namespace().unwrap_or_default().to_owned();
                return Err(Error::NoNamespace { namespace, source });
            }
            Err(Failure::Refused(source)) => return Err(self.rejected_login(source)),
        };
        let envelope: Envelope<'_> = reply.parse()?;
        let (server, method) = (self.server(), self.login.method());
        let Some(auth) = envelope.auth else {
            return Err(Error::NotVault { server, seen: super::UnexpectedContent::OtherJson });
        };
        if auth.mfa_requirement.is_some() {
            return Err(Error::SecondFactor { server, method });
        }
        let lifetime = Some(auth.lease_duration).filter(|seconds| *seconds > 0);
        let lifetime = lifetime.map(Duration::from_secs);
        self.leases.borrow_mut().set_token_lifetime(lifetime, auth.renewable);
        Ok(Token { value: auth.client_token.0, lifetime, is_new: true })
    }

    /// Unwraps the secret ID, unless that was done: its token is good for one use.
    async fn unwrap_once(&self, secret_id: &SecretId) -> Result<(), Error> {
        let Some(wrapped) = &secret_id.wrapped else { return Ok(()) };
        if self.unwrapped.borrow().is_some() {
            return Ok(());
        }
        let created_by =
            CreatedBy::SecretId { mount: &self.auth_mount, role: wrapped.role.as_deref() };
        let value = unwrap::secret_id(&self.api, &secret_id.credential, created_by).await?;
        *self.unwrapped.borrow_mut() = Some(value);
        Ok(())
    }

    fn rejected_login(&self, source: Box<super::ErrorResponse>) -> Error {
        let fault: LoginRejection =
            login::classify_rejection(&self.login, &self.auth_mount, &source);
        Error::Login { server: self.server(), method: self.login.method(), fault, source }
    }

    /// The credentials that no message may repeat: all but the role ID.
    fn secrets(&self) -> Vec<&Value> {
        self.login.secret().into_iter().collect()
    }
}

/// A token that the user provided.
fn static_token(token: &Credential) -> Result<Value, Error> {
    if !is_token(&token.value) {
        return Err(Error::TokenForm { from: token.origin.clone() });
    }
    Ok(Value::from(token.value.expose().trim_ascii()))
}
