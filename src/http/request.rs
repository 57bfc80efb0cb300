//! An HTTP request as a store describes it: method, URL, public and secret headers, body, and whether it
//! may be retried. Nothing is sent here.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use url::Url;
use zeroize::Zeroizing;

use super::error::{Error, RootCause};
use crate::secret::Value;

/// An HTTP request.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(HeaderName, FieldValue)>,
    pub(super) body: Option<RequestBody>,
    /// Whether the server may receive it twice.
    pub(super) repeatable: bool,
    /// Whether a gateway's error must not be retried either, because the server may have processed it.
    pub(super) single_use: bool,
    /// Origins that a 307 or 308 may redirect the request to.
    pub(super) origins: Vec<url::Origin>,
}

/// The value of a header field.
#[derive(Clone, Debug)]
pub enum FieldValue {
    /// Not a secret.
    Public(String),
    /// Marked as sensitive, never shown, and wiped after the request.
    Secret(Value),
}

/// The body of a request.
#[derive(Clone, Debug)]
pub struct RequestBody {
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Value,
}

/// Authorizes a request: with a token in a header, or with a signature of the whole request.
pub trait Authorize {
    /// Adds the credentials to the request.
    ///
    /// # Errors
    /// The credentials cannot be sent in a header.
    fn authorize(&self, request: &mut Request) -> Result<(), Error>;
}

/// An access token in `Authorization: Bearer TOKEN` (RFC 6750).
#[derive(Clone, Debug)]
pub struct Bearer<'a>(pub &'a Value);

impl Authorize for Bearer<'_> {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        let header = Zeroizing::new([b"Bearer ", self.0.expose()].concat());
        request.headers.push((AUTHORIZATION, FieldValue::Secret(Value::from(header.as_slice()))));
        Ok(())
    }
}

/// A secret in a header of any name, such as `x-vault-token`. The name must be in lower case.
impl Authorize for (&'static str, &Value) {
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        let (name, value) = self;
        let name = HeaderName::from_static(name);
        request.headers.push((name, FieldValue::Secret(Value::clone(value))));
        Ok(())
    }
}

impl Request {
    /// A GET request, which may be retried.
    pub fn get(url: &Url) -> Self {
        Self::new(Method::GET, url, true)
    }

    /// A POST request with a JSON body. It is retried only if the server did not process it.
    pub fn post(url: &Url, json: &Value) -> Self {
        let body = RequestBody { content_type: "application/json", bytes: json.clone() };
        Self { body: Some(body), ..Self::new(Method::POST, url, false) }
    }

    /// A PATCH request with a JSON body. It is retried only if the server did not process it.
    pub fn patch(url: &Url, json: &Value) -> Self {
        Self { method: Method::PATCH, ..Self::post(url, json) }
    }

    /// A DELETE request with a JSON body. It is retried only if the server did not process it.
    pub fn delete(url: &Url, json: &Value) -> Self {
        Self { method: Method::DELETE, ..Self::post(url, json) }
    }

    /// A POST request with a body of any media type. It is retried only if the server did not process it.
    pub fn post_body(url: &Url, body: RequestBody) -> Self {
        Self { body: Some(body), ..Self::new(Method::POST, url, false) }
    }

    /// A PUT request without a body. It is retried only if the server did not process it.
    pub fn put(url: &Url) -> Self {
        Self::new(Method::PUT, url, false)
    }

    /// The same request with a body of this media type.
    #[must_use]
    pub fn with_content_type(mut self, content_type: &'static str) -> Self {
        if let Some(body) = &mut self.body {
            body.content_type = content_type;
        }
        self
    }

    /// The same request, which the server may process twice: one that only reads, whatever its method.
    #[must_use]
    pub fn repeatable(self) -> Self {
        Self { repeatable: true, ..self }
    }

    /// The same request with this header, in place of one of the same name. The name must be in lower case.
    #[must_use]
    pub fn with_field(mut self, name: &'static str, value: FieldValue) -> Self {
        let name = HeaderName::from_static(name);
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
        self
    }

    /// The method, in upper case.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The headers, with their names in lower case. The client adds others.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &FieldValue)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Adds a header. The name must be in lower case.
    pub fn push_header(&mut self, name: &'static str, value: FieldValue) {
        self.headers.push((HeaderName::from_static(name), value));
    }

    /// The body.
    pub fn body(&self) -> Option<&RequestBody> {
        self.body.as_ref()
    }

    fn new(method: Method, url: &Url, repeatable: bool) -> Self {
        let url = without_user(url);
        let headers = vec![(ACCEPT, FieldValue::Public("application/json".to_owned()))];
        let origins = Vec::new();
        Self { method, url, headers, body: None, repeatable, single_use: false, origins }
    }

    /// Adds a header that is not a secret. The name must be in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        let value = FieldValue::Public(value.to_owned());
        self.headers.push((HeaderName::from_static(name), value));
        self
    }

    /// For a request that spends a credential or creates something: it is sent again only if the server
    /// certainly did not process it.
    #[must_use]
    pub fn single_use(self) -> Self {
        Self { repeatable: false, single_use: true, ..self }
    }

    /// Adds credentials to the request.
    ///
    /// # Errors
    /// The credentials cannot be sent in a header.
    pub fn authorized(mut self, by: &dyn Authorize) -> Result<Self, Error> {
        by.authorize(&mut self)?;
        Ok(self)
    }

    /// Adds a header that is not a secret, with a name that is not known before.
    ///
    /// # Errors
    /// The name has a character that is not allowed in one.
    pub fn with_named_header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Error::HeaderInvalid)?;
        self.headers.push((name, FieldValue::Public(value.to_owned())));
        Ok(self)
    }

    /// Adds a header with a secret value, with a name that is not known before.
    ///
    /// # Errors
    /// The name has a character that is not allowed in one.
    pub fn with_secret_header(mut self, name: &str, value: &Value) -> Result<Self, Error> {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Error::HeaderInvalid)?;
        self.headers.push((name, FieldValue::Secret(value.clone())));
        Ok(self)
    }

    /// Lets a 307 or 308 redirect the request, with its credentials, to these origins.
    #[must_use]
    pub fn allow_redirects_to(self, origins: Vec<url::Origin>) -> Self {
        Self { origins, ..self }
    }

    /// Converts to reqwest's request, to this URL.
    pub(super) fn build(
        &self,
        client: &reqwest::Client,
        url: &Url,
    ) -> Result<reqwest::Request, Error> {
        let mut builder = client.request(self.method.clone(), url.clone());
        for (name, field) in &self.headers {
            let value = match field {
                FieldValue::Public(text) => HeaderValue::from_str(text),
                FieldValue::Secret(value) => HeaderValue::from_maybe_shared(borrowed_bytes(value)),
            };
            let mut value = value.map_err(|_| Error::HeaderInvalid)?;
            value.set_sensitive(matches!(field, FieldValue::Secret(_)));
            builder = builder.header(name, value);
        }
        if let Some(body) = &self.body {
            builder =
                builder.header(CONTENT_TYPE, body.content_type).body(borrowed_bytes(&body.bytes));
        }
        builder.build().map_err(|error| Error::Setup(RootCause::of(&error.without_url())))
    }
}

/// The value as `Bytes`, without a copy.
fn borrowed_bytes(value: &Value) -> Bytes {
    struct BorrowedBytes(Value);
    impl AsRef<[u8]> for BorrowedBytes {
        fn as_ref(&self) -> &[u8] {
            self.0.expose()
        }
    }
    Bytes::from_owner(BorrowedBytes(value.clone()))
}

/// Removes user and password from the URL, which reqwest would send as Basic credentials.
pub(super) fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only for URLs without a host, which have no user either.
    url.set_username("").ok();
    url.set_password(None).ok();
    url
}
