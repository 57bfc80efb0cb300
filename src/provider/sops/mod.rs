//! Files that sops encrypted, as sources of secrets: YAML, JSON, dotenv, INI and binary. Data keys are opened
//! with age identities. The MAC is always checked.
//!
//! ```text
//! bytes ── format ──► tree, metadata ── key_service ──► data key ── open ──► plain tree ── select ──► secrets
//! ```
//!
//! `write` changes values in place: `layout` finds them in the text, and `edit` seals new ones and the MAC.

mod cipher;
mod dotenv;
mod edit;
mod error;
mod flat;
mod format;
mod ini;
mod key_service;
mod layout;
mod layout_json;
mod layout_yaml;
mod metadata;
mod open;
mod rules;
mod settings;
mod shamir;
mod write;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use error::Error;
use error::Reason;
pub use format::Format;
use key_service::{AgeKeys, DataKeyResult};
use metadata::{MasterKey, Metadata, Service};
pub use settings::{
    FILES, FILES_FLATTEN, FILES_FORMAT, FILES_POINTER, FLATTEN, FORMAT, POINTER, SCHEMA, Sops,
    SopsType,
};

use super::age::{self, KeyPlaces};
use super::document::{Node, Selected, Selection};
use super::{Fetch, FetchEnvironment, ObjectsRead, ReadObjects, Source};
use crate::seal::private_file::read_within;
use crate::secret::{Name, Object, ObjectAddress, ObjectContent, Provenance, Secret, SecretSet};
use crate::sys::stack::clear_stack_after;

/// The largest file that is read, in bytes.
const MAX_SIZE: u64 = 16 << 20;

/// A sops file as a source of secrets.
#[derive(Clone, Debug)]
pub struct SopsFile {
    name: Arc<str>,
    file: PathBuf,
    format: Format,
    selection: Selection,
    keys: KeyPlaces,
    timeout: Duration,
    /// Whether a flag named it.
    by_flag: bool,
}

impl SopsFile {
    async fn read(&self, admits: &dyn Fn(&str) -> bool) -> Result<SecretSet, Error> {
        self.secrets(admits).await.map_err(|reason| self.fault(reason))
    }

    fn fault(&self, reason: Reason) -> Error {
        Error { file: self.file.clone(), by_flag: self.by_flag, reason }
    }

    /// The decrypted content, and pointers to the values that the MAC does not cover.
    async fn open(&self) -> Result<(Node, Vec<String>), Reason> {
        let file = read_within(&self.file, MAX_SIZE, || self.timeout)?;
        let mut loaded = format::load(file.bytes.expose(), self.format)?;
        let metadata = Metadata::read(&loaded.metadata)?;
        let key = self.data_key(&metadata).await?;
        let documents = &mut loaded.documents;
        let uncovered = clear_stack_after(|| open::open(documents, &metadata, &key))?;
        Ok((loaded.documents.into_iter().next().unwrap_or(Node::Null), uncovered))
    }

    async fn secrets(&self, admits: &dyn Fn(&str) -> bool) -> Result<SecretSet, Reason> {
        let (tree, uncovered) = self.open().await?;
        let selected = self.selection.select(&tree, admits)?;
        let mut secrets: SecretSet =
            selected.into_iter().map(|selected| self.secret(selected)).collect();
        if !uncovered.is_empty() {
            let names: Vec<_> = uncovered.iter().map(|name| format!("`{name}`")).collect();
            secrets.add_note(format!(
                "{}: the MAC covers encrypted values only (`mac_only_encrypted`), not {}",
                self.file.display(),
                names.join(", ")
            ));
        }
        Ok(secrets)
    }

    async fn data_key(&self, metadata: &Metadata) -> Result<cipher::DataKey, Reason> {
        let recipients: Vec<&str> = metadata.recipients().collect();
        let loaded = self.keys.load(&recipients).await;
        let age_keys = AgeKeys(&loaded.identities);
        match key_service::open(metadata, &[&age_keys]).await {
            DataKeyResult::Opened(key) => {
                let mut data_key = cipher::DataKey::default();
                if key.len() != data_key.len() {
                    return Err(Reason::DataKey);
                }
                data_key.copy_from_slice(&key);
                Ok(data_key)
            }
            DataKeyResult::TooFew(opened) => {
                let groups = metadata.groups.len();
                let needs = if groups == 1 {
                    String::new()
                } else {
                    format!(
                        ": {} of {groups} key groups are needed, and {opened} can be opened",
                        metadata.threshold
                    )
                };
                let keys: Vec<MasterKey> = metadata.groups.concat();
                let has_age = keys.iter().any(|key| key.service == Service::Age);
                let places = if has_age { age::keys::describe(&loaded) } else { String::new() };
                Err(Reason::NoKey { needs, keys, places })
            }
        }
    }

    /// The objects at these addresses: the whole content, or what stands below a name.
    async fn objects(&self, addresses: &[ObjectAddress]) -> Result<Vec<Option<Object>>, Reason> {
        let (tree, _) = self.open().await?;
        let tree = self.selection.below(&tree)?;
        let object = |address: &ObjectAddress| {
            if let Some((option, _)) = address.options.first() {
                return Err(Reason::Option(option.clone()));
            }
            if address.version.is_some() {
                return Err(Reason::Option("version".to_owned()));
            }
            let content = if address.path.is_empty() {
                Some(ObjectContent::Members(tree.members().map_err(Reason::NotText)?))
            } else {
                let value = tree.at(&address.path).map(Node::value).transpose();
                value
                    .map_err(|()| Reason::NotText(address.path.clone()))?
                    .flatten()
                    .map(ObjectContent::Value)
            };
            Ok(content.map(|content| Object {
                source: Arc::clone(&self.name),
                address: address.clone(),
                content,
                version: None,
                age: None,
            }))
        };
        addresses.iter().map(object).collect()
    }

    fn secret(&self, selected: Selected<'_>) -> Secret {
        Secret {
            value: selected.value(),
            name: Name::new(selected.name),
            provenance: Provenance {
                source: Arc::clone(&self.name),
                place: format!("{}:{}", self.file.display(), selected.line).into(),
                version: None,
                age: None,
            },
        }
    }
}

impl Source for SopsFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { Ok(self.read(&|_| true).await?) })
    }

    fn as_read_objects(&self) -> Option<&dyn ReadObjects> {
        Some(self)
    }

    /// It is told which of its names are used: a nested value that is not used is no error.
    fn refers_to_variables(&self) -> bool {
        true
    }

    fn fetch_in<'a>(&'a self, environment: &'a FetchEnvironment<'a>) -> Fetch<'a> {
        Box::pin(async { Ok(self.read(environment.admits).await?) })
    }
}

impl ReadObjects for SopsFile {
    fn read_objects<'a>(&'a self, addresses: &'a [ObjectAddress]) -> ObjectsRead<'a> {
        Box::pin(async { Ok(self.objects(addresses).await.map_err(|reason| self.fault(reason))?) })
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod write_tests;
