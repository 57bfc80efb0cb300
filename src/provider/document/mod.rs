//! Structured documents (JSON, YAML) as trees in the order of the file, with the line of each value, and the
//! selection of secrets from them. It decrypts nothing and reads no file.

mod json;
mod select;
pub(super) mod timestamp;
mod yaml;

use zeroize::Zeroizing;

use crate::secret::{SecretBuffer, Value};

pub(crate) use json::parse as parse_json;
pub(super) use select::{Pointer, SelectError, Selected, Selection};
pub(crate) use yaml::parse as parse_yaml;
pub(super) use yaml::written_float;

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 128;

/// The most values that are read, aliases expanded.
const MAX_NODES: usize = 1 << 20;

/// A value of a document. Whatever may be a secret is wiped when dropped.
pub(crate) enum Node {
    /// No value.
    Null,
    /// A single value.
    Scalar(Scalar),
    /// A list. Its items have no key.
    List(Vec<Item>),
    /// A map, in the order of the file.
    Map(Vec<Item>),
}

/// A single value.
pub(crate) struct Scalar {
    pub(crate) kind: ScalarKind,
    /// Its text: of a number in JSON as it stands there, of all others in one spelling.
    pub(crate) text: Zeroizing<Vec<u8>>,
}

/// What a single value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarKind {
    Text,
    Number,
    Bool,
    Time,
}

/// An item of a map or a list.
pub(crate) struct Item {
    /// Its key; empty in a list.
    pub(crate) key: String,
    /// Its line in the file, from 1.
    pub(crate) line: usize,
    /// The comments before it, and the one behind it, without their `#`.
    pub(crate) comments: Vec<String>,
    pub(crate) node: Node,
}

impl Node {
    /// A text.
    pub(super) fn text(text: &[u8]) -> Self {
        Self::Scalar(Scalar { kind: ScalarKind::Text, text: Zeroizing::new(text.to_vec()) })
    }

    /// The value of a key of a map.
    pub(crate) fn at(&self, key: &str) -> Option<&Self> {
        let Self::Map(items) = self else { return None };
        items.iter().find(|item| item.key == key).map(|item| &item.node)
    }

    /// The values of a map that are not null; those that are nested as JSON. The error is a key whose value
    /// cannot be written as JSON.
    pub(super) fn members(&self) -> Result<Vec<(String, Value)>, String> {
        let Self::Map(items) = self else { return Ok(Vec::new()) };
        let member = |item: &Item| {
            let value = item.node.value().map_err(|()| item.key.clone()).transpose()?;
            Some(value.map(|value| (item.key.clone(), value)))
        };
        items.iter().filter_map(member).collect()
    }

    /// Its value, as JSON if it is nested; none if it is null. The error is that it cannot be written as JSON.
    pub(super) fn value(&self) -> Result<Option<Value>, ()> {
        match self {
            Self::Null => Ok(None),
            Self::Scalar(scalar) => Ok(Some(Value::from(scalar.text.as_slice()))),
            Self::List(_) | Self::Map(_) => {
                let mut text = SecretBuffer::default();
                json::write(self, &mut text).ok_or(())?;
                Ok(Some(Value::from(text.as_bytes())))
            }
        }
    }

    /// What it is, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Scalar(_) => "a single value",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// Why a document cannot be read. It carries a line and keys, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub(crate) struct ParseError {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong there.
    pub(crate) what: String,
}

impl ParseError {
    pub(super) fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

/// Refuses two items of one key.
pub(super) fn refuse_duplicates(items: &[Item]) -> Result<(), ParseError> {
    let mut keys: Vec<(&str, usize)> =
        items.iter().map(|item| (item.key.as_str(), item.line)).collect();
    keys.sort_unstable();
    match keys.windows(2).find(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
        Some([(key, first), (_, second)]) => {
            let what = format!(
                "`{}` occurs twice; the first time on line {first}",
                crate::secret::Name::new(*key)
            );
            Err(ParseError::new(*second, what))
        }
        _ => Ok(()),
    }
}
