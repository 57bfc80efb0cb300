//! What is hidden: occurrences that share bytes become one run, which is labelled once. It knows
//! places and owners only, never a byte.

use std::collections::VecDeque;
use std::ops::Range;

/// Occurrences that share bytes, taken together.
#[derive(Clone, Copy, Debug)]
struct Run {
    begin: usize,
    end: usize,
    /// The owner and the length of the occurrence that begins first, the longest of those.
    owner: u32,
    length: usize,
}

/// A piece of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes of the input, unchanged.
    Text(Range<usize>),
    /// The label of an owner, in the place of these bytes.
    Label(u32, Range<usize>),
}

/// The runs of a stream that are not out yet, and how far it is out.
#[derive(Clone, Debug)]
pub(super) struct Runs {
    waiting: VecDeque<Run>,
    /// What is before this place is out, or under a label.
    out: usize,
    /// The end of the last run whose label is out.
    labelled: usize,
}

impl Runs {
    /// Starts at the beginning of a stream.
    pub(super) fn new() -> Self {
        Self { waiting: VecDeque::with_capacity(64), out: 0, labelled: 0 }
    }

    /// How far the stream is out.
    pub(super) fn out(&self) -> usize {
        self.out
    }

    /// Adds an occurrence. They come in any order, but none begins before what is decided.
    pub(super) fn add(&mut self, place: Range<usize>, owner: u32) {
        let (begin, end) = (place.start, place.end);
        let mut run = Run { begin, end, owner, length: end - begin };
        // The runs that it shares bytes with: those of them that are in the list stand together.
        let first = self.waiting.partition_point(|other| other.end <= begin);
        let shared = self.waiting.range(first..).take_while(|other| other.begin < end).count();
        for other in self.waiting.drain(first..first + shared) {
            let key = |run: &Run| (run.begin, usize::MAX - run.length, run.owner);
            let leading = if key(&other) < key(&run) { other } else { run };
            run = Run { begin: leading.begin, end: run.end.max(other.end), ..leading };
        }
        if run.begin < self.labelled {
            self.labelled = self.labelled.max(run.end);
            self.out = self.out.max(run.end);
        } else {
            self.waiting.insert(first, run);
        }
    }

    /// Gives out all that is decided when no occurrence to come can begin before `frontier`.
    pub(super) fn settle(&mut self, frontier: usize, give: &mut impl FnMut(Piece)) {
        while let Some(run) = self.waiting.pop_front_if(|run| run.begin < frontier) {
            self.label(run, give);
        }
        self.text(frontier, give);
    }

    /// Gives out the label of a run that begins where the output stands, though a longer occurrence
    /// may yet give it another name.
    pub(super) fn label_next(&mut self, give: &mut impl FnMut(Piece)) {
        let out = self.out;
        if let Some(run) = self.waiting.pop_front_if(|run| run.begin <= out) {
            self.label(run, give);
        }
    }

    /// Gives out all text, if no run waits.
    pub(super) fn release(&mut self, end: usize, give: &mut impl FnMut(Piece)) {
        if self.waiting.is_empty() {
            self.text(end, give);
        }
    }

    /// Goes back to the beginning of a stream.
    pub(super) fn restart(&mut self) {
        self.waiting.clear();
        (self.out, self.labelled) = (0, 0);
    }

    fn label(&mut self, run: Run, give: &mut impl FnMut(Piece)) {
        self.text(run.begin, give);
        give(Piece::Label(run.owner, self.out.max(run.begin)..run.end));
        self.labelled = run.end;
        self.out = run.end;
    }

    /// Gives out text up to a place.
    fn text(&mut self, end: usize, give: &mut impl FnMut(Piece)) {
        if self.out < end {
            give(Piece::Text(self.out..end));
            self.out = end;
        }
    }
}
