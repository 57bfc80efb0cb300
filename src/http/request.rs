//! What is asked of a server, and how it is said in either version of HTTP. It is not sent here.

use std::io;

use bytes::{Buf as _, Bytes};
use http_body_util::Full;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT,
};
use hyper::{Method, Uri};
use url::{Position, Url};

use super::error::{Error, RootCause};
use super::explain::Context;
use super::link::{Link, Sent};
use super::placeholder::Placeholder;
use super::retry::Effect;
use crate::secret::{Shielded, Value};

const AGENT: &str = concat!("hushed/", env!("CARGO_PKG_VERSION"));

/// What is asked of a server.
pub(super) struct Request<'a> {
    pub(super) effect: Effect,
    pub(super) url: Url,
    pub(super) bearer: Option<&'a Shielded>,
    pub(super) json: Option<&'a Value>,
}

impl Request<'_> {
    /// What stands for the bearer on this connection.
    pub(super) fn placeholder(&self, link: &Link) -> Result<Option<Placeholder>, Error> {
        let Some(bearer) = self.bearer else { return Ok(None) };
        let token = bearer.open();
        HeaderValue::from_maybe_shared(lent(&token)).map_err(|_| Error::BearerInvalid)?;
        let no_chance = || io::Error::other("the system gives no random bytes");
        let made = link.placeholder(token);
        made.ok_or_else(|| Error::Setup(RootCause::of(&no_chance()))).map(Some)
    }

    /// As it is said to where the context points.
    pub(super) fn build(
        &self,
        context: &Context<'_>,
        is_http2: bool,
        bearer: Option<&Placeholder>,
    ) -> Result<hyper::Request<Sent>, Error> {
        let url = context.url;
        let way = context.way.filter(|_| url.scheme() == "http");
        // A server is told the path, by HTTP/1; a proxy, and by HTTP/2 everybody, the whole address.
        let is_whole = is_http2 || way.is_some();
        let address = if is_whole { &url[..Position::AfterQuery] } else { path(url) };
        let address: Uri = address.parse().map_err(|error| Error::Setup(RootCause::of(&error)))?;
        let method = if self.json.is_some() { Method::POST } else { Method::GET };
        let mut request = hyper::Request::builder()
            .method(method)
            .uri(address)
            .header(USER_AGENT, AGENT)
            .header(ACCEPT, "application/json");
        if !is_http2 {
            request = request.header(HOST, &url[Position::BeforeHost..Position::AfterPort]);
        }
        if let Some(authorization) = way.and_then(|way| way.authorization.as_ref()) {
            request = request.header(PROXY_AUTHORIZATION, authorization);
        }
        if let Some(bearer) = bearer {
            request = request.header(AUTHORIZATION, bearer.header());
        }
        let body = match self.json {
            Some(json) => {
                request = request.header(CONTENT_TYPE, "application/json");
                let before = if is_http2 { Bytes::from_static(&COPIED) } else { Bytes::new() };
                before.chain(lent(json))
            }
            None => Bytes::new().chain(Bytes::new()),
        };
        request.body(Full::new(body)).map_err(|error| Error::Setup(RootCause::of(&error)))
    }
}

fn path(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

/// As much of a body as h2 copies into its buffer, which is kept; what follows it writes from where it is.
/// For JSON spaces are nothing (RFC 8259, 2).
static COPIED: [u8; 256] = [b' '; 256];

/// The value as HTTP takes bytes, where it is.
fn lent(value: &Value) -> Bytes {
    struct Lent(Value);
    impl AsRef<[u8]> for Lent {
        fn as_ref(&self) -> &[u8] {
            self.0.expose()
        }
    }
    Bytes::from_owner(Lent(value.clone()))
}
