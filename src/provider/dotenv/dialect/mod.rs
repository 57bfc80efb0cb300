//! The dialects of dotenv files: one table of rules for each program whose reading hushed reproduces.
//! `tokenize` and `decode` act on the rules and know no dialect by name; `docs/dotenv.md` states the
//! versions and shows the rules at work.

use std::fmt;
use std::str::FromStr;

mod table;

use table::{COMPOSE, DOCKER, DOTENV, NODE, PYTHON, RUBY, STRICT, SYSTEMD};

/// Whose reading of a dotenv file is reproduced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// hushed's own: an error wherever programs disagree.
    #[default]
    Strict,
    /// `node --env-file` and `util.parseEnv` (26).
    Node,
    /// npm's dotenv (18), without dotenv-expand.
    Dotenv,
    /// python-dotenv (1.2), which expands `${NAME}`.
    Python,
    /// Ruby's dotenv (3.2).
    Ruby,
    /// Docker Compose (compose-go 2.16).
    Compose,
    /// `docker run --env-file` (docker CLI 29).
    Docker,
    /// `EnvironmentFile=` of a systemd unit (262).
    Systemd,
}

/// A text that names no dialect.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a dialect of dotenv files; choose {names}", names = Dialect::NAMES.join(", "))]
pub struct UnknownDialect(String);

impl Dialect {
    /// All dialects, in the order of [`Self::NAMES`].
    pub const ALL: [Self; 8] = [
        Self::Strict,
        Self::Node,
        Self::Dotenv,
        Self::Python,
        Self::Ruby,
        Self::Compose,
        Self::Docker,
        Self::Systemd,
    ];

    /// The dialects as settings spell them.
    pub const NAMES: [&str; 8] =
        ["strict", "node", "dotenv", "python", "ruby", "compose", "docker", "systemd"];

    /// The dialect as settings spell it.
    pub fn as_str(self) -> &'static str {
        self.rules().name
    }

    pub(super) fn rules(self) -> &'static Rules {
        match self {
            Self::Strict => &STRICT,
            Self::Node => &NODE,
            Self::Dotenv => &DOTENV,
            Self::Python => &PYTHON,
            Self::Ruby => &RUBY,
            Self::Compose => &COMPOSE,
            Self::Docker => &DOCKER,
            Self::Systemd => &SYSTEMD,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        let found = Self::ALL.into_iter().find(|dialect| dialect.as_str() == text);
        found.ok_or_else(|| UnknownDialect(text.to_owned()))
    }
}

/// A set of characters.
pub(super) type Class = fn(char) -> bool;

/// How one program reads a dotenv file.
pub(super) struct Rules {
    pub(super) name: &'static str,
    /// What becomes of bytes that are not UTF-8.
    pub(super) invalid_utf8: InvalidUtf8,
    /// Whether a byte order mark at the start of the file is skipped.
    pub(super) skips_bom: bool,
    pub(super) carriage_return: CarriageReturn,
    /// The longest line in bytes, its end included.
    pub(super) max_line: usize,
    /// The characters that start a comment line.
    pub(super) comment_lines: &'static [char],
    /// White space between lines and in front of a name.
    pub(super) space: Class,
    /// White space within a line: around `=` and at the end of a value.
    pub(super) blank: Class,
    /// What ends a comment or a line that is skipped, beside LF.
    pub(super) line_end: Class,
    /// What ends an unquoted value, beside LF.
    pub(super) value_end: Class,
    pub(super) export: Export,
    pub(super) name_rule: NameRule,
    /// Whether a variable is dropped whose name is not made of letters, digits and `_` alone.
    pub(super) drops_names_that_are_not_identifiers: bool,
    pub(super) colon: Colon,
    pub(super) bare_name: BareName,
    pub(super) malformed: Malformed,
    /// The quotes that a value may start with.
    pub(super) quotes: &'static [char],
    /// Where a double-quoted value ends.
    pub(super) double_close: Close,
    /// Where a value in any other quotes ends.
    pub(super) single_close: Close,
    pub(super) unclosed: Unclosed,
    pub(super) after_quote: AfterQuote,
    pub(super) inline_comment: InlineComment,
    /// What is trimmed from the end of an unquoted value.
    pub(super) trim: Class,
    pub(super) double_escapes: Escapes,
    pub(super) single_escapes: Escapes,
    pub(super) unquoted_escapes: Escapes,
    pub(super) references: References,
    /// What a reference finds first, and a name that both have stands for.
    pub(super) lookup: Lookup,
}

/// What becomes of bytes that are not UTF-8.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum InvalidUtf8 {
    Refused,
    /// Each is U+FFFD.
    Replaced,
    /// They are part of the value.
    Kept,
    /// They may stand in comments only.
    RefusedInAssignments,
}

/// What a carriage return is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CarriageReturn {
    /// A part of CRLF, which is LF; an error elsewhere.
    OnlyBeforeLineFeed,
    /// Nothing: it is deleted.
    Deleted,
    /// The end of a line, as CRLF is; both are LF.
    LineFeed,
    /// A character like others.
    Kept,
    /// Removed at the end of a line.
    DeletedAtLineEnd,
}

/// How `export ` in front of a name is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Export {
    /// As a part of the name.
    No,
    /// Removed; a name must follow, unless `export` itself is the name.
    Keyword,
    /// Removed; a name must follow.
    AlwaysKeyword,
    /// Removed from a name in front of a value that is not empty.
    PrefixOfName,
}

/// Which characters a name has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NameRule {
    /// Letters, digits, `_`, `.` and `-`; a letter or `_` first.
    Strict,
    /// As many of these characters as there are.
    Word { dash: bool },
    /// Everything up to `=`, without white space around it.
    UpToEquals,
    /// Everything up to `=`; a space or tab in it is an error.
    UpToEqualsWithoutBlanks,
    /// Up to `=`, `#` or white space, or anything in single quotes.
    UpToSpaceOrQuoted,
    /// Letters and digits of any script, `_.-[]`, and white space; `=`, `:` or the line's end ends it.
    Letters,
}

/// Whether `NAME: value` is an assignment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Colon {
    No,
    /// With white space after the colon.
    BeforeSpace,
    Yes,
}

/// What a name without `=` is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum BareName {
    Error,
    Malformed,
    /// Nothing, but known to have no value.
    WithoutValue,
    /// Empty; after `export` an error, unless the name is set above.
    Empty,
    /// The variable of this name in the environment.
    Inherited,
}

/// What becomes of a line that is no assignment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    Error,
    /// The line where reading stopped is skipped.
    SkipRest,
    /// The line on which it starts is skipped.
    SkipLine,
    /// The line is skipped, and with it the white space and empty lines that follow.
    SkipLineAndSpace,
}

/// Where a quoted value ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    /// At the next quote.
    First,
    /// At the next quote that no backslash escapes.
    Unescaped,
    /// At the next quote without a backslash before it; if that does not fit, at one with a backslash.
    Backtracking,
}

/// What becomes of a quote that is never closed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclosed {
    Error,
    Malformed,
    /// It is a character of an unquoted value.
    Unquoted,
    /// The line is the value as it stands.
    WholeLine,
    /// The value goes on to the end of the file.
    EndOfFile,
}

/// What may stand after a closing quote.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterQuote {
    /// A comment after a blank; all else is an error.
    CommentOrError,
    /// A comment; with anything else the value is unquoted.
    CommentOrUnquoted,
    /// A comment; anything else makes the line malformed.
    CommentOrMalformed,
    /// Anything; it is ignored.
    Ignored,
    /// Another assignment.
    NextAssignment,
    /// More of the value.
    MoreValue,
}

/// Where a comment begins in an unquoted value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum InlineComment {
    Never,
    /// At any `#`.
    AtHash,
    /// At ` #`.
    AfterSpace,
    /// At `#` after white space, also at the start of a value after `= `.
    AfterWhitespace,
    /// At ` #`; any other `#` is an error.
    AfterSpaceOrError,
}

/// What a backslash does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// Nothing.
    None,
    /// `\n`, `\r`, `\t`, `\"`, `\\` and `\$`; anything else is an error.
    Strict,
    /// It is an error.
    Error,
    /// `\n` is a newline.
    Newline,
    /// `\n` is a newline and `\r` a carriage return, wherever the value starts with a double quote.
    NewlineAndReturn,
    /// These characters stand for themselves or a control character; any other keeps its backslash.
    Python(&'static [char]),
    /// The character after it stands for itself, but `$`; in double quotes also but `n` and `r`.
    AnyButDollar,
    /// In double quotes of compose: C escapes, octal codes, `\$`.
    Go,
    /// The quote alone loses its backslash.
    QuoteOnly,
    /// The character after it stands for itself; a newline is removed.
    Any,
    /// Of the characters that a shell needs escaped; a newline is removed; any other keeps its backslash.
    Shell,
}

/// Where a reference looks first for a name that stands in the file above and in the environment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lookup {
    /// In the file.
    FileFirst,
    /// In the environment.
    EnvironmentFirst,
    /// In the environment, unless the source overrides it.
    ByPrecedence,
    /// The same, and an assignment in the file then stands for the value of the environment, too.
    Replaced,
}

/// Which references to variables are expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum References {
    None,
    /// `${NAME}` with defaults, outside single quotes; `$` before anything else that some program expands
    /// is an error.
    Strict,
    /// `${NAME}` and `${NAME:-default}`, in any quotes.
    Python,
    /// `$NAME` and `${NAME}` outside single quotes; `$(` is an error.
    Ruby,
    /// The interpolation of compose files, outside single quotes.
    Compose,
}

/// Space and tab.
pub(super) const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}
