//! The dialects of dotenv files: one table of rules for each program whose reading hushed reproduces.
//! `tokenize` and `decode` act on the rules and know no dialect by name; `docs/dotenv.md` states the
//! versions and shows the rules at work.

use std::fmt;
use std::str::FromStr;

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

const fn no(_: char) -> bool {
    false
}

/// Space and tab.
pub(super) const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

const fn is_blank_or_line(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n')
}

const fn is_blank_or_line_end(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// `\s` of Ruby and of Go.
const fn is_ascii_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ')
}

/// `\s` of JavaScript.
const fn is_js_space(c: char) -> bool {
    matches!(
        c,
        '\t'..='\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}'
            | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
    )
}

const fn is_js_line_end(c: char) -> bool {
    matches!(c, '\n' | '\u{2028}' | '\u{2029}')
}

/// `\s` of Python: Unicode's white space, and the information separators.
fn is_python_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

fn is_python_blank(c: char) -> bool {
    is_python_space(c) && !matches!(c, '\r' | '\n')
}

const fn is_compose_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

fn is_unicode_space(c: char) -> bool {
    c.is_whitespace()
}

const fn is_carriage_return(c: char) -> bool {
    c == '\r'
}

static STRICT: Rules = Rules {
    name: "strict",
    invalid_utf8: InvalidUtf8::Refused,
    skips_bom: true,
    carriage_return: CarriageReturn::OnlyBeforeLineFeed,
    max_line: usize::MAX,
    comment_lines: &['#'],
    space: is_blank_or_line_end,
    blank: is_blank,
    line_end: is_carriage_return,
    value_end: is_carriage_return,
    export: Export::AlwaysKeyword,
    name_rule: NameRule::Strict,
    drops_names_that_are_not_identifiers: false,
    colon: Colon::No,
    bare_name: BareName::Error,
    malformed: Malformed::Error,
    quotes: &['"', '\'', '`'],
    double_close: Close::Unescaped,
    single_close: Close::First,
    unclosed: Unclosed::Error,
    after_quote: AfterQuote::CommentOrError,
    inline_comment: InlineComment::AfterSpaceOrError,
    trim: is_blank,
    double_escapes: Escapes::Strict,
    single_escapes: Escapes::None,
    unquoted_escapes: Escapes::Error,
    references: References::Strict,
    lookup: Lookup::FileFirst,
};

static NODE: Rules = Rules {
    name: "node",
    invalid_utf8: InvalidUtf8::Replaced,
    skips_bom: false,
    carriage_return: CarriageReturn::Deleted,
    comment_lines: &['#'],
    space: is_blank_or_line,
    blank: is_blank_or_line,
    line_end: no,
    value_end: no,
    export: Export::PrefixOfName,
    name_rule: NameRule::UpToEquals,
    bare_name: BareName::Malformed,
    malformed: Malformed::SkipLineAndSpace,
    double_close: Close::First,
    unclosed: Unclosed::WholeLine,
    after_quote: AfterQuote::Ignored,
    inline_comment: InlineComment::AtHash,
    trim: is_blank_or_line,
    double_escapes: Escapes::Newline,
    unquoted_escapes: Escapes::None,
    references: References::None,
    ..STRICT
};

static DOTENV: Rules = Rules {
    name: "dotenv",
    invalid_utf8: InvalidUtf8::Replaced,
    skips_bom: false,
    carriage_return: CarriageReturn::LineFeed,
    space: is_js_space,
    blank: is_js_space,
    line_end: is_js_line_end,
    value_end: no,
    export: Export::Keyword,
    name_rule: NameRule::Word { dash: true },
    colon: Colon::BeforeSpace,
    bare_name: BareName::Malformed,
    malformed: Malformed::SkipLine,
    double_close: Close::Backtracking,
    single_close: Close::Backtracking,
    unclosed: Unclosed::Unquoted,
    after_quote: AfterQuote::CommentOrUnquoted,
    inline_comment: InlineComment::AtHash,
    trim: is_js_space,
    double_escapes: Escapes::NewlineAndReturn,
    unquoted_escapes: Escapes::NewlineAndReturn,
    references: References::None,
    ..STRICT
};

static RUBY: Rules = Rules {
    name: "ruby",
    invalid_utf8: InvalidUtf8::Refused,
    skips_bom: true,
    space: is_ascii_space,
    blank: is_ascii_space,
    line_end: no,
    value_end: no,
    name_rule: NameRule::Word { dash: false },
    bare_name: BareName::Empty,
    quotes: &['"', '\''],
    trim: is_ascii_space,
    double_escapes: Escapes::AnyButDollar,
    unquoted_escapes: Escapes::AnyButDollar,
    references: References::Ruby,
    lookup: Lookup::Replaced,
    ..DOTENV
};

static PYTHON: Rules = Rules {
    name: "python",
    carriage_return: CarriageReturn::LineFeed,
    space: is_python_space,
    blank: is_python_blank,
    line_end: no,
    value_end: no,
    name_rule: NameRule::UpToSpaceOrQuoted,
    bare_name: BareName::WithoutValue,
    malformed: Malformed::SkipRest,
    quotes: &['"', '\''],
    single_close: Close::Unescaped,
    unclosed: Unclosed::Malformed,
    after_quote: AfterQuote::CommentOrMalformed,
    inline_comment: InlineComment::AfterWhitespace,
    trim: is_python_space,
    double_escapes: Escapes::Python(&['\\', '\'', '"', 'a', 'b', 'f', 'n', 'r', 't', 'v']),
    single_escapes: Escapes::Python(&['\\', '\'']),
    unquoted_escapes: Escapes::None,
    references: References::Python,
    lookup: Lookup::ByPrecedence,
    ..STRICT
};

static COMPOSE: Rules = Rules {
    name: "compose",
    invalid_utf8: InvalidUtf8::Kept,
    carriage_return: CarriageReturn::Kept,
    space: is_unicode_space,
    blank: is_compose_blank,
    line_end: no,
    value_end: no,
    name_rule: NameRule::Letters,
    colon: Colon::Yes,
    bare_name: BareName::Inherited,
    quotes: &['"', '\''],
    single_close: Close::Unescaped,
    after_quote: AfterQuote::NextAssignment,
    inline_comment: InlineComment::AfterSpace,
    trim: is_unicode_space,
    double_escapes: Escapes::Go,
    single_escapes: Escapes::QuoteOnly,
    unquoted_escapes: Escapes::None,
    references: References::Compose,
    lookup: Lookup::EnvironmentFirst,
    ..STRICT
};

static DOCKER: Rules = Rules {
    name: "docker",
    carriage_return: CarriageReturn::DeletedAtLineEnd,
    max_line: 64 << 10,
    space: is_unicode_space,
    blank: no,
    line_end: no,
    value_end: no,
    export: Export::No,
    name_rule: NameRule::UpToEqualsWithoutBlanks,
    bare_name: BareName::Inherited,
    quotes: &[],
    inline_comment: InlineComment::Never,
    trim: no,
    unquoted_escapes: Escapes::None,
    references: References::None,
    ..STRICT
};

static SYSTEMD: Rules = Rules {
    name: "systemd",
    invalid_utf8: InvalidUtf8::RefusedInAssignments,
    skips_bom: false,
    carriage_return: CarriageReturn::Kept,
    comment_lines: &['#', ';'],
    space: is_blank_or_line_end,
    blank: is_blank,
    line_end: is_carriage_return,
    value_end: is_carriage_return,
    export: Export::No,
    name_rule: NameRule::UpToEquals,
    drops_names_that_are_not_identifiers: true,
    bare_name: BareName::Malformed,
    malformed: Malformed::SkipLine,
    quotes: &['"', '\''],
    unclosed: Unclosed::EndOfFile,
    after_quote: AfterQuote::MoreValue,
    inline_comment: InlineComment::Never,
    double_escapes: Escapes::Shell,
    unquoted_escapes: Escapes::Any,
    references: References::None,
    ..STRICT
};
