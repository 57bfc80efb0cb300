//! How a value may begin in a text: the first bytes of each of its forms, written out. It finds nothing
//! itself.
//!
//! A long head has exactly [`LONG`] bytes, by which the filter passes over most of a text. Where the
//! beginning of a value can be written in too many ways, there are short heads instead.

use zeroize::Zeroize as _;

use super::dump;
use super::encoding::{Encoding, Encodings};
use super::sequence::{Alphabet, FORMS, Form, Sequence, TEXT};
use super::written::{self, Style, Way};

/// The length of a long head.
pub(super) const LONG: usize = 16;
/// The most bytes of a short head.
pub(super) const SHORT: usize = 12;
/// The lengths of heads, the best first, and in how many ways at most so many bytes may be written: the
/// more bytes, the faster the search; the more ways, the larger the tables.
const LENGTHS: [(usize, usize); 9] = [
    (LONG, 256),
    (SHORT, 300),
    (10, 400),
    (8, 600),
    (6, 8_000),
    (4, 2_000),
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
    for (length, most) in LENGTHS {
        let mut grown =
            Grown { encodings, length, left: most, heads: Vec::new(), total: value.len() };
        let done = grown.grow(value, &mut Vec::with_capacity(4 * LONG));
        if done {
            for head in &grown.heads {
                sink.head(head, TEXT);
            }
        }
        grown.heads.zeroize();
        if done {
            return;
        }
    }
}

/// The first bytes of all ways to write a value.
struct Grown {
    encodings: Encodings,
    length: usize,
    left: usize,
    heads: Vec<Vec<u8>>,
    total: usize,
}

impl Grown {
    /// Whether they were few enough, and long enough to be long heads.
    fn grow(&mut self, rest: &[u8], head: &mut Vec<u8>) -> bool {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || self.encodings == Encodings::RAW;
        let before = head.len();
        let run = rest.iter().take_while(|byte| plain(byte)).take(self.length - before).count();
        let (same, rest) = rest.split_at(run);
        head.extend_from_slice(same);
        let done = self.branch(rest, head);
        head.truncate(before);
        done
    }

    fn branch(&mut self, rest: &[u8], head: &mut Vec<u8>) -> bool {
        if head.len() >= self.length || rest.is_empty() {
            let short = head.len() < self.length && self.length == LONG;
            if self.left == 0 || short {
                return false;
            }
            self.left -= 1;
            let head = head.get(..self.length.min(head.len())).unwrap_or(&[]).to_vec();
            if !self.heads.contains(&head) {
                self.heads.push(head);
            }
            return true;
        }
        let mut ways: Vec<Way> = Vec::new();
        written::ways(rest, self.encodings, &mut ways);
        let before = head.len();
        for way in &ways {
            head.extend_from_slice(way.bytes());
            let done = self.grow_or_cut(rest, way, head);
            head.truncate(before);
            if !done {
                return false;
            }
        }
        debug_assert!(rest.len() <= self.total);
        true
    }

    fn grow_or_cut(&mut self, rest: &[u8], way: &Way, head: &mut Vec<u8>) -> bool {
        if head.len() > self.length {
            let length = self.length;
            let long = std::mem::replace(head, head.get(..length).unwrap_or(&[]).to_vec());
            let done = self.branch(&[], head);
            *head = long;
            return done;
        }
        self.grow(rest.get(way.units..).unwrap_or(&[]), head)
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
    for (encoding, plus, slash) in styles {
        if !encodings.contains(encoding) {
            continue;
        }
        buffer.clear();
        for at in 0..sequence.len().min(LONG) {
            match sequence.unit(at) {
                b'+' => buffer.extend_from_slice(plus),
                b'/' => buffer.extend_from_slice(slash),
                digit => buffer.push(digit),
            }
        }
        put(buffer, form, sink);
    }
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
    for (index, (separator, group, phase)) in separators.iter().enumerate() {
        for upper in [false, true] {
            if upper && !(index < COMMON && of.is_straight()) {
                continue;
            }
            buffer.clear();
            let mut at = 0;
            while buffer.len() < LONG && at < sequence.len() {
                if at > 0 && (at + phase).is_multiple_of(*group) {
                    buffer.extend_from_slice(separator);
                }
                let digits = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
                let unit = sequence.unit(at);
                buffer.push(digits[usize::from(unit >> 4)]);
                buffer.push(digits[usize::from(unit & 15)]);
                at += 1;
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
