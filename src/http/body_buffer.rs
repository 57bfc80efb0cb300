//! Collects the body of a response, up to a limit, in a buffer that is wiped when dropped.

use zeroize::{Zeroize as _, Zeroizing};

/// The largest initial allocation, whatever `content-length` says.
const INITIAL_CAPACITY: usize = 1 << 20;

/// A growing buffer.
#[derive(Debug)]
pub(super) struct BodyBuffer {
    bytes: Zeroizing<Vec<u8>>,
    limit: usize,
}

/// The body is longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

impl BodyBuffer {
    /// Reserves space for a body of the announced length.
    pub(super) fn new(announced: Option<u64>, limit: usize) -> Result<Self, TooLarge> {
        let announced = usize::try_from(announced.unwrap_or(0)).unwrap_or(usize::MAX);
        if announced > limit {
            return Err(TooLarge);
        }
        let bytes = Zeroizing::new(Vec::with_capacity(announced.min(INITIAL_CAPACITY)));
        Ok(Self { bytes, limit })
    }

    /// Appends a chunk.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), TooLarge> {
        let length = self.bytes.len().saturating_add(chunk.len());
        if length > self.limit {
            return Err(TooLarge);
        }
        if length > self.bytes.capacity() {
            // A vector that reallocates itself does not wipe its old bytes.
            let mut grown = Zeroizing::new(Vec::with_capacity(length.max(2 * self.bytes.len())));
            grown.extend_from_slice(&self.bytes);
            self.bytes.zeroize();
            self.bytes = grown;
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    /// The number of bytes received.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The complete body.
    pub(super) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_add_up_whatever_was_announced() {
        for announced in [None, Some(0), Some(3), Some(9)] {
            let mut body = BodyBuffer::new(announced, 9).unwrap();
            for piece in [b"abc", b"def", b"ghi"] {
                body.push(piece).unwrap();
            }
            assert_eq!(body.len(), 9);
            assert_eq!(*body.finish(), b"abcdefghi");
        }
    }

    #[test]
    fn the_limit_holds_for_what_is_announced_and_for_what_comes() {
        assert_eq!(BodyBuffer::new(Some(10), 9).unwrap_err(), TooLarge);
        assert_eq!(BodyBuffer::new(Some(u64::MAX), 9).unwrap_err(), TooLarge);
        let mut body = BodyBuffer::new(Some(1), 9).unwrap();
        body.push(b"123456789").unwrap();
        assert_eq!(body.push(b"0"), Err(TooLarge));
    }
}
