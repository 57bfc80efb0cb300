//! How programs print bytes as numbers: the next byte of a value in digits, and what stands between two
//! of them.

use super::reader::{Reader, Step};
use super::sequence::{Alphabet, Sequence};

/// The most separating characters between two numbers.
const SEPARATORS: usize = 24;
/// The longest column of characters at the end of a line of a dump.
const COLUMN: usize = 96;
/// The most digits of the offset at the beginning of a line of a dump.
const OFFSET: usize = 16;

/// Adds the ways in which the text from `at` on may be the unit `read` of a sequence.
pub(super) fn steps(
    reader: &mut Reader<'_>,
    sequence: &Sequence<'_>,
    alphabet: Alphabet,
    read: usize,
    at: usize,
    steps: &mut Vec<Step>,
) {
    let separator: fn(u8) -> bool = if alphabet == Alphabet::Cells {
        |byte| b" ,\t".contains(&byte)
    } else {
        |byte| b" \t,:;_-.'\"[](){}$+<>&#/|".contains(&byte)
    };
    let mut try_at = |reader: &mut Reader<'_>, place: usize| {
        let end = number(reader, sequence, alphabet, read, place);
        steps.extend(end.map(|to| Step { units: 1, to }));
        end.is_some()
    };
    if try_at(reader, at) || read == 0 {
        return;
    }
    if alphabet == Alphabet::Cells {
        // A space may be what separates, or what is in the cell.
        let most = reader.skip(at, 4, separator);
        if (at + 1..=most).any(|place| try_at(reader, place)) {
            return;
        }
    } else {
        let separated = separated(reader, at, separator);
        if separated > at && try_at(reader, separated) {
            return;
        }
    }
    for place in next_line(reader, at).into_iter().flatten() {
        try_at(reader, place);
    }
}

fn separated(reader: &mut Reader<'_>, at: usize, separator: fn(u8) -> bool) -> usize {
    let mut end = reader.skip(at, SEPARATORS, separator);
    for prefix in [&b"0x"[..], b"0X", b"\\x", b"0b", b"u8"] {
        if reader.has(end, prefix) {
            end += prefix.len();
        }
    }
    end
}

/// The places where the bytes of the next line may begin: behind its offset, or without one.
fn next_line(reader: &mut Reader<'_>, at: usize) -> [Option<usize>; 2] {
    let first = reader.peek(at);
    if !first.is_some_and(|byte| b" \t,\r\n|'\"\\".contains(&byte)) {
        return [None, None];
    }
    let column = |byte: u8| byte != b'\n';
    let end = reader.skip(at, COLUMN, column);
    if reader.peek(end) != Some(b'\n') {
        return [None, None];
    }
    let blank = |byte: u8| b" \t'\"|".contains(&byte);
    let begin = reader.skip(end + 1, COLUMN, blank);
    let offset = reader.skip(begin, OFFSET, |byte| byte.is_ascii_hexdigit());
    let colon = offset + usize::from(reader.peek(offset) == Some(b':'));
    let behind = reader.skip(colon, COLUMN, blank);
    let has_offset = offset >= begin + 4 && behind > offset;
    [has_offset.then_some(behind), Some(begin)]
}

fn number(
    reader: &mut Reader<'_>,
    sequence: &Sequence<'_>,
    alphabet: Alphabet,
    read: usize,
    at: usize,
) -> Option<usize> {
    let unit = u32::from(sequence.unit(read));
    match alphabet {
        Alphabet::Hex => digits(reader, at, 16, 2, unit).or_else(|| {
            // Go's `%#v`: `0x9`.
            let prefixed = unit < 16 && at > 0 && reader.peek(at - 1) == Some(b'x');
            let end = prefixed.then(|| digits(reader, at, 16, 1, unit))??;
            (!reader.is_open(end) && !reader.peek(end).is_some_and(|b| b.is_ascii_hexdigit()))
                .then_some(end)
        }),
        Alphabet::Octal => {
            let plain = digits(reader, at, 8, 3, unit);
            plain.or_else(|| {
                (reader.peek(at) == Some(b'0')).then(|| digits(reader, at + 1, 8, 3, unit))?
            })
        }
        Alphabet::Words => digits(reader, at, 8, 6, sequence.word(read)),
        Alphabet::Decimal => {
            let end = reader.skip(at, 4, |byte| byte.is_ascii_digit());
            let written = reader.text().get(at..end)?;
            let value = std::str::from_utf8(written).ok()?.parse::<u32>().ok()?;
            (value == unit && end - at <= 3 && !reader.is_open(end)).then_some(end)
        }
        Alphabet::Cells => cell(reader, sequence.unit(read), at),
        Alphabet::Text | Alphabet::Base64 | Alphabet::Base32 => None,
    }
}

fn digits(reader: &mut Reader<'_>, at: usize, base: u32, count: usize, want: u32) -> Option<usize> {
    let mut value = 0;
    for place in at..at + count {
        let digit = char::from(reader.peek(place)?).to_digit(base)?;
        value = value * base + digit;
    }
    (value == want).then_some(at + count)
}

/// A character, its escape, or its octal digits.
fn cell(reader: &mut Reader<'_>, unit: u8, at: usize) -> Option<usize> {
    if reader.peek(at)? == unit {
        return Some(at + 1);
    }
    if reader.peek(at)? == b'\\' {
        let letter = reader.peek(at + 1)?;
        return (super::reader::control(letter) == Some(unit) || letter == unit).then_some(at + 2);
    }
    digits(reader, at, 8, 3, u32::from(unit))
}

/// Appends a character as od(1) writes it with `-c`, or as it is.
pub(super) fn cell_text(unit: u8, escaped: bool, to: &mut Vec<u8>) {
    let letter = b"ntrabfv0".iter().find(|letter| super::reader::control(**letter) == Some(unit));
    match letter {
        Some(letter) if escaped => to.extend_from_slice(&[b'\\', *letter]),
        None if escaped && !(0x20..0x7f).contains(&unit) => {
            super::written::number(u32::from(unit), 8, 3, false, to);
        }
        _ => to.push(unit),
    }
}
