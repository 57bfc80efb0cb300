//! Which secrets become variables, and under which names: the rules, as data.

use std::sync::Arc;

use super::{Globs, Transform};
use crate::config::PreserveSetting;
use crate::secret::Secret;

/// The rules that turn secrets into variables. The order in which they act: `only` and `exclude`
/// look at the names in the store; then either `rename`, or `transform` and `prefix`, makes the
/// variable's name; `allow_reserved` and `require` look at that.
#[derive(Clone, Debug, Default)]
pub struct MappingRules {
    /// When there is one, only these.
    pub only: Option<Globs>,
    /// Never these.
    pub exclude: Globs,
    /// Put before every name that is not renamed.
    pub prefix: String,
    /// Exact names and what they become.
    pub rename: Vec<(String, String)>,
    /// How every name that is not renamed is spelled.
    pub transform: Option<Transform>,
    /// Variables that must be there and not be empty.
    pub require: Vec<String>,
    /// Variables that a source may set although they could take over the command.
    pub allow_reserved: Vec<String>,
    /// Variables that are delivered as files, each with the variable that holds the path.
    pub files: Vec<(String, String)>,
    /// The source whose secrets have exact names: neither `transform` nor `prefix` changes them.
    pub exact: Option<Arc<str>>,
    /// The source of inherited variables that are references. No rule but `preserve` is about them.
    pub inherited: Option<Arc<str>>,
    /// The variables whose inherited value wins.
    pub preserve: PreserveSetting,
    /// The sources whose secrets do not replace inherited variables.
    pub yielding: Vec<Arc<str>>,
}

impl MappingRules {
    /// Whether a secret of this name takes part.
    pub(super) fn admits(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.matches(name)) && !self.exclude.matches(name)
    }

    /// Whether this secret takes part.
    pub(super) fn takes(&self, secret: &Secret) -> bool {
        self.is_inherited(secret) || self.admits(secret.name.as_str())
    }

    /// Whether this is an inherited variable that is a reference.
    pub(super) fn is_inherited(&self, secret: &Secret) -> bool {
        self.inherited.as_ref() == Some(&secret.provenance.source)
    }

    /// Whether an inherited variable wins over this secret.
    pub(super) fn yields(&self, secret: &Secret, variable: &str) -> bool {
        !self.overrides(&secret.provenance.source) || self.preserve.covers(variable)
    }

    /// Whether a secret of this source replaces an inherited variable.
    pub(super) fn overrides(&self, source: &str) -> bool {
        !self.yielding.iter().any(|yielding| **yielding == *source)
    }

    /// The variable's name for a secret.
    pub(super) fn variable(&self, secret: &Secret) -> String {
        let name = secret.name.as_str();
        if self.is_inherited(secret) {
            return name.to_owned();
        }
        if let Some((_, renamed)) = self.rename.iter().find(|(from, _)| from == name) {
            return renamed.clone();
        }
        if self.exact.as_ref() == Some(&secret.provenance.source) {
            return name.to_owned();
        }
        let mut spelled = match self.transform {
            Some(transform) => transform.apply(name),
            None => name.to_owned(),
        };
        spelled.insert_str(0, &self.prefix);
        spelled
    }
}
