//! How other programs read the lines that the strict dialect refuses, for its errors. It reads the file
//! again in their dialects and says what becomes of a value, never the value.

use super::dialect::Dialect;
use super::parse::{Document, ReadOptions, read};
use super::syntax::{ParseError, ParseErrors};
use crate::secret::Value;

/// The dialects that an error compares.
const COMPARED: [Dialect; 3] = [Dialect::Node, Dialect::Compose, Dialect::Python];

/// What one program does with a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Literal,
    Unquoted,
    Shortened(usize),
    Different(usize),
    Ignored,
    Refused,
}

impl Reading {
    fn describe(self, is_one: bool) -> String {
        let verb =
            |one: &str, several: &str| if is_one { one.to_owned() } else { several.to_owned() };
        match self {
            Self::Literal => verb("takes the value literally", "take the value literally"),
            Self::Unquoted => verb(
                "takes what is in the quotes literally",
                "take what is in the quotes literally",
            ),
            Self::Shortened(bytes) => {
                format!("{} the value after {}", verb("cuts", "cut"), count(bytes))
            }
            Self::Different(bytes) => format!("{} {}", verb("reads", "read"), count(bytes)),
            Self::Ignored => verb("ignores the line", "ignore the line"),
            Self::Refused => verb("refuses it", "refuse it"),
        }
    }
}

fn count(bytes: usize) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}

/// For each error, how node, compose and python read its line.
pub(super) fn explain(
    text: &str,
    errors: &[ParseError],
    environment: &dyn Fn(&str) -> Option<Value>,
) -> Vec<Option<String>> {
    let documents = COMPARED.map(|dialect| {
        let options = ReadOptions { dialect, environment, ..ReadOptions::default() };
        read(text.as_bytes(), options)
    });
    let explained = |error: &ParseError| {
        error.kind.is_ambiguity().then(|| explain_line(text, error, &documents)).flatten()
    };
    errors.iter().map(explained).collect()
}

fn explain_line(
    text: &str,
    error: &ParseError,
    documents: &[Result<Document, ParseErrors>; 3],
) -> Option<String> {
    let readings: Vec<_> = COMPARED
        .iter()
        .zip(documents)
        .map(|(dialect, document)| (dialect.as_str(), reading(text, error, document.as_ref().ok())))
        .collect();
    if readings.iter().all(|(_, reading)| *reading == Reading::Refused) {
        return None;
    }
    let mut groups: Vec<(Reading, Vec<&str>)> = Vec::new();
    for (name, reading) in readings {
        match groups.iter_mut().find(|(known, _)| *known == reading) {
            Some((_, names)) => names.push(name),
            None => groups.push((reading, vec![name])),
        }
    }
    let parts: Vec<_> = groups
        .iter()
        .map(|(reading, names)| {
            format!("{} {}", enumerate(names), reading.describe(names.len() == 1))
        })
        .collect();
    Some(format!("line {}: {}", error.line, parts.join("; ")))
}

/// `a`, `a and b`, `a, b and c`.
fn enumerate(names: &[&str]) -> String {
    match names {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        names => names.concat(),
    }
}

/// What a program makes of the line of an error. A file that it refuses, it refuses as a whole.
fn reading(text: &str, error: &ParseError, document: Option<&Document>) -> Reading {
    let Some(document) = document else { return Reading::Refused };
    let lines = |line: &u32| *line <= error.line;
    let named = |name: &str| error.name.as_ref().is_none_or(|wanted| wanted.as_str() == name);
    let found = document
        .assignments
        .iter()
        .rfind(|assignment| lines(&assignment.line) && named(assignment.name.as_str()))
        .filter(|assignment| error.name.is_some() || assignment.line == error.line);
    let Some(found) = found else { return Reading::Ignored };
    let index = usize::try_from(found.line).unwrap_or(usize::MAX).saturating_sub(1);
    let line = text.lines().nth(index).unwrap_or_default();
    let written = line.split_once('=').map_or("", |(_, value)| value.trim());
    let value = found.value.expose();
    let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
    if value == written.as_bytes() {
        Reading::Literal
    } else if written.starts_with(['"', '\'', '`']) && value == inner.as_bytes() {
        Reading::Unquoted
    } else if written.as_bytes().starts_with(value) {
        Reading::Shortened(value.len())
    } else {
        Reading::Different(value.len())
    }
}
