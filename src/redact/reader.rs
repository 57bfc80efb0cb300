//! How programs write one character of a value: every reading of a place of the text as the next bytes
//! of a value. It knows no value as a whole, and keeps nothing.
//!
//! A reading that needs bytes which have not come yet is told as [`Reader::short`], so that where the
//! text was cut changes nothing.

use super::encoding::{Encoding, Encodings};
use super::entity;

/// The longest run of backslashes before an escaped character: JSON inside JSON, three levels deep.
const BACKSLASHES: usize = 8;
/// The most whitespace that a line break has behind it, and the longest escape sequence of a terminal.
const INDENTATION: usize = 256;
const SEQUENCE: usize = 32;
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

    /// Adds the ways to go on behind what stands between two characters of a value. `before` is the
    /// character that was read last, and `next` the one that comes.
    pub(super) fn junk(
        &mut self,
        before: u8,
        next: Option<u8>,
        read: usize,
        at: usize,
        steps: &mut Vec<Step>,
    ) {
        let Some(byte) = self.peek(at) else { return };
        let mut to = |to| steps.push(Step { units: 0, to });
        match byte {
            0x1b if self.kinds.wrap && self.has(at, b"\x1b[") => {
                let parameter = |byte: u8| byte.is_ascii_digit() || byte == b';' || byte == b':';
                let end = self.skip(at + 2, SEQUENCE, parameter);
                if self.peek(end).is_some_and(|byte| byte == b'm' || byte == b'K') {
                    to(end + 1);
                }
            }
            b'\r' if self.kinds.wrap => to(at + 1),
            0 if self.kinds.wrap && self.text.get(at.wrapping_sub(1)) != Some(&0) => to(at + 1),
            b'\'' if self.kinds.shell && at >= 2 => {
                // '…'$'\t''…' of GNU's programs.
                let escaped = self.text.get(at - 2) == Some(&b'\\');
                if escaped && self.has(at, b"''") {
                    to(at + 2);
                }
            }
            _ => {}
        }
        if !self.kinds.wrap {
            return;
        }
        if before == b'\n' && b" \t|>#*+-".contains(&byte) {
            let end = self.margin(at);
            if end > at {
                steps.push(Step { units: 0, to: end });
            }
            if let Some(end) = self.opening_quote(end).filter(|quoted| *quoted > end) {
                steps.push(Step { units: 0, to: end });
            }
        }
        // A line break before a newline is that newline.
        let is_newline = next == Some(b'\n') && !b"\\=\"'".contains(&byte);
        if read >= BEFORE_BREAK && !is_newline {
            self.wrap(byte, at, steps);
        }
    }

    /// Adds a way to go on behind a line break of base64 that is escaped: inside JSON, XML or a URL.
    pub(super) fn escaped_break(&mut self, read: usize, at: usize, steps: &mut Vec<Step>) {
        if !self.kinds.wrap || read < BEFORE_BREAK {
            return;
        }
        for text in
            [&b"\\n"[..], b"\\r\\n", b"\\\\n", b"\\\\r\\\\n", b"&#10;", b"&#xA;", b"%0A", b"%0D%0A"]
        {
            if self.has(at, text) {
                steps.push(Step { units: 0, to: at + text.len() });
            }
        }
    }

    /// Whether a value that was cut off ends here: an ellipsis.
    pub(super) fn ellipsis(&mut self, at: usize) -> bool {
        let Some(first) = self.peek(at) else { return false };
        let mut from = at;
        if first == b'\\' {
            from += 1;
        }
        from = self.skip(from, 2, |byte| b"\"' [(<,".contains(&byte));
        for dots in [&b"..."[..], b"\xe2\x80\xa6", b"\xe2\x8b\xaf"] {
            if self.has(from, dots) {
                return true;
            }
        }
        false
    }

    fn wrap(&mut self, byte: u8, at: usize, steps: &mut Vec<Step>) {
        match byte {
            b'\\' | b'=' => {
                if let Some(to) = self.line_break(at + 1) {
                    steps.push(Step { units: 0, to });
                }
            }
            b'"' | b'\'' => {
                // The end of a string literal, and the beginning of the next.
                let mut end = self.skip(at + 1, 8, |byte| b" \t+.&,\\".contains(&byte));
                if let Some(next) = self.line_break(end) {
                    end = next;
                }
                let end = self.skip(end, 4, |byte| b" \t+.&".contains(&byte));
                if self.peek(end).is_some_and(|next| next == b'"' || next == b'\'') && end > at + 1
                {
                    steps.push(Step { units: 0, to: end + 1 });
                }
            }
            b'\r' | b'\n' | b' ' | b'|' | 0xe2 => {
                if let Some(to) = self.line_break(at) {
                    steps.push(Step { units: 0, to });
                }
            }
            _ => {}
        }
    }

    /// The place behind a line break, with the frame of a table and spaces before it, and the
    /// indentation after it.
    fn line_break(&mut self, at: usize) -> Option<usize> {
        let mut end = self.skip(at, INDENTATION, |byte| byte == b' ');
        for frame in [&b"|"[..], b"\xe2\x94\x82", b"\xe2\x94\x83"] {
            if self.has(end, frame) {
                end += frame.len();
                break;
            }
        }
        end = self.skip(end, 2, |byte| byte == b'\r');
        (self.peek(end)? == b'\n').then(|| self.margin(end + 1))
    }

    /// The place behind what stands at the left of a line: whitespace, and one sign of a frame, a quote
    /// or a list.
    fn margin(&mut self, at: usize) -> usize {
        let blank = |byte: u8| byte == b' ' || byte == b'\t';
        let end = self.skip(at, INDENTATION, blank);
        for sign in [&b"|"[..], b">", b"#", b"*", b"+", b"-", b"\xe2\x94\x82", b"\xe2\x94\x83"] {
            if self.has(end, sign) && self.has(end + sign.len(), b" ") {
                return self.skip(end + sign.len(), INDENTATION, blank);
            }
        }
        end
    }

    fn opening_quote(&mut self, at: usize) -> Option<usize> {
        self.peek(at).map(|byte| at + usize::from(byte == b'"' || byte == b'\''))
    }

    fn newline(&mut self, byte: u8, is_last: bool, at: usize, steps: &mut Vec<Step>) {
        let Kinds { crlf, json, escape, xml, percent, wrap, .. } = self.kinds;
        let mut one = |to| steps.push(Step { units: 1, to });
        match byte {
            b'\r' if crlf && self.has(at, b"\r\n") => one(at + 2),
            b'\\' if json && self.has(at, b"\\r\\n") => one(at + 4),
            b'%' if percent && (self.has(at, b"%0D%0A") || self.has(at, b"%0d%0a")) => one(at + 6),
            b'&' if xml && self.has(at, b"&#13;&#10;") => one(at + 10),
            b'<' if xml => {
                for tag in [&b"<br>"[..], b"<br/>", b"<br />"] {
                    if self.has(at, tag) {
                        one(at + tag.len());
                    }
                }
            }
            b'\'' | b'"' if self.peek(at + 1) == Some(b'\n') && self.peek(at + 2) == Some(byte) => {
                one(at + 3);
            }
            // What stands between two lines in place of a newline may be anything behind the last.
            b' ' | b'|' if escape && !is_last => one(at + 1),
            b';' if escape && !is_last => one(at + if self.has(at, b"; ") { 2 } else { 1 }),
            0 if wrap && !is_last => one(at + 1),
            0xe2 if escape => {
                for sign in [&b"\xe2\x90\x8a"[..], b"\xe2\x8f\x8e", b"\xe2\x86\xb5"] {
                    if self.has(at, sign) {
                        one(at + sign.len());
                    }
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

    fn pair_of_digits(&mut self, rest: &[u8], _at: usize, from: usize, steps: &mut Vec<Step>) {
        if let Some((code, to)) = self.number(from, 16, 2..=2) {
            Self::code(rest, code, to, steps);
        }
    }

    fn percent(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
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

    fn octal(
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

    fn backslash(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
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
    fn escape(&mut self, rest: &[u8], at: usize, from: usize, steps: &mut Vec<Step>) {
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

    fn braced(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        if let Some((code, to)) = self.number(at, 16, 1..=8)
            && self.peek(to) == Some(b'}')
        {
            Self::code(rest, code, to + 1, steps);
        }
    }

    /// `\uNNNN`, two of them for a character outside the basic plane, and `\u{…}`.
    fn unicode(&mut self, rest: &[u8], at: usize, from: usize, steps: &mut Vec<Step>) {
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

    fn entity(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
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
    fn quote(&mut self, rest: &[u8], byte: u8, at: usize, steps: &mut Vec<Step>) {
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
    fn quoted(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
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
    fn caret(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        if let Some(sign @ b'?'..=b'_') = self.peek(at + 1) {
            Self::code(rest, u32::from(sign ^ 0x40), at + 2, steps);
        }
    }

    /// `M-x` for a byte with its highest bit set, as cat(1) writes it, and zsh with backslashes.
    fn meta(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
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
    fn code_point(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        if let Some((code, to)) = self.number(at + 2, 16, 4..=6) {
            Self::code(rest, code, to, steps);
            if self.peek(to) == Some(b' ') {
                Self::code(rest, code, to + 1, steps);
            }
        }
    }

    /// `<E4>` and `<U+00E4>`, as less(1) writes them.
    fn angle(&mut self, rest: &[u8], at: usize, steps: &mut Vec<Step>) {
        let from = if self.has(at, b"<U+") { at + 3 } else { at + 1 };
        if let Some((code, to)) = self.number(from, 16, 2..=6)
            && self.peek(to) == Some(b'>')
        {
            Self::code(rest, code, to + 1, steps);
        }
    }

    /// A byte of Latin-1 for a character, and a character of Latin-1 for a byte.
    fn latin(&mut self, rest: &[u8], byte: u8, at: usize, steps: &mut Vec<Step>) {
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
pub(super) fn control(letter: u8) -> Option<u8> {
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
