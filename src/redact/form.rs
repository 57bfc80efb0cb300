//! Every form of a value that is looked for: one function an encoding. It neither keeps a form nor
//! knows how it is found.

use super::encoding::{Encoding, Encodings};

/// The shortest line of a value of several lines that is looked for alone.
const SHORTEST_LINE: usize = 8;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_URLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";

/// Where forms go, piece by piece. Forms may come twice.
pub(super) trait Sink {
    /// Takes the next bytes of the form.
    fn put(&mut self, bytes: &[u8]);
    /// Ends the form.
    fn end(&mut self);
}

/// How one byte is written.
enum Written {
    Same,
    As(&'static [u8]),
    /// `%` and two digits.
    Percent(&'static [u8; 16]),
    /// `\u` and four digits.
    Unicode,
    /// A backslash and three octal digits.
    Octal,
    /// A backslash and the byte.
    Backslash,
}

/// The value without one newline at its end.
pub(super) fn trimmed(value: &[u8]) -> &[u8] {
    let value = value.strip_suffix(b"\n").unwrap_or(value);
    value.strip_suffix(b"\r").unwrap_or(value)
}

/// Gives all forms of a value in these encodings.
pub(super) fn all(value: &[u8], encodings: Encodings, sink: &mut impl Sink) {
    let has = |encoding| encodings.contains(encoding);
    let short = trimmed(value);
    let trims = has(Encoding::Trim) && short.len() < value.len();
    for value in [Some(value), trims.then_some(short)].into_iter().flatten() {
        put(value, sink);
        if has(Encoding::Crlf) {
            crlf(value, sink);
        }
        if has(Encoding::Base64) {
            base64(value, STANDARD, sink);
        }
        if has(Encoding::Base64url) {
            base64(value, FOR_URLS, sink);
        }
        if has(Encoding::Hex) {
            hex(value, LOWER, sink);
            hex(value, UPPER, sink);
        }
        if has(Encoding::Percent) {
            percent(value, sink);
        }
        if has(Encoding::Json) {
            json(value, sink);
        }
        if has(Encoding::Shell) {
            shell(value, sink);
        }
        if has(Encoding::Xml) {
            xml(value, sink);
        }
    }
    if has(Encoding::Lines) && short.contains(&b'\n') {
        lines(short, sink);
    }
}

fn put(bytes: &[u8], sink: &mut impl Sink) {
    sink.put(bytes);
    sink.end();
}

/// Puts a form in which each byte is written on its own, unless it is the value itself.
fn escape(value: &[u8], sink: &mut impl Sink, written: impl Fn(u8) -> Written) {
    if value.iter().all(|byte| matches!(written(*byte), Written::Same)) {
        return;
    }
    for &byte in value {
        escape_byte(byte, &written(byte), sink);
    }
    sink.end();
}

fn escape_byte(byte: u8, written: &Written, sink: &mut impl Sink) {
    match written {
        Written::Same => sink.put(&[byte]),
        Written::As(text) => sink.put(text),
        Written::Percent(digits) => {
            sink.put(b"%");
            sink.put(&pair(byte, digits));
        }
        Written::Unicode => {
            sink.put(b"\\u00");
            sink.put(&pair(byte, LOWER));
        }
        Written::Octal => {
            sink.put(&[b'\\', b'0' + (byte >> 6), b'0' + (byte >> 3 & 7), b'0' + (byte & 7)]);
        }
        Written::Backslash => sink.put(&[b'\\', byte]),
    }
}

fn pair(byte: u8, digits: &[u8; 16]) -> [u8; 2] {
    [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]
}

/// Lines that are worth hiding alone: not the armour around a key, not brackets.
fn lines(value: &[u8], sink: &mut impl Sink) {
    let armour = |line: &[u8]| line.starts_with(b"-----") || line.starts_with(b"---- ");
    let bracket = |byte: &u8| b"[]{}()<>,;:\"'".contains(byte) || byte.is_ascii_whitespace();
    for line in value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        if line.len() >= SHORTEST_LINE && !armour(line) && !line.iter().all(bracket) {
            put(line, sink);
        }
    }
}

/// Puts the value with CRLF for LF, and with CRLF for any LF: so a terminal writes CRLF, too.
fn crlf(value: &[u8], sink: &mut impl Sink) {
    if !value.contains(&b'\n') {
        return;
    }
    for spared in [Some(b'\r'), None] {
        let mut before = None;
        for &byte in value {
            let stays = byte != b'\n' || (before.is_some() && before == spared);
            sink.put(if stays { std::slice::from_ref(&byte) } else { b"\r\n" });
            before = Some(byte);
        }
        sink.end();
    }
}

/// Puts, for each place where a value may begin in a group of three bytes, the characters that are
/// made of its bits only. Those at the ends share bits with what stands beside it.
fn base64(value: &[u8], alphabet: &[u8; 64], sink: &mut impl Sink) {
    for offset in 0..3 {
        let (begin, end) = (8 * offset, 8 * (offset + value.len()));
        for at in (begin.div_ceil(6)..end / 6).map(|character| 6 * character - begin) {
            let high = value.get(at / 8).copied().unwrap_or(0);
            let low = value.get(at / 8 + 1).copied().unwrap_or(0);
            let bits = (u16::from_be_bytes([high, low]) << (at % 8)) >> 10;
            sink.put(&[alphabet[usize::from(bits & 63)]]);
        }
        sink.end();
    }
}

fn hex(value: &[u8], digits: &[u8; 16], sink: &mut impl Sink) {
    for &byte in value {
        sink.put(&pair(byte, digits));
    }
    sink.end();
}

fn percent(value: &[u8], sink: &mut impl Sink) {
    for digits in [UPPER, LOWER] {
        percent_but(value, b"-._~", None, digits, sink); // RFC 3986
        percent_but(value, b"-._~/", None, digits, sink); // Python's quote, and a path
        percent_but(value, b"-._~/", Some(b"+"), digits, sink);
        percent_but(value, b"-._~!'()*", None, digits, sink); // encodeURIComponent
        percent_but(value, b";,/?:@&=+$-_.!~*'()#", None, digits, sink); // encodeURI
        percent_but(value, b"-._~!$&'()*+,;=", None, digits, sink); // user information of a URL
        percent_but(value, b"-._~", Some(b"+"), digits, sink); // quote_plus, url.QueryEscape
        percent_but(value, b"*-._", Some(b"+"), digits, sink); // HTML forms
    }
}

/// Percent-encodes all but letters, digits and what is kept, a space perhaps in its own way.
fn percent_but(
    value: &[u8],
    kept: &[u8],
    space: Option<&'static [u8]>,
    digits: &'static [u8; 16],
    sink: &mut impl Sink,
) {
    escape(value, sink, |byte| match (byte, space) {
        (b' ', Some(space)) => Written::As(space),
        _ if byte.is_ascii_alphanumeric() || kept.contains(&byte) => Written::Same,
        _ => Written::Percent(digits),
    });
}

/// How JSON writes a byte that it must not leave as it is.
fn json_byte(byte: u8) -> Written {
    match byte {
        b'"' | b'\\' => Written::Backslash,
        b'\n' => Written::As(b"\\n"),
        b'\r' => Written::As(b"\\r"),
        b'\t' => Written::As(b"\\t"),
        0x08 => Written::As(b"\\b"),
        0x0c => Written::As(b"\\f"),
        0..0x20 => Written::Unicode,
        _ => Written::Same,
    }
}

fn json(value: &[u8], sink: &mut impl Sink) {
    let slashed = |byte| if byte == b'/' { Written::Backslash } else { json_byte(byte) };
    escape(value, sink, json_byte);
    // Go's encoder is safe inside HTML unless told otherwise.
    escape(value, sink, |byte| match byte {
        b'<' | b'>' | b'&' => Written::Unicode,
        _ => json_byte(byte),
    });
    escape(value, sink, slashed);
    if let Some(text) = std::str::from_utf8(value).ok().filter(|text| !text.is_ascii()) {
        json_in_ascii(text, sink, json_byte);
        json_in_ascii(text, sink, slashed);
    }
}

fn json_in_ascii(text: &str, sink: &mut impl Sink, written: impl Fn(u8) -> Written) {
    for character in text.chars() {
        if let Ok(byte) = u8::try_from(character)
            && byte.is_ascii()
        {
            escape_byte(byte, &written(byte), sink);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let [high, low] = unit.to_be_bytes();
            sink.put(b"\\u");
            sink.put(&pair(high, LOWER));
            sink.put(&pair(low, LOWER));
        }
    }
    sink.end();
}

fn shell(value: &[u8], sink: &mut impl Sink) {
    let quote = |text: &'static [u8]| {
        move |byte| if byte == b'\'' { Written::As(text) } else { Written::Same }
    };
    escape(value, sink, quote(b"'\\''"));
    escape(value, sink, quote(b"'\"'\"'"));
    // $'…', in a locale that prints what is not ASCII, and in one that does not.
    escape(value, sink, |byte| if byte.is_ascii() { ansi_c(byte) } else { Written::Same });
    escape(value, sink, ansi_c);
    // "…"
    escape(value, sink, |byte| match byte {
        b'"' | b'\\' | b'$' | b'`' => Written::Backslash,
        _ => Written::Same,
    });
    // printf %q, of bash and of shells that are more careful
    let plain = |byte: u8| !byte.is_ascii() || b"%+-./:=@_\n\r#~".contains(&byte);
    let careful = |byte: u8| !byte.is_ascii() || b"%+-./:=@_\n\r".contains(&byte);
    escape(value, sink, |byte| backslashed(byte, plain));
    escape(value, sink, |byte| backslashed(byte, careful));
}

fn backslashed(byte: u8, stays: impl Fn(u8) -> bool) -> Written {
    if byte.is_ascii_alphanumeric() || stays(byte) { Written::Same } else { Written::Backslash }
}

fn ansi_c(byte: u8) -> Written {
    match byte {
        b'\'' | b'\\' => Written::Backslash,
        0x07 => Written::As(b"\\a"),
        0x08 => Written::As(b"\\b"),
        b'\t' => Written::As(b"\\t"),
        b'\n' => Written::As(b"\\n"),
        0x0b => Written::As(b"\\v"),
        0x0c => Written::As(b"\\f"),
        b'\r' => Written::As(b"\\r"),
        0x1b => Written::As(b"\\E"),
        b' '..=b'~' => Written::Same,
        _ => Written::Octal,
    }
}

fn xml(value: &[u8], sink: &mut impl Sink) {
    // The double and the single quote, as those who write entities differ in them.
    let styles: [(&'static [u8], &'static [u8]); 7] = [
        (b"&quot;", b"&apos;"),
        (b"&#34;", b"&#39;"),
        (b"&quot;", b"&#39;"),
        (b"&quot;", b"&#x27;"),
        (b"&quot;", b"&#039;"),
        (b"&quot;", b"'"),
        (b"\"", b"'"),
    ];
    for (double, single) in styles {
        escape(value, sink, |byte| match byte {
            b'&' => Written::As(b"&amp;"),
            b'<' => Written::As(b"&lt;"),
            b'>' => Written::As(b"&gt;"),
            b'"' => Written::As(double),
            b'\'' => Written::As(single),
            _ => Written::Same,
        });
    }
}
