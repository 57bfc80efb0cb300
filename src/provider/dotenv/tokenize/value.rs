//! The values of a dotenv file: from `=` to the end of the value, with and without quotes.

use super::super::cursor::Cursor;
use super::super::dialect::{AfterQuote, Close, InlineComment, Unclosed, is_blank};
use super::super::syntax::{OddityKind, ParseErrorKind};
use super::{RawValue, Segment, Stop, Tokenizer, error, is_name};

impl<'t> Tokenizer<'t> {
    pub(super) fn take_value(&mut self, name: &'t str) -> Result<RawValue<'t>, Stop> {
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
    pub(super) fn is_followed_by_comment_or_end(&self, at: usize) -> bool {
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
