//! What comes of the configuration: the sources that take part, and the settings of a run.

use std::sync::Arc;

use super::Configured;
use super::env_table::References;
use crate::config::{CacheSettings, Origin, RunSettings};
use crate::redact::policy::Scope;

/// Everything that a command needs to know: the sources that take part, and the settings of `[run]`.
#[derive(Debug)]
pub struct Settings {
    /// The sources, in order; a later one wins.
    pub sources: Vec<Box<dyn Configured>>,
    /// The settings of `[run]`.
    pub run: RunSettings,
    /// Warnings for the user about the configuration.
    pub warnings: Vec<String>,
    /// The sources whose secrets do not replace inherited variables.
    pub yielding: Vec<Arc<str>>,
    /// The sources whose secrets become no variables, since only references use them.
    pub silent: Vec<Arc<str>>,
    /// What the references in `[env]` need of which source.
    pub references: References,
    /// What is redacted of each source.
    pub redaction_scopes: Vec<(Arc<str>, Scope)>,
    /// The variables that set a setting of a store, and so are no secrets.
    pub setting_variables: Vec<&'static str>,
    /// The credentials that were fetched from other sources: name and place.
    pub fetched_credentials: Vec<(String, String)>,
}

impl Settings {
    /// Whether a source talks to a server.
    pub fn reaches_network(&self) -> bool {
        self.sources.iter().any(|source| !source.endpoints().is_empty())
    }

    /// The caches that may be read and written, each with the name of its source.
    pub fn caches(&self) -> impl Iterator<Item = (&Arc<str>, &CacheSettings)> {
        self.sources.iter().filter_map(|source| Some((source.name(), source.cache()?.0)))
    }

    /// Whether what a source returns may have a lease.
    pub fn may_lease(&self) -> bool {
        let is_used = |source: &dyn Configured| {
            !self.silent.contains(source.name()) || !self.references.of(source.name()).is_empty()
        };
        self.sources.iter().any(|source| source.may_lease() && is_used(&**source))
    }

    /// The sources whose token is revoked when it is not needed any more, and where that is configured.
    pub fn revoking(&self) -> impl Iterator<Item = (&Arc<str>, &Origin)> {
        self.sources.iter().filter_map(|source| Some((source.name(), source.revokes_token()?)))
    }
}
