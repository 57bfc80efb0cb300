//! An arena: many small secrets share a few protected pages, large ones have a mapping of their own. Freed memory
//! is wiped and reused; nothing is moved.
#![expect(unsafe_code, reason = "ranges of a mapping are used as bytes")]

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::mapping::{ForkPolicy, Mapping, MappingRange};
use crate::allocator::{exit_out_of_memory, wipe};
use crate::child::{self, Fork};

/// The size of a shared mapping in bytes. A page costs nothing before its first use.
const SHARED_MAPPING: usize = 32 << 10;
/// The largest buffer in a shared mapping, in bytes.
const MAX_SHARED: usize = 16 << 10;

static ARENA: Mutex<Arena> = Mutex::new(Arena::new());

/// A buffer of fixed size in protected memory: initially zero, wiped when dropped.
pub struct ProtectedBytes {
    start: NonNull<u8>,
    length: usize,
    backing: Backing,
}

/// The memory behind [`ProtectedBytes`].
enum Backing {
    Empty,
    Shared(ArenaSlice),
    Own(Mapping),
}

/// A range of a shared mapping.
#[derive(Clone, Copy)]
struct ArenaSlice {
    mapping: usize,
    offset: usize,
    length: usize,
}

impl ArenaSlice {
    fn position(self) -> (usize, usize) {
        (self.mapping, self.offset)
    }

    /// Whether `next` starts where this one ends.
    fn touches(self, next: Self) -> bool {
        (self.mapping, self.offset + self.length) == next.position()
    }
}

/// The shared mappings and their free ranges, which are sorted and merged.
struct Arena {
    mappings: Vec<Mapping>,
    free: Vec<ArenaSlice>,
    /// How many ranges are in use.
    used: usize,
    /// The mappings of large buffers.
    own: Vec<MappingRange>,
}

impl ProtectedBytes {
    /// Allocates so many bytes, excluded from forked children.
    pub fn new(length: usize) -> Self {
        if length == 0 {
            return Self { start: NonNull::dangling(), length, backing: Backing::Empty };
        }
        if length > MAX_SHARED {
            return Self::own(length, ForkPolicy::Exclude);
        }
        let taken = lock().take(length);
        let (start, slice) = taken.unwrap_or_else(|| exit_out_of_memory(length));
        Self { start, length, backing: Backing::Shared(slice) }
    }

    /// The same, where a forked child inherits them until its exec.
    pub fn inherited_by_child(length: usize) -> Self {
        Self::own(length, ForkPolicy::Inherit)
    }

    fn own(length: usize, fork_policy: ForkPolicy) -> Self {
        let mapping =
            Mapping::new(length, fork_policy).unwrap_or_else(|_errno| exit_out_of_memory(length));
        if fork_policy == ForkPolicy::Exclude {
            lock().own.push(mapping.range());
        }
        Self { start: mapping.start(), length, backing: Backing::Own(mapping) }
    }
}

fn lock() -> MutexGuard<'static, Arena> {
    // No code that holds the lock can panic halfway.
    ARENA.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forks a child that goes on as a whole program and needs the secrets: it gets a copy, equally protected. This
/// process must have one thread. Fails in the child if the copy fails.
pub(crate) fn fork_with_secrets() -> nix::Result<Fork> {
    let arena = lock();
    arena.ranges().for_each(MappingRange::include_in_children);
    let forked = child::fork();
    let copied = match &forked {
        Ok(Fork::Child { .. }) => arena.ranges().try_for_each(MappingRange::copy_in_child),
        _ => Ok(()),
    };
    arena.ranges().for_each(MappingRange::exclude_from_children);
    copied.and(forked)
}

impl Arena {
    const fn new() -> Self {
        Self { mappings: Vec::new(), free: Vec::new(), used: 0, own: Vec::new() }
    }

    /// All mappings that are excluded from children.
    fn ranges(&self) -> impl Iterator<Item = MappingRange> {
        self.mappings.iter().map(Mapping::range).chain(self.own.iter().copied())
    }

    /// Takes the first free range that is large enough.
    fn take(&mut self, length: usize) -> Option<(NonNull<u8>, ArenaSlice)> {
        let at = match self.free.iter().position(|slice| slice.length >= length) {
            Some(at) => at,
            None => self.grow()?,
        };
        let free = self.free.get_mut(at)?;
        let taken = ArenaSlice { length, ..*free };
        free.offset += length;
        free.length -= length;
        if free.length == 0 {
            self.free.remove(at);
        }
        self.used += 1;
        let start = self.mappings.get(taken.mapping)?.start();
        // SAFETY: a free range lies within its mapping.
        Some((unsafe { start.add(taken.offset) }, taken))
    }

    /// Adds a mapping; the index of its free range.
    fn grow(&mut self) -> Option<usize> {
        let mapping = Mapping::new(SHARED_MAPPING, ForkPolicy::Exclude).ok()?;
        let slice =
            ArenaSlice { mapping: self.mappings.len(), offset: 0, length: mapping.length() };
        self.mappings.push(mapping);
        self.free.push(slice);
        Some(self.free.len() - 1)
    }

    /// Frees a range that has been wiped.
    fn free(&mut self, mut slice: ArenaSlice) {
        self.used -= 1;
        if self.used == 0 {
            // Nothing is in use any more: unmap all pages.
            self.free.clear();
            self.mappings.clear();
            return;
        }
        let mut at = self.free.partition_point(|free| free.position() < slice.position());
        if let Some(next) = self.free.get(at).copied().filter(|next| slice.touches(*next)) {
            slice.length += next.length;
            self.free.remove(at);
        }
        if let Some(before) = at.checked_sub(1).and_then(|before| self.free.get(before)).copied()
            && before.touches(slice)
        {
            slice = ArenaSlice { length: before.length + slice.length, ..before };
            at -= 1;
            self.free.remove(at);
        }
        self.free.insert(at, slice);
    }
}

impl Deref for ProtectedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `self` owns this range of zeroed bytes until it is dropped; a dangling pointer is valid for none.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl DerefMut for ProtectedBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `deref`, and `self` is borrowed exclusively.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

impl Drop for ProtectedBytes {
    fn drop(&mut self) {
        // SAFETY: `self` owns the range until it is freed below, and no borrow outlives `self`.
        unsafe { wipe(self.start.as_ptr(), self.length) };
        match &self.backing {
            Backing::Empty => {}
            Backing::Shared(slice) => lock().free(*slice),
            Backing::Own(mapping) => lock().own.retain(|range| *range != mapping.range()),
        }
    }
}

// SAFETY: the range has one owner; shared borrows only read it.
unsafe impl Send for ProtectedBytes {}

// SAFETY: as for `Send`; writing needs an exclusive borrow.
unsafe impl Sync for ProtectedBytes {}

impl fmt::Debug for ProtectedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProtectedBytes(..)")
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::wait::WaitStatus;

    use super::*;

    fn free(arena: &Arena) -> Vec<(usize, usize, usize)> {
        arena.free.iter().map(|slice| (slice.mapping, slice.offset, slice.length)).collect()
    }

    #[test]
    fn freed_ranges_are_merged_and_reused_in_any_order() {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut arena = Arena::new();
            let (_, kept) = arena.take(16).unwrap();
            let slices = [16, 64, 32].map(|length| arena.take(length).unwrap().1);
            for number in order {
                arena.free(slices[number]);
            }
            assert_eq!(free(&arena), [(0, 16, SHARED_MAPPING - 16)], "{order:?}");
            assert_eq!(arena.take(48).unwrap().1.offset, 16);
            assert_eq!(kept.offset, 0);
        }
    }

    #[test]
    fn the_first_range_that_is_large_enough_is_taken() {
        let mut arena = Arena::new();
        let slices = [32, 16, 64, 16].map(|length| arena.take(length).unwrap().1);
        arena.free(slices[0]);
        arena.free(slices[2]);
        assert_eq!(arena.take(48).unwrap().1.offset, 48);
        assert_eq!(arena.take(32).unwrap().1.offset, 0);
    }

    #[test]
    fn mappings_are_added_when_full_and_unmapped_with_the_last_range() {
        let mut arena = Arena::new();
        let slices: Vec<ArenaSlice> = (0..5).map(|_| arena.take(MAX_SHARED).unwrap().1).collect();
        assert_eq!(arena.mappings.len(), 3);
        assert_eq!(slices[2].position(), (1, 0));
        for slice in slices {
            arena.free(slice);
        }
        assert_eq!((arena.mappings.len(), arena.free.len()), (0, 0));
    }

    #[test]
    fn buffers_are_zeroed_and_do_not_overlap() {
        for length in [0, 1, 16, 17, 4096, MAX_SHARED, MAX_SHARED + 1, 1 << 20] {
            let mut first = ProtectedBytes::new(length);
            let mut second = ProtectedBytes::new(length);
            assert!(first.iter().all(|byte| *byte == 0));
            first.fill(1);
            second.fill(2);
            assert!(first.len() == length && first.iter().all(|byte| *byte == 1), "{length}");
            drop(first);
            let again = ProtectedBytes::new(length);
            assert!(again.iter().all(|byte| *byte == 0), "{length}: not wiped");
            assert!(second.iter().all(|byte| *byte == 2), "{length}");
        }
        assert_eq!(format!("{:?}", ProtectedBytes::new(3)), "ProtectedBytes(..)");
    }

    /// Runs `work` in a child that has the secrets; its exit code.
    fn in_child(work: impl FnOnce() -> i32) -> i32 {
        match fork_with_secrets().unwrap() {
            Fork::Child { .. } => child::exit_without_cleanup(work()),
            Fork::Parent { child } => {
                let ended = nix::sys::wait::waitpid(nix::unistd::Pid::from_raw(child), None);
                match ended.unwrap() {
                    WaitStatus::Exited(_, code) => code,
                    ended => panic!("{ended:?}"),
                }
            }
        }
    }

    #[test]
    fn a_child_forked_with_secrets_has_a_private_copy() {
        let (mut small, mut large) = (ProtectedBytes::new(20), ProtectedBytes::new(MAX_SHARED + 1));
        small.fill(7);
        large.fill(8);
        let code = in_child(|| {
            let seen = small.iter().all(|byte| *byte == 7) && large.iter().all(|byte| *byte == 8);
            small.fill(1);
            large.fill(1);
            i32::from(!seen)
        });
        assert_eq!(code, 0, "the child reads other bytes");
        assert!(small.iter().all(|byte| *byte == 7), "the child wrote to the parent's pages");
        assert!(large.iter().all(|byte| *byte == 8), "the child wrote to the parent's pages");
    }
}
