//! The search through one block: the filter while nothing is live, the automaton from where a form
//! may begin. It remembers nothing from block to block but a state.

use super::automaton::{Found, ROOT};
use super::filter::Filter;
use super::pattern::Patterns;

/// The bytes that may be read in vain in any block, however short.
const PATIENCE: usize = 256;
/// What asking the filter costs, in bytes read by the automaton.
const PRICE: usize = 16;

/// Reads a block from a state on, and gives the state at its end. Each occurrence is told with the
/// number of bytes read when it ends and of those then live, in the order of their ends; of those
/// that end in one place, the longest.
pub(super) fn search(
    patterns: &Patterns,
    block: &[u8],
    mut state: u32,
    mut tell: impl FnMut(usize, usize, Found),
) -> u32 {
    let automaton = patterns.automaton();
    let mut scouts = Scouts::new(patterns, block);
    // What the automaton reads in vain is paid for from here. When nothing is left, the rest of the
    // block is read by the automaton alone, so that no input takes more than a few looks at a byte.
    let mut patience = block.len() + PATIENCE;
    // The filter may take over when all that is live begins here or later: past the last candidate,
    // lest it be found again, and past the last occurrence, lest others be told out of order.
    let mut from = 0;
    let mut at = 0;
    while at < block.len() {
        let live = automaton.live(state);
        let mut stays = patience == 0;
        if at >= live + from && !stays {
            let begin = at - live;
            let candidate = scouts.next(begin);
            if candidate > begin {
                patience = patience.saturating_sub(at.saturating_sub(candidate));
                state = ROOT;
                at = candidate;
            }
            stays = candidate >= scouts.horizon;
            from = candidate + 1;
            patience = patience.saturating_sub(PRICE);
        }
        let entered = at;
        for byte in block.get(at..).unwrap_or(&[]) {
            let (next, found) = automaton.read(state, *byte);
            state = next;
            at += 1;
            let live = automaton.live(state);
            if let Some(found) = found {
                tell(at, live, found);
                from = from.max(at);
            }
            if at >= live + from && !stays {
                break;
            }
        }
        patience = patience.saturating_sub(at - entered);
    }
    state
}

/// The filters over one block, each with the candidate that it found last.
struct Scouts<'a> {
    block: &'a [u8],
    filters: [Option<(Filter<'a>, Option<usize>)>; 2],
    /// From here on, some filter cannot say whether a form begins.
    horizon: usize,
}

impl<'a> Scouts<'a> {
    fn new(patterns: &'a Patterns, block: &'a [u8]) -> Self {
        let filters = patterns.filters();
        let horizon = filters.iter().flatten().map(|filter| filter.horizon(block)).min();
        let filters = filters.map(|filter| filter.map(|filter| (filter, None)));
        Self { block, filters, horizon: horizon.unwrap_or(block.len()) }
    }

    /// The first candidate from a place on; at the horizon at the latest, unless that is before.
    fn next(&mut self, from: usize) -> usize {
        let mut first = self.horizon.max(from);
        for (filter, known) in self.filters.iter_mut().flatten() {
            let next = match *known {
                Some(known) if known >= from => known,
                _ => filter.find(self.block, from),
            };
            *known = Some(next);
            first = first.min(next);
        }
        first
    }
}
