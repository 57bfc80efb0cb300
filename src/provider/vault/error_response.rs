//! Error responses of the server, and their kinds. Pure: from a status and a body to a kind. What is shown of
//! the server's message is short, printable, and free of credentials.

use std::fmt;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::http::Response;
use crate::secret::Value;

/// How many characters of a server's message are shown.
const MESSAGE_LIMIT: usize = 300;

/// An error response.
#[derive(Debug)]
pub struct ErrorResponse {
    status: u16,
    status_text: String,
    message: Option<String>,
    kind: ResponseKind,
}

/// What an error response means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ResponseKind {
    /// The token is unknown, expired, revoked or used up; or the auth method does not exist, or the
    /// identity is locked out.
    BadToken,
    /// The policy of the token does not permit it.
    Forbidden,
    /// No policy of the token touches the path, or no engine is mounted there.
    NoMountVisible,
    /// No engine is mounted at the path.
    NoMount,
    /// The namespace does not exist.
    NoNamespace,
    /// A KV 2 secret of which this version is deleted.
    Deleted {
        /// The version.
        version: Option<u64>,
        /// When it was deleted.
        time: String,
    },
    /// A KV 2 secret of which this version is destroyed.
    Destroyed {
        /// The version.
        version: Option<u64>,
    },
    /// The path is not one of a KV 2 engine's API.
    WrongEngine,
    /// There is no such thing.
    Missing,
    /// The wrapping token is used up, expired or unknown.
    WrappingToken,
    /// The server cannot do inline authentication for this request.
    InlineUnsupported,
    /// The server does not accept the request.
    Invalid,
    /// The server failed.
    Failure,
    /// Anything else.
    Other,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire {
    errors: Option<Vec<Json>>,
    warnings: Option<Vec<Json>>,
    data: Option<WireData>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireData {
    metadata: Option<WireMetadata>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireMetadata {
    deletion_time: String,
    destroyed: bool,
    version: Option<u64>,
}

impl ErrorResponse {
    /// Parses a response. A message that repeats one of the credentials is dropped.
    pub(super) fn new(response: &Response, credentials: &[&Value]) -> Self {
        let wire: Wire = serde_json::from_slice(&response.body).unwrap_or_default();
        let texts = |list: Option<Vec<Json>>| {
            let list = list.unwrap_or_default();
            let texts: Vec<_> = list.iter().filter_map(Json::as_str).map(flatten).collect();
            texts.join("; ")
        };
        let (errors, warnings) = (texts(wire.errors), texts(wire.warnings));
        let metadata = wire.data.and_then(|data| data.metadata);
        let kind = kind(response.status, &errors, &warnings, metadata);
        let shown = if errors.is_empty() { &warnings } else { &errors };
        Self {
            status: response.status,
            status_text: response.status_text(),
            message: printable(shown, credentials),
            kind,
        }
    }

    /// The status.
    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// What it means.
    pub(super) fn kind(&self) -> &ResponseKind {
        &self.kind
    }

    /// Whether the server's message contains this text.
    pub(super) fn says(&self, text: &str) -> bool {
        self.message.as_deref().is_some_and(|message| message.contains(text))
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.status_text)?;
        self.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
    }
}

impl std::error::Error for ErrorResponse {}

/// Whether a response has the form of Vault's errors.
pub(super) fn has_form(response: &Response) -> bool {
    match serde_json::from_slice::<Json>(&response.body) {
        Ok(json) => json.get("errors").is_some() || json.get("request_id").is_some(),
        Err(_) => false,
    }
}

fn kind(status: u16, errors: &str, warnings: &str, metadata: Option<WireMetadata>) -> ResponseKind {
    let says = |text: &str| errors.contains(text);
    match status {
        403 if says("preflight capability check") => ResponseKind::NoMountVisible,
        // The text is all that tells a bad token from a missing right. A policy's text is a list.
        403 if errors == "permission denied"
            || ["bad token", "invalid token", "missing client token"].into_iter().any(says) =>
        {
            ResponseKind::BadToken
        }
        403 => ResponseKind::Forbidden,
        404 if says("namespace not found") => ResponseKind::NoNamespace,
        404 if says("no handler for route") => ResponseKind::NoMount,
        404 if warnings.contains("versioned K/V") || warnings.contains("K/V v2 mount") => {
            ResponseKind::WrongEngine
        }
        404 => match metadata {
            Some(WireMetadata { destroyed: true, version, .. }) => {
                ResponseKind::Destroyed { version }
            }
            Some(WireMetadata { deletion_time, version, .. }) if !deletion_time.is_empty() => {
                ResponseKind::Deleted { version, time: deletion_time }
            }
            _ => ResponseKind::Missing,
        },
        400 | 403.. if says("inline auth") => ResponseKind::InlineUnsupported,
        400 if says("wrapping token is not valid") => ResponseKind::WrappingToken,
        400 | 405 | 415 => ResponseKind::Invalid,
        500.. => ResponseKind::Failure,
        _ => ResponseKind::Other,
    }
}

/// A message in one line: the list that the server makes of several errors without its bullets.
fn flatten(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim().trim_start_matches("* ").trim());
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

/// The text as it may be shown.
fn printable(text: &str, credentials: &[&Value]) -> Option<String> {
    let repeats = |value: &&Value| {
        value.expose_str().map(str::trim).is_some_and(|v| !v.is_empty() && text.contains(v))
    };
    if credentials.iter().any(repeats) {
        return None;
    }
    let mut shown: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MESSAGE_LIMIT).collect();
    if text.chars().nth(MESSAGE_LIMIT).is_some() {
        shown.push('…');
    }
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> ErrorResponse {
        ErrorResponse::new(&Response::of(status, "application/json", body), &[])
    }

    #[test]
    fn the_meaning_of_a_response_is_in_its_text() {
        use ResponseKind as K;
        let policy = r#"{"errors":["1 error occurred:\n\t* permission denied\n\n"]}"#;
        // A server of the other vendor adds a second line for a bad token.
        let invalid =
            r#"{"errors":["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]}"#;
        for (status, body, want) in [
            (403, r#"{"errors":["permission denied"]}"#, K::BadToken),
            (403, invalid, K::BadToken),
            (403, policy, K::Forbidden),
            (404, r#"{"errors":[]}"#, K::Missing),
            (404, "", K::Missing),
            (404, r#"{"errors":["namespace not found"]}"#, K::NoNamespace),
            (500, r#"{"errors":["missing role_id"]}"#, K::Failure),
            (
                500,
                r#"{"errors":["requests with inline authentication cannot generate leases"]}"#,
                K::InlineUnsupported,
            ),
            (405, r#"{"errors":["1 error occurred:\n\t* unsupported operation\n\n"]}"#, K::Invalid),
        ] {
            assert_eq!(*answer(status, body).kind(), want, "{body}");
        }
        assert_eq!(
            answer(403, invalid).to_string(),
            "403 Forbidden: 2 errors occurred: permission denied invalid token"
        );
    }

    #[test]
    fn a_message_is_short_printable_and_without_credentials() {
        let body = r#"{"errors":["role canary-id \u001b[31m not found"]}"#;
        let response = Response::of(400, "application/json", body);
        let credential = Value::from("canary-id\n");
        assert_eq!(ErrorResponse::new(&response, &[&credential]).to_string(), "400 Bad Request");
        assert_eq!(
            answer(400, body).to_string(),
            "400 Bad Request: role canary-id  [31m not found"
        );
        let long = format!(r#"{{"errors":["{}"]}}"#, "x".repeat(400));
        assert_eq!(answer(400, &long).to_string().chars().count(), "400 Bad Request: ".len() + 301);
    }
}
