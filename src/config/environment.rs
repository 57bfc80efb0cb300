//! Our own environment, read once. The only place that reads it; nothing here gives it a meaning.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use super::inputs::may_hold_credential;
use crate::secret::Value;
use crate::sys::argv_environ;

/// A variable that we inherited. Its value may be a credential, so it is held like one.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: OsString,
    /// Its value.
    pub value: Value,
}

/// The variables that we inherited, in their order, each name once.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: Vec<Variable>,
    withheld: Vec<OsString>,
}

impl Environment {
    /// Reads the environment of this process, and takes our credentials out of what the kernel shows of
    /// it (`/proc/PID/environ`). What is no credential of ours stays there, and is no secret therefore.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads it")]
    pub fn inherit(is_credential: impl Fn(&OsStr) -> bool) -> Self {
        let is_credential =
            |name: &OsStr| is_credential(name) || name.to_str().is_some_and(may_hold_credential);
        let mut credentials = false;
        let variable = |(name, value): (OsString, OsString)| {
            let value = if is_credential(&name) {
                credentials |= !value.is_empty();
                Value::new(value.into_vec())
            } else {
                Value::plain(value.into_vec())
            };
            Variable { name, value }
        };
        let variables = std::env::vars_os().map(variable).collect();
        if credentials {
            argv_environ::overwrite_environment(is_credential);
        }
        Self::new(variables)
    }

    /// Keeps the first of several variables of one name: the one that `getenv(3)` finds. Bash and dash
    /// take the last, and the command must not find another value than hushed.
    fn new(mut variables: Vec<Variable>) -> Self {
        let mut names: Vec<&OsStr> = variables.iter().map(|variable| &*variable.name).collect();
        names.sort_unstable();
        // Hardly ever does a name come twice, and then a copy of each is not too much.
        if names.windows(2).any(|pair| matches!(pair, [name, next] if name == next)) {
            let mut seen = BTreeSet::new();
            variables.retain(|variable| seen.insert(variable.name.clone()));
        }
        Self { variables, withheld: Vec::new() }
    }

    /// Takes variables out that the command does not get. Their names remain.
    pub fn withhold(&mut self, is_meant: impl FnMut(&mut Variable) -> bool) {
        self.withheld.extend(self.variables.extract_if(.., is_meant).map(|variable| variable.name));
    }

    /// Removes variables that something else defines.
    pub fn remove(&mut self, is_meant: impl Fn(&Variable) -> bool) {
        self.variables.retain(|variable| !is_meant(variable));
    }

    /// The names of those that were withheld.
    pub fn withheld(&self) -> &[OsString] {
        &self.withheld
    }

    /// All variables.
    pub fn iter(&self) -> std::slice::Iter<'_, Variable> {
        self.variables.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.variables.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.variables.is_empty()
    }

    /// The value of a variable that is set and not empty: an empty one counts as not set, since
    /// that is how CI systems and compose files spell an absent value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.variables.iter().find(|variable| variable.name == name)?;
        (!found.value.is_empty()).then_some(&found.value)
    }

    /// The value of a variable that is set, even if it is empty: for `PATH`, where that means the
    /// working directory.
    pub fn verbatim(&self, name: &str) -> Option<&OsStr> {
        let found = self.variables.iter().find(|variable| variable.name == name)?;
        Some(OsStr::from_bytes(found.value.expose()))
    }

    /// The value of a variable that is set and not empty as operating-system text, for paths and plain settings.
    pub fn text(&self, name: &str) -> Option<&OsStr> {
        self.get(name).map(|value| OsStr::from_bytes(value.expose()))
    }
}

impl FromIterator<(&'static str, &'static str)> for Environment {
    fn from_iter<T: IntoIterator<Item = (&'static str, &'static str)>>(pairs: T) -> Self {
        let variable =
            |(name, value): (&str, &str)| Variable { name: name.into(), value: Value::from(value) };
        Self::new(pairs.into_iter().map(variable).collect())
    }
}

impl<'a> IntoIterator for &'a Environment {
    type Item = &'a Variable;
    type IntoIter = std::slice::Iter<'a, Variable>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Environment {
    type Item = Variable;
    type IntoIter = std::vec::IntoIter<Variable>;

    fn into_iter(self) -> Self::IntoIter {
        self.variables.into_iter()
    }
}
