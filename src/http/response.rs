//! A complete HTTP response. Only its rate-limit headers are interpreted here.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use url::Url;
use zeroize::Zeroizing;

use super::error::Error;
use super::{origin, retry};

/// A complete response.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The media type, if the server sends one.
    pub content_type: Option<String>,
    /// The server's date, if it sends one.
    pub date: Option<SystemTime>,
    /// The complete body.
    pub body: Zeroizing<Vec<u8>>,
    /// How long the server asks the client to wait.
    pub(super) wait: Option<Duration>,
    headers: HeaderMap,
}

impl Response {
    /// A response for a test.
    #[cfg(test)]
    pub(crate) fn of(status: u16, content_type: &str, body: &str) -> Self {
        let body = Zeroizing::new(body.as_bytes().to_vec());
        let (content_type, headers) = (Some(content_type.to_owned()), HeaderMap::new());
        Self { status, content_type, date: None, body, wait: None, headers }
    }

    /// A header, if it is text. The name must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        text(&self.headers, name)
    }

    /// The status with its reason phrase, such as `404 Not Found`.
    pub fn status_text(&self) -> String {
        let name = StatusCode::from_u16(self.status).ok().and_then(|s| s.canonical_reason());
        name.map_or_else(|| self.status.to_string(), |name| format!("{} {name}", self.status))
    }

    pub(super) fn new(response: &reqwest::Response, body: Zeroizing<Vec<u8>>) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers();
        let wait = text(headers, "retry-after")
            .and_then(|header| retry::retry_after(header, SystemTime::now()))
            .or_else(|| {
                let body = std::str::from_utf8(&body).ok().filter(|_| status == 429)?;
                retry::seconds_in(body)
            });
        let content_type = text(headers, CONTENT_TYPE.as_str()).map(str::to_owned);
        let date = text(headers, "date").and_then(|date| httpdate::parse_http_date(date).ok());
        let headers = headers.clone();
        Self { status, content_type, date, body, wait, headers }
    }

    /// Turns a response that asks for a retry into an error.
    pub(super) fn into_result(self, url: &Url, attempts: u32) -> Result<Self, Error> {
        let origin = || origin::text(url);
        let (status, wait) = (self.status, self.wait);
        match status {
            429 => Err(Error::RateLimited { origin: origin(), status, wait }),
            500 if wait.is_some() => Err(Error::RateLimited { origin: origin(), status, wait }),
            502..=504 => Err(Error::Unavailable { origin: origin(), status, attempts }),
            _ => Ok(self),
        }
    }
}

/// Whether other clients use the same rate limit: the limit that the server reports
/// (`x-ratelimit-limit`) is used up, and this client sent fewer requests than that.
pub(super) fn is_limit_shared(response: &reqwest::Response, sent: u64) -> bool {
    let number = |name| text(response.headers(), name).and_then(|text| text.trim().parse().ok());
    let limit: Option<u64> = number("x-ratelimit-limit");
    limit.is_some_and(|limit| limit > sent) && number("x-ratelimit-remaining") == Some(0)
}

/// A header, if it is text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
