//! Protected memory: invisible to other processes and to the kernel itself (`memfd_secret(2)`), or else locked in
//! RAM and excluded from core dumps; wiped when dropped.
//!
//! ```text
//! Mapping: pages of memfd_secret(2), or anonymous pages
//!   ├ ProtectedWords: a mapping as words, for tables of the redactor
//!   └ ProtectedBytes: a large buffer has a mapping, small ones share one (`arena`)
//! ```

pub(super) mod arena;
mod mapping;
mod program_pages;
mod words;

pub(crate) use arena::ProtectedBytes;
pub use mapping::MemoryProtection;
pub(crate) use mapping::{supports_secret_memory, unmap_inherited};
pub(crate) use program_pages::release_program_pages;
pub(crate) use words::ProtectedWords;

/// The weakest protection that this process gets for its memory.
pub(crate) fn protection() -> MemoryProtection {
    let _allocated = ProtectedBytes::new(1);
    mapping::weakest_protection()
}
