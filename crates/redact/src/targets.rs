//! What is looked for of each value: the value, its lines, what it becomes when its own escapes are
//! decoded, and the secret parts of a structured value. In memory that is locked and wiped.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use zeroize::Zeroizing;

use super::encoding::{Encoding, Encodings};
use super::error::Error;
use super::heads::Extent;
use super::{index, word};
use super::{policy, structure};
use hushed_secret::Value;
use hushed_sys::memory::ProtectedWords;

/// The most bytes that all targets together may have: a bound on memory, far above any environment.
const MOST_BYTES: usize = 1 << 26;
/// The most targets: a head has 24 bits for the number of one.
const MOST_TARGETS: usize = 1 << 24;
/// The shortest line, and the shortest part, of a value that is looked for alone.
pub(super) const SHORTEST_PART: usize = 8;
/// From so many lines on, a line is looked for as it is only.
const MANY_LINES: usize = 256;

/// Something that is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    begin: u32,
    length: u32,
    pub(super) owner: u32,
    /// How many of its first bytes anybody may know.
    pub(super) public: u32,
    pub(super) extent: Extent,
}

/// All targets, and for each the lengths of its borders.
pub(super) struct Targets {
    bytes: ProtectedWords,
    /// For each byte of a target, the length of the longest proper prefix of the target that is a suffix
    /// of what ends there (Knuth, Morris, Pratt).
    borders: ProtectedWords,
    all: Vec<Target>,
}

impl Targets {
    pub(super) fn new(
        values: &[&Value],
        encodings: Encodings,
        min: usize,
        ordinary_parts: bool,
    ) -> Result<Self, Error> {
        let most: usize = values.iter().map(|value| value.len()).sum();
        if most > MOST_BYTES {
            return Err(Error::TooLarge);
        }
        let mut collection = Collection {
            bytes: Zeroizing::new(Vec::with_capacity(4 * most + 64)),
            targets: Vec::with_capacity(2 * values.len()),
            known: HashMap::new(),
            hasher: RandomState::new(),
            min,
            ordinary_parts,
        };
        for (owner, value) in (0..).zip(values) {
            collection.value(value.expose(), owner, encodings);
        }
        let Collection { bytes: collected, targets, .. } = collection;
        if targets.len() > MOST_TARGETS || collected.len() > 4 * MOST_BYTES {
            return Err(Error::TooLarge);
        }
        let mut bytes = ProtectedWords::new(collected.len().div_ceil(4))?;
        bytes.bytes_mut()[..collected.len()].copy_from_slice(&collected);
        let mut borders = ProtectedWords::locked(collected.len())?;
        for target in &targets {
            let place = index(target.begin)..index(target.begin) + index(target.length);
            fill_borders(&collected[place.clone()], &mut borders[place]);
        }
        Ok(Self { bytes, borders, all: targets })
    }

    pub(super) fn all(&self) -> &[Target] {
        &self.all
    }

    pub(super) fn get(&self, number: u32) -> Target {
        self.all[index(number)]
    }

    /// The bytes of a target.
    #[inline]
    pub(super) fn value(&self, target: &Target) -> &[u8] {
        let begin = index(target.begin);
        &self.bytes.bytes()[begin..begin + index(target.length)]
    }

    /// The length of the longest border of the first `length` bytes of a target.
    #[inline]
    pub(super) fn border(&self, target: &Target, length: usize) -> usize {
        length.checked_sub(1).map_or(0, |last| index(self.borders[index(target.begin) + last]))
    }

    pub(super) fn memory(&self) -> usize {
        self.bytes.size() + self.borders.size()
    }

    pub(super) fn protection(&self) -> hushed_sys::memory::MemoryProtection {
        self.bytes.protection()
    }
}

fn fill_borders(value: &[u8], borders: &mut [u32]) {
    let mut border = 0;
    for (at, byte) in value.iter().enumerate().skip(1) {
        while border > 0 && value[border] != *byte {
            border = index(borders[border - 1]);
        }
        border += usize::from(value[border] == *byte);
        borders[at] = word(border);
    }
}

/// The targets as they are found, each once.
struct Collection {
    bytes: Zeroizing<Vec<u8>>,
    targets: Vec<Target>,
    /// The targets by a keyed hash of their bytes.
    known: HashMap<u64, usize>,
    hasher: RandomState,
    min: usize,
    ordinary_parts: bool,
}

impl Collection {
    fn value(&mut self, value: &[u8], owner: u32, encodings: Encodings) {
        let has = |encoding| encodings.contains(encoding);
        let short = trimmed(value);
        self.add(value, owner, Extent::All, self.min);
        if has(Encoding::Trim) {
            self.add(short, owner, Extent::All, self.min);
        }
        if has(Encoding::Lines) {
            self.lines(short, owner);
        }
        if has(Encoding::Decoded) {
            for decoded in structure::decoded(short) {
                self.add(&decoded, owner, Extent::All, SHORTEST_PART.max(self.min));
                self.lines(&decoded, owner);
            }
        }
        if has(Encoding::Parts) {
            structure::parts(short, &mut |part, extent| {
                if !self.ordinary_parts && policy::is_ordinary(part) {
                    return;
                }
                self.add(part, owner, extent, self.min.max(SHORTEST_PART - 2));
                if part.contains(&b'\n') {
                    self.add(trimmed(part), owner, extent, self.min);
                    self.lines(part, owner);
                }
            });
        }
        if has(Encoding::Base64) {
            for escaped in structure::escaped(short) {
                self.add(&escaped, owner, Extent::Base64, self.min);
            }
        }
    }

    /// Adds the lines that are worth hiding alone.
    fn lines(&mut self, value: &[u8], owner: u32) {
        if !value.contains(&b'\n') {
            return;
        }
        let many = value.split(|byte| *byte == b'\n').count() > MANY_LINES;
        let extent = if many { Extent::Plain } else { Extent::Text };
        for line in value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
            if !policy::is_structural_line(line) {
                self.add(line, owner, extent, SHORTEST_PART);
            }
        }
    }

    fn add(&mut self, bytes: &[u8], owner: u32, extent: Extent, min: usize) {
        if bytes.len() < min || bytes.is_empty() {
            return;
        }
        let hash = self.hasher.hash_one(bytes);
        if let Some(known) = self.known.get(&hash).and_then(|known| self.targets.get_mut(*known)) {
            let begin = index(known.begin);
            if self.bytes.get(begin..begin + index(known.length)) == Some(bytes) {
                known.extent = known.extent.max(extent);
                return;
            }
        }
        self.known.insert(hash, self.targets.len());
        let (begin, length) = (word(self.bytes.len()), word(bytes.len()));
        self.bytes.extend_from_slice(bytes);
        let public = word(structure::public_head(bytes));
        self.targets.push(Target { begin, length, owner, public, extent });
    }
}

/// The value without one newline at its end.
pub(super) fn trimmed(value: &[u8]) -> &[u8] {
    let value = value.strip_suffix(b"\n").unwrap_or(value);
    value.strip_suffix(b"\r").unwrap_or(value)
}
