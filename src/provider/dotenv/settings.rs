//! What a dotenv file is configured with: its path.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::DotenvSource;
use crate::config::schema::{FILE, SourceSchema};
use crate::config::{Error, RunSettings};
use crate::message::shown_path;
use crate::provider::doctor::{private, reading};
use crate::provider::{
    self, Checks, Configured, Example, Source, SourceInputs, StoreType, Surroundings,
};

/// The type `dotenv`.
#[derive(Debug)]
pub struct DotenvType;

impl StoreType for DotenvType {
    fn schema(&self) -> &'static SourceSchema {
        &SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        let file = inputs.layers.path(&FILE)?;
        let file = file.map_or_else(|| PathBuf::from(".env"), |setting| setting.value);
        Ok(Box::new(Dotenv { name: Arc::clone(&inputs.name), file }))
    }

    fn example(&self, found: &Surroundings<'_>) -> Option<Example> {
        let table = "# Read after the sources above; the last value of a name wins.\n[source.dotenv]\n\
                     type = \"dotenv\"\nfile = \".env\"\n";
        let exists = found.directory.join(".env").exists();
        exists.then(|| Example { table: table.to_owned(), what: "the file .env" })
    }

    fn env_file(&self, file: &Path) -> Option<Box<dyn Configured>> {
        let (name, file) = (shown_path(file).to_string().into(), file.to_owned());
        Some(Box::new(Dotenv { name, file }))
    }
}

/// What a dotenv file can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "dotenv",
    heading: "Dotenv files",
    doc: "A dotenv file. hushed-dotenv(5) describes what may stand in it.",
    keys: &[&FILE],
    credentials: &[],
};

/// A dotenv file.
#[derive(Clone, Debug)]
pub struct Dotenv {
    /// Its name in the configuration.
    pub name: Arc<str>,
    /// The file.
    pub file: PathBuf,
}

impl Dotenv {
    fn source(&self) -> DotenvSource {
        DotenvSource::new(Arc::clone(&self.name), self.file.clone())
    }
}

impl Configured for Dotenv {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn open(&self, _: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(self.source()))
    }

    fn check<'a>(&'a self, _: &'a RunSettings) -> Checks<'a> {
        Box::pin(async {
            private("file mode", &self.file).into_iter().chain([reading(&self.source())]).collect()
        })
    }
}
