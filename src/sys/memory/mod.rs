//! Memory for what nobody else may see: hidden from everybody but this process where the kernel can,
//! else locked in RAM and absent from core dumps; wiped at its end. It knows nothing of what is put there.
//!
//! ```text
//! Mapping: pages of the kernel's       one of `memfd_secret(2)`, or an anonymous one
//!   ├ Region: a mapping as words       tables of the redaction
//!   └ Chunk: bytes                     a large one has a mapping, small ones share one (`arena`)
//! ```

pub(super) mod arena;
mod mapping;
mod program;
mod region;

pub(crate) use arena::Chunk;
pub use mapping::Residence;
pub(crate) use mapping::{can_hide, unmap_kept};
pub(crate) use program::drop_program_pages;
pub(crate) use region::Region;

/// How well this process can protect memory; finding it out uses some.
pub(crate) fn residence() -> Residence {
    let _made = Chunk::new(1);
    mapping::weakest()
}
