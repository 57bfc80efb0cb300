//! The one type that holds secret bytes. They are in memory that nobody else may see, wiped when
//! dropped, compared in constant time; there is no `Display`, and `Debug` shows nothing, not even the
//! length.

use std::fmt;
use std::sync::Arc;

use secrecy::ExposeSecret;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use crate::sys::memory::ProtectedBytes;

/// Secret bytes: any bytes at all, wiped when dropped. Clones share them.
///
/// ```
/// use hushed::secret::Value;
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
    /// What others see anyway.
    Plain(Arc<Zeroizing<Vec<u8>>>),
}

impl ExposeSecret<[u8]> for Value {
    fn expose_secret(&self) -> &[u8] {
        self.expose()
    }
}

impl Value {
    /// Takes the bytes over. No copy of them is left behind in memory.
    pub fn new(mut bytes: Vec<u8>) -> Self {
        let value = Self::from(bytes.as_slice());
        bytes.zeroize();
        value
    }

    /// Takes over what is no secret of its own (what is sealed, what everybody sees who sees our
    /// environment), or is there for a moment only. It is wiped, but not kept from others meanwhile.
    pub fn plain(bytes: Vec<u8>) -> Self {
        Self(Bytes::Plain(Arc::new(Zeroizing::new(bytes))))
    }

    /// Takes bytes that are in protected memory already.
    pub(super) fn from_protected(bytes: ProtectedBytes) -> Self {
        Self(Bytes::Protected(Arc::new(bytes)))
    }

    /// Whether it is in memory that nobody else may see.
    pub fn is_protected(&self) -> bool {
        matches!(self.0, Bytes::Protected(_))
    }

    /// Lends the bytes. Whoever copies them must wipe the copy.
    pub fn expose(&self) -> &[u8] {
        match &self.0 {
            Bytes::Protected(chunk) => chunk,
            Bytes::Plain(bytes) => bytes,
        }
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
        let whole = self.expose();
        let bytes = whole.strip_suffix(b"\n").unwrap_or(whole);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if bytes.len() == whole.len() { self.clone() } else { Self::from(bytes) }
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
    fn a_clone_is_no_copy() {
        let value = Value::from("canary");
        assert!(std::ptr::eq(value.expose(), value.clone().expose()));
    }

    #[test]
    fn what_is_plain_is_equal_to_what_is_not() {
        assert_eq!(Value::plain(b"abc".to_vec()), Value::from("abc"));
        assert!(Value::from("abc").is_protected() && !Value::plain(Vec::new()).is_protected());
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
