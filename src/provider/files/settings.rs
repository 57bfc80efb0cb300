//! The settings of a directory of files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::FileDirectory;
use crate::config::schema::{ALLOW_EMPTY, SourceSchema, keys};
use crate::config::{Error, Layers, RunSettings, Setting, resolve_path, systemd};
use crate::provider::doctor::reading;
use crate::provider::{self, Checks, Configured, Source, SourceInputs, StoreType};

keys! {
    DIRECTORY = "directory" Path None, [],
        "The directory: each file in it is a secret with the file's name. `$CREDENTIALS_DIRECTORY` stands for the credentials that systemd passes to the unit, and `/run/secrets` is where Docker and Podman mount secrets.";
    FILE_VARIABLES = "file-variables" List None, [],
        "Names of secrets, of each of which the inherited variable `NAME_FILE` names the file, as with official container images. If the variable `NAME` is set itself, it is left as it is; that both are set is an error.";
    KEEP_NEWLINE = "keep-newline" Switch None, [],
        "Keep a line ending at the end of a file. By default one is removed.";
}

/// The type `files`.
#[derive(Debug)]
pub struct FilesType;

/// What a directory of files can be configured with.
pub static SCHEMA: SourceSchema = SourceSchema {
    name: "files",
    heading: "Directories of files",
    doc: "A directory with a file for each secret: systemd credentials, Docker and Podman secrets, volumes of Kubernetes. hushed-files(7) describes it.",
    keys: &[&DIRECTORY, &FILE_VARIABLES, &KEEP_NEWLINE],
    credentials: &[],
};

/// What stands for the directory of systemd's credentials.
const CREDENTIALS: [&str; 2] = ["$CREDENTIALS_DIRECTORY", "${CREDENTIALS_DIRECTORY}"];

impl StoreType for FilesType {
    fn schema(&self) -> &'static SourceSchema {
        &SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        let layers = &inputs.layers;
        let directory = layers.text(&DIRECTORY)?;
        let variables = layers.list(&FILE_VARIABLES)?;
        if directory.is_none() && variables.is_none() {
            let hint = "set `directory`, such as `/run/secrets`";
            return Err(Error::Required { what: "directory", hint });
        }
        Ok(Box::new(Files(FileDirectory {
            name: Arc::clone(&inputs.name),
            directory: directory.map(|setting| resolve(setting, layers)).transpose()?,
            variables: variables.map_or(Ok(Vec::new()), |setting| named(setting.value, layers))?,
            keep_newline: layers.switch(&KEEP_NEWLINE, false)?,
            allow_empty: inputs.run.switch(&ALLOW_EMPTY, false)?,
        })))
    }
}

fn resolve(setting: Setting<String>, layers: &Layers<'_>) -> Result<PathBuf, Error> {
    if !CREDENTIALS.contains(&setting.value.as_str()) {
        return Ok(resolve_path(setting).value);
    }
    systemd::credentials_directory(layers.environment()).ok_or_else(|| Error::Store {
        error: Box::new(Missing::Credentials),
        hint: systemd::explain_missing(layers.environment()).unwrap_or_else(|| {
            "systemd sets it for a unit with LoadCredential= or LoadCredentialEncrypted=".to_owned()
        }),
    })
}

/// What the environment lacks.
#[derive(Debug, thiserror::Error)]
enum Missing {
    #[error("CREDENTIALS_DIRECTORY is not set: systemd passes no credentials here")]
    Credentials,
    #[error("neither {0} nor {0}_FILE is set")]
    Variable(String),
}

/// The files that variables name. A name whose variable is set itself needs none.
fn named(names: Vec<String>, layers: &Layers<'_>) -> Result<Vec<(String, PathBuf)>, Error> {
    let environment = layers.environment();
    let mut files = Vec::new();
    for name in names {
        let variable = format!("{name}_FILE");
        match (environment.get(&name), environment.text(&variable)) {
            (Some(_), Some(_)) => return Err(Error::Both { name }),
            (None, Some(path)) => files.push((name, Path::new(path).to_owned())),
            (Some(_), None) => {}
            (None, None) => {
                let hint = format!("set {name}_FILE to the path of the file");
                return Err(Error::Store { error: Box::new(Missing::Variable(name)), hint });
            }
        }
    }
    Ok(files)
}

/// A configured directory.
#[derive(Clone, Debug)]
pub struct Files(FileDirectory);

impl Configured for Files {
    fn name(&self) -> &Arc<str> {
        &self.0.name
    }

    fn open(&self, _: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(self.0.clone()))
    }

    fn check<'a>(&'a self, _: &'a RunSettings) -> Checks<'a> {
        Box::pin(async { vec![reading(&self.0)] })
    }
}
