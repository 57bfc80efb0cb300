//! The body of an answer, collected into memory that is wiped, up to a limit.
//! It does not look at what is in it.

use zeroize::{Zeroize as _, Zeroizing};

/// What a first allocation may be at most, whatever a server announces.
const FIRST: usize = 1 << 20;

/// A growing body.
#[derive(Debug)]
pub(super) struct Body {
    bytes: Zeroizing<Vec<u8>>,
    limit: usize,
}

/// The body is longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

impl Body {
    /// Makes room for a body of the announced length.
    pub(super) fn new(announced: Option<u64>, limit: usize) -> Result<Self, TooLarge> {
        let announced = usize::try_from(announced.unwrap_or(0)).unwrap_or(usize::MAX);
        if announced > limit {
            return Err(TooLarge);
        }
        let bytes = Zeroizing::new(Vec::with_capacity(announced.min(FIRST)));
        Ok(Self { bytes, limit })
    }

    /// Adds a piece.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), TooLarge> {
        let length = self.bytes.len().saturating_add(piece.len());
        if length > self.limit {
            return Err(TooLarge);
        }
        if length > self.bytes.capacity() {
            // A vector that grows by itself leaves its old bytes unwiped.
            let mut grown = Zeroizing::new(Vec::with_capacity(length.max(2 * self.bytes.len())));
            grown.extend_from_slice(&self.bytes);
            self.bytes.zeroize();
            self.bytes = grown;
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The whole body.
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
            let mut body = Body::new(announced, 9).unwrap();
            for piece in [b"abc", b"def", b"ghi"] {
                body.push(piece).unwrap();
            }
            assert_eq!(body.len(), 9);
            assert_eq!(*body.finish(), b"abcdefghi");
        }
    }

    #[test]
    fn the_limit_holds_for_what_is_announced_and_for_what_comes() {
        assert_eq!(Body::new(Some(10), 9).unwrap_err(), TooLarge);
        assert_eq!(Body::new(Some(u64::MAX), 9).unwrap_err(), TooLarge);
        let mut body = Body::new(Some(1), 9).unwrap();
        body.push(b"123456789").unwrap();
        assert_eq!(body.push(b"0"), Err(TooLarge));
    }
}
