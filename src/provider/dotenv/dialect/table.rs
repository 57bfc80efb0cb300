//! The rules of each dialect, and the sets of characters that they name.

use super::{
    AfterQuote, BareName, CarriageReturn, Close, Colon, Escapes, Export, InlineComment,
    InvalidUtf8, Lookup, Malformed, NameRule, References, Rules, Unclosed, is_blank,
};

const fn no(_: char) -> bool {
    false
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

pub(super) static STRICT: Rules = Rules {
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

pub(super) static NODE: Rules = Rules {
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

pub(super) static DOTENV: Rules = Rules {
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

pub(super) static RUBY: Rules = Rules {
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

pub(super) static PYTHON: Rules = Rules {
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

pub(super) static COMPOSE: Rules = Rules {
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

pub(super) static DOCKER: Rules = Rules {
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

pub(super) static SYSTEMD: Rules = Rules {
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
