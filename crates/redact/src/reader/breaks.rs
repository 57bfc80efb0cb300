//! What stands between two characters of a value and is no part of it: colors, line breaks with what is
//! before and behind them; and the ways to write a line break that is one.

use super::{BEFORE_BREAK, Kinds, Reader, Step};

/// The most whitespace that a line break has behind it, and the longest escape sequence of a terminal.
const INDENTATION: usize = 256;
const SEQUENCE: usize = 32;

impl Reader<'_> {
    /// Adds the ways to go on behind what stands between two characters of a value. `before` is the
    /// character that was read last, and `next` the one that comes.
    pub(crate) fn junk(
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
    pub(crate) fn escaped_break(&mut self, read: usize, at: usize, steps: &mut Vec<Step>) {
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
    pub(crate) fn ellipsis(&mut self, at: usize) -> bool {
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

    pub(super) fn wrap(&mut self, byte: u8, at: usize, steps: &mut Vec<Step>) {
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
    pub(super) fn line_break(&mut self, at: usize) -> Option<usize> {
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
    pub(super) fn margin(&mut self, at: usize) -> usize {
        let blank = |byte: u8| byte == b' ' || byte == b'\t';
        let end = self.skip(at, INDENTATION, blank);
        for sign in [&b"|"[..], b">", b"#", b"*", b"+", b"-", b"\xe2\x94\x82", b"\xe2\x94\x83"] {
            if self.has(end, sign) && self.has(end + sign.len(), b" ") {
                return self.skip(end + sign.len(), INDENTATION, blank);
            }
        }
        end
    }

    pub(super) fn opening_quote(&mut self, at: usize) -> Option<usize> {
        self.peek(at).map(|byte| at + usize::from(byte == b'"' || byte == b'\''))
    }

    pub(super) fn newline(&mut self, byte: u8, is_last: bool, at: usize, steps: &mut Vec<Step>) {
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
}
