//! The Kubernetes store: Secrets of a namespace.
//!
//! `schema` and `configure` define the settings. `access` finds the way to the cluster in a pod, or in kubeconfig
//! files, which `yaml` and `kubeconfig` read and `entry_checks` checks. `api` sends requests and logs in, with
//! `authorization` and `exec_plugin`; `status` classifies what a server rejects, and `wire` has its JSON. `write`
//! changes one Secret.

mod access;
mod access_error;
mod api;
mod authorization;
mod configure;
mod doctor;
mod entry_checks;
mod error;
mod exec_plugin;
#[cfg(feature = "external-secrets")]
mod external_secret;
mod kubeconfig;
#[cfg(test)]
mod oracle_tests;
pub mod schema;
mod status;
#[cfg(test)]
mod tests;
mod wire;
mod write;
mod yaml;

use std::fmt::Write as _;
use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::provider::{self, Fetch, ObjectsRead, ReadObjects, Source};
use crate::secret::{Name, Object, ObjectAddress, ObjectContent, Provenance, Secret, SecretSet};

use api::{Api, Failure};
use error::{Error, Operation};
use status::StatusKind;
use wire::SecretObject;

pub use configure::KubernetesType;

/// Which Secrets are read.
#[derive(Clone, Debug)]
struct Scope {
    namespace: String,
    /// The names, in order.
    names: Vec<String>,
    label_selector: Option<String>,
    /// Whether Secrets may be missing or empty.
    allow_empty: bool,
}

/// Secrets of a namespace.
#[derive(Debug)]
struct KubernetesSource {
    name: Arc<str>,
    scope: Scope,
    api: Api,
}

impl KubernetesSource {
    /// Reads the selected Secrets, and then the named ones, which win.
    async fn read(&self) -> Result<SecretSet, Error> {
        let scope = &self.scope;
        let named = scope.names.iter().map(|name| self.named(&scope.namespace, name));
        let (selected, named) =
            futures_util::future::try_join(self.selected(), try_join_all(named)).await?;
        let mut set = SecretSet::default();
        for object in selected.iter().chain(named.iter().flatten()) {
            self.note(object, &mut set);
        }
        let named: Vec<_> = named.into_iter().flatten().collect();
        refuse_ambiguous(&selected)?;
        self.note_overridden(&selected.iter().chain(&named).collect::<Vec<_>>(), &mut set);
        for object in selected.into_iter().chain(named) {
            self.add(object, &mut set);
        }
        Ok(set)
    }

    async fn named(&self, namespace: &str, name: &str) -> Result<Option<SecretObject>, Error> {
        let object = match self.find(namespace, name).await? {
            Some(object) => object,
            None if self.scope.allow_empty => return Ok(None),
            None => {
                let (name, namespace) = (name.to_owned(), namespace.to_owned());
                return Err(Error::NoSecret { name, namespace });
            }
        };
        if object.data.0.is_empty() && !self.scope.allow_empty {
            let (name, namespace) = (name.to_owned(), namespace.to_owned());
            return Err(Error::NoKeys { name, namespace });
        }
        Ok(Some(object))
    }

    /// Reads a Secret; none if there is no such Secret.
    async fn find(&self, namespace: &str, name: &str) -> Result<Option<SecretObject>, Error> {
        match self.api.secret(namespace, name).await {
            Ok(object) => Ok(Some(object)),
            Err(Failure::Refused(error)) if error.kind == StatusKind::NotFound => Ok(None),
            Err(failure) => {
                let place = format!("the Secret `{name}` in the namespace `{namespace}`");
                Err(self.refused("get", place, failure))
            }
        }
    }

    async fn selected(&self) -> Result<Vec<SecretObject>, Error> {
        let Some(selector) = &self.scope.label_selector else { return Ok(Vec::new()) };
        let namespace = &self.scope.namespace;
        let listed = self.api.list(namespace, selector).await.map_err(|failure| {
            let place = format!("the Secrets in the namespace `{namespace}`");
            self.refused("list", place, failure)
        })?;
        if listed.is_empty() && !self.scope.allow_empty {
            let (selector, namespace) = (selector.clone(), namespace.clone());
            return Err(Error::NoMatch { selector, namespace });
        }
        Ok(listed)
    }

    fn refused(&self, verb: &'static str, place: String, failure: Failure) -> Error {
        match failure {
            Failure::Refused(source) if source.kind == StatusKind::Forbidden => {
                let is_anonymous = source.is_anonymous;
                Error::Forbidden { verb, place, is_anonymous, source }
            }
            failure => self.api.refused(Operation::Read, failure),
        }
    }

    fn add(&self, object: SecretObject, set: &mut SecretSet) {
        let version = object.metadata.resource_version.as_deref();
        let provenance = Provenance {
            source: Arc::clone(&self.name),
            place: format!("Secret {}/{}", self.scope.namespace, object.metadata.name).into(),
            // Numbers in fact, although Kubernetes does not promise that.
            version: version.and_then(|version| version.parse().ok()),
            age: None,
        };
        for (key, value) in object.data.0 {
            set.push(Secret { name: Name::new(key), value, provenance: provenance.clone() });
        }
    }

    /// Notes for `hushed plan` what is known of a Secret, and keys that no shell takes for a variable.
    fn note(&self, object: &SecretObject, set: &mut SecretSet) {
        let name = &object.metadata.name;
        let mut note = format!("`{}`: Secret {}/{name}", self.name, self.scope.namespace);
        let (kind, version) = (&object.type_name, &object.metadata.resource_version);
        if let Some(kind) = kind.as_ref().filter(|kind| !kind.is_empty()) {
            let _infallible = write!(note, ", type {kind}");
        }
        if let Some(version) = version {
            let _infallible = write!(note, ", resourceVersion {version}");
        }
        if object.immutable == Some(true) {
            note.push_str(", immutable");
        }
        set.add_note(Name::new(note).to_string());
        let invalid = object.data.0.iter().filter(|(key, _)| !is_identifier(key));
        let invalid: Vec<_> = invalid.map(|(key, _)| format!("`{}`", Name::new(key))).collect();
        if !invalid.is_empty() {
            set.add_note(format!(
                "keys of Secret {}/{name} that are no names of shell variables: {} (--rename or --transform \
                 changes them, --exclude leaves them out)",
                self.scope.namespace,
                invalid.join(", ")
            ));
        }
    }

    /// Notes which Secret wins where two have one key.
    fn note_overridden(&self, objects: &[&SecretObject], set: &mut SecretSet) {
        let mut known: Vec<(&str, &str)> = Vec::new();
        for object in objects {
            let name = object.metadata.name.as_str();
            for (key, _) in &object.data.0 {
                match known.iter_mut().find(|(other, _)| other == key) {
                    Some((_, before)) => {
                        set.add_note(format!(
                            "`{}`: the key `{}` is in the Secrets {before} and {name}; that of {name} is used",
                            self.name,
                            Name::new(key)
                        ));
                        *before = name;
                    }
                    None => known.push((key, name)),
                }
            }
        }
    }

    /// Reads what a reference names: `NAME`, or `NAMESPACE/NAME`.
    async fn object(&self, address: &ObjectAddress) -> Result<Option<Object>, Error> {
        let version = address.version.as_ref().map(|_| "version");
        let option = version.or(address.options.first().map(|(name, _)| name.as_str()));
        if let Some(option) = option {
            return Err(Error::UnknownOption { option: option.to_owned() });
        }
        let path = address.path.as_str();
        let (namespace, name) = path.split_once('/').unwrap_or((&self.scope.namespace, path));
        if !configure::is_object_name(namespace) || !configure::is_object_name(name) {
            return Err(Error::InvalidReference { path: path.to_owned() });
        }
        let Some(object) = self.find(namespace, name).await? else { return Ok(None) };
        Ok(Some(Object {
            source: Arc::clone(&self.name),
            address: address.clone(),
            content: ObjectContent::Members(object.data.0),
            version: object.metadata.resource_version,
            age: None,
        }))
    }
}

/// Refuses a key that two selected Secrets have: nothing says which of them is meant.
fn refuse_ambiguous(selected: &[SecretObject]) -> Result<(), Error> {
    let mut known = std::collections::BTreeMap::new();
    for object in selected {
        for (key, _) in &object.data.0 {
            if let Some(first) = known.insert(key.as_str(), object.metadata.name.as_str()) {
                return Err(Error::AmbiguousKey {
                    key: Name::new(key).to_string(),
                    first: first.to_owned(),
                    second: object.metadata.name.clone(),
                });
            }
        }
    }
    Ok(())
}

fn is_identifier(name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(is_word) && !name.starts_with(|c: char| c.is_ascii_digit())
}

impl Source for KubernetesSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { self.read().await.map_err(provider::Error::from) })
    }

    fn pause(&self) {
        self.api.close();
    }

    fn as_read_objects(&self) -> Option<&dyn ReadObjects> {
        Some(self)
    }
}

impl ReadObjects for KubernetesSource {
    fn read_objects<'a>(&'a self, addresses: &'a [ObjectAddress]) -> ObjectsRead<'a> {
        Box::pin(async {
            let objects = addresses.iter().map(|address| self.object(address));
            try_join_all(objects).await.map_err(provider::Error::from)
        })
    }
}
