//! Passing over a text in which none of a few pairs of bytes stands, many bytes at once. The loop is
//! written so that the compiler makes vector instructions of it.

use super::heads::SHORT;
use zeroize::Zeroizing;

/// The bytes that are looked at together.
pub(super) const BLOCK: usize = 64;
/// The most pairs for which this is faster than a look at each byte.
const MOST: usize = 12;

/// The pairs.
pub(super) struct FewPairs(Zeroizing<Vec<[u8; 2]>>);

impl FewPairs {
    /// Takes the pairs that short heads begin with, unless they are many or a head has one byte only.
    pub(super) fn new(heads: &[[u8; SHORT + 5]]) -> Option<Self> {
        let mut pairs: Zeroizing<Vec<[u8; 2]>> = Zeroizing::new(Vec::with_capacity(MOST));
        for &[first, second, _, _, length, ..] in heads {
            if length < 2 || pairs.len() > MOST {
                return None;
            }
            if !pairs.contains(&[first, second]) {
                pairs.push([first, second]);
            }
        }
        (pairs.len() <= MOST).then_some(Self(pairs))
    }

    /// The number of bytes at the beginning of a text at which no pair begins, a multiple of a block.
    pub(super) fn skip(&self, text: &[u8]) -> usize {
        let firsts = text.as_chunks::<BLOCK>().0;
        let seconds = text.get(1..).unwrap_or(&[]).as_chunks::<BLOCK>().0;
        let passed =
            firsts.iter().zip(seconds).take_while(|(first, second)| !self.is_in(first, second));
        BLOCK * passed.count()
    }

    #[inline]
    fn is_in(&self, first: &[u8; BLOCK], second: &[u8; BLOCK]) -> bool {
        let mut any = 0_u8;
        for &[a, b] in self.0.iter() {
            for (x, y) in first.iter().zip(second) {
                any |= u8::from(*x == a) & u8::from(*y == b);
            }
        }
        any != 0
    }
}
