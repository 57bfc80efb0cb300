//! The type for secret bytes: in protected memory, wiped when dropped, compared in constant time. It has no
//! `Display`, and `Debug` shows nothing, not even the length.

use std::fmt;
use std::sync::Arc;

use secrecy::ExposeSecret;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use hushed_sys::memory::ProtectedBytes;

/// Secret bytes, wiped when dropped. Clones share them.
///
/// ```
/// use hushed_secret::Value;
///
/// let value = Value::from("correct horse");
/// assert_eq!(value.expose(), b"correct horse");
/// assert_eq!(format!("{value:?}"), "Value(..)");
/// ```
#[derive(Clone)]
pub struct Value(Bytes);

#[derive(Clone)]
enum Bytes {
    Protected(Arc<ProtectedBytes>),
    /// Visible to other processes anyway.
    Plain(Arc<Zeroizing<Vec<u8>>>),
}

impl ExposeSecret<[u8]> for Value {
    fn expose_secret(&self) -> &[u8] {
        self.expose()
    }
}

impl Value {
    /// Moves the bytes to protected memory and wipes the vector.
    pub fn new(mut bytes: Vec<u8>) -> Self {
        let value = Self::from(bytes.as_slice());
        bytes.zeroize();
        value
    }

    /// Takes bytes that need no protected memory: they are sealed, visible in the environment, or short-lived. They
    /// are wiped when dropped.
    pub fn plain(bytes: Vec<u8>) -> Self {
        Self(Bytes::Plain(Arc::new(Zeroizing::new(bytes))))
    }

    /// Takes bytes in protected memory.
    pub(super) fn from_protected(bytes: ProtectedBytes) -> Self {
        Self(Bytes::Protected(Arc::new(bytes)))
    }

    /// Whether it is in protected memory.
    pub fn is_protected(&self) -> bool {
        matches!(self.0, Bytes::Protected(_))
    }

    /// The bytes. The caller must wipe copies.
    pub fn expose(&self) -> &[u8] {
        match &self.0 {
            Bytes::Protected(chunk) => chunk,
            Bytes::Plain(bytes) => bytes,
        }
    }

    /// The bytes as text, if they are UTF-8.
    pub fn expose_str(&self) -> Option<&str> {
        std::str::from_utf8(self.expose()).ok()
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.expose().len()
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// The value without one final line ending (LF or CRLF), which an editor or `echo` adds to a file with one secret.
    #[must_use]
    pub fn without_final_newline(&self) -> Self {
        let all = self.expose();
        let bytes = all.strip_suffix(b"\n").unwrap_or(all);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if bytes.len() == all.len() { self.clone() } else { Self::from(bytes) }
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        let mut chunk = ProtectedBytes::new(bytes.len());
        chunk.copy_from_slice(bytes);
        Self::from_protected(chunk)
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
    /// Compares in constant time if the lengths are equal.
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
    fn vectors_with_and_without_spare_capacity_are_moved() {
        let mut roomy = Vec::with_capacity(64);
        roomy.extend_from_slice(b"abc");
        assert_eq!(Value::new(roomy).expose(), b"abc");
        assert_eq!(Value::new(b"abc".to_vec()).expose(), b"abc");
    }

    #[test]
    fn clones_share_the_bytes() {
        let value = Value::from("canary");
        assert!(std::ptr::eq(value.expose(), value.clone().expose()));
    }

    #[test]
    fn plain_and_protected_values_compare_equal() {
        assert_eq!(Value::plain(b"abc".to_vec()), Value::from("abc"));
        assert!(Value::from("abc").is_protected() && !Value::plain(Vec::new()).is_protected());
    }

    #[test]
    fn one_final_line_ending_is_removed() {
        for (given, want) in
            [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("\n", ""), ("a\r", "a")]
        {
            assert_eq!(Value::from(given).without_final_newline(), Value::from(want));
        }
    }

    #[test]
    fn equality_compares_all_bytes() {
        assert_eq!(Value::from("same"), Value::from("same"));
        assert_ne!(Value::from("same"), Value::from("sane"));
        assert_ne!(Value::from("same"), Value::from("sam"));
    }
}
