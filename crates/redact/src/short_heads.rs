//! The short heads of values whose first bytes can be written in too many ways for long ones: where they
//! may begin in a text, and whose they are.

use super::bits::{self, LOAD, bit, hash, padded, set, size_for};
use super::error::Error;
use super::heads::SHORT;
use super::tables::{Origin, copy};
use super::{index, word};
use hushed_sys::memory::ProtectedWords;

/// A head: its bytes with zeros behind them, its length, its origin.
pub(super) type Short = [u8; SHORT + 5];

/// The bytes of a gram: of each head that stands in a text, a whole gram stands in every stride.
const GRAM: usize = 4;
/// The words of the table of grams: of few heads, and of many.
const FEW: usize = 1 << 12;
const MANY: usize = 1 << 15;
/// The words of a set of pairs of bytes.
const PAIRS: usize = (1 << 16) / 32;

/// All short heads, sorted, and sets of bits over them.
pub(super) struct ShortHeads {
    heads: ProtectedWords,
    count: usize,
    /// The first head of each key, by hash.
    slots: ProtectedWords,
    /// The pairs of bytes that heads begin with; hashes of the first [`ShortHeads::least`] bytes; hashes of
    /// all grams.
    pairs: ProtectedWords,
    begins: ProtectedWords,
    grams: ProtectedWords,
    lengths: [bool; SHORT + 1],
    least: usize,
}

impl ShortHeads {
    /// Takes heads that are sorted, each once.
    pub(super) fn new(heads: &[Short]) -> Result<Self, Error> {
        let mut sorted = ProtectedWords::new((heads.len() * (SHORT + 5)).div_ceil(4))?;
        copy(&mut sorted, heads.as_flattened());
        let mut lengths = [false; SHORT + 1];
        for head in heads {
            lengths[usize::from(head[SHORT])] = true;
        }
        let least = lengths.iter().position(|has| *has).unwrap_or(SHORT);
        let mut pairs = ProtectedWords::locked(PAIRS)?;
        let mut begins = ProtectedWords::locked(size_for(16 * heads.len(), 12, 20))?;
        let few = 32 * heads.len() * stride(least) <= 32 * FEW;
        let mut grams = ProtectedWords::locked(if few { FEW } else { MANY })?;
        for head in heads {
            let mut bytes = [0; SHORT + LOAD];
            bytes[..SHORT].copy_from_slice(&head[..SHORT]);
            let windows = || bytes.array_windows();
            if least > 1 {
                set(&mut pairs, pair([head[0], head[1]]));
            } else {
                let seconds = 0..=u8::MAX;
                seconds.for_each(|second| set(&mut pairs, pair([head[0], second])));
            }
            windows().take(1).for_each(|first| bits::add(&mut begins, *first, least.min(LOAD)));
            windows().take(stride(least)).for_each(|gram| bits::add(&mut grams, *gram, GRAM));
        }
        let slots = slots(heads)?;
        Ok(Self { heads: sorted, count: heads.len(), slots, pairs, begins, grams, lengths, least })
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn memory(&self) -> usize {
        let regions = [&self.heads, &self.slots, &self.pairs, &self.begins, &self.grams];
        regions.map(ProtectedWords::size).iter().sum()
    }

    fn all(&self) -> &[Short] {
        self.heads.bytes().as_chunks().0.get(..self.count).unwrap_or(&[])
    }

    /// Whether some head has so many bytes.
    #[inline]
    pub(super) fn has_length(&self, length: usize) -> bool {
        self.lengths.get(length).is_some_and(|has| *has)
    }

    /// The first place of a text, from `from` on, where a head may begin; else the first with too few
    /// bytes behind it to say so.
    pub(super) fn find(&self, text: &[u8], from: usize) -> usize {
        let end = text.len().saturating_sub(LOAD - 1).max(from);
        let stride = stride(self.least);
        let mut at = from;
        while at < end {
            at = self.skip(text, at);
            let places = text.get(at..).unwrap_or(&[]).array_windows().take(stride);
            for (place, bytes) in (at..end).zip(places) {
                if self.may_begin(*bytes) {
                    return place;
                }
            }
            at += stride;
        }
        end
    }

    fn skip(&self, text: &[u8], from: usize) -> usize {
        if self.least < GRAM {
            return from;
        }
        let grams: &[u32] = &self.grams;
        macro_rules! by_size {
            ($($stride:literal)*) => {
                match (stride(self.least), grams.len()) {
                    $(($stride, FEW) => bits::skip::<GRAM, $stride, FEW>(grams, text, from),
                    ($stride, MANY) => bits::skip::<GRAM, $stride, MANY>(grams, text, from),)*
                    _ => from,
                }
            };
        }
        by_size!(9 7 5 3 2 1)
    }

    #[inline]
    fn may_begin(&self, bytes: [u8; LOAD]) -> bool {
        bit(&self.pairs, pair([bytes[0], bytes[1]]))
            && bits::has(&self.begins, bytes, self.least.min(LOAD))
    }

    /// Whether a head may begin with these bytes, which may be fewer or more than it has.
    pub(super) fn may_begin_with(&self, prefix: &[u8]) -> bool {
        let least = self.least.min(LOAD);
        match (prefix.get(..least), prefix.first_chunk()) {
            (Some(begin), _) => bits::has(&self.begins, padded(begin), least),
            (None, Some(first)) => bit(&self.pairs, pair(*first)),
            (None, None) => true,
        }
    }

    /// Whether what stands before `end` may be the inside of a head.
    pub(super) fn knows_before(&self, text: &[u8], end: usize) -> bool {
        let gram = end.checked_sub(GRAM).and_then(|begin| text.get(begin..end));
        gram.is_some_and(|gram| bits::has(&self.grams, padded(gram), GRAM))
    }

    /// The origins of the heads that are exactly these bytes.
    pub(super) fn equal(&self, bytes: &[u8]) -> impl Iterator<Item = Origin> {
        let mut key = [0; SHORT + 1];
        if let (Some(room), Ok(length)) = (key.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            room.copy_from_slice(bytes);
            key[SHORT] = length;
        }
        let first = self.first(key);
        let heads = first.and_then(|first| self.all().get(first..)).unwrap_or(&[]).iter();
        heads.take_while(move |head| head[..=SHORT] == key).filter_map(origin)
    }

    /// The first head with this key.
    fn first(&self, key: [u8; SHORT + 1]) -> Option<usize> {
        let slots = self.slots.len();
        let mut slot = slot_of(key, slots);
        while let Some(head) = self.slots.get(slot).and_then(|head| head.checked_sub(1)) {
            if self.all().get(index(head)).is_some_and(|head| head.starts_with(&key)) {
                return Some(index(head));
            }
            slot = (slot + 1) % slots;
        }
        None
    }

    /// The origins of the heads that begin with these bytes and have more.
    pub(super) fn longer_than(&self, prefix: &[u8]) -> impl Iterator<Item = Origin> {
        let heads = if self.may_begin_with(prefix) { self.all() } else { &[] };
        let from = heads.partition_point(|head| &head[..prefix.len().min(SHORT)] < prefix);
        let heads = heads.get(from..).unwrap_or(&[]).iter();
        let heads = heads.take_while(move |head| head.starts_with(prefix));
        let longer = move |head: &&Short| usize::from(head[SHORT]) > prefix.len();
        heads.filter(longer).filter_map(origin)
    }
}

/// How far apart grams are looked at: the number of places in the shortest head at which one begins, of
/// those for which the search is laid out.
fn stride(least: usize) -> usize {
    match (least + 1).saturating_sub(GRAM) {
        9.. => 9,
        7.. => 7,
        5.. => 5,
        3.. => 3,
        2 => 2,
        _ => 1,
    }
}

fn origin(head: &Short) -> Option<Origin> {
    head.last_chunk().copied().map(Origin::from_bytes)
}

/// A table of the first head of each key, by hash; numbers begin with one.
fn slots(heads: &[Short]) -> Result<ProtectedWords, Error> {
    let count = (2 * heads.len() + 1).next_power_of_two();
    let mut slots = ProtectedWords::locked(count)?;
    let mut before: Option<&[u8]> = None;
    for (number, head) in (0..).zip(heads) {
        let Some(key) = head.first_chunk::<{ SHORT + 1 }>() else { continue };
        if before != Some(key) {
            let mut slot = slot_of(*key, count);
            while slots[slot] != 0 {
                slot = (slot + 1) % count;
            }
            slots[slot] = word(number + 1);
        }
        before = Some(key);
    }
    Ok(slots)
}

/// Where a key is looked for first.
fn slot_of(key: [u8; SHORT + 1], slots: usize) -> usize {
    // The last bytes with the length, and the first ones.
    let (last, first) = (key.last_chunk::<5>(), key.first_chunk::<4>());
    let mut bytes = [0; LOAD];
    for (place, byte) in bytes.iter_mut().zip(last.into_iter().flatten()) {
        *place = *byte;
    }
    for (place, byte) in bytes.iter_mut().rev().zip(first.into_iter().flatten()) {
        *place ^= *byte;
    }
    hash(bytes, LOAD, slots.max(32) / 32) & (slots - 1)
}

#[inline]
fn pair(bytes: [u8; 2]) -> usize {
    usize::from(u16::from_le_bytes(bytes))
}
