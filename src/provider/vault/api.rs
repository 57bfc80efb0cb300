//! One request to Vault and the reading of its response: a body that was expected, a rejection, or something
//! that does not come from Vault. It knows no login and no meaning of a rejection.

use std::time::Duration;

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use url::Url;

use super::error::Error;
use super::error_kind::{BodyError, Operation, UnexpectedContent};
use super::error_response::{ErrorResponse, has_form};
use super::path::ApiPath;
use super::settings::Server;
use super::wire::{Envelope, Health};
use crate::http::{self, Request, Response};
use crate::secret::Value;

/// The time limit for asking whether a server is sealed.
const STATUS_TIMEOUT: Duration = Duration::from_secs(2);

const TOKEN: &str = "x-vault-token";
const NAMESPACE: &str = "x-vault-namespace";
/// Agents and proxies may require this header, so that no browser can be made to send requests to them.
const REQUEST: &str = "x-vault-request";
const INLINE_PATH: &str = "x-vault-inline-auth-path";
/// No login has more parameters.
const INLINE_PARAMETERS: [&str; 2] =
    ["x-vault-inline-auth-parameter-1", "x-vault-inline-auth-parameter-2"];

/// The server, as this source sees it.
#[derive(Debug)]
pub(super) struct Api {
    http: http::Client,
    server: Server,
    namespace: Option<String>,
}

/// A request: a path below `/v1`, the query, and a body for POST.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) operation: Operation,
    pub(super) path: &'a ApiPath,
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a Value>,
    /// Whether it spends a credential or creates something.
    pub(super) single_use: bool,
}

/// What authenticates a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Authentication<'a> {
    /// Nothing, or what an agent adds.
    None,
    /// A token.
    Token(&'a Value),
    /// The parameters of a login, each as it is sent, and the path of the login.
    Inline(&'a ApiPath, &'a [Value]),
}

/// Why there is no response of the expected shape.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server rejects the request; what that means depends on the request.
    Refused(Box<ErrorResponse>),
    /// There is nothing to interpret.
    Failed(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// A successful response.
#[derive(Debug)]
pub(super) struct Reply {
    response: Response,
    server: String,
}

impl Reply {
    /// Parses the body.
    pub(super) fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        let text = std::str::from_utf8(&self.response.body)
            .map_err(|_| self.invalid(BodyError::NotUtf8))?;
        decode(text).map_err(|fault| fault.at(self.server.clone()))
    }

    /// Parses the `data` of the body.
    pub(super) fn data<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        let envelope: Envelope<'a> = self.parse()?;
        self.parse_part(envelope.data)
    }

    /// Parses a part of the body.
    pub(super) fn parse_part<'a, T: Deserialize<'a>>(
        &self,
        part: Option<&'a RawValue>,
    ) -> Result<T, Error> {
        decode(part.map_or("null", RawValue::get)).map_err(|fault| fault.at(self.server.clone()))
    }

    fn invalid(&self, damage: BodyError) -> Error {
        Error::InvalidBody { server: self.server.clone(), damage }
    }
}

impl Api {
    pub(super) fn new(http: http::Client, server: Server, namespace: Option<String>) -> Self {
        Self { http, server, namespace }
    }

    /// The client.
    pub(super) fn http(&self) -> &http::Client {
        &self.http
    }

    /// Closes the connections.
    pub(super) fn close(&self) {
        self.http.close();
    }

    /// The same server, with a time limit of its own.
    pub(super) fn with_own_deadline(&self, timeout: Duration) -> Self {
        Self {
            http: self.http.with_own_deadline(timeout),
            server: self.server.clone(),
            namespace: self.namespace.clone(),
        }
    }

    /// The address as an error shows it.
    pub(super) fn server(&self) -> String {
        self.server.shown.clone()
    }

    /// The namespace.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Sends a request. The credentials are those that must not be repeated in what an error quotes.
    pub(super) async fn send(
        &self,
        call: Call<'_>,
        authentication: Authentication<'_>,
        credentials: &[&Value],
    ) -> Result<Reply, Failure> {
        let request = self.request(call, authentication);
        let response = match request {
            Ok(request) => self.http.send(&request).await,
            Err(error) => Err(error),
        };
        let server = self.server();
        let response = match response {
            Ok(response) => response,
            Err(source) => return Err(self.transport(call.operation, source).await.into()),
        };
        match response.status {
            200..=299 if is_html(&response) => {
                Err(Error::NotVault { server, seen: UnexpectedContent::Html }.into())
            }
            200..=299 => Ok(Reply { response, server }),
            // What stands before a server may fail in words of its own.
            400..500 if !has_form(&response) && !response.body.is_empty() => {
                let seen =
                    if is_html(&response) { UnexpectedContent::Html } else { foreign(&response) };
                Err(Error::NotVault { server, seen }.into())
            }
            _ => Err(Failure::Refused(ErrorResponse::new(&response, credentials).into())),
        }
    }

    /// Requests the state of the server, which needs no login and no namespace.
    pub(super) async fn health(&self) -> Result<Health, Error> {
        let (path, operation) = (ApiPath::of(&["sys", "health"]), Operation::Status);
        let codes = ["standbyok", "perfstandbyok"].map(|name| (name, "true"));
        let more = ["sealedcode", "uninitcode", "drsecondarycode"].map(|name| (name, "200"));
        let query = [codes.as_slice(), more.as_slice()].concat();
        let call = Call { operation, path: &path, query: &query, body: None, single_use: false };
        let outside = Self { namespace: None, ..self.with_same_deadline() };
        let reply = Box::pin(outside.send(call, Authentication::None, &[])).await;
        reply.map_err(|failure| failure.into_error(operation, self.server()))?.parse()
    }

    fn with_same_deadline(&self) -> Self {
        Self { http: self.http.clone(), server: self.server.clone(), namespace: None }
    }

    fn request(
        &self,
        call: Call<'_>,
        authentication: Authentication<'_>,
    ) -> Result<Request, http::Error> {
        let url = self.url(call);
        let mut request = match call.body {
            Some(body) if call.operation == Operation::Delete => Request::delete(&url, body),
            Some(body) => Request::post(&url, body),
            None => Request::get(&url),
        };
        request = request.with_header(REQUEST, "true");
        if let Some(namespace) = &self.namespace {
            request = request.with_header(NAMESPACE, namespace);
        }
        request = match authentication {
            Authentication::None => request,
            Authentication::Token(token) => request.authorized(&(TOKEN, token))?,
            Authentication::Inline(path, parameters) => {
                let path = request.with_header(INLINE_PATH, &path.to_string());
                let named = INLINE_PARAMETERS.into_iter().zip(parameters);
                named.into_iter().try_fold(path, |request, named| request.authorized(&named))?
            }
        };
        // A standby may redirect a write within its origin, with method and body.
        let request = request.allow_redirects_to(vec![self.server.base.origin()]);
        Ok(if call.single_use { request.single_use() } else { request })
    }

    fn url(&self, call: Call<'_>) -> Url {
        let mut url = self.server.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v1").extend(call.path.segments());
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query);
        }
        url
    }

    /// The error of a request without a response. A server that is unavailable may be sealed, which its
    /// gateway's status does not tell.
    async fn transport(&self, operation: Operation, source: http::Error) -> Error {
        let server = self.server();
        let is_unavailable = matches!(source, http::Error::Unavailable { status: 503, .. });
        if is_unavailable
            && operation != Operation::Status
            && let Ok(health) = self.with_own_deadline(STATUS_TIMEOUT).health().await
            && let Some(state) = health.trouble()
        {
            return Error::Sealed { server, state };
        }
        Error::Transport { operation, server, source: source.into() }
    }
}

impl Failure {
    /// The error for a rejection that has no special meaning for this request.
    pub(super) fn into_error(self, operation: Operation, server: String) -> Error {
        match self {
            Self::Failed(error) => error,
            Self::Refused(source) => Error::Refused { operation, server, source },
        }
    }
}

impl Health {
    /// Why the server cannot answer, if it cannot.
    pub(super) fn trouble(&self) -> Option<&'static str> {
        match (self.initialized, self.sealed) {
            (false, _) => Some("not initialized"),
            (true, true) => Some("sealed"),
            (true, false) => None,
        }
    }

    /// Whether it is `OpenBao` with inline authentication, by its version: 2.4 or newer.
    pub(super) fn has_inline_auth(&self) -> bool {
        let mut numbers = self.version.split(['.', '-', '+']).map(str::parse::<u32>);
        matches!(
            (numbers.next(), numbers.next()),
            (Some(Ok(2)), Some(Ok(4..))) | (Some(Ok(3..)), _)
        )
    }
}

/// A body that cannot be read.
#[derive(Debug, PartialEq, Eq)]
enum DecodeError {
    Foreign(UnexpectedContent),
    InvalidBody(BodyError),
}

impl DecodeError {
    fn at(self, server: String) -> Error {
        match self {
            Self::Foreign(seen) => Error::NotVault { server, seen },
            Self::InvalidBody(damage) => Error::InvalidBody { server, damage },
        }
    }
}

/// Parses JSON. The words of the JSON library are not used: they quote values.
fn decode<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, DecodeError> {
    serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => DecodeError::Foreign(UnexpectedContent::OtherJson),
        Category::Eof => DecodeError::InvalidBody(BodyError::Incomplete),
        Category::Syntax | Category::Io if !text.trim_start().starts_with(['{', '[']) => {
            DecodeError::Foreign(UnexpectedContent::Other)
        }
        Category::Syntax | Category::Io => DecodeError::InvalidBody(BodyError::Syntax {
            line: error.line(),
            column: error.column(),
        }),
    })
}

fn foreign(response: &Response) -> UnexpectedContent {
    match serde_json::from_slice::<serde::de::IgnoredAny>(&response.body) {
        Ok(_) => UnexpectedContent::OtherJson,
        Err(_) => UnexpectedContent::Other,
    }
}

fn is_html(response: &Response) -> bool {
    let html = |kind: &String| kind.to_ascii_lowercase().starts_with("text/html");
    response.content_type.as_ref().is_some_and(html)
        || response.body.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_authentication_is_known_by_the_version() {
        for (version, want) in [
            ("2.7.2", true),
            ("2.4.0-beta1", true),
            ("2.3.9", false),
            ("1.21.0", false),
            ("1.21.0+ent", false),
            ("3.0.0", true),
            ("", false),
        ] {
            let health: Health =
                serde_json::from_str(&format!(r#"{{"version":"{version}"}}"#)).unwrap();
            assert_eq!(health.has_inline_auth(), want, "{version}");
        }
    }

    #[test]
    fn a_body_that_is_no_envelope_is_told() {
        use {BodyError as B, UnexpectedContent as C};
        for (body, want) in [
            (r#"{"data":"canary"#, DecodeError::InvalidBody(B::Incomplete)),
            ("", DecodeError::InvalidBody(B::Incomplete)),
            ("It works!", DecodeError::Foreign(C::Other)),
            (r#"{"auth":"canary"}"#, DecodeError::Foreign(C::OtherJson)),
            ("{\"data\":\n [}", DecodeError::InvalidBody(B::Syntax { line: 2, column: 3 })),
        ] {
            assert_eq!(decode::<Envelope<'_>>(body).unwrap_err(), want, "{body}");
        }
    }
}
