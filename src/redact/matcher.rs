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

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use super::bits::GOLDEN;
use super::dump;
use super::heads::{LONG, SHORT};
use super::pattern::Patterns;
use super::reader::{BEFORE_BREAK, Reader, Step};
use super::sequence::{Alphabet, FORMS, TEXT};
use super::tables::{self, Origin};
use super::targets::Target;
use super::{index, word};
use crate::sys::vector::each_place;

/// How much may stand between two characters of a value.
const MOST_JUNK: usize = 600;
/// So many bytes of a head must stand before a color inside it.
const BEFORE_COLOR: usize = 3;
/// How many characters may stand between a value and the line break inside it.
const CONTINUATION: usize = 8;
/// How many borders of a plain thread are tried in other ways than byte by byte.
const MOST_BORDERS: usize = 16;
/// How often a form that is not plain is followed from within itself.
const MOST_OVERLAPS: u32 = 8;
/// How far a thread must have come to be remembered.
const WORTH_REMEMBERING: usize = 24;
/// From how many on the places that threads have passed are forgotten when the text is behind them.
const MOST_PASSED: usize = 64;
/// The most characters that may be shown in a pause, and the least part of a value that they may be.
const QUIET_UNITS: usize = 3;
const QUIET_PART: usize = 8;

/// Characters that programs repeat to escape them. Without a rule, each in a run of them could be read in
/// several ways, and the ways to read the run would multiply.
const REPEATED: [u8; 3] = [b'\\', b'\'', b'"'];

/// A value on its way through the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Thread {
    origin: Origin,
    /// The number of units that were read.
    units: u32,
    /// Whether each of them was the byte itself, with nothing between.
    plain: bool,
    /// How many characters stood for each of [`REPEATED`]: a program writes all of them in the same way.
    repeats: [u8; REPEATED.len()],
    begin: usize,
    /// Where the next unit is expected, and where the last one ended.
    at: usize,
    last: usize,
}

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
        bytes.iter().for_each(|byte| self.write_u8(*byte));
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

    /// The place up to which a text that waits may be shown in a pause: of no value more than a few
    /// characters and an eighth of it, without what anybody may know of it.
    pub(super) fn quiet(&self, patterns: &Patterns, text: &[u8]) -> usize {
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

    /// Moves threads until each has ended or waits, those behind first, and gives the last place that
    /// one came to.
    fn work_off<F: FnMut(Range<usize>, u32)>(
        &mut self,
        pass: &mut Pass<'_, F>,
        work: &mut Vec<Thread>,
    ) -> usize {
        let mut end = 0;
        while let Some(place) =
            work.iter().enumerate().min_by_key(|(_, t)| t.at).map(|(place, _)| place)
        {
            let mut thread = work.swap_remove(place);
            let form = FORMS[usize::from(thread.origin.form())];
            let target = pass.patterns.targets().get(thread.origin.target());
            if thread.plain {
                self.follow_plain(pass, &mut thread, &target, work);
            } else if form.alphabet == Alphabet::Text {
                self.follow_text(pass, &mut thread, &target, work);
            } else {
                self.follow_digits(pass, &mut thread, &target, work);
            }
            end = end.max(thread.at);
        }
        end
    }

    fn wait(&mut self, thread: Thread) {
        if !self.waiting.contains(&thread) {
            self.waiting.push(thread);
        }
    }

    /// Reads plain bytes, and falls back to shorter borders.
    fn follow_plain<F: FnMut(Range<usize>, u32)>(
        &mut self,
        pass: &mut Pass<'_, F>,
        thread: &mut Thread,
        target: &Target,
        work: &mut Vec<Thread>,
    ) {
        let (targets, text) = (pass.patterns.targets(), pass.reader.text());
        let value = targets.value(target);
        let mut units = index(thread.units);
        loop {
            if units == value.len() {
                (pass.found)(thread.at - units..thread.at, target.owner);
                units = targets.border(target, units);
                if units == 0 {
                    return;
                }
            }
            let Some(&byte) = text.get(thread.at - pass.base) else {
                if !pass.ends {
                    let begin = thread.at - units;
                    self.wait(Thread { units: word(units), begin, last: thread.at, ..*thread });
                }
                return;
            };
            if pass.patterns.is_special(byte) {
                self.branch_off(pass, thread, target, units, work);
            }
            while units > 0 && value[units] != byte {
                units = targets.border(target, units);
            }
            if value[units] != byte {
                return;
            }
            units += 1;
            thread.at += 1;
        }
    }

    /// Starts a thread that is not plain at each border of a plain one.
    fn branch_off<F: FnMut(Range<usize>, u32)>(
        &mut self,
        pass: &mut Pass<'_, F>,
        thread: &Thread,
        target: &Target,
        mut units: usize,
        work: &mut Vec<Thread>,
    ) {
        for _ in 0..MOST_BORDERS {
            if units == 0 {
                return;
            }
            let (at, last) = (thread.at, thread.at);
            let read = pass.patterns.targets().value(target).get(..units).unwrap_or(&[]);
            let repeats = REPEATED.map(|character| u8::from(read.contains(&character)));
            let (begin, units_read) = (at - units, word(units));
            let branch =
                Thread { plain: false, repeats, units: units_read, begin, at, last, ..*thread };
            self.step_text(pass, &branch, target, false, work);
            units = pass.patterns.targets().border(target, units);
        }
    }

    /// Reads a text that may be escaped.
    fn follow_text<F: FnMut(Range<usize>, u32)>(
        &mut self,
        pass: &mut Pass<'_, F>,
        thread: &mut Thread,
        target: &Target,
        work: &mut Vec<Thread>,
    ) {
        let value = pass.patterns.targets().value(target);
        let text = pass.reader.text();
        loop {
            let units = index(thread.units);
            if units >= value.len() {
                return (pass.found)(thread.begin..thread.at, target.owner);
            }
            let Some(&byte) = text.get(thread.at - pass.base) else {
                if !pass.ends {
                    self.wait(*thread);
                }
                return;
            };
            if pass.patterns.is_special(byte) {
                return self.step_text(pass, thread, target, true, work);
            }
            if byte != value[units] {
                return;
            }
            thread.units += 1;
            thread.at += 1;
            thread.last = thread.at;
        }
    }

    /// Adds a thread for each way to go on from here; of the byte itself only if asked.
    fn step_text<F: FnMut(Range<usize>, u32)>(
        &mut self,
        pass: &mut Pass<'_, F>,
        thread: &Thread,
        target: &Target,
        plain: bool,
        work: &mut Vec<Thread>,
    ) {
        let value = pass.patterns.targets().value(target);
        let (units, at) = (index(thread.units), thread.at - pass.base);
        let rest = value.get(units..).unwrap_or(&[]);
        let mut steps = std::mem::take(&mut self.steps);
        steps.clear();
        pass.reader.short = false;
        if plain && pass.reader.text().get(at) == rest.first() {
            steps.push(Step { units: 1, to: at + 1 });
        }
        if !rest.is_empty() {
            pass.reader.readings(rest, units, at, &mut steps);
        }
        if let Some(before) = units.checked_sub(1).and_then(|before| value.get(before)) {
            let next = rest.first().copied();
            pass.reader.junk(*before, next, units, at, &mut steps);
        }
        Self::cut_off(pass, thread, target, value.len());
        self.take_steps(pass, thread, rest.first().copied(), &steps, work);
        self.steps = steps;
    }

    /// Tells an occurrence that was cut off here.
    fn cut_off<F: FnMut(Range<usize>, u32)>(
        pass: &mut Pass<'_, F>,
        thread: &Thread,
        target: &Target,
        length: usize,
    ) {
        let least = (length * 2).div_ceil(3).clamp(8, 12);
        let units = index(thread.units).saturating_sub(index(target.public));
        if pass.patterns.kinds().truncated
            && units >= least
            && thread.last == thread.at
            && pass.reader.ellipsis(thread.at - pass.base)
        {
            (pass.found)(thread.begin..thread.at, target.owner);
        }
    }

    /// Adds threads that have taken these steps. `unit` is the character of the value that is read, if it
    /// may be repeated.
    fn take_steps<F>(
        &mut self,
        pass: &Pass<'_, F>,
        thread: &Thread,
        unit: Option<u8>,
        steps: &[Step],
        work: &mut Vec<Thread>,
    ) {
        let at = thread.at - pass.base;
        let mut steps = steps;
        if pass.reader.short {
            // All is read again when there is more, but what is certain goes on.
            self.wait(*thread);
            let certain = steps.iter().take(1).filter(|step| step.units > 0 && step.to == at + 1);
            steps = steps.get(..certain.count()).unwrap_or(&[]);
        }
        for step in steps {
            let mut repeats = thread.repeats;
            if let Some(unit) = unit.filter(|_| step.units == 1)
                && !repeat(&mut repeats, unit, pass.reader.text().get(at..step.to).unwrap_or(&[]))
            {
                continue;
            }
            let at = pass.base + step.to;
            let last = if step.units > 0 { at } else { thread.last };
            let units = thread.units + word(step.units);
            let next = Thread { units, repeats, at, last, ..*thread };
            if at - last <= MOST_JUNK && !work.contains(&next) {
                work.push(next);
            }
        }
    }

    /// Reads base64, base32 or a dump.
    fn follow_digits<F: FnMut(Range<usize>, u32)>(
        &mut self,
        pass: &mut Pass<'_, F>,
        thread: &mut Thread,
        target: &Target,
        work: &mut Vec<Thread>,
    ) {
        let form = FORMS[usize::from(thread.origin.form())];
        let sequence = pass.patterns.sequence(target, thread.origin.form());
        let length = sequence.len();
        let text = pass.reader.text();
        let mut steps = std::mem::take(&mut self.steps);
        loop {
            let (units, at) = (index(thread.units), thread.at - pass.base);
            if units >= length {
                (pass.found)(thread.begin..thread.at, target.owner);
                break;
            }
            let Some(&byte) = text.get(at) else {
                if !pass.ends {
                    self.wait(*thread);
                }
                break;
            };
            let unit = sequence.unit(units);
            let same = match form.alphabet {
                Alphabet::Base64 => pass.patterns.is_digit(byte, unit),
                Alphabet::Base32 => byte.eq_ignore_ascii_case(&unit),
                _ => false,
            };
            if same && !pass.patterns.is_special(byte) {
                thread.units += 1;
                thread.at += 1;
                thread.last = thread.at;
                continue;
            }
            steps.clear();
            pass.reader.short = false;
            match form.alphabet {
                Alphabet::Base64 | Alphabet::Base32 => {
                    if same {
                        steps.push(Step { units: 1, to: at + 1 });
                    }
                    if !unit.is_ascii_alphanumeric() {
                        pass.reader.readings(&[unit], 0, at, &mut steps);
                    }
                    pass.reader.junk(unit, None, units, at, &mut steps);
                    pass.reader.escaped_break(units, at, &mut steps);
                }
                alphabet => {
                    dump::steps(&mut pass.reader, &sequence, alphabet, units, at, &mut steps);
                }
            }
            Self::cut_off(pass, thread, target, length);
            self.take_steps(pass, thread, None, &steps, work);
            break;
        }
        self.steps = steps;
    }
}

/// Whether a character may be written like this, after those before it; if so, those behind it must be.
fn repeat(repeats: &mut [u8; REPEATED.len()], unit: u8, written: &[u8]) -> bool {
    let Some(known) = REPEATED.iter().zip(repeats).find(|(other, _)| **other == unit) else {
        return true;
    };
    let (Ok(count), true) = (u8::try_from(written.len()), written.iter().all(|b| *b == unit))
    else {
        return true;
    };
    if *known.1 == 0 {
        *known.1 = count;
    }
    *known.1 == count
}

/// Whether a place is inside a run of one byte, so that what begins here has begun before.
fn repeats(text: &[u8], at: usize) -> bool {
    let around = at.checked_sub(LONG).and_then(|from| text.get(from..at + LONG)).unwrap_or(&[]);
    around.first().is_some_and(|first| around.iter().all(|byte| byte == first))
}

/// Whether a character may stand between a value and a line break inside it.
fn joins(byte: u8) -> bool {
    matches!(
        byte,
        b'\r' | b' ' | b'\t' | b'\\' | b'=' | b'"' | b'\'' | b'+' | b',' | b'.' | b'&' | b'|'
    )
}

/// Whether what stands between a value and a line break inside it may begin here.
fn opens(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(|byte| b"\r \\=\"'|".contains(byte))
}

/// The places at the end of a text where a value may stop before a line break that has not come yet, but
/// for the end itself.
fn cuts(text: &[u8]) -> impl Iterator<Item = usize> {
    let count = text.iter().rev().take(CONTINUATION).take_while(|byte| joins(**byte)).count();
    (text.len() - count..text.len()).filter(|at| opens(text, *at))
}

/// The first place of a text from which on it may become a value, if only its end has begun a head.
fn first_begun(patterns: &Patterns, text: &[u8]) -> usize {
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
