//! The tokenizer of dotenv files: from text to assignments whose values are still quoted. It is one for
//! all dialects; the rules of a dialect decide each step.

use super::cursor::Cursor;
use super::dialect::{
    AfterQuote, BareName, Close, Colon, Export, InlineComment, Malformed, NameRule, Rules,
    Unclosed, is_blank,
};
use super::syntax::{OddityKind, ParseErrorKind};

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

    fn take_value(&mut self, name: &'t str) -> Result<RawValue<'t>, Stop> {
        match self.rules.after_quote {
            AfterQuote::CommentOrUnquoted => return Ok(self.take_scanned_value()),
            AfterQuote::MoreValue => return Ok(RawValue::Joined(self.take_joined_value())),
            _ => {}
        }
        if self.rules.unclosed == Unclosed::WholeLine
            && matches!(self.cursor.peek(), None | Some('\n'))
        {
            return Ok(RawValue::Missing);
        }
        let blanks = self.cursor.take_while(self.rules.blank);
        if blanks.contains('\n') {
            self.oddities.push((self.cursor.at, OddityKind::NextLineTaken));
        }
        let with_comment = !blanks.is_empty() && self.cursor.peek() == Some('#');
        if with_comment && self.rules.inline_comment == InlineComment::AfterWhitespace {
            self.skip_line();
            return Ok(RawValue::Missing);
        }
        match self.cursor.peek() {
            Some(quote) if self.rules.quotes.contains(&quote) => {
                self.reading = (is_name(name).then_some(name), self.cursor.at);
                self.take_quoted(quote)
            }
            _ => Ok(RawValue::One(self.take_unquoted())),
        }
    }

    fn take_quoted(&mut self, quote: char) -> Result<RawValue<'t>, Stop> {
        let opened = self.cursor.at;
        let inside = opened + 1;
        let body = self.cursor.text.get(inside..).unwrap_or_default();
        let Some(length) = find_close(body, quote, self.close_of(quote)) else {
            return match self.rules.unclosed {
                Unclosed::WholeLine => {
                    self.oddities.push((opened, OddityKind::QuoteKept));
                    let text = self.cursor.take_while(|c| c != '\n');
                    Ok(RawValue::One(Segment { quote: None, text, at: opened }))
                }
                Unclosed::Malformed => Err(Stop::Malformed),
                _ => error(ParseErrorKind::UnterminatedQuote(quote), opened),
            };
        };
        let text = body.get(..length).unwrap_or_default();
        self.cursor.at = inside + length + 1;
        self.check_after_quote()?;
        Ok(RawValue::One(Segment { quote: Some(quote), text, at: inside }))
    }

    fn close_of(&self, quote: char) -> Close {
        if quote == '"' { self.rules.double_close } else { self.rules.single_close }
    }

    fn check_after_quote(&mut self) -> Result<(), Stop> {
        let after = self.cursor.at;
        match self.rules.after_quote {
            AfterQuote::Ignored => {
                let rest = self.cursor.take_while(|c| c != '\n').trim_matches(is_blank);
                if !rest.is_empty() && !rest.starts_with('#') {
                    self.oddities.push((after, OddityKind::TextAfterQuoteIgnored));
                }
                Ok(())
            }
            AfterQuote::CommentOrError => {
                let blanks = self.cursor.take_while(self.rules.blank);
                match self.cursor.peek() {
                    None | Some('\r' | '\n') => Ok(()),
                    Some('#') if !blanks.is_empty() => {
                        self.skip_line();
                        Ok(())
                    }
                    Some(_) => error(ParseErrorKind::TextAfterQuote { opened: 0 }, self.cursor.at),
                }
            }
            AfterQuote::CommentOrMalformed => {
                self.cursor.take_while(self.rules.blank);
                match self.cursor.peek() {
                    None | Some('\n') => Ok(()),
                    Some('#') => {
                        self.skip_line();
                        Ok(())
                    }
                    Some(_) => Err(Stop::Malformed),
                }
            }
            AfterQuote::NextAssignment => {
                let line = self.cursor.rest().lines().next().unwrap_or_default();
                let line = line.trim_matches(self.rules.blank);
                if !line.is_empty() && !line.starts_with('#') {
                    self.oddities.push((after, OddityKind::TextAfterQuoteIsNextAssignment));
                }
                Ok(())
            }
            AfterQuote::CommentOrUnquoted | AfterQuote::MoreValue => Ok(()),
        }
    }

    fn take_unquoted(&mut self) -> Segment<'t> {
        let at = self.cursor.at;
        let ends = self.rules.value_end;
        let line = self.cursor.take_while(|c| c != '\n' && !ends(c));
        let end = match self.rules.inline_comment {
            InlineComment::Never => {
                if line.starts_with(['"', '\'']) {
                    self.oddities.push((at, OddityKind::QuoteKept));
                }
                if line.contains(" #") {
                    self.oddities.push((at, OddityKind::CommentKept));
                }
                None
            }
            InlineComment::AtHash => {
                let end = line.find('#');
                let before =
                    line.get(..end.unwrap_or_default()).and_then(|b| b.chars().next_back());
                if end.is_some() && before.is_none_or(|c| !c.is_whitespace()) {
                    self.oddities.push((at, OddityKind::CutAtHash));
                }
                end
            }
            InlineComment::AfterSpace | InlineComment::AfterSpaceOrError => line.find(" #"),
            InlineComment::AfterWhitespace => {
                let space = self.rules.space;
                let hashes = line.match_indices('#').map(|(at, _)| at);
                let after_space =
                    |at: &usize| line.get(..*at).is_some_and(|before| before.ends_with(space));
                hashes.clone().find(after_space)
            }
        };
        let text = line.get(..end.unwrap_or(line.len())).unwrap_or_default();
        Segment { quote: None, text: text.trim_end_matches(self.rules.trim), at }
    }

    /// Reads a value as a regular expression would match it: in quotes if a comment or the line's end
    /// follows, else up to `#`.
    fn take_scanned_value(&mut self) -> RawValue<'t> {
        let mut ahead = self.cursor;
        ahead.take_while(self.rules.space);
        let opened = ahead.at;
        if let Some(quote) = ahead.peek().filter(|quote| self.rules.quotes.contains(quote)) {
            let body = ahead.text.get(opened + 1..).unwrap_or_default();
            for length in backtracking_closes(body, quote) {
                let end = opened + 1 + length + 1;
                if self.is_followed_by_comment_or_end(end) {
                    self.cursor.at = end;
                    let text = body.get(..length).unwrap_or_default();
                    return RawValue::One(Segment { quote: Some(quote), text, at: opened + 1 });
                }
            }
            self.oddities.push((opened, OddityKind::QuoteKept));
        }
        if matches!(self.cursor.peek(), None | Some('\n' | '#')) {
            if self.cursor.peek() == Some('#') {
                self.oddities.push((self.cursor.at, OddityKind::CutAtHash));
                self.skip_line();
            }
            return RawValue::Missing;
        }
        self.cursor.take_while(|c| c != '\n' && (self.rules.trim)(c));
        let segment = self.take_unquoted();
        // Quotes around the whole are removed here, too.
        let mut chars = segment.text.chars();
        match (chars.next(), chars.next_back()) {
            (Some(first), Some(last)) if first == last && self.rules.quotes.contains(&first) => {
                let text = chars.as_str();
                RawValue::One(Segment { quote: Some(first), text, at: segment.at + 1 })
            }
            _ => RawValue::One(segment),
        }
    }

    /// Whether white space, then a comment or the end of a line follow.
    fn is_followed_by_comment_or_end(&self, at: usize) -> bool {
        let mut ahead = Cursor { at, ..self.cursor };
        let space = ahead.take_while(self.rules.space);
        let ends = self.rules.line_end;
        space.contains(|c| c == '\n' || ends(c)) || matches!(ahead.peek(), None | Some('#'))
    }

    /// Reads quoted pieces and what stands behind them as one value.
    fn take_joined_value(&mut self) -> Vec<Segment<'t>> {
        let mut segments = Vec::new();
        loop {
            self.cursor.take_while(self.rules.blank);
            let Some(quote) = self.cursor.peek().filter(|quote| self.rules.quotes.contains(quote))
            else {
                if let Some(rest) = self.take_continued_line() {
                    if !segments.is_empty() {
                        self.oddities.push((rest.at, OddityKind::TextAfterQuoteJoined));
                    }
                    segments.push(rest);
                }
                return segments;
            };
            let inside = self.cursor.at + 1;
            let body = self.cursor.text.get(inside..).unwrap_or_default();
            let close = find_close(body, quote, self.close_of(quote));
            if close.is_none() {
                self.oddities.push((inside, OddityKind::QuoteToEndOfFile));
            }
            let length = close.unwrap_or(body.len());
            let text = body.get(..length).unwrap_or_default();
            segments.push(Segment { quote: Some(quote), text, at: inside });
            self.cursor.at = (inside + length + 1).min(self.cursor.text.len());
        }
    }

    /// Takes an unquoted value, which goes on where a backslash stands before the line's end. White space
    /// at its end is no part of it, unless it is escaped.
    fn take_continued_line(&mut self) -> Option<Segment<'t>> {
        let (at, ends) = (self.cursor.at, self.rules.value_end);
        let mut end = at;
        while let Some(c) = self.cursor.peek().filter(|c| *c != '\n' && !ends(*c)) {
            self.cursor.bump();
            if c == '\\' {
                if self.cursor.peek().is_some_and(|c| c == '\n' || ends(c)) {
                    self.oddities.push((self.cursor.at, OddityKind::NextLineTaken));
                }
                self.cursor.bump();
            }
            if c == '\\' || !(self.rules.trim)(c) {
                end = self.cursor.at;
            }
        }
        let text = self.cursor.text.get(at..end).unwrap_or_default();
        if text.contains(" #") {
            self.oddities.push((at, OddityKind::CommentKept));
        }
        (!text.is_empty()).then_some(Segment { quote: None, text, at })
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

/// The distance to the closing quote.
fn find_close(body: &str, quote: char, close: Close) -> Option<usize> {
    match close {
        Close::First => body.find(quote),
        Close::Backtracking => backtracking_closes(body, quote).into_iter().next(),
        Close::Unescaped => {
            let mut escaped = false;
            body.find(|c| {
                let closes = c == quote && !escaped;
                escaped = c == '\\' && !escaped;
                closes
            })
        }
    }
}

/// The distances to the quotes that may close a value, the preferred one first: the next without a
/// backslash before it, then those with one before that, the last first.
fn backtracking_closes(body: &str, quote: char) -> Vec<usize> {
    let mut escaped = Vec::new();
    for (at, _) in body.match_indices(quote) {
        if body.get(..at).is_some_and(|before| before.ends_with('\\')) {
            escaped.push(at);
        } else {
            return std::iter::once(at).chain(escaped.into_iter().rev()).collect();
        }
    }
    escaped.reverse();
    escaped
}
