//! The global allocator: the system's, wiping memory when it is freed, so that copies that libraries made of
//! secrets do not stay behind.
#![expect(unsafe_code, reason = "an allocator hands out raw memory")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::arch::asm;
use std::collections::TryReserveError;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use nix::libc;

use super::limits::OUT_OF_MEMORY;

/// Whether an allocation may fail now; see [`try_reserve_exact`].
static MAY_FAIL: AtomicBool = AtomicBool::new(false);

/// The exit status when memory is exhausted.
static EXIT_STATUS: AtomicU8 = AtomicU8::new(1);

/// An allocator that wipes memory when it is freed or moved. It does not wipe stacks, or what C libraries
/// allocate.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClearingAllocator<A = System>(A);

impl ClearingAllocator {
    /// Wraps the system's allocator.
    pub const fn new() -> Self {
        Self(System)
    }
}

// SAFETY: every block comes from the inner allocator and goes back to it with the same layout. The wrapper only
// writes to a block that its owner has freed.
unsafe impl<A: GlobalAlloc> GlobalAlloc for ClearingAllocator<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc`, which is the same.
        exit_if_null(unsafe { self.0.alloc(layout) }, layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        exit_if_null(unsafe { self.0.alloc_zeroed(layout) }, layout)
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller frees a block of this layout, so nobody uses it any more.
        unsafe { wipe(start, layout.size()) };
        // SAFETY: as in `alloc`.
        unsafe { self.0.dealloc(start, layout) }
    }

    // The inner `realloc` would not wipe the old block when it moves the data.
    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller guarantees that `size`, rounded up to the alignment, does not overflow.
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the caller guarantees that `size` is not zero.
        let moved = unsafe { self.alloc(new) };
        if !moved.is_null() {
            // SAFETY: both blocks have this many bytes, and the new one overlaps no other.
            unsafe { ptr::copy_nonoverlapping(start, moved, layout.size().min(size)) };
            // SAFETY: the caller passed this block and layout, and does not use the block any more.
            unsafe { self.dealloc(start, layout) };
        }
        moved
    }
}

fn exit_if_null(start: *mut u8, layout: Layout) -> *mut u8 {
    if start.is_null() && !MAY_FAIL.load(Ordering::Relaxed) {
        exit_out_of_memory(layout.size())
    }
    start
}

/// Reserves capacity in a vector. Only here is a lack of memory an error; any other allocation that fails ends
/// the process.
pub fn try_reserve_exact<T>(vec: &mut Vec<T>, additional: usize) -> Result<(), TryReserveError> {
    MAY_FAIL.store(true, Ordering::Relaxed);
    let reserved = vec.try_reserve_exact(additional);
    MAY_FAIL.store(false, Ordering::Relaxed);
    reserved
}

/// Sets the exit status for when memory is exhausted.
pub fn set_exit_status(status: u8) {
    EXIT_STATUS.store(status, Ordering::Relaxed);
}

/// Reports that so many bytes cannot be allocated, and exits. The standard library would abort, with a message
/// that names no limit. Does not allocate.
pub(super) fn exit_out_of_memory(bytes: usize) -> ! {
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
    for text in [b"hushed: cannot allocate ", number, b" bytes of memory\n  hint: ", hint, b"\n"] {
        // SAFETY: pointer and length describe the slice.
        let _: isize =
            unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
    }
    // SAFETY: the call only ends the process.
    unsafe { libc::_exit(EXIT_STATUS.load(Ordering::Relaxed).into()) }
}

/// Fills memory with zeros. The compiler cannot remove it as a dead store.
///
/// # Safety
///
/// So many bytes must be writable, and nobody else may use them meanwhile.
pub(super) unsafe fn wipe(start: *mut u8, length: usize) {
    // SAFETY: the caller guarantees it.
    unsafe { ptr::write_bytes(start, 0, length) };
    // SAFETY: it emits no instruction; to the compiler, it may read the memory just written.
    unsafe { asm!("/* {0} */", in(reg) start, options(nostack, preserves_flags, readonly)) };
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::slice;

    use super::*;

    /// Checks that freed memory is wiped.
    #[derive(Default)]
    struct Inspector {
        freed: Cell<usize>,
    }

    // SAFETY: it forwards to the system's allocator.
    unsafe impl GlobalAlloc for Inspector {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller keeps the same contract.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
            // SAFETY: the caller frees a block of this size, whose bytes are all written.
            let bytes = unsafe { slice::from_raw_parts(start, layout.size()) };
            assert!(bytes.iter().all(|byte| *byte == 0), "{bytes:?}");
            self.freed.set(self.freed.get() + 1);
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
    fn a_block_is_wiped_when_freed() {
        let allocator = allocator();
        for size in [1, 7, 64, 5000, 1 << 20] {
            let layout = Layout::from_size_align(size, 1).unwrap();
            let start = filled(&allocator, layout);
            // SAFETY: it was allocated above.
            unsafe { allocator.dealloc(start, layout) };
        }
        assert_eq!(allocator.0.freed.get(), 5);
    }

    #[test]
    fn a_reallocated_block_is_moved_and_the_old_one_wiped() {
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
        assert_eq!(allocator.0.freed.get(), 4);
    }
}
