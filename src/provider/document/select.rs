//! From a tree to named values: the part below a pointer, as it is or flattened. Pure.

use std::fmt;

use super::{Item, Node, Scalar};
use crate::secret::{Name, Value};

/// A JSON pointer (RFC 6901), written with or without `#` before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) struct Pointer(Vec<String>);

impl Pointer {
    /// Parses `#/a/b` or `/a/b`; `None` if it is neither.
    pub(in crate::provider) fn parse(text: &str) -> Option<Self> {
        let path = text.strip_prefix('#').unwrap_or(text);
        if path.is_empty() {
            return Some(Self(Vec::new()));
        }
        let unescape = |part: &str| part.replace("~1", "/").replace("~0", "~");
        Some(Self(path.strip_prefix('/')?.split('/').map(unescape).collect()))
    }
}

impl Pointer {
    /// The keys and positions on the way.
    pub(in crate::provider) fn steps(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("#")?;
        let escape = |part: &String| part.replace('~', "~0").replace('/', "~1");
        self.0.iter().try_for_each(|part| write!(f, "/{}", Name::new(escape(part))))
    }
}

/// How values are selected.
#[derive(Clone, Debug, Default)]
pub(in crate::provider) struct Selection {
    /// Only what is below this.
    pub(in crate::provider) pointer: Option<Pointer>,
    /// What joins the keys of nested values into one name.
    pub(in crate::provider) flatten: Option<String>,
}

/// Why a tree does not give the secrets that are asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::provider) enum SelectError {
    /// There is nothing at the pointer.
    #[error("there is no `{pointer}`{}", near(known))]
    Missing {
        /// As far as the path was followed, and one step further.
        pointer: String,
        /// What is there.
        known: Vec<String>,
    },
    /// A value is a map or a list, and a variable holds one value.
    #[error("line {line}: `{name}` is {what}, and a variable holds a single value")]
    Nested {
        /// Its line.
        line: usize,
        /// Its name.
        name: String,
        /// The pointer to it.
        pointer: String,
        /// What it is.
        what: &'static str,
    },
    /// There is no value.
    #[error("line {line}: `{name}` is null, and a variable needs a value")]
    Null {
        /// Its line.
        line: usize,
        /// Its name.
        name: String,
    },
    /// Two values have one name after flattening.
    #[error("line {second}: two values become `{name}`; the other one is on line {first}")]
    Collision {
        /// The name.
        name: String,
        /// The line of the first.
        first: usize,
        /// The line of the second.
        second: usize,
    },
}

impl SelectError {
    /// What the user can do. Settings are spelled as the caller has them, from key and value.
    pub(in crate::provider) fn hint(&self, setting: impl Fn(&str, &str) -> String) -> String {
        match self {
            Self::Missing { .. } => "check `path`".to_owned(),
            Self::Nested { name, pointer, .. } => format!(
                "set `{}` to make one variable of each value below it, or `{}` to read only these, or leave it \
                 out with `--exclude {}`",
                setting("flatten", "_"),
                setting("path", pointer),
                Name::new(name.as_str())
            ),
            Self::Null { name, .. } => format!(
                "give it a value, or leave it out with `--exclude {}`",
                Name::new(name.as_str())
            ),
            Self::Collision { .. } => "choose another text for `flatten`".to_owned(),
        }
    }
}

fn near(known: &[String]) -> String {
    if known.is_empty() {
        return String::new();
    }
    let names: Vec<_> = known.iter().map(|name| format!("`{}`", Name::new(name))).collect();
    format!("; there are {}", names.join(", "))
}

/// A selected value.
pub(in crate::provider) struct Selected<'a> {
    pub(in crate::provider) name: String,
    pub(in crate::provider) line: usize,
    /// The value; none if it is not admitted, and is not a single value.
    pub(in crate::provider) scalar: Option<&'a Scalar>,
}

impl Selected<'_> {
    /// The bytes of the value.
    pub(in crate::provider) fn value(&self) -> Value {
        Value::from(self.scalar.map_or(&[][..], |scalar| &scalar.text))
    }
}

impl Selection {
    /// The part of a tree that is below the pointer.
    pub(in crate::provider) fn below<'a>(&self, tree: &'a Node) -> Result<&'a Node, SelectError> {
        let steps = self.pointer.as_ref().map_or(&[][..], |pointer| &pointer.0);
        let mut node = tree;
        for (at, step) in steps.iter().enumerate() {
            node = &find(node, step).ok_or_else(|| missing(steps, at, node))?.node;
        }
        Ok(node)
    }

    /// Selects from a tree. Values that are not admitted need not be usable.
    pub(in crate::provider) fn select<'a>(
        &self,
        tree: &'a Node,
        admits: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<Selected<'a>>, SelectError> {
        let steps = self.pointer.as_ref().map_or(&[][..], |pointer| &pointer.0);
        let mut walk = Walk { selected: Vec::new(), flatten: self.flatten.as_deref(), admits };
        let mut node = tree;
        for (at, step) in steps.iter().enumerate() {
            let item = find(node, step).ok_or_else(|| missing(steps, at, node))?;
            if at + 1 == steps.len() && matches!(item.node, Node::Scalar(_) | Node::Null) {
                walk.visit(step.clone(), steps, item)?;
                return Ok(walk.selected);
            }
            node = &item.node;
        }
        walk.below(None, &mut steps.to_vec(), node)?;
        walk.refuse_collisions()?;
        Ok(walk.selected)
    }
}

/// The item of a map by its key, or of a list by its number.
fn find<'a>(node: &'a Node, step: &str) -> Option<&'a Item> {
    match node {
        Node::Map(items) => items.iter().find(|item| item.key == step),
        Node::List(items) => items.get(step.parse::<usize>().ok()?),
        Node::Scalar(_) | Node::Null => None,
    }
}

fn missing(steps: &[String], at: usize, node: &Node) -> SelectError {
    let pointer = Pointer(steps.get(..=at).unwrap_or(steps).to_vec()).to_string();
    let known = match node {
        Node::Map(items) => items.iter().take(20).map(|item| item.key.clone()).collect(),
        _ => Vec::new(),
    };
    SelectError::Missing { pointer, known }
}

struct Walk<'a, 'c> {
    selected: Vec<Selected<'a>>,
    flatten: Option<&'c str>,
    admits: &'c dyn Fn(&str) -> bool,
}

impl<'a> Walk<'a, '_> {
    fn below(
        &mut self,
        prefix: Option<&str>,
        path: &mut Vec<String>,
        node: &'a Node,
    ) -> Result<(), SelectError> {
        let (Node::Map(items) | Node::List(items)) = node else { return Ok(()) };
        let is_list = matches!(node, Node::List(_));
        for (at, item) in items.iter().enumerate() {
            let key = if is_list { at.to_string() } else { item.key.clone() };
            let name = match (prefix, self.flatten) {
                (Some(prefix), Some(separator)) => format!("{prefix}{separator}{key}"),
                _ => key.clone(),
            };
            path.push(key);
            match &item.node {
                nested @ (Node::Map(_) | Node::List(_)) if self.flatten.is_some() => {
                    self.below(Some(&name), path, nested)?;
                }
                _ => self.visit(name, path, item)?,
            }
            path.pop();
        }
        Ok(())
    }

    fn visit(&mut self, name: String, path: &[String], item: &'a Item) -> Result<(), SelectError> {
        let line = item.line;
        match &item.node {
            Node::Scalar(scalar) => {
                self.selected.push(Selected { name, line, scalar: Some(scalar) });
            }
            _ if !(self.admits)(&name) => {
                self.selected.push(Selected { name, line, scalar: None });
            }
            Node::Null => return Err(SelectError::Null { line, name }),
            node => {
                let pointer = Pointer(path.to_vec()).to_string();
                return Err(SelectError::Nested { line, name, pointer, what: node.describe() });
            }
        }
        Ok(())
    }

    fn refuse_collisions(&self) -> Result<(), SelectError> {
        let mut names: Vec<_> =
            self.selected.iter().map(|selected| (&*selected.name, selected.line)).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
            Some([(name, first), (_, second)]) => Err(SelectError::Collision {
                name: (*name).to_owned(),
                first: *first,
                second: *second,
            }),
            _ => Ok(()),
        }
    }
}
