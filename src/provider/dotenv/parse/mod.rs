//! Reads a whole dotenv file in one of the dialects: a pure function from bytes to assignments.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::cursor::Position;
use super::decode::{Wrong, decode};
use super::dialect::{BareName, CarriageReturn, Dialect, InvalidUtf8, Lookup, References, Rules};
use super::expand::{Environment, Known, line_that_sets, reference};
use super::explain::explain;
use super::syntax::{MAX_ERRORS, Oddity, OddityKind, ParseError, ParseErrorKind, ParseErrors};
use super::tokenize::{Failure, RawValue, Segment, Statement, Tokenizer, is_name};
use crate::secret::{Name, SecretBuffer, Value};

mod text;

use text::{has_stray_bytes, restore_stray_bytes};
pub(super) use text::{prepare, source_offset};

/// One variable that a dotenv file sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its name.
    pub name: Name,
    /// Its value, unquoted, unescaped and expanded.
    pub value: Value,
    /// The line that its name is on, counted from one.
    pub line: u32,
}

/// A dotenv file that was read.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// All assignments in order, those with one name included.
    pub assignments: Vec<Assignment>,
    /// What the dialect reads in a way that its author may not expect.
    pub oddities: Vec<Oddity>,
    /// Excluded lines that cannot be read: the name that each would set, and its line.
    pub unreadable: Vec<(Name, u32)>,
}

/// How a dotenv file is read.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "closures have none")]
pub struct ReadOptions<'a> {
    /// The dialect.
    pub dialect: Dialect,
    /// Whether the strict dialect expands references. The other dialects have their own rule.
    pub expand: bool,
    /// Whether the file wins over the environment, where the dialect's references depend on that.
    pub overrides: bool,
    /// The variables that the command would get without the file.
    pub environment: &'a dyn Fn(&str) -> Option<Value>,
    /// Whether a name is used at all: the value of any other may be unreadable.
    pub admits: &'a dyn Fn(&str) -> bool,
    /// Replaces values that are references to secrets.
    pub substitute: Option<Substitute<'a>>,
}

/// Gives another value in the place of one that looks like a URL, or `None` to keep it. Lines below see the other one.
pub type Substitute<'a> = &'a dyn Fn(&UrlValue<'_>) -> Result<Option<Value>, UnresolvedReference>;

/// A value that contains `://`.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "the text may be a secret")]
pub struct UrlValue<'a> {
    /// The name of the variable.
    pub name: &'a str,
    /// The line of the name, counted from one.
    pub line: u32,
    /// The column of the name, counted from one.
    pub column: u32,
    /// The value, unquoted and unescaped. If something was expanded in it, the value as it is written.
    pub text: &'a str,
    /// Whether something was expanded in it.
    pub is_expanded: bool,
}

/// A value has no substitute, for a reason that is known elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnresolvedReference;

impl Default for ReadOptions<'_> {
    fn default() -> Self {
        Self {
            dialect: Dialect::Strict,
            expand: true,
            overrides: false,
            environment: &|_| None,
            admits: &|_| true,
            substitute: None,
        }
    }
}

/// Reads a file in the strict dialect, with an empty environment.
pub fn parse(input: &[u8]) -> Result<Vec<Assignment>, ParseErrors> {
    read(input, ReadOptions::default()).map(|document| document.assignments)
}

/// Reads a whole file. The error has all that is wrong in it, up to 20 places.
pub fn read(input: &[u8], options: ReadOptions<'_>) -> Result<Document, ParseErrors> {
    let rules = options.dialect.rules();
    let text = match prepare(input, rules) {
        Ok(text) => text,
        Err(error) => return Err(ParseErrors { errors: vec![(error, None)], has_more: false }),
    };
    let mut reader = Reader::new(&text, rules, options);
    reader.run();
    reader.finish()
}

struct Reader<'t> {
    text: &'t str,
    rules: &'static Rules,
    options: ReadOptions<'t>,
    document: Document,
    /// The names that references may refer to; kept where there may be references.
    known: BTreeMap<&'t str, Known>,
    keeps_names: bool,
    errors: Vec<ParseError>,
    /// The offset up to which lines are counted, and the line there.
    counted: (usize, u32),
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, rules: &'static Rules, options: ReadOptions<'t>) -> Self {
        Self {
            text,
            rules,
            options,
            document: Document::default(),
            known: BTreeMap::new(),
            keeps_names: options.dialect != Dialect::Strict || text.contains('$'),
            errors: Vec::new(),
            counted: (0, 1),
        }
    }

    fn run(&mut self) {
        self.check_lines();
        let mut tokens = Tokenizer::new(self.text, self.rules);
        while self.errors.len() <= MAX_ERRORS
            && let Some(statement) = tokens.next()
        {
            match statement {
                Ok(statement) => {
                    let name = is_name(statement.name).then_some(statement.name);
                    self.take(&statement);
                    self.note_oddities(&mut tokens, name);
                }
                Err(Failure { kind, at, name, opened }) => {
                    tokens.oddities.clear();
                    let kind = match kind {
                        ParseErrorKind::TextAfterQuote { .. } => {
                            ParseErrorKind::TextAfterQuote { opened: self.line_of(opened) }
                        }
                        kind => kind,
                    };
                    if !self.excludes(&kind, at, name) {
                        let error = self.error(kind, at);
                        self.refuse(ParseError { name: name.map(Name::new), ..error });
                    }
                }
            }
        }
        self.note_oddities(&mut tokens, None);
    }

    /// Whether an error is on a line that is excluded, and the line's end is certain.
    fn excludes(&mut self, kind: &ParseErrorKind, at: usize, name: Option<&'t str>) -> bool {
        let Some(name) = name.filter(|name| !(self.options.admits)(name)) else { return false };
        let line = self.text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let is_certain = matches!(kind, ParseErrorKind::TextAfterQuote { .. })
            && !line.contains(['"', '\'', '`']);
        if is_certain {
            let line = self.line_of(at);
            self.exclude(name, line);
        }
        is_certain
    }

    /// Takes note of an excluded line that cannot be read.
    fn exclude(&mut self, name: &'t str, line: u32) {
        self.know(name, Known::Unreadable);
        self.document.unreadable.push((Name::new(name), line));
    }

    fn know(&mut self, name: &'t str, known: Known) {
        if self.keeps_names {
            self.known.insert(name, known);
        }
    }

    fn error(&mut self, kind: ParseErrorKind, at: usize) -> ParseError {
        kind.at(self.position(at))
    }

    /// Line and column of an offset.
    fn position(&mut self, at: usize) -> Position {
        let line = self.line_of(at);
        let before = self.text.get(..at).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(start..).unwrap_or_default().chars().count();
        Position { line, column: u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1) }
    }

    fn finish(mut self) -> Result<Document, ParseErrors> {
        if self.errors.is_empty() {
            self.remove_unset();
            return Ok(self.document);
        }
        self.errors.sort_by_key(ParseError::position);
        let has_more = self.errors.len() > MAX_ERRORS;
        self.errors.truncate(MAX_ERRORS);
        let others = if self.options.dialect == Dialect::Strict {
            explain(self.text, &self.errors, self.options.environment)
        } else {
            vec![None; self.errors.len()]
        };
        Err(ParseErrors { errors: self.errors.into_iter().zip(others).collect(), has_more })
    }

    /// Removes what a later line names without a value: that wins, too.
    fn remove_unset(&mut self) {
        if self.rules.bare_name == BareName::WithoutValue {
            let known = &self.known;
            let is_set =
                |it: &Assignment| known.get(it.name.as_str()) != Some(&Known::WithoutValue);
            self.document.assignments.retain(is_set);
        }
    }

    /// Finds what is wrong in lines, whatever they say.
    fn check_lines(&mut self) {
        let text = self.text;
        if self.rules.carriage_return == CarriageReturn::OnlyBeforeLineFeed {
            let is_bare = |(at, _): &(usize, &str)| text.as_bytes().get(at + 1) != Some(&b'\n');
            for (at, _) in text.match_indices('\r').filter(is_bare).take(MAX_ERRORS + 1) {
                let error = self.error(ParseErrorKind::BareCarriageReturn, at);
                self.errors.push(error);
            }
        }
        if self.rules.max_line < usize::MAX {
            let limit = self.rules.max_line;
            let long = |(_, line): &(usize, &str)| line.len() >= limit;
            for (index, _) in text.split('\n').enumerate().filter(long).take(MAX_ERRORS + 1) {
                let line = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
                self.errors
                    .push(ParseErrorKind::LineTooLong(limit).at(Position { line, column: 1 }));
            }
        }
    }

    /// Reports an error. Of several lines in a row that are no assignments, which are most likely one value
    /// that lost its quotes, only the first is reported.
    fn refuse(&mut self, error: ParseError) {
        let follows = self.errors.last().is_some_and(|last| {
            (last.kind.is_stray_line() || matches!(last.kind, ParseErrorKind::UnterminatedQuote(_)))
                && last.line < error.line
        });
        let is_run = follows
            && error.kind.is_stray_line()
            && self.document.assignments.last().is_none_or(|assignment| {
                self.errors.last().is_some_and(|last| assignment.line < last.line)
            });
        if !is_run {
            self.errors.push(error);
        }
    }

    /// The line of an offset, counted from the offset before.
    fn line_of(&mut self, at: usize) -> u32 {
        let (from, line) = self.counted;
        let newlines = |start: usize, end: usize| {
            let passed = self.text.get(start..end).unwrap_or_default();
            u32::try_from(passed.matches('\n').count()).unwrap_or(u32::MAX)
        };
        let line = if at < from {
            line.saturating_sub(newlines(at, from))
        } else {
            line.saturating_add(newlines(from, at))
        };
        self.counted = (at, line);
        line
    }

    fn note_oddities(&mut self, tokens: &mut Tokenizer<'_>, name: Option<&str>) {
        for (at, kind) in std::mem::take(&mut tokens.oddities) {
            let line = self.line_of(at);
            // A line that is skipped comes before the name that was found in the end.
            let name = name.filter(|_| kind != OddityKind::LineIgnored).map(Name::new);
            self.document.oddities.push(Oddity { line, name, kind });
        }
    }

    fn take(&mut self, statement: &Statement<'t>) {
        let line = self.line_of(statement.at);
        if self.rules.invalid_utf8 == InvalidUtf8::RefusedInAssignments
            && has_stray_bytes(statement)
        {
            return self.refuse(ParseErrorKind::NotUtf8.at(Position { line, column: 1 }));
        }
        let value = match &statement.value {
            RawValue::Bare => self.bare(statement, line),
            RawValue::Missing => self.missing(statement),
            RawValue::One(segment) => self.value(statement, std::slice::from_ref(segment), line),
            RawValue::Joined(segments) => self.value(statement, segments, line),
        };
        let drops_name = self.rules.drops_names_that_are_not_identifiers;
        let name = statement.name;
        if drops_name && (!is_name(name) || name.contains(['.', '-'])) {
            let name = is_name(name).then(|| Name::new(name));
            self.document.oddities.push(Oddity { line, name, kind: OddityKind::NameDropped });
            return;
        }
        if !is_name(name) {
            if !matches!(value, Ok(None)) {
                let error = self.error(ParseErrorKind::InvalidName, statement.at);
                self.refuse(error);
            }
            return;
        }
        match value {
            Ok(Some(value)) => {
                self.know(name, Known::Assigned(self.document.assignments.len()));
                let name = Name::new(name);
                self.document.assignments.push(Assignment { name, value, line });
            }
            Ok(None) => {}
            Err(_) if !(self.options.admits)(name) => self.exclude(name, line),
            Err((mut kind, at)) => {
                if let ParseErrorKind::UnknownReference { below } = &mut kind {
                    *below = self.find_below(statement.at, at, line);
                }
                let error = self.error(kind, at);
                self.refuse(ParseError { name: Some(Name::new(name)), ..error });
            }
        }
    }

    /// The line below that sets what a reference refers to.
    fn find_below(&self, statement: usize, reference_at: usize, line: u32) -> Option<u32> {
        let inside = self.text.get(reference_at + 2..)?;
        line_that_sets(reference(inside)?.name, self.text.get(statement..)?, line)
    }

    /// The value of a name that has no `=`.
    fn bare(&mut self, statement: &Statement<'t>, line: u32) -> Result<Option<Value>, Wrong> {
        match self.rules.bare_name {
            BareName::Inherited => {
                let value = (self.options.environment)(statement.name);
                if value.is_none() {
                    let name = is_name(statement.name).then(|| Name::new(statement.name));
                    self.document.oddities.push(Oddity { line, name, kind: OddityKind::NoValue });
                }
                Ok(value)
            }
            BareName::Empty => self.missing(statement),
            _ => {
                self.know(statement.name, Known::WithoutValue);
                let name = is_name(statement.name).then(|| Name::new(statement.name));
                self.document.oddities.push(Oddity { line, name, kind: OddityKind::NoValue });
                Ok(None)
            }
        }
    }

    /// The value of a name that has nothing behind its `=`.
    fn missing(&mut self, statement: &Statement<'t>) -> Result<Option<Value>, Wrong> {
        if let Some(value) = self.replacement(statement.name) {
            return Ok(Some(value));
        }
        if self.rules.bare_name == BareName::Empty && statement.is_exported {
            if self.known.contains_key(statement.name) {
                return Ok(None);
            }
            return Err((ParseErrorKind::ExportWithoutValue, statement.at));
        }
        Ok(Some(Value::from("")))
    }

    /// The value of the environment that takes the place of one in the file.
    fn replacement(&self, name: &str) -> Option<Value> {
        let is_replaced = self.rules.lookup == Lookup::Replaced && !self.options.overrides;
        if is_replaced { (self.options.environment)(name) } else { None }
    }

    fn value(
        &mut self,
        statement: &Statement<'t>,
        segments: &[Segment<'t>],
        line: u32,
    ) -> Result<Option<Value>, Wrong> {
        if let Some(value) = self.replacement(statement.name) {
            return Ok(Some(value));
        }
        let mut environment = Environment {
            expands: self.options.expand,
            lookup: self.rules.lookup,
            overrides: self.options.overrides,
            assignments: &self.document.assignments,
            known: &self.known,
            outer: self.options.environment,
            found_unset: false,
            has_looked_up: Cell::new(false),
        };
        let length = segments.iter().map(|segment| segment.text.len()).sum();
        let mut out = SecretBuffer::with_capacity(length);
        for segment in segments {
            decode(segment, self.rules, &mut environment, &mut out)
                .map_err(|(kind, at)| (kind, segment.at + at))?;
        }
        let quote = segments.first().and_then(|segment| segment.quote);
        let literal = quote == Some('\'') && self.rules.references != References::Python;
        let expands = !matches!(self.rules.references, References::None | References::Strict);
        if expands && !literal {
            let at = segments.first().map_or(statement.at, |segment| segment.at);
            let mut expanded = SecretBuffer::with_capacity(out.len());
            let text = std::str::from_utf8(out.as_bytes()).unwrap_or_default();
            environment
                .expand(text, self.rules.references, &mut expanded)
                .map_err(|kind| (kind, at))?;
            out = expanded;
        }
        if environment.found_unset {
            let name = Some(Name::new(statement.name)).filter(|name| is_name(name.as_str()));
            self.document.oddities.push(Oddity { line, name, kind: OddityKind::UnsetReference });
        }
        let is_expanded = environment.has_looked_up.get();
        if let Some(value) = self.substitute(statement, segments, is_expanded, out.as_bytes())? {
            return Ok(Some(value));
        }
        let mut bytes = out.finish();
        if self.rules.invalid_utf8 == InvalidUtf8::Kept {
            restore_stray_bytes(&mut bytes);
        }
        Ok(Some(Value::new(std::mem::take(&mut *bytes))))
    }

    /// The value in the place of one that is a reference to a secret.
    fn substitute(
        &mut self,
        statement: &Statement<'t>,
        segments: &[Segment<'t>],
        is_expanded: bool,
        value: &[u8],
    ) -> Result<Option<Value>, Wrong> {
        let Some(substitute) = self.options.substitute else { return Ok(None) };
        let written = segments.first().map_or("", |segment| segment.text);
        let text = if is_expanded { Ok(written) } else { std::str::from_utf8(value) };
        let Some(text) = text.ok().filter(|text| text.contains("://")) else { return Ok(None) };
        let Position { line, column } = self.position(statement.at);
        let value = UrlValue { name: statement.name, line, column, text, is_expanded };
        substitute(&value)
            .map_err(|UnresolvedReference| (ParseErrorKind::UnresolvedReference, statement.at))
    }
}

#[cfg(test)]
mod tests;
