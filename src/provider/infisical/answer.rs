//! What a server says when it refuses, and what that means. Pure: from a status and a body to a
//! meaning. What is shown of a server's own words is short, printable, and free of credentials.

use std::fmt;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::http::Response;
use crate::secret::Value;

/// How much of a server's message is shown.
const SHOWN: usize = 300;

/// An answer that is not the one that was asked for.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    status_text: String,
    words: Option<String>,
    kind: String,
    request: Option<String>,
    is_validation: bool,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The request has another form than this server knows.
    Validation,
    /// The token was good once.
    TokenExpired,
    /// The token may be used no more times.
    TokenUsedUp,
    /// The token is none.
    TokenMalformed,
    /// The token is revoked, or was never given by this server.
    TokenUnknown,
    /// The identity may not come from this address.
    Address,
    /// The identity is not in the project.
    NotAMember,
    /// A value refers to a secret that may not be read.
    Reference,
    /// The identity lacks the right.
    Forbidden,
    /// There is no such project.
    UnknownProject,
    /// There is no such environment.
    UnknownEnvironment,
    /// There is no such route: the server is older, or none of Infisical's.
    RouteMissing,
    /// There is no such thing.
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

impl Answer {
    /// Reads an answer. A message that repeats one of the credentials is not kept.
    pub(super) fn new(response: &Response, credentials: &[&Value]) -> Self {
        let credentials: Vec<Value> = credentials.iter().copied().cloned().collect();
        let credentials = credentials.as_slice();
        let wire: Wire = serde_json::from_slice(&response.body).unwrap_or_default();
        let is_validation = wire.message.is_array();
        let words = match &wire.message {
            Json::String(text) => Some(text.clone()),
            Json::Array(issues) => Some(issues.iter().map(issue).collect::<Vec<_>>().join("; ")),
            _ => None,
        };
        Self {
            status: response.status,
            status_text: response.status_text(),
            words: words.and_then(|words| printable(&words, credentials)),
            kind: wire.error.as_str().and_then(|k| printable(k, credentials)).unwrap_or_default(),
            request: wire.req_id.as_str().and_then(|id| printable(id, credentials)),
            is_validation,
        }
    }

    /// The status.
    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// Whether the server's words, or its name for the fault, contain this text.
    pub(super) fn says(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        [self.words.as_deref(), Some(&self.kind)]
            .into_iter()
            .flatten()
            .any(|words| words.to_ascii_lowercase().contains(&text))
    }

    /// What it means.
    pub(super) fn meaning(&self) -> Meaning {
        if self.is_validation {
            return Meaning::Validation;
        }
        match self.status {
            401 => self.unauthorized(),
            403 => self.forbidden(),
            404 if self.is_route() => Meaning::RouteMissing,
            404 if self.says("service token") => Meaning::TokenUnknown,
            404 if self.says("environment not found") => Meaning::UnknownEnvironment,
            404 | 500 if self.says("project not found") || self.says("project by slug") => {
                Meaning::UnknownProject
            }
            404 => Meaning::Missing,
            500.. => Meaning::Failure,
            _ => Meaning::Other,
        }
    }

    fn unauthorized(&self) -> Meaning {
        if self.says("ttl expiration") || self.says("expired") {
            Meaning::TokenExpired
        } else if self.says("number of uses") {
            Meaning::TokenUsedUp
        } else if self.says("ip address") {
            Meaning::Address
        } else {
            Meaning::TokenUnknown
        }
    }

    fn forbidden(&self) -> Meaning {
        if self.kind == "TokenError" || (self.says("token") && self.says("expired")) {
            if self.says("expired") { Meaning::TokenExpired } else { Meaning::TokenMalformed }
        } else if self.says("ip address") {
            Meaning::Address
        } else if self.says("not a member") {
            Meaning::NotAMember
        } else if self.says("attempting to reference") || self.says("expand one or more") {
            Meaning::Reference
        } else {
            Meaning::Forbidden
        }
    }

    /// The framework's own 404 has no request id; that of the application has, on newer servers.
    fn is_route(&self) -> bool {
        self.words.as_deref().is_some_and(|words| words.starts_with("Route "))
            || (self.kind == "Not Found" && self.request.is_none())
    }
}

impl Meaning {
    /// Whether a new login may help.
    pub(super) fn is_token(self) -> bool {
        matches!(
            self,
            Self::TokenExpired | Self::TokenUsedUp | Self::TokenMalformed | Self::TokenUnknown
        )
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {}", self.status_text)?;
        if let Some(words) = &self.words {
            write!(f, ": {}", words.trim_end_matches('.'))?;
        }
        // Most names of faults are class names; some are sentences and say more than the message.
        if self.kind.contains(' ') && !self.is_route() {
            write!(f, " ({})", self.kind)?;
        }
        if let Some(request) = &self.request {
            write!(f, " [{request}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for Answer {}

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

/// Makes a text fit to be shown, or nothing of it.
fn printable(text: &str, credentials: &[Value]) -> Option<String> {
    let repeats = |value: &Value| {
        value.expose_str().map(str::trim).is_some_and(|v| !v.is_empty() && text.contains(v))
    };
    if credentials.iter().any(repeats) {
        return None;
    }
    let mut shown: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer::new(&Response::of(status, "application/json", body), &[])
    }

    const RECORDED: &[(u16, &str, Meaning)] = &[
        (401, r#"{"message":"Token missing","error":"UnauthorizedError"}"#, Meaning::TokenUnknown),
        (
            401,
            r#"{"message":"No identity access token found","error":"UnauthorizedError"}"#,
            Meaning::TokenUnknown,
        ),
        (
            401,
            r#"{"message":"Failed to renew MI access token due to TTL expiration","error":"UnauthorizedError"}"#,
            Meaning::TokenExpired,
        ),
        (
            401,
            r#"{"message":"Unable to renew because access token number of uses limit reached","error":"UnauthorizedError"}"#,
            Meaning::TokenUsedUp,
        ),
        (
            401,
            r#"{"message":[{"path":["recursive"],"message":"Invalid enum value"}],"error":"ValidationFailure"}"#,
            Meaning::Validation,
        ),
        (
            422,
            r#"{"reqId":"req-1","message":[{"path":["a"],"message":"Required"}],"error":"ValidationFailure"}"#,
            Meaning::Validation,
        ),
        (
            403,
            r#"{"message":"Your token has expired. Please re-authenticate.","error":"TokenError"}"#,
            Meaning::TokenExpired,
        ),
        (403, r#"{"message":"invalid signature","error":"TokenError"}"#, Meaning::TokenMalformed),
        (
            403,
            r#"{"message":"The provided access token is malformed. Please use a valid token or generate a new one and try again.","error":"TokenError"}"#,
            Meaning::TokenMalformed,
        ),
        (
            403,
            r#"{"message":"Service token has expired","error":"ForbiddenError"}"#,
            Meaning::TokenExpired,
        ),
        (404, r#"{"message":"Service token not found","error":"NotFound"}"#, Meaning::TokenUnknown),
        (
            403,
            r#"{"message":"You are not allowed to access this resource from the current IP address","error":"ForbiddenError"}"#,
            Meaning::Address,
        ),
        (
            403,
            r#"{"message":"You are not allowed to access this resource","error":"Identity is not a member of the specified project"}"#,
            Meaning::NotAMember,
        ),
        (
            403,
            r#"{"message":"You are not allowed to read on secrets","error":"PermissionDenied"}"#,
            Meaning::Forbidden,
        ),
        (
            403,
            r#"{"message":"You are attempting to reference secret named NAME from environment prod in path /shared which you do not have access to.","error":"ForbiddenError"}"#,
            Meaning::Reference,
        ),
        (
            403,
            r#"{"message":"Failed to expand one or more secret references","error":"ForbiddenError","details":["x"]}"#,
            Meaning::Reference,
        ),
        (
            404,
            r#"{"message":"Route GET:/api/v4/secrets not found","error":"Not Found","statusCode":404}"#,
            Meaning::RouteMissing,
        ),
        (404, r#"{"error":"Not Found","statusCode":404}"#, Meaning::RouteMissing),
        (
            404,
            r#"{"reqId":"req-1","message":"Folder not found","error":"Not Found"}"#,
            Meaning::Missing,
        ),
        (
            404,
            r#"{"message":"Project not found during bot lookup. Are you sure you are using the correct project ID?","error":"NotFound"}"#,
            Meaning::UnknownProject,
        ),
        (
            500,
            r#"{"message":"Something went wrong","error":"Failed to find project by slug"}"#,
            Meaning::UnknownProject,
        ),
        (
            404,
            r#"{"message":"Environment not found","error":"get folders"}"#,
            Meaning::UnknownEnvironment,
        ),
        (
            500,
            r#"{"message":"Something went wrong","error":"InternalServerError"}"#,
            Meaning::Failure,
        ),
        (500, "<html>", Meaning::Failure),
        (
            400,
            r#"{"message":"Missing workspace id or environment","error":"BadRequest"}"#,
            Meaning::Other,
        ),
        (401, "", Meaning::TokenUnknown),
    ];

    #[test]
    fn recorded_answers_have_their_meaning() {
        for &(status, body, want) in RECORDED {
            assert_eq!(answer(status, body).meaning(), want, "{body}");
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
                r#"{"message":[{"path":["clientSecret"],"message":"Required"},{"message":"Odd"}]}"#,
                "the server answered 422 Unprocessable Entity: clientSecret: Required; Odd",
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
            let answer = Answer::new(&Response::of(400, "application/json", body), &[&secret]);
            let shown = format!("{answer} {answer:?}");
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
