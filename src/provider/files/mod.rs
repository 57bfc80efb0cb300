//! Directories of files as sources: each file is a secret with the file's name. So systemd passes credentials,
//! Docker and Podman secrets, and Kubernetes Secrets as volumes. It follows links, and writes nothing.

mod error;
mod read;
mod settings;

use std::path::PathBuf;
use std::sync::Arc;

pub use error::Error;
use error::Reason;
use read::Entry;
pub use settings::{DIRECTORY, FILE_VARIABLES, Files, FilesType, KEEP_NEWLINE, SCHEMA};

use super::{Fetch, Source};
use crate::message::shown_path;
use crate::secret::{Name, Provenance, Secret, SecretSet, Value};

/// A directory of files, and files that variables name.
#[derive(Clone, Debug)]
pub struct FileDirectory {
    name: Arc<str>,
    directory: Option<PathBuf>,
    /// Names of variables, each with the file that its variable with `_FILE` names.
    variables: Vec<(String, PathBuf)>,
    keep_newline: bool,
    allow_empty: bool,
}

impl FileDirectory {
    fn read(&self) -> Result<SecretSet, Error> {
        let mut secrets = SecretSet::default();
        if let Some(directory) = &self.directory {
            let fault = |reason| Error { place: directory.clone(), reason };
            let found = read::directory(directory).map_err(fault)?;
            if found.entries.is_empty() && !self.allow_empty {
                return Err(fault(Reason::Empty { skipped: found.skipped }));
            }
            found.entries.into_iter().for_each(|entry| secrets.push(self.secret(entry)));
            if !found.skipped.is_empty() {
                let skipped = found.skipped.join(", ");
                secrets.add_note(format!("{}: not read: {skipped}", shown_path(directory)));
            }
        }
        for (name, path) in &self.variables {
            let value = read::file(path)
                .map_err(|reason| Error { place: path.clone(), reason: reason.into() })?;
            let entry = Entry { name: name.clone(), path: path.clone(), value };
            secrets.push(self.secret(entry));
        }
        Ok(secrets)
    }

    fn secret(&self, entry: Entry) -> Secret {
        let Entry { name, path, value } = entry;
        // Nothing of it stays unprotected.
        let protected = |value: &Value| Value::from(value.expose());
        let value = if self.keep_newline { value } else { value.without_final_newline() };
        let provenance = Provenance {
            source: Arc::clone(&self.name),
            place: path.display().to_string().into(),
            version: None,
            age: None,
        };
        Secret { name: Name::new(name), value: protected(&value), provenance }
    }
}

impl Source for FileDirectory {
    fn name(&self) -> &str {
        &self.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { Ok(self.read()?) })
    }
}

#[cfg(test)]
mod tests;
