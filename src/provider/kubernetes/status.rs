//! Errors of the API server: a Status object with a `reason`, or plain text. Pure. What is shown of the
//! server's message is short, printable and free of credentials.

use std::fmt;

use super::wire::StatusObject;
use crate::http::Response;
use crate::secret::Value;

/// How many characters of a server's message are shown.
const MESSAGE_LIMIT: usize = 300;

/// An error of the API server.
#[derive(Debug)]
pub(super) struct StatusError {
    /// What it means.
    pub(super) kind: StatusKind,
    /// Whether the server knows the request as anonymous.
    pub(super) is_anonymous: bool,
    status: String,
    message: Option<String>,
}

/// What an error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatusKind {
    /// The credentials are not accepted.
    Unauthorized,
    /// The identity lacks a right.
    Forbidden,
    /// There is no such object.
    NotFound,
    /// There is no such path: it is no API server, or another version.
    NoRoute,
    /// The revision is not kept any longer.
    Expired,
    /// There were too many requests.
    TooManyRequests,
    /// The server or its store does not work now.
    Unavailable,
    /// The object is another one than the request expects: it was changed, or it exists.
    Conflict,
    /// The request is wrong.
    Invalid,
    /// It has no form that Kubernetes uses.
    Foreign,
    /// Anything else.
    Other,
}

impl StatusError {
    /// Reads an error response. A message that repeats one of the credentials is dropped.
    pub(super) fn new(response: &Response, credentials: &[&Value]) -> Self {
        let object = serde_json::from_slice::<StatusObject>(&response.body);
        let object = object.ok().filter(|object| object.kind == "Status");
        let kind = match &object {
            Some(object) => kind_of(response.status, object),
            None => kind_of_text(response),
        };
        let object = object.unwrap_or_default();
        // The message of a 422 may contain values.
        let is_shown = kind != StatusKind::Foreign && response.status != 422;
        let message = is_shown.then(|| printable(&object.message, credentials)).flatten();
        Self {
            is_anonymous: object.message.contains("\"system:anonymous\""),
            kind,
            status: response.status_text(),
            message,
        }
    }
}

fn kind_of(status: u16, object: &StatusObject) -> StatusKind {
    match (object.reason.as_str(), status) {
        ("Unauthorized", _) => StatusKind::Unauthorized,
        ("Forbidden", _) => StatusKind::Forbidden,
        ("NotFound", _) => match &object.details {
            Some(details) if !details.name.is_empty() && details.kind == "secrets" => {
                StatusKind::NotFound
            }
            _ => StatusKind::NoRoute,
        },
        ("Expired" | "Gone", _) => StatusKind::Expired,
        ("TooManyRequests", _) => StatusKind::TooManyRequests,
        ("Conflict" | "AlreadyExists", _) => StatusKind::Conflict,
        ("Timeout" | "ServerTimeout" | "ServiceUnavailable" | "InternalError", _) | (_, 500..) => {
            StatusKind::Unavailable
        }
        ("BadRequest" | "Invalid" | "NotAcceptable", _) => StatusKind::Invalid,
        (_, 401) => StatusKind::Unauthorized,
        (_, 403) => StatusKind::Forbidden,
        _ => StatusKind::Other,
    }
}

/// What stands before an API server answers in words of its own.
fn kind_of_text(response: &Response) -> StatusKind {
    match response.status {
        401 => StatusKind::Unauthorized,
        429 => StatusKind::TooManyRequests,
        404 => StatusKind::NoRoute,
        500.. => StatusKind::Unavailable,
        _ => StatusKind::Foreign,
    }
}

fn printable(message: &str, credentials: &[&Value]) -> Option<String> {
    let is_in = |credential: &&&Value| {
        credential.expose_str().is_some_and(|text| text.len() >= 6 && message.contains(text.trim()))
    };
    if message.is_empty() || credentials.iter().any(|credential| is_in(&credential)) {
        return None;
    }
    let clean = message.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut text: String = clean.take(MESSAGE_LIMIT).collect();
    if message.chars().count() > MESSAGE_LIMIT {
        text.push('…');
    }
    Some(text)
}

impl fmt::Display for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.status)?;
        self.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
    }
}

impl std::error::Error for StatusError {}
