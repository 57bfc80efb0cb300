//! Prepares the bytes of a dotenv file for the tokenizer: encoding, byte order mark and line ends, as a dialect
//! counts them. A byte that is not UTF-8 and stands for itself is a private character until the value is done.

use zeroize::{Zeroize as _, Zeroizing};

use super::super::cursor::Position;
use super::super::dialect::{CarriageReturn, InvalidUtf8, Rules};
use super::super::syntax::{ParseError, ParseErrorKind};
use super::super::tokenize::{RawValue, Statement};

/// A file as text that the tokenizer reads: without a byte order mark, with line ends as the dialect counts
/// them.
pub(in crate::provider::dotenv) enum Text<'i> {
    Borrowed(&'i str),
    Owned(Zeroizing<String>),
}

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
        }
    }
}

/// A byte order mark.
const BOM: &[u8] = b"\xef\xbb\xbf";

pub(in crate::provider::dotenv) fn prepare<'i>(
    input: &'i [u8],
    rules: &Rules,
) -> Result<Text<'i>, ParseError> {
    let input = if rules.skips_bom { input.strip_prefix(BOM).unwrap_or(input) } else { input };
    let text = match std::str::from_utf8(input) {
        Ok(text) => Text::Borrowed(text),
        Err(error) => match rules.invalid_utf8 {
            InvalidUtf8::Refused => {
                let valid = input.get(..error.valid_up_to()).unwrap_or_default();
                let valid = std::str::from_utf8(valid).unwrap_or_default();
                return Err(ParseErrorKind::NotUtf8.at(Position::in_text(valid, valid.len())));
            }
            InvalidUtf8::Replaced => Text::Owned(replace_invalid(input, |_| '\u{fffd}')),
            InvalidUtf8::Kept | InvalidUtf8::RefusedInAssignments => {
                Text::Owned(replace_invalid(input, stray_byte))
            }
        },
    };
    if let Some(at) = text.find('\0') {
        return Err(ParseErrorKind::Nul.at(Position::in_text(&text, at)));
    }
    if !text.contains('\r') {
        return Ok(text);
    }
    if becomes_itself(rules) {
        return Ok(text);
    }
    Ok(Text::Owned(filter_returns(&text, |next| carriage_return(rules, next))))
}

fn becomes_itself(rules: &Rules) -> bool {
    matches!(rules.carriage_return, CarriageReturn::OnlyBeforeLineFeed | CarriageReturn::Kept)
}

/// What becomes of a carriage return before this character.
fn carriage_return(rules: &Rules, next: Option<char>) -> Option<char> {
    match rules.carriage_return {
        CarriageReturn::OnlyBeforeLineFeed | CarriageReturn::Kept => Some('\r'),
        CarriageReturn::Deleted => None,
        CarriageReturn::LineFeed => (next != Some('\n')).then_some('\n'),
        CarriageReturn::DeletedAtLineEnd => (!matches!(next, None | Some('\n'))).then_some('\r'),
    }
}

/// The offset in a file of UTF-8 that an offset in its prepared text comes from.
pub(in crate::provider::dotenv) fn source_offset(
    input: &[u8],
    rules: &Rules,
    offset: usize,
) -> usize {
    let has_bom = rules.skips_bom && input.starts_with(BOM);
    let start = if has_bom { BOM.len() } else { 0 };
    let text = std::str::from_utf8(input.get(start..).unwrap_or_default()).unwrap_or_default();
    let mut passed = 0;
    for (at, c) in text.char_indices() {
        if passed >= offset {
            return start + at;
        }
        let next = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        let kept = if c == '\r' { carriage_return(rules, next) } else { Some(c) };
        passed += kept.map_or(0, char::len_utf8);
    }
    input.len()
}

/// Puts something else in the place of each carriage return, by the character after it.
fn filter_returns(text: &str, replace: impl Fn(Option<char>) -> Option<char>) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let c = if c == '\r' { replace(chars.peek().copied()) } else { Some(c) };
        out.extend(c);
    }
    out
}

/// Puts a character in the place of the bytes that are not UTF-8.
fn replace_invalid(input: &[u8], replace: impl Fn(u8) -> char) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(input.len() * 4));
    for chunk in input.utf8_chunks() {
        out.push_str(chunk.valid());
        let invalid = chunk.invalid();
        let lossy = replace(0) == '\u{fffd}';
        let count = if lossy { invalid.len().min(1) } else { invalid.len() };
        out.extend(invalid.iter().take(count).map(|byte| replace(*byte)));
    }
    out
}

/// What stands for a byte that is not UTF-8, until the value is done: a character for private use.
const STRAY_BYTES: u32 = 0x10_ff00;

fn stray_byte(byte: u8) -> char {
    char::from_u32(STRAY_BYTES + u32::from(byte)).unwrap_or('\u{fffd}')
}

fn is_stray_byte(c: char) -> bool {
    (STRAY_BYTES + 0x80..=STRAY_BYTES + 0xff).contains(&u32::from(c))
}

/// Whether an assignment has bytes that are not UTF-8.
pub(super) fn has_stray_bytes(statement: &Statement<'_>) -> bool {
    let is_stray = |text: &str| text.contains(is_stray_byte);
    let in_value = match &statement.value {
        RawValue::Bare | RawValue::Missing => false,
        RawValue::One(segment) => is_stray(segment.text),
        RawValue::Joined(segments) => segments.iter().any(|segment| is_stray(segment.text)),
    };
    in_value || is_stray(statement.name)
}

/// Puts the bytes back that stand for themselves.
pub(super) fn restore_stray_bytes(bytes: &mut Vec<u8>) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if !text.contains(is_stray_byte) {
        return;
    }
    let mut out = Vec::with_capacity(bytes.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c).wrapping_sub(STRAY_BYTES)) {
            Ok(byte) if is_stray_byte(c) => out.push(byte),
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes.zeroize();
    *bytes = out;
}
