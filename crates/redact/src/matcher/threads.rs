//! Following a value character by character, from one place of the text on.

use std::ops::Range;

use super::super::dump;
use super::super::reader::Step;
use super::super::sequence::{Alphabet, FORMS};
use super::super::tables::Origin;
use super::super::targets::Target;
use super::super::{index, word};
use super::{Matcher, Pass};

/// How much may stand between two characters of a value.
const MOST_JUNK: usize = 600;
/// How many borders of a plain thread are tried in other ways than byte by byte.
const MOST_BORDERS: usize = 16;
/// Characters that programs repeat to escape them. Without a rule, each in a run of them could be read in
/// several ways, and the ways to read the run would multiply.
pub(super) const REPEATED: [u8; 3] = [b'\\', b'\'', b'"'];

/// A value on its way through the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Thread {
    pub(super) origin: Origin,
    /// The number of units that were read.
    pub(super) units: u32,
    /// Whether each of them was the byte itself, with nothing between.
    pub(super) plain: bool,
    /// How many characters stood for each of [`REPEATED`]: a program writes all of them in the same way.
    pub(super) repeats: [u8; REPEATED.len()],
    pub(super) begin: usize,
    /// Where the next unit is expected, and where the last one ended.
    pub(super) at: usize,
    pub(super) last: usize,
}

impl Matcher {
    /// Moves threads until each has ended or waits, those behind first, and gives the last place that
    /// one came to.
    pub(super) fn work_off<F: FnMut(Range<usize>, u32)>(
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
