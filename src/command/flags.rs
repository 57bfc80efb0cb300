//! The flags of a command as one layer of settings, and the flags that need another.

use crate::cli::{Scope, SettingFlags};
use crate::config::schema::{self, SettingKey};
use crate::config::{ConfigRequest, Error, Layer, Origin, OutputSettings, RawValue};

/// The flags, as `config` takes them.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    pub(super) request: ConfigRequest,
    pub(super) layer: Layer,
}

impl Flags {
    /// The flags that say where the secrets come from.
    pub(super) fn new(scope: &Scope) -> Self {
        let request = ConfigRequest {
            config: scope.options.config.clone(),
            profile: scope.options.profile.clone(),
        };
        Self { request, layer: scope.settings.take() }
    }

    /// The same with the flags of another set.
    pub(super) fn with<S>(mut self, flags: &SettingFlags<S>) -> Self {
        self.layer.extend(flags.take());
        self
    }

    /// Refuses flags that say how output is redacted where it is not redacted at all: whoever gave one
    /// would take it to be. Turned off on purpose, they may stay.
    pub(super) fn refuse_without_redact(&self) -> Result<(), Error> {
        let given = |key: &'static SettingKey| self.layer.get(key).is_some();
        let first = schema::REDACTION.iter().find(|key| given(key));
        match first.filter(|_| !given(&schema::REDACT)) {
            Some(key) => {
                Err(Error::Alone { flag: key.flag_name().unwrap_or(key.name), without: "--redact" })
            }
            None => Ok(()),
        }
    }

    /// Refuses a time for SIGKILL where the command takes hushed's place, and nobody is left to send it.
    pub(super) fn refuse_without_supervision(&self, output: &OutputSettings) -> Result<(), Error> {
        let unsupervised = output.redact.is_none() && output.init.is_none();
        let given = self.layer.get(&schema::KILL_AFTER).is_some();
        if given && unsupervised {
            return Err(Error::Alone { flag: "--kill-after", without: "--redact or --init" });
        }
        Ok(())
    }

    /// The same, for one source alone.
    pub(super) fn narrowed_to(&self, source: &str) -> Self {
        let mut flags = self.clone();
        let only = RawValue::List(vec![source.to_owned()]);
        flags.layer.replace(&schema::SOURCE, only, Origin::flag(&schema::SOURCE));
        flags
    }
}
