//! What a server answered, whole. It is not looked into, but for how long the server asks to wait.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use url::Url;
use zeroize::Zeroizing;

use super::error::Error;
use super::{origin, retry};

/// What a server answered.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The media type, if it is named.
    pub content_type: Option<String>,
    /// The whole body.
    pub body: Zeroizing<Vec<u8>>,
    pub(super) wait: Option<Duration>,
}

impl Response {
    /// An answer as a test writes it.
    #[cfg(test)]
    pub(crate) fn of(status: u16, content_type: &str, body: &str) -> Self {
        let body = Zeroizing::new(body.as_bytes().to_vec());
        Self { status, content_type: Some(content_type.to_owned()), body, wait: None }
    }

    /// The status with its usual name, `404 Not Found`.
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
        Self { status, content_type, body, wait }
    }

    /// An answer that would have been repeated, had there been more time, is an error.
    pub(super) fn settle(self, url: &Url, attempts: u32) -> Result<Self, Error> {
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

/// A header, where it is text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
