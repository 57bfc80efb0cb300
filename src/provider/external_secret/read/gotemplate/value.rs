//! Values of templates. Texts are wiped when dropped.

use std::collections::BTreeMap;
use std::rc::Rc;

use zeroize::Zeroizing;

/// A map, in the order of its keys, as Go's templates have it.
pub(in super::super) type GoMap = BTreeMap<String, GoValue>;

/// A value of a template. A clone shares it.
#[derive(Clone)]
pub(in super::super) enum GoValue {
    Nil,
    Bool(bool),
    Integer(i64),
    Float(f64),
    /// Bytes, most often UTF-8.
    Text(Rc<Zeroizing<Vec<u8>>>),
    List(Rc<Vec<GoValue>>),
    Map(Rc<GoMap>),
    /// The context of a template: a map of texts, which some functions do not take for a map.
    Root(Rc<GoMap>),
}

impl GoValue {
    pub(in super::super) fn text(bytes: impl AsRef<[u8]>) -> Self {
        Self::Text(Rc::new(Zeroizing::new(bytes.as_ref().to_vec())))
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::List(items.into())
    }

    pub(super) fn map(map: GoMap) -> Self {
        Self::Map(map.into())
    }

    /// What `if` takes for true.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(switch) => *switch,
            Self::Integer(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Map(map) | Self::Root(map) => !map.is_empty(),
        }
    }

    /// The type, as Go names it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Integer(_) => "int",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::List(_) => "[]interface {}",
            Self::Map(_) => "map[string]interface {}",
            Self::Root(_) => "map[string]string",
        }
    }

    /// The kind, as Go's reflection names it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "invalid",
            Self::List(_) => "slice",
            Self::Map(_) | Self::Root(_) => "map",
            other => other.type_name(),
        }
    }

    /// Whether two values are equal, as `eq` compares them; `None` if they cannot be compared.
    pub(super) fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Nil, Self::Nil) => Some(true),
            (Self::Nil, _) | (_, Self::Nil) => Some(false),
            (Self::Bool(a), Self::Bool(b)) => Some(a == b),
            (Self::Integer(a), Self::Integer(b)) => Some(a == b),
            (Self::Float(a), Self::Float(b)) => Some(a.total_cmp(b).is_eq()),
            (Self::Text(a), Self::Text(b)) => Some(a == b),
            _ => None,
        }
    }

    /// Whether two values are the same through and through.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same(b))
            }
            (Self::Map(a) | Self::Root(a), Self::Map(b) | Self::Root(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b.iter()).all(|((j, a), (k, b))| j == k && a.same(b))
            }
            (a, b) => a.equals(b) == Some(true),
        }
    }
}
