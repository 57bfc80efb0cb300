//! The long heads, sorted: whose they are.

use super::bits::{bit, set};
use super::error::Error;
use super::heads::LONG;
use super::tables::{Origin, copy};
use super::word;
use crate::sys::memory::ProtectedWords;

/// A head: its bytes, its origin.
pub(super) type Long = [u8; LONG + 4];

/// The words of a set of pairs of bytes.
const PAIRS: usize = (1 << 16) / 32;

/// All long heads.
pub(super) struct LongHeads {
    heads: ProtectedWords,
    count: usize,
    /// The pairs of bytes that they begin with.
    pairs: ProtectedWords,
}

impl LongHeads {
    /// Takes heads that are sorted, each once.
    pub(super) fn new(heads: &[Long]) -> Result<Self, Error> {
        let mut sorted = ProtectedWords::new((heads.len() * (LONG + 4)).div_ceil(4))?;
        copy(&mut sorted, heads.as_flattened());
        let mut pairs = ProtectedWords::locked(PAIRS)?;
        for head in heads {
            set(&mut pairs, pair([head[0], head[1]]));
        }
        Ok(Self { heads: sorted, count: heads.len(), pairs })
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn memory(&self) -> usize {
        self.heads.size() + self.pairs.size()
    }

    fn all(&self) -> &[Long] {
        self.heads.bytes().as_chunks().0.get(..self.count).unwrap_or(&[])
    }

    /// The origins of the heads that begin with these bytes.
    pub(super) fn with(&self, prefix: &[u8]) -> impl Iterator<Item = Origin> {
        let prefix = prefix.get(..LONG).unwrap_or(prefix);
        let heads = match prefix.first_chunk() {
            Some(first) if !bit(&self.pairs, pair(*first)) => &[],
            _ => self.all(),
        };
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
