//! What must wait at the end of a text, because it may be the beginning of a value.

use super::super::heads::{LONG, SHORT};
use super::super::index;
use super::super::pattern::Patterns;
use super::super::reader::BEFORE_BREAK;
use super::super::tables::{self, Origin};
use super::{CONTINUATION, Matcher};

/// The most characters that may be shown in a pause, and the least part of a value that they may be.
const QUIET_UNITS: usize = 3;
const QUIET_PART: usize = 8;

impl Matcher {
    /// The place up to which a text that waits may be shown in a pause: of no value more than a few
    /// characters and an eighth of it, without what anybody may know of it.
    pub(crate) fn quiet(&self, patterns: &Patterns, text: &[u8]) -> usize {
        let base = self.read - text.len();
        let tells = |origin: Origin, units: usize| {
            let target = patterns.targets().get(origin.target());
            let length = patterns.sequence(&target, origin.form()).len();
            let units = units.saturating_sub(index(target.public));
            units > (length / QUIET_PART).clamp(1, QUIET_UNITS)
        };
        let threads =
            self.waiting.iter().filter(|thread| tells(thread.origin, index(thread.units)));
        let threads = threads.map(|thread| thread.begin).min().unwrap_or(self.read);
        let heads = begun(patterns, text, |origin, bytes| {
            tells(origin, tables::units(origin.form(), bytes))
        });
        threads.min(base + heads)
    }
}

/// Whether a character may stand between a value and a line break inside it.
pub(super) fn joins(byte: u8) -> bool {
    matches!(
        byte,
        b'\r' | b' ' | b'\t' | b'\\' | b'=' | b'"' | b'\'' | b'+' | b',' | b'.' | b'&' | b'|'
    )
}

/// Whether what stands between a value and a line break inside it may begin here.
pub(super) fn opens(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(|byte| b"\r \\=\"'|".contains(byte))
}

/// The places at the end of a text where a value may stop before a line break that has not come yet, but
/// for the end itself.
fn cuts(text: &[u8]) -> impl Iterator<Item = usize> {
    let count = text.iter().rev().take(CONTINUATION).take_while(|byte| joins(**byte)).count();
    (text.len() - count..text.len()).filter(|at| opens(text, *at))
}

/// The first place of a text from which on it may become a value, if only its end has begun a head.
pub(super) fn first_begun(patterns: &Patterns, text: &[u8]) -> usize {
    begun(patterns, text, |_, _| true)
}

/// The same of those heads for which `counts` is true, with the number of bytes that are there.
fn begun(patterns: &Patterns, text: &[u8], counts: impl Fn(Origin, usize) -> bool) -> usize {
    let tables = patterns.tables();
    let cut = |end: usize, least: usize| {
        let length = (least..LONG).rev().filter(|length| *length <= end).find(|&length| {
            let prefix = text.get(end - length..end).unwrap_or(&[]);
            let long = || tables.long.with(prefix).any(|origin| counts(origin, length));
            let short = || tables.short.longer_than(prefix).any(|origin| counts(origin, length));
            long() || (length < SHORT && short())
        });
        length.map(|length| end - length)
    };
    let mut first = cut(text.len(), 1).unwrap_or(text.len());
    if patterns.kinds().wrap {
        for end in cuts(text) {
            let knows = tables.filter().is_some_and(|filter| filter.knows_before(text, end));
            if knows || tables.short.knows_before(text, end) {
                first = first.min(cut(end, BEFORE_BREAK).unwrap_or(first));
            }
        }
    }
    first
}
