//! The pages of our own program. It changes none.
#![expect(unsafe_code, reason = "symbols of the linker, and advice about the pages between them")]

use std::ptr::NonNull;

use nix::sys::mman::{MmapAdvise, madvise};

use crate::sys::limit::page_size;

unsafe extern "C" {
    /// Where the program begins in memory (ld(1)).
    static __executable_start: u8;
    /// Where its code ends (end(3)).
    static etext: u8;
}

/// Lets go of the pages of our code and constants, most of which only a start needs: what waits beside a
/// command for weeks should be small. Those that are needed come back from the page cache.
pub(crate) fn drop_program_pages() {
    let page = page_size();
    let start = (&raw const __executable_start).cast_mut();
    let length = (&raw const etext).addr().saturating_sub(start.addr());
    if let Some(start) = NonNull::new(start)
        && start.addr().get().is_multiple_of(page)
    {
        let length = length - length % page;
        // SAFETY: the program is mapped there, without permission to write, so that a page has what the
        // file has whenever it comes back.
        let _unadvised = unsafe { madvise(start.cast(), length, MmapAdvise::MADV_DONTNEED) };
    }
}
