//! Protected memory: invisible to other processes and to the kernel itself (`memfd_secret(2)`), or else locked in
//! RAM and excluded from core dumps; wiped when dropped.
//!
//! ```text
//! Mapping: pages of memfd_secret(2), or anonymous pages
//!   ├ ProtectedWords: a mapping as words, for tables of the redactor
//!   └ ProtectedBytes: a large buffer has a mapping, small ones share one (`arena`)
//! ```

pub(crate) mod arena;
mod mapping;
mod program_pages;
mod words;

pub use arena::ProtectedBytes;
pub use mapping::{MemoryProtection, supports_secret_memory, unmap_inherited};
pub use program_pages::release_program_pages;
pub use words::ProtectedWords;

/// The weakest protection that this process gets for its memory.
pub fn protection() -> MemoryProtection {
    let _allocated = ProtectedBytes::new(1);
    mapping::weakest_protection()
}
