//! Reads a whole dotenv file in one of the dialects: a pure function from bytes to assignments.

use std::collections::BTreeMap;

use zeroize::{Zeroize as _, Zeroizing};

use super::cursor::Position;
use super::decode::{Wrong, decode};
use super::dialect::{BareName, CarriageReturn, Dialect, InvalidUtf8, Lookup, References, Rules};
use super::expand::{Environment, Known, line_that_sets, reference};
use super::explain::explain;
use super::syntax::{MAX_ERRORS, Oddity, OddityKind, ParseError, ParseErrorKind, ParseErrors};
use super::tokenize::{Failure, RawValue, Segment, Statement, Tokenizer, is_name};
use crate::secret::{Name, SecretBuffer, Value};

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
}

impl Default for ReadOptions<'_> {
    fn default() -> Self {
        Self {
            dialect: Dialect::Strict,
            expand: true,
            overrides: false,
            environment: &|_| None,
            admits: &|_| true,
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
            self.know(name, Known::Unreadable);
        }
        is_certain
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
            Err(_) if !(self.options.admits)(name) => self.know(name, Known::Unreadable),
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
        let mut bytes = out.finish();
        if self.rules.invalid_utf8 == InvalidUtf8::Kept {
            restore_stray_bytes(&mut bytes);
        }
        Ok(Some(Value::new(std::mem::take(&mut *bytes))))
    }
}

/// A file as text that the tokenizer reads: without a byte order mark, with line ends as the dialect counts
/// them.
enum Text<'i> {
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

fn prepare<'i>(input: &'i [u8], rules: &Rules) -> Result<Text<'i>, ParseError> {
    let bom = b"\xef\xbb\xbf";
    let input = if rules.skips_bom { input.strip_prefix(bom).unwrap_or(input) } else { input };
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
    Ok(match rules.carriage_return {
        CarriageReturn::OnlyBeforeLineFeed | CarriageReturn::Kept => text,
        CarriageReturn::Deleted => Text::Owned(filter_returns(&text, |_| None)),
        CarriageReturn::LineFeed => {
            Text::Owned(filter_returns(&text, |next| (next != Some('\n')).then_some('\n')))
        }
        CarriageReturn::DeletedAtLineEnd => Text::Owned(filter_returns(&text, |next| {
            (!matches!(next, None | Some('\n'))).then_some('\r')
        })),
    })
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
fn has_stray_bytes(statement: &Statement<'_>) -> bool {
    let is_stray = |text: &str| text.contains(is_stray_byte);
    let in_value = match &statement.value {
        RawValue::Bare | RawValue::Missing => false,
        RawValue::One(segment) => is_stray(segment.text),
        RawValue::Joined(segments) => segments.iter().any(|segment| is_stray(segment.text)),
    };
    in_value || is_stray(statement.name)
}

/// Puts the bytes back that stand for themselves.
fn restore_stray_bytes(bytes: &mut Vec<u8>) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The names and values of a file that must be readable.
    fn pairs(file: &str) -> Vec<(String, String)> {
        let entries = parse(file.as_bytes()).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        entries
            .iter()
            .map(|entry| (entry.name.as_str().into(), entry.value.expose_str().unwrap().into()))
            .collect()
    }

    #[test]
    fn reads_one_value() {
        for (file, want) in [
            ("A=canary", "canary"),
            ("A=canary\n", "canary"),
            ("A=canary\r\n", "canary"),
            ("\u{feff}A=canary", "canary"),
            ("export A=canary", "canary"),
            ("  export\tA \t=  canary \t", "canary"),
            ("A=", ""),
            ("A= \t", ""),
            ("A=\r\n", ""),
            ("A=''", ""),
            ("A=\"\" # canary", ""),
            // Unquoted.
            ("A=canary one", "canary one"),
            ("A=canary # one", "canary"),
            ("A=canary \t #one", "canary"),
            ("A==canary=", "=canary="),
            ("A={\"canary\": 'it'}", "{\"canary\": 'it'}"),
            ("A=canary`x`", "canary`x`"),
            ("A=canary$", "canary$"),
            ("A=canary$ $. $-", "canary$ $. $-"),
            ("A=canäry✓", "canäry✓"),
            // Single quotes and backticks.
            ("A='canary'", "canary"),
            ("A = ' canary ' # it's", " canary "),
            ("A='canary\\n\\'", "canary\\n\\"),
            ("A='canary $A ${B} $(c) `d` # \"e\"'", "canary $A ${B} $(c) `d` # \"e\""),
            ("A='canary\r\ntwo\n\nthree'\r\n", "canary\ntwo\n\nthree"),
            ("A=`canary it's \"so\" \\n $B`", "canary it's \"so\" \\n $B"),
            ("A='canary\u{1}\u{a0}'", "canary\u{1}\u{a0}"),
            // Double quotes.
            ("A=\"canary # 'one' `two`\"", "canary # 'one' `two`"),
            ("A=\"canary\\n\\r\\t\\\"\\\\\\$A\"", "canary\n\r\t\"\\$A"),
            ("A=\"canary\\\\\"", "canary\\"),
            ("A=\"canary$\"", "canary$"),
            ("A=\"canary\r\ntwo\"", "canary\ntwo"),
        ] {
            assert_eq!(pairs(file), [("A".into(), want.into())], "{file:?}");
        }
    }

    #[test]
    fn reads_lines_in_order_with_their_numbers() {
        let file =
            b"# canary\n\n_A.b-1='canary\n\n2'\r\n\t\r\nB=canary # b\n  # c\nB=canary 3\nexport=canary";
        let entries = parse(file).unwrap();
        let lines: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.line)).collect();
        assert_eq!(lines, [("_A.b-1", 3), ("B", 7), ("B", 9), ("export", 10)]);
        assert_eq!(entries[2].value, Value::from("canary 3"));
        assert!(parse(b"").unwrap().is_empty());
        assert!(parse(b"\xef\xbb\xbf# canary").unwrap().is_empty());
    }

    #[test]
    fn refuses_with_line_and_column() {
        let double = ParseErrorKind::UnterminatedQuote('"');
        for (file, line, column, kind) in [
            ("A=canary\nB=can\0ary", 2, 6, ParseErrorKind::Nul),
            ("# cänary\rA=1", 1, 9, ParseErrorKind::BareCarriageReturn),
            ("A='canary\r'", 1, 10, ParseErrorKind::BareCarriageReturn),
            ("canary", 1, 1, ParseErrorKind::MissingEquals),
            ("A=1\n  export canary # why", 2, 10, ParseErrorKind::MissingEquals),
            ("=canary", 1, 1, ParseErrorKind::InvalidName),
            ("export =canary", 1, 8, ParseErrorKind::InvalidName),
            ("1A=canary", 1, 1, ParseErrorKind::InvalidName),
            ("'A'=canary", 1, 1, ParseErrorKind::InvalidName),
            ("A: canary", 1, 2, ParseErrorKind::InvalidName),
            ("A B=canary", 1, 3, ParseErrorKind::InvalidName),
            ("Ä=canary", 1, 1, ParseErrorKind::InvalidName),
            ("AÄ=canary", 1, 2, ParseErrorKind::InvalidName),
            ("A=1\n\nB= \"canary\nC=1", 3, 4, double),
            ("A=\"canary\\\"", 1, 3, double),
            ("A='canary", 1, 3, ParseErrorKind::UnterminatedQuote('\'')),
            ("A=`", 1, 3, ParseErrorKind::UnterminatedQuote('`')),
            ("A='canary'b", 1, 11, ParseErrorKind::TextAfterQuote { opened: 1 }),
            ("A='canary'#b", 1, 11, ParseErrorKind::TextAfterQuote { opened: 1 }),
            ("A='it'\\''s canary'", 1, 7, ParseErrorKind::TextAfterQuote { opened: 1 }),
            ("A=\"canary\nB=\"2\"", 2, 4, ParseErrorKind::TextAfterQuote { opened: 1 }),
            ("A=\"canary\\x\"", 1, 10, ParseErrorKind::InvalidEscape),
            ("A=\"canary\\\n\"", 1, 10, ParseErrorKind::InvalidEscape),
            ("A=\"é $B canary\"", 1, 6, ParseErrorKind::Interpolation),
            ("A=\"\n${B}canary\"", 2, 1, ParseErrorKind::UnknownReference { below: None }),
            ("A=${B}\nexport B =1", 1, 3, ParseErrorKind::UnknownReference { below: Some(2) }),
            ("A=${B", 1, 3, ParseErrorKind::InvalidReference),
            ("A=${B:-canary", 1, 3, ParseErrorKind::InvalidReference),
            ("A=${}", 1, 3, ParseErrorKind::InvalidReference),
            ("A=${B.C}", 1, 3, ParseErrorKind::InvalidReference),
            ("A=${B:+canary}", 1, 3, ParseErrorKind::InvalidReference),
            ("A=${B:0:1}", 1, 3, ParseErrorKind::InvalidReference),
            ("A=${B:-'canary'}", 1, 8, ParseErrorKind::AmbiguousDefault),
            ("A=\"${B:-{canary}}\"", 1, 9, ParseErrorKind::AmbiguousDefault),
            ("A=${B:-$canary}", 1, 8, ParseErrorKind::Interpolation),
            ("A=${B:-${C}}", 1, 8, ParseErrorKind::UnknownReference { below: None }),
            ("A=${B:?canary}", 1, 3, ParseErrorKind::RequiredReference),
            ("B=\nA=${B:?canary}", 2, 3, ParseErrorKind::RequiredReference),
            ("A=$(canary)", 1, 3, ParseErrorKind::Interpolation),
            ("A=canary$b", 1, 9, ParseErrorKind::Interpolation),
            ("A=canary$1", 1, 9, ParseErrorKind::Interpolation),
            ("A=canary$$", 1, 9, ParseErrorKind::Interpolation),
            ("A=$(canary)", 1, 3, ParseErrorKind::Interpolation),
            ("A=canary#b", 1, 9, ParseErrorKind::UnquotedHash),
            ("A= # canary", 1, 4, ParseErrorKind::UnquotedHash),
            ("A=canary\t# b", 1, 10, ParseErrorKind::UnquotedHash),
            ("A=canary\\b", 1, 9, ParseErrorKind::UnquotedBackslash),
            ("A=canary\u{a0}", 1, 9, ParseErrorKind::UnquotedInvisible('\u{a0}')),
            ("A=canary\u{b}b", 1, 9, ParseErrorKind::UnquotedInvisible('\u{b}')),
        ] {
            let error = first(file.as_bytes());
            assert_eq!((error.line, error.column, &error.kind), (line, column, &kind), "{file:?}");
            assert!(!error.hint().is_empty());
        }
        let error = first(b"A=1\nB=canary\xff");
        assert_eq!((error.line, error.column, error.kind), (2, 9, ParseErrorKind::NotUtf8));
        let utf_16 = first(b"\xff\xfeA\0=\0");
        assert_eq!((utf_16.line, utf_16.column, utf_16.kind), (1, 1, ParseErrorKind::NotUtf8));
    }

    /// The first error of a file that must be refused.
    fn first(file: &[u8]) -> ParseError {
        parse(file).unwrap_err().errors.swap_remove(0).0
    }

    #[test]
    fn an_error_names_the_secret_only_when_its_name_is_sure() {
        let error = first(b"DB_PASSWORD=\"canary");
        let text = "1:13: the value of `DB_PASSWORD`: unterminated double quote";
        assert_eq!(error.to_string(), text);
        // The second line is a piece of the key, and looks like a name.
        let error = first(b"KEY=-----BEGIN canary-----\nMIIEvQcanary\n");
        assert_eq!(error.to_string(), "2:1: a name without `=`");
    }

    #[test]
    fn references_see_the_lines_above_and_then_the_environment() {
        let environment = |name: &str| match name {
            "OUTER" | "BOTH" => Some(Value::from("outer")),
            "EMPTY" => Some(Value::from("")),
            _ => None,
        };
        for (file, want) in [
            ("B=canary\nA=${B}", "canary"),
            ("B=canary\nA=x${B}${B}y", "xcanarycanaryy"),
            ("B=canary\nA=\"x${B}\\n\"", "xcanary\n"),
            ("B=canary\nA='${B}'", "${B}"),
            ("B=canary\nA=`${B}`", "${B}"),
            ("B=canary\nA=\"\\${B}\"", "${B}"),
            ("B=1\nB=canary\nA=${B}", "canary"),
            ("B='$C'\nA=${B}", "$C"),
            ("A=${OUTER}", "outer"),
            ("BOTH=file\nA=${BOTH}", "file"),
            ("A=${BOTH}\nBOTH=file", "outer"),
            ("A=${EMPTY}", ""),
            ("A=${NONE:-canary one}", "canary one"),
            ("A=${NONE-canary}", "canary"),
            ("A=${EMPTY:-canary}", "canary"),
            ("A=${EMPTY-canary}", ""),
            ("A=${OUTER:-canary}", "outer"),
            ("A=${OUTER:-${NONE}}", "outer"),
            ("A=${NONE:-${EMPTY:-${OUTER}}}/x", "outer/x"),
            ("A=\"${NONE:-it's \\\"so\\\"}\"", "it's \"so\""),
            ("A=${NONE:-}", ""),
            ("A=${OUTER:?canary is not set}", "outer"),
            ("A=${EMPTY?canary}", ""),
            ("A=${OUTER} # ${NONE}", "outer"),
        ] {
            let options = ReadOptions { environment: &environment, ..ReadOptions::default() };
            let document =
                read(file.as_bytes(), options).unwrap_or_else(|e| panic!("{file:?}: {e}"));
            let found = document.assignments.iter().rfind(|it| it.name.as_str() == "A").unwrap();
            assert_eq!(found.value.expose_str(), Some(want), "{file:?}");
        }
        let deep = format!("A={}canary{}", "${B:-".repeat(10_000), "}".repeat(10_000));
        assert_eq!(first(deep.as_bytes()).kind, ParseErrorKind::InvalidReference);
    }

    #[test]
    fn without_expansion_every_dollar_is_itself() {
        let options = ReadOptions { expand: false, ..ReadOptions::default() };
        let file = b"A=pa$$w${B}$C$(d)\nE=\"$F ${G:-h}\"\n";
        let document = read(file, options).unwrap();
        let values: Vec<_> =
            document.assignments.iter().map(|it| it.value.expose_str().unwrap()).collect();
        assert_eq!(values, ["pa$$w${B}$C$(d)", "$F ${G:-h}"]);
    }

    #[test]
    fn all_errors_are_reported_in_order_and_at_most_20() {
        let lines = |file: &[u8]| {
            let errors = parse(file).unwrap_err();
            errors.errors.iter().map(|(error, _)| error.line).collect::<Vec<_>>()
        };
        assert_eq!(lines(b"A=x#1\nB=2\nC=$D\n# fine\nE='a'b\nF=\"\\x\"\n"), [1, 3, 5, 6]);
        // A key that lost its quotes is one mistake.
        assert_eq!(lines(b"A=-----BEGIN\ncanary\ncanary/\n-----END\nB=x\\y\n"), [2, 5]);
        assert_eq!(lines(b"A=\"x\nB=1\nC=x#y\n"), [1, 3]);
        let many = parse("A=x#y\n".repeat(25).as_bytes()).unwrap_err();
        assert_eq!((many.errors.len(), many.has_more), (20, true));
        assert!(many.to_string().ends_with("\n  and more"), "{many}");
    }

    #[test]
    fn an_excluded_line_may_be_unreadable_where_its_end_is_certain() {
        let admits = |name: &str| name != "B";
        let options = ReadOptions { admits: &admits, ..ReadOptions::default() };
        let document = read(b"B=x#y$z\nB=\"\\x\"\nA=1\n", options).unwrap();
        assert_eq!(document.assignments.len(), 1);
        let refused = |file: &[u8]| read(file, options).unwrap_err().errors.swap_remove(0).0.kind;
        assert_eq!(refused(b"B=\"x\nA=1\n"), ParseErrorKind::UnterminatedQuote('"'));
        assert_eq!(refused(b"B=x#y\nA=${B}\n"), ParseErrorKind::UnreadableReference);
        assert_eq!(read(b"B=ok\nA=${B}\n", options).unwrap().assignments.len(), 2);
    }

    #[test]
    fn errors_show_how_other_programs_read_the_line() {
        let hint = parse(b"PASSWORD=canary#1\n").unwrap_err().hint();
        let want = "line 1: node cuts the value after 6 bytes; compose and python take the value literally";
        assert!(hint.contains(want), "{hint}");
        assert!(hint.contains("--env-file-dialect"), "{hint}");
        let hint = parse(b"canary words\nA=1\n").unwrap_err().hint();
        assert!(
            hint.contains("line 1: node and python ignore the line; compose refuses it"),
            "{hint}"
        );
        let hint = parse(b"A=it$1\nB=\"canary\\x\"\n").unwrap_err().hint();
        assert!(!hint.contains("canary"), "{hint}");
    }

    #[test]
    fn oddities_that_bite_are_named() {
        let odd = |dialect, file: &str| {
            let document = read(file.as_bytes(), ReadOptions { dialect, ..ReadOptions::default() });
            let document = document.unwrap_or_else(|error| panic!("{file:?}: {error}"));
            document.oddities.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        for (dialect, file, want) in [
            (Dialect::Node, "A=canary#1\n", "1: `A`: the value is cut at `#`"),
            (Dialect::Dotenv, "A=1\nB=#canary\n", "2: `B`: the value is cut at `#`"),
            (Dialect::Node, "canary\nA=1\n", "1: the line is ignored"),
            (Dialect::Node, "A= \nB=1\n", "2: `A`: the next line is part of the value"),
            (Dialect::Node, "A='canary\n", "1: `A`: the quotes are part of the value"),
            (
                Dialect::Node,
                "A='x' canary\n",
                "1: `A`: the text after the closing quote is ignored",
            ),
            (Dialect::Python, "A=\"canary\nB=1\n", "1: the line is ignored"),
            (Dialect::Python, "A\n", "1: `A`: the name has no value, and sets no variable"),
            (
                Dialect::Python,
                "A=${B}\n",
                "1: `A`: a reference to a variable that is not set is empty",
            ),
            (Dialect::Docker, "A=\"canary\"\n", "1: `A`: the quotes are part of the value"),
            (
                Dialect::Docker,
                "A=1 # one\n",
                "1: `A`: ` #` does not start a comment, and is part of the value",
            ),
            (Dialect::Systemd, "A.B=1\n", "1: `A.B`: a variable of such a name is dropped"),
            (Dialect::Systemd, "A=1\\\nB=2\n", "1: `A`: the next line is part of the value"),
            (
                Dialect::Systemd,
                "A='canary\n",
                "1: `A`: the quote is never closed, and the rest of the file is part of the value",
            ),
        ] {
            assert_eq!(odd(dialect, file), [want], "{dialect}: {file:?}");
        }
        for dialect in Dialect::ALL {
            assert_eq!(odd(dialect, "# note\nA=1\n\nB=two\n"), [""; 0], "{dialect}");
        }
    }

    #[test]
    fn no_dialect_runs_a_command_or_takes_a_name_that_is_none() {
        let refused = |dialect, file: &str| {
            let document = read(file.as_bytes(), ReadOptions { dialect, ..ReadOptions::default() });
            document.unwrap_err().errors.swap_remove(0).0.kind
        };
        assert_eq!(refused(Dialect::Ruby, "A=$(canary)\n"), ParseErrorKind::Command);
        // It may be a line of a key.
        for dialect in [Dialect::Node, Dialect::Docker] {
            assert_eq!(refused(dialect, "MIIBcanary+/09==\n"), ParseErrorKind::InvalidName);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(parse(&bytes));
        }

        /// Bytes that mean something, so that every branch is met.
        #[test]
        fn any_syntax_is_read_or_refused(file in "(export |[AB_=#'\"`$\\\\\\{n \t\r\n\u{feff}é-]){0,60}") {
            match parse(file.as_bytes()) {
                Ok(entries) => prop_assert!(entries.len() <= file.lines().count()),
                Err(errors) => {
                    let error = &errors.errors[0].0;
                    let (line, column) = (usize::try_from(error.line)?, usize::try_from(error.column)?);
                    let line = file.split('\n').nth(line - 1).unwrap();
                    prop_assert!(column <= line.chars().count() + 1);
                }
            }
        }

        #[test]
        fn single_quotes_hold_everything_but_themselves(value in "[^'\r\0]*") {
            let file = format!("A='canary{value}'");
            prop_assert_eq!(pairs(&file), [("A".to_owned(), format!("canary{value}"))]);
        }

        #[test]
        fn escaped_double_quotes_hold_everything(value in "[^\0]*") {
            let escaped: String = format!("canary{value}")
                .chars()
                .map(|c| match c {
                    '\r' => "\\r".to_owned(),
                    '"' | '\\' | '$' => format!("\\{c}"),
                    c => c.to_string(),
                })
                .collect();
            let file = format!("A=\"{escaped}\" # \" '");
            prop_assert_eq!(pairs(&file), [("A".to_owned(), format!("canary{value}"))]);
        }
    }
}
