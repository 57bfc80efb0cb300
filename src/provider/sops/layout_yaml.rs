//! Where the values of a YAML text stand. The text is valid: its parser has accepted it.

use saphyr_parser::{Event, Parser, Span, StrInput};

use super::layout::{Entry, Layout, Place, Step, Style};

/// Reads a text of one document.
pub(super) fn read(text: &str) -> Option<Layout> {
    // Spans count characters.
    let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let parser = Parser::new_from_str(text);
    let mut reader = Reader { text, offsets, parser, layout: Layout::default() };
    loop {
        if let (Event::DocumentStart(_), _) = reader.next()? {
            break;
        }
    }
    let first = reader.next()?;
    reader.node(first, &mut Vec::new(), false)?;
    Some(reader.layout)
}

struct Reader<'a> {
    text: &'a str,
    offsets: Vec<usize>,
    parser: Parser<'a, StrInput<'a>>,
    layout: Layout,
}

/// A passed node.
struct Passed {
    start: usize,
    end: usize,
    is_single: bool,
    is_special: bool,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        self.parser.next_event()?.ok()
    }

    fn offset(&self, characters: usize) -> usize {
        self.offsets.get(characters).copied().unwrap_or(self.text.len())
    }

    fn range(&self, span: &Span) -> (usize, usize) {
        (self.offset(span.start.index()), self.offset(span.end.index()))
    }

    fn node(
        &mut self,
        (event, span): (Event<'a>, Span),
        path: &mut Vec<Step>,
        in_flow: bool,
    ) -> Option<Passed> {
        let (start, end) = self.range(&span);
        match event {
            Event::Scalar(_, _, anchor, tag) => {
                let is_special = anchor > 0 || tag.is_some();
                Some(Passed { start, end, is_single: true, is_special })
            }
            Event::Alias(_) => Some(Passed { start, end, is_single: true, is_special: true }),
            Event::SequenceStart(..) => self.list(start, path, in_flow),
            Event::MappingStart(..) => self.map(start, path, in_flow),
            _ => None,
        }
    }

    fn is_flow(&self, start: usize, bracket: u8) -> bool {
        self.text.as_bytes().get(start) == Some(&bracket)
    }

    fn list(&mut self, start: usize, path: &mut Vec<Step>, in_flow: bool) -> Option<Passed> {
        let in_flow = in_flow || self.is_flow(start, b'[');
        let (mut end, mut count) = (start, 0);
        loop {
            let next = self.next()?;
            if let (Event::SequenceEnd, span) = &next {
                let end = if in_flow { self.range(span).1 } else { end };
                return Some(Passed { start, end, is_single: false, is_special: false });
            }
            path.push(Step::position(count));
            let item = self.node(next, path, in_flow)?;
            count += 1;
            end = item.end;
            let empty = item.start..item.start;
            self.note(path, &empty, &item, in_flow, None);
            path.pop();
        }
    }

    fn map(&mut self, start: usize, path: &mut Vec<Step>, in_flow: bool) -> Option<Passed> {
        let in_flow = in_flow || self.is_flow(start, b'{');
        let (mut end, mut first, mut metadata) = (start, None, None);
        loop {
            let key = self.next()?;
            let (text, key_start, key_end) = match &key {
                (Event::MappingEnd, span) => {
                    let end = if in_flow { self.range(span).1 } else { end };
                    self.add_place(path, first.filter(|_| !in_flow), metadata, end);
                    return Some(Passed { start, end, is_single: false, is_special: false });
                }
                (Event::Scalar(text, ..), span) => {
                    let (start, end) = self.range(span);
                    (text.to_string(), start, end)
                }
                _ => return None,
            };
            first = first.or(Some(key_start));
            if path.is_empty() && text == "sops" {
                metadata = Some(key_start);
            }
            path.push(Step::key(&text));
            let next = self.next()?;
            let value = self.node(next, path, in_flow)?;
            // The span of an absent value may stand anywhere behind the key.
            let value = if value.is_single && value.start == value.end {
                let colon = self.text.get(key_end..)?.find(':')? + key_end + 1;
                Passed { start: colon, end: colon, ..value }
            } else {
                value
            };
            end = value.end;
            let line = self.line_start(key_start);
            let is_first = self.text.get(line..key_start)?.trim().is_empty();
            let removal = (is_first && !in_flow).then(|| line..self.line_end(end));
            self.note(path, &(key_start..key_end), &value, in_flow, removal);
            path.pop();
        }
    }

    fn note(
        &mut self,
        path: &[Step],
        key: &std::ops::Range<usize>,
        value: &Passed,
        in_flow: bool,
        removal: Option<std::ops::Range<usize>>,
    ) {
        if !value.is_single {
            return;
        }
        // The span of a block scalar includes its line break.
        let text = self.text.get(value.start..value.end).unwrap_or_default();
        let end = value.start + text.trim_end().len();
        self.layout.entries.push(Entry {
            path: path.to_vec(),
            key: key.clone(),
            value: value.start..end,
            removal,
            style: if in_flow { Style::YamlFlow } else { Style::YamlBlock },
            is_special: value.is_special,
        });
    }

    fn add_place(
        &mut self,
        path: &[Step],
        first: Option<usize>,
        metadata: Option<usize>,
        end: usize,
    ) {
        let Some(first) = first else { return };
        let indent = first - self.line_start(first);
        let line = self.text.get(first - indent..first).unwrap_or_default();
        // The metadata stay at the end.
        let at = metadata.map_or_else(|| self.line_end(end), |at| self.line_start(at));
        let is_line = at == 0 || self.text.as_bytes().get(at - 1) == Some(&b'\n');
        let before = if is_line { String::new() } else { "\n".to_owned() };
        // In an item of a list, the first key stands behind the hyphen.
        let before = before + &" ".repeat(line.chars().count());
        let (path, behind) = (path.to_vec(), "\n".to_owned());
        self.layout.places.push(Place { path, at, before, behind, style: Style::YamlBlock });
    }

    fn line_start(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.rfind('\n').map_or(0, |end| end + 1)
    }

    /// Where the line ends on which something ends, with its line break.
    fn line_end(&self, at: usize) -> usize {
        let (before, behind) = self.text.split_at_checked(at).unwrap_or((self.text, ""));
        if before.ends_with('\n') {
            return at;
        }
        behind.find('\n').map_or(self.text.len(), |end| at + end + 1)
    }
}
