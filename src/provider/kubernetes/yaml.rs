//! The YAML of kubeconfig files, read as Kubernetes' own programs read it: the first document, with the
//! scalars of YAML 1.1 (`yes` is a boolean), aliases and merge keys. Errors name places, never content.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use crate::secret::Value;

/// The most nodes of a document, aliases included, and how deep they may be nested.
const NODE_LIMIT: usize = 200_000;
const DEPTH_LIMIT: usize = 100;

/// A node of a document.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// Text, which may be a secret.
    Text(Value),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, with each key once.
    Map(Vec<(String, Node)>),
}

/// Why a document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum YamlError {
    /// It is not YAML.
    #[error("line {line}, column {column}: invalid YAML")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// It is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// It is nested too deeply or expands to too much.
    #[error("it is too large or too deeply nested")]
    TooLarge,
    /// A key is a list or a mapping, or a tag is not supported.
    #[error("line {line}: {what} is not supported")]
    Unsupported {
        /// The line, from 1.
        line: usize,
        /// What is not supported.
        what: &'static str,
    },
}

impl Node {
    /// Reads the first document; nothing is null.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, YamlError> {
        let text = std::str::from_utf8(bytes).map_err(|_| YamlError::NotText)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Reader { parser: Parser::new_from_str(text), anchors: Vec::new(), nodes: 0 }.document()
    }

    /// The member of a mapping; null counts as absent, as in Go.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(members) = self else { return None };
        let found = members.iter().find(|(name, _)| name == key).map(|(_, node)| node);
        found.filter(|node| !matches!(node, Self::Null))
    }

    /// What it is, for a message.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// As JSON, for what is passed on to a credential plugin.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(switch) => (*switch).into(),
            Self::Number(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into())
            }
            Self::Text(text) => text.expose_str().unwrap_or_default().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(members) => {
                let member = |(name, node): &(String, Self)| (name.clone(), node.to_json());
                serde_json::Value::Object(members.iter().map(member).collect())
            }
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: Vec<(usize, Node)>,
    nodes: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, usize), YamlError> {
        match self.parser.next() {
            Some(Ok((event, span))) => Ok((event, span.start.line())),
            Some(Err(error)) => {
                let (line, column) = (error.marker().line(), error.marker().col() + 1);
                Err(YamlError::Syntax { line, column })
            }
            None => Ok((Event::StreamEnd, 0)),
        }
    }

    fn document(mut self) -> Result<Node, YamlError> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(Node::Null),
                (Event::DocumentStart(_), _) => {
                    let next = self.next()?;
                    let node = self.node(next, 0)?;
                    // What follows it in the same document must be well-formed, too.
                    self.next()?;
                    return Ok(node);
                }
                _ => {}
            }
        }
    }

    fn node(&mut self, (event, line): (Event<'t>, usize), depth: usize) -> Result<Node, YamlError> {
        self.nodes += 1;
        if self.nodes > NODE_LIMIT || depth > DEPTH_LIMIT {
            return Err(YamlError::TooLarge);
        }
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (anchor, scalar(&text, style, tag.as_deref(), line)?)
            }
            Event::Alias(anchor) => {
                let found = self.anchors.iter().rev().find(|(known, _)| *known == anchor);
                let node = found.map(|(_, node)| node.clone()).ok_or(YamlError::TooLarge)?;
                self.nodes += count(&node);
                return if self.nodes > NODE_LIMIT { Err(YamlError::TooLarge) } else { Ok(node) };
            }
            Event::SequenceStart(anchor, _) => (anchor, self.list(depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.map(depth)?),
            _ => (0, Node::Null),
        };
        if anchor > 0 {
            self.nodes += count(&node);
            self.anchors.push((anchor, node.clone()));
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Node, YamlError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Node::List(items)),
                next => items.push(self.node(next, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Node, YamlError> {
        let (mut members, mut merged) = (Vec::new(), Vec::new());
        loop {
            let (event, line) = self.next()?;
            if event == Event::MappingEnd {
                break;
            }
            let is_merge =
                matches!(&event, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
            let key = match self.node((event, line), depth + 1)? {
                Node::Text(text) => text.expose_str().unwrap_or_default().to_owned(),
                Node::Number(text) => text,
                Node::Bool(switch) => switch.to_string(),
                Node::Null => "null".to_owned(),
                Node::List(_) | Node::Map(_) => {
                    return Err(YamlError::Unsupported { line, what: "a list or mapping as key" });
                }
            };
            let next = self.next()?;
            let value = self.node(next, depth + 1)?;
            if is_merge {
                merge(value, line, &mut merged)?;
            } else {
                members.retain(|(known, _)| *known != key);
                members.push((key, value));
            }
        }
        for (key, value) in merged {
            if !members.iter().any(|(known, _)| *known == key) {
                members.push((key, value));
            }
        }
        Ok(Node::Map(members))
    }
}

/// Adds what a merge key names; of several mappings the first wins.
fn merge(value: Node, line: usize, to: &mut Vec<(String, Node)>) -> Result<(), YamlError> {
    let maps = match value {
        Node::List(items) => items,
        map => vec![map],
    };
    for map in maps {
        let Node::Map(members) = map else {
            return Err(YamlError::Unsupported { line, what: "a merge key without a mapping" });
        };
        to.extend(members);
    }
    Ok(())
}

fn count(node: &Node) -> usize {
    match node {
        Node::List(items) => 1 + items.iter().map(count).sum::<usize>(),
        Node::Map(members) => 1 + members.iter().map(|(_, node)| count(node)).sum::<usize>(),
        _ => 1,
    }
}

fn scalar(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    line: usize,
) -> Result<Node, YamlError> {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => {
            return Ok(Node::Text(Value::from(text)));
        }
        Some(tag) if tag.handle != "!" || !tag.suffix.is_empty() => {
            return Err(YamlError::Unsupported { line, what: "a tag" });
        }
        Some(_) => return Ok(Node::Text(Value::from(text))),
        None if style != ScalarStyle::Plain => return Ok(Node::Text(Value::from(text))),
        None => {}
    }
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Node::Null,
        "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            Node::Bool(true)
        }
        "false" | "False" | "FALSE" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            Node::Bool(false)
        }
        text if is_number(text) => Node::Number(text.to_owned()),
        text => Node::Text(Value::from(text)),
    })
}

/// Whether a plain scalar is a number in YAML 1.1, as Go's library reads it: with `_`, in base 2, 8, 10 or 16.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    let plain: String = unsigned.chars().filter(|c| *c != '_').collect();
    for (prefix, radix) in [("0b", 2), ("0o", 8), ("0x", 16)] {
        if let Some(digits) = plain.strip_prefix(prefix) {
            return u64::from_str_radix(digits, radix).is_ok();
        }
    }
    is_decimal(&plain)
}

/// `[0-9]+(\.[0-9]*)?` or `\.[0-9]+`, and an exponent.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    exponent && digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        Node::parse(text.as_bytes()).unwrap().to_json().to_string()
    }

    #[test]
    fn scalars_are_those_of_yaml_1_1() {
        for (text, want) in [
            ("yes", "true"),
            ("Off", "false"),
            ("y", "true"),
            ("'yes'", "\"yes\""),
            ("!!str yes", "\"yes\""),
            ("12345", "12345"),
            ("1_000", "\"1_000\""),
            ("0x1F", "\"0x1F\""),
            ("1e3", "1000.0"),
            (".5", "\".5\""),
            ("1.2.3", "\"1.2.3\""),
            ("2026-11-29", "\"2026-11-29\""),
            ("~", "null"),
            ("", "null"),
            ("# nothing", "null"),
            ("- a\n-\n- b", r#"["a",null,"b"]"#),
        ] {
            assert_eq!(json(text), want, "{text}");
        }
        for (text, want) in
            [("1_000", true), ("0x1F", true), ("0b12", false), ("+.5", true), (".", false)]
        {
            assert_eq!(is_number(text), want, "{text}");
        }
    }

    #[test]
    fn the_first_document_is_read_with_aliases_and_merge_keys() {
        for (text, want) in [
            ("a: 1\n---\nb: {{{", r#"{"a":1}"#),
            ("a: &x {b: c}\nd: *x", r#"{"a":{"b":"c"},"d":{"b":"c"}}"#),
            (
                "a: &x {b: c, e: f}\nd:\n  <<: *x\n  b: g",
                r#"{"a":{"b":"c","e":"f"},"d":{"b":"g","e":"f"}}"#,
            ),
            ("a: 1\na: 2", r#"{"a":2}"#),
            ("yes: 1\n2: 3", r#"{"2":3,"true":1}"#),
            (r#"{"a": ["b", "\u00e9"]}"#, r#"{"a":["b","é"]}"#),
            ("a: |\n  b\n  c\n", r#"{"a":"b\nc\n"}"#),
        ] {
            assert_eq!(json(text), want, "{text}");
        }
    }

    #[test]
    fn what_is_no_yaml_or_too_much_is_refused_without_its_content() {
        let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (to, from) in "bcdefgh".chars().zip("abcdefg".chars()) {
            let items = vec![format!("*{from}"); 10].join(",");
            bomb += &[&*to.to_string(), ": &", &*to.to_string(), " [", &*items, "]\n"].concat();
        }
        let deep = "[".repeat(200);
        for text in ["{{{", "a: canary: b", "a: *canary", "? [canary]\n: b", &bomb, &deep] {
            let error = Node::parse(text.as_bytes()).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("canary"), "{shown}");
        }
        assert_eq!(Node::parse(b"\xff").unwrap_err(), YamlError::NotText);
    }
}
