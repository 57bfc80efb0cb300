//! The flags of a subcommand as one settings layer, and checks of flags that require another flag.

use crate::cli::{Scope, SettingFlags};
use crate::config::schema::{self, SettingKey};
use crate::config::{
    ConfigRequest, Error, Layer, Origin, OutputSettings, RawValue, ReferenceScope, parse_duration,
};

/// The flags, as `config` expects them.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    pub(super) request: ConfigRequest,
    pub(super) layer: Layer,
    pub(super) references: ReferenceScope,
}

impl Flags {
    /// Takes the flags that select the sources.
    pub(super) fn new(scope: &Scope) -> Self {
        let layer = scope.settings.take();
        let request = ConfigRequest {
            config: scope.options.config.clone(),
            profile: scope.options.profile.clone(),
            timeout: match layer.get(&schema::TIMEOUT).map(|setting| &setting.value) {
                Some(RawValue::Text(text)) => parse_duration(text),
                _ => None,
            },
        };
        Self { request, layer, references: ReferenceScope::default() }
    }

    /// The same flags for a command that resolves references in these places.
    pub(super) fn resolving(self, references: ReferenceScope) -> Self {
        Self { references, ..self }
    }

    /// Adds the flags of another set.
    pub(super) fn with<S>(mut self, flags: &SettingFlags<S>) -> Self {
        self.layer.extend(flags.take());
        self
    }

    /// Rejects redaction flags without `--redact`: the user would expect the output to be redacted. They
    /// are allowed beside an explicit `--redact=false`.
    pub(super) fn refuse_without_redact(&self) -> Result<(), Error> {
        let is_set = |key: &'static SettingKey| self.layer.get(key).is_some();
        let first = schema::REDACTION.iter().find(|key| is_set(key));
        match first.filter(|_| !is_set(&schema::REDACT)) {
            Some(key) => {
                Err(Error::Alone { flag: key.flag_name().unwrap_or(key.name), without: "--redact" })
            }
            None => Ok(()),
        }
    }

    /// Rejects `--kill-after` if hushed does not supervise the command and so cannot send SIGKILL.
    pub(super) fn refuse_without_supervision(&self, output: &OutputSettings) -> Result<(), Error> {
        let unsupervised = output.redact.is_none() && output.init.is_none();
        let given = self.layer.get(&schema::KILL_AFTER).is_some();
        if given && unsupervised {
            return Err(Error::Alone { flag: "--kill-after", without: "--redact or --init" });
        }
        Ok(())
    }

    /// The same flags, restricted to one source.
    pub(super) fn narrowed_to(&self, source: &str) -> Self {
        let mut flags = self.clone();
        let only = RawValue::List(vec![source.to_owned()]);
        flags.layer.replace(&schema::SOURCE, only, Origin::flag(&schema::SOURCE));
        flags
    }
}
