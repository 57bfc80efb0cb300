//! Memory for what nobody else may see: locked in RAM, absent from core dumps and from forked
//! children, wiped at the end. It knows nothing of what is put there.
#![expect(unsafe_code, reason = "a mapping is made, and looked at as words and as bytes")]

use std::fmt;
use std::num::NonZeroUsize;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;

use nix::errno::Errno;
use nix::libc;
use nix::sys::mman::{
    MapFlags, MmapAdvise, ProtFlags, madvise, mlock, mmap_anonymous, munlock, munmap,
};
use zeroize::Zeroize as _;

/// Whether the kernel may write memory to a swap device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residence {
    /// It stays in RAM.
    Locked,
    /// `RLIMIT_MEMLOCK` did not reach: it may be swapped out.
    Swappable,
}

/// A mapping of its own, zeroed at first, of a size that never changes.
pub(crate) struct Region {
    start: NonNull<u32>,
    words: usize,
    mapped: NonZeroUsize,
    residence: Residence,
}

impl Region {
    /// Maps room for `words` words of 32 bits.
    pub(crate) fn new(words: usize) -> Result<Self, Errno> {
        const PAGE: usize = 4096;
        let bytes = words.checked_mul(size_of::<u32>()).ok_or(Errno::ENOMEM)?;
        // Whole pages, so that the wiping at the end reaches all that was ever handed out.
        let mapped = bytes.max(1).checked_next_multiple_of(PAGE).ok_or(Errno::ENOMEM)?;
        let mapped = NonZeroUsize::new(mapped).ok_or(Errno::ENOMEM)?;
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: the kernel chooses a place where nothing of ours is.
        let start =
            unsafe { mmap_anonymous(None, mapped, protection, MapFlags::MAP_PRIVATE) }?.cast();
        // SAFETY: the range is the mapping just made; locking does not change what is in it.
        let locked = unsafe { mlock(start.cast(), mapped.get()) };
        let residence = locked.map_or(Residence::Swappable, |()| Residence::Locked);
        let region = Self { start, words, mapped, residence };
        region.advise(MmapAdvise::MADV_DONTDUMP)?;
        region.advise(MmapAdvise::MADV_WIPEONFORK)?;
        Ok(region)
    }

    /// Whether the kernel keeps this in RAM.
    pub(crate) fn residence(&self) -> Residence {
        self.residence
    }

    /// The bytes that the mapping takes.
    pub(crate) fn size(&self) -> usize {
        self.mapped.get()
    }

    /// The same memory as bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping has at least these bytes, is initialised (zeroed by the kernel), any
        // byte is valid, and it is borrowed for as long as `self` is.
        unsafe { slice::from_raw_parts(self.start.cast().as_ptr(), self.words * size_of::<u32>()) }
    }

    /// The same memory as bytes, to be written.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        let bytes = self.words * size_of::<u32>();
        // SAFETY: as in `bytes`, and `self` is borrowed exclusively, so nobody else looks.
        unsafe { slice::from_raw_parts_mut(self.start.cast().as_ptr(), bytes) }
    }

    fn advise(&self, advice: MmapAdvise) -> Result<(), Errno> {
        // SAFETY: the range is a private anonymous mapping that is ours alone; neither advice
        // changes its contents in this process.
        unsafe { madvise(self.start.cast::<libc::c_void>(), self.mapped.get(), advice) }
    }
}

impl Deref for Region {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        // SAFETY: `start` is aligned to a page, the mapping has at least `words` words, all bits
        // are valid, and it is borrowed for as long as `self` is.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.words) }
    }
}

impl DerefMut for Region {
    fn deref_mut(&mut self) -> &mut [u32] {
        // SAFETY: as in `deref`, and `self` is borrowed exclusively, so nobody else looks.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.words) }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // By words, of which there are fewer; the call is volatile whatever their size.
        self.deref_mut().zeroize();
        if self.residence == Residence::Locked {
            // SAFETY: the range is the mapping of `new`; unlocking does not change what is in it.
            let _unmapping_unlocks_too = unsafe { munlock(self.start.cast(), self.mapped.get()) };
        }
        // SAFETY: the mapping is that of `new`; no borrow of it can outlive `self`.
        let _nothing_to_be_done = unsafe { munmap(self.start.cast(), self.mapped.get()) };
    }
}

// SAFETY: a region owns its mapping alone; shared borrows only read it.
unsafe impl Send for Region {}

// SAFETY: as for `Send`; writing needs an exclusive borrow.
unsafe impl Sync for Region {}

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
        let place = region.start.as_ptr().addr();
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
        assert_eq!(region.size(), 4096);
        assert!(Region::new(0).unwrap().is_empty());
    }

    #[test]
    fn a_region_is_kept_out_of_dumps_and_children() {
        let region = Region::new(3 * 1024 + 1).unwrap();
        let flags = flags(&region);
        assert!(flags.contains(" dd"), "not out of dumps: {flags}");
        assert!(flags.contains(" wf"), "not wiped on fork: {flags}");
        assert_eq!(flags.contains(" lo"), region.residence() == Residence::Locked, "{flags}");
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
