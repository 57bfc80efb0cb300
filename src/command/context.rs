//! What every command is given: its streams, the environment, the working directory.

use std::io::Write;
use std::path::PathBuf;

use super::flags::Flags;
use crate::config::{self, DiskFree, Environment, Files, Output, Setting, Settings, Trust};
use crate::error::Error;

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
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl Context<'_> {
    /// Reads the configuration files.
    pub(super) fn files(&self, flags: &Flags) -> Result<Files, Error> {
        Ok(config::load(&flags.request, &self.environment, &self.directory)?)
    }

    /// Merges everything that was said, and passes on its warnings.
    pub(super) fn settings(&mut self, flags: &Flags) -> Result<Settings, Error> {
        let files = self.files(flags)?;
        let settings = config::merge(&flags.layer, &self.environment, &files, &trust()?)?;
        for warning in &settings.warnings {
            self.warn(warning);
        }
        Ok(settings)
    }

    /// What was said of output, where no source takes part.
    pub(super) fn output(&self, flags: &Flags) -> Result<Output, Error> {
        let files = self.files(flags)?;
        Ok(config::output(&flags.layer, &self.environment, &files)?)
    }

    /// Whether nothing may be written, where no source takes part.
    pub(super) fn disk_free(&self, flags: &Flags) -> Result<Option<Setting<DiskFree>>, Error> {
        let files = self.files(flags)?;
        Ok(config::disk_free(&flags.layer, &self.environment, &files)?)
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
pub(super) fn trust() -> Result<Trust, Error> {
    let Some(path) = config::trust_file() else { return Ok(Trust::default()) };
    Trust::read(&path).map_err(|error| Error::Config(config::Error::Unreadable { path, error }))
}
