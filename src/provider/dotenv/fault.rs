//! What can be wrong in a dotenv file, and what to do about it. Nothing here holds a line's text:
//! a line holds a secret, so an error has a line, a column and at most the name.

use std::fmt;

use super::cursor::Position;
use crate::secret::Name;

/// Where and why a dotenv file cannot be read.
///
/// It is displayed as `12:8: what is wrong`, to be put behind the file's name and a colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from one.
    pub line: u32,
    /// The column, counted from one in characters.
    pub column: u32,
    /// The name whose value is wrong, when the fault lies in a value.
    pub name: Option<Name>,
    /// What is wrong there.
    pub kind: ParseErrorKind,
}

/// What is wrong at one place of a dotenv file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// The file is not UTF-8.
    NotUtf8,
    /// There is a NUL character, which no environment variable can hold.
    Nul,
    /// There is a carriage return that is no part of a CRLF line ending.
    BareCarriageReturn,
    /// A name has a character that is no letter, digit, `_`, `.` or `-`, or begins with no letter.
    InvalidName,
    /// A name has no `=` behind it.
    MissingEquals,
    /// A quote is never closed. The position is where it opens.
    UnterminatedQuote(char),
    /// There is more than a comment behind a closing quote.
    TextAfterQuote {
        /// The line on which the quote opens.
        opened: u32,
    },
    /// A backslash in double quotes is followed by something that is no escape.
    InvalidEscape,
    /// A `$` outside single quotes is followed by what some readers expand.
    Interpolation,
    /// A `#` in an unquoted value is taken for a comment by some readers only.
    UnquotedHash,
    /// A backslash in an unquoted value is taken away by some readers.
    UnquotedBackslash,
    /// A control character or a space that is not ASCII is in an unquoted value, where some
    /// readers strip it.
    UnquotedInvisible(char),
}

impl ParseErrorKind {
    pub(super) fn at(self, position: Position) -> ParseError {
        ParseError { line: position.line, column: position.column, name: None, kind: self }
    }
}

impl ParseError {
    pub(super) fn in_value_of(self, name: &Name) -> Self {
        Self { name: Some(name.clone()), ..self }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self.kind {
            ParseErrorKind::NotUtf8 => "save the file as UTF-8",
            ParseErrorKind::Nul => "take the NUL out; a binary secret can be written in base64",
            ParseErrorKind::BareCarriageReturn => {
                "write `\\r` in double quotes if the value has one"
            }
            ParseErrorKind::InvalidName => {
                "a line is `NAME=value`, and a value of several lines stands in quotes"
            }
            ParseErrorKind::MissingEquals => {
                "write `NAME=value`, or `NAME=` if it is empty: hushed takes no value from its own \
                 environment here, as `docker --env-file` does"
            }
            ParseErrorKind::UnterminatedQuote(_) => {
                "close the quote; a value that begins with a quote stands in quotes of another kind"
            }
            ParseErrorKind::TextAfterQuote { .. } => {
                "put the whole value in one pair of quotes that do not occur in it, and a space \
                 before a comment"
            }
            ParseErrorKind::InvalidEscape => {
                "the escapes are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\` and `\\$`; in single quotes a \
                 backslash is a backslash"
            }
            ParseErrorKind::Interpolation => {
                "hushed expands nothing: put the value in single quotes if the `$` is part of it, \
                 else write out what it stands for"
            }
            ParseErrorKind::UnquotedHash => {
                "put the value in single quotes, and a space before a comment (`NAME='' # why`)"
            }
            ParseErrorKind::UnquotedBackslash | ParseErrorKind::UnquotedInvisible(_) => {
                "put the value in single quotes if it is part of it"
            }
        };
        Some(hint.to_owned())
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if let Some(name) = &self.name {
            write!(f, "the value of `{name}`: ")?;
        }
        match self.kind {
            ParseErrorKind::NotUtf8 => f.write_str("not UTF-8"),
            ParseErrorKind::Nul => {
                f.write_str("a NUL character, which no environment variable can hold")
            }
            ParseErrorKind::BareCarriageReturn => {
                f.write_str("a carriage return that belongs to no line ending")
            }
            ParseErrorKind::InvalidName => f.write_str("not a name followed by `=`"),
            ParseErrorKind::MissingEquals => f.write_str("a name with no `=` behind it"),
            ParseErrorKind::UnterminatedQuote(quote) => {
                write!(f, "this {} is never closed", named(quote))
            }
            ParseErrorKind::TextAfterQuote { opened } => {
                write!(f, "text behind the closing quote of the value that opens on line {opened}")
            }
            ParseErrorKind::InvalidEscape => f.write_str("a backslash that begins no escape"),
            ParseErrorKind::Interpolation => {
                f.write_str("a `$` that some readers of dotenv files expand")
            }
            ParseErrorKind::UnquotedHash => {
                f.write_str("a `#` that some readers of dotenv files take for a comment")
            }
            ParseErrorKind::UnquotedBackslash => {
                f.write_str("a backslash that some readers of dotenv files take away")
            }
            ParseErrorKind::UnquotedInvisible(c) => {
                let code = u32::from(c);
                write!(f, "U+{code:04X}, which some readers of dotenv files strip")
            }
        }
    }
}

impl std::error::Error for ParseError {}

fn named(quote: char) -> &'static str {
    match quote {
        '"' => "double quote",
        '`' => "backtick",
        _ => "single quote",
    }
}
