//! The one type that holds secret bytes. It is wiped when dropped, compares in constant time, and
//! has no `Display`; its `Debug` shows nothing, not even the length.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretSlice};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

/// Secret bytes: any bytes at all, wiped when dropped.
///
/// ```
/// use hushed::secret::Value;
///
/// let value = Value::from("correct horse");
/// assert_eq!(value.expose(), b"correct horse");
/// assert_eq!(format!("{value:?}"), "Value(..)");
/// ```
#[derive(Clone)]
pub struct Value(SecretSlice<u8>);

impl Value {
    /// Takes the bytes over. No copy of them is left behind in memory.
    pub fn new(mut bytes: Vec<u8>) -> Self {
        if bytes.len() == bytes.capacity() {
            return Self(SecretSlice::from(bytes));
        }
        // Shrinking a vector may move it and leave the old bytes unwiped: copy, then wipe.
        let exact = bytes.as_slice().into();
        bytes.zeroize();
        Self(SecretSlice::new(exact))
    }

    /// Lends the bytes. Whoever copies them must wipe the copy.
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// Lends the bytes as text, if they are UTF-8.
    pub fn expose_str(&self) -> Option<&str> {
        std::str::from_utf8(self.expose()).ok()
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.expose().len()
    }

    /// Whether there is no byte at all.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// The value without one line ending (LF or CRLF) at its end: what an editor or `echo` adds
    /// to a file that holds one secret.
    #[must_use]
    pub fn without_final_newline(&self) -> Self {
        let bytes = self.expose();
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        Self::from(bytes.strip_suffix(b"\r").unwrap_or(bytes))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self(SecretSlice::new(bytes.into()))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

impl PartialEq for Value {
    /// In constant time for values of one length.
    fn eq(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl Eq for Value {}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_over_vectors_with_and_without_spare_room() {
        let mut roomy = Vec::with_capacity(64);
        roomy.extend_from_slice(b"abc");
        assert_eq!(Value::new(roomy).expose(), b"abc");
        assert_eq!(Value::new(b"abc".to_vec()).expose(), b"abc");
    }

    #[test]
    fn drops_one_final_line_ending_only() {
        for (given, want) in
            [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("\n", ""), ("a\r", "a")]
        {
            assert_eq!(Value::from(given).without_final_newline(), Value::from(want));
        }
    }

    #[test]
    fn equality_is_of_all_bytes() {
        assert_eq!(Value::from("same"), Value::from("same"));
        assert_ne!(Value::from("same"), Value::from("sane"));
        assert_ne!(Value::from("same"), Value::from("sam"));
    }
}
