//! Secret bytes in the making. A buffer that grows never leaves an unwiped copy behind.

use std::io;

use serde::Serialize;
use zeroize::Zeroizing;

use super::Value;

/// Bytes that are wiped when dropped, and each time they move.
#[derive(Default)]
pub struct SecretBuffer(Zeroizing<Vec<u8>>);

impl SecretBuffer {
    /// An empty buffer with room for this many bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(capacity)))
    }

    /// Appends bytes.
    pub fn push(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let needed = self.0.len().saturating_add(bytes.len());
        if needed > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.saturating_mul(2)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    /// Appends a character in UTF-8.
    pub fn push_char(&mut self, c: char) {
        self.push(c.encode_utf8(&mut [0; 4]));
    }

    /// Removes the last byte.
    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes as a value.
    pub fn into_value(self) -> Value {
        Value::new(std::mem::take(&mut *self.finish()))
    }

    /// Gives the bytes up, still to be wiped by whoever takes them.
    pub fn finish(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl io::Write for SecretBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Serializes to JSON and leaves no unwiped copy behind. Maps must have strings as keys.
pub fn to_json(content: &impl Serialize) -> Value {
    let mut buffer = SecretBuffer::with_capacity(1 << 10);
    // Texts, numbers, lists and maps always have a JSON form, and the buffer takes every byte.
    let _complete = serde_json::to_writer(&mut buffer, content);
    buffer.into_value()
}

impl std::fmt::Debug for SecretBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretBuffer(..)")
    }
}
