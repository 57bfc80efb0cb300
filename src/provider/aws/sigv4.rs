//! AWS Signature Version 4: signs a request with HMAC-SHA256 over its method, path, query, headers and body.

use std::fmt::Write as _;
use std::time::SystemTime;

use ring::digest::{SHA256, digest};
use ring::hmac::{HMAC_SHA256, Key, Tag, sign};
use url::Url;
use zeroize::Zeroizing;

use super::keys::Keys;
use super::time::basic;
use crate::http::{self, Authorize, FieldValue, Request};
use crate::secret::Value;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Signs requests to one service in one region.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signer<'a> {
    pub(super) keys: &'a Keys,
    pub(super) region: &'a str,
    /// The signing name, such as `ssm`.
    pub(super) service: &'a str,
    pub(super) now: SystemTime,
}

impl Authorize for Signer<'_> {
    /// Signs the host, the content type and all headers but `accept`, and adds the date, the session token
    /// and the signature.
    fn authorize(&self, request: &mut Request) -> Result<(), http::Error> {
        let time = basic(self.now);
        request.push_header("x-amz-date", FieldValue::Public(time.clone()));
        if let Some(token) = &self.keys.session_token {
            request.push_header("x-amz-security-token", FieldValue::Secret(token.clone()));
        }
        let headers = signed_headers(request);
        let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let canonical = canonical_request(request, &headers, &names);
        let date = time.get(..8).unwrap_or_default();
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let hash = hex(digest(&SHA256, canonical.as_bytes()).as_ref());
        let text = format!("{ALGORITHM}\n{time}\n{scope}\n{hash}");
        let signature = hex(self.sign(date, text.as_bytes()).as_ref());
        let credential = &self.keys.access_key;
        let header = format!(
            "{ALGORITHM} Credential={credential}/{scope}, SignedHeaders={names}, \
             Signature={signature}"
        );
        request.push_header("authorization", FieldValue::Secret(Value::from(header.as_str())));
        Ok(())
    }
}

impl Signer<'_> {
    /// Signs a text with the key of this day, region and service.
    fn sign(&self, date: &str, text: &[u8]) -> Tag {
        let secret = Zeroizing::new([b"AWS4", self.keys.secret_key.expose()].concat());
        let parts = [date, self.region, self.service, "aws4_request"];
        let derive =
            |key: Key, part: &str| Key::new(HMAC_SHA256, sign(&key, part.as_bytes()).as_ref());
        let key = parts.into_iter().fold(Key::new(HMAC_SHA256, &secret), derive);
        sign(&key, text)
    }
}

/// The headers to sign, sorted by name; values of one name are joined by commas.
fn signed_headers(request: &Request) -> Vec<(String, Zeroizing<String>)> {
    let mut headers = vec![("host".to_owned(), Zeroizing::new(host(request.url())))];
    let body = request.body().map(|body| ("content-type", body.content_type.as_bytes()));
    let own = request.headers().map(|(name, field)| match field {
        FieldValue::Public(text) => (name, text.as_bytes()),
        FieldValue::Secret(value) => (name, value.expose()),
    });
    for (name, value) in own.filter(|(name, _)| *name != "accept").chain(body) {
        let value = String::from_utf8_lossy(value);
        let value = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        let value = Zeroizing::new(value);
        match headers.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => headers.push((name.to_owned(), value)),
        }
    }
    headers.sort_by(|(one, _), (other, _)| one.cmp(other));
    headers
}

/// The `host` header that the client sends: with the port, unless it is the scheme's own.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn canonical_request(
    request: &Request,
    headers: &[(String, Zeroizing<String>)],
    names: &str,
) -> Zeroizing<String> {
    let url = request.url();
    let body = request.body().map(|body| body.bytes.expose()).unwrap_or_default();
    let mut text = Zeroizing::new(String::with_capacity(4096));
    text.push_str(request.method());
    for part in ["\n", &encoded(url.path(), b"/"), "\n", &canonical_query(url), "\n"] {
        text.push_str(part);
    }
    for (name, value) in headers {
        for part in [name, ":", value, "\n"] {
            text.push_str(part);
        }
    }
    let hash = hex(digest(&SHA256, body).as_ref());
    for part in ["\n", names, "\n", &hash] {
        text.push_str(part);
    }
    text
}

/// The parameters of the query, encoded and sorted.
fn canonical_query(url: &Url) -> String {
    let pairs = url.query_pairs().map(|(key, value)| (encoded(&key, b""), encoded(&value, b"")));
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join("&")
}

/// Percent-encodes all but the unreserved characters (RFC 3986, 2.3) and those that are to be kept.
pub(super) fn encoded(text: &str, keep: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || keep.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(encoded, "%{byte:02X}").ok();
        }
    }
    encoded
}

/// Bytes in hexadecimal, in lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use serde::Deserialize;

    use super::*;
    use crate::http::RequestBody;

    /// A vector of AWS's published test suite, or a request that botocore signed at the same time.
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        method: String,
        target: String,
        headers: Vec<(String, String)>,
        body: String,
        token: Option<String>,
        authorization: String,
    }

    fn request(vector: &Vector) -> Request {
        let url = format!("https://example.amazonaws.com{}", vector.target);
        let url = Url::parse(&url).unwrap();
        let content_type = vector.headers.iter().find(|(name, _)| name == "content-type");
        let mut request = match (&*vector.method, content_type) {
            ("GET", None) => Request::get(&url),
            (_, content_type) => {
                let content_type = content_type.map_or("", |(_, value)| &**value);
                let content_type: &'static str = Box::leak(content_type.to_owned().into());
                let bytes = Value::from(vector.body.as_str());
                Request::post_body(&url, RequestBody { content_type, bytes })
            }
        };
        for (name, value) in vector.headers.iter().filter(|(name, _)| name != "content-type") {
            let name: &'static str = Box::leak(name.clone().into());
            request.push_header(name, FieldValue::Public(value.clone()));
        }
        request
    }

    #[test]
    fn the_vectors_of_aws_are_signed_as_published() {
        let text = include_str!("../../../tests/aws/sigv4.jsonl");
        let vectors: Vec<Vector> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(vectors.len() >= 20, "{}", vectors.len());
        for vector in vectors {
            let keys = Keys {
                access_key: "AKIDEXAMPLE".to_owned(),
                secret_key: Value::from("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                session_token: vector.token.as_deref().map(Value::from),
                expires: None,
            };
            let now = UNIX_EPOCH + Duration::from_mins(24_015_636);
            let signer = Signer { keys: &keys, region: "us-east-1", service: "service", now };
            let request = request(&vector).authorized(&signer).unwrap();
            let (_, field) = request.headers().find(|(name, _)| *name == "authorization").unwrap();
            let FieldValue::Secret(header) = field else { panic!("{}", vector.name) };
            assert_eq!(header.expose_str().unwrap(), vector.authorization, "{}", vector.name);
        }
    }
}
