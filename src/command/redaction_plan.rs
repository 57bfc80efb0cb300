//! Which variables of a run are redacted, and why: the policy of `redact::policy` with the settings of this
//! run. The same for `run`, `redact`, `plan` and `doctor`.

use serde_json::json;

use super::inherit::EnvironmentRules;
use crate::config::{Environment, OutputSettings, expand_home, path_exists};
use crate::provider::Settings;
use crate::redact::RedactionRules;
use crate::redact::policy::{Candidate, Decision, Instruction, Policy, Reason, Scope};
use crate::resolve::{Globs, Resolution, ResolvedVariable};
use crate::secret::{Name, Value};

/// The decision about one variable.
pub(super) struct PlannedVariable<'a> {
    pub(super) name: Name,
    pub(super) value: &'a Value,
    pub(super) decision: Decision,
}

/// The decisions about all variables of a run.
pub(super) struct RedactionPlan<'a> {
    /// Those of the sources, in their order.
    pub(super) secrets: Vec<PlannedVariable<'a>>,
    /// Inherited ones that the command gets.
    pub(super) inherited: Vec<PlannedVariable<'a>>,
    /// Values that are parts of those of the sources.
    ingredients: Vec<PlannedVariable<'a>>,
}

impl<'a> RedactionPlan<'a> {
    /// Decides about all variables.
    pub(super) fn new(
        settings: &Settings,
        resolution: &'a Resolution,
        environment: &'a Environment,
        rules: &EnvironmentRules<'_>,
    ) -> Self {
        let judge = Judge::new(&settings.run.output);
        let variables = &resolution.variables;
        let of_source = |variable: &ResolvedVariable| scope(settings, variable);
        let secret = |variable: &'a ResolvedVariable| {
            judge.decide(&variable.name, &variable.winner.value, of_source(variable))
        };
        let ingredient =
            |(name, value): &'a (Name, Value)| judge.decide(name.as_str(), value, Scope::All);
        let rules = rules.as_ref();
        let inherited = environment.iter().filter_map(|variable| {
            let name = variable.name.to_string_lossy();
            let secret = variables.iter().find(|secret| secret.name == *name);
            if !(rules.keeps)(&name) || secret.is_some() && !(rules.preserves)(&name) {
                return None;
            }
            // In place of a secret, a value is as secret as that.
            let of_secret = secret.map_or(Scope::Nothing, of_source);
            let is_setting = settings.setting_variables.iter().any(|setting| *setting == name);
            let of_inherited =
                if is_setting { Scope::Nothing } else { settings.run.output.inherited };
            let scope = of_secret.max(of_inherited);
            Some(judge.decide(&name, &variable.value, scope))
        });
        Self {
            secrets: variables.iter().map(secret).collect(),
            inherited: inherited.collect(),
            ingredients: resolution.ingredients.iter().map(ingredient).collect(),
        }
    }

    /// The names and values to redact.
    pub(super) fn redacted(&self) -> Vec<(Name, &'a Value)> {
        let inherited = self.redacted_inherited();
        let inherited = inherited.map(|variable| (variable.name.clone(), variable.value));
        self.redacted_of_sources().into_iter().chain(inherited).collect()
    }

    /// The names and values to redact that come from the sources.
    pub(super) fn redacted_of_sources(&self) -> Vec<(Name, &'a Value)> {
        let all = self.secrets.iter().chain(&self.ingredients);
        let redacted = all.filter(|variable| variable.decision.is_redacted);
        redacted.map(|variable| (variable.name.clone(), variable.value)).collect()
    }

    /// The names of variables that would be redacted if their values were longer, each once.
    pub(super) fn too_short(&self) -> Vec<Name> {
        let is_short = |variable: &&PlannedVariable<'_>| {
            matches!(variable.decision.reason, Reason::TooShort(_))
        };
        let short = self.secrets.iter().chain(&self.inherited).filter(is_short);
        let mut names: Vec<_> = short.map(|variable| variable.name.clone()).collect();
        names.dedup();
        names
    }

    /// The decision about a variable of the sources.
    pub(super) fn decision(&self, name: &str) -> Option<Decision> {
        let mut secrets = self.secrets.iter();
        secrets.find(|variable| variable.name.as_str() == name).map(|variable| variable.decision)
    }

    /// The inherited variables that are redacted.
    pub(super) fn redacted_inherited(&self) -> impl Iterator<Item = &PlannedVariable<'a>> {
        self.inherited.iter().filter(|variable| variable.decision.is_redacted)
    }
}

impl PlannedVariable<'_> {
    /// The name and the reason, as JSON.
    pub(super) fn to_json(&self) -> serde_json::Value {
        json!({ "name": self.name.as_str(), "reason": self.decision.reason.to_string() })
    }
}

/// What is redacted of the source of a variable. A text in `[env]` is public, like the file that it stands in; what a
/// reference fetched is a secret wherever the reference stands.
fn scope(settings: &Settings, variable: &ResolvedVariable) -> Scope {
    let winner = &variable.winner;
    let source = &*winner.provenance.source;
    if settings.references.is_reference(source, winner.name.as_str()) {
        return Scope::All;
    }
    let of_source = settings.redaction_scopes.iter().find(|(name, _)| **name == *source);
    match of_source {
        Some((_, scope))
            if settings.references.is_text(source, &variable.name)
                || is_public(settings, variable) =>
        {
            Scope::Auto.min(*scope)
        }
        Some((_, scope)) => *scope,
        None => Scope::All,
    }
}

/// Whether the source says that a variable is not secret.
fn is_public(settings: &Settings, variable: &ResolvedVariable) -> bool {
    let winner = &variable.winner;
    let mut sources = settings.sources.iter();
    sources.any(|it| *it.name() == winner.provenance.source && it.is_public(winner.name.as_str()))
}

/// The policy with the instructions of the user.
struct Judge {
    named: Globs,
    exempt: Globs,
    all: bool,
    min: usize,
}

impl Judge {
    fn new(output: &OutputSettings) -> Self {
        Self {
            named: Globs::new(&output.named),
            exempt: Globs::new(&output.exempt),
            all: output.all,
            min: output.min.unwrap_or(RedactionRules::MIN),
        }
    }

    fn decide<'v>(&self, name: &str, value: &'v Value, scope: Scope) -> PlannedVariable<'v> {
        // A name in both lists is redacted: showing a secret cannot be undone.
        let instruction = if self.named.matches(name) {
            Instruction::Redact
        } else if self.exempt.matches(name) {
            Instruction::Show
        } else {
            Instruction::None
        };
        let exists = |path: &str| path_exists(&expand_home(path));
        let policy = Policy { all: self.all, min: self.min, path_exists: &exists };
        let candidate = Candidate { name, value: value.expose(), scope, instruction };
        PlannedVariable { name: Name::new(name), value, decision: policy.decide(&candidate) }
    }
}
