//! Which inherited variables the command gets: turns settings into the predicates that `deliver` needs.

use std::collections::BTreeSet;

use crate::config::{Environment, InheritSettings};
use crate::deliver::environment::InheritanceRules;
use crate::provider::withheld::is_withheld;
use crate::resolve::{Globs, ResolvedVariable};

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
            preserves: Box::new(move |name| {
                yielding.contains(name) || inherit.preserve.covers(name)
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
    if !inherit.pass_credentials {
        environment.withhold(|variable| is_withheld(variable, inherit));
    }
}
