//! References in values that are written outside of `hushed.toml`: in dotenv files and in the inherited environment
//! (`--references`). A value counts only as a whole. `bind` finds the sources when the settings are merged; when the
//! source of the values is fetched from, its references get what those returned. That is never looked at again.

mod bind;
mod inherited;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use inherited::NAME as INHERITED;

use super::env_table::{self, BoundReference, Fault, Found, find};
use super::withheld::is_copy;
use crate::config::{InheritSettings, Origin};
use crate::secret::{SecretSet, Value};

/// A source in whose values references can stand.
pub trait WrittenValues {
    /// The values that contain `://`, as they are written.
    fn written(&mut self) -> Vec<WrittenValue>;

    /// Sets what its values refer to.
    fn bind(&mut self, bound: BoundValues);
}

/// A value as it is written.
#[derive(Clone, Debug)]
pub struct WrittenValue {
    /// The name of the variable.
    pub name: String,
    /// Where it is written.
    pub origin: Origin,
    /// The text, unquoted. It may be a secret.
    pub text: Value,
    /// Whether variables are expanded in it. Then it is no reference, since what is expanded may come from a store.
    pub is_expanded: bool,
}

/// What a value means.
#[derive(Debug)]
pub(super) enum Meaning {
    /// Text: what follows the backslash.
    Text(Value),
    /// A value of a source.
    Reference(BoundReference),
}

/// The values of a source that are no plain text, each with what it means.
#[derive(Clone, Debug, Default)]
pub struct BoundValues {
    meanings: Arc<[(Value, Meaning)]>,
    /// The credentials that no reference may give to the command.
    withheld: Vec<Value>,
}

impl BoundValues {
    pub(super) fn new(meanings: Vec<(Value, Meaning)>) -> Self {
        Self { meanings: meanings.into(), withheld: Vec::new() }
    }

    /// Whether all values are plain text.
    pub(super) fn is_empty(&self) -> bool {
        self.meanings.is_empty()
    }

    /// The same values, of which none gives a credential that is withheld from the command.
    pub(super) fn without_credentials(self, inherit: &InheritSettings) -> Self {
        let credentials = || inherit.credentials.clone();
        let withheld = if inherit.pass_credentials { Vec::new() } else { credentials() };
        Self { withheld, ..self }
    }

    /// Resolves values with what was fetched. A fault of a variable that is not used is no error.
    pub(super) fn resolver<'a>(
        &'a self,
        fetched: &'a SecretSet,
        admits: &'a dyn Fn(&str) -> bool,
    ) -> Resolver<'a> {
        Resolver {
            bound: self,
            fetched,
            admits,
            found: RefCell::default(),
            faults: RefCell::default(),
        }
    }
}

/// The references that were resolved, by name and line.
pub(super) type FoundValues = BTreeMap<(String, u32), Found>;

/// A reference has no value; the reason is kept by the [`Resolver`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Unresolved;

/// Resolves the values of one source, one after another.
pub(super) struct Resolver<'a> {
    bound: &'a BoundValues,
    fetched: &'a SecretSet,
    admits: &'a dyn Fn(&str) -> bool,
    found: RefCell<FoundValues>,
    faults: RefCell<Vec<(String, Origin, Fault)>>,
}

impl Resolver<'_> {
    /// The value in the place of a text; `None` if the text is plain.
    pub(super) fn resolve(
        &self,
        text: &str,
        (name, line): (&str, u32),
        origin: impl FnOnce() -> Origin,
    ) -> Result<Option<Value>, Unresolved> {
        let mut meanings = self.bound.meanings.iter();
        let bound = match meanings.find(|(known, _)| known.expose() == text.as_bytes()) {
            None => return Ok(None),
            Some((_, Meaning::Text(text))) => return Ok(Some(text.clone())),
            Some((_, Meaning::Reference(bound))) => bound,
        };
        let found = find(bound, self.fetched).and_then(|found| {
            let is_withheld = is_copy(&found.value, &self.bound.withheld);
            if is_withheld { Err(Fault::Withheld(bound.reference().clone())) } else { Ok(found) }
        });
        match found {
            Ok(found) => {
                let value = found.value.clone();
                self.found.borrow_mut().insert((name.to_owned(), line), found);
                Ok(Some(value))
            }
            Err(fault) => {
                if (self.admits)(name) {
                    self.faults.borrow_mut().push((name.to_owned(), origin(), fault));
                }
                Err(Unresolved)
            }
        }
    }

    /// Everything that was resolved, or all faults.
    pub(super) fn finish(self) -> Result<FoundValues, env_table::Error> {
        let faults = self.faults.into_inner();
        if faults.is_empty() {
            Ok(self.found.into_inner())
        } else {
            Err(env_table::Error { faults })
        }
    }
}
