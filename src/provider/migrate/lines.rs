//! Reads assignments as all dialects of dotenv files agree on them. Values that span lines are no references, and are
//! passed over.

use std::ops::Range;

/// An assignment on one line.
pub(super) struct Line<'t> {
    /// Its number, from one.
    pub(super) number: usize,
    /// The name of the variable.
    pub(super) name: &'t str,
    /// The value, without quotes.
    pub(super) value: &'t str,
    /// Where the value stands in the text, with its quotes.
    pub(super) range: Range<usize>,
}

/// The assignments of a text.
pub(super) fn read(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let (mut start, mut open) = (0, None);
    for (index, line) in text.split('\n').enumerate() {
        let offset = start;
        start += line.len() + 1;
        if let Some(quote) = open {
            if line.contains(quote) {
                open = None;
            }
            continue;
        }
        let Some((name, at)) = assignment(line) else { continue };
        let raw = line.get(at..).unwrap_or_default();
        let quote = raw.chars().next().filter(|first| matches!(first, '"' | '\'' | '`'));
        let (value, length) = if let Some(quote) = quote {
            let Some((value, _)) = raw.get(1..).and_then(|inside| inside.split_once(quote)) else {
                open = Some(quote);
                continue;
            };
            (value, value.len() + 2)
        } else {
            let comment = [" #", "\t#"].iter().filter_map(|mark| raw.find(mark)).min();
            let value = raw.get(..comment.unwrap_or(raw.len())).unwrap_or_default().trim_end();
            (value, value.len())
        };
        let range = offset + at..offset + at + length;
        lines.push(Line { number: index + 1, name, value, range });
    }
    lines
}

/// The name of an assignment, and where its value begins.
fn assignment(line: &str) -> Option<(&str, usize)> {
    let (before, value) = line.split_once('=')?;
    let name = before.trim();
    let name = name.strip_prefix("export ").map_or(name, str::trim_start);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let starts = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let blanks = value.len() - value.trim_start().len();
    (starts && name.chars().all(is_name)).then_some((name, before.len() + 1 + blanks))
}
