//! The search through one stream. From each place where a head stands, threads follow the value
//! character by character, in all ways in which the text may be read.
//!
//! ```text
//! filter, short heads, line breaks ── places ──▶ threads ── occurrences, and what may become one
//! ```
//!
//! A thread that needs more text waits for it. What is found depends on the text only, not on where it
//! was cut. A thread that has read only plain bytes stands for all its borders (Knuth, Morris, Pratt), so
//! that a value which overlaps itself costs no more than another.

mod begun;
mod threads;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use super::bits::GOLDEN;
use super::heads::{LONG, SHORT};
use super::pattern::Patterns;
use super::reader::{BEFORE_BREAK, Reader, Step};
use super::sequence::TEXT;
use super::tables::Origin;
use begun::{first_begun, joins, opens};
use hushed_sys::vector::each_place;
use threads::{REPEATED, Thread};

/// So many bytes of a head must stand before a color inside it.
const BEFORE_COLOR: usize = 3;
/// How many characters may stand between a value and the line break inside it.
const CONTINUATION: usize = 8;
/// How often a form that is not plain is followed from within itself.
const MOST_OVERLAPS: u32 = 8;
/// How far a thread must have come to be remembered.
const WORTH_REMEMBERING: usize = 24;
/// From how many on the places that threads have passed are forgotten when the text is behind them.
const MOST_PASSED: usize = 64;

/// Where threads of an origin have been.
#[derive(Clone, Copy, Debug)]
struct Passed {
    places: (usize, usize),
    overlaps: u32,
}

/// Mixes an origin. Whoever writes the text does not choose the numbers of targets and forms.
#[derive(Clone, Copy, Debug, Default)]
struct OriginHasher(u64);

impl Hasher for OriginHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u8(*byte);
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u32(u32::from(byte));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(GOLDEN).rotate_left(29);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The threads of one stream.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    /// What waits for more text.
    waiting: Vec<Thread>,
    passed: HashMap<(Origin, bool), Passed, BuildHasherDefault<OriginHasher>>,
    /// The number of bytes read.
    read: usize,
    work: Vec<Thread>,
    steps: Vec<Step>,
}

/// One text, and what to do with what is found in it.
struct Pass<'a, F> {
    patterns: &'a Patterns,
    reader: Reader<'a>,
    /// The place in the stream where the text begins.
    base: usize,
    ends: bool,
    found: F,
}

impl Matcher {
    /// The number of bytes read.
    pub(super) fn read(&self) -> usize {
        self.read
    }

    /// Searches what is new of a text that begins at `base` and ends where the stream does by now, and
    /// gives the place from which on the text must be there the next time. `found` is told each
    /// occurrence with its owner.
    pub(super) fn search(
        &mut self,
        patterns: &Patterns,
        text: &[u8],
        base: usize,
        ends: bool,
        found: impl FnMut(Range<usize>, u32),
    ) -> usize {
        let reader = Reader::new(text, ends, patterns.kinds());
        let mut pass = Pass { patterns, reader, base, ends, found };
        let mut work = std::mem::take(&mut self.work);
        for thread in std::mem::take(&mut self.waiting) {
            work.push(thread);
            let end = self.work_off(&mut pass, &mut work);
            if end > thread.begin + WORTH_REMEMBERING {
                self.remember(&thread, end);
            }
        }
        self.work = work;
        self.forget(base);
        let fresh = self.read - base;
        if !text.is_empty() && fresh < text.len() {
            self.breaks(&mut pass, fresh);
            self.short_heads(&mut pass, fresh);
            self.long_heads(&mut pass, fresh);
        }
        self.read = base + text.len();
        if ends {
            self.waiting.clear();
            self.passed.clear();
            return self.read;
        }
        let waiting = self.waiting.iter().map(|thread| thread.begin).min().unwrap_or(self.read);
        waiting.min(base + first_begun(patterns, text))
    }

    /// Starts again with another stream.
    pub(super) fn restart(&mut self) {
        self.waiting.clear();
        self.passed.clear();
        self.read = 0;
    }

    /// Looks for values that are broken within their heads, by a line break or a color.
    fn breaks<F: FnMut(Range<usize>, u32)>(&mut self, pass: &mut Pass<'_, F>, fresh: usize) {
        if !pass.patterns.kinds().wrap {
            return;
        }
        let text = pass.reader.text();
        let tables = pass.patterns.tables();
        let filter = tables.filter();
        let knows = |end| {
            filter.is_some_and(|filter| filter.knows_before(text, end))
                || tables.short.len() > 0 && tables.short.knows_before(text, end)
        };
        each_place(text, fresh, [b'\n', 0x1b], |at| {
            if text.get(at) == Some(&0x1b) {
                return self.broken(pass, at, BEFORE_COLOR);
            }
            let mut end = at;
            loop {
                if (end == at || opens(text, end)) && knows(end) {
                    self.broken(pass, end, BEFORE_BREAK);
                }
                match end.checked_sub(1).and_then(|before| text.get(before)) {
                    Some(byte) if end + CONTINUATION > at && joins(*byte) => end -= 1,
                    _ => break,
                }
            }
        });
    }

    /// Starts threads for heads that are cut at `end`, with so many bytes at least before it.
    fn broken<F: FnMut(Range<usize>, u32)>(
        &mut self,
        pass: &mut Pass<'_, F>,
        end: usize,
        least: usize,
    ) {
        let (patterns, text) = (pass.patterns, pass.reader.text());
        let tables = patterns.tables();
        for length in (least..LONG).take_while(|length| *length <= end) {
            let begin = end - length;
            let prefix = text.get(begin..end).unwrap_or(&[]);
            if tables.filter().is_some_and(|filter| filter.may_begin_with(prefix)) {
                for origin in tables.long.with(prefix) {
                    self.start(pass, origin, begin);
                }
            }
            if length < SHORT && tables.short.may_begin_with(prefix) {
                for origin in tables.short.longer_than(prefix) {
                    self.start(pass, origin, begin);
                }
            }
        }
    }

    fn short_heads<F: FnMut(Range<usize>, u32)>(&mut self, pass: &mut Pass<'_, F>, fresh: usize) {
        let (patterns, text) = (pass.patterns, pass.reader.text());
        let heads = &patterns.tables().short;
        if heads.len() == 0 {
            return;
        }
        let mut from = fresh.saturating_sub(SHORT - 1);
        while from < text.len() {
            let begin = heads.find(text, from);
            from = begin + 1;
            if repeats(text, begin) {
                continue;
            }
            for length in 1..=SHORT {
                if begin + length <= fresh || !heads.has_length(length) {
                    continue;
                }
                let Some(head) = text.get(begin..begin + length) else { break };
                for origin in heads.equal(head) {
                    self.start(pass, origin, begin);
                }
            }
        }
    }

    fn long_heads<F: FnMut(Range<usize>, u32)>(&mut self, pass: &mut Pass<'_, F>, fresh: usize) {
        let (patterns, text) = (pass.patterns, pass.reader.text());
        let Some(filter) = patterns.tables().filter() else { return };
        let mut from = fresh.saturating_sub(LONG - 1);
        let horizon = filter.horizon(text);
        while from + LONG <= text.len() {
            let begin = filter.find(text, from);
            if begin >= horizon && begin + LONG > text.len() {
                break;
            }
            from = begin + 1;
            if repeats(text, begin) {
                continue;
            }
            if let Some(head) = text.get(begin..begin + LONG) {
                for origin in patterns.tables().long.with(head) {
                    self.start(pass, origin, begin);
                }
            }
        }
    }

    /// Follows a value from a place of the text on, unless a thread has done so already.
    fn start<F: FnMut(Range<usize>, u32)>(
        &mut self,
        pass: &mut Pass<'_, F>,
        origin: Origin,
        begin: usize,
    ) {
        let target = pass.patterns.targets().get(origin.target());
        let first = pass.patterns.targets().value(&target).first();
        let byte = pass.reader.text().get(begin);
        let plain = origin.form() == TEXT && first == byte;
        let special = byte.is_some_and(|byte| pass.patterns.is_special(*byte));
        let at = pass.base + begin;
        let repeats = [0; REPEATED.len()];
        let thread = Thread { origin, units: 0, plain, repeats, begin: at, at, last: at };
        let mut work = std::mem::take(&mut self.work);
        for thread in [
            plain.then_some(thread),
            (!plain || special).then_some(Thread { plain: false, ..thread }),
        ]
        .into_iter()
        .flatten()
        {
            if !self.has_passed(&thread) {
                work.push(thread);
                let end = self.work_off(pass, &mut work);
                if end > at + WORTH_REMEMBERING {
                    self.remember(&thread, end);
                }
            }
        }
        self.work = work;
    }

    fn has_passed(&mut self, thread: &Thread) -> bool {
        let Some(passed) = self.passed.get_mut(&(thread.origin, thread.plain)) else {
            return false;
        };
        let (from, end) = passed.places;
        if !(from..end).contains(&thread.begin) {
            return false;
        }
        passed.overlaps += 1;
        thread.plain || passed.overlaps > MOST_OVERLAPS
    }

    fn remember(&mut self, thread: &Thread, end: usize) {
        let fresh = Passed { places: (thread.begin, end), overlaps: 0 };
        let passed = self.passed.entry((thread.origin, thread.plain)).or_insert(fresh);
        let (from, until) = passed.places;
        if (from..=until).contains(&thread.begin) {
            passed.places = (from, until.max(end));
        } else {
            *passed = fresh;
        }
    }

    /// Forgets the threads that nothing new can be within.
    fn forget(&mut self, base: usize) {
        if self.passed.len() > MOST_PASSED {
            self.passed.retain(|_, passed| passed.places.1 >= base);
        }
    }
}

/// Whether a place is inside a run of one byte, so that what begins here has begun before.
fn repeats(text: &[u8], at: usize) -> bool {
    let around = at.checked_sub(LONG).and_then(|from| text.get(from..at + LONG)).unwrap_or(&[]);
    around.first().is_some_and(|first| around.iter().all(|byte| byte == first))
}
