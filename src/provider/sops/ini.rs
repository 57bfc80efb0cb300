//! INI files as sops reads them, which is how Go's ini.v1 does: `;` and `#` begin a comment inside a value,
//! backquotes and three double quotes protect, a backslash at the end of a line continues it.

use std::iter::Peekable;

use crate::provider::document::{Item, Node, ParseError};

/// The section of the keys before any heading.
const DEFAULT: &str = "DEFAULT";

/// Lines with their numbers.
type Lines<'a> = Peekable<std::iter::Zip<std::ops::RangeFrom<usize>, std::str::Lines<'a>>>;

/// Parses a file: one item for each section, with its keys below.
pub(super) fn parse(text: &str) -> Result<Vec<Item>, ParseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut sections = vec![section(DEFAULT, 1, Vec::new())];
    let mut comments = Vec::new();
    let mut lines = (1..).zip(text.lines()).peekable();
    // In sops' tree, a comment stands behind the key that it was written before.
    let mut pending = Vec::new();
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if line.starts_with([';', '#']) {
            comments.push(comment(line));
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let (name, behind) = rest
                .rsplit_once(']')
                .filter(|(name, _)| !name.is_empty())
                .ok_or_else(|| ParseError::new(number, "malformed section heading"))?;
            if behind.trim_start().starts_with([';', '#']) {
                comments.push(comment(behind.trim_start()));
            }
            sections.push(section(name, number, Vec::new()));
            pending = std::mem::take(&mut comments);
            continue;
        }
        let (key, rest) = key(line, number)?;
        let value = value(rest, number, &mut lines, &mut comments)?;
        let node = Node::text(value.as_bytes());
        let own = std::mem::replace(&mut pending, std::mem::take(&mut comments));
        let item = Item { key: key.to_owned(), line: number, comments: own, node };
        if let Some(Node::Map(items)) = sections.last_mut().map(|section| &mut section.node) {
            items.push(item);
        }
    }
    // A heading of its own replaces the section that is there without one.
    let is_named = sections.iter().skip(1).any(|section| section.key == DEFAULT);
    if is_named
        && matches!(sections.first().map(|first| &first.node), Some(Node::Map(items)) if items.is_empty())
    {
        sections.remove(0);
    }
    Ok(sections)
}

fn section(name: &str, line: usize, items: Vec<Item>) -> Item {
    Item { key: name.to_owned(), line, comments: Vec::new(), node: Node::Map(items) }
}

fn comment(line: &str) -> String {
    let first = line.chars().next().unwrap_or(';');
    line.trim_start_matches([first, ' ']).to_owned()
}

/// The name of a key, and what follows the sign behind it.
fn key(line: &str, number: usize) -> Result<(&str, &str), ParseError> {
    let missing = || ParseError::new(number, "a line without `=`");
    let quoted = ["\"\"\"", "\"", "`"].into_iter().find_map(|quote| {
        let (name, rest) = line.strip_prefix(quote)?.split_once(quote)?;
        Some((name, rest.trim_start()))
    });
    let (name, rest) = match quoted {
        Some((name, rest)) => (name, rest.strip_prefix(['=', ':']).ok_or_else(missing)?),
        None => line
            .split_once(['=', ':'])
            .map(|(name, rest)| (name.trim(), rest))
            .ok_or_else(missing)?,
    };
    if name.is_empty() {
        return Err(ParseError::new(number, "a line without a name"));
    }
    Ok((name, rest))
}

/// The value of a key, which may go on over further lines.
fn value(
    rest: &str,
    number: usize,
    lines: &mut Lines<'_>,
    comments: &mut Vec<String>,
) -> Result<String, ParseError> {
    let rest = rest.trim_start();
    for quote in ["\"\"\"", "`"] {
        let Some(inner) = rest.strip_prefix(quote) else { continue };
        if let Some((value, _)) = inner.rsplit_once(quote) {
            return Ok(value.to_owned());
        }
        let mut value = inner.to_owned();
        for (_, line) in lines.by_ref() {
            value.push('\n');
            if let Some((last, _)) = line.rsplit_once(quote) {
                value.push_str(last);
                return Ok(value);
            }
            value.push_str(line);
        }
        return Err(ParseError::new(number, "unterminated quotes"));
    }
    let mut line = rest.trim().to_owned();
    while let Some(before) = line.strip_suffix('\\') {
        let next = lines.next().map_or("", |(_, line)| line.trim());
        line = format!("{before}{next}");
        if next.is_empty() {
            break;
        }
    }
    if let Some(at) = line.find(['#', ';']) {
        let (value, behind) = line.split_at(at);
        comments.push(comment(behind));
        line = value.trim_end().to_owned();
    }
    for quote in ['\'', '"'] {
        let inner = line.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.contains(quote)) {
            return Ok(inner.to_owned());
        }
    }
    Ok(line)
}
