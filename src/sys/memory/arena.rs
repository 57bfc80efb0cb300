//! Room for many small secrets in a few pages, and for a large one in pages of its own. What is given
//! back is wiped, and used again. It moves nothing.
#![expect(unsafe_code, reason = "a mapping is divided, and its parts looked at as bytes")]

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::mapping::{AtFork, Mapping, View};
use crate::sys::allocator::{clear, exhausted};
use crate::sys::child::{self, Fork};

/// The size of a mapping that is shared: what a page costs is paid when it is used first.
const SHARED: usize = 32 << 10;
/// From this size on, bytes have a mapping of their own.
const LARGE: usize = 16 << 10;

static ARENA: Mutex<Arena> = Mutex::new(Arena::new());

/// Bytes of a fixed number, zeroed at first, wiped at the end.
pub(crate) struct Chunk {
    start: NonNull<u8>,
    length: usize,
    room: Room,
}

/// Where the bytes are.
enum Room {
    Nowhere,
    Shared(Span),
    Own(Mapping),
}

/// A part of a shared mapping.
#[derive(Clone, Copy)]
struct Span {
    mapping: usize,
    offset: usize,
    length: usize,
}

impl Span {
    fn place(self) -> (usize, usize) {
        (self.mapping, self.offset)
    }

    /// Whether the other begins where this ends.
    fn touches(self, next: Self) -> bool {
        (self.mapping, self.offset + self.length) == next.place()
    }
}

/// The shared mappings, and what is free of them: in order, no two touching.
struct Arena {
    mappings: Vec<Mapping>,
    free: Vec<Span>,
    /// How many chunks there are.
    used: usize,
    /// The mappings of those that have one of their own.
    own: Vec<View>,
}

impl Chunk {
    /// Makes room for so many bytes. A forked child does not see them.
    pub(crate) fn new(length: usize) -> Self {
        if length == 0 {
            return Self { start: NonNull::dangling(), length, room: Room::Nowhere };
        }
        if length > LARGE {
            return Self::own(length, AtFork::Gone);
        }
        let taken = lock().take(length);
        let (start, span) = taken.unwrap_or_else(|| exhausted(length));
        Self { start, length, room: Room::Shared(span) }
    }

    /// The same, where a forked child sees them until its exec.
    pub(crate) fn kept_at_fork(length: usize) -> Self {
        Self::own(length, AtFork::Kept)
    }

    fn own(length: usize, at_fork: AtFork) -> Self {
        let mapping = Mapping::new(length, at_fork).unwrap_or_else(|_errno| exhausted(length));
        if at_fork == AtFork::Gone {
            lock().own.push(mapping.view());
        }
        Self { start: mapping.start(), length, room: Room::Own(mapping) }
    }
}

fn lock() -> MutexGuard<'static, Arena> {
    // What a panic left is in order: nothing in between can panic.
    ARENA.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forks, where the child goes on as a whole program and needs the secrets: it gets a copy of them, as
/// protected as ours. This process must have one thread. A child that cannot have them is told so.
pub(in crate::sys) fn fork_with_secrets() -> nix::Result<Fork> {
    let arena = lock();
    arena.views().for_each(View::show_to_children);
    let forked = child::fork();
    let copied = match &forked {
        Ok(Fork::Child { .. }) => arena.views().try_for_each(View::make_own),
        _ => Ok(()),
    };
    arena.views().for_each(View::keep_from_children);
    copied.and(forked)
}

impl Arena {
    const fn new() -> Self {
        Self { mappings: Vec::new(), free: Vec::new(), used: 0, own: Vec::new() }
    }

    /// All pages that are kept from children.
    fn views(&self) -> impl Iterator<Item = View> {
        self.mappings.iter().map(Mapping::view).chain(self.own.iter().copied())
    }

    /// Takes the first free room of this length.
    fn take(&mut self, length: usize) -> Option<(NonNull<u8>, Span)> {
        let at = match self.free.iter().position(|span| span.length >= length) {
            Some(at) => at,
            None => self.grow()?,
        };
        let free = self.free.get_mut(at)?;
        let taken = Span { length, ..*free };
        free.offset += length;
        free.length -= length;
        if free.length == 0 {
            self.free.remove(at);
        }
        self.used += 1;
        let start = self.mappings.get(taken.mapping)?.start();
        // SAFETY: the span lies within its mapping.
        Some((unsafe { start.add(taken.offset) }, taken))
    }

    /// Adds a mapping; the place of its room in the list.
    fn grow(&mut self) -> Option<usize> {
        let mapping = Mapping::new(SHARED, AtFork::Gone).ok()?;
        let span = Span { mapping: self.mappings.len(), offset: 0, length: mapping.length() };
        self.mappings.push(mapping);
        self.free.push(span);
        Some(self.free.len() - 1)
    }

    /// Takes room back that has been wiped.
    fn give_back(&mut self, mut span: Span) {
        self.used -= 1;
        if self.used == 0 {
            // Nobody else is there: the pages can go.
            self.free.clear();
            self.mappings.clear();
            return;
        }
        let mut at = self.free.partition_point(|free| free.place() < span.place());
        if let Some(next) = self.free.get(at).copied().filter(|next| span.touches(*next)) {
            span.length += next.length;
            self.free.remove(at);
        }
        if let Some(before) = at.checked_sub(1).and_then(|before| self.free.get(before)).copied()
            && before.touches(span)
        {
            span = Span { length: before.length + span.length, ..before };
            at -= 1;
            self.free.remove(at);
        }
        self.free.insert(at, span);
    }
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the room has at least so many bytes, all initialised (zeroed), and is borrowed as
        // long as `self` is; a dangling pointer is right for none.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl DerefMut for Chunk {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `deref`, and `self` is borrowed exclusively, so nobody else looks.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // SAFETY: the room is ours until it is given back, and no borrow outlives `self`.
        unsafe { clear(self.start.as_ptr(), self.length) };
        match &self.room {
            Room::Nowhere => {}
            Room::Shared(span) => lock().give_back(*span),
            Room::Own(mapping) => lock().own.retain(|view| *view != mapping.view()),
        }
    }
}

// SAFETY: a chunk owns its room alone; shared borrows only read it.
unsafe impl Send for Chunk {}

// SAFETY: as for `Send`; writing needs an exclusive borrow.
unsafe impl Sync for Chunk {}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chunk(..)")
    }
}

#[cfg(test)]
mod tests {
    use nix::libc;
    use nix::sys::wait::WaitStatus;

    use super::*;

    fn arena() -> Arena {
        Arena::new()
    }

    fn free(arena: &Arena) -> Vec<(usize, usize, usize)> {
        arena.free.iter().map(|span| (span.mapping, span.offset, span.length)).collect()
    }

    #[test]
    fn room_is_used_again_and_joined_whatever_the_order() {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut arena = arena();
            let (_, kept) = arena.take(16).unwrap();
            let spans = [16, 64, 32].map(|length| arena.take(length).unwrap().1);
            for number in order {
                arena.give_back(spans[number]);
            }
            assert_eq!(free(&arena), [(0, 16, SHARED - 16)], "{order:?}");
            assert_eq!(arena.take(48).unwrap().1.offset, 16);
            assert_eq!(kept.offset, 0);
        }
    }

    #[test]
    fn the_first_room_that_is_large_enough_is_taken() {
        let mut arena = arena();
        let spans = [32, 16, 64, 16].map(|length| arena.take(length).unwrap().1);
        arena.give_back(spans[0]);
        arena.give_back(spans[2]);
        assert_eq!(arena.take(48).unwrap().1.offset, 48);
        assert_eq!(arena.take(32).unwrap().1.offset, 0);
    }

    #[test]
    fn more_mappings_are_made_when_one_is_full_and_all_go_with_the_last_chunk() {
        let mut arena = arena();
        let spans: Vec<Span> = (0..5).map(|_| arena.take(LARGE).unwrap().1).collect();
        assert_eq!(arena.mappings.len(), 3);
        assert_eq!(spans[2].place(), (1, 0));
        for span in spans {
            arena.give_back(span);
        }
        assert_eq!((arena.mappings.len(), arena.free.len()), (0, 0));
    }

    #[test]
    fn chunks_are_zeroed_and_apart() {
        for length in [0, 1, 16, 17, 4096, LARGE, LARGE + 1, 1 << 20] {
            let mut first = Chunk::new(length);
            let mut second = Chunk::new(length);
            assert!(first.iter().all(|byte| *byte == 0));
            first.fill(1);
            second.fill(2);
            assert!(first.len() == length && first.iter().all(|byte| *byte == 1), "{length}");
            drop(first);
            let again = Chunk::new(length);
            assert!(again.iter().all(|byte| *byte == 0), "{length}: not wiped");
            assert!(second.iter().all(|byte| *byte == 2), "{length}");
        }
        assert_eq!(format!("{:?}", Chunk::new(3)), "Chunk(..)");
    }

    /// Runs something in a child that has the secrets, and gives its exit code.
    fn in_child(work: impl FnOnce() -> i32) -> i32 {
        match fork_with_secrets().unwrap() {
            // SAFETY: it ends the process, and runs nothing that the parent has yet to run.
            Fork::Child { .. } => unsafe { libc::_exit(work()) },
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
    fn a_child_that_goes_on_has_a_copy_of_its_own() {
        let (mut small, mut large) = (Chunk::new(20), Chunk::new(LARGE + 1));
        small.fill(7);
        large.fill(8);
        let code = in_child(|| {
            let seen = small.iter().all(|byte| *byte == 7) && large.iter().all(|byte| *byte == 8);
            small.fill(1);
            large.fill(1);
            i32::from(!seen)
        });
        assert_eq!(code, 0, "the child sees something else");
        assert!(small.iter().all(|byte| *byte == 7), "the child wrote to our pages");
        assert!(large.iter().all(|byte| *byte == 8), "the child wrote to our pages");
    }
}
