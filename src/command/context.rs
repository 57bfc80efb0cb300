//! What every command is given: its streams, the environment, the working directory.

use std::io::Write;
use std::path::PathBuf;

use super::flags::Flags;
use crate::config::{
    self, ConfigFiles, ConfigInputs, DiskFree, Environment, OutputSettings, Setting, TrustRecords,
};
use crate::error::Error;
use crate::provider::{Registry, Settings};

/// The surroundings of a command.
pub struct Context<'a> {
    /// For what was asked for.
    pub stdout: &'a mut dyn Write,
    /// For everything else.
    pub stderr: &'a mut dyn Write,
    /// The inherited environment.
    pub environment: Environment,
    /// The working directory.
    pub directory: PathBuf,
    /// The stores.
    pub registry: Registry,
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

    /// Hands everything that is specified to a function that merges it.
    pub(super) fn merge<T>(
        &self,
        flags: &Flags,
        merge: impl FnOnce(&ConfigInputs<'_>) -> Result<T, config::Error>,
    ) -> Result<T, Error> {
        let (files, trust) = (self.files(flags)?, trust()?);
        let (flags, environment) = (&flags.layer, &self.environment);
        Ok(merge(&ConfigInputs { flags, environment, files: &files, trust: &trust })?)
    }

    /// Merges everything into settings, and passes on the warnings.
    pub(super) fn settings(&mut self, flags: &Flags) -> Result<Settings, Error> {
        let settings = self.merge(flags, |inputs| self.registry.configure(inputs))?;
        for warning in &settings.warnings {
            self.warn(warning);
        }
        Ok(settings)
    }

    /// The settings of the command's output, where no source takes part.
    pub(super) fn output(&self, flags: &Flags) -> Result<OutputSettings, Error> {
        self.merge(flags, config::merge_output)
    }

    /// Whether nothing may be written, where no source takes part.
    pub(super) fn disk_free(&self, flags: &Flags) -> Result<Option<Setting<DiskFree>>, Error> {
        self.merge(flags, config::merge_disk_free)
    }

    /// Says something that is no fault.
    pub(super) fn warn(&mut self, text: &str) {
        let _unheard = writeln!(self.stderr, "hushed: warning: {text}");
    }

    /// Says what was done, if `-v` asks for it.
    pub(super) fn say(&mut self, verbose: bool, text: &str) {
        if verbose {
            let _unheard = writeln!(self.stderr, "hushed: {text}");
        }
    }
}

/// What the user trusts.
pub(super) fn trust() -> Result<TrustRecords, Error> {
    let Some(path) = config::trust_file() else { return Ok(TrustRecords::default()) };
    TrustRecords::read(&path)
        .map_err(|error| Error::Config(config::Error::Unreadable { path, error }))
}
