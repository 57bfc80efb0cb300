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
    kind: String,
    request: Option<String>,
    is_validation: bool,
}

/// What an error response means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseKind {
    /// The server does not understand the request.
    Validation,
    /// The token has expired.
    TokenExpired,
    /// The token has reached its number of uses.
    TokenUsedUp,
    /// The token is malformed.
    TokenMalformed,
    /// The token is revoked, or is not a token of this server.
    TokenUnknown,
    /// The identity does not permit this IP address.
    Address,
    /// The identity is not a member of the project.
    NotAMember,
    /// A reference leads to a secret that the identity may not read.
    Reference,
    /// The identity lacks the permission.
    Forbidden,
    /// The project does not exist.
    UnknownProject,
    /// The environment does not exist.
    UnknownEnvironment,
    /// The route does not exist: the server is older, or is not Infisical.
    RouteMissing,
    /// The object does not exist.
    Missing,
    /// The server failed.
    Failure,
    /// Anything else.
    Other,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    message: Json,
    error: Json,
    req_id: Json,
}

impl ErrorResponse {
    /// Parses a response. A message that repeats one of the credentials is dropped.
    pub(super) fn new(response: &Response, credentials: &[&Value]) -> Self {
        let credentials: Vec<Value> = credentials.iter().copied().cloned().collect();
        let credentials = credentials.as_slice();
        let wire: Wire = serde_json::from_slice(&response.body).unwrap_or_default();
        let is_validation = wire.message.is_array();
        let message = match &wire.message {
            Json::String(text) => Some(text.clone()),
            Json::Array(issues) => Some(issues.iter().map(issue).collect::<Vec<_>>().join("; ")),
            _ => None,
        };
        Self {
            status: response.status,
            status_text: response.status_text(),
            message: message.and_then(|message| printable(&message, credentials)),
            kind: wire.error.as_str().and_then(|k| printable(k, credentials)).unwrap_or_default(),
            request: wire.req_id.as_str().and_then(|id| printable(id, credentials)),
            is_validation,
        }
    }

    /// The status.
    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// Whether the server's message, or its name for the fault, contain this text.
    pub(super) fn says(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        [self.message.as_deref(), Some(&self.kind)]
            .into_iter()
            .flatten()
            .any(|message| message.to_ascii_lowercase().contains(&text))
    }

    /// Its kind.
    pub(super) fn kind(&self) -> ResponseKind {
        if self.is_validation {
            return ResponseKind::Validation;
        }
        match self.status {
            401 => self.unauthorized(),
            403 => self.forbidden(),
            404 if self.is_route() => ResponseKind::RouteMissing,
            404 if self.says("service token") => ResponseKind::TokenUnknown,
            404 if self.says("environment not found") => ResponseKind::UnknownEnvironment,
            404 | 500 if self.says("project not found") || self.says("project by slug") => {
                ResponseKind::UnknownProject
            }
            404 => ResponseKind::Missing,
            500.. => ResponseKind::Failure,
            _ => ResponseKind::Other,
        }
    }

    fn unauthorized(&self) -> ResponseKind {
        if self.says("ttl expiration") || self.says("expired") {
            ResponseKind::TokenExpired
        } else if self.says("number of uses") {
            ResponseKind::TokenUsedUp
        } else if self.says("ip address") {
            ResponseKind::Address
        } else {
            ResponseKind::TokenUnknown
        }
    }

    fn forbidden(&self) -> ResponseKind {
        if self.kind == "TokenError" || (self.says("token") && self.says("expired")) {
            if self.says("expired") {
                ResponseKind::TokenExpired
            } else {
                ResponseKind::TokenMalformed
            }
        } else if self.says("ip address") {
            ResponseKind::Address
        } else if self.says("not a member") {
            ResponseKind::NotAMember
        } else if self.says("attempting to reference") || self.says("expand one or more") {
            ResponseKind::Reference
        } else {
            ResponseKind::Forbidden
        }
    }

    /// The 404 of the web framework has no request ID; that of the application has one on newer servers.
    fn is_route(&self) -> bool {
        self.message.as_deref().is_some_and(|message| message.starts_with("Route "))
            || (self.kind == "Not Found" && self.request.is_none())
    }
}

impl ResponseKind {
    /// Whether a new login may help.
    pub(super) fn is_token(self) -> bool {
        matches!(
            self,
            Self::TokenExpired | Self::TokenUsedUp | Self::TokenMalformed | Self::TokenUnknown
        )
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {}", self.status_text)?;
        if let Some(message) = &self.message {
            write!(f, ": {}", message.trim_end_matches('.'))?;
        }
        // Most error names are class names; some are sentences that say more than the message.
        if self.kind.contains(' ') && !self.is_route() {
            write!(f, " ({})", self.kind)?;
        }
        if let Some(request) = &self.request {
            write!(f, " [{request}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for ErrorResponse {}

fn issue(issue: &Json) -> String {
    let message = issue.get("message").and_then(Json::as_str).unwrap_or_default();
    let path: Vec<_> = issue
        .get("path")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
        .collect();
    if path.is_empty() { message.to_owned() } else { format!("{}: {message}", path.join(".")) }
}

/// Makes a text safe to print, or drops it if it repeats a credential.
fn printable(text: &str, credentials: &[Value]) -> Option<String> {
    let repeats = |value: &Value| {
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

    const RECORDED: &[(u16, &str, ResponseKind)] = &[
        (
            401,
            r#"{"message":"Token missing","error":"UnauthorizedError"}"#,
            ResponseKind::TokenUnknown,
        ),
        (
            401,
            r#"{"message":"No identity access token found","error":"UnauthorizedError"}"#,
            ResponseKind::TokenUnknown,
        ),
        (
            401,
            r#"{"message":"Failed to renew MI access token due to TTL expiration","error":"UnauthorizedError"}"#,
            ResponseKind::TokenExpired,
        ),
        (
            401,
            r#"{"message":"Unable to renew because access token number of uses limit reached","error":"UnauthorizedError"}"#,
            ResponseKind::TokenUsedUp,
        ),
        (
            401,
            r#"{"message":[{"path":["recursive"],"message":"Invalid enum value"}],"error":"ValidationFailure"}"#,
            ResponseKind::Validation,
        ),
        (
            422,
            r#"{"reqId":"req-1","message":[{"path":["a"],"message":"Required"}],"error":"ValidationFailure"}"#,
            ResponseKind::Validation,
        ),
        (
            403,
            r#"{"message":"Your token has expired. Please re-authenticate.","error":"TokenError"}"#,
            ResponseKind::TokenExpired,
        ),
        (
            403,
            r#"{"message":"invalid signature","error":"TokenError"}"#,
            ResponseKind::TokenMalformed,
        ),
        (
            403,
            r#"{"message":"The provided access token is malformed. Please use a valid token or generate a new one and try again.","error":"TokenError"}"#,
            ResponseKind::TokenMalformed,
        ),
        (
            403,
            r#"{"message":"Service token has expired","error":"ForbiddenError"}"#,
            ResponseKind::TokenExpired,
        ),
        (
            404,
            r#"{"message":"Service token not found","error":"NotFound"}"#,
            ResponseKind::TokenUnknown,
        ),
        (
            403,
            r#"{"message":"You are not allowed to access this resource from the current IP address","error":"ForbiddenError"}"#,
            ResponseKind::Address,
        ),
        (
            403,
            r#"{"message":"You are not allowed to access this resource","error":"Identity is not a member of the specified project"}"#,
            ResponseKind::NotAMember,
        ),
        (
            403,
            r#"{"message":"You are not allowed to read on secrets","error":"PermissionDenied"}"#,
            ResponseKind::Forbidden,
        ),
        (
            403,
            r#"{"message":"You are attempting to reference secret named NAME from environment prod in path /shared which you do not have access to.","error":"ForbiddenError"}"#,
            ResponseKind::Reference,
        ),
        (
            403,
            r#"{"message":"Failed to expand one or more secret references","error":"ForbiddenError","details":["x"]}"#,
            ResponseKind::Reference,
        ),
        (
            404,
            r#"{"message":"Route GET:/api/v4/secrets not found","error":"Not Found","statusCode":404}"#,
            ResponseKind::RouteMissing,
        ),
        (404, r#"{"error":"Not Found","statusCode":404}"#, ResponseKind::RouteMissing),
        (
            404,
            r#"{"reqId":"req-1","message":"Folder not found","error":"Not Found"}"#,
            ResponseKind::Missing,
        ),
        (
            404,
            r#"{"message":"Project not found during bot lookup. Are you sure you are using the correct project ID?","error":"NotFound"}"#,
            ResponseKind::UnknownProject,
        ),
        (
            500,
            r#"{"message":"Something went wrong","error":"Failed to find project by slug"}"#,
            ResponseKind::UnknownProject,
        ),
        (
            404,
            r#"{"message":"Environment not found","error":"get folders"}"#,
            ResponseKind::UnknownEnvironment,
        ),
        (
            500,
            r#"{"message":"Something went wrong","error":"InternalServerError"}"#,
            ResponseKind::Failure,
        ),
        (500, "<html>", ResponseKind::Failure),
        (
            400,
            r#"{"message":"Missing workspace id or environment","error":"BadRequest"}"#,
            ResponseKind::Other,
        ),
        (401, "", ResponseKind::TokenUnknown),
    ];

    #[test]
    fn recorded_answers_have_their_meaning() {
        for &(status, body, want) in RECORDED {
            assert_eq!(answer(status, body).kind(), want, "{body}");
        }
    }

    #[test]
    fn a_server_is_quoted() {
        for (status, body, want) in [
            (
                401,
                r#"{"message":"Invalid credentials","error":"UnauthorizedError"}"#,
                "the server answered 401 Unauthorized: Invalid credentials",
            ),
            (
                403,
                r#"{"message":"No.","error":"Identity is not a member","reqId":"req-abc"}"#,
                "the server answered 403 Forbidden: No (Identity is not a member) [req-abc]",
            ),
            (
                422,
                r#"{"message":[{"path":["clientSecret"],"message":"Required"},{"message":"DecodeError"}]}"#,
                "the server answered 422 Unprocessable Entity: clientSecret: Required; DecodeError",
            ),
            (500, "<html>", "the server answered 500 Internal Server Error"),
            (599, r#"{"message":7,"error":null}"#, "the server answered 599"),
            (
                400,
                "{\"message\":\"a\\u001b[31mb\\nc\"}",
                "the server answered 400 Bad Request: a [31mb c",
            ),
        ] {
            assert_eq!(answer(status, body).to_string(), want);
        }
    }

    #[test]
    fn a_long_message_is_cut() {
        let body = format!(r#"{{"message":"{}"}}"#, "é".repeat(400));
        let text = answer(400, &body).to_string();
        assert!(text.ends_with(&format!(": {}…", "é".repeat(300))), "{text}");
    }

    #[test]
    fn a_message_that_repeats_a_credential_is_not_kept() {
        let secret = Value::from("canary-secret\n");
        for body in [
            r#"{"message":"no such secret: canary-secret"}"#,
            r#"{"message":[{"path":["x"],"message":"got canary-secret"}]}"#,
            r#"{"error":"bad canary-secret here"}"#,
            r#"{"reqId":"canary-secret"}"#,
        ] {
            let answer =
                ErrorResponse::new(&Response::of(400, "application/json", body), &[&secret]);
            let shown = format!("{answer} {answer:?}");
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
