//! Which inherited variables the command gets: turns settings into the predicates that `deliver` needs.

use std::borrow::Cow;
use std::collections::BTreeSet;

use subtle::ConstantTimeEq as _;

use crate::config::{Environment, InheritSettings, PreserveSetting};
use crate::deliver::environment::InheritanceRules;
use crate::provider::withheld::{is_always_withheld, is_shared_identity};
use crate::resolve::{Globs, ResolvedVariable};
use crate::secret::Value;

type NamePredicate<'a> = Box<dyn Fn(&str) -> bool + 'a>;

/// The compiled rules for inherited variables.
pub(super) struct EnvironmentRules<'a> {
    keeps: NamePredicate<'a>,
    preserves: NamePredicate<'a>,
}

impl<'a> EnvironmentRules<'a> {
    /// Compiles the rules. Of these variables, some do not replace an inherited one (`override`).
    pub(super) fn new(inherit: &'a InheritSettings, variables: &[ResolvedVariable]) -> Self {
        let keep = Globs::new(&inherit.keep);
        let yielding = variables.iter().filter(|variable| !variable.overrides);
        let yielding: BTreeSet<String> = yielding.map(|variable| variable.name.clone()).collect();
        Self {
            keeps: Box::new(move |name| !inherit.clean || keep.matches(name)),
            preserves: Box::new(move |name| match &inherit.preserve {
                _ if yielding.contains(name) => true,
                PreserveSetting::None => false,
                PreserveSetting::All => true,
                PreserveSetting::Names(names) => names.iter().any(|preserved| preserved == name),
            }),
        }
    }

    pub(super) fn as_ref(&self) -> InheritanceRules<'_> {
        InheritanceRules { keeps: &self.keeps, preserves: &self.preserves }
    }
}

/// Removes credentials from the inherited environment, unless `--pass-credentials` is set. The settings
/// hold the credentials in use.
pub(super) fn withhold(environment: &mut Environment, inherit: &InheritSettings) {
    if inherit.pass_credentials {
        return;
    }
    environment.withhold(|variable| {
        let name = variable.name.to_str().unwrap_or_default();
        let of_file = name.strip_suffix("_FILE");
        let is_credential = |known: &Cow<'_, str>| *known == name || of_file == Some(&**known);
        if is_always_withheld(name) || inherit.credential_names.iter().any(is_credential) {
            return true;
        }
        let is_copy = |value: &Value| is_copy(value, &variable.value);
        !is_shared_identity(name) && inherit.credentials.iter().any(is_copy)
    });
}

/// Whether a variable holds this credential. Surrounding whitespace is ignored, as it is when the
/// credential is sent.
fn is_copy(credential: &Value, value: &Value) -> bool {
    let credential = credential.expose().trim_ascii();
    !credential.is_empty() && credential.ct_eq(value.expose().trim_ascii()).into()
}
