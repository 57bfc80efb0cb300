//! The headers by which a request logs in: a token, a user name and a password, and the identity to act as. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::kubeconfig::Impersonation;
use crate::http::{self, Request};
use crate::secret::{SecretBuffer, Value};

impl Impersonation {
    /// Adds the headers by which the server acts as another identity.
    pub(super) fn add_to(&self, mut request: Request) -> Result<Request, http::Error> {
        if self.user.is_empty() {
            return Ok(request);
        }
        request = request.with_named_header("impersonate-user", &self.user)?;
        if !self.uid.is_empty() {
            request = request.with_named_header("impersonate-uid", &self.uid)?;
        }
        for group in &self.groups {
            request = request.with_named_header("impersonate-group", group)?;
        }
        for (name, values) in &self.extra {
            let header = format!("impersonate-extra-{}", escaped(name));
            for value in values {
                request = request.with_named_header(&header, value)?;
            }
        }
        Ok(request)
    }
}

/// The name of an extra field as a part of a header's name: what HTTP does not allow there is percent-encoded.
fn escaped(name: &str) -> String {
    let escape = |byte: u8| match byte {
        b'%' => "%25".to_owned(),
        byte if byte.is_ascii_alphanumeric() || b"!#$&'*+-.^_`|~".contains(&byte) => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    name.bytes().map(escape).collect()
}

/// `Authorization` with a token (RFC 6750).
pub(super) fn bearer(token: &Value) -> Value {
    let header = Zeroizing::new([b"Bearer ", token.expose()].concat());
    Value::from(header.as_slice())
}

/// `Authorization` with a user name and a password (RFC 7617).
pub(super) fn basic(username: &str, password: &Value) -> Value {
    let mut pair = SecretBuffer::with_capacity(username.len() + password.len() + 1);
    pair.push(username);
    pair.push(":");
    pair.push(password.expose());
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    let header = Zeroizing::new(["Basic ", encoded.as_str()].concat());
    Value::from(header.as_str())
}

/// The credentials of an `Authorization` header.
pub(super) fn without_scheme(header: &Value) -> Value {
    let text = header.expose_str().unwrap_or_default();
    Value::from(text.split_once(' ').map_or(text, |(_, token)| token))
}

/// The content of a token file without white space around it; none if there is no other.
pub(super) fn trimmed(bytes: &Value) -> Option<Value> {
    let token = bytes.expose().trim_ascii();
    (!token.is_empty()).then(|| Value::from(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_made_of_credentials() {
        assert_eq!(bearer(&Value::from("abc")), Value::from("Bearer abc"));
        assert_eq!(basic("alice", &Value::from("x")), Value::from("Basic YWxpY2U6eA=="));
        assert_eq!(without_scheme(&Value::from("Bearer abc")), Value::from("abc"));
        assert_eq!(trimmed(&Value::from(" abc\n")), Some(Value::from("abc")));
        assert_eq!(trimmed(&Value::from(" \n")), None);
    }

    #[test]
    fn the_name_of_an_extra_field_is_escaped() {
        for (name, want) in
            [("scopes", "scopes"), ("example.com/a b", "example.com%2Fa%20b"), ("50%", "50%25")]
        {
            assert_eq!(escaped(name), want);
        }
    }
}
