//! The fast half of the search: says of most places in a text that no long head begins there, by
//! looking at a few of its bytes. It may name a place in vain, but passes over no head.
//!
//! A gram, a few bytes, of no head at the end of a window rules out that a head begins at any place up
//! to it: so most of the text is never looked at. Where a gram is known, a table says how far the window
//! must move for some head to have it in that place; where it need not move, the gram at the window's
//! beginning must be one that a head begins with.

use super::heads::LONG;
use super::place;

/// The bytes that are loaded for a gram, whatever its length.
const LOAD: usize = 8;

/// Two multipliers of the golden ratio's kind, so that two tables do not agree by chance.
const BY_GRAM: u64 = 0x9e37_79b9_7f4a_7c15;
const BY_SHIFT: u64 = 0xd6e8_feb8_6659_fd93;

/// From so many heads on, grams have another byte.
const MANY: usize = 1 << 12;

/// How large the tables of a filter are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    gram: usize,
    /// The number of bits in an index into each table.
    grams: u32,
    shifts: u32,
    heads: u32,
}

impl Size {
    /// Measures what so many heads need; if there are none, there is no filter.
    pub(super) fn new(heads: usize) -> Option<Self> {
        let gram = if heads < MANY { 5 } else { 6 };
        let bits = |entries: usize, least, most| {
            entries.next_power_of_two().trailing_zeros().clamp(least, most)
        };
        let entries = heads * (LONG - gram + 1);
        (heads > 0).then(|| Self {
            gram,
            grams: bits(32 * entries, 17, 22),
            shifts: bits(2 * entries, 12, 18),
            heads: bits(16 * heads, 12, 20),
        })
    }

    /// The words of the tables: two of bits, one of bytes.
    pub(super) fn words(self) -> usize {
        (1 << (self.grams - 5)) + (1 << (self.heads - 5)) + (1 << (self.shifts - 2))
    }

    fn mask(self) -> u64 {
        u64::MAX >> (8 * (LOAD - self.gram))
    }

    /// How far a window may move when the gram at its end is unknown.
    fn stride(self) -> usize {
        LONG - self.gram + 1
    }
}

/// A filter in its tables.
#[derive(Clone, Copy)]
pub(super) struct Filter<'a> {
    size: Size,
    mask: u64,
    stride: usize,
    grams: &'a [u32],
    heads: &'a [u32],
    shifts: &'a [u32],
}

impl<'a> Filter<'a> {
    /// Looks at tables that were filled by [`build`].
    pub(super) fn new(size: Size, tables: &'a [u32]) -> Self {
        let (grams, tables) = tables.split_at(1 << (size.grams - 5));
        let (heads, shifts) = tables.split_at(1 << (size.heads - 5));
        Self { size, mask: size.mask(), stride: size.stride(), grams, heads, shifts }
    }

    /// Whether what stands before `end` may be the inside of a head, from its sixth byte on.
    pub(super) fn knows_before(&self, text: &[u8], end: usize) -> bool {
        let Some(begin) = end.checked_sub(self.size.gram) else { return false };
        let mut gram = [0; LOAD];
        match text.get(begin..).and_then(<[u8]>::first_chunk) {
            Some(loaded) => gram = *loaded,
            None => gram[..end - begin].copy_from_slice(text.get(begin..end).unwrap_or(&[])),
        }
        self.knows(gram)
    }

    /// The first place of this text where it cannot be said whether a head begins.
    pub(super) fn horizon(&self, text: &[u8]) -> usize {
        (text.len() + 2).saturating_sub(self.stride + LOAD)
    }

    /// Finds the first place, from `from` on, where a head may begin; at the horizon at the latest,
    /// unless `from` is beyond it.
    pub(super) fn find(&self, text: &[u8], from: usize) -> usize {
        let horizon = self.horizon(text);
        let mut at = from;
        while at < horizon {
            at = self.stroll(text, at);
            let Some(&gram) = text.get(at + self.stride - 1..).and_then(<[u8]>::first_chunk) else {
                break;
            };
            let step = if self.knows(gram) { self.shift(gram) } else { self.stride };
            if step == 0 && self.begins(text.get(at..).unwrap_or(&[])) {
                break;
            }
            at += step.max(1);
        }
        at.min(horizon).max(from)
    }

    /// Passes over windows, several at once, as long as no gram at their ends is known.
    fn stroll(&self, text: &[u8], from: usize) -> usize {
        // With a stride that the compiler knows, nothing is checked but the place of the first.
        macro_rules! by_stride {
            ($($stride:literal)*) => {
                match self.stride {
                    $($stride => self.stroll_by::<$stride>(text, from),)*
                    _ => from,
                }
            };
        }
        by_stride!(11 12)
    }

    fn stroll_by<const STRIDE: usize>(&self, text: &[u8], from: usize) -> usize {
        let mut at = from;
        while let Some(windows) =
            text.get(at + STRIDE - 1..).and_then(|text| text.get(..5 * STRIDE + LOAD))
        {
            let mut known = false;
            for gram in windows.windows(LOAD).step_by(STRIDE).take(5) {
                known |= gram.first_chunk().is_some_and(|gram| self.knows(*gram));
            }
            if known {
                break;
            }
            at += 5 * STRIDE;
        }
        at
    }

    /// Whether some head has these bytes, as many of them as a gram has, in some place.
    #[inline]
    pub(super) fn knows(&self, gram: [u8; LOAD]) -> bool {
        let hash = hash(gram, self.mask, BY_GRAM, self.size.grams);
        bit(self.grams, hash)
    }

    fn shift(&self, gram: [u8; LOAD]) -> usize {
        let hash = hash(gram, self.mask, BY_SHIFT, self.size.shifts);
        usize::from(self.shifts[hash / 4].to_ne_bytes()[hash % 4])
    }

    fn begins(&self, text: &[u8]) -> bool {
        text.first_chunk()
            .is_some_and(|gram| bit(self.heads, hash(*gram, self.mask, BY_GRAM, self.size.heads)))
    }
}

#[inline]
fn hash(gram: [u8; LOAD], mask: u64, by: u64, bits: u32) -> usize {
    place((u64::from_le_bytes(gram) & mask).wrapping_mul(by) >> (u64::BITS - bits))
}

#[inline]
fn bit(table: &[u32], at: usize) -> bool {
    table[at / 32] >> (at % 32) & 1 != 0
}

/// Fills tables of as many words as `size` says.
pub(super) fn build(heads: impl Iterator<Item = [u8; LONG]>, size: Size, tables: &mut [u32]) {
    let (grams, tables) = tables.split_at_mut(1 << (size.grams - 5));
    let (begins, shifts) = tables.split_at_mut(1 << (size.heads - 5));
    let stride = size.stride();
    let unmoved = u8::try_from(stride).unwrap_or(u8::MAX);
    shifts.fill(u32::from_ne_bytes([unmoved; 4]));
    let mut padded = zeroize::Zeroizing::new([0; LONG + LOAD]);
    for head in heads {
        padded[..LONG].copy_from_slice(&head);
        for (at, &gram) in padded.array_windows().enumerate().take(stride) {
            let hashed = |by, bits| hash(gram, size.mask(), by, bits);
            let known = hashed(BY_GRAM, size.grams);
            grams[known / 32] |= 1 << (known % 32);
            if at == 0 {
                let begin = hashed(BY_GRAM, size.heads);
                begins[begin / 32] |= 1 << (begin % 32);
            }
            let shifted = hashed(BY_SHIFT, size.shifts);
            let mut bytes = shifts[shifted / 4].to_ne_bytes();
            let shift = u8::try_from(stride - 1 - at).unwrap_or(u8::MAX);
            bytes[shifted % 4] = bytes[shifted % 4].min(shift);
            shifts[shifted / 4] = u32::from_ne_bytes(bytes);
        }
    }
}
