//! An answer, and the refusals, in the words of each generation.
//! Must not know how a refusal came about.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::digest;
use serde::Serialize;
use serde_json::Value;

use super::Generation;

/// What goes back to the client.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names are in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Answer {
    /// Answers 200 with JSON.
    pub fn json(body: &impl Serialize) -> Self {
        Self::new(200, "application/json; charset=utf-8", serde_json::to_vec(body).unwrap())
    }

    /// Answers with the page of the web interface, as a path outside `/api` does.
    pub fn html() -> Self {
        let page = "<!doctype html><html><head><title>Infisical</title></head></html>";
        Self::new(200, "text/html; charset=utf-8", page.into())
    }

    /// Answers with the given status, type and body.
    pub fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type".into(), content_type.into())], body }
    }

    /// Adds the strong tag that every answer with a body has: SHA-1 of the body, in base64.
    pub fn tagged(mut self, if_none_match: Option<&str>) -> Self {
        let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.body);
        let tag = format!("\"{}\"", STANDARD.encode(sum));
        if self.status == 200 && if_none_match == Some(tag.as_str()) {
            self.status = 304;
            self.body.clear();
        }
        self.headers.push(("etag".into(), tag));
        self
    }
}

/// Is why a request was not served.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// A status with the server's name for it, and a text.
    Fault { status: u16, error: String, message: String, details: Option<Value> },
    /// The request has the wrong shape.
    Invalid(Vec<Issue>),
    /// The server has no such route.
    Route { method: String, target: String },
}

/// One thing wrong with the shape of a request, as zod words it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Issue {
    /// A value has another type.
    Type { code: String, expected: String, received: String, path: Vec<String>, message: String },
    /// A value is not among the permitted ones.
    Choice {
        received: String,
        code: String,
        options: Vec<String>,
        path: Vec<String>,
        message: String,
    },
}

impl Issue {
    /// Says that a field is missing.
    pub fn required(field: &str) -> Self {
        Self::Type {
            code: "invalid_type".into(),
            expected: "string".into(),
            received: "undefined".into(),
            path: vec![field.into()],
            message: "Required".into(),
        }
    }

    /// Says that the body is something else than an object.
    pub fn not_an_object(received: &str) -> Self {
        Self::Type {
            code: "invalid_type".into(),
            expected: "object".into(),
            received: received.into(),
            path: Vec::new(),
            message: format!("Expected object, received {received}"),
        }
    }

    /// Says that a value is none of the permitted.
    pub fn choice(field: &str, received: &str, options: [&str; 2]) -> Self {
        let [first, second] = options;
        Self::Choice {
            received: received.into(),
            code: "invalid_enum_value".into(),
            options: options.map(String::from).into(),
            path: vec![field.into()],
            message: format!(
                "Invalid enum value. Expected '{first}' | '{second}', received '{received}'"
            ),
        }
    }
}

impl Refusal {
    /// Refuses with a status, the server's name for it, and a text.
    pub fn new(status: u16, error: &str, message: impl Into<String>) -> Self {
        Self::Fault { status, error: error.into(), message: message.into(), details: None }
    }

    /// Refuses with 401.
    pub fn unauthorized(message: &str) -> Self {
        Self::new(401, "UnauthorizedError", message)
    }

    /// Refuses with 403 for what is wrong with the token itself.
    pub fn token(message: &str) -> Self {
        Self::new(403, "TokenError", message)
    }

    /// Refuses with the answer to what the server did not foresee.
    pub fn unforeseen(error: &str) -> Self {
        Self::new(500, error, "Something went wrong")
    }

    /// Writes the refusal as the given generation does.
    pub fn answer(self, generation: Generation) -> Answer {
        let old = generation == Generation::V3Only;
        let (status, body) = match self {
            Self::Fault { status, error, message, details } => {
                (status, fault(old, status, &message, &error, details))
            }
            Self::Invalid(issues) => {
                let status = if old { 401 } else { 422 };
                (status, fault(old, status, &issues, "ValidationFailure", None))
            }
            Self::Route { method, target } => {
                let message = format!("Route {method}:{target} not found");
                let body = NoRoute { message, error: "Not Found", status_code: 404 };
                (404, serde_json::to_vec(&body).unwrap())
            }
        };
        Answer::new(status, "application/json; charset=utf-8", body)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fault<'a, M> {
    #[serde(skip_serializing_if = "Option::is_none")]
    req_id: Option<&'a str>,
    status_code: u16,
    message: M,
    error: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NoRoute {
    message: String,
    error: &'static str,
    status_code: u16,
}

fn fault<M: Serialize>(
    old: bool,
    status_code: u16,
    message: M,
    error: &str,
    details: Option<Value>,
) -> Vec<u8> {
    let req_id = if old { None } else { Some("req-0123456789abcd") };
    serde_json::to_vec(&Fault { req_id, status_code, message, error, details }).unwrap()
}
