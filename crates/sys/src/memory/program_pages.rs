//! The pages of hushed's own code.
#![expect(unsafe_code, reason = "linker symbols, and madvise on the pages between them")]

use std::ptr::NonNull;

use nix::sys::mman::{MmapAdvise, madvise};

use crate::limits::page_size;

unsafe extern "C" {
    /// The start of the program in memory (ld(1)).
    static __executable_start: u8;
    /// The end of its code (end(3)).
    static etext: u8;
}

/// Releases the pages of code and constants, most of which only the start needs. The kernel loads them again from
/// the page cache when they are used.
pub fn release_program_pages() {
    let page = page_size();
    let start = (&raw const __executable_start).cast_mut();
    let length = (&raw const etext).addr().saturating_sub(start.addr());
    if let Some(start) = NonNull::new(start)
        && start.addr().get().is_multiple_of(page)
    {
        let length = length - length % page;
        // SAFETY: the linker symbols enclose read-only pages of the executable, which come back unchanged.
        let _unadvised = unsafe { madvise(start.cast(), length, MmapAdvise::MADV_DONTNEED) };
    }
}
