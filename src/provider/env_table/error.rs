//! Why variables of `[env]` have no value. Names and places, never a value.

use std::fmt;

use super::shape::ShapeError;
use super::template::TemplateError;
use crate::config::Origin;
use crate::provider::{Class, ProviderError};
use crate::reference::{PropertyError, Reference};

/// All variables of `[env]` that have no value.
#[derive(Debug)]
pub struct Error {
    /// What is wrong, in the order of the variables.
    pub faults: Vec<(String, Origin, Fault)>,
}

/// Why one variable has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The source has no such object.
    Missing(Reference),
    /// The object has no such property.
    Property(Reference, PropertyError),
    /// The value is not what `encoding` says.
    Encoding(Reference),
    /// The object is not of the shape that is configured.
    Shape(Reference, ShapeError),
    /// A variable of the object has the name of another one.
    SameName {
        /// The name.
        name: String,
        /// The object that gives the other one.
        other: String,
    },
    /// The value is a credential, which the command does not get.
    Withheld(Reference),
    /// The template has no result.
    Template(TemplateError),
}

/// The most faults that one error tells.
const SHOWN: usize = 20;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (variable, origin, fault)) in self.faults.iter().take(SHOWN).enumerate() {
            let start = if at == 0 { "" } else { "\n  and: " };
            write!(f, "{start}{origin}: `{}`: {fault}", variable.escape_debug())?;
        }
        match self.faults.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |reference: &Reference| reference.to_string().escape_debug().to_string();
        match self {
            Self::Missing(reference) => write!(f, "there is no `{}`", place(reference)),
            Self::Property(reference, error) => write!(f, "`{}`: {error}", place(reference)),
            Self::Encoding(reference) => {
                write!(
                    f,
                    "the value of `{}` is not in the encoding that `encoding` names",
                    place(reference)
                )
            }
            Self::Withheld(reference) => {
                write!(f, "the value of `{}` is a credential that hushed uses", place(reference))
            }
            Self::Shape(reference, error) => write!(f, "`{}`: {error}", place(reference)),
            Self::SameName { name, other } => {
                let (name, other) = (name.escape_debug(), other.escape_debug());
                write!(f, "its key gives the variable `{name}`, as a key of `{other}` does")
            }
            Self::Template(error) => write!(f, "the template has no result: {error}"),
        }
    }
}

impl std::error::Error for Error {}

impl ProviderError for Error {
    fn class(&self) -> Class {
        let is_missing = |(_, _, fault): &(String, Origin, Fault)| {
            matches!(fault, Fault::Missing(_) | Fault::Property(..))
        };
        if self.faults.iter().any(is_missing) { Class::NotFound } else { Class::BadData }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self.faults.first()? {
            (_, _, Fault::Missing(_)) => {
                "check the path and the version; a variable of [env] can have `required = false` or a `default`"
            }
            (_, _, Fault::Property(..)) => {
                "hushed-references(7) describes properties and JSON pointers"
            }
            (_, _, Fault::Shape(..)) => {
                "remove `shape` to get all keys, or define the variables one by one"
            }
            (_, _, Fault::SameName { .. }) => {
                "set `prefix` for one of the objects, or another name with `rename`"
            }
            (_, _, Fault::Withheld(_)) => {
                "remove the variable, or pass hushed's credentials to the command with --pass-credentials"
            }
            (_, _, Fault::Encoding(_)) => "remove `encoding`, or store the value in it",
            (_, _, Fault::Template(_)) => {
                "a template sees the names that stand beside it: { template = \"…{{ pass | urlencode }}…\", pass = \"vault://…\" }"
            }
        };
        Some(hint.into())
    }

    fn names_its_place(&self) -> bool {
        true
    }
}
