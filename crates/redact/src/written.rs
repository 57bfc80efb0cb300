//! The forms in which programs write one character: what [`super::reader`] reads, written out, for the
//! heads by which a value is found.

use super::encoding::{Encoding, Encodings};
use super::entity;

/// The most bytes of a form that are kept: no head is longer.
const LONGEST: usize = 16;
/// The numbers of backslashes before an escaped character.
const BACKSLASHES: [usize; 5] = [1, 2, 3, 4, 7];

/// One way in which programs write a character.
#[derive(Clone, Copy)]
pub(super) struct WrittenForm {
    bytes: [u8; LONGEST],
    length: usize,
    /// How many bytes of the value it stands for.
    pub(super) units: usize,
}

impl WrittenForm {
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

/// Collects forms, each once.
struct WrittenForms<'a> {
    forms: &'a mut Vec<WrittenForm>,
    units: usize,
}

impl WrittenForms<'_> {
    fn add(&mut self, parts: &[&[u8]]) {
        let mut form = WrittenForm { bytes: [0; LONGEST], length: 0, units: self.units };
        for byte in parts.iter().copied().flatten() {
            if let Some(room) = form.bytes.get_mut(form.length) {
                *room = *byte;
                form.length += 1;
            }
        }
        let known =
            |other: &WrittenForm| other.bytes() == form.bytes() && other.units == form.units;
        if !self.forms.iter().any(known) {
            self.forms.push(form);
        }
    }

    fn escaped(&mut self, levels: usize, escape: &[u8]) {
        for count in BACKSLASHES.into_iter().take(levels) {
            self.add(&[b"\\\\\\\\\\\\\\".get(..count).unwrap_or(&[]), escape]);
        }
    }
}

/// Gives all forms in which the first character of `rest` is written. Letters and digits are only
/// written as they are, unless all of a value is escaped ([`Style`]).
pub(super) fn forms(rest: &[u8], encodings: Encodings, forms: &mut Vec<WrittenForm>) {
    let Some(&byte) = rest.first() else { return };
    forms.clear();
    let (code, units) = code_point(rest);
    let bytes = rest.get(..units).unwrap_or(&[]);
    let mut forms = WrittenForms { forms, units };
    forms.add(&[bytes]);
    if byte.is_ascii_alphanumeric() {
        return;
    }
    let mut text = Vec::with_capacity(2 * LONGEST);
    let styles = Style::ALL.iter().chain(&Style::RARE);
    for style in styles.filter(|style| style.is_among(encodings)) {
        text.clear();
        style.write(rest, &mut text);
        forms.add(&[&text]);
    }
    match byte {
        0x80.. => high(bytes, code, encodings, &mut forms),
        b' '..=b'~' => sign(byte, encodings, &mut forms),
        _ => control(byte, encodings, &mut forms),
    }
}

fn code_point(rest: &[u8]) -> (Option<u32>, usize) {
    for units in 1..=4 {
        let text = rest.get(..units).and_then(|bytes| std::str::from_utf8(bytes).ok());
        if let Some(character) = text.and_then(|text| text.chars().next()) {
            return (Some(u32::from(character)), units);
        }
    }
    (None, 1)
}

fn sign(byte: u8, encodings: Encodings, forms: &mut WrittenForms<'_>) {
    let has = |encoding| encodings.contains(encoding);
    if encodings.contains_any(&[Encoding::Json, Encoding::Shell, Encoding::Escape]) {
        forms.escaped(5, &[byte]);
    }
    if has(Encoding::Doubled) && b"'\"$%&".contains(&byte) {
        forms.add(&[&[byte, byte]]);
    }
    if has(Encoding::Shell) && byte == b'\'' {
        for quoted in [&b"'\"'\"'"[..], b"'\\''", b"'\\\\''", b"\"'\"", b"'\\\"'\\\"'"] {
            forms.add(&[quoted]);
        }
    }
    if has(Encoding::Percent) && byte == b' ' {
        forms.add(&[b"+"]);
    }
    if has(Encoding::Escape) && byte == b' ' {
        forms.add(&[b"_"]);
        forms.add(&[b"\xc2\xb7"]);
    }
    if has(Encoding::Escape) && (byte == b'/' || byte == b'\\') {
        forms.add(&[b"_"]);
        forms.add(&[b"-"]);
        forms.add(&[b"/"]);
    }
    if has(Encoding::Xml) {
        named(u32::from(byte), forms);
        if byte == b' ' {
            forms.add(&[b"&nbsp;"]);
        }
    }
}

fn named(code: u32, forms: &mut WrittenForms<'_>) {
    for name in entity::names(code) {
        forms.add(&[b"&", name, b";"]);
        forms.add(&[b"&amp;", name, b";"]);
    }
    forms.add(&[format!("&amp;#{code};").as_bytes()]);
    forms.add(&[format!("&#0{code};").as_bytes()]);
}

fn high(bytes: &[u8], code: Option<u32>, encodings: Encodings, forms: &mut WrittenForms<'_>) {
    if encodings.contains(Encoding::Escape) {
        let latin: Vec<u8> = bytes
            .iter()
            .flat_map(|byte| char::from(*byte).encode_utf8(&mut [0; 4]).as_bytes().to_vec())
            .collect();
        forms.add(&[&latin]);
        if let Some(byte) = code.and_then(|code| u8::try_from(code).ok()) {
            forms.add(&[&[byte]]);
            forms.add(&[b"\\", &[byte]]);
        }
        forms.add(&[b"\\", bytes]);
        let each: Vec<u8> = bytes.iter().flat_map(|byte| [b'\\', *byte]).collect();
        forms.add(&[&each]);
        for lead in [&b""[..], b"\\"] {
            let meta = bytes.iter().flat_map(|byte| {
                let low = byte & 0x7f;
                let sign = if low < 32 { vec![b'^', low | 0x40] } else { vec![low] };
                [lead, b"M-", &sign].concat()
            });
            let meta: Vec<u8> = meta.collect();
            forms.add(&[&meta]);
        }
    }
    if let Some(code) = code.filter(|_| encodings.contains(Encoding::Xml)) {
        named(code, forms);
    }
    if let Some(code) = code.and_then(|code| u8::try_from(code).ok()) {
        if encodings.contains(Encoding::Escape) {
            for digits in [format!("x{code:x}"), format!("x{code:X}"), format!("{code:03o}")] {
                forms.add(&[b"\\", digits.as_bytes()]);
                forms.add(&[b"\\\\", digits.as_bytes()]);
            }
        }
        if encodings.contains(Encoding::Percent) {
            forms.add(&[format!("%{code:X}").as_bytes()]);
            forms.add(&[format!("%{code:x}").as_bytes()]);
        }
    }
}

fn control(byte: u8, encodings: Encodings, forms: &mut WrittenForms<'_>) {
    let has = |encoding| encodings.contains(encoding);
    if encodings.contains_any(&[Encoding::Json, Encoding::Shell, Encoding::Escape]) {
        for letter in b"nrtabvfeE0".iter().filter(|l| super::reader::control(**l) == Some(byte)) {
            forms.escaped(5, &[*letter]);
            if has(Encoding::Shell) {
                forms.add(&[b"'$'\\", &[*letter], b"''"]);
                forms.add(&[b"$'\\", &[*letter], b"'"]);
            }
        }
    }
    if has(Encoding::Escape) {
        forms.add(&[&[b'^', byte ^ 0x40]]);
        forms.add(&[format!("#{byte:03o}").as_bytes()]);
    }
    match byte {
        b'\n' => {
            if has(Encoding::Crlf) {
                forms.add(&[b"\r\n"]);
            }
            if has(Encoding::Json) {
                forms.add(&[b"\\r\\n"]);
            }
            if has(Encoding::Percent) {
                forms.add(&[b"%0D%0A"]);
                forms.add(&[b"%0d%0a"]);
            }
            if has(Encoding::Xml) {
                forms.add(&[b"&#13;&#10;"]);
                forms.add(&[b"<br"]);
            }
            if has(Encoding::Escape) {
                for sign in [&b" "[..], b"|", b";", b"; ", b"\xe2\x90\x8a", b"\xe2\x86\xb5"] {
                    forms.add(&[sign]);
                }
            }
            forms.add(&[b"'\n'"]);
        }
        b'\t' if has(Encoding::Escape) => {
            for width in [1, 2, 4, 8] {
                forms.add(&[b"        ".get(..width).unwrap_or(&[])]);
            }
        }
        _ => {}
    }
}

/// A form to escape any character at all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Percent { twice: bool, upper: bool },
    QuotedPrintable { upper: bool },
    Bytes { backslashes: usize, upper: bool },
    Octal { backslashes: usize },
    Unicode { backslashes: usize, upper: bool },
    Braces { lead: &'static str, upper: bool },
    Decimal,
    Hexadecimal { upper: bool },
    Css { upper: bool },
    CodePoint { upper: bool },
    PercentUnicode { upper: bool },
}

impl Style {
    /// All of them.
    pub(super) const ALL: [Self; 23] = [
        Self::Percent { twice: false, upper: true },
        Self::Percent { twice: false, upper: false },
        Self::Percent { twice: true, upper: true },
        Self::QuotedPrintable { upper: true },
        Self::Bytes { backslashes: 1, upper: false },
        Self::Bytes { backslashes: 1, upper: true },
        Self::Bytes { backslashes: 2, upper: false },
        Self::Octal { backslashes: 1 },
        Self::Octal { backslashes: 2 },
        Self::Unicode { backslashes: 1, upper: false },
        Self::Unicode { backslashes: 1, upper: true },
        Self::Unicode { backslashes: 2, upper: false },
        Self::Unicode { backslashes: 2, upper: true },
        Self::Unicode { backslashes: 4, upper: false },
        Self::Braces { lead: "\\u{", upper: false },
        Self::Braces { lead: "\\x{", upper: false },
        Self::Braces { lead: "\\N{U+", upper: false },
        Self::Decimal,
        Self::Hexadecimal { upper: false },
        Self::Hexadecimal { upper: true },
        Self::Css { upper: false },
        Self::CodePoint { upper: true },
        Self::PercentUnicode { upper: true },
    ];

    /// The same with digits of the other case: few programs write so, and a value as a whole even fewer.
    const RARE: [Self; 10] = [
        Self::Percent { twice: true, upper: false },
        Self::QuotedPrintable { upper: false },
        Self::Bytes { backslashes: 2, upper: true },
        Self::Unicode { backslashes: 4, upper: true },
        Self::Braces { lead: "\\u{", upper: true },
        Self::Braces { lead: "\\x{", upper: true },
        Self::Braces { lead: "\\N{U+", upper: true },
        Self::Css { upper: true },
        Self::CodePoint { upper: false },
        Self::PercentUnicode { upper: false },
    ];

    /// Whether one of these encodings writes so.
    pub(super) fn is_among(self, encodings: Encodings) -> bool {
        let with = match self {
            Self::Percent { .. } | Self::QuotedPrintable { .. } | Self::PercentUnicode { .. } => {
                &[Encoding::Percent][..]
            }
            Self::Octal { .. } => &[Encoding::Shell, Encoding::Escape],
            Self::Unicode { .. } => &[Encoding::Json, Encoding::Escape],
            Self::Decimal | Self::Hexadecimal { .. } => &[Encoding::Xml],
            Self::Bytes { .. }
            | Self::Braces { .. }
            | Self::Css { .. }
            | Self::CodePoint { .. } => &[Encoding::Escape],
        };
        encodings.contains_any(with)
    }

    /// Appends the first character of `rest` in this style, and gives the number of its bytes.
    pub(super) fn write(self, rest: &[u8], to: &mut Vec<u8>) -> usize {
        let (code, units) = code_point(rest);
        let bytes = rest.get(..units).unwrap_or(&[]);
        let code = code.unwrap_or_else(|| bytes.first().copied().map_or(0, u32::from));
        let slashes = |count: usize| b"\\\\\\\\".get(..count).unwrap_or(&[]);
        let mut each = |lead: [&[u8]; 2], base: u32, digits: usize, upper: bool| {
            for byte in bytes {
                to.extend(lead.iter().copied().flatten());
                number(u32::from(*byte), base, digits, upper, to);
            }
        };
        match self {
            Self::Percent { twice, upper } => {
                each([if twice { b"%25" } else { b"%" }, b""], 16, 2, upper);
            }
            Self::QuotedPrintable { upper } => each([b"=", b""], 16, 2, upper),
            Self::Bytes { backslashes, upper } => each([slashes(backslashes), b"x"], 16, 2, upper),
            Self::Octal { backslashes } => each([slashes(backslashes), b""], 8, 3, false),
            Self::Unicode { backslashes, upper } => {
                let character = char::from_u32(code).unwrap_or('\0');
                for unit in character.encode_utf16(&mut [0; 2]) {
                    to.extend_from_slice(slashes(backslashes));
                    to.push(b'u');
                    number(u32::from(*unit), 16, 4, upper, to);
                }
            }
            Self::Braces { lead, upper } => around(lead.as_bytes(), code, 16, b"}", upper, to),
            Self::Decimal => around(b"&#", code, 10, b";", false, to),
            Self::Hexadecimal { upper } => around(b"&#x", code, 16, b";", upper, to),
            Self::Css { upper } => around(b"\\", code, 16, b" ", upper, to),
            Self::PercentUnicode { upper } => {
                to.extend_from_slice(b"%u");
                number(code, 16, 4, upper, to);
            }
            Self::CodePoint { upper } => {
                to.extend_from_slice(b"U+");
                number(code, 16, 4, upper, to);
                to.push(b' ');
            }
        }
        units
    }
}

fn around(lead: &[u8], code: u32, base: u32, end: &[u8], upper: bool, to: &mut Vec<u8>) {
    to.extend_from_slice(lead);
    number(code, base, 1, upper, to);
    to.extend_from_slice(end);
}

/// Appends a number with so many digits at least.
pub(super) fn number(value: u32, base: u32, digits: usize, upper: bool, to: &mut Vec<u8>) {
    let from = to.len();
    let mut rest = value;
    while rest > 0 || to.len() < from + digits {
        let digit = char::from_digit(rest % base, base).unwrap_or('0');
        let digit = if upper { digit.to_ascii_uppercase() } else { digit };
        to.extend(u8::try_from(digit));
        rest /= base;
    }
    if let Some(written) = to.get_mut(from..) {
        written.reverse();
    }
}
