//! All heads, sorted, and the filters over them: which heads begin or are begun at a place of a text.

use super::encoding::Encodings;
use super::error::Error;
use super::few_pairs::{self, FewPairs};
use super::filter::{self, Filter};
use super::heads::{self, LONG, SHORT};
use super::sequence::{Alphabet, FORMS};
use super::targets::Targets;
use super::{index, word};
use crate::sys::memory::ProtectedWords;

/// The most heads there may be.
const MOST_HEADS: usize = 1 << 23;
/// The words of a set of pairs of bytes.
const PAIRS: usize = (1 << 16) / 32;

/// The bytes of a text that are passed at once where no short head begins.
const STROLL: usize = 16;

/// What a head belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Origin(u32);

impl Origin {
    fn new(target: u32, form: u8) -> Self {
        Self(target << 8 | u32::from(form))
    }

    pub(super) fn target(self) -> u32 {
        self.0 >> 8
    }

    pub(super) fn form(self) -> u8 {
        self.0.to_le_bytes()[0]
    }
}

/// A long head: its bytes and its origin.
type Long = [u8; LONG + 4];
/// A short head: its bytes with zeros behind them, its length, its origin.
type Brief = [u8; SHORT + 5];

/// The heads of all targets.
pub(super) struct Tables {
    long: ProtectedWords,
    longs: usize,
    brief: ProtectedWords,
    briefs: usize,
    /// The pairs of bytes that long heads begin with, and that short heads begin with.
    pairs: ProtectedWords,
    /// Hashes of the short heads, their places by key, and the lengths that they have.
    hashes: ProtectedWords,
    slots: ProtectedWords,
    /// Hashes of the first three and the last three bytes of short heads.
    grams: ProtectedWords,
    lengths: [bool; SHORT + 1],
    filter: Option<(filter::Size, ProtectedWords)>,
    few_pairs: Option<FewPairs>,
}

/// Keeps heads while there are more to come.
#[derive(Default)]
struct Heads {
    target: u32,
    long: Vec<Long>,
    brief: Vec<Brief>,
}

impl heads::Sink for Heads {
    fn head(&mut self, head: &[u8], form: u8) {
        let origin = Origin::new(self.target, form).0.to_be_bytes();
        if let Ok(head) = <&[u8; LONG]>::try_from(head) {
            let mut long = [0; LONG + 4];
            long[..LONG].copy_from_slice(head);
            long[LONG..].copy_from_slice(&origin);
            self.long.push(long);
        } else if let (1..=SHORT, Ok(length)) = (head.len(), u8::try_from(head.len())) {
            let mut brief = [0; SHORT + 5];
            brief[..head.len()].copy_from_slice(head);
            brief[SHORT] = length;
            brief[SHORT + 1..].copy_from_slice(&origin);
            self.brief.push(brief);
        }
    }
}

impl Tables {
    pub(super) fn new(targets: &Targets, encodings: Encodings, min: usize) -> Result<Self, Error> {
        let mut heads = Heads::default();
        for (number, target) in (0..).zip(targets.all()) {
            heads.target = number;
            heads::all(targets.value(target), target.extent, encodings, min, &mut heads);
            if heads.long.len() + heads.brief.len() > MOST_HEADS {
                return Err(Error::TooLarge);
            }
        }
        heads.long.sort_unstable_by_key(number);
        heads.long.dedup();
        heads.brief.sort_unstable();
        heads.brief.dedup();
        let longs = heads.long.len();
        let mut long = ProtectedWords::new((longs * (LONG + 4)).div_ceil(4))?;
        copy(&mut long, heads.long.as_flattened());
        let briefs = heads.brief.len();
        let mut brief = ProtectedWords::new((briefs * (SHORT + 5)).div_ceil(4))?;
        copy(&mut brief, heads.brief.as_flattened());
        let mut pairs = ProtectedWords::locked(2 * PAIRS)?;
        let (of_long, of_brief) = pairs.split_at_mut(PAIRS);
        for head in &heads.long {
            set(of_long, pair([head[0], head[1]]));
        }
        for head in &heads.brief {
            if head[SHORT] > 1 {
                set(of_brief, pair([head[0], head[1]]));
            } else {
                (0..=u8::MAX).for_each(|second| set(of_brief, pair([head[0], second])));
            }
        }
        let few_pairs = FewPairs::new(&heads.brief);
        let hashes = hashes(&heads.brief)?;
        let slots = slots(&heads.brief)?;
        let grams = grams(&heads.brief)?;
        let mut lengths = [false; SHORT + 1];
        heads.brief.iter().for_each(|head| lengths[usize::from(head[SHORT])] = true);
        let filter = match filter::Size::new(longs) {
            None => None,
            Some(size) => {
                // Of the values it holds hashes of a few bytes.
                let mut tables = ProtectedWords::locked(size.words())?;
                let longs = heads.long.iter().filter_map(|head| head.first_chunk().copied());
                filter::build(longs, size, &mut tables);
                Some((size, tables))
            }
        };
        heads.long.as_flattened_mut().fill(0);
        heads.brief.as_flattened_mut().fill(0);
        Ok(Self {
            long,
            longs,
            brief,
            briefs,
            pairs,
            hashes,
            slots,
            grams,
            lengths,
            filter,
            few_pairs,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.longs + self.briefs
    }

    pub(super) fn memory(&self) -> usize {
        let filter = self.filter.as_ref().map_or(0, |(_, tables)| tables.size());
        let regions =
            [&self.long, &self.brief, &self.pairs, &self.hashes, &self.slots, &self.grams];
        regions.map(ProtectedWords::size).iter().sum::<usize>() + filter
    }

    pub(super) fn filter(&self) -> Option<Filter<'_>> {
        self.filter.as_ref().map(|(size, tables)| Filter::new(*size, tables))
    }

    fn longs(&self) -> &[Long] {
        self.long.bytes().as_chunks().0.get(..self.longs).unwrap_or(&[])
    }

    fn briefs(&self) -> &[Brief] {
        self.brief.bytes().as_chunks().0.get(..self.briefs).unwrap_or(&[])
    }

    pub(super) fn has_briefs(&self) -> bool {
        self.briefs > 0
    }

    /// The origins of the long heads that begin with these bytes.
    pub(super) fn long_with(&self, prefix: &[u8]) -> impl Iterator<Item = Origin> {
        let prefix = prefix.get(..LONG).unwrap_or(prefix);
        let heads = match prefix.first_chunk() {
            Some(first) if !bit(&self.pairs[..PAIRS], pair(*first)) => &[],
            _ => self.longs(),
        };
        let mut bytes = [0; LONG];
        bytes[..prefix.len()].copy_from_slice(prefix);
        let wanted = u128::from_be_bytes(bytes);
        let shift = 8 * word(LONG - prefix.len());
        let from = heads.partition_point(|head| number(head).0 < wanted);
        let heads = heads.get(from..).unwrap_or(&[]).iter();
        let begins = move |head: &&Long| (number(head).0 ^ wanted).unbounded_shr(shift) == 0;
        let origin = |head: &Long| Some(Origin(u32::from_be_bytes(*head.last_chunk()?)));
        heads.take_while(begins).filter_map(origin)
    }

    /// The first place of a text where a short head may begin; else the first with too few bytes behind it
    /// to say so.
    pub(super) fn find_brief(&self, text: &[u8]) -> usize {
        let end = text.len().saturating_sub(SHORT - 1);
        if let Some(few) = &self.few_pairs {
            let mut from = 0;
            while from < end {
                from += few.skip(text.get(from..=end).unwrap_or(&[]));
                let block = text.get(from..(from + few_pairs::BLOCK + SHORT - 1).min(text.len()));
                let mut windows = block.unwrap_or(&[]).array_windows();
                match windows.position(|window| self.brief_may_begin(*window)) {
                    Some(place) => return from + place,
                    None => from += few_pairs::BLOCK,
                }
            }
            return end;
        }
        if self.lengths[..SHORT].iter().any(|has| *has) {
            let mut windows = text.array_windows();
            return windows.position(|window| self.brief_may_begin(*window)).unwrap_or(end);
        }
        let mut from = 0;
        while from < end {
            from += self.stroll(text.get(from..).unwrap_or(&[]));
            // A head that begins here, or at the place before, which was passed.
            let last = (from + 2).min(end);
            for place in from.saturating_sub(1)..last {
                let window = text.get(place..).and_then(<[u8]>::first_chunk);
                if window.is_some_and(|window| self.brief_may_begin(*window)) {
                    return place;
                }
            }
            from = last;
        }
        end
    }

    /// The number of bytes at the beginning of a text that can be passed: of every second place, no three
    /// bytes are in a head. Heads have four bytes, so that three of them are at such a place.
    fn stroll(&self, text: &[u8]) -> usize {
        let grams: &[u32] = &self.grams;
        let shift = 32 - (32 * word(grams.len())).trailing_zeros();
        let mut passed = 0;
        while let Some(block) =
            text.get(passed..).and_then(<[u8]>::first_chunk::<{ STROLL + SHORT - 1 }>)
        {
            let mut known = 0_u32;
            for at in (0..STROLL).step_by(2) {
                let bytes =
                    u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
                let hash = gram(bytes) >> shift;
                let word = grams.get(index(hash / 32)).copied().unwrap_or(u32::MAX);
                known |= (word >> (hash % 32) & 1) << at;
            }
            if known != 0 {
                return passed + index(known.trailing_zeros());
            }
            passed += STROLL;
        }
        passed
    }

    /// Whether a short head may begin with these bytes.
    #[inline]
    fn brief_may_begin(&self, bytes: [u8; SHORT]) -> bool {
        bit(&self.pairs[PAIRS..], pair([bytes[0], bytes[1]])) && self.is_hashed(bytes)
    }

    /// Whether the hash of a short head is that of these bytes.
    fn is_hashed(&self, bytes: [u8; SHORT]) -> bool {
        let [a, b, c, _] = bytes;
        let (fours, threes) = self.hashes.split_at(self.hashes.len() / 2);
        bit(fours, hashed(bytes, fours)) || bit(threes, hashed([a, b, c, 0], threes))
    }

    /// Whether some short head has so many bytes.
    #[inline]
    pub(super) fn has_brief_of(&self, length: usize) -> bool {
        self.lengths.get(length).is_some_and(|has| *has)
    }

    /// The origins of the short heads that are exactly these bytes.
    pub(super) fn brief_equal(&self, bytes: &[u8]) -> impl Iterator<Item = Origin> {
        let mut key = [0; SHORT + 1];
        if let (Some(room), Ok(length)) = (key.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            room.copy_from_slice(bytes);
            key[SHORT] = length;
        }
        let first = self.first_brief(key);
        let heads = first.and_then(|first| self.briefs().get(first..)).unwrap_or(&[]).iter();
        heads.take_while(move |head| head[..=SHORT] == key).filter_map(brief_origin)
    }

    /// The first short head with this key.
    fn first_brief(&self, key: [u8; SHORT + 1]) -> Option<usize> {
        let slots = self.slots.len();
        let mut slot = slot_of(key, slots);
        while let Some(head) = self.slots.get(slot).and_then(|head| head.checked_sub(1)) {
            if self.briefs().get(index(head)).is_some_and(|head| head.starts_with(&key)) {
                return Some(index(head));
            }
            slot = (slot + 1) % slots;
        }
        None
    }

    /// The origins of the short heads that begin with these bytes and have more.
    pub(super) fn brief_with(&self, prefix: &[u8]) -> impl Iterator<Item = Origin> {
        let heads = self.briefs();
        let from = heads.partition_point(|head| &head[..prefix.len().min(SHORT)] < prefix);
        let heads = heads.get(from..).unwrap_or(&[]).iter();
        let heads = heads.take_while(move |head| head.starts_with(prefix));
        let longer = move |head: &&Brief| usize::from(head[SHORT]) > prefix.len();
        heads.filter(longer).filter_map(brief_origin)
    }
}

/// The hash of the first three of four bytes, in the high bits of 32.
#[inline]
fn gram(bytes: u32) -> u32 {
    (bytes << 8).wrapping_mul(0x9e37_79b1)
}

fn grams(heads: &[Brief]) -> Result<ProtectedWords, Error> {
    let words = (2 * heads.len()).next_power_of_two().clamp(1 << 9, 1 << 14);
    let mut table = ProtectedWords::locked(words)?;
    let shift = 32 - (32 * word(words)).trailing_zeros();
    for &[a, b, c, d, ..] in heads {
        for bytes in [[a, b, c, 0], [b, c, d, 0]] {
            set(&mut table, index(gram(u32::from_le_bytes(bytes)) >> shift));
        }
    }
    Ok(table)
}

/// A table of the first short head of each key, by hash; numbers begin with one.
fn slots(heads: &[Brief]) -> Result<ProtectedWords, Error> {
    let count = (2 * heads.len() + 1).next_power_of_two();
    let mut slots = ProtectedWords::locked(count)?;
    let mut before: Option<&[u8]> = None;
    for (number, head) in (1..).zip(heads) {
        let Some(key) = head.first_chunk::<{ SHORT + 1 }>() else { continue };
        if before != Some(key) {
            let mut slot = slot_of(*key, count);
            while slots[slot] != 0 {
                slot = (slot + 1) % count;
            }
            slots[slot] = number;
        }
        before = Some(key);
    }
    Ok(slots)
}

/// Where a key is looked for first.
fn slot_of(key: [u8; SHORT + 1], slots: usize) -> usize {
    let [a, b, c, d, length] = key;
    let number = u64::from(u32::from_le_bytes([a, b, c, d])) << 3 | u64::from(length);
    super::place(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) & (slots - 1)
}

fn brief_origin(head: &Brief) -> Option<Origin> {
    Some(Origin(u32::from_be_bytes(*head.last_chunk()?)))
}

/// How many units of a value so many bytes of the beginning of a form are, at most.
pub(super) fn units(form: u8, bytes: usize) -> usize {
    match FORMS.get(usize::from(form)).map(|form| form.alphabet) {
        Some(Alphabet::Hex | Alphabet::Decimal | Alphabet::Cells) => bytes.div_ceil(2),
        Some(Alphabet::Octal | Alphabet::Words) => bytes.div_ceil(3),
        _ => bytes,
    }
}

/// A long head as numbers that are in the order of its bytes.
fn number(head: &Long) -> (u128, u32) {
    let (bytes, origin) = (head.first_chunk(), head.last_chunk());
    let bytes = bytes.map_or(0, |bytes| u128::from_be_bytes(*bytes));
    (bytes, origin.map_or(0, |origin| u32::from_be_bytes(*origin)))
}

fn copy(region: &mut ProtectedWords, bytes: &[u8]) {
    if let Some(room) = region.bytes_mut().get_mut(..bytes.len()) {
        room.copy_from_slice(bytes);
    }
}

#[inline]
fn pair(bytes: [u8; 2]) -> usize {
    usize::from(u16::from_le_bytes(bytes))
}

#[inline]
fn bit(table: &[u32], at: usize) -> bool {
    table[at / 32] >> (at % 32) & 1 != 0
}

fn set(table: &mut [u32], at: usize) {
    table[at / 32] |= 1 << (at % 32);
}

#[inline]
fn hashed(bytes: [u8; SHORT], table: &[u32]) -> usize {
    let hash = u32::from_le_bytes(bytes).wrapping_mul(0x9e37_79b1);
    let bits = (32 * table.len()).trailing_zeros();
    super::place(u64::from(hash >> (32 - bits)))
}

/// The table of hashes of short heads: of those with four bytes in the first half, and of the first three
/// bytes of shorter ones in the second.
fn hashes(heads: &[Brief]) -> Result<ProtectedWords, Error> {
    let words = (2 * heads.len()).next_power_of_two().clamp(1 << 9, 1 << 14);
    let mut table = ProtectedWords::locked(2 * words)?;
    let (fours, threes) = table.split_at_mut(words);
    for &[a, b, c, d, length, ..] in heads {
        match length {
            4 => set(fours, hashed([a, b, c, d], fours)),
            3 => set(threes, hashed([a, b, c, 0], threes)),
            2 => (0..=u8::MAX).for_each(|c| set(threes, hashed([a, b, c, 0], threes))),
            _ => threes.fill(u32::MAX),
        }
    }
    Ok(table)
}
