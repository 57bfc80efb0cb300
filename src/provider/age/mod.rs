//! age files (`age-encryption.org/v1`): their format, the identities that open them, and a source that takes
//! secrets from one. It decrypts only, and never asks for a passphrase.
//!
//! ```text
//! file ── armor ──► header: stanzas ──identity──► file key ──► payload: chunks ──► dotenv, JSON, bytes
//! ```

mod armor;
mod error;
mod header;
mod hybrid;
mod identity;
pub mod keys;
mod payload;
mod settings;
mod ssh;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

pub use error::{Error, KeyError};
use header::Header;
pub use identity::{Identity, parse_identities};
pub use keys::KeyPlaces;
pub(in crate::provider) use settings::selection;
pub use settings::{Age, AgeType, FLATTEN, FORMAT, NAME, POINTER, SCHEMA};

use super::document::{Node, SelectError, Selection, parse_json};
use super::dotenv::{self, Dialect, ReadOptions};
use super::{Class, Fetch, FetchEnvironment, ProviderError, Source};
use crate::message::shown_path;
use crate::seal::private_file::{self, read_within};
use crate::secret::{Name, Provenance, Secret, SecretSet, Value};
use crate::sys::stack::clear_stack_after;

/// The largest file that is read, in bytes.
const MAX_SIZE: u64 = 16 << 20;

/// Decrypts an age file, in armor or not.
pub fn decrypt(file: &[u8], identities: &[Identity]) -> Result<Zeroizing<Vec<u8>>, Error> {
    clear_stack_after(|| decrypt_file(file, identities))
}

fn decrypt_file(file: &[u8], identities: &[Identity]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let unarmored = armor::remove(file).transpose()?;
    let header = Header::parse(unarmored.as_deref().unwrap_or(file))?;
    let has_passphrase = header.stanzas.iter().any(|stanza| stanza.kind == "scrypt");
    if has_passphrase && header.stanzas.len() > 1 {
        return Err(Error::Header("a passphrase is not its only recipient"));
    }
    let mut wrong_passphrase = None;
    for identity in identities {
        let key = match identity.unwrap(&header.stanzas) {
            Ok(Some(key)) => key,
            Ok(None) => continue,
            Err(error @ Error::WrongPassphrase) => {
                wrong_passphrase = Some(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        header.verify(&key)?;
        return payload::decrypt(&key, header.payload);
    }
    Err(wrong_passphrase.unwrap_or_else(|| Error::NoMatch {
        stanzas: header.stanzas.iter().map(|stanza| stanza.kind.to_owned()).collect(),
    }))
}

/// What the content of an age file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A dotenv file, in hushed's strict dialect.
    Dotenv,
    /// A JSON object.
    Json,
    /// One secret.
    Binary,
}

/// An age file as a source of secrets.
#[derive(Clone, Debug)]
pub struct AgeFile {
    name: Arc<str>,
    file: PathBuf,
    content: Content,
    /// The name of the one secret of binary content.
    secret: Option<String>,
    selection: Selection,
    keys: KeyPlaces,
    timeout: Duration,
}

impl AgeFile {
    async fn read(&self, environment: &FetchEnvironment<'_>) -> Result<SecretSet, SourceError> {
        let fault = |reason| SourceError { file: self.file.clone(), reason };
        self.secrets(environment).await.map_err(fault)
    }

    async fn secrets(&self, environment: &FetchEnvironment<'_>) -> Result<SecretSet, Reason> {
        let file = read_within(&self.file, MAX_SIZE, || self.timeout)?;
        let loaded = self.keys.load(&[]).await;
        let plain =
            decrypt(file.bytes.expose(), &loaded.identities).map_err(|error| match error {
                Error::NoMatch { .. } | Error::WrongPassphrase => {
                    Reason::NoKey { places: keys::describe(&loaded), error }
                }
                error => Reason::Age(error),
            })?;
        match self.content {
            Content::Dotenv => self.dotenv(&plain, environment),
            Content::Json => self.json(&plain, environment),
            Content::Binary => Ok(std::iter::once(self.binary(&plain)).collect()),
        }
    }

    fn dotenv(
        &self,
        plain: &[u8],
        environment: &FetchEnvironment<'_>,
    ) -> Result<SecretSet, Reason> {
        let options = ReadOptions {
            dialect: Dialect::Strict,
            expand: true,
            overrides: true,
            environment: environment.variable,
            admits: environment.admits,
            substitute: None,
        };
        let document = dotenv::read(plain, options).map_err(Reason::Dotenv)?;
        let mut secrets: SecretSet = document
            .assignments
            .into_iter()
            .map(|assignment| self.secret(assignment.name, assignment.value, Some(assignment.line)))
            .collect();
        for oddity in document.oddities {
            secrets.add_note(format!("{}:{oddity}", self.file.display()));
        }
        Ok(secrets)
    }

    fn json(&self, plain: &[u8], environment: &FetchEnvironment<'_>) -> Result<SecretSet, Reason> {
        let text = std::str::from_utf8(plain).map_err(|_| Reason::NotUtf8)?;
        let tree = parse_json(text).map_err(|error| Reason::Json(error.to_string()))?;
        if !matches!(tree, Node::Map(_) | Node::List(_)) {
            return Err(Reason::Json(format!("it holds {}, not an object", tree.describe())));
        }
        let selected = self.selection.select(&tree, environment.admits).map_err(Reason::Select)?;
        let secret = |selected: super::document::Selected<'_>| {
            let (value, line) = (selected.value(), u32::try_from(selected.line).ok());
            self.secret(Name::new(selected.name), value, line)
        };
        Ok(selected.into_iter().map(secret).collect())
    }

    fn binary(&self, plain: &[u8]) -> Secret {
        let name = self.secret.clone().unwrap_or_else(|| "data".to_owned());
        self.secret(Name::new(name), Value::from(plain), None)
    }

    fn secret(&self, name: Name, value: Value, line: Option<u32>) -> Secret {
        let file = self.file.display();
        let place = line.map_or_else(|| file.to_string(), |line| format!("{file}:{line}"));
        let source = Arc::clone(&self.name);
        let provenance = Provenance { source, place: place.into(), version: None, age: None };
        Secret { name, value, provenance }
    }
}

impl Source for AgeFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async {
            let variable = |_: &str| Some(Value::plain(Vec::new()));
            let fetched = SecretSet::default();
            let environment =
                FetchEnvironment { variable: &variable, admits: &|_| true, fetched: &fetched };
            Ok(self.read(&environment).await?)
        })
    }

    fn refers_to_variables(&self) -> bool {
        true
    }

    fn fetch_in<'a>(&'a self, environment: &'a FetchEnvironment<'a>) -> Fetch<'a> {
        Box::pin(async { Ok(self.read(environment).await?) })
    }
}

/// Why an age file gave no secrets.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the secrets of `{}`", shown_path(file))]
pub struct SourceError {
    file: PathBuf,
    #[source]
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    File(#[from] private_file::Error),
    #[error(transparent)]
    Age(Error),
    #[error("{error}{places}")]
    NoKey { error: Error, places: String },
    #[error("its content is not UTF-8")]
    NotUtf8,
    #[error("its content is not as expected: {0}")]
    Json(String),
    #[error("its content is not a dotenv file: line {0}")]
    Dotenv(dotenv::ParseErrors),
    #[error(transparent)]
    Select(SelectError),
}

impl ProviderError for SourceError {
    fn class(&self) -> Class {
        match &self.reason {
            Reason::File(private_file::Error::Missing { .. }) => Class::NotFound,
            Reason::NoKey { .. } => Class::Denied,
            _ => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        match &self.reason {
            Reason::File(error) => error.hint(),
            Reason::NoKey { error: Error::WrongPassphrase, .. } => {
                Some("check the passphrase: AGE_PASSPHRASE or `passphrase-file`".to_owned())
            }
            Reason::NoKey { error: Error::NoMatch { stanzas }, .. } if stanzas == &["scrypt"] => {
                Some("set AGE_PASSPHRASE or `passphrase-file`".to_owned())
            }
            Reason::NoKey { .. } => Some(keys::HINT.to_owned()),
            Reason::Age(Error::NotAge) => Some("check `file`".to_owned()),
            Reason::Age(_) => {
                Some("restore the file from a backup, or encrypt it again".to_owned())
            }
            Reason::NotUtf8 | Reason::Json(_) => {
                Some("set `format` to what the file holds: dotenv, json or binary".to_owned())
            }
            Reason::Dotenv(errors) => Some(errors.hint()),
            Reason::Select(error) => Some(error.hint(|key, value| format!("{key} = \"{value}\""))),
        }
    }

    fn names_its_place(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
