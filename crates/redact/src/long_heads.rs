//! The long heads, sorted: whose they are.

use super::bits::{self, bit, set};
use super::error::Error;
use super::heads::LONG;
use super::tables::{Origin, copy};
use super::word;
use hushed_sys::memory::ProtectedWords;

/// A head: its bytes, its origin.
pub(super) type Long = [u8; LONG + 4];

/// By how many of its first bytes it is checked whether a head begins.
const BEGIN: usize = 4;

/// The words of a set of pairs of bytes.
const PAIRS: usize = (1 << 16) / 32;

/// All long heads.
pub(super) struct LongHeads {
    heads: ProtectedWords,
    count: usize,
    /// The pairs of bytes that they begin with, and hashes of the first [`BEGIN`] bytes.
    pairs: ProtectedWords,
    begins: ProtectedWords,
}

impl LongHeads {
    /// Takes heads that are sorted, each once.
    pub(super) fn new(heads: &[Long]) -> Result<Self, Error> {
        let mut sorted = ProtectedWords::new((heads.len() * (LONG + 4)).div_ceil(4))?;
        copy(&mut sorted, heads.as_flattened());
        let mut pairs = ProtectedWords::locked(PAIRS)?;
        let mut begins = ProtectedWords::locked(bits::size_for(16 * heads.len(), 12, 20))?;
        let mut before = None;
        for head in heads {
            let begin: [u8; BEGIN] = head.first_chunk().copied().unwrap_or_default();
            if before != Some(begin) {
                set(&mut pairs, pair([head[0], head[1]]));
                bits::add(&mut begins, bits::padded(&begin), BEGIN);
            }
            before = Some(begin);
        }
        Ok(Self { heads: sorted, count: heads.len(), pairs, begins })
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn memory(&self) -> usize {
        self.heads.size() + self.pairs.size() + self.begins.size()
    }

    fn all(&self) -> &[Long] {
        self.heads.bytes().as_chunks().0.get(..self.count).unwrap_or(&[])
    }

    fn may_begin_with(&self, prefix: &[u8]) -> bool {
        match (prefix.first_chunk::<BEGIN>(), prefix.first_chunk()) {
            (Some(begin), _) => bits::has(&self.begins, bits::padded(begin), BEGIN),
            (None, Some(first)) => bit(&self.pairs, pair(*first)),
            (None, None) => true,
        }
    }

    /// The origins of the heads that begin with these bytes.
    pub(super) fn with(&self, prefix: &[u8]) -> impl Iterator<Item = Origin> {
        let prefix = prefix.get(..LONG).unwrap_or(prefix);
        let heads = if self.may_begin_with(prefix) { self.all() } else { &[] };
        let mut bytes = [0; LONG];
        bytes[..prefix.len()].copy_from_slice(prefix);
        let wanted = u128::from_be_bytes(bytes);
        let shift = 8 * word(LONG - prefix.len());
        let from = heads.partition_point(|head| number(head).0 < wanted);
        let heads = heads.get(from..).unwrap_or(&[]).iter();
        let begins = move |head: &&Long| (number(head).0 ^ wanted).unbounded_shr(shift) == 0;
        heads
            .take_while(begins)
            .filter_map(|head| head.last_chunk().copied().map(Origin::from_bytes))
    }
}

/// A head as numbers that are in the order of its bytes.
pub(super) fn number(head: &Long) -> (u128, u32) {
    let (bytes, origin) = (head.first_chunk(), head.last_chunk());
    let bytes = bytes.map_or(0, |bytes| u128::from_be_bytes(*bytes));
    (bytes, origin.map_or(0, |origin| u32::from_be_bytes(*origin)))
}

fn pair(bytes: [u8; 2]) -> usize {
    usize::from(u16::from_le_bytes(bytes))
}
