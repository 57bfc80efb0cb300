//! What can be wrong in a dotenv file, what is merely odd in it, and what to do about it. Nothing here
//! holds a line's text: a line holds a secret, so an error has a line, a column and at most the name.

use std::fmt;

use super::cursor::Position;
use crate::secret::Name;

/// Where and why a dotenv file cannot be read.
///
/// It is displayed as `12:8: what is wrong`, to follow the file's name and a colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from one.
    pub line: u32,
    /// The column, counted from one in characters.
    pub column: u32,
    /// The name whose value is wrong, where the error is in a value.
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
    /// There is a carriage return that is not part of a CRLF line ending.
    BareCarriageReturn,
    /// A line is longer than the program of the dialect reads, in bytes.
    LineTooLong(usize),
    /// A name has a character other than a letter, digit, `_`, `.` or `-`, or starts with a digit.
    InvalidName,
    /// A name has a space or a tab in it.
    SpaceInName,
    /// A name has no `=` after it.
    MissingEquals,
    /// `export NAME` or `export NAME=` of a variable that is not set above.
    ExportWithoutValue,
    /// A quote is never closed. The position is where it opens.
    UnterminatedQuote(char),
    /// There is more than a comment after a closing quote.
    TextAfterQuote {
        /// The line on which the quote opens.
        opened: u32,
    },
    /// A backslash in double quotes is followed by something that is not an escape.
    InvalidEscape,
    /// A `$` outside single quotes is followed by what some readers expand.
    Interpolation,
    /// `${` does not start a reference that hushed supports.
    InvalidReference,
    /// A quote, backslash, `#` or `{` in the default of an unquoted reference is read in different ways.
    AmbiguousDefault,
    /// A reference is to a variable that is not set.
    UnknownReference {
        /// The line further down that sets it, if there is one.
        below: Option<u32>,
    },
    /// A reference is to an excluded line that cannot be read.
    UnreadableReference,
    /// A reference with `?` is to a variable that is not set, or is empty after `:?`.
    RequiredReference,
    /// A reference to a secret has no value.
    UnresolvedReference,
    /// The program of the dialect would run a command.
    Command,
    /// A `#` in an unquoted value starts a comment for some readers only.
    UnquotedHash,
    /// Some readers remove a backslash in an unquoted value.
    UnquotedBackslash,
    /// Some readers strip a control character or a space that is not ASCII from an unquoted value.
    UnquotedInvisible(char),
}

impl ParseErrorKind {
    pub(super) fn at(self, position: Position) -> ParseError {
        ParseError { line: position.line, column: position.column, name: None, kind: self }
    }

    /// Whether the line is no assignment at all.
    pub(super) fn is_stray_line(&self) -> bool {
        matches!(self, Self::InvalidName | Self::MissingEquals)
    }

    /// Whether programs read such a line in different ways.
    pub(super) fn is_ambiguity(&self) -> bool {
        !matches!(
            self,
            Self::NotUtf8
                | Self::Nul
                | Self::LineTooLong(_)
                | Self::UnknownReference { .. }
                | Self::UnreadableReference
                | Self::RequiredReference
                | Self::UnresolvedReference
        )
    }
}

impl ParseError {
    pub(super) fn position(&self) -> Position {
        Position { line: self.line, column: self.column }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> String {
        let hint = match self.kind {
            ParseErrorKind::NotUtf8 => "save the file as UTF-8",
            ParseErrorKind::Nul => "remove the NUL; encode a binary secret in base64",
            ParseErrorKind::BareCarriageReturn => {
                "write `\\r` in double quotes if the value has a carriage return"
            }
            ParseErrorKind::LineTooLong(_) => "put the value in a file of its own",
            ParseErrorKind::InvalidName | ParseErrorKind::SpaceInName => {
                "a line is `NAME=value`; quote a value of several lines"
            }
            ParseErrorKind::MissingEquals => {
                "write `NAME=value`, or `NAME=` for an empty value: hushed does not take the value from \
                 the environment here, as `docker --env-file` does"
            }
            ParseErrorKind::ExportWithoutValue => "set the variable on a line above",
            ParseErrorKind::UnterminatedQuote(_) => {
                "close the quote; if the value starts with a quote, enclose it in quotes of another kind"
            }
            ParseErrorKind::TextAfterQuote { .. } => {
                "enclose the whole value in one pair of quotes that do not occur in it, and put a space \
                 before a comment"
            }
            ParseErrorKind::InvalidEscape => {
                "the escapes are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\` and `\\$`; in single quotes a \
                 backslash is a backslash"
            }
            ParseErrorKind::Interpolation => {
                "enclose the value in single quotes if the `$` is part of it, or write `${NAME}` for the \
                 value of a variable"
            }
            ParseErrorKind::InvalidReference => {
                "write `${NAME}`, `${NAME:-default}` or `${NAME:?message}`, or enclose the value in single \
                 quotes if the `$` is part of it"
            }
            ParseErrorKind::AmbiguousDefault => {
                "enclose the whole value in double quotes, or set the default on a line of its own"
            }
            ParseErrorKind::UnknownReference { below: Some(_) } => {
                "move that line up, above the reference"
            }
            ParseErrorKind::UnknownReference { below: None } => {
                "set the variable on a line above, give a default with `${NAME:-default}`, or enclose the \
                 value in single quotes if the `$` is part of it"
            }
            ParseErrorKind::UnreadableReference => {
                "correct that line, although `--exclude` or `--only` leaves it out"
            }
            ParseErrorKind::RequiredReference => "set the variable",
            ParseErrorKind::UnresolvedReference => "correct the reference",
            ParseErrorKind::Command => {
                "hushed runs no command from a file: set the value itself, or use a source that has it"
            }
            ParseErrorKind::UnquotedHash => {
                "enclose the value in single quotes, and put a space before a comment (`NAME='' # why`)"
            }
            ParseErrorKind::UnquotedBackslash | ParseErrorKind::UnquotedInvisible(_) => {
                "enclose the value in single quotes if it is part of it"
            }
        };
        hint.to_owned()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if let Some(name) = &self.name {
            write!(f, "the value of `{name}`: ")?;
        }
        self.kind.fmt(f)
    }
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotUtf8 => "not UTF-8",
            Self::Nul => "a NUL character, which no environment variable can hold",
            Self::BareCarriageReturn => "a carriage return that is not part of a line ending",
            Self::LineTooLong(limit) => {
                return write!(f, "a line of {limit} bytes or more, which docker refuses");
            }
            Self::InvalidName => "not a name followed by `=`",
            Self::SpaceInName => "white space in a name",
            Self::MissingEquals => "a name without `=`",
            Self::ExportWithoutValue => "`export` of a variable that has no value",
            Self::UnterminatedQuote(quote) => {
                return write!(f, "unterminated {}", quote_name(*quote));
            }
            Self::TextAfterQuote { opened } => {
                return write!(
                    f,
                    "text after the closing quote of the value that starts on line {opened}"
                );
            }
            Self::InvalidEscape => "unknown escape after a backslash",
            Self::Interpolation => "a `$` that some readers of dotenv files expand",
            Self::InvalidReference => "`${` does not start a supported reference",
            Self::AmbiguousDefault => {
                "a default that readers of dotenv files read in different ways"
            }
            Self::UnknownReference { below: None } => "the referenced variable is not set",
            Self::UnknownReference { below: Some(line) } => {
                return write!(f, "the referenced variable is set further down, on line {line}");
            }
            Self::UnreadableReference => "the referenced line cannot be read",
            Self::RequiredReference => "the referenced variable is required and not set",
            Self::UnresolvedReference => "the secret that it refers to has no value",
            Self::Command => "a command, which this dialect would run",
            Self::UnquotedHash => "a `#` that starts a comment for some readers of dotenv files",
            Self::UnquotedBackslash => "a backslash that some readers of dotenv files remove",
            Self::UnquotedInvisible(c) => {
                let code = u32::from(*c);
                return write!(f, "U+{code:04X}, which some readers of dotenv files strip");
            }
        })
    }
}

impl std::error::Error for ParseError {}

fn quote_name(quote: char) -> &'static str {
    match quote {
        '"' => "double quote",
        '`' => "backtick",
        _ => "single quote",
    }
}

/// The most errors of one file that are reported.
pub(super) const MAX_ERRORS: usize = 20;

/// The errors of a dotenv file, in order: at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseErrors {
    /// The first errors, each with how other programs read the line, where that is known.
    pub errors: Vec<(ParseError, Option<String>)>,
    /// Whether there are more.
    pub has_more: bool,
}

impl std::error::Error for ParseErrors {}

impl fmt::Display for ParseErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list(f, "")
    }
}

impl ParseErrors {
    /// Shows one error a line, each after the name of the file.
    pub(super) fn list(&self, f: &mut fmt::Formatter<'_>, file: &str) -> fmt::Result {
        for (index, (error, _)) in self.errors.iter().enumerate() {
            let before = if index > 0 { "\n  and: " } else { "" };
            write!(f, "{before}{file}{error}")?;
        }
        if self.has_more { f.write_str("\n  and more") } else { Ok(()) }
    }

    /// What the user can do about them.
    pub fn hint(&self) -> String {
        let mut hints: Vec<String> = Vec::new();
        for (error, others) in &self.errors {
            for hint in [Some(error.hint()), others.clone()].into_iter().flatten() {
                if !hints.contains(&hint) {
                    hints.push(hint);
                }
            }
        }
        if self.errors.iter().any(|(_, others)| others.is_some()) {
            hints.push(
                "to read the file as one of these programs does, set `dialect` on its source, or pass \
                 --env-file-dialect"
                    .to_owned(),
            );
        }
        hints.join("\n  hint: ")
    }
}

/// Something that a dialect reads in a way that its author may not expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// The line, counted from one.
    pub line: u32,
    /// The name that it concerns, if there is one.
    pub name: Option<Name>,
    /// What is odd.
    pub kind: OddityKind,
}

/// What is odd about how a line is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OddityKind {
    /// The line is skipped.
    LineIgnored,
    /// The value is cut at a `#` without a blank before it.
    CutAtHash,
    /// Text after a closing quote is ignored.
    TextAfterQuoteIgnored,
    /// Text after a closing quote is read as another assignment.
    TextAfterQuoteIsNextAssignment,
    /// Text after a closing quote is joined to the value.
    TextAfterQuoteJoined,
    /// A quote is part of the value.
    QuoteKept,
    /// The value goes on to the end of the file, since its quote is never closed.
    QuoteToEndOfFile,
    /// What looks like a comment is part of the value.
    CommentKept,
    /// The value is, or goes on, on the next line.
    NextLineTaken,
    /// The name has no value, and sets no variable.
    NoValue,
    /// The program drops a variable of such a name.
    NameDropped,
    /// A reference to a variable that is not set is read as empty.
    UnsetReference,
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.line)?;
        if let Some(name) = &self.name {
            write!(f, "`{name}`: ")?;
        }
        f.write_str(match self.kind {
            OddityKind::LineIgnored => "the line is ignored",
            OddityKind::CutAtHash => "the value is cut at `#`",
            OddityKind::TextAfterQuoteIgnored => "the text after the closing quote is ignored",
            OddityKind::TextAfterQuoteIsNextAssignment => {
                "the text after the closing quote is read as another assignment"
            }
            OddityKind::TextAfterQuoteJoined => {
                "the text after the closing quote is part of the value"
            }
            OddityKind::QuoteKept => "the quotes are part of the value",
            OddityKind::QuoteToEndOfFile => {
                "the quote is never closed, and the rest of the file is part of the value"
            }
            OddityKind::CommentKept => "` #` does not start a comment, and is part of the value",
            OddityKind::NextLineTaken => "the next line is part of the value",
            OddityKind::NoValue => "the name has no value, and sets no variable",
            OddityKind::NameDropped => "a variable of such a name is dropped",
            OddityKind::UnsetReference => "a reference to a variable that is not set is empty",
        })
    }
}
