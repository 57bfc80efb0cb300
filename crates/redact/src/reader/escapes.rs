//! Characters that are written by an escape: of string literals, URLs, XML, shells and terminals.

use super::super::entity;
use super::{Kinds, Reader, Step};

/// The longest run of backslashes before an escaped character: JSON inside JSON, three levels deep.
const BACKSLASHES: usize = 8;

impl Reader<'_> {
    pub(super) fn pair_of_digits(
        &mut self,
        rest: &[u8],
        _at: usize,
        from: usize,
        steps: &mut Vec<Step>,
    ) {
        if let Some((code, to)) = self.number(from, 16, 2..=2) {
            Self::code(rest, code, to, steps);
        }
    }

    pub(super) fn percent(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        self.pair_of_digits(rest, at, at + 1, steps);
        if self.has(at, b"%25") {
            self.pair_of_digits(rest, at, at + 3, steps);
        }
        if self.has(at, b"%u")
            && let Some((code, to)) = self.number(at + 2, 16, 4..=4)
        {
            Self::code(rest, code, to, steps);
        }
    }

    pub(super) fn octal(
        &mut self,
        rest: &[u8],
        at: usize,
        digits: std::ops::RangeInclusive<usize>,
        steps: &mut Vec<Step>,
    ) {
        for count in digits {
            if let Some((code, to)) = self.number(at, 8, count..=count) {
                Self::code(rest, code, to, steps);
            }
        }
    }

    pub(super) fn backslash(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        let run = self.skip(at, BACKSLASHES + 1, |byte| byte == b'\\') - at;
        if rest.first() == Some(&b'\\') {
            for count in [2, 4, 8].into_iter().filter(|count| *count <= run) {
                steps.push(Step { units: 1, to: at + count });
            }
        }
        if run <= BACKSLASHES {
            self.escape(rest, at, at + run, steps);
        }
    }

    /// Reads what stands behind backslashes.
    pub(super) fn escape(&mut self, rest: &[u8], at: usize, from: usize, steps: &mut Vec<Step>) {
        let (Some(letter), Some(&unit)) = (self.peek(from), rest.first()) else { return };
        let mut one = |to| steps.push(Step { units: 1, to });
        if letter == unit && !letter.is_ascii_alphanumeric() && letter >= b' ' {
            one(from + 1);
        }
        if control(letter) == Some(unit) {
            one(from + 1);
        }
        let Kinds { json, shell, escape, .. } = self.kinds;
        match letter {
            b'u' if json || escape => self.unicode(rest, at, from, steps),
            b'0'..=b'7' if shell || escape => self.octal(rest, from, 1..=4, steps),
            _ => {}
        }
        if !escape {
            return;
        }
        match letter {
            b'x' | b'X' => {
                if self.peek(from + 1) == Some(b'{') {
                    self.braced(rest, from + 2, steps);
                }
                self.pair_of_digits(rest, at, from + 1, steps);
            }
            b'U' => {
                if let Some((code, to)) = self.number(from + 1, 16, 8..=8) {
                    Self::code(rest, code, to, steps);
                }
            }
            b'N' if self.has(from, b"N{U+") => self.braced(rest, from + 4, steps),
            b'M' => self.meta(rest, from, steps),
            0x80.. => self.latin(rest, letter, from, steps),
            _ => {}
        }
        // Of CSS: up to six digits and a space.
        if let Some((code, to)) = self.number(from, 16, 1..=6) {
            Self::code(rest, code, to, steps);
            if self.peek(to) == Some(b' ') {
                Self::code(rest, code, to + 1, steps);
            }
        }
    }

    pub(super) fn braced(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        if let Some((code, to)) = self.number(at, 16, 1..=8)
            && self.peek(to) == Some(b'}')
        {
            Self::code(rest, code, to + 1, steps);
        }
    }

    /// `\uNNNN`, two of them for a character outside the basic plane, and `\u{…}`.
    pub(super) fn unicode(&mut self, rest: &[u8], at: usize, from: usize, steps: &mut Vec<Step>) {
        if self.peek(from + 1) == Some(b'{') {
            return self.braced(rest, from + 2, steps);
        }
        let Some((code, to)) = self.number(from + 1, 16, 4..=4) else { return };
        if !(0xd800..0xdc00).contains(&code) {
            return Self::code(rest, code, to, steps);
        }
        let run = from - at;
        let backslashes = self.text.get(at..from).unwrap_or(&[]);
        if self.has(to, backslashes)
            && self.peek(to + run) == Some(b'u')
            && let Some((low @ 0xdc00..0xe000, to)) = self.number(to + run + 1, 16, 4..=4)
        {
            Self::code(rest, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00), to, steps);
        }
    }

    pub(super) fn entity(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        // Written twice: `&amp;lt;`.
        for from in [Some(at + 1), self.has(at, b"&amp;").then_some(at + 5)].into_iter().flatten() {
            if self.peek(from) == Some(b'#') {
                let hexadecimal =
                    self.peek(from + 1).is_some_and(|byte| byte == b'x' || byte == b'X');
                let (base, digits) = if hexadecimal { (16, from + 2) } else { (10, from + 1) };
                if let Some((code, to)) = self.number(digits, base, 1..=8) {
                    let to = to + usize::from(self.peek(to) == Some(b';'));
                    Self::code(rest, code, to, steps);
                }
                continue;
            }
            let end = self.skip(from, entity::LONGEST, |byte| byte.is_ascii_alphanumeric());
            if self.peek(end) == Some(b';')
                && let Some(code) = entity::character(self.text.get(from..end).unwrap_or(&[]))
            {
                Self::code(rest, code, end + 1, steps);
            }
        }
    }

    /// A quote of a shell, or doubled.
    pub(super) fn quote(&mut self, rest: &[u8], byte: u8, at: usize, steps: &mut Vec<Step>) {
        if !self.kinds.shell {
            return;
        }
        let Some(&unit) = rest.first() else { return };
        if unit == b'\'' {
            for quoted in [&b"'\"'\"'"[..], b"'\\''", b"'\\\\''", b"\"'\"", b"'\\\"'\\\"'"] {
                if self.has(at, quoted) {
                    steps.push(Step { units: 1, to: at + quoted.len() });
                }
            }
        }
        if byte == b'\'' && self.has(at, b"'$'\\") {
            self.quoted(rest, at + 3, steps);
        }
    }

    /// An escape inside `$'…'` that begins here, with the end of the quotes if it stands there.
    pub(super) fn quoted(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        let before = steps.len();
        self.backslash(rest, at, steps);
        for index in before..steps.len() {
            let Some(&Step { units, to }) = steps.get(index) else { continue };
            if self.has(to, b"''") {
                steps.push(Step { units, to: to + 2 });
            }
            if self.has(to, b"'") {
                steps.push(Step { units, to: to + 1 });
            }
        }
    }

    /// `^J` for a control character.
    pub(super) fn caret(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        if let Some(sign @ b'?'..=b'_') = self.peek(at + 1) {
            Self::code(rest, u32::from(sign ^ 0x40), at + 2, steps);
        }
    }

    /// `M-x` for a byte with its highest bit set, as cat(1) writes it, and zsh with backslashes.
    pub(super) fn meta(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        if !self.has(at, b"M-") {
            return;
        }
        let mut from = at + 2;
        if self.peek(from) == Some(b'\\') {
            from += 1;
        }
        match self.peek(from) {
            Some(b'^') => {
                if let Some(sign @ b'?'..=b'_') = self.peek(from + 1)
                    && rest.first() == Some(&(sign ^ 0x40 | 0x80))
                {
                    steps.push(Step { units: 1, to: from + 2 });
                }
            }
            Some(sign) if rest.first() == Some(&(sign | 0x80)) => {
                steps.push(Step { units: 1, to: from + 1 });
            }
            _ => {}
        }
    }

    /// `U+0070`, and the space behind it.
    pub(super) fn code_point(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        if let Some((code, to)) = self.number(at + 2, 16, 4..=6) {
            Self::code(rest, code, to, steps);
            if self.peek(to) == Some(b' ') {
                Self::code(rest, code, to + 1, steps);
            }
        }
    }

    /// `<E4>` and `<U+00E4>`, as less(1) writes them.
    pub(super) fn angle(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        let from = if self.has(at, b"<U+") { at + 3 } else { at + 1 };
        if let Some((code, to)) = self.number(from, 16, 2..=6)
            && self.peek(to) == Some(b'>')
        {
            Self::code(rest, code, to + 1, steps);
        }
    }

    /// A byte of Latin-1 for a character, and a character of Latin-1 for a byte.
    pub(super) fn latin(&mut self, rest: &[u8], byte: u8, at: usize, steps: &mut Vec<Step>) {
        let character = char::from(byte);
        let mut buffer = [0; 4];
        let bytes = character.encode_utf8(&mut buffer).as_bytes();
        if rest.starts_with(bytes) {
            steps.push(Step { units: bytes.len(), to: at + 1 });
        }
        if let (0xc2 | 0xc3, Some(low @ 0x80..0xc0)) = (byte, self.peek(at + 1)) {
            let read = (byte & 3) << 6 | low & 0x3f;
            if rest.first() == Some(&read) {
                steps.push(Step { units: 1, to: at + 2 });
            }
        }
        // A run of escaped bytes, each with a backslash of its own.
        if self.text.get(at.wrapping_sub(1)) == Some(&b'\\') && rest.first() == Some(&byte) {
            steps.push(Step { units: 1, to: at + 1 });
        }
    }
}

/// The control character that a letter stands for behind a backslash.
pub(crate) fn control(letter: u8) -> Option<u8> {
    Some(match letter {
        b'n' | b'l' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'a' => 0x07,
        b'b' => 0x08,
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'e' | b'E' => 0x1b,
        b'0' => 0,
        b's' => b' ',
        _ => return None,
    })
}
