//! What goes wrong between hushed and such a server. The texts hold names and the server's own words, shortened and
//! without the token, and never a value.

use std::fmt;

use serde::Deserialize;

use super::Product;
use crate::http::{self, Response};
use crate::provider::{Class, ProviderError};
use crate::secret::Value;

/// How many characters of a server's message are shown.
const MESSAGE_LIMIT: usize = 300;

/// What a server said in place of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) struct Refusal {
    pub(in crate::provider) status: u16,
    status_text: String,
    message: Option<String>,
    /// Whether it has the form of an API, and is not that of a proxy or of another server.
    pub(in crate::provider) is_json: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    message: Option<String>,
    messages: Vec<String>,
}

impl Refusal {
    /// Reads it. A message that repeats the token is left out.
    pub(super) fn new(response: &Response, token: &Value) -> Self {
        let body = serde_json::from_slice::<Body>(&response.body);
        let is_json = body.is_ok();
        let Body { message, messages } = body.unwrap_or_default();
        let text = message.into_iter().chain(messages).collect::<Vec<_>>().join("; ");
        let (status, status_text) = (response.status, response.status_text());
        Self { status, status_text, message: printable(&text, token), is_json }
    }

    /// Whether the server's message contains this text, whatever its case.
    pub(in crate::provider) fn says(&self, text: &str) -> bool {
        self.message.as_deref().is_some_and(|message| message.to_lowercase().contains(text))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {}", self.status_text)?;
        self.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
    }
}

impl std::error::Error for Refusal {}

/// The text as it may be shown.
fn printable(text: &str, token: &Value) -> Option<String> {
    let token = token.expose_str().map_or("", str::trim);
    if !token.is_empty() && text.contains(token) {
        return None;
    }
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut shown: String = text.chars().map(plain).take(MESSAGE_LIMIT).collect();
    if text.chars().nth(MESSAGE_LIMIT).is_some() {
        shown.push('…');
    }
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

/// Why a server gave no secrets.
#[derive(Debug, thiserror::Error)]
pub(in crate::provider) enum Error {
    /// The request failed: no connection, or no complete response.
    #[error("cannot read from {} at {server}", product.name)]
    Transport {
        product: &'static Product,
        server: String,
        #[source]
        source: Box<http::Error>,
    },
    /// The server does not accept the token.
    #[error("{} at {server} does not accept the token from {origin}", product.name)]
    Token {
        product: &'static Product,
        server: String,
        origin: String,
        #[source]
        refusal: Refusal,
    },
    /// The token lacks a right.
    #[error("the token may not read {what}")]
    Denied {
        product: &'static Product,
        what: String,
        #[source]
        refusal: Refusal,
    },
    /// The server has no such thing.
    #[error("there is no {what}")]
    Missing {
        what: String,
        #[source]
        refusal: Refusal,
    },
    /// The server refuses for another reason.
    #[error("cannot read {what} from {} at {server}", product.name)]
    Refused {
        product: &'static Product,
        server: String,
        what: String,
        #[source]
        refusal: Refusal,
    },
    /// Something else answers at this address.
    #[error("the server at {server} does not answer as {} does: it sent {seen}", product.name)]
    Foreign { product: &'static Product, server: String, seen: &'static str },
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Transport { source, .. } => source.class(),
            Self::Token { .. } | Self::Denied { .. } => Class::Denied,
            Self::Missing { .. } => Class::NotFound,
            Self::Refused { refusal, .. } if refusal.status >= 500 => Class::Unreachable,
            Self::Refused { .. } => Class::BadConfiguration,
            Self::Foreign { .. } => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Transport { source, .. } => match &**source {
                http::Error::PlainHttp { .. } => {
                    "use https, or set insecure-http = true for this source"
                }
                http::Error::CrossOriginRedirect { .. } => "correct the address of the server",
                other => return other.hint(),
            },
            Self::Token { product, .. } => product.token_hint,
            Self::Denied { product, .. } => product.denied_hint,
            Self::Missing { .. } => "check the name, and that the token is for this place",
            Self::Refused { refusal, .. } if refusal.status >= 500 => "try again later",
            Self::Refused { .. } => "check the settings of the source",
            Self::Foreign { product, .. } => product.address_hint,
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Token { .. })
    }
}
