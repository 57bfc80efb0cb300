//! References to variables in decoded values, and where they are looked up. Nothing here runs a command.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::dialect::{Lookup, References};
use super::parse::Assignment;
use super::syntax::ParseErrorKind;
use crate::secret::{SecretBuffer, Value};

/// How deep defaults may be nested.
pub(super) const MAX_DEPTH: usize = 32;

/// What a file has set a name to, up to some line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The assignment of this index.
    Assigned(usize),
    /// It stands there without a value.
    WithoutValue,
    /// The line is excluded and cannot be read.
    Unreadable,
}

/// What references can refer to, from the point of view of one line.
pub(super) struct Environment<'a> {
    /// Whether the strict dialect expands references.
    pub(super) expands: bool,
    pub(super) lookup: Lookup,
    /// Whether the file wins over the environment.
    pub(super) overrides: bool,
    /// The lines above.
    pub(super) assignments: &'a [Assignment],
    /// The names in them.
    pub(super) known: &'a BTreeMap<&'a str, Known>,
    /// The variables that the command would get otherwise.
    pub(super) outer: &'a dyn Fn(&str) -> Option<Value>,
    /// Whether a reference to an unset variable was read as empty.
    pub(super) found_unset: bool,
    /// Whether a variable was looked up.
    pub(super) has_looked_up: Cell<bool>,
}

impl Environment<'_> {
    /// The value of a name; `None` if it is not set.
    pub(super) fn look_up(&self, name: &str) -> Result<Option<Value>, ParseErrorKind> {
        self.has_looked_up.set(true);
        let prefers_outer = match self.lookup {
            Lookup::FileFirst => false,
            Lookup::EnvironmentFirst => true,
            Lookup::ByPrecedence | Lookup::Replaced => !self.overrides,
        };
        if prefers_outer && let Some(value) = (self.outer)(name) {
            return Ok(Some(value));
        }
        match self.known.get(name) {
            Some(Known::Assigned(index)) => {
                Ok(self.assignments.get(*index).map(|assignment| assignment.value.clone()))
            }
            Some(Known::WithoutValue) => Ok(Some(Value::plain(Vec::new()))),
            Some(Known::Unreadable) => Err(ParseErrorKind::UnreadableReference),
            None => Ok((self.outer)(name)),
        }
    }

    /// Appends the value of a name, or nothing if it is not set.
    fn push(&mut self, name: &str, out: &mut SecretBuffer) -> Result<(), ParseErrorKind> {
        match self.look_up(name)? {
            Some(value) => out.push(value.expose()),
            None => self.found_unset = true,
        }
        Ok(())
    }

    /// Expands the references of a decoded value, which is not in the strict dialect.
    pub(super) fn expand(
        &mut self,
        text: &str,
        references: References,
        out: &mut SecretBuffer,
    ) -> Result<(), ParseErrorKind> {
        match references {
            References::None | References::Strict => out.push(text),
            References::Python => return self.expand_python(text, out),
            References::Ruby => return self.expand_ruby(text, out),
            References::Compose => return self.expand_compose(text, 0, out),
        }
        Ok(())
    }

    fn expand_python(&mut self, text: &str, out: &mut SecretBuffer) -> Result<(), ParseErrorKind> {
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push(rest.get(..at).unwrap_or_default());
            let reference = rest.get(at + 1..).unwrap_or_default();
            let Some((name, default, length)) = python_reference(reference) else {
                out.push("$");
                rest = reference;
                continue;
            };
            if let Some(value) = self.look_up(name)? {
                out.push(value.expose());
            } else {
                self.found_unset |= default.is_none();
                out.push(default.unwrap_or_default());
            }
            rest = reference.get(length..).unwrap_or_default();
        }
        out.push(rest);
        Ok(())
    }

    fn expand_ruby(&mut self, text: &str, out: &mut SecretBuffer) -> Result<(), ParseErrorKind> {
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let before = rest.get(..at).unwrap_or_default();
            let after = rest.get(at + 1..).unwrap_or_default();
            let escaped = before.strip_suffix('\\');
            if after.starts_with('(') {
                if escaped.is_none() && has_command(after) {
                    return Err(ParseErrorKind::Command);
                }
                let is_command = escaped.is_some() && has_command(after);
                out.push(escaped.filter(|_| is_command).unwrap_or(before));
                out.push("$");
                rest = after;
                continue;
            }
            let braced = after.strip_prefix('{');
            let inside = braced.unwrap_or(after);
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = inside.find(|c| !is_name(c)).unwrap_or(inside.len());
            let (name, behind) = inside.split_at(end);
            let behind = behind.strip_prefix('}').unwrap_or(behind);
            let matched = after.len() - behind.len();
            if let Some(before) = escaped {
                out.push(before);
                out.push(rest.get(at..=at + matched).unwrap_or_default());
            } else {
                out.push(before);
                if name.is_empty() {
                    out.push(rest.get(at..=at + matched).unwrap_or_default());
                } else {
                    self.push(name, out)?;
                }
            }
            rest = behind;
        }
        out.push(rest);
        Ok(())
    }

    fn expand_compose(
        &mut self,
        text: &str,
        depth: usize,
        out: &mut SecretBuffer,
    ) -> Result<(), ParseErrorKind> {
        if depth > MAX_DEPTH {
            return Err(ParseErrorKind::InvalidReference);
        }
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push(rest.get(..at).unwrap_or_default());
            let after = rest.get(at + 1..).unwrap_or_default();
            rest = match after.chars().next() {
                Some('$') => {
                    out.push("$");
                    after.get(1..).unwrap_or_default()
                }
                Some('{') => self.expand_braced(after, depth, out)?,
                _ => {
                    let (name, behind) = split_identifier(after);
                    if name.is_empty() {
                        out.push("$");
                    } else {
                        self.push(name, out)?;
                    }
                    behind
                }
            };
        }
        out.push(rest);
        Ok(())
    }

    /// Expands `{NAME}` or `{NAME:-default}` of compose; what stands behind it.
    fn expand_braced<'t>(
        &mut self,
        text: &'t str,
        depth: usize,
        out: &mut SecretBuffer,
    ) -> Result<&'t str, ParseErrorKind> {
        let invalid = ParseErrorKind::InvalidReference;
        let (name, operator) = split_identifier(text.get(1..).unwrap_or_default());
        if name.is_empty() {
            return Err(invalid);
        }
        if let Some(behind) = operator.strip_prefix('}') {
            self.push(name, out)?;
            return Ok(behind);
        }
        let is_soft = operator.starts_with(':');
        let body = operator.strip_prefix(':').unwrap_or(operator);
        let operator =
            body.chars().next().filter(|c| matches!(c, '-' | '+' | '?')).ok_or(invalid)?;
        // It goes on to the last brace of the line; what stands behind its own is expanded apart.
        let line_end = text.find('\n').unwrap_or(text.len());
        let line = text.get(..line_end).unwrap_or_default();
        let last = line.rfind('}').ok_or(ParseErrorKind::InvalidReference)?;
        let whole = line.get(..=last).unwrap_or_default();
        let end = closing_brace(whole).unwrap_or(last);
        let start = text.len() - body.len() + 1;
        let default = text.get(start..end).ok_or(ParseErrorKind::InvalidReference)?;
        let value = self.look_up(name)?;
        let counts = |value: &Value| !is_soft || !value.is_empty();
        match (operator, value) {
            ('+', Some(value)) if counts(&value) => self.expand_compose(default, depth + 1, out)?,
            ('+', _) => {}
            (_, Some(value)) if counts(&value) => out.push(value.expose()),
            ('-', _) => self.expand_compose(default, depth + 1, out)?,
            _ => return Err(ParseErrorKind::RequiredReference),
        }
        self.expand_compose(whole.get(end + 1..).unwrap_or_default(), depth + 1, out)?;
        Ok(text.get(last + 1..).unwrap_or_default())
    }
}

/// The first brace that closes as many as are open. A character behind an opening brace is not looked at.
fn closing_brace(text: &str) -> Option<usize> {
    let (mut open, mut skip) = (0_usize, false);
    for (at, byte) in text.bytes().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        match byte {
            b'}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return Some(at);
                }
            }
            b'{' => (open, skip) = (open + 1, true),
            _ => {}
        }
    }
    None
}

/// The first line that sets a name, below the line that a text starts with.
pub(super) fn line_that_sets(name: &str, text: &str, line: u32) -> Option<u32> {
    let sets = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut lines = (line..).zip(text.lines()).skip(1);
    lines.find(|(_, line)| sets(line)).map(|(line, _)| line)
}

/// A reference of the strict dialect.
pub(super) struct Reference<'t> {
    pub(super) name: &'t str,
    /// `-` or `?`.
    pub(super) operator: Option<char>,
    pub(super) treats_empty_as_unset: bool,
    /// The bytes of name and operator.
    pub(super) length: usize,
}

/// Reads what stands behind `${`.
pub(super) fn reference(inside: &str) -> Option<Reference<'_>> {
    let (name, behind) = split_identifier(inside);
    if name.is_empty() {
        return None;
    }
    let after_colon = behind.strip_prefix(':');
    let text = after_colon.unwrap_or(behind);
    let operator = text.chars().next().filter(|c| matches!(c, '-' | '?'));
    let length = match operator {
        Some(_) => inside.len() - text.len() + 1,
        None => name.len(),
    };
    Some(Reference { name, operator, treats_empty_as_unset: after_colon.is_some(), length })
}

/// The identifier at the start of a text, which may be empty, and the rest.
fn split_identifier(text: &str) -> (&str, &str) {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return ("", text);
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.split_at(end)
}

/// Name, default and length of python-dotenv's reference behind `$`.
fn python_reference(text: &str) -> Option<(&str, Option<&str>, usize)> {
    let inside = text.strip_prefix('{')?;
    let end = inside.find(['}', ':'])?;
    let (name, behind) = inside.split_at(end);
    if behind.starts_with('}') {
        return Some((name, None, end + 2));
    }
    let default = behind.strip_prefix(":-")?;
    let end = default.find('}')?;
    Some((name, default.get(..end), text.len() - default.len() + end + 1))
}

/// Whether a text starts with parentheses that are balanced and not empty.
fn has_command(text: &str) -> bool {
    let (mut open, mut has_content) = (0_usize, vec![]);
    for c in text.chars() {
        match c {
            '(' => {
                has_content.push(false);
                open += 1;
            }
            ')' => {
                if has_content.pop() != Some(true) {
                    return false;
                }
                open -= 1;
                if open == 0 {
                    return true;
                }
                if let Some(outer) = has_content.last_mut() {
                    *outer = true;
                }
            }
            _ => {
                if let Some(inner) = has_content.last_mut() {
                    *inner = true;
                }
            }
        }
    }
    false
}
