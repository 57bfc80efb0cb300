//! Splits a template into text and actions, and an action into tokens. Pure.

use super::TemplateError;

/// A part of a template.
#[derive(Debug)]
pub(super) enum Part<'t> {
    Text(&'t str),
    /// The tokens of an action, and its line.
    Action(Vec<Token>, usize),
}

/// A token of an action.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A word: a keyword or a function.
    Word(String),
    /// `.a` behind something or alone; empty for the dot itself.
    Field(String),
    /// `$a`, or empty for `$`.
    Variable(String),
    Text(String),
    Number(String),
    /// `|`, `(`, `)`, `,`, `:=` or `=`.
    Sign(&'static str),
    /// White space, which separates `.a .b` from `.a.b`.
    Space,
}

fn error(line: usize, what: impl Into<String>) -> TemplateError {
    TemplateError { line, what: what.into() }
}

/// The parts of a template. Trim markers are applied.
pub(super) fn parts(template: &str) -> Result<Vec<Part<'_>>, TemplateError> {
    let mut parts = Vec::new();
    let (mut rest, mut line, mut trims) = (template, 1, false);
    while let Some((text, after)) = rest.split_once("{{") {
        line += text.matches('\n').count();
        let at = line;
        let (inside, tail) =
            split_action(after).ok_or_else(|| error(at, "an action is not closed"))?;
        line += inside.matches('\n').count();
        let (inside, trims_left) = trim_start(inside);
        let (inside, trims_right) = trim_end(inside);
        let text = if trims { text.trim_start() } else { text };
        let text = if trims_left { text.trim_end() } else { text };
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        trims = trims_right;
        let inside = inside.trim();
        let is_comment = inside.starts_with("/*") && inside.ends_with("*/");
        if !is_comment {
            parts.push(Part::Action(tokens(inside, at)?, at));
        }
        rest = tail;
    }
    let text = if trims { rest.trim_start() } else { rest };
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

/// Splits behind the end of an action, which texts and comments in it may contain.
fn split_action(text: &str) -> Option<(&str, &str)> {
    let start = text.trim_start_matches('-').trim_start();
    if start.starts_with("/*") {
        let end = text.find("*/")? + 2;
        let (comment, rest) = text.split_at_checked(end)?;
        let closing = rest.find("}}")?;
        let (tail, rest) = rest.split_at_checked(closing)?;
        let whole = text.get(..comment.len() + tail.len())?;
        return Some((whole, rest.strip_prefix("}}")?));
    }
    let mut quote = None;
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match (quote, c) {
            (Some('"' | '\''), '\\') => {
                characters.next();
            }
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '`' | '\'') => quote = Some(c),
            (None, '}') if text.get(at..).is_some_and(|rest| rest.starts_with("}}")) => {
                let (inside, rest) = text.split_at_checked(at)?;
                return Some((inside, rest.strip_prefix("}}")?));
            }
            _ => {}
        }
    }
    None
}

fn trim_start(inside: &str) -> (&str, bool) {
    match inside.strip_prefix('-') {
        Some(rest) if rest.starts_with(char::is_whitespace) => (rest, true),
        _ => (inside, false),
    }
}

fn trim_end(inside: &str) -> (&str, bool) {
    match inside.strip_suffix('-') {
        Some(rest) if rest.ends_with(char::is_whitespace) => (rest, true),
        _ => (inside, false),
    }
}

fn tokens(text: &str, line: usize) -> Result<Vec<Token>, TemplateError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let word = |text: &str| -> String { text.chars().take_while(|c| is_word(*c)).collect() };
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        let (token, length) = match c {
            c if c.is_whitespace() => (Token::Space, c.len_utf8()),
            '|' => (Token::Sign("|"), 1),
            '(' => (Token::Sign("("), 1),
            ')' => (Token::Sign(")"), 1),
            ',' => (Token::Sign(","), 1),
            ':' if behind.starts_with('=') => (Token::Sign(":="), 2),
            '=' => (Token::Sign("="), 1),
            '.' if behind.starts_with(|c: char| c.is_ascii_digit()) => number(rest),
            '.' => {
                let name = word(behind);
                let length = 1 + name.len();
                (Token::Field(name), length)
            }
            '$' => {
                let name = word(behind);
                let length = 1 + name.len();
                (Token::Variable(name), length)
            }
            '"' | '`' => string(rest, c).ok_or_else(|| error(line, "a text is not closed"))?,
            c if c.is_ascii_digit()
                || matches!(c, '-' | '+') && behind.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                number(rest)
            }
            c if is_word(c) => {
                let name = word(rest);
                let length = name.len();
                (Token::Word(name), length)
            }
            c => {
                return Err(error(
                    line,
                    format!("`{}` is not supported in a template", c.escape_debug()),
                ));
            }
        };
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(tokens)
}

fn number(text: &str) -> (Token, usize) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
    let number: String = text.chars().take_while(|c| is_part(*c)).collect();
    let length = number.len();
    (Token::Number(number), length)
}

/// A text in quotes, and its length with them.
fn string(text: &str, quote: char) -> Option<(Token, usize)> {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            c if c == quote => return Some((Token::Text(out), at + 1)),
            '\\' if quote == '"' => out.push(match characters.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'a' => '\x07',
                'b' => '\x08',
                'f' => '\x0c',
                'v' => '\x0b',
                'x' => hex(&mut characters, 2)?,
                'u' => hex(&mut characters, 4)?,
                'U' => hex(&mut characters, 8)?,
                c @ ('\\' | '"' | '\'') => c,
                _ => return None,
            }),
            c => out.push(c),
        }
    }
    None
}

fn hex(characters: &mut impl Iterator<Item = (usize, char)>, digits: usize) -> Option<char> {
    let text: String = characters.take(digits).map(|(_, c)| c).collect();
    char::from_u32(u32::from_str_radix(&text, 16).ok()?)
}
