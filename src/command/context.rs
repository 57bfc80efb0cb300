//! What every subcommand gets: output streams, environment, working directory and stores.

use std::io::Write;
use std::path::PathBuf;

use super::flags::Flags;
use super::{gather, no_source};
use crate::cli::ErrorFormat;
use crate::config::{
    self, ConfigFiles, ConfigInputs, DiskFree, Environment, OutputSettings, ReferenceScope,
    ResolvedCredentials, Setting, TrustRecords,
};
use crate::error::Error;
use crate::provider::{Registry, Settings};

/// The surroundings of a subcommand.
pub struct Context<'a> {
    /// For the result.
    pub stdout: &'a mut dyn Write,
    /// For messages.
    pub stderr: &'a mut dyn Write,
    /// The inherited environment.
    pub environment: Environment,
    /// The working directory.
    pub directory: PathBuf,
    /// The stores.
    pub registry: Registry,
    /// How errors and warnings are written.
    pub error_format: ErrorFormat,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl Context<'_> {
    /// Reads the configuration files.
    pub(super) fn files(&self, flags: &Flags) -> Result<ConfigFiles, Error> {
        let formats = self.registry.formats();
        Ok(config::load(&flags.request, &self.environment, &self.directory, &formats)?)
    }

    /// Loads files and trust, and passes all inputs to a function that merges them.
    pub(super) fn merge<T>(
        &self,
        flags: &Flags,
        merge: impl FnOnce(&ConfigInputs<'_>) -> Result<T, config::Error>,
    ) -> Result<T, Error> {
        let files = self.files(flags)?;
        let trust = trust()?.checked_against(&files);
        let references = flags.references;
        let (flags, environment) = (&flags.layer, &self.environment);
        let credentials = &ResolvedCredentials::placeholders();
        let (files, trust) = (&files, &trust);
        let inputs = ConfigInputs { flags, environment, files, trust, credentials, references };
        merge(&inputs).map_err(|error| self.explained(error, files))
    }

    /// The same, with the credentials that sources take from other sources.
    pub(super) fn merge_with_credentials<T>(
        &mut self,
        flags: &Flags,
        merge: impl FnOnce(&ConfigInputs<'_>) -> Result<T, config::Error>,
    ) -> Result<T, Error> {
        let files = self.files(flags)?;
        let trust = trust()?.checked_against(&files);
        let credentials = &self.credentials(flags, &files, &trust)?;
        let references = flags.references;
        let (flags, environment) = (&flags.layer, &self.environment);
        let (files, trust) = (&files, &trust);
        let inputs = ConfigInputs { flags, environment, files, trust, credentials, references };
        merge(&inputs).map_err(|error| self.explained(error, files))
    }

    /// Fetches the credentials that sources take from other sources.
    fn credentials(
        &mut self,
        flags: &Flags,
        files: &ConfigFiles,
        trust: &TrustRecords,
    ) -> Result<ResolvedCredentials, Error> {
        let (flags, environment) = (&flags.layer, &self.environment);
        let credentials = &ResolvedCredentials::default();
        let references = ReferenceScope::Nothing;
        let inputs = ConfigInputs { flags, environment, files, trust, credentials, references };
        let settings = self.registry.credential_settings(&inputs);
        match settings.map_err(|error| self.explained(error, files))? {
            Some(settings) => gather::credentials(&settings, self),
            None => Ok(ResolvedCredentials::default()),
        }
    }

    /// Adds what was searched to the error that no source is configured.
    fn explained(&self, error: config::Error, files: &ConfigFiles) -> Error {
        match error {
            config::Error::NoSource { ways } => {
                no_source::explain(&ways, &self.directory, &files.unused)
            }
            error => error.into(),
        }
    }

    /// Merges all inputs into settings, and prints the warnings. Fetches the credentials that sources take from
    /// other sources.
    pub(super) fn settings(&mut self, flags: &Flags) -> Result<Settings, Error> {
        self.settings_with(flags, Self::credentials)
    }

    /// The same for commands that contact no server: what would be fetched has a placeholder.
    pub(super) fn settings_without_fetch(&mut self, flags: &Flags) -> Result<Settings, Error> {
        self.settings_with(flags, |_, _, _, _| Ok(ResolvedCredentials::placeholders()))
    }

    fn settings_with(
        &mut self,
        flags: &Flags,
        credentials: impl FnOnce(
            &mut Self,
            &Flags,
            &ConfigFiles,
            &TrustRecords,
        ) -> Result<ResolvedCredentials, Error>,
    ) -> Result<Settings, Error> {
        let files = self.files(flags)?;
        let trust = trust()?.checked_against(&files);
        for warning in &files.warnings {
            self.warn(warning);
        }
        let credentials = &credentials(self, flags, &files, &trust)?;
        let references = flags.references;
        let (flags, environment) = (&flags.layer, &self.environment);
        let (files, trust) = (&files, &trust);
        let inputs = ConfigInputs { flags, environment, files, trust, credentials, references };
        let settings = self.registry.configure(&inputs);
        if matches!(settings, Err(config::Error::Required { .. })) {
            for file in &files.unused {
                self.warn(&file.to_string());
            }
        }
        let settings = settings.map_err(|error| self.explained(error, files))?;
        for warning in &settings.warnings {
            self.warn(warning);
        }
        Ok(settings)
    }

    /// Merges the output settings alone, for commands without a source.
    pub(super) fn output(&self, flags: &Flags) -> Result<OutputSettings, Error> {
        self.merge(flags, config::merge_output)
    }

    /// Merges the disk-free setting alone, for commands without a source.
    pub(super) fn disk_free(&self, flags: &Flags) -> Result<Option<Setting<DiskFree>>, Error> {
        self.merge(flags, config::merge_disk_free)
    }

    /// Prints a warning to standard error.
    pub(super) fn warn(&mut self, text: &str) {
        match self.error_format {
            ErrorFormat::Text => {
                let _ignored = writeln!(self.stderr, "hushed: warning: {text}");
            }
            ErrorFormat::Json => self.json_line("warning", text),
        }
    }

    /// Prints a message to standard error.
    pub(super) fn info(&mut self, text: &str) {
        match self.error_format {
            ErrorFormat::Text => {
                let _ignored = writeln!(self.stderr, "hushed: {text}");
            }
            ErrorFormat::Json => self.json_line("info", text),
        }
    }

    fn json_line(&mut self, level: &str, text: &str) {
        let line = serde_json::json!({ "level": level, "message": text });
        let _ignored = writeln!(self.stderr, "{line}");
    }

    /// Prints a message to standard error if `--verbose` is set.
    pub(super) fn verbose(&mut self, is_verbose: bool, text: &str) {
        if is_verbose {
            self.info(text);
        }
    }
}

/// Reads the user's trust file.
pub(super) fn trust() -> Result<TrustRecords, Error> {
    let Some(path) = config::trust_file() else { return Ok(TrustRecords::default()) };
    TrustRecords::read(&path)
        .map_err(|error| Error::Config(config::Error::Unreadable { path, error }))
}
