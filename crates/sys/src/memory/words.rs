//! Protected memory as 32-bit words, for tables.
#![expect(unsafe_code, reason = "a mapping is viewed as words and as bytes")]

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::slice;

use nix::errno::Errno;

use super::mapping::{ForkPolicy, Mapping, MemoryProtection};
use crate::allocator::wipe;

/// A mapping of a fixed number of words, initially zero, excluded from forked children.
pub struct ProtectedWords {
    mapping: Mapping,
    words: usize,
}

impl ProtectedWords {
    /// Maps so many words.
    pub fn new(words: usize) -> Result<Self, Errno> {
        Ok(Self { mapping: Mapping::new(size(words)?, ForkPolicy::Exclude)?, words })
    }

    /// Maps memory that is locked but not hidden, which takes time for each page: for what is no secret by itself,
    /// or exists only briefly.
    pub fn locked(words: usize) -> Result<Self, Errno> {
        Ok(Self { mapping: Mapping::locked(size(words)?, ForkPolicy::Exclude)?, words })
    }

    /// How well the memory is protected.
    pub fn protection(&self) -> MemoryProtection {
        self.mapping.protection()
    }

    /// The size of the mapping in bytes.
    pub fn size(&self) -> usize {
        self.mapping.length()
    }

    /// The same memory as bytes.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: `new` mapped at least these bytes, which the kernel zeroed, and the mapping lives as long as
        // `self`.
        unsafe {
            slice::from_raw_parts(self.mapping.start().as_ptr(), self.words * size_of::<u32>())
        }
    }

    /// The same memory as writable bytes.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let bytes = self.words * size_of::<u32>();
        // SAFETY: as in `bytes`, and `self` is borrowed exclusively.
        unsafe { slice::from_raw_parts_mut(self.mapping.start().as_ptr(), bytes) }
    }
}

fn size(words: usize) -> Result<usize, Errno> {
    words.checked_mul(size_of::<u32>()).ok_or(Errno::ENOMEM)
}

impl Deref for ProtectedWords {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        // SAFETY: the mapping is aligned to a page, has at least `words` words that the kernel zeroed, and lives as
        // long as `self`.
        unsafe { slice::from_raw_parts(self.mapping.start().cast().as_ptr(), self.words) }
    }
}

impl DerefMut for ProtectedWords {
    fn deref_mut(&mut self) -> &mut [u32] {
        // SAFETY: as in `deref`, and `self` is borrowed exclusively.
        unsafe { slice::from_raw_parts_mut(self.mapping.start().cast().as_ptr(), self.words) }
    }
}

impl Drop for ProtectedWords {
    fn drop(&mut self) {
        let bytes = self.words * size_of::<u32>();
        // SAFETY: `new` mapped at least these bytes, and no borrow outlives `self`.
        unsafe { wipe(self.mapping.start().as_ptr(), bytes) };
    }
}

impl fmt::Debug for ProtectedWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProtectedWords(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The flags of the mapping that contains the words: the kernel may have merged it with a neighbor.
    fn flags(words: &ProtectedWords) -> String {
        let address = words.mapping.start().as_ptr().addr();
        let holds = |line: &str| {
            let ends = line.split(' ').next().and_then(|range| range.split_once('-'));
            let parse = |digits| usize::from_str_radix(digits, 16).ok();
            ends.and_then(|(from, to)| Some((parse(from)?..parse(to)?).contains(&address)))
                == Some(true)
        };
        let maps = fs::read_to_string("/proc/self/smaps").unwrap();
        let mut lines = maps.lines().skip_while(|line| !holds(line));
        lines.find(|line| line.starts_with("VmFlags:")).unwrap().to_owned()
    }

    #[test]
    fn protected_words_are_zeroed_and_writable_as_words_or_bytes() {
        let mut words = ProtectedWords::new(3).unwrap();
        assert_eq!(*words, [0, 0, 0]);
        words[1] = u32::from_ne_bytes(*b"cana");
        assert_eq!(words.bytes(), b"\0\0\0\0cana\0\0\0\0");
        words.bytes_mut()[0] = 1;
        assert_ne!(words[0], 0);
        assert_eq!(words.size(), crate::limits::page_size());
        assert!(ProtectedWords::new(0).unwrap().is_empty());
    }

    #[test]
    fn protected_words_are_excluded_from_dumps_and_children() {
        let most = (256 << 10) / size_of::<u32>();
        let hideable =
            [(ProtectedWords::new(3 * 1024 + 1), true), (ProtectedWords::new(most), true)];
        for (words, may_hide) in hideable
            .into_iter()
            .chain([(ProtectedWords::locked(9), false), (ProtectedWords::new(most + 1), false)])
        {
            let words = words.unwrap();
            let flags = flags(&words);
            let hidden = words.protection() == MemoryProtection::Hidden;
            assert!(may_hide || !hidden);
            assert!(flags.contains(" dd"), "included in core dumps: {flags}");
            let gone = if hidden { " dc" } else { " wf" };
            assert!(flags.contains(gone), "inherited by a child: {flags}");
            assert_eq!(
                flags.contains(" lo"),
                words.protection() != MemoryProtection::Swappable,
                "{flags}"
            );
        }
    }

    #[test]
    fn too_many_words_are_an_error() {
        for words in [usize::MAX, usize::MAX / 4, 1 << 60] {
            assert!(ProtectedWords::new(words).is_err());
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let mut words = ProtectedWords::new(2).unwrap();
        words.bytes_mut().copy_from_slice(b"canary!!");
        assert_eq!(format!("{words:?}"), "ProtectedWords(..)");
    }
}
