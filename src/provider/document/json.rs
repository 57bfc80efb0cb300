//! A JSON parser that keeps the order of keys, the text of numbers and the lines, and refuses a key that
//! occurs twice and text behind the end. Lone surrogates become U+FFFD, as in Go.

use zeroize::Zeroizing;

use super::{Item, MAX_DEPTH, Node, ParseError, Scalar, ScalarKind, refuse_duplicates};
use crate::secret::SecretBuffer;

/// Parses a document.
pub(crate) fn parse(text: &str) -> Result<Node, ParseError> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let node = parser.value()?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.error("there is text behind the end of the JSON value"));
    }
    Ok(node)
}

/// Writes a tree as JSON; `None` if a text in it is not UTF-8. Numbers that JSON does not have, and times, become
/// text.
pub(super) fn write(node: &Node, into: &mut SecretBuffer) -> Option<()> {
    match node {
        Node::Null => into.push("null"),
        Node::Scalar(Scalar { kind: ScalarKind::Bool, text }) => into.push(text),
        Node::Scalar(Scalar { kind: ScalarKind::Number, text }) if is_number(text) => {
            into.push(text);
        }
        Node::Scalar(Scalar { text, .. }) => write_text(std::str::from_utf8(text).ok()?, into),
        Node::List(items) | Node::Map(items) => {
            let is_map = matches!(node, Node::Map(_));
            into.push(if is_map { "{" } else { "[" });
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    into.push(",");
                }
                if is_map {
                    write_text(&item.key, into);
                    into.push(":");
                }
                write(&item.node, into)?;
            }
            into.push(if is_map { "}" } else { "]" });
        }
    }
    Some(())
}

fn write_text(text: &str, into: &mut SecretBuffer) {
    into.push("\"");
    for c in text.chars() {
        match c {
            '"' => into.push("\\\""),
            '\\' => into.push("\\\\"),
            '\0'..='\x1f' => into.push(format!("\\u{:04x}", u32::from(c))),
            _ => into.push_char(c),
        }
    }
    into.push("\"");
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn error(&self, what: &str) -> ParseError {
        let before = self.text.as_bytes().get(..self.at).unwrap_or_default();
        ParseError::new(1 + memchr::memchr_iter(b'\n', before).count(), what)
    }

    fn line(&self, from: (usize, usize)) -> (usize, usize) {
        let passed = self.text.as_bytes().get(from.0..self.at).unwrap_or_default();
        (self.at, from.1 + memchr::memchr_iter(b'\n', passed).count())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), ParseError> {
        if self.take(byte) {
            return Ok(());
        }
        let what = match self.peek() {
            Some(_) => format!("expected `{}`", char::from(byte)),
            None => format!("the text ends where `{}` is expected", char::from(byte)),
        };
        Err(self.error(&what))
    }

    fn value(&mut self) -> Result<Node, ParseError> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => {
                let text = self.string()?;
                Ok(Node::Scalar(Scalar { kind: ScalarKind::Text, text }))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
            None => Err(self.error("the text ends where a value is expected")),
        }
    }

    fn nested(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<Node, ParseError>,
    ) -> Result<Node, ParseError> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("it is nested too deeply"));
        }
        let node = parse(self);
        self.depth -= 1;
        node
    }

    fn object(&mut self) -> Result<Node, ParseError> {
        let mut items = Vec::new();
        let mut position = self.line((0, 1));
        while !self.take(b'}') {
            if !items.is_empty() {
                self.expect(b',')?;
            }
            self.skip_space();
            position = self.line(position);
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a key in quotes"));
            }
            let key = self.string()?;
            let key = String::from_utf8_lossy(&key).into_owned();
            self.expect(b':')?;
            let node = self.value()?;
            items.push(Item { key, line: position.1, comments: Vec::new(), node });
        }
        refuse_duplicates(&items)?;
        Ok(Node::Map(items))
    }

    fn array(&mut self) -> Result<Node, ParseError> {
        let mut items = Vec::new();
        let mut position = self.line((0, 1));
        while !self.take(b']') {
            if !items.is_empty() {
                self.expect(b',')?;
            }
            self.skip_space();
            position = self.line(position);
            let node = self.value()?;
            items.push(Item { key: String::new(), line: position.1, comments: Vec::new(), node });
        }
        Ok(Node::List(items))
    }

    fn word(&mut self) -> Result<Node, ParseError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let node = match rest.get(..length).unwrap_or_default() {
            "null" => Node::Null,
            word @ ("true" | "false") => Node::Scalar(Scalar {
                kind: ScalarKind::Bool,
                text: Zeroizing::new(word.as_bytes().to_vec()),
            }),
            _ => return Err(self.error("expected a JSON value")),
        };
        self.at += length;
        Ok(node)
    }

    fn number(&mut self) -> Result<Node, ParseError> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let length = rest.iter().take_while(is_part).count();
        let text = rest.get(..length).unwrap_or_default();
        if !is_number(text) {
            return Err(self.error("malformed number"));
        }
        self.at += length;
        let text = Zeroizing::new(text.to_vec());
        Ok(Node::Scalar(Scalar { kind: ScalarKind::Number, text }))
    }

    fn string(&mut self) -> Result<Zeroizing<Vec<u8>>, ParseError> {
        self.at += 1;
        let mut content = SecretBuffer::default();
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let is_plain = |byte: &&u8| !matches!(byte, b'"' | b'\\' | 0..=0x1f);
            let plain = rest.iter().take_while(is_plain).count();
            content.push(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(content.finish());
                }
                Some(b'\\') => content.push_char(self.escape()?),
                Some(_) => return Err(self.error("control character in a string")),
                None => return Err(self.error("unterminated string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        let letter = self.text.as_bytes().get(self.at + 1).copied();
        self.at += 2;
        Ok(match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => self.unicode()?,
            _ => return Err(self.error("unknown escape in a string")),
        })
    }

    fn unicode(&mut self) -> Result<char, ParseError> {
        let unit = self.hex(self.at).ok_or_else(|| self.error("malformed \\u escape"))?;
        self.at += 4;
        let next = self.text.get(self.at..self.at + 2).filter(|next| *next == "\\u");
        if (0xd800..0xdc00).contains(&unit)
            && let Some(low) = next.and_then(|_| self.hex(self.at + 2))
            && (0xdc00..0xe000).contains(&low)
        {
            self.at += 6;
            let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4)?;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| u32::from_str_radix(digits, 16).ok())?
    }
}

/// Whether this is a number in JSON's grammar.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with(b"0")) {
        return false;
    }
    let mut rest = rest.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = fraction.get(count..).unwrap_or_default();
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let signless = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-"));
        let signless = signless.unwrap_or(exponent);
        let count = digits(signless);
        rest = if count == 0 { exponent } else { signless.get(count..).unwrap_or_default() };
        return count > 0 && rest.is_empty();
    }
    rest.is_empty()
}
