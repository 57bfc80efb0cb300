//! How a value may begin in a text: the first bytes of each of its forms, written out. It finds nothing
//! itself.
//!
//! A long head has exactly [`LONG`] bytes, by which the filter passes over most of a text. Where the
//! beginning of a value can be written in too many forms, there are short heads instead.

use std::rc::Rc;

use zeroize::Zeroize as _;

use super::dump;
use super::encoding::{Encoding, Encodings};
use super::sequence::{Alphabet, FORMS, Form, Sequence, TEXT};
use super::written::{self, Style, WrittenForm};

/// The length of a long head.
pub(super) const LONG: usize = 16;
/// The most bytes of a short head.
pub(super) const SHORT: usize = 12;
/// The lengths of heads, the best first, and in how many forms at most so many bytes may be written: the
/// more bytes, the faster the search; the more forms, the larger the tables.
const LENGTHS: [(usize, usize); 10] = [
    (LONG, 256),
    (SHORT, 300),
    (10, 400),
    (8, 600),
    (6, 8_000),
    (5, 8_000),
    (4, 4_000),
    (3, 160),
    (2, 120),
    (1, usize::MAX),
];

/// How many of the separators between two bytes in hexadecimal stand between upper case ones, too.
const COMMON: usize = 4;

/// Which forms of a target are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    /// Its bytes as they are: one of very many lines.
    Plain,
    /// Base64 only: what programs encode after they have escaped it.
    Base64,
    /// Its text, escaped or not.
    Text,
    /// All of them.
    All,
}

/// Where heads go. The same may come twice.
pub(super) trait Sink {
    /// Takes a head of a form.
    fn head(&mut self, head: &[u8], form: u8);
}

/// Gives all heads of a value.
pub(super) fn all(
    value: &[u8],
    extent: Extent,
    encodings: Encodings,
    min: usize,
    sink: &mut impl Sink,
) {
    let has = |encoding| encodings.contains(encoding);
    let mut buffer = Vec::with_capacity(4 * LONG);
    if extent != Extent::Base64 {
        text(value, if extent == Extent::Plain { Encodings::RAW } else { encodings }, sink);
    }
    if extent == Extent::All {
        for style in Style::ALL.into_iter().filter(|style| style.is_among(encodings)) {
            buffer.clear();
            let mut rest = value;
            while buffer.len() < LONG && !rest.is_empty() {
                let units = style.write(rest, &mut buffer);
                rest = rest.get(units..).unwrap_or(&[]);
            }
            put(&buffer, TEXT, sink);
        }
        if has(Encoding::Utf16) && has(Encoding::Wrap) && value.is_ascii() {
            buffer.clear();
            buffer.extend(value.iter().take(LONG).flat_map(|byte| [*byte, 0]));
            put(&buffer, TEXT, sink);
        }
    }
    for (number, form) in (0..).zip(&FORMS) {
        if number == TEXT
            || extent < Extent::All && !(extent == Extent::Base64 && form.is_straight())
        {
            continue;
        }
        if form.is_wide() && !value.is_ascii() {
            continue;
        }
        let sequence = Sequence::new(value, *form);
        match form.alphabet {
            Alphabet::Base64 if has(Encoding::Base64) || has(Encoding::Base64url) => {
                let unwanted = form.is_wide() && !has(Encoding::Utf16);
                if !unwanted && sequence.len() >= min.max(6) {
                    base64(&sequence, number, encodings, &mut buffer, sink);
                }
            }
            Alphabet::Base32
                if has(Encoding::Base32)
                    && extent == Extent::All
                    && sequence.len() >= min.max(8) =>
            {
                base32(&sequence, number, &mut buffer, sink);
            }
            Alphabet::Hex
                if extent == Extent::All && wanted(form, encodings) && sequence.len() >= 4 =>
            {
                hexadecimal(&sequence, number, form, has(Encoding::Dump), &mut buffer, sink);
            }
            Alphabet::Decimal | Alphabet::Octal | Alphabet::Words | Alphabet::Cells
                if has(Encoding::Dump) && extent == Extent::All && value.len() >= min.max(6) =>
            {
                numbers(&sequence, number, form.alphabet, &mut buffer, sink);
            }
            _ => {}
        }
    }
    buffer.zeroize();
}

fn wanted(form: &Form, encodings: Encodings) -> bool {
    let has = |encoding| encodings.contains(encoding);
    match form.word() {
        Some(_) => has(Encoding::Dump),
        None if form.is_wide() => has(Encoding::Utf16),
        None => has(Encoding::Hex),
    }
}

/// Gives a head: a long one, or as much of it as a short one has.
fn put(bytes: &[u8], form: u8, sink: &mut impl Sink) {
    let length = if bytes.len() >= LONG { LONG } else { bytes.len().min(SHORT) };
    sink.head(bytes.get(..length).unwrap_or(&[]), form);
}

fn text(value: &[u8], encodings: Encodings, sink: &mut impl Sink) {
    let mut forms = WrittenForms { encodings, by_rest: Vec::new() };
    for (length, most) in LENGTHS {
        let mut grown = Grown { forms, length, left: most, heads: Vec::new() };
        let done = grown.grow(value, &mut Vec::with_capacity(4 * LONG));
        if done {
            for (head, length) in &grown.heads {
                sink.head(head.get(..*length).unwrap_or(&[]), TEXT);
            }
        }
        grown.heads.iter_mut().for_each(|(head, _)| head.zeroize());
        if done {
            return;
        }
        forms = grown.forms;
    }
}

/// The forms to write the characters of a value, each computed once.
struct WrittenForms {
    encodings: Encodings,
    /// For each number of bytes that are left of the value.
    by_rest: Vec<(usize, Rc<[WrittenForm]>)>,
}

impl WrittenForms {
    fn get(&mut self, rest: &[u8]) -> Rc<[WrittenForm]> {
        if let Some((_, forms)) = self.by_rest.iter().find(|(length, _)| *length == rest.len()) {
            return Rc::clone(forms);
        }
        let mut forms = Vec::new();
        written::forms(rest, self.encodings, &mut forms);
        let forms: Rc<[WrittenForm]> = forms.into();
        self.by_rest.push((rest.len(), Rc::clone(&forms)));
        forms
    }
}

/// The first bytes of all forms to write a value.
struct Grown {
    forms: WrittenForms,
    length: usize,
    left: usize,
    /// Each with its length. The same may come twice.
    heads: Vec<([u8; LONG], usize)>,
}

impl Grown {
    /// Whether they were few enough, and long enough to be long heads.
    fn grow(&mut self, rest: &[u8], head: &mut Vec<u8>) -> bool {
        let plain =
            |byte: &u8| byte.is_ascii_alphanumeric() || self.forms.encodings == Encodings::RAW;
        let before = head.len();
        let room = self.length.saturating_sub(before);
        let run = rest.iter().take_while(|byte| plain(byte)).take(room).count();
        let (same, rest) = rest.split_at(run);
        head.extend_from_slice(same);
        let done = if head.len() >= self.length || rest.is_empty() {
            self.add(head)
        } else {
            self.branch(rest, head)
        };
        head.truncate(before);
        done
    }

    fn add(&mut self, head: &[u8]) -> bool {
        let length = head.len().min(self.length);
        if self.left == 0 || (length < self.length && self.length == LONG) {
            return false;
        }
        self.left -= 1;
        let mut bytes = [0; LONG];
        bytes[..length].copy_from_slice(&head[..length]);
        self.heads.push((bytes, length));
        true
    }

    fn branch(&mut self, rest: &[u8], head: &mut Vec<u8>) -> bool {
        let before = head.len();
        self.forms.get(rest).iter().all(|form| {
            head.extend_from_slice(form.bytes());
            let done = self.grow(rest.get(form.units..).unwrap_or(&[]), head);
            head.truncate(before);
            done
        })
    }
}

/// The first digits, as programs write `+` and `/` of them.
fn base64(
    sequence: &Sequence<'_>,
    form: u8,
    encodings: Encodings,
    buffer: &mut Vec<u8>,
    sink: &mut impl Sink,
) {
    let styles: [(Encoding, &[u8], &[u8]); 6] = [
        (Encoding::Base64, b"+", b"/"),
        (Encoding::Base64url, b"-", b"_"),
        (Encoding::Json, b"+", b"\\/"),
        (Encoding::Percent, b"%2B", b"%2F"),
        (Encoding::Json, b"\\u002b", b"/"),
        (Encoding::Xml, b"&#43;", b"/"),
    ];
    let digits = first_units(sequence);
    let digits = digits.get(..sequence.len().min(LONG)).unwrap_or(&[]);
    if digits.iter().all(u8::is_ascii_alphanumeric) {
        return put(digits, form, sink);
    }
    for (encoding, plus, slash) in styles {
        if !encodings.contains(encoding) {
            continue;
        }
        buffer.clear();
        for digit in digits {
            match digit {
                b'+' => buffer.extend_from_slice(plus),
                b'/' => buffer.extend_from_slice(slash),
                _ => buffer.push(*digit),
            }
        }
        put(buffer, form, sink);
    }
}

/// The first units of a sequence, with zeros behind its end.
fn first_units(sequence: &Sequence<'_>) -> [u8; LONG] {
    let mut units = [0; LONG];
    for (at, unit) in units.iter_mut().enumerate().take(sequence.len()) {
        *unit = sequence.unit(at);
    }
    units
}

fn base32(sequence: &Sequence<'_>, form: u8, buffer: &mut Vec<u8>, sink: &mut impl Sink) {
    buffer.clear();
    buffer.extend((0..sequence.len().min(LONG)).map(|at| sequence.unit(at)));
    put(buffer, form, sink);
}

/// Two digits a byte, with what programs put between bytes or words.
fn hexadecimal(
    sequence: &Sequence<'_>,
    form: u8,
    of: &Form,
    dumps: bool,
    buffer: &mut Vec<u8>,
    sink: &mut impl Sink,
) {
    let straight: [(&[u8], usize, usize); 16] = [
        (b"", 1, 0),
        (b" ", 1, 0),
        (b":", 1, 0),
        (b"-", 1, 0),
        (b",", 1, 0),
        (b", ", 1, 0),
        (b", 0x", 1, 0),
        (b",0x", 1, 0),
        (b" 0x", 1, 0),
        (b" ", 2, 0),
        (b" ", 2, 1),
        (b" ", 4, 0),
        (b" ", 4, 1),
        (b" ", 4, 2),
        (b" ", 4, 3),
        (b" ", 8, 0),
    ];
    let words = [(&b" "[..], of.word().unwrap_or(1), 0)];
    let wide = [(&b""[..], 1, 0), (b" ", 1, 0)];
    let separators = match (of.word(), of.is_wide()) {
        (Some(_), _) => &words[..],
        (None, true) => &wide,
        (None, false) if dumps => &straight,
        (None, false) => straight.get(..1).unwrap_or(&[]),
    };
    let units = first_units(sequence);
    let units = units.get(..sequence.len().min(LONG)).unwrap_or(&[]);
    for (index, (separator, group, phase)) in separators.iter().enumerate() {
        for upper in [false, true] {
            if upper && !(index < COMMON && of.is_straight()) {
                continue;
            }
            buffer.clear();
            let digits = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
            for (at, unit) in units.iter().enumerate() {
                if buffer.len() >= LONG {
                    break;
                }
                if at > 0 && (at + phase).is_multiple_of(*group) {
                    buffer.extend_from_slice(separator);
                }
                let (high, low) = (usize::from(unit >> 4), usize::from(unit & 15));
                buffer.extend_from_slice(&[digits[high], digits[low]]);
            }
            put(buffer, form, sink);
        }
    }
}

/// Numbers or characters, with what programs put between them.
fn numbers(
    sequence: &Sequence<'_>,
    form: u8,
    alphabet: Alphabet,
    buffer: &mut Vec<u8>,
    sink: &mut impl Sink,
) {
    let separators: &[&str] = match alphabet {
        Alphabet::Decimal => {
            &[", ", ",", " ", ".", ":", ", #", ",\n  ", ",\n    ", ",\n      ", ",\n        "]
        }
        Alphabet::Cells => &[" #", ", "],
        _ => &[" "],
    };
    let mut text = Vec::with_capacity(LONG);
    for separator in separators {
        buffer.clear();
        // A column as wide as its widest cell.
        let (separator, width) =
            separator.strip_suffix('#').map_or((*separator, 0), |rest| (rest, 3));
        let mut at = 0;
        while buffer.len() < LONG && at < sequence.len() {
            let unit = sequence.unit(at);
            text.clear();
            match alphabet {
                Alphabet::Decimal => written::number(u32::from(unit), 10, 1, false, &mut text),
                Alphabet::Octal => written::number(u32::from(unit), 8, 3, false, &mut text),
                Alphabet::Words => written::number(sequence.word(at), 8, 6, false, &mut text),
                _ => dump::cell_text(unit, width > 0, &mut text),
            }
            if at > 0 {
                buffer.extend_from_slice(separator.as_bytes());
                buffer.extend(std::iter::repeat_n(b' ', usize::saturating_sub(width, text.len())));
            }
            buffer.extend_from_slice(&text);
            at += 1;
        }
        put(buffer, form, sink);
    }
}
