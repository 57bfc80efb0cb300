//! A place in a text that knows its line and column. It knows nothing of the dotenv dialect.

/// A line and a column, both counted from one; a column is a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Position {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    fn after(self, c: char) -> Self {
        if c == '\n' {
            Self { line: self.line.saturating_add(1), column: 1 }
        } else {
            Self { line: self.line, column: self.column.saturating_add(1) }
        }
    }

    /// The position behind a text that begins at the start of the file.
    pub(super) fn behind(text: &str) -> Self {
        text.chars().fold(Self::START, Self::after)
    }
}

/// What is left of a text, and where that begins.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    rest: &'a str,
    position: Position,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, position: Position::START }
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// The character behind the one that [`Self::peek`] shows.
    pub(super) fn peek_second(&self) -> Option<char> {
        self.rest.chars().nth(1)
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        self.position = self.position.after(c);
        Some(c)
    }

    /// Takes the characters up to the first that is not wanted.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let before = self.rest;
        while self.peek().is_some_and(&wanted) {
            self.bump();
        }
        self.taken_from(before)
    }

    /// What was taken since `before` was the rest.
    pub(super) fn taken_from(&self, before: &'a str) -> &'a str {
        before.get(..before.len().saturating_sub(self.rest.len())).unwrap_or_default()
    }

    /// Passes spaces and tabs, and says whether there were any.
    pub(super) fn skip_blanks(&mut self) -> bool {
        !self.take_while(is_blank).is_empty()
    }

    /// Passes the rest of the line and its end.
    pub(super) fn skip_line(&mut self) {
        self.take_while(|c| c != '\n');
        self.bump();
    }
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}
