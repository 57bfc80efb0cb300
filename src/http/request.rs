//! A request as a store makes it: method, address, headers of which some are secret, body, and whether
//! it may be repeated. Nothing is sent here.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use url::Url;
use zeroize::Zeroizing;

use super::error::{Error, RootCause};
use super::retry::Effect;
use crate::secret::Value;

/// What a server is asked.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(HeaderName, Field)>,
    pub(super) body: Option<Body>,
    pub(super) repeatable: bool,
    /// Origins, beside the server's own, that 307 and 308 may send the request on to.
    pub(super) origins: Vec<url::Origin>,
}

/// The value of a header.
#[derive(Clone, Debug)]
pub enum Field {
    /// Anybody may see it.
    Public(String),
    /// It is never shown, nor kept longer than the request.
    Secret(Value),
}

/// What is sent with a request.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Value,
}

/// What makes a request an authorized one: a token in a header, or a signature of the whole request.
pub trait Authorize {
    /// Adds what the server wants to see.
    fn authorize(&self, request: &mut Request) -> Result<(), Error>;
}

/// An access token in `Authorization: Bearer TOKEN` (RFC 6750).
#[derive(Clone, Debug)]
pub struct Bearer<'a>(pub &'a Value);

impl Authorize for Bearer<'_> {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        let header = Zeroizing::new([b"Bearer ", self.0.expose()].concat());
        request.headers.push((AUTHORIZATION, Field::Secret(Value::from(header.as_slice()))));
        Ok(())
    }
}

/// A secret in a header of any name, such as `X-Vault-Token`.
impl Authorize for (&'static str, &Value) {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        let (name, value) = self;
        let name = HeaderName::from_static(name);
        request.headers.push((name, Field::Secret(Value::clone(value))));
        Ok(())
    }
}

impl Request {
    /// Reads a resource.
    pub fn get(url: &Url) -> Self {
        Self::new(Method::GET, url, true)
    }

    /// Sends JSON. What it does is not done twice.
    pub fn post(url: &Url, json: &Value) -> Self {
        let body = Body { content_type: "application/json", bytes: json.clone() };
        Self { body: Some(body), ..Self::new(Method::POST, url, false) }
    }

    fn new(method: Method, url: &Url, repeatable: bool) -> Self {
        let url = without_user(url);
        let headers = vec![(ACCEPT, Field::Public("application/json".to_owned()))];
        Self { method, url, headers, body: None, repeatable, origins: Vec::new() }
    }

    /// The request with what the server wants to see.
    pub fn authorized(mut self, by: &dyn Authorize) -> Result<Self, Error> {
        by.authorize(&mut self)?;
        Ok(self)
    }

    /// The request, which 307 and 308 may send on to these origins too, with all that it carries.
    #[must_use]
    pub fn following(self, origins: Vec<url::Origin>) -> Self {
        Self { origins, ..self }
    }

    pub(super) fn effect(&self) -> Effect {
        if self.repeatable { Effect::Read } else { Effect::Write }
    }

    /// The request to this address, as reqwest takes it.
    pub(super) fn build(
        &self,
        client: &reqwest::Client,
        url: &Url,
    ) -> Result<reqwest::Request, Error> {
        let mut builder = client.request(self.method.clone(), url.clone());
        for (name, field) in &self.headers {
            let value = match field {
                Field::Public(text) => HeaderValue::from_str(text),
                Field::Secret(value) => HeaderValue::from_maybe_shared(lent(value)),
            };
            let mut value = value.map_err(|_| Error::BearerInvalid)?;
            value.set_sensitive(matches!(field, Field::Secret(_)));
            builder = builder.header(name, value);
        }
        if let Some(body) = &self.body {
            builder = builder.header(CONTENT_TYPE, body.content_type).body(lent(&body.bytes));
        }
        builder.build().map_err(|error| Error::Setup(RootCause::of(&error.without_url())))
    }
}

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

/// Drops the user part, which reqwest would send as a credential of its own.
pub(super) fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only for addresses that have no host, and so no user either.
    url.set_username("").ok();
    url.set_password(None).ok();
    url
}
