//! The fast half of the search: says of most places in a text that no long head begins there, by
//! looking at a few of its bytes. It may name a place in vain, but passes over no head.
//!
//! ```text
//! text   2026-11-22T03:36:43.372783Z INFO  http request_id=f648…
//!                   ^^^^^       ^^^^^       ^^^^^              one gram in every stride
//! ```
//!
//! Each head that stands in the text has a whole gram, a few bytes, at one of these places. So where the
//! gram is one of no head, no head begins in the stride before it, and most of the text is never looked at.

use super::bits::{self, LOAD};
use super::heads::LONG;

/// From so many heads on, grams have another byte.
const MANY: usize = 1 << 12;

/// By how many of its first bytes it is checked whether a head begins.
const BEGIN: usize = 6;

/// How far from a gram of a head another one is, at least on one side.
const OTHER: usize = 5;

/// How large the tables of a filter are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    gram: usize,
    /// The number of bits in an index into each table of bits.
    grams: u32,
    heads: u32,
}

impl Size {
    /// Measures what so many heads need; if there are none, there is no filter.
    pub(super) fn new(heads: usize) -> Option<Self> {
        let gram = if heads < MANY { 5 } else { 6 };
        let bits = |entries: usize| entries.next_power_of_two().trailing_zeros();
        let entries = 32 * heads * (LONG - gram + 1);
        let grams = match bits(entries) {
            ..=17 => 17,
            18..=20 => 20,
            21..=22 => 22,
            _ => 23,
        };
        (heads > 0).then(|| Self { gram, grams, heads: bits(32 * heads).clamp(12, 22) })
    }

    /// The words of the tables.
    pub(super) fn words(self) -> usize {
        (1 << (self.grams - 5)) + (1 << (self.heads - 5))
    }

    /// The number of places at which a gram of a head begins: so far apart are the grams of a text.
    fn stride(self) -> usize {
        LONG - self.gram + 1
    }
}

/// A filter in its tables.
#[derive(Clone, Copy)]
pub(super) struct Filter<'a> {
    size: Size,
    grams: &'a [u32],
    heads: &'a [u32],
}

impl<'a> Filter<'a> {
    /// Looks at tables that were filled by [`build`].
    pub(super) fn new(size: Size, tables: &'a [u32]) -> Self {
        let (grams, heads) = tables.split_at(1 << (size.grams - 5));
        Self { size, grams, heads }
    }

    /// Whether what stands before `end` may be the inside of a head, from its sixth byte on.
    #[inline]
    pub(super) fn knows_before(&self, text: &[u8], end: usize) -> bool {
        let gram = self.size.gram;
        let knows = |end: usize| end.checked_sub(gram).is_some_and(|at| self.knows(text, at));
        knows(end) && (gram > 5 || knows(end - 1))
    }

    /// Whether the gram at a place of the text is one of a head.
    #[inline]
    fn knows(&self, text: &[u8], at: usize) -> bool {
        let rest = text.get(at..).unwrap_or(&[]);
        let gram = rest.first_chunk().copied().unwrap_or_else(|| bits::padded(rest));
        bits::has(self.grams, gram, self.size.gram)
    }

    /// Whether a head may begin with these bytes, which may be fewer or more than it has.
    pub(super) fn may_begin_with(&self, prefix: &[u8]) -> bool {
        let first = prefix.get(..BEGIN);
        first.is_none_or(|first| bits::has(self.heads, bits::padded(first), BEGIN))
    }

    /// The first place of this text where it cannot be said whether a head begins.
    pub(super) fn horizon(&self, text: &[u8]) -> usize {
        (text.len() + 1).saturating_sub(LONG + LOAD - self.size.gram)
    }

    /// Finds the first place, from `from` on, where a head may begin; at the horizon at the latest,
    /// unless `from` is beyond it.
    pub(super) fn find(&self, text: &[u8], from: usize) -> usize {
        let horizon = self.horizon(text);
        let stride = self.size.stride();
        let mut at = from;
        while at < horizon {
            at = self.skip(text, at).min(horizon);
            // In a head there is another gram, before or behind.
            let gram = at + stride - 1;
            if at < horizon && !self.knows(text, gram - OTHER) && !self.knows(text, gram + OTHER) {
                at += stride;
                continue;
            }
            let places = text.get(at..).unwrap_or(&[]).array_windows().take(stride);
            for (place, head) in (at..horizon).zip(places) {
                if bits::has(self.heads, *head, BEGIN) {
                    return place;
                }
            }
            at += stride;
        }
        horizon.max(from)
    }

    /// The begin of the first stride, from this place on, at whose end is a gram of a head; or a place
    /// with too few bytes behind it.
    fn skip(&self, text: &[u8], from: usize) -> usize {
        macro_rules! by_size {
            ($(($gram:literal $bits:literal))*) => {
                match (self.size.gram, self.size.grams) {
                    $(($gram, $bits) => {
                        const WORDS: usize = 1 << ($bits - 5);
                        bits::skip::<$gram, { LONG - $gram + 1 }, WORDS>(self.grams, text, from)
                    })*
                    _ => from,
                }
            };
        }
        by_size!((5 17) (5 20) (5 22) (6 22) (6 23))
    }
}

/// Fills tables of as many words as `size` says.
pub(super) fn build(heads: impl Iterator<Item = [u8; LONG]>, size: Size, tables: &mut [u32]) {
    let (grams, begins) = tables.split_at_mut(1 << (size.grams - 5));
    let mut padded = zeroize::Zeroizing::new([0; LONG + LOAD]);
    for head in heads {
        padded[..LONG].copy_from_slice(&head);
        for gram in padded.array_windows().take(size.stride()) {
            bits::add(grams, *gram, size.gram);
        }
        if let Some(begin) = head.first_chunk() {
            bits::add(begins, *begin, BEGIN);
        }
    }
}
