//! The allocator of the program: the system's, which clears what it is given back. So what a library
//! copied is gone when the library is done with it. It knows nothing of what is stored.
#![expect(unsafe_code, reason = "an allocator hands out raw memory")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::arch::asm;
use std::collections::TryReserveError;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use nix::libc;

use super::limit::OUT_OF_MEMORY;

/// Whether the next allocation may fail; see [`try_reserve_exact`].
static MAY_FAIL: AtomicBool = AtomicBool::new(false);

/// The exit status of a process that has no memory left.
static EXIT_STATUS: AtomicU8 = AtomicU8::new(1);

/// An allocator that clears all memory before the system may have it back, or may lend it again.
///
/// Memory is cleared at its end only: what is in use, the stacks, and what C libraries allocate for
/// themselves are not its concern.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClearingAllocator<A = System>(A);

impl ClearingAllocator {
    /// The system's allocator, clearing.
    pub const fn new() -> Self {
        Self(System)
    }
}

// SAFETY: all memory is the inner allocator's, asked for and given back with the same layouts; what
// is done besides is to write to it before it is given back, when nobody may read it any more.
unsafe impl<A: GlobalAlloc> GlobalAlloc for ClearingAllocator<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc`, which is the inner one's as well.
        there(unsafe { self.0.alloc(layout) }, layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        there(unsafe { self.0.alloc_zeroed(layout) }, layout)
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the block has the size of its layout, and its owner is done with it.
        unsafe { clear(start, layout.size()) };
        // SAFETY: as in `alloc`.
        unsafe { self.0.dealloc(start, layout) }
    }

    // The inner one's would leave the old block as it was, whenever that cannot grow in its place.
    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that `size`, rounded up to the alignment, is no overflow.
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the caller promises that `size` is not zero.
        let moved = unsafe { self.alloc(new) };
        if !moved.is_null() {
            // SAFETY: both blocks have this many bytes, and a new block overlaps no other.
            unsafe { ptr::copy_nonoverlapping(start, moved, layout.size().min(size)) };
            // SAFETY: the block is the caller's, with this layout, and is not used any more.
            unsafe { self.dealloc(start, layout) };
        }
        moved
    }
}

fn there(start: *mut u8, layout: Layout) -> *mut u8 {
    if start.is_null() && !MAY_FAIL.load(Ordering::Relaxed) {
        exhausted(layout.size())
    }
    start
}

/// Reserves room in a vector. Where there is none, that is an error here alone: any other allocation that
/// fails ends the process.
pub(crate) fn try_reserve_exact<T>(
    vec: &mut Vec<T>,
    additional: usize,
) -> Result<(), TryReserveError> {
    MAY_FAIL.store(true, Ordering::Relaxed);
    let reserved = vec.try_reserve_exact(additional);
    MAY_FAIL.store(false, Ordering::Relaxed);
    reserved
}

/// Sets the exit status for when there is no memory left.
pub(crate) fn set_exit_status(status: u8) {
    EXIT_STATUS.store(status, Ordering::Relaxed);
}

/// Reports that there are not so many bytes of memory, and ends this process. The standard library would
/// abort it, with a message that names no limit. Does not allocate.
pub(super) fn exhausted(bytes: usize) -> ! {
    let mut digits = [0_u8; 20];
    let mut rest = bytes;
    let mut first = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        first -= 1;
        if rest == 0 {
            break;
        }
    }
    let number = digits.get(first..).unwrap_or_default();
    let hint = OUT_OF_MEMORY.as_bytes();
    for text in [b"hushed: there is no memory for ", number, b" bytes\n  hint: ", hint, b"\n"] {
        // SAFETY: the text is as long as the call is told.
        let _unheard: isize =
            unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
    }
    // SAFETY: it ends the process; the kernel clears its memory before anyone else gets it.
    unsafe { libc::_exit(EXIT_STATUS.load(Ordering::Relaxed).into()) }
}

/// Fills with zeros, in the machine and not only in the source: a compiler leaves out what is written
/// to memory that nobody reads again.
///
/// # Safety
///
/// There are so many bytes to be written, and nobody looks at them meanwhile.
pub(super) unsafe fn clear(start: *mut u8, length: usize) {
    // SAFETY: the caller promises it.
    unsafe { ptr::write_bytes(start, 0, length) };
    // SAFETY: no instruction at all; for the compiler one that may read the memory just written.
    unsafe { asm!("/* {0} */", in(reg) start, options(nostack, preserves_flags, readonly)) };
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::slice;

    use super::*;

    /// Looks at what is given back.
    #[derive(Default)]
    struct Inspector {
        given_back: Cell<usize>,
    }

    // SAFETY: it is the system's allocator.
    unsafe impl GlobalAlloc for Inspector {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller keeps the same contract.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
            // SAFETY: the block has so many bytes, all written, and is given back only below.
            let bytes = unsafe { slice::from_raw_parts(start, layout.size()) };
            assert!(bytes.iter().all(|byte| *byte == 0), "{bytes:?}");
            self.given_back.set(self.given_back.get() + 1);
            // SAFETY: the caller keeps the same contract.
            unsafe { System.dealloc(start, layout) }
        }
    }

    fn allocator() -> ClearingAllocator<Inspector> {
        ClearingAllocator(Inspector::default())
    }

    fn filled(allocator: &ClearingAllocator<Inspector>, layout: Layout) -> *mut u8 {
        // SAFETY: no layout of these tests is empty.
        let start = unsafe { allocator.alloc(layout) };
        // SAFETY: the block is ours and has this size.
        unsafe { ptr::write_bytes(start, b'c', layout.size()) };
        start
    }

    #[test]
    fn a_block_is_given_back_empty() {
        let allocator = allocator();
        for size in [1, 7, 64, 5000, 1 << 20] {
            let layout = Layout::from_size_align(size, 1).unwrap();
            let start = filled(&allocator, layout);
            // SAFETY: it was allocated above.
            unsafe { allocator.dealloc(start, layout) };
        }
        assert_eq!(allocator.0.given_back.get(), 5);
    }

    #[test]
    fn a_block_that_grows_or_shrinks_is_moved_and_leaves_nothing() {
        let allocator = allocator();
        for size in [8192, 100] {
            let layout = Layout::from_size_align(4096, 8).unwrap();
            let start = filled(&allocator, layout);
            // SAFETY: the block is ours, of this layout, and the new size is not zero.
            let moved = unsafe { allocator.realloc(start, layout, size) };
            // SAFETY: the new block has so many bytes, copied from the old one.
            let bytes = unsafe { slice::from_raw_parts(moved, size.min(4096)) };
            assert!(bytes.iter().all(|byte| *byte == b'c'));
            let layout = Layout::from_size_align(size, 8).unwrap();
            // SAFETY: it was allocated with this layout.
            unsafe { allocator.dealloc(moved, layout) };
        }
        assert_eq!(allocator.0.given_back.get(), 4);
    }
}
