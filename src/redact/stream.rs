//! A stream on its way out: what goes through, what is hidden, what waits. It reads and writes
//! nothing itself.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::automaton::ROOT;
use super::held::Held;
use super::index;
use super::pattern::Patterns;
use super::runs::{Piece, Runs};
use super::search::search;
use crate::secret::Name;

/// The bytes that are searched at once.
const BLOCK: usize = 1 << 16;

/// Hides the values of [`Patterns`] in one stream.
///
/// ```
/// use std::sync::Arc;
/// use hushed::redact::{Patterns, Redactor, Rules};
/// use hushed::secret::{Name, Value};
///
/// let (name, value) = (Name::new("DB_PASSWORD"), Value::from("canary-7f3a"));
/// let patterns = Arc::new(Patterns::compile([(&name, &value)], &Rules::default())?);
/// let mut redactor = Redactor::new(patterns);
///
/// let mut shown = Vec::new();
/// redactor.push(b"connecting with can", |bytes| shown.extend_from_slice(bytes));
/// assert_eq!(shown, b"connecting with "); // what follows may become the value
///
/// redactor.push(b"ary-7f3a\npassword? ", |bytes| shown.extend_from_slice(bytes));
/// redactor.finish(|bytes| shown.extend_from_slice(bytes));
/// assert_eq!(shown, b"connecting with [hushed:DB_PASSWORD]\npassword? ");
/// # Ok::<(), hushed::redact::Error>(())
/// ```
pub struct Redactor {
    patterns: Arc<Patterns>,
    counts: Box<[u64]>,
    held: Held,
    runs: Runs,
    /// The number of bytes read, and the state that they led to.
    read: usize,
    state: u32,
}

impl Redactor {
    /// Begins a stream. The patterns may serve several.
    pub fn new(patterns: Arc<Patterns>) -> Self {
        Self {
            counts: vec![0; patterns.owners()].into(),
            held: Held::new(patterns.longest()),
            runs: Runs::new(),
            read: 0,
            state: ROOT,
            patterns,
        }
    }

    /// Takes the next bytes of the stream and gives out, piece by piece, all that cannot become part
    /// of a value any more. Where the stream is cut changes nothing of the whole.
    pub fn push(&mut self, input: &[u8], mut out: impl FnMut(&[u8])) {
        if self.patterns.is_empty() {
            return out(input);
        }
        for block in input.chunks(BLOCK) {
            self.block(block, &mut out);
        }
    }

    fn block(&mut self, block: &[u8], out: &mut impl FnMut(&[u8])) {
        let (mut outlet, runs, state) = self.outlet(block, out);
        let (origin, patterns) = (outlet.origin, outlet.patterns);
        let next = search(patterns, block, state, |end, live, found| {
            let end = origin + end;
            runs.add(end - found.length..end, found.owner);
            runs.settle(end - live, &mut |piece| outlet.give(&piece));
        });
        let live = patterns.automaton().live(next);
        runs.settle(origin + block.len() - live, &mut |piece| outlet.give(&piece));
        self.held.keep(live, block);
        self.read += block.len();
        self.state = next;
    }

    /// Gives out what may be seen when a terminal has been quiet for a moment: a value that is
    /// complete, as its label; or a few bytes, if they are at most three and at most an eighth of any
    /// form that they may begin. If one does follow, the rest of it is hidden all the same. Not to be
    /// called where the output is no terminal.
    pub fn idle(&mut self, mut out: impl FnMut(&[u8])) {
        let read = self.read;
        let (mut outlet, runs, state) = self.outlet(&[], &mut out);
        let quiet = outlet.patterns.automaton().is_quiet(state);
        runs.label_next(&mut |piece| outlet.give(&piece));
        if quiet {
            runs.release(read, &mut |piece| outlet.give(&piece));
        }
    }

    /// Ends the stream and gives out all that was held back, for it became no value. Another stream
    /// may begin thereafter; the counts go on.
    pub fn finish(&mut self, mut out: impl FnMut(&[u8])) {
        let read = self.read;
        let (mut outlet, runs, _) = self.outlet(&[], &mut out);
        runs.settle(read, &mut |piece| outlet.give(&piece));
        runs.restart();
        self.held.keep(0, &[]);
        self.read = 0;
        self.state = ROOT;
    }

    /// The number of bytes that wait: what was read last and may yet become a value.
    pub fn held(&self) -> usize {
        self.read.saturating_sub(self.runs.out())
    }

    /// How often each name stands in the place of its value, of those that do.
    pub fn counts(&self) -> impl Iterator<Item = (&Name, u64)> {
        let named = |(owner, count): (usize, &u64)| Some((self.patterns.name(owner)?, *count));
        self.counts.iter().enumerate().filter(|(_, count)| **count > 0).filter_map(named)
    }

    fn outlet<'a, F: FnMut(&[u8])>(
        &'a mut self,
        input: &'a [u8],
        out: &'a mut F,
    ) -> (Outlet<'a, F>, &'a mut Runs, u32) {
        let Self { patterns, counts, held, runs, read, state } = self;
        let outlet = Outlet { patterns, counts, held: held.bytes(), origin: *read, input, out };
        (outlet, runs, *state)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor(..)")
    }
}

/// Turns pieces into bytes: of what was held, of the input, of labels.
struct Outlet<'a, F> {
    patterns: &'a Patterns,
    counts: &'a mut [u64],
    held: &'a [u8],
    /// The place in the stream where `held` ends and `input` begins.
    origin: usize,
    input: &'a [u8],
    out: &'a mut F,
}

impl<F: FnMut(&[u8])> Outlet<'_, F> {
    fn give(&mut self, piece: &Piece) {
        match *piece {
            Piece::Label(owner) => {
                if let Some(count) = self.counts.get_mut(index(owner)) {
                    *count += 1;
                }
                (self.out)(self.patterns.label(owner));
            }
            Piece::Text(Range { start, end }) => {
                let base = self.origin - self.held.len();
                let held = start.min(self.origin) - base..end.min(self.origin) - base;
                let input =
                    start.max(self.origin) - self.origin..end.max(self.origin) - self.origin;
                for bytes in [self.held.get(held), self.input.get(input)].into_iter().flatten() {
                    if !bytes.is_empty() {
                        (self.out)(bytes);
                    }
                }
            }
        }
    }
}
