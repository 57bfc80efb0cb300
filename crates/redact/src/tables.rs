//! The heads of all targets, and the filter over them: which heads begin or are begun at a place of a
//! text.

use super::encoding::Encodings;
use super::error::Error;
use super::filter::{self, Filter};
use super::heads::{self, LONG, SHORT};
use super::long_heads::{self, Long, LongHeads};
use super::sequence::{Alphabet, FORMS};
use super::short_heads::{Short, ShortHeads};
use super::targets::Targets;
use hushed_sys::memory::ProtectedWords;

/// The most heads there may be.
const MOST_HEADS: usize = 1 << 23;

/// What a head belongs to: a target in one of its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Origin(u32);

impl Origin {
    fn new(target: u32, form: u8) -> Self {
        Self(target << 8 | u32::from(form))
    }

    pub(super) fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes))
    }

    pub(super) fn target(self) -> u32 {
        self.0 >> 8
    }

    pub(super) fn form(self) -> u8 {
        self.0.to_le_bytes()[0]
    }
}

/// The heads of all targets.
pub(super) struct Tables {
    pub(super) long: LongHeads,
    pub(super) short: ShortHeads,
    filter: Option<(filter::Size, ProtectedWords)>,
}

/// Keeps heads while there are more to come.
#[derive(Default)]
struct Heads {
    target: u32,
    long: Vec<Long>,
    short: Vec<Short>,
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
            let mut short = [0; SHORT + 5];
            short[..head.len()].copy_from_slice(head);
            short[SHORT] = length;
            short[SHORT + 1..].copy_from_slice(&origin);
            self.short.push(short);
        }
    }
}

impl Drop for Heads {
    fn drop(&mut self) {
        self.long.as_flattened_mut().fill(0);
        self.short.as_flattened_mut().fill(0);
    }
}

impl Tables {
    pub(super) fn new(targets: &Targets, encodings: Encodings, min: usize) -> Result<Self, Error> {
        let mut heads = Heads::default();
        for (number, target) in (0..).zip(targets.all()) {
            heads.target = number;
            heads::all(targets.value(target), target.extent, encodings, min, &mut heads);
            if heads.long.len() + heads.short.len() > MOST_HEADS {
                return Err(Error::TooLarge);
            }
        }
        heads.long.sort_unstable_by_key(long_heads::number);
        heads.long.dedup();
        heads.short.sort_unstable();
        heads.short.dedup();
        let filter = match filter::Size::new(heads.long.len()) {
            None => None,
            Some(size) => {
                // Of the values it holds hashes of a few bytes.
                let mut tables = ProtectedWords::locked(size.words())?;
                let longs = heads.long.iter().filter_map(|head| head.first_chunk().copied());
                filter::build(longs, size, &mut tables);
                Some((size, tables))
            }
        };
        Ok(Self {
            long: LongHeads::new(&heads.long)?,
            short: ShortHeads::new(&heads.short)?,
            filter,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.long.len() + self.short.len()
    }

    pub(super) fn memory(&self) -> usize {
        let filter = self.filter.as_ref().map_or(0, |(_, tables)| tables.size());
        self.long.memory() + self.short.memory() + filter
    }

    pub(super) fn filter(&self) -> Option<Filter<'_>> {
        self.filter.as_ref().map(|(size, tables)| Filter::new(*size, tables))
    }
}

/// How many units of a value so many bytes of the beginning of a form are, at most.
pub(super) fn units(form: u8, bytes: usize) -> usize {
    match FORMS.get(usize::from(form)).map(|form| form.alphabet) {
        Some(Alphabet::Hex | Alphabet::Decimal | Alphabet::Cells) => bytes.div_ceil(2),
        Some(Alphabet::Octal | Alphabet::Words) => bytes.div_ceil(3),
        _ => bytes,
    }
}

/// Copies bytes to the beginning of a region.
pub(super) fn copy(region: &mut ProtectedWords, bytes: &[u8]) {
    if let Some(room) = region.bytes_mut().get_mut(..bytes.len()) {
        room.copy_from_slice(bytes);
    }
}
