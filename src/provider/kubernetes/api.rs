//! Requests to an API server: the login, one request and the reading of its answer, and lists in pages. Rejected
//! credentials are replaced once, if their file or plugin has others. It does not know what is read for.

use std::rc::Rc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use url::Url;

use super::access::{Access, Login};
use super::access_error::AccessError;
use super::authorization::{basic, bearer, trimmed, without_scheme};
use super::error::{Error, Operation};
use super::status::{StatusError, StatusKind};
use super::wire::{
    AccessReviewSpec, Allowed, ResourceAttributes, Review, Reviewed, SecretList, SecretObject,
    SelfSubject, ServerVersion,
};
use crate::http::{self, Request, Response, ServerTls};
use crate::seal::private_file::read_within;
use crate::secret::Value;

/// The media type of a JSON merge patch.
const MERGE_PATCH: &str = "application/merge-patch+json";

/// How many Secrets a page of a list has.
const PAGE_SIZE: &str = "500";

/// How often a list is begun anew because its revision expired.
const LIST_ATTEMPTS: u32 = 3;

/// The largest token file, in bytes.
const TOKEN_LIMIT: u64 = 1 << 20;

/// An API server, as one identity sees it.
#[derive(Debug)]
pub(super) struct Api {
    access: Access,
    options: http::Options,
    began: Instant,
    // Held while logging in, so that requests that fail together log in once.
    connection: Mutex<Option<Rc<Connection>>>,
}

/// A client with credentials.
#[derive(Debug)]
struct Connection {
    client: http::Client,
    /// The `Authorization` header.
    authorization: Option<Value>,
}

/// Why there is no answer of the expected shape.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server refuses; what that means depends on the request.
    Refused(Box<StatusError>),
    /// There is nothing to interpret.
    Failed(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Api {
    /// Makes it with the options of the run. Nothing is sent yet.
    pub(super) fn new(access: Access, mut options: http::Options) -> Self {
        options.server_tls = access.tls.clone();
        if access.proxy.is_some() {
            options.proxy = http::Proxy { fixed: access.proxy.clone(), ..http::Proxy::default() };
        }
        Self { access, options, began: Instant::now(), connection: Mutex::default() }
    }

    /// The address, for messages.
    pub(super) fn server(&self) -> String {
        self.access.server.as_str().trim_end_matches('/').to_owned()
    }

    /// Closes the connections, whose buffers may hold secrets.
    pub(super) fn close(&self) {
        if let Ok(connection) = self.connection.try_lock()
            && let Some(connection) = &*connection
        {
            connection.client.close();
        }
    }

    /// Reads one Secret.
    pub(super) async fn secret(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<SecretObject, Failure> {
        let url = self.url(&["api", "v1", "namespaces", namespace, "secrets", name], &[]);
        let object: SecretObject = self.get(&url).await?;
        match object.kind.as_deref() {
            Some("Secret") => Ok(object),
            _ => Err(self.not_kubernetes("it sent another object than a Secret").into()),
        }
    }

    /// Reads all Secrets with these labels, page by page. A list whose revision expires is begun anew.
    pub(super) async fn list(
        &self,
        namespace: &str,
        selector: &str,
    ) -> Result<Vec<SecretObject>, Failure> {
        for _ in 0..LIST_ATTEMPTS {
            match self.list_once(namespace, selector).await {
                Err(Failure::Refused(error)) if error.kind == StatusKind::Expired => {}
                outcome => return outcome,
            }
        }
        Err(Error::ListExpired { attempts: LIST_ATTEMPTS }.into())
    }

    async fn list_once(
        &self,
        namespace: &str,
        selector: &str,
    ) -> Result<Vec<SecretObject>, Failure> {
        let (mut all, mut continue_token) = (Vec::new(), None::<String>);
        loop {
            let mut query = vec![("labelSelector", selector), ("limit", PAGE_SIZE)];
            query.extend(continue_token.as_deref().map(|token| ("continue", token)));
            let url = self.url(&["api", "v1", "namespaces", namespace, "secrets"], &query);
            let page: SecretList = self.get(&url).await?;
            if page.kind != "SecretList" {
                let seen = "it sent another object than a list of Secrets";
                return Err(self.not_kubernetes(seen).into());
            }
            all.extend(page.items);
            let next = page.metadata.continue_token.filter(|token| !token.is_empty());
            match next {
                None => return Ok(all),
                // Otherwise the list would fill the memory.
                same if same == continue_token => {
                    return Err(self.not_kubernetes("its list of Secrets does not end").into());
                }
                next => continue_token = next,
            }
        }
    }

    /// Creates a Secret.
    pub(super) async fn create_secret(
        &self,
        namespace: &str,
        manifest: &Value,
    ) -> Result<SecretObject, Failure> {
        let url = self.url(&["api", "v1", "namespaces", namespace, "secrets"], &[]);
        self.send(Operation::Write, &Request::post(&url, manifest).single_use()).await
    }

    /// Changes a Secret with a JSON merge patch (RFC 7396).
    pub(super) async fn patch_secret(
        &self,
        namespace: &str,
        name: &str,
        patch: &Value,
    ) -> Result<SecretObject, Failure> {
        let url = self.url(&["api", "v1", "namespaces", namespace, "secrets", name], &[]);
        let request = Request::patch(&url, patch).with_content_type(MERGE_PATCH);
        self.send(Operation::Write, &request.single_use()).await
    }

    /// Asks for the server's version, without credentials but a static client certificate.
    pub(super) async fn version(&self) -> Result<ServerVersion, Failure> {
        let client = http::Client::new(self.options.clone());
        let request = Request::get(&self.url(&["version"], &[]));
        let response = self.transport(Operation::Ask, client.send(&request).await)?;
        self.decode(&response, &[])
    }

    /// Asks who logged in.
    pub(super) async fn who_am_i(&self) -> Result<String, Failure> {
        let (api_version, kind) = ("authentication.k8s.io/v1", "SelfSubjectReview");
        let review = Review { api_version, kind, spec: None::<()> };
        let path = ["apis", "authentication.k8s.io", "v1", "selfsubjectreviews"];
        let reviewed: Reviewed<SelfSubject> = self.review(&path, &review).await?;
        Ok(reviewed.status.user_info.username)
    }

    /// Asks whether the identity may do this with a Secret, or with all of them.
    pub(super) async fn may(
        &self,
        verb: &'static str,
        namespace: &str,
        name: Option<&str>,
    ) -> Result<bool, Failure> {
        let attributes = ResourceAttributes { namespace, verb, resource: "secrets", name };
        let review = Review {
            api_version: "authorization.k8s.io/v1",
            kind: "SelfSubjectAccessReview",
            spec: Some(AccessReviewSpec { resource_attributes: attributes }),
        };
        let path = ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"];
        let reviewed: Reviewed<Allowed> = self.review(&path, &review).await?;
        Ok(reviewed.status.allowed)
    }

    /// Converts an error response that has no special meaning for this request.
    pub(super) fn refused(&self, operation: Operation, failure: Failure) -> Error {
        let server = self.server();
        match failure {
            Failure::Failed(error) => error,
            Failure::Refused(source) => match source.kind {
                StatusKind::Unauthorized => {
                    let is_anonymous = matches!(self.access.login, Login::Anonymous)
                        && self.access.tls.certificate.is_none();
                    let origin = self.access.origin.clone();
                    Error::Unauthorized { server, origin, is_anonymous }
                }
                StatusKind::NoRoute => self.not_kubernetes("it has no API for Secrets"),
                StatusKind::Foreign => self.not_kubernetes("it sent no answer of Kubernetes"),
                _ => Error::Refused { operation, server, source },
            },
        }
    }

    fn not_kubernetes(&self, seen: &'static str) -> Error {
        Error::NotKubernetes { server: self.server(), seen }
    }

    fn url(&self, parts: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.access.server.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn get<T: DeserializeOwned>(&self, url: &Url) -> Result<T, Failure> {
        self.send(Operation::Read, &Request::get(url)).await
    }

    async fn review<S: Serialize, T: DeserializeOwned>(
        &self,
        path: &[&str],
        review: &Review<S>,
    ) -> Result<T, Failure> {
        let body = Value::from(serde_json::to_string(review).unwrap_or_default());
        self.send(Operation::Ask, &Request::post(&self.url(path, &[]), &body)).await
    }

    /// Sends a request, and once more with other credentials if these are rejected and there are others.
    async fn send<T: DeserializeOwned>(
        &self,
        operation: Operation,
        request: &Request,
    ) -> Result<T, Failure> {
        let connection = self.connect(None).await?;
        let mut response = self.send_over(&connection, operation, request).await?;
        let mut used = connection;
        if response.status == 401 {
            let connection = self.connect(Some(&used)).await?;
            if !Rc::ptr_eq(&connection, &used) {
                response = self.send_over(&connection, operation, request).await?;
                used = connection;
            }
        }
        self.decode(&response, &used.authorization.iter().collect::<Vec<_>>())
    }

    async fn send_over(
        &self,
        connection: &Connection,
        operation: Operation,
        request: &Request,
    ) -> Result<Response, Error> {
        let request = self.authorized(connection, request.clone());
        let sent = match request {
            Ok(request) => connection.client.send(&request).await,
            Err(error) => Err(error),
        };
        self.transport(operation, sent)
    }

    fn authorized(
        &self,
        connection: &Connection,
        mut request: Request,
    ) -> Result<Request, http::Error> {
        if let Some(authorization) = &connection.authorization {
            request = request.authorized(&("authorization", authorization))?;
        }
        self.access.impersonation.add_to(request)
    }

    fn transport(
        &self,
        operation: Operation,
        sent: Result<Response, http::Error>,
    ) -> Result<Response, Error> {
        let server = self.server();
        sent.map_err(|error| Error::Transport { operation, server, source: Box::new(error) })
    }

    /// Reads a response. The words of the JSON library are not used: they quote values.
    fn decode<T: DeserializeOwned>(
        &self,
        response: &Response,
        credentials: &[&Value],
    ) -> Result<T, Failure> {
        if !(200..=299).contains(&response.status) {
            // A header has a scheme before the token.
            let tokens: Vec<Value> =
                credentials.iter().map(|header| without_scheme(header)).collect();
            let error = StatusError::new(response, &tokens.iter().collect::<Vec<_>>());
            return Err(Failure::Refused(Box::new(error)));
        }
        let decoded = serde_json::from_slice(&response.body);
        decoded.map_err(|_| match response.body.trim_ascii_start().first() {
            Some(b'<') => self.not_kubernetes("it sent HTML").into(),
            Some(b'{') => {
                self.not_kubernetes("it sent JSON of another form, or only a part").into()
            }
            _ => self.not_kubernetes("it sent no JSON").into(),
        })
    }

    /// The connection: the one that there is unless it was rejected, else one with new credentials. It is the
    /// rejected one if there are no others.
    async fn connect(&self, rejected: Option<&Rc<Connection>>) -> Result<Rc<Connection>, Error> {
        let mut current = self.connection.lock().await;
        if let Some(connection) = &*current
            && rejected.is_none_or(|rejected| !Rc::ptr_eq(rejected, connection))
        {
            return Ok(Rc::clone(connection));
        }
        let (authorization, certificate) = self.credentials().await?;
        if let Some(rejected) = rejected
            && certificate.is_none()
            && rejected.authorization == authorization
        {
            return Ok(Rc::clone(rejected));
        }
        let mut options = self.options.clone();
        options.timeout = self.remaining();
        if certificate.is_some() {
            options.server_tls = ServerTls { certificate, ..options.server_tls };
        }
        let connection = Rc::new(Connection { client: http::Client::new(options), authorization });
        Ok(Rc::clone(current.insert(connection)))
    }

    fn remaining(&self) -> Duration {
        self.options.timeout.saturating_sub(self.began.elapsed())
    }

    /// The `Authorization` header, and the client certificate of a plugin.
    async fn credentials(&self) -> Result<(Option<Value>, Option<(Value, Value)>), Error> {
        let header = match &self.access.login {
            Login::Anonymous => None,
            Login::Token(token) => Some(bearer(token)),
            Login::TokenFile { path, fallback } => {
                let content = read_within(path, TOKEN_LIMIT, || self.remaining());
                let token = content.as_ref().ok().and_then(|content| trimmed(&content.bytes));
                match (token, fallback, content) {
                    (Some(token), ..) => Some(bearer(&token)),
                    (None, Some(token), _) => Some(bearer(token)),
                    (None, None, Err(error)) => {
                        return Err(AccessError::unreadable("token file", path, error).into());
                    }
                    (None, None, Ok(_)) => {
                        return Err(Error::EmptyToken { path: path.display().to_string() });
                    }
                }
            }
            Login::Basic { username, password } => Some(basic(username, password)),
            Login::Exec(plugin) => {
                let command = || plugin.entry.command.clone();
                let given = plugin.run(self.remaining()).await;
                let given = given.map_err(|source| Error::Plugin { command: command(), source })?;
                return Ok((given.token.as_ref().map(bearer), given.certificate));
            }
        };
        Ok((header, None))
    }
}
