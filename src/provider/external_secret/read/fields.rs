//! Reads the fields of manifests, each with its line. Unknown fields are errors, as the schema of the operator has it.

use crate::provider::document::{Item, Node, Scalar, ScalarKind};

/// What is wrong with a manifest, and on which line. It holds names, never a value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

impl Fault {
    /// A fault on a line.
    pub fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }

    /// A field that must be there.
    pub fn missing(line: usize, name: &str) -> Self {
        Self::new(line, format!("`{name}` is missing"))
    }

    /// Something that hushed does not have.
    pub fn unsupported(line: usize, what: &str) -> Self {
        Self::new(line, format!("not supported: {what}"))
    }
}

/// A map of a manifest.
#[derive(Clone, Copy)]
pub struct Fields<'n> {
    items: &'n [Item],
    /// The line of the map.
    pub line: usize,
}

impl std::fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fields").field("line", &self.line).finish_non_exhaustive()
    }
}

impl<'n> Fields<'n> {
    /// A node that must be a map.
    pub(in crate::provider) fn new(node: &'n Node, line: usize, name: &str) -> Result<Self, Fault> {
        match node {
            Node::Map(items) => Ok(Self { items, line }),
            Node::Null => Ok(Self { items: &[], line }),
            other => Err(Fault::new(line, format!("`{name}` is {}, not a map", other.describe()))),
        }
    }

    /// Refuses fields that are not in this list.
    pub fn refuse_others(&self, known: &[&str]) -> Result<(), Fault> {
        let other = self.items.iter().find(|item| !known.contains(&item.key.as_str()));
        other.map_or(Ok(()), |item| {
            let known = known.join(", ");
            let name = item.key.escape_debug();
            Err(Fault::new(item.line, format!("unknown field `{name}`; known: {known}")))
        })
    }

    /// The fields.
    pub(in crate::provider) fn items(&self) -> &'n [Item] {
        self.items
    }

    /// A field that is not null.
    pub(in crate::provider) fn item(&self, name: &str) -> Option<&'n Item> {
        let found = self.items.iter().find(|item| item.key == name);
        found.filter(|item| !matches!(item.node, Node::Null))
    }

    /// The line of a field, or of the map.
    pub fn line_of(&self, name: &str) -> usize {
        self.item(name).map_or(self.line, |item| item.line)
    }

    /// A map.
    pub fn map(&self, name: &str) -> Result<Option<Self>, Fault> {
        self.item(name).map(|item| Self::new(&item.node, item.line, name)).transpose()
    }

    /// The items of a list, each with its line.
    pub(in crate::provider) fn list(&self, name: &str) -> Result<&'n [Item], Fault> {
        match self.item(name) {
            None => Ok(&[]),
            Some(Item { node: Node::List(items), .. }) => Ok(items),
            Some(item) => Err(Fault::new(
                item.line,
                format!("`{name}` is {}, not a list", item.node.describe()),
            )),
        }
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        self.item(name).map(|item| text(item, name)).transpose()
    }

    /// A text that must be there.
    pub fn required(&self, name: &str) -> Result<String, Fault> {
        self.text(name)?.ok_or_else(|| Fault::new(self.line, format!("`{name}` is missing")))
    }

    /// A switch.
    pub fn switch(&self, name: &str) -> Result<Option<bool>, Fault> {
        let Some(item) = self.item(name) else { return Ok(None) };
        match &item.node {
            Node::Scalar(Scalar { kind: ScalarKind::Bool, text }) => {
                Ok(Some(text.eq_ignore_ascii_case(b"true")))
            }
            _ => Err(Fault::new(item.line, format!("`{name}` is not true or false"))),
        }
    }

    /// One of several words; the first is the default.
    pub fn choice<T: Copy>(&self, name: &str, known: &[(&str, T)]) -> Result<T, Fault> {
        let Some(value) = self.text(name)? else {
            let default = known.first().map(|(_, value)| *value);
            return default.ok_or_else(|| Fault::new(self.line, format!("`{name}` is missing")));
        };
        let found = known.iter().find(|(word, _)| *word == value).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
            let words = words.join(", ");
            let value = value.escape_debug();
            Fault::new(self.line_of(name), format!("`{name}` is `{value}`; known: {words}"))
        })
    }
}

/// The text of an item. A number or a switch is an error, as for the operator.
pub(super) fn text(item: &Item, name: &str) -> Result<String, Fault> {
    let fault =
        |what: &str| Fault::new(item.line, format!("`{name}` is {what}, not a text; use quotes"));
    match &item.node {
        Node::Scalar(Scalar { kind: ScalarKind::Text, text }) => {
            String::from_utf8(text.to_vec()).map_err(|_| fault("not UTF-8"))
        }
        Node::Scalar(_) => Err(fault("a number, a date or a switch")),
        other => Err(fault(other.describe())),
    }
}
