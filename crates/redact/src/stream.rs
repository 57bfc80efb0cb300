//! A stream on its way out: what goes through, what is hidden, what waits. It reads and writes
//! nothing itself.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::held::Held;
use super::index;
use super::matcher::Matcher;
use super::pattern::Patterns;
use super::runs::{Piece, Runs};
use hushed_secret::Name;
use hushed_sys::stack::clear_stack_after;

/// The bytes that are searched at once.
const BLOCK: usize = 1 << 16;
/// So many bytes of a block are copied behind what is held, to be searched together with it.
const SEAM: usize = 1 << 12;

/// Hides the values of [`Patterns`] in one stream.
///
/// ```
/// use std::sync::Arc;
/// use hushed_redact::{Patterns, Redactor, RedactionRules};
/// use hushed_secret::{Name, Value};
///
/// let (name, value) = (Name::new("DB_PASSWORD"), Value::from("canary-7f3a"));
/// let patterns = Arc::new(Patterns::compile([(&name, &value)], &RedactionRules::default())?);
/// let mut redactor = Redactor::new(patterns);
///
/// let mut shown = Vec::new();
/// redactor.push(b"connecting with can", |bytes| shown.extend_from_slice(bytes));
/// assert_eq!(shown, b"connecting with "); // what follows may become the value
///
/// redactor.push(b"ary-7f3a\npassword? ", |bytes| shown.extend_from_slice(bytes));
/// redactor.finish(|bytes| shown.extend_from_slice(bytes));
/// assert_eq!(shown, b"connecting with [hushed:DB_PASSWORD]\npassword? ");
/// # Ok::<(), hushed_redact::Error>(())
/// ```
pub struct Redactor {
    patterns: Arc<Patterns>,
    counts: Box<[u64]>,
    held: Held,
    runs: Runs,
    matcher: Matcher,
}

impl Redactor {
    /// Begins a stream. The patterns may serve several.
    pub fn new(patterns: Arc<Patterns>) -> Self {
        Self {
            counts: vec![0; patterns.owners()].into(),
            held: Held::new(),
            runs: Runs::new(),
            matcher: Matcher::default(),
            patterns,
        }
    }

    /// Takes the next bytes of the stream and gives out, piece by piece, all that cannot become part
    /// of a value any more. Where the stream is cut changes nothing of the whole.
    pub fn push(&mut self, input: &[u8], mut out: impl FnMut(&[u8])) {
        self.push_segments(input, |segment| out(segment.shown()));
    }

    /// The same, but tells which pieces stand for a value, and how the value was written.
    pub fn push_segments(&mut self, input: &[u8], mut out: impl FnMut(Segment<'_>)) {
        if self.patterns.is_empty() {
            return out(Segment::Text(input));
        }
        // The search keeps pieces of the text in local variables.
        clear_stack_after(|| {
            for block in input.chunks(BLOCK) {
                self.block(block, &mut out);
            }
        });
    }

    // Not generic over `out`, as all below: a generic function is compiled in the crate that calls it, for size.
    fn block(&mut self, block: &[u8], out: &mut dyn FnMut(Segment<'_>)) {
        let held = self.held.bytes().len();
        // Where nothing is held, the block is searched where it is; else its beginning first.
        let (seam, _) = block.split_at(if held == 0 { 0 } else { SEAM.min(block.len()) });
        if !seam.is_empty() {
            self.held.append(seam);
            let base = self.matcher.read() - held;
            let kept = self.search(base, None, false, out);
            self.held.keep(kept);
        }
        if seam.len() == block.len() {
            return;
        }
        let kept = self.held.bytes().len();
        let text = seam.len().checked_sub(kept).and_then(|from| block.get(from..));
        let Some(text) = text else {
            // More is held than what was copied.
            let rest = block.get(seam.len()..).unwrap_or(&[]);
            self.held.append(rest);
            let kept = self.search(self.matcher.read() - kept, None, false, out);
            return self.held.keep(kept);
        };
        let kept = self.search(self.matcher.read() - kept, Some(text), false, out);
        self.held.keep(0);
        self.held.append(text.get(text.len() - kept..).unwrap_or(&[]));
    }

    /// Searches a text that begins at `base`, what is held if there is no other, and gives out what is
    /// decided; gives the number of bytes that are not.
    fn search(
        &mut self,
        base: usize,
        text: Option<&[u8]>,
        ends: bool,
        out: &mut dyn FnMut(Segment<'_>),
    ) -> usize {
        let Self { patterns, counts, held, runs, matcher } = self;
        let text = text.unwrap_or_else(|| held.bytes());
        let found = |place, owner| runs.add(place, owner);
        let frontier = matcher.search(patterns, text, base, ends, found);
        let mut outlet = Outlet { patterns, counts, base, text, out };
        runs.settle(frontier, &mut |piece| outlet.give(&piece));
        matcher.read() - frontier
    }

    /// Gives out what may be seen when nothing has come for a moment: a value that is complete, as its
    /// label; or a few characters, if they are at most three and at most an eighth of any value that
    /// they may begin, but one in any case. If one does follow, the rest of it is hidden all the same.
    pub fn idle(&mut self, mut out: impl FnMut(&[u8])) {
        let Self { patterns, counts, held, runs, matcher } = self;
        let text = held.bytes();
        let base = matcher.read() - text.len();
        let quiet = matcher.quiet(patterns, text);
        let mut out = |segment: Segment<'_>| out(segment.shown());
        let mut outlet = Outlet { patterns, counts, base, text, out: &mut out };
        runs.label_next(&mut |piece| outlet.give(&piece));
        runs.release(quiet, &mut |piece| outlet.give(&piece));
    }

    /// Ends the stream and gives out all that was held back, for it became no value. Another stream
    /// may begin thereafter; the counts go on.
    pub fn finish(&mut self, mut out: impl FnMut(&[u8])) {
        self.finish_segments(|segment| out(segment.shown()));
    }

    /// The same, but tells which pieces stand for a value, and how the value was written.
    pub fn finish_segments(&mut self, mut out: impl FnMut(Segment<'_>)) {
        let base = self.matcher.read() - self.held.bytes().len();
        clear_stack_after(|| self.search(base, None, true, &mut out));
        self.runs.restart();
        self.matcher.restart();
        self.held.keep(0);
    }

    /// The number of bytes that wait: what was read last and may yet become a value.
    pub fn held(&self) -> usize {
        self.matcher.read().saturating_sub(self.runs.out())
    }

    /// How often each name stands in the place of its value, of those that do.
    pub fn counts(&self) -> impl Iterator<Item = (&Name, u64)> {
        let named = |(owner, count): (usize, &u64)| Some((self.patterns.name(owner)?, *count));
        self.counts.iter().enumerate().filter(|(_, count)| **count > 0).filter_map(named)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor(..)")
    }
}

/// A piece of a stream that was searched. The pieces come in the order of the stream.
pub enum Segment<'a> {
    /// Bytes that belong to no value.
    Text(&'a [u8]),
    /// A value, or several that share bytes.
    Secret {
        /// The name of the one that begins first.
        name: &'a Name,
        /// What is shown in its place.
        label: &'a [u8],
        /// The bytes of the stream that it takes.
        written: &'a [u8],
    },
}

impl<'a> Segment<'a> {
    /// What may be seen.
    fn shown(&self) -> &'a [u8] {
        match *self {
            Self::Text(bytes) => bytes,
            Self::Secret { label, .. } => label,
        }
    }
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Segment(..)")
    }
}

/// Turns pieces into bytes: of the text, of labels.
struct Outlet<'a> {
    patterns: &'a Patterns,
    counts: &'a mut [u64],
    /// The place in the stream where the text begins.
    base: usize,
    text: &'a [u8],
    out: &'a mut dyn FnMut(Segment<'_>),
}

impl Outlet<'_> {
    fn give(&mut self, piece: &Piece) {
        let bytes = |place: &Range<usize>| {
            self.text
                .get(place.start.saturating_sub(self.base)..place.end.saturating_sub(self.base))
        };
        match piece {
            Piece::Label(owner, place) => {
                let written = bytes(place).unwrap_or_default();
                if let Some(count) = self.counts.get_mut(index(*owner)) {
                    *count += 1;
                }
                if let Some(name) = self.patterns.name(index(*owner)) {
                    (self.out)(Segment::Secret {
                        name,
                        label: self.patterns.label(*owner),
                        written,
                    });
                }
            }
            Piece::Text(place) => {
                if let Some(bytes) = bytes(place).filter(|bytes| !bytes.is_empty()) {
                    (self.out)(Segment::Text(bytes));
                }
            }
        }
    }
}
