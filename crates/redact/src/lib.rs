//! Finding secrets in a byte stream, in every encoding in which they may turn up, and putting labels
//! in their place. It knows no process, no command line and no network.
//!
//! [`Patterns`] are compiled once from names and values; each stream has a [`Redactor`] over them.
//!
//! ```text
//! values ─▶ targets ─▶ heads ─▶ filter ── places ──▶ matcher ── occurrences ─▶ runs ──▶ output
//!        (lines, parts)   (skips most of the text)  (reader, dump)        (one label each)
//! ```

mod bits;
mod dump;
mod encoding;
mod entity;
mod error;
mod filter;
mod heads;
mod held;
mod long_heads;
mod matcher;
mod pattern;
pub mod policy;
mod reader;
mod runs;
mod sequence;
mod short_heads;
mod stream;
mod structure;
mod tables;
mod targets;
mod written;

pub use encoding::{Encoding, Encodings};
pub use error::Error;
pub use pattern::{Label, Patterns, RedactionRules};
pub use stream::{Redactor, Segment};

pub use hushed_sys::memory::MemoryProtection;

/// A word of the arena as an index.
#[inline]
#[expect(clippy::as_conversions, reason = "no system that this runs on has indices under 32 bits")]
const fn index(word: u32) -> usize {
    word as usize
}

/// The high bits of a hash as an index.
#[inline]
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "tables have at most 2^21 places"
)]
const fn place(hash: u64) -> usize {
    hash as usize
}

/// An index as a word of the arena; the bound on the size of all forms keeps it in reach.
fn word(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
