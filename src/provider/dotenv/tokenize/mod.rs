//! The tokenizer of dotenv files: from text to assignments whose values are still quoted. It is one for
//! all dialects; the rules of a dialect decide each step.

use super::cursor::Cursor;
use super::dialect::{BareName, Colon, Export, Malformed, NameRule, Rules, is_blank};
use super::syntax::{OddityKind, ParseErrorKind};

mod value;

/// A name and what stands behind it.
#[derive(Debug)]
pub(super) struct Statement<'t> {
    /// The byte offset of the name.
    pub(super) at: usize,
    pub(super) name: &'t str,
    pub(super) is_exported: bool,
    pub(super) value: RawValue<'t>,
}

/// A value as it stands in the file.
#[derive(Debug)]
pub(super) enum RawValue<'t> {
    /// The name has no `=`.
    Bare,
    /// There is nothing behind `=` that could be a value.
    Missing,
    One(Segment<'t>),
    /// Parts that are one value together.
    Joined(Vec<Segment<'t>>),
}

/// A piece of a value, without its quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'t> {
    pub(super) quote: Option<char>,
    pub(super) text: &'t str,
    /// The byte offset of the text.
    pub(super) at: usize,
}

/// Why there is no assignment at a place.
enum Stop {
    /// The dialect skips such a line.
    Malformed,
    /// There is no name in front of `=`.
    Nameless,
    Error(ParseErrorKind, usize),
}

/// The error at a byte offset.
fn error<T>(kind: ParseErrorKind, at: usize) -> Result<T, Stop> {
    Err(Stop::Error(kind, at))
}

/// What is wrong at a place, and the name whose value is wrong there.
pub(super) struct Failure<'t> {
    pub(super) kind: ParseErrorKind,
    /// The byte offset.
    pub(super) at: usize,
    pub(super) name: Option<&'t str>,
    /// The byte offset of the quote that was closed before.
    pub(super) opened: usize,
}

/// Reads the assignments of a text one by one.
pub(super) struct Tokenizer<'t> {
    cursor: Cursor<'t>,
    rules: &'static Rules,
    /// The name and the start of the value that is being read.
    reading: (Option<&'t str>, usize),
    /// What a reader would not expect, each with its byte offset.
    pub(super) oddities: Vec<(usize, OddityKind)>,
}

impl<'t> Tokenizer<'t> {
    pub(super) fn new(text: &'t str, rules: &'static Rules) -> Self {
        let trims_file = rules.malformed == Malformed::SkipLineAndSpace;
        let text = if trims_file { text.trim_end_matches(rules.blank) } else { text };
        let mut cursor = Cursor::new(text);
        if trims_file {
            cursor.take_while(rules.blank);
        }
        Self { cursor, rules, reading: (None, 0), oddities: Vec::new() }
    }

    /// The next assignment; `None` at the end of the file. After an error, the next line.
    pub(super) fn next(&mut self) -> Option<Result<Statement<'t>, Failure<'t>>> {
        loop {
            self.skip_space_and_comments();
            if self.cursor.is_at_end() {
                return None;
            }
            let start = self.cursor.at;
            self.reading = (None, start);
            match self.statement() {
                Ok(statement) => return Some(Ok(statement)),
                Err(Stop::Error(kind, at)) => {
                    self.skip_line();
                    let (name, opened) = self.reading;
                    return Some(Err(Failure { kind, at, name, opened }));
                }
                Err(Stop::Nameless) if self.rules.malformed == Malformed::SkipLineAndSpace => {
                    self.oddities.push((start, OddityKind::LineIgnored));
                    self.cursor.take('=');
                }
                Err(Stop::Malformed | Stop::Nameless) => {
                    self.oddities.push((start, OddityKind::LineIgnored));
                    self.skip_malformed(start);
                }
            }
        }
    }

    /// The byte offset of what is read next.
    pub(super) fn at(&self) -> usize {
        self.cursor.at
    }

    fn skip_space_and_comments(&mut self) {
        loop {
            self.cursor.take_while(self.rules.space);
            match self.cursor.peek() {
                Some(c) if self.rules.comment_lines.contains(&c) => self.skip_line(),
                _ => return,
            }
        }
    }

    /// Passes the rest of the line, but not its end.
    fn skip_line(&mut self) {
        let ends = self.rules.line_end;
        self.cursor.take_while(|c| c != '\n' && !ends(c));
    }

    fn skip_malformed(&mut self, start: usize) {
        match self.rules.malformed {
            Malformed::SkipRest | Malformed::Error => self.skip_line(),
            Malformed::SkipLine => {
                self.cursor.at = start;
                self.skip_line();
            }
            Malformed::SkipLineAndSpace => {
                self.skip_line();
                self.cursor.take_while(self.rules.blank);
            }
        }
    }

    fn statement(&mut self) -> Result<Statement<'t>, Stop> {
        let start = self.cursor.at;
        let is_exported = self.take_export();
        match self.assignment(is_exported) {
            // Then `export` may be the name.
            Err(Stop::Malformed) if is_exported && self.rules.export == Export::Keyword => {
                self.cursor.at = start;
                self.assignment(false)
            }
            outcome => outcome,
        }
    }

    fn assignment(&mut self, is_exported: bool) -> Result<Statement<'t>, Stop> {
        let at = self.cursor.at;
        let name = self.take_name()?;
        if !self.take_separator(at)? {
            return match self.rules.bare_name {
                BareName::Malformed => Err(Stop::Malformed),
                BareName::Error => error(ParseErrorKind::MissingEquals, at),
                _ => Ok(Statement { at, name, is_exported, value: RawValue::Bare }),
            };
        }
        let (name, is_exported) = self.without_export(name, is_exported);
        let value = self.take_value(name)?;
        Ok(Statement { at, name, is_exported, value })
    }

    fn take_export(&mut self) -> bool {
        if matches!(self.rules.export, Export::No | Export::PrefixOfName) {
            return false;
        }
        let mut ahead = self.cursor;
        let Some(rest) = ahead.rest().strip_prefix("export") else { return false };
        ahead.at = ahead.text.len() - rest.len();
        if ahead.take_while(self.rules.blank).is_empty() {
            return false;
        }
        let needs_name = self.rules.export == Export::Keyword;
        if needs_name && !ahead.peek().is_some_and(|c| self.is_word(c)) {
            return false;
        }
        self.cursor = ahead;
        true
    }

    /// Removes `export ` from a name, where that is not a keyword of its own.
    fn without_export(&self, name: &'t str, is_exported: bool) -> (&'t str, bool) {
        let is_prefix = self.rules.export == Export::PrefixOfName;
        let has_value = !matches!(self.cursor.peek(), None | Some('\n'));
        match name.strip_prefix("export ") {
            Some(rest) if is_prefix && has_value => (rest.trim_matches(self.rules.blank), true),
            _ => (name, is_exported),
        }
    }

    fn is_word(&self, c: char) -> bool {
        let dash = !matches!(self.rules.name_rule, NameRule::Word { dash: false });
        c.is_ascii_alphanumeric() || matches!(c, '_' | '.') || c == '-' && dash
    }

    fn take_name(&mut self) -> Result<&'t str, Stop> {
        let at = self.cursor.at;
        match self.rules.name_rule {
            NameRule::Strict => {
                let name = self.cursor.take_while(is_name_character);
                if is_name(name) { Ok(name) } else { error(ParseErrorKind::InvalidName, at) }
            }
            NameRule::Word { dash } => {
                let wanted = |c: char| {
                    c.is_ascii_alphanumeric() || matches!(c, '_' | '.') || c == '-' && dash
                };
                let name = self.cursor.take_while(wanted);
                if name.is_empty() { Err(Stop::Malformed) } else { Ok(name) }
            }
            NameRule::UpToEquals => {
                let ends = self.rules.value_end;
                let name = self.cursor.take_while(|c| c != '=' && c != '\n' && !ends(c));
                let name = name.trim_matches(self.rules.blank);
                if name.is_empty() { Err(Stop::Nameless) } else { Ok(name) }
            }
            NameRule::UpToEqualsWithoutBlanks => {
                let name = self.cursor.take_while(|c| c != '=' && c != '\n');
                if name.is_empty() {
                    error(ParseErrorKind::InvalidName, at)
                } else if name.contains(is_blank) {
                    error(ParseErrorKind::SpaceInName, at)
                } else {
                    Ok(name)
                }
            }
            NameRule::UpToSpaceOrQuoted => {
                let quoted = self.cursor.take('\'');
                let name = if quoted {
                    self.cursor.take_while(|c| c != '\'')
                } else {
                    let space = self.rules.space;
                    self.cursor.take_while(|c| !matches!(c, '=' | '#') && !space(c))
                };
                let is_whole = !name.is_empty() && (!quoted || self.cursor.take('\''));
                if is_whole {
                    return Ok(name);
                }
                self.cursor.at = at;
                Err(Stop::Malformed)
            }
            NameRule::Letters => self.take_letters(at),
        }
    }

    fn take_letters(&mut self, at: usize) -> Result<&'t str, Stop> {
        let blank = self.rules.blank;
        let name = self.cursor.take_while(|c| {
            c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']') || blank(c)
        });
        let name = name.trim_end_matches(self.rules.space);
        match self.cursor.peek() {
            Some('=' | ':' | '\n') if name.contains(' ') => error(ParseErrorKind::SpaceInName, at),
            Some('=' | ':' | '\n') => Ok(name),
            Some(_) => error(ParseErrorKind::InvalidName, self.cursor.at),
            None => error(ParseErrorKind::MissingEquals, at),
        }
    }

    /// Takes what stands between name and value; whether there is anything.
    fn take_separator(&mut self, name_at: usize) -> Result<bool, Stop> {
        let before = self.cursor;
        match self.rules.name_rule {
            NameRule::Word { .. } => {
                self.cursor.take_while(self.rules.space);
                if self.cursor.take('=') {
                    return Ok(true);
                }
                self.cursor = before;
                if self.rules.colon == Colon::BeforeSpace && self.cursor.take(':') {
                    if self.cursor.peek().is_some_and(self.rules.space) {
                        self.cursor.bump();
                        return Ok(true);
                    }
                    return Err(Stop::Malformed);
                }
                if self.is_followed_by_comment_or_end(self.cursor.at) {
                    Ok(false)
                } else {
                    Err(Stop::Malformed)
                }
            }
            NameRule::Strict => {
                self.cursor.take_while(self.rules.blank);
                match self.cursor.peek() {
                    Some('=') => Ok(self.cursor.take('=')),
                    None | Some('#' | '\r' | '\n') => error(ParseErrorKind::MissingEquals, name_at),
                    Some(_) => error(ParseErrorKind::InvalidName, self.cursor.at),
                }
            }
            NameRule::UpToSpaceOrQuoted => {
                self.cursor.take_while(self.rules.blank);
                if self.cursor.take('=') {
                    return Ok(true);
                }
                let rest = self.cursor.rest();
                if rest.is_empty() || rest.starts_with(['#', '\n']) {
                    return Ok(false);
                }
                Err(Stop::Malformed)
            }
            NameRule::UpToEquals | NameRule::UpToEqualsWithoutBlanks => Ok(self.cursor.take('=')),
            NameRule::Letters => {
                let is_colon = self.rules.colon == Colon::Yes && self.cursor.take(':');
                let found = is_colon || self.cursor.take('=');
                if found {
                    self.cursor.take_while(self.rules.blank);
                }
                Ok(found)
            }
        }
    }
}

/// Whether hushed takes a text for the name of a variable: ASCII letters, digits, `_`, `.` and `-`, with a
/// letter or `_` first.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(is_name_character)
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}
