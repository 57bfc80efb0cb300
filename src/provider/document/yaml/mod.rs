//! YAML documents as trees. Scalars get the types and the spelling that Go's yaml.v3 gives them, since a MAC
//! may cover that; anchors are expanded, and `<<` is an ordinary key.

use saphyr_parser::{Event, Parser, ScanError, Span, StrInput, Tag};

use super::{Item, MAX_DEPTH, MAX_NODES, Node, ParseError, Scalar, ScalarKind};

mod comments;
mod scalar;

pub(in crate::provider) use scalar::written_float;

/// Parses all documents of a file. With `comments`, each item gets the comments before and behind it.
pub(crate) fn parse(text: &str, comments: bool) -> Result<Vec<Node>, ParseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut composer = Composer {
        parser: Parser::new_from_str(text),
        anchors: Vec::new(),
        nodes: 0,
        anchored: 0,
        marks: Vec::new(),
        scalars: Vec::new(),
    };
    let mut documents = composer.documents()?;
    if comments {
        let Composer { marks, scalars, .. } = composer;
        let mut found = comments::attach(text, &scalars, &marks).into_iter();
        for document in &mut documents {
            take_comments(document, &mut found);
        }
    }
    Ok(documents)
}

/// Gives each item its comments, in the order in which items were composed.
fn take_comments(node: &mut Node, found: &mut impl Iterator<Item = Vec<String>>) {
    if let Node::Map(items) | Node::List(items) = node {
        for item in items {
            item.comments = found.next().unwrap_or_default();
            take_comments(&mut item.node, found);
        }
    }
}

/// Where an item begins: its key, or itself in a list.
#[derive(Clone, Copy)]
struct Mark {
    index: usize,
    line: usize,
    column: usize,
    /// The line on which its value begins, if that is a scalar, and ends.
    value: Option<(usize, usize)>,
}

struct Composer<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// The events of what each anchor stands for.
    anchors: Vec<(usize, Vec<(Event<'a>, Span)>)>,
    nodes: usize,
    /// How many events the anchors hold.
    anchored: usize,
    marks: Vec<Mark>,
    /// Where scalars begin and end, in characters.
    scalars: Vec<(usize, usize)>,
}

type Spanned<'a> = (Event<'a>, Span);

impl<'a> Composer<'a> {
    fn next(&mut self) -> Result<Spanned<'a>, ParseError> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(scan_error(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn documents(&mut self) -> Result<Vec<Node>, ParseError> {
        let mut documents = Vec::new();
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(documents),
                (Event::DocumentStart(_), _) => {
                    self.anchors.clear();
                    let first = self.next()?;
                    let mut events = Vec::new();
                    self.collect(first, &mut events)?;
                    let mut replay = Replay { events: &events, at: 0, composer: self, depth: 0 };
                    documents.push(replay.node()?);
                }
                _ => {}
            }
        }
    }

    /// Remembers what an anchor stands for. Anchors in one another must not multiply the events without bound.
    fn keep(&mut self, anchor: usize, events: &[Spanned<'a>]) -> Result<(), ParseError> {
        self.anchored += events.len();
        if self.anchored > MAX_NODES {
            return Err(ParseError::new(1, "it has too many values with anchors"));
        }
        self.anchors.push((anchor, events.to_vec()));
        Ok(())
    }

    /// Collects the events of one node, and remembers those of the anchors in it.
    fn collect(
        &mut self,
        first: Spanned<'a>,
        events: &mut Vec<Spanned<'a>>,
    ) -> Result<(), ParseError> {
        let (mut depth, mut open): (usize, Vec<(usize, usize, usize)>) = (0, Vec::new());
        let mut event = first;
        loop {
            let at = events.len();
            let (anchor, change) = match &event.0 {
                Event::Scalar(_, _, anchor, _) => {
                    if !event.1.is_empty() {
                        self.scalars.push((event.1.start.index(), event.1.end.index()));
                    }
                    (*anchor, 0)
                }
                Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => (*anchor, 1),
                Event::SequenceEnd | Event::MappingEnd => (0, -1),
                _ => (0, 0),
            };
            let is_scalar = matches!(event.0, Event::Scalar(..));
            events.push(event);
            if events.len() > MAX_NODES {
                return Err(ParseError::new(1, "it has too many values"));
            }
            depth = depth.saturating_add_signed(change);
            if anchor > 0 && is_scalar {
                self.keep(anchor, events.get(at..).unwrap_or_default())?;
            } else if anchor > 0 {
                open.push((anchor, at, depth));
            }
            if change < 0
                && let Some((anchor, from, _)) = open.pop_if(|(_, _, opened)| *opened == depth + 1)
            {
                self.keep(anchor, events.get(from..).unwrap_or_default())?;
            }
            if depth == 0 {
                return Ok(());
            }
            event = self.next()?;
        }
    }
}

/// Composes a tree from events.
struct Replay<'e, 'a, 'c> {
    events: &'e [Spanned<'a>],
    at: usize,
    composer: &'c mut Composer<'a>,
    depth: usize,
}

impl<'a> Replay<'_, 'a, '_> {
    fn next(&mut self) -> Option<Spanned<'a>> {
        let event = self.events.get(self.at)?.clone();
        self.at += 1;
        Some(event)
    }

    fn peek_is(&self, end: &Event<'_>) -> bool {
        self.events.get(self.at).is_none_or(|(event, _)| event == end)
    }

    fn node(&mut self) -> Result<Node, ParseError> {
        let Some((event, span)) = self.next() else { return Ok(Node::Null) };
        let line = span.start.line();
        self.composer.nodes += 1;
        self.depth += 1;
        if self.composer.nodes > MAX_NODES || self.depth > MAX_DEPTH {
            return Err(ParseError::new(line, "it is nested too deeply, or has too many values"));
        }
        let node = match event {
            Event::Scalar(text, style, _, tag) => scalar::node(&text, style, tag.as_deref(), line)?,
            Event::SequenceStart(_, tag) => self.sequence(tag.as_deref(), line)?,
            Event::MappingStart(_, tag) => self.mapping(tag.as_deref(), line)?,
            Event::Alias(anchor) => self.alias(anchor, line)?,
            _ => Node::Null,
        };
        self.depth -= 1;
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, line: usize) -> Result<Node, ParseError> {
        let anchors = &self.composer.anchors;
        let events = anchors.iter().rfind(|(known, _)| *known == anchor);
        let Some((_, events)) = events.cloned() else {
            return Err(ParseError::new(line, "an alias inside what it stands for"));
        };
        let (marks, depth) = (self.composer.marks.len(), self.depth);
        let node = Replay { events: &events, at: 0, composer: self.composer, depth }.node()?;
        // Comments belong to the place of the anchor.
        for mark in self.composer.marks.iter_mut().skip(marks) {
            mark.index = usize::MAX;
        }
        Ok(node)
    }

    fn sequence(&mut self, tag: Option<&Tag>, line: usize) -> Result<Node, ParseError> {
        refuse_tag(tag, "seq", line)?;
        let mut items = Vec::new();
        while !self.peek_is(&Event::SequenceEnd) {
            let line = self.mark();
            let node = self.node()?;
            items.push(Item { key: String::new(), line, comments: Vec::new(), node });
        }
        self.at += 1;
        Ok(Node::List(items))
    }

    fn mapping(&mut self, tag: Option<&Tag>, line: usize) -> Result<Node, ParseError> {
        refuse_tag(tag, "map", line)?;
        let mut items = Vec::new();
        while !self.peek_is(&Event::MappingEnd) {
            let line = self.mark();
            let Node::Scalar(Scalar { kind: ScalarKind::Text, text }) = self.key()? else {
                let what = "a key that is not text; write it in quotes";
                return Err(ParseError::new(line, what));
            };
            let key = String::from_utf8(text.to_vec())
                .map_err(|_| ParseError::new(line, "a key that is not UTF-8"))?;
            let node = self.node()?;
            items.push(Item { key, line, comments: Vec::new(), node });
        }
        self.at += 1;
        Ok(Node::Map(items))
    }

    fn key(&mut self) -> Result<Node, ParseError> {
        let depth = self.composer.marks.len();
        let node = self.node()?;
        self.composer.marks.truncate(depth);
        Ok(node)
    }

    /// Notes where the next item begins; its line.
    fn mark(&mut self) -> usize {
        let Some((_, span)) = self.events.get(self.at) else { return 0 };
        let value = [self.at, self.at + 1].into_iter().filter_map(|at| self.events.get(at));
        let mut value = value.filter(|(event, _)| matches!(event, Event::Scalar(..)));
        let value = value.next_back().map(|(_, span)| (span.start.line(), span.end.line()));
        let (index, line, column) = (span.start.index(), span.start.line(), span.start.col());
        self.composer.marks.push(Mark { index, line, column, value });
        line
    }
}

fn refuse_tag(tag: Option<&Tag>, expected: &str, line: usize) -> Result<(), ParseError> {
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == expected) => {
            Err(ParseError::new(line, "a tag that is not supported"))
        }
        _ => Ok(()),
    }
}

fn scan_error(error: &ScanError) -> ParseError {
    // The text of an error of the parser holds no text of the file.
    ParseError::new(error.marker().line(), format!("not valid YAML: {}", error.info()))
}
