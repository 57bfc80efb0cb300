//! Pages as words of 32 bits, for tables. It knows nothing of what is put there.
#![expect(unsafe_code, reason = "a mapping is looked at as words and as bytes")]

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::slice;

use nix::errno::Errno;

use super::mapping::{AtFork, Mapping, Residence};
use crate::sys::allocator::clear;

/// A mapping of its own, zeroed at first, of a size that never changes. A forked child does not see it.
pub(crate) struct Region {
    mapping: Mapping,
    words: usize,
}

impl Region {
    /// Maps room for `words` words of 32 bits.
    pub(crate) fn new(words: usize) -> Result<Self, Errno> {
        Ok(Self { mapping: Mapping::new(size(words)?, AtFork::Gone)?, words })
    }

    /// The same for what is no secret by itself, or is there for a moment only: not hidden, which
    /// costs time by the page.
    pub(crate) fn locked(words: usize) -> Result<Self, Errno> {
        Ok(Self { mapping: Mapping::locked(size(words)?, AtFork::Gone)?, words })
    }

    /// Who else may come to see this.
    pub(crate) fn residence(&self) -> Residence {
        self.mapping.residence()
    }

    /// The bytes that the mapping takes.
    pub(crate) fn size(&self) -> usize {
        self.mapping.length()
    }

    /// The same memory as bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping has at least these bytes, is initialised (zeroed by the kernel), any
        // byte is valid, and it is borrowed for as long as `self` is.
        unsafe {
            slice::from_raw_parts(self.mapping.start().as_ptr(), self.words * size_of::<u32>())
        }
    }

    /// The same memory as bytes, to be written.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        let bytes = self.words * size_of::<u32>();
        // SAFETY: as in `bytes`, and `self` is borrowed exclusively, so nobody else looks.
        unsafe { slice::from_raw_parts_mut(self.mapping.start().as_ptr(), bytes) }
    }
}

fn size(words: usize) -> Result<usize, Errno> {
    words.checked_mul(size_of::<u32>()).ok_or(Errno::ENOMEM)
}

impl Deref for Region {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        // SAFETY: a mapping is aligned to a page, the mapping has at least `words` words, all bits
        // are valid, and it is borrowed for as long as `self` is.
        unsafe { slice::from_raw_parts(self.mapping.start().cast().as_ptr(), self.words) }
    }
}

impl DerefMut for Region {
    fn deref_mut(&mut self) -> &mut [u32] {
        // SAFETY: as in `deref`, and `self` is borrowed exclusively, so nobody else looks.
        unsafe { slice::from_raw_parts_mut(self.mapping.start().cast().as_ptr(), self.words) }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        let bytes = self.words * size_of::<u32>();
        // SAFETY: the mapping has at least these bytes, and no borrow of them outlives `self`.
        unsafe { clear(self.mapping.start().as_ptr(), bytes) };
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Region(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The flags that the kernel shows for the mapping that holds this place: it may have joined
    /// ours with a neighbour of the same kind.
    fn flags(region: &Region) -> String {
        let place = region.mapping.start().as_ptr().addr();
        let holds = |line: &str| {
            let ends = line.split(' ').next().and_then(|range| range.split_once('-'));
            let address = |digits| usize::from_str_radix(digits, 16).ok();
            ends.and_then(|(from, to)| Some((address(from)?..address(to)?).contains(&place)))
                == Some(true)
        };
        let maps = fs::read_to_string("/proc/self/smaps").unwrap();
        let mut of_ours = maps.lines().skip_while(|line| !holds(line));
        of_ours.find(|line| line.starts_with("VmFlags:")).unwrap().to_owned()
    }

    #[test]
    fn a_region_is_zeroed_writable_and_seen_as_words_or_bytes() {
        let mut region = Region::new(3).unwrap();
        assert_eq!(*region, [0, 0, 0]);
        region[1] = u32::from_ne_bytes(*b"cana");
        assert_eq!(region.bytes(), b"\0\0\0\0cana\0\0\0\0");
        region.bytes_mut()[0] = 1;
        assert_ne!(region[0], 0);
        assert_eq!(region.size(), crate::sys::limit::page_size());
        assert!(Region::new(0).unwrap().is_empty());
    }

    #[test]
    fn a_region_is_kept_out_of_dumps_and_children() {
        let most = (256 << 10) / size_of::<u32>();
        let hideable = [(Region::new(3 * 1024 + 1), true), (Region::new(most), true)];
        for (region, may_hide) in
            hideable.into_iter().chain([(Region::locked(9), false), (Region::new(most + 1), false)])
        {
            let region = region.unwrap();
            let flags = flags(&region);
            let hidden = region.residence() == Residence::Hidden;
            assert!(may_hide || !hidden);
            assert!(flags.contains(" dd"), "not out of dumps: {flags}");
            let gone = if hidden { " dc" } else { " wf" };
            assert!(flags.contains(gone), "there after a fork: {flags}");
            assert_eq!(
                flags.contains(" lo"),
                region.residence() != Residence::Swappable,
                "{flags}"
            );
        }
    }

    #[test]
    fn memory_that_cannot_be_had_is_an_error() {
        for words in [usize::MAX, usize::MAX / 4, 1 << 60] {
            assert!(Region::new(words).is_err());
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let mut region = Region::new(2).unwrap();
        region.bytes_mut().copy_from_slice(b"canary!!");
        assert_eq!(format!("{region:?}"), "Region(..)");
    }
}
