//! A value as a sequence of units in one of its forms: its bytes, the digits of its base64, the bytes of
//! a dump in the order in which a program prints them. Nothing is stored: a unit is computed from the
//! value.

/// How a unit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// A byte, as itself or escaped.
    Text,
    /// Six bits (RFC 4648, section 4 and 5).
    Base64,
    /// Five bits (RFC 4648, section 6).
    Base32,
    /// A byte in two hexadecimal digits.
    Hex,
    /// A byte in decimal digits.
    Decimal,
    /// A byte in three octal digits.
    Octal,
    /// Two bytes in six octal digits, the second byte the higher one: od(1) without options.
    Words,
    /// A byte in a cell of its own: `od -c`, or a list of characters.
    Cells,
}

/// Which bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The value.
    Raw,
    /// The value in UTF-16, if it is ASCII: each byte has a zero before or behind it.
    Wide { big_endian: bool },
    /// The base64 of the value, at this offset within a group of three bytes.
    Base64(usize),
    /// Words of so many bytes, each backwards, from this byte on.
    Words { width: usize, from: usize },
}

/// A form of a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) alphabet: Alphabet,
    source: Source,
    /// How many bytes stand before it in a group of base64 or base32.
    offset: usize,
}

/// The form of a value that is a text.
pub(super) const TEXT: u8 = 0;

/// All forms. A head names one by its index.
pub(super) const FORMS: [Form; 36] = [
    Form::new(Alphabet::Text, Source::Raw, 0),
    Form::new(Alphabet::Base64, Source::Raw, 0),
    Form::new(Alphabet::Base64, Source::Raw, 1),
    Form::new(Alphabet::Base64, Source::Raw, 2),
    Form::new(Alphabet::Base64, Source::Wide { big_endian: false }, 0),
    Form::new(Alphabet::Base64, Source::Wide { big_endian: false }, 1),
    Form::new(Alphabet::Base64, Source::Wide { big_endian: false }, 2),
    Form::new(Alphabet::Base64, Source::Base64(0), 0),
    Form::new(Alphabet::Base64, Source::Base64(0), 1),
    Form::new(Alphabet::Base64, Source::Base64(0), 2),
    Form::new(Alphabet::Base64, Source::Base64(1), 0),
    Form::new(Alphabet::Base64, Source::Base64(1), 1),
    Form::new(Alphabet::Base64, Source::Base64(1), 2),
    Form::new(Alphabet::Base64, Source::Base64(2), 0),
    Form::new(Alphabet::Base64, Source::Base64(2), 1),
    Form::new(Alphabet::Base64, Source::Base64(2), 2),
    Form::new(Alphabet::Base32, Source::Raw, 0),
    Form::new(Alphabet::Base32, Source::Raw, 1),
    Form::new(Alphabet::Base32, Source::Raw, 2),
    Form::new(Alphabet::Base32, Source::Raw, 3),
    Form::new(Alphabet::Base32, Source::Raw, 4),
    Form::new(Alphabet::Hex, Source::Raw, 0),
    Form::new(Alphabet::Hex, Source::Wide { big_endian: false }, 0),
    Form::new(Alphabet::Hex, Source::Wide { big_endian: true }, 0),
    Form::new(Alphabet::Hex, Source::Words { width: 2, from: 0 }, 0),
    Form::new(Alphabet::Hex, Source::Words { width: 2, from: 1 }, 0),
    Form::new(Alphabet::Hex, Source::Words { width: 4, from: 0 }, 0),
    Form::new(Alphabet::Hex, Source::Words { width: 4, from: 1 }, 0),
    Form::new(Alphabet::Hex, Source::Words { width: 4, from: 2 }, 0),
    Form::new(Alphabet::Hex, Source::Words { width: 4, from: 3 }, 0),
    Form::new(Alphabet::Hex, Source::Words { width: 8, from: 0 }, 0),
    Form::new(Alphabet::Decimal, Source::Raw, 0),
    Form::new(Alphabet::Octal, Source::Raw, 0),
    Form::new(Alphabet::Words, Source::Raw, 0),
    Form::new(Alphabet::Words, Source::Raw, 1),
    Form::new(Alphabet::Cells, Source::Raw, 0),
];

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

impl Form {
    const fn new(alphabet: Alphabet, source: Source, offset: usize) -> Self {
        Self { alphabet, source, offset }
    }

    /// Whether the bytes are those of the value, in their order.
    pub(super) fn is_straight(&self) -> bool {
        self.source == Source::Raw
    }

    /// Whether the value is in UTF-16.
    pub(super) fn is_wide(&self) -> bool {
        matches!(self.source, Source::Wide { .. })
    }

    /// The bytes in each word, where words are written backwards.
    pub(super) fn word(&self) -> Option<usize> {
        match self.source {
            Source::Words { width, .. } => Some(width),
            _ => None,
        }
    }
}

/// A value in one of its forms.
#[derive(Clone, Copy)]
pub(super) struct Sequence<'a> {
    value: &'a [u8],
    form: Form,
}

impl<'a> Sequence<'a> {
    pub(super) fn new(value: &'a [u8], form: Form) -> Self {
        Self { value, form }
    }

    /// The number of units.
    pub(super) fn len(&self) -> usize {
        let (first, end) = self.digits();
        match self.form.alphabet {
            Alphabet::Base64 | Alphabet::Base32 => end.saturating_sub(first),
            Alphabet::Words => self.value.len().saturating_sub(self.form.offset) / 2,
            _ => source_length(self.value, self.form.source),
        }
    }

    /// A unit: a byte of the source, or the letter of a digit of base64 or base32.
    pub(super) fn unit(&self, at: usize) -> u8 {
        let byte = |at| source_byte(self.value, self.form.source, at);
        match self.form.alphabet {
            Alphabet::Base64 => BASE64[self.bits(at, 6)],
            Alphabet::Base32 => BASE32[self.bits(at, 5)],
            _ => byte(at),
        }
    }

    /// The two bytes of a word of od(1).
    pub(super) fn word(&self, at: usize) -> u32 {
        let byte = |at| u32::from(self.value.get(self.form.offset + at).copied().unwrap_or(0));
        byte(2 * at) | byte(2 * at + 1) << 8
    }

    /// The digits that are made of bits of the value only: the first, and the one after the last.
    fn digits(&self) -> (usize, usize) {
        let width = if self.form.alphabet == Alphabet::Base32 { 5 } else { 6 };
        let end = 8 * (self.form.offset + source_length(self.value, self.form.source));
        ((8 * self.form.offset).div_ceil(width), end / width)
    }

    fn bits(&self, at: usize, width: usize) -> usize {
        let from = width * (self.digits().0 + at) - 8 * self.form.offset;
        digit(from, width, |at| source_byte(self.value, self.form.source, at))
    }
}

/// So many bits of a sequence of bytes, from a bit on.
fn digit(from: usize, width: usize, byte: impl Fn(usize) -> u8) -> usize {
    let pair = u16::from_be_bytes([byte(from / 8), byte(from / 8 + 1)]);
    usize::from((pair << (from % 8)) >> (16 - width))
}

fn source_length(value: &[u8], source: Source) -> usize {
    match source {
        Source::Raw => value.len(),
        Source::Wide { .. } => 2 * value.len(),
        Source::Base64(offset) => (8 * (offset + value.len())) / 6 - (8 * offset).div_ceil(6),
        Source::Words { width, from } => value.len().saturating_sub(from) / width * width,
    }
}

fn source_byte(value: &[u8], source: Source, at: usize) -> u8 {
    let byte = |at: usize| value.get(at).copied().unwrap_or(0);
    match source {
        Source::Raw => byte(at),
        Source::Wide { big_endian } if (at % 2 == 1) == big_endian => byte(at / 2),
        Source::Wide { .. } => 0,
        Source::Base64(offset) => {
            let from = 6 * ((8 * offset).div_ceil(6) + at) - 8 * offset;
            BASE64[digit(from, 6, byte)]
        }
        Source::Words { width, from } => byte(from + at / width * width + width - 1 - at % width),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(value: &[u8], form: usize) -> String {
        let sequence = Sequence::new(value, FORMS[form]);
        (0..sequence.len()).map(|at| char::from(sequence.unit(at))).collect()
    }

    #[test]
    fn digits_are_those_of_rfc_4648_that_are_wholly_the_values() {
        assert_eq!(units(b"foobar", 1), "Zm9vYmFy");
        assert_eq!(units(b"canary>>???>", 2), "NhbmFyeT4+Pz8/P");
        assert_eq!(units(b"canary>>???>", 3), "jYW5hcnk+Pj8/Pz");
        assert_eq!(units(b"foobar", 16), "MZXW6YTBO");
        assert_eq!(units(b"ab", 4), "YQBiA");
        assert_eq!(units(b"foobar", 7), "Wm05dlltRn");
    }

    #[test]
    fn words_are_backwards() {
        assert_eq!(units(b"abcdefg", 24), "badcfe");
        assert_eq!(units(b"abcdefg", 25), "cbedgf");
        assert_eq!(units(b"abcdefg", 26), "dcba");
        assert_eq!(Sequence::new(b"ab", FORMS[33]).word(0), 0x6261);
    }
}
