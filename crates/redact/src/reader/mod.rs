//! How programs write one character of a value: every reading of a place of the text as the next bytes
//! of a value. It knows no value as a whole, and keeps nothing.
//!
//! A reading that needs bytes which have not come yet is told as [`Reader::short`], so that where the
//! text was cut changes nothing.

mod breaks;
mod escapes;

use super::encoding::{Encoding, Encodings};

pub(super) use escapes::control;

/// So many units of a value must have matched before a line break inside it is passed over.
pub(super) const BEFORE_BREAK: usize = 6;

/// A way to go on: so many bytes of the value were read, and the text goes on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) units: usize,
    pub(super) to: usize,
}

/// Which kinds of writing count.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a set that the innermost loop looks at")]
pub(super) struct Kinds {
    crlf: bool,
    percent: bool,
    json: bool,
    shell: bool,
    xml: bool,
    escape: bool,
    doubled: bool,
    pub(super) wrap: bool,
    pub(super) truncated: bool,
}

impl Kinds {
    pub(super) fn new(encodings: Encodings) -> Self {
        let has = |encoding| encodings.contains(encoding);
        Self {
            crlf: has(Encoding::Crlf),
            percent: has(Encoding::Percent),
            json: has(Encoding::Json),
            shell: has(Encoding::Shell),
            xml: has(Encoding::Xml),
            escape: has(Encoding::Escape),
            doubled: has(Encoding::Doubled),
            wrap: has(Encoding::Wrap),
            truncated: has(Encoding::Truncated),
        }
    }

    /// The bytes at which a value may go on in another way than with this byte itself.
    pub(super) fn special(&self) -> [bool; 256] {
        let mut special = [false; 256];
        let mut mark = |on: bool, bytes: &[u8]| {
            for byte in bytes.iter().filter(|_| on) {
                special[usize::from(*byte)] = true;
            }
        };
        mark(self.backslash(), b"\\'\"$");
        mark(self.crlf, b"\r\n");
        mark(self.percent, b"%+=");
        mark(self.xml, b"&<");
        mark(self.doubled, b"'\"$%&");
        mark(self.escape, b"^M<#U \t|;_-/");
        mark(self.wrap, b"\x1b\r\n\0 \t\\='\"|+");
        mark(self.truncated, b".\"'[( \\");
        let high: Vec<u8> = (0x80..=0xff).collect();
        mark(self.escape || self.truncated, &high);
        special
    }

    fn backslash(&self) -> bool {
        self.json || self.shell || self.escape
    }
}

/// Looks at a text from any place on.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a [u8],
    /// Whether nothing follows the text.
    ends: bool,
    /// Whether a reading needed more text than there is yet.
    pub(super) short: bool,
    kinds: Kinds,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a [u8], ends: bool, kinds: Kinds) -> Self {
        Self { text, ends, short: false, kinds }
    }

    pub(super) fn text(&self) -> &'a [u8] {
        self.text
    }

    #[inline]
    pub(super) fn peek(&mut self, at: usize) -> Option<u8> {
        let byte = self.text.get(at).copied();
        self.short |= byte.is_none() && !self.ends;
        byte
    }

    /// Whether the text ends here, and more of it may come.
    pub(super) fn is_open(&self, at: usize) -> bool {
        at >= self.text.len() && !self.ends
    }

    /// Whether the text has these bytes here.
    pub(super) fn has(&mut self, at: usize, bytes: &[u8]) -> bool {
        let rest = self.text.get(at..).unwrap_or(&[]);
        if rest.len() < bytes.len() && bytes.starts_with(rest) {
            self.short |= !self.ends;
            return false;
        }
        rest.starts_with(bytes)
    }

    /// The end of the bytes from here on of which this is true, `most` at most.
    pub(super) fn skip(&mut self, at: usize, most: usize, is: impl Fn(u8) -> bool) -> usize {
        let mut end = at;
        while end < at + most && self.peek(end).is_some_and(&is) {
            end += 1;
        }
        end
    }

    /// Adds all ways in which the text from `at` on may stand for the next bytes of a value, but for
    /// the byte itself. `read` is the number of bytes of the value before them.
    pub(super) fn readings(&mut self, rest: &[u8], read: usize, at: usize, steps: &mut Vec<Step>) {
        let (Some(&unit), Some(byte)) = (rest.first(), self.peek(at)) else { return };
        let Kinds { percent, xml, escape, doubled, wrap, .. } = self.kinds;
        match byte {
            b'\\' if self.kinds.backslash() => self.backslash(rest, at, steps),
            b'%' if percent => self.percent(rest, at, steps),
            b'+' if percent && unit == b' ' => steps.push(Step { units: 1, to: at + 1 }),
            b'&' if xml => self.entity(rest, at, steps),
            b'=' if percent => self.pair_of_digits(rest, at, at + 1, steps),
            b'\'' | b'"' => self.quote(rest, byte, at, steps),
            b'$' if self.kinds.shell && self.has(at, b"$'\\") => self.quoted(rest, at + 2, steps),
            b'^' if escape => self.caret(rest, at, steps),
            b'M' if escape => self.meta(rest, at, steps),
            b'U' if escape && self.has(at, b"U+") => self.code_point(rest, at, steps),
            b'<' if escape || xml => self.angle(rest, at, steps),
            b'#' if escape && unit < b' ' => self.octal(rest, at + 1, 3..=3, steps),
            0x80.. if escape => self.latin(rest, byte, at, steps),
            _ => {}
        }
        if doubled && byte == unit && b"'\"$%&".contains(&byte) && self.peek(at + 1) == Some(byte) {
            steps.push(Step { units: 1, to: at + 2 });
        }
        match unit {
            b'\n' => self.newline(byte, rest.len() == 1, at, steps),
            b'\t' if escape && byte == b' ' => {
                let to = self.skip(at, 8, |byte| byte == b' ');
                steps.push(Step { units: 1, to });
            }
            b'/' | b'\\' if escape && b"_-/".contains(&byte) && byte != unit => {
                steps.push(Step { units: 1, to: at + 1 });
            }
            b' ' if escape && (byte == b'_' || self.has(at, b"\xc2\xb7")) => {
                steps.push(Step { units: 1, to: at + if byte == b'_' { 1 } else { 2 } });
            }
            b' ' if wrap && read >= BEFORE_BREAK => {
                if let Some(to) = self.line_break(at) {
                    steps.push(Step { units: 1, to });
                }
            }
            _ => {}
        }
    }

    /// Adds a step if the value goes on with this code point, or with this byte.
    fn code(rest: &[u8], code: u32, to: usize, steps: &mut Vec<Step>) {
        let byte = u8::try_from(code).ok();
        if byte.is_some_and(|byte| rest.first() == Some(&byte)) {
            steps.push(Step { units: 1, to });
        }
        if code < 0x80 {
            return;
        }
        if code == 0xa0 && rest.first() == Some(&b' ') {
            steps.push(Step { units: 1, to });
        }
        if let Some(character) = char::from_u32(code) {
            let mut buffer = [0; 4];
            let bytes = character.encode_utf8(&mut buffer).as_bytes();
            if rest.starts_with(bytes) {
                steps.push(Step { units: bytes.len(), to });
            }
        }
    }

    /// The number written from here on in so many digits of a base, and its end.
    fn number(
        &mut self,
        at: usize,
        base: u32,
        digits: std::ops::RangeInclusive<usize>,
    ) -> Option<(u32, usize)> {
        let mut value = 0_u32;
        let mut end = at;
        while end < at + digits.end() {
            let Some(digit) = self.peek(end).and_then(|byte| char::from(byte).to_digit(base))
            else {
                break;
            };
            value = value.saturating_mul(base).saturating_add(digit);
            end += 1;
        }
        // At the end of the text there may be more digits to come.
        let open = end < at + digits.end() && self.is_open(end);
        (end - at >= *digits.start() && !open).then_some((value, end))
    }
}
