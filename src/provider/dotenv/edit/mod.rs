//! Changes assignments in the text of a dotenv file, and keeps every other byte: comments, order, line ends. Each
//! result is read back by the parser of the file's dialect before it is returned, so that what the dialect
//! cannot express is refused. It does no I/O.

use std::ops::Range;

use zeroize::Zeroizing;

use super::cursor::Position;
use super::dialect::{Dialect, Rules};
use super::parse::{ReadOptions, prepare, read, source_offset};
use super::quote::{QUOTINGS, Quoting, is_read_back, quote_value};
use super::syntax::{OddityKind, ParseErrorKind, ParseErrors};
use super::tokenize::{RawValue, Tokenizer, is_name};
use crate::secret::{Name, SecretBuffer, Value};

/// A dotenv file in memory.
pub(super) type File = Zeroizing<Vec<u8>>;

/// Why a file cannot be changed as wanted.
#[derive(Debug, thiserror::Error)]
pub(super) enum EditError {
    /// The file cannot be read.
    #[error(transparent)]
    Syntax(#[from] ParseErrors),
    /// No line of the dialect gives this name and this value.
    #[error("no line of the dialect `{dialect}` gives this value to `{name}`")]
    Unsupported {
        /// The variable.
        name: Name,
        /// The dialect.
        dialect: Dialect,
    },
    /// The assignment cannot be changed without changing another one.
    #[error("the line of `{name}` cannot be changed without changing another line")]
    Entangled {
        /// The variable.
        name: Name,
    },
}

/// An assignment, and where it is in the text.
struct Token<'t> {
    name: &'t str,
    at: usize,
    end: usize,
    value: RawValue<'t>,
}

/// All that the tokenizer finds in a file.
struct Tokens<'t> {
    tokens: Vec<Token<'t>>,
    /// How many lines the dialect ignores.
    ignored: usize,
}

impl<'t> Tokens<'t> {
    fn scan(text: &'t str, rules: &'static Rules) -> Self {
        let mut tokenizer = Tokenizer::new(text, rules);
        let mut tokens = Vec::new();
        // Whoever calls this has read the file, so there are no errors.
        while let Some(statement) = tokenizer.next() {
            if let Ok(statement) = statement {
                let end = tokenizer.at();
                tokens.push(Token {
                    name: statement.name,
                    at: statement.at,
                    end,
                    value: statement.value,
                });
            }
        }
        let is_ignored = |(_, kind): &&(usize, OddityKind)| *kind == OddityKind::LineIgnored;
        Self { tokens, ignored: tokenizer.oddities.iter().filter(is_ignored).count() }
    }

    /// Whether both are the same apart from these tokens of each.
    fn is_same_but(&self, left_out: &[usize], other: &Self, other_left_out: &[usize]) -> bool {
        fn others<'s, 't>(
            all: &'s Tokens<'t>,
            left_out: &'s [usize],
        ) -> impl Iterator<Item = (&'t str, Vec<(Option<char>, &'t str)>)> + 's {
            let kept = all.tokens.iter().enumerate().filter(|(at, _)| !left_out.contains(at));
            kept.map(|(_, token)| (token.name, token.pieces()))
        }
        self.ignored == other.ignored && others(self, left_out).eq(others(other, other_left_out))
    }

    fn of_name(&self, name: &Name) -> Vec<usize> {
        let is_it = |(_, token): &(usize, &Token<'_>)| token.name == name.as_str();
        self.tokens.iter().enumerate().filter(is_it).map(|(at, _)| at).collect()
    }
}

impl<'t> Token<'t> {
    fn pieces(&self) -> Vec<(Option<char>, &'t str)> {
        match &self.value {
            RawValue::Bare | RawValue::Missing => Vec::new(),
            RawValue::One(segment) => vec![(segment.quote, segment.text)],
            RawValue::Joined(segments) => {
                segments.iter().map(|one| (one.quote, one.text)).collect()
            }
        }
    }

    /// Where the value is, with its quotes, and what must come before a new one.
    fn value_range(&self, text: &str) -> (Range<usize>, &'static str) {
        let segments = match &self.value {
            RawValue::Bare => {
                let end = self.at + self.name.len();
                return (end..end, "=");
            }
            RawValue::One(segment) => std::slice::from_ref(segment),
            RawValue::Joined(segments) => segments.as_slice(),
            RawValue::Missing => &[],
        };
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            let after_name = text.get(self.at + self.name.len()..).unwrap_or_default();
            let separator = after_name.find(['=', ':']).map_or(0, |at| at + 1);
            let at = self.at + self.name.len() + separator;
            return (at..at, "");
        };
        let quote = |quote: Option<char>| usize::from(quote.is_some());
        let end = last.at + last.text.len() + quote(last.quote);
        (first.at - quote(first.quote)..end.min(text.len()), "")
    }
}

/// A file, how it is read, and what is in it.
pub(super) struct Editor {
    dialect: Dialect,
    expand: bool,
}

impl Editor {
    pub(super) fn new(dialect: Dialect, expand: bool) -> Self {
        Self { dialect, expand }
    }

    /// Sets a variable: the value of its last assignment, which wins, or a new one at the end.
    pub(super) fn set(&self, file: &[u8], name: &Name, value: &Value) -> Result<File, EditError> {
        let unsupported = || EditError::Unsupported { name: name.clone(), dialect: self.dialect };
        let (rules, text) = (self.dialect.rules(), self.prepare(file)?);
        let wanted = value.expose_str().filter(|text| !text.contains('\0'));
        let wanted = wanted.filter(|_| is_name(name.as_str())).ok_or_else(unsupported)?;
        let before = Tokens::scan(&text, rules);
        let replaced: Vec<usize> = before.of_name(name).pop().into_iter().collect();
        let (range, prefix, suffix) = match replaced.first().and_then(|at| before.tokens.get(*at)) {
            Some(token) => {
                let (range, prefix) = token.value_range(&text);
                let offset = |at| source_offset(file, rules, at);
                (offset(range.start)..offset(range.end), prefix.to_owned(), "")
            }
            None => Self::place_of_new(file, name),
        };
        let set = [replaced.first().copied().unwrap_or(before.tokens.len())];
        let is_possible = |quoting: &&Quoting| quoting.can_hold(wanted);
        for quoting in QUOTINGS.iter().filter(is_possible) {
            let mut quoted = SecretBuffer::with_capacity(wanted.len() * 2 + 4);
            quote_value(quoting, wanted, &mut quoted);
            let quoted = quoted.as_bytes();
            let line = Zeroizing::new([name.as_str().as_bytes(), b"=", quoted, b"\n"].concat());
            let new = Zeroizing::new([prefix.as_bytes(), quoted, suffix.as_bytes()].concat());
            let changed = splice(file, range.clone(), &new);
            let reads_back = is_read_back(self.dialect, self.expand, &line, name.as_str(), wanted);
            let is_same = |after: &Tokens<'_>| before.is_same_but(&replaced, after, &set);
            if reads_back && self.gives(&changed, name, value, is_same) {
                return Ok(changed);
            }
        }
        Err(unsupported())
    }

    /// Deletes all assignments of a variable, with the lines that they are on; `None` if there is none.
    pub(super) fn delete(&self, file: &[u8], name: &Name) -> Result<Option<File>, EditError> {
        let (rules, text) = (self.dialect.rules(), self.prepare(file)?);
        let before = Tokens::scan(&text, rules);
        let deleted = before.of_name(name);
        if deleted.is_empty() {
            return Ok(None);
        }
        let mut changed = Zeroizing::new(file.to_vec());
        for token in deleted.iter().rev().filter_map(|at| before.tokens.get(*at)) {
            let (start, end) =
                (source_offset(file, rules, token.at), source_offset(file, rules, token.end));
            let line =
                |bytes: &[u8]| bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let start = line(file.get(..start).unwrap_or_default());
            let rest = file.get(end..).unwrap_or_default();
            let end =
                end + rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
            changed = splice(&changed, start..end, b"");
        }
        self.checked(changed, name, |after| before.is_same_but(&deleted, after, &[])).map(Some)
    }

    /// Gives all assignments of a variable another name, which none has.
    pub(super) fn rename(&self, file: &[u8], name: &Name, to: &Name) -> Result<File, EditError> {
        let (rules, text) = (self.dialect.rules(), self.prepare(file)?);
        let before = Tokens::scan(&text, rules);
        let renamed = before.of_name(name);
        let mut changed = Zeroizing::new(file.to_vec());
        for token in renamed.iter().rev().filter_map(|at| before.tokens.get(*at)) {
            let start = source_offset(file, rules, token.at);
            let range = start..start + token.name.len();
            changed = splice(&changed, range, to.as_str().as_bytes());
        }
        self.checked(changed, name, |after| {
            is_name(to.as_str())
                && before.is_same_but(&renamed, after, &renamed)
                && after.of_name(to) == renamed
        })
    }

    /// Where a new line goes, and what comes before and behind its value.
    fn place_of_new(file: &[u8], name: &Name) -> (Range<usize>, String, &'static str) {
        let first_line = file.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        let line_end = if first_line.ends_with(b"\r\n") { "\r\n" } else { "\n" };
        let is_open = !file.is_empty() && !file.ends_with(b"\n");
        let prefix = format!("{}{name}=", if is_open { line_end } else { "" });
        (file.len()..file.len(), prefix, line_end)
    }

    fn prepare(&self, file: &[u8]) -> Result<Zeroizing<String>, EditError> {
        self.read(file)?;
        if std::str::from_utf8(file).is_err() {
            let error = ParseErrorKind::NotUtf8.at(Position { line: 1, column: 1 });
            return Err(ParseErrors { errors: vec![(error, None)], has_more: false }.into());
        }
        let text = prepare(file, self.dialect.rules());
        let text =
            text.map_err(|error| ParseErrors { errors: vec![(error, None)], has_more: false })?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// Reads a file where every variable is set to something that no file has.
    fn read(&self, file: &[u8]) -> Result<super::Document, ParseErrors> {
        let any = |_: &str| Some(Value::from("\u{1}another value"));
        let options = ReadOptions {
            dialect: self.dialect,
            expand: self.expand,
            overrides: true,
            environment: &any,
            admits: &|_| true,
            substitute: None,
        };
        read(file, options)
    }

    fn checked(
        &self,
        changed: File,
        name: &Name,
        is_right: impl FnOnce(&Tokens<'_>) -> bool,
    ) -> Result<File, EditError> {
        let entangled = || EditError::Entangled { name: name.clone() };
        let text = self.prepare(&changed).map_err(|_| entangled())?;
        if is_right(&Tokens::scan(&text, self.dialect.rules())) {
            return Ok(changed);
        }
        Err(entangled())
    }

    /// Whether a changed file gives this value to a variable, and is otherwise right.
    fn gives(
        &self,
        changed: &[u8],
        name: &Name,
        value: &Value,
        is_right: impl FnOnce(&Tokens<'_>) -> bool,
    ) -> bool {
        let (Ok(document), Ok(text)) = (self.read(changed), self.prepare(changed)) else {
            return false;
        };
        let last = document.assignments.iter().rfind(|assignment| assignment.name == *name);
        last.is_some_and(|last| last.value == *value)
            && is_right(&Tokens::scan(&text, self.dialect.rules()))
    }
}

/// The file with other bytes in place of a range.
fn splice(file: &[u8], range: Range<usize>, new: &[u8]) -> File {
    let mut out = Zeroizing::new(Vec::with_capacity(file.len() + new.len()));
    out.extend_from_slice(file.get(..range.start).unwrap_or_default());
    out.extend_from_slice(new);
    out.extend_from_slice(file.get(range.end..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests;
