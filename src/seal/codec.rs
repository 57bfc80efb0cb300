//! Numbers and fields in the plaintext of what is sealed: unsigned, the most significant byte first.
//! It gives them no meaning, and never panics on bytes that are not what they should be.

use std::mem::take;

use zeroize::Zeroizing;

use crate::secret::Value;

/// Reads fields in order; `None` where the bytes end too early.
#[derive(Clone, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Begins at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next bytes, so many as the type says.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, left) = self.0.split_first_chunk()?;
        self.0 = left;
        Some(*taken)
    }

    /// A number of eight bytes.
    pub fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// A length of four bytes.
    pub fn length(&mut self) -> Option<usize> {
        usize::try_from(self.array().map(u32::from_be_bytes)?).ok()
    }

    /// A length, and so many bytes.
    pub fn field(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        let (field, left) = self.0.split_at_checked(length)?;
        self.0 = left;
        Some(field)
    }

    /// What is not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Whether all that is left is zero.
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|&byte| byte == 0)
    }
}

/// Writes fields in order, into memory that is wiped and never moves.
#[derive(Debug)]
pub struct Writer {
    bytes: Zeroizing<Vec<u8>>,
    size: usize,
}

impl Writer {
    /// Makes room for exactly `size` bytes.
    pub fn new(size: usize) -> Self {
        // The right size from the start: a growing buffer would leave copies behind.
        Self { bytes: Zeroizing::new(Vec::with_capacity(size)), size }
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A number of eight bytes.
    pub fn number(&mut self, number: u64) {
        self.raw(&number.to_be_bytes());
    }

    /// A length of four bytes. What is sealed is bounded far below 4 GiB; what is not would not be read.
    pub fn length(&mut self, length: usize) {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        self.raw(&length.to_be_bytes());
    }

    /// A length, and the bytes.
    pub fn field(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.raw(bytes);
    }

    /// Fills up with zeros.
    pub fn finish(mut self) -> Value {
        self.bytes.resize(self.size, 0);
        Value::new(take(&mut *self.bytes))
    }
}
