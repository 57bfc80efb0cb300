//! Sets of hashes of a few bytes, as tables of bits: they may say of a byte string in vain that it is in
//! the set, but never that it is not. And the search of a text for a member of such a set.

use super::place;

/// The bytes that are loaded, whatever the number of those that count.
pub(super) const LOAD: usize = 8;

/// A multiplier of the golden ratio's kind (Knuth, The Art of Computer Programming, volume 3, section 6.4).
pub(super) const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// How many grams are looked at before the place is checked again, and the bytes that they take.
const AT_ONCE: usize = 5;
const BLOCK: usize = 64;

/// The words of a table with a bit for each of so many entries, within powers of two.
pub(super) fn size_for(entries: usize, least: u32, most: u32) -> usize {
    1 << (entries.next_power_of_two().trailing_zeros().clamp(least, most) - 5)
}

/// The place of the first `count` of these bytes in a table of so many words, a power of two. The
/// multiplication drops the other bytes.
#[inline]
pub(super) fn hash(bytes: [u8; LOAD], count: usize, words: usize) -> usize {
    let by = GOLDEN << (8 * (LOAD - count));
    place(u64::from_le_bytes(bytes).wrapping_mul(by) >> (u64::BITS - 5 - words.trailing_zeros()))
}

/// Whether a bit is set.
#[inline]
pub(super) fn bit(table: &[u32], at: usize) -> bool {
    table[at / 32] >> (at % 32) & 1 != 0
}

/// Whether the first `count` of these bytes may be in the set.
#[inline]
pub(super) fn has(table: &[u32], bytes: [u8; LOAD], count: usize) -> bool {
    bit(table, hash(bytes, count, table.len()))
}

/// Sets a bit.
pub(super) fn set(table: &mut [u32], at: usize) {
    table[at / 32] |= 1 << (at % 32);
}

/// Adds the first `count` of these bytes to a set.
pub(super) fn add(table: &mut [u32], bytes: [u8; LOAD], count: usize) {
    let words = table.len();
    set(table, hash(bytes, count, words));
}

/// A few bytes with zeros behind them.
pub(super) fn padded(bytes: &[u8]) -> [u8; LOAD] {
    let mut padded = [0; LOAD];
    padded[..bytes.len()].copy_from_slice(bytes);
    padded
}

/// The begin of the first stride, from `from` on, at whose end is a gram that may be in the set; or a place
/// with too few bytes behind it. With sizes that the compiler knows, nothing is checked in the loop but the
/// place.
pub(super) fn skip<const GRAM: usize, const STRIDE: usize, const WORDS: usize>(
    set: &[u32],
    text: &[u8],
    from: usize,
) -> usize {
    let Some(set) = set.first_chunk::<WORDS>() else { return from };
    let mut at = from;
    while let Some(block) = text.get(at + STRIDE - 1..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        for (number, gram) in block.array_windows().step_by(STRIDE).take(AT_ONCE).enumerate() {
            if has(set, *gram, GRAM) {
                return at + number * STRIDE;
            }
        }
        at += AT_ONCE * STRIDE;
    }
    at
}
