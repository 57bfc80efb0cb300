//! What a store knows of External Secrets: its block in `spec.provider`, and how `remoteRef` names its objects.
//! Whatever cannot be said in a manifest is an error, never left out.

use std::fmt;

use serde_json::{Value as Json, json};

use super::read::{Fault, Fields, InnerSettings, Location};
use crate::config::schema::SettingKey;
use crate::config::{self, Layers};
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
use crate::provider::shape::{JsonMode, last_part};
use crate::reference::Property;
use crate::secret::ObjectAddress;

/// A type of store that manifests can describe.
pub trait ManifestStore: fmt::Debug + Sync {
    /// `spec.provider` for a source with these settings. Its credentials are keys of the Kubernetes Secret `auth`.
    fn provider(&self, layers: &Layers<'_>, auth: &AuthSecret<'_>) -> Result<Json, ManifestError>;

    /// `remoteRef` for a part of an object.
    fn remote_ref(
        &self,
        layers: &Layers<'_>,
        address: &ObjectAddress,
        property: &Property,
    ) -> Result<RemoteRef, ManifestError>;

    /// `extract` for all keys of an object.
    fn extract(
        &self,
        layers: &Layers<'_>,
        address: &ObjectAddress,
    ) -> Result<RemoteRef, ManifestError> {
        self.remote_ref(layers, address, &Property::Whole)
    }

    /// What reads all secrets in the scope of a source.
    fn scope(&self, layers: &Layers<'_>) -> Result<Vec<ScopeEntry>, ManifestError>;

    /// The names that its block can have in `spec.provider`.
    fn providers(&self) -> &'static [&'static str];

    /// Whether a block of this name is one of this store.
    fn reads(&self, provider: &str, _block: &Fields<'_>) -> bool {
        self.providers().contains(&provider)
    }

    /// The settings of the source that a block becomes. What hushed does not have is an error with its line.
    fn settings(&self, block: &Fields<'_>, settings: &mut InnerSettings<'_>) -> Result<(), Fault>;

    /// Where the key of a `remoteRef` is in a store with this block.
    fn locate(&self, block: &Fields<'_>, key: &str, version: Option<&str>) -> Location;
}

/// What reads a part of the scope of a source.
#[derive(Clone, Debug, PartialEq)]
pub enum ScopeEntry {
    /// One value under a name.
    Value(String, RemoteRef),
    /// All keys of an object.
    Extract(RemoteRef),
    /// An entry of `dataFrom` as it is.
    DataFrom(Json),
}

/// `remoteRef`: a value in a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteRef {
    /// The name of the object.
    pub key: String,
    /// The part of it: a path of gjson.
    pub property: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

impl RemoteRef {
    /// The same in a manifest.
    pub(super) fn to_json(&self) -> Json {
        let mut json = json!({ "key": self.key, "decodingStrategy": "None" });
        for (name, value) in [("property", &self.property), ("version", &self.version)] {
            if let (Some(value), Some(object)) = (value, json.as_object_mut()) {
                object.insert(name.to_owned(), value.as_str().into());
            }
        }
        json
    }
}

/// The Kubernetes Secret with the credentials of a store.
#[derive(Clone, Copy, Debug)]
pub struct AuthSecret<'a> {
    /// Its name, which the `ConfigMap` with the CA certificate has too.
    pub name: &'a str,
    /// Its namespace, for a store of the whole cluster.
    pub namespace: Option<&'a str>,
    /// The service account that logs in, for logins of a pod.
    pub service_account: &'a str,
}

impl AuthSecret<'_> {
    /// Selects a key of the Secret.
    pub fn key(&self, key: &str) -> Json {
        self.in_namespace(json!({ "name": self.name, "key": key }))
    }

    /// Selects the CA certificate, a key of the `ConfigMap`.
    pub fn ca(&self) -> Json {
        self.in_namespace(json!({ "type": "ConfigMap", "name": self.name, "key": "ca.crt" }))
    }

    /// Selects the service account.
    pub fn service_account(&self) -> Json {
        self.in_namespace(json!({ "name": self.service_account }))
    }

    fn in_namespace(&self, mut selector: Json) -> Json {
        if let (Some(namespace), Some(object)) = (self.namespace, selector.as_object_mut()) {
            object.insert("namespace".to_owned(), namespace.into());
        }
        selector
    }
}

/// The scope of a store of a cloud that has one secret a request. `refer` gives the name of a secret and where it is.
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
pub(in crate::provider) fn listed_scope<S>(
    secrets: &[S],
    is_listed: bool,
    json: JsonMode,
    refer: impl Fn(&S) -> Result<(String, RemoteRef), ManifestError>,
) -> Result<Vec<ScopeEntry>, ManifestError> {
    if is_listed {
        return Err(ManifestError::new(
            "a list of secrets (`name-prefix`, `filter`, `all`) cannot be part of a manifest",
            "list the secrets in `secrets`, or refer to them in [env]",
        ));
    }
    let entry = |secret: &S| {
        let (name, remote) = refer(secret)?;
        match json {
            JsonMode::On => Ok(ScopeEntry::Extract(remote)),
            JsonMode::Off => Ok(ScopeEntry::Value(last_part(&name), remote)),
            JsonMode::Auto => Err(ManifestError::new(
                format!("whether `{name}` is a JSON object, only the store knows"),
                "set `json` to true or false",
            )),
        }
    };
    secrets.iter().map(entry).collect()
}

/// Refuses settings that a block has no field for. `service` names the store in the message.
#[cfg(any(feature = "azure", feature = "gcp"))]
pub(in crate::provider) fn refuse_settings(
    layers: &Layers<'_>,
    keys: &[&'static SettingKey],
    service: &str,
) -> Result<(), ManifestError> {
    for key in keys {
        if layers.raw(key)?.is_some() {
            let what = format!("a store of External Secrets has no `{}` for {service}", key.name);
            return Err(ManifestError::new(what, "remove it, or unset its variable"));
        }
    }
    Ok(())
}

/// Something that a manifest cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// What, and why not.
    pub what: String,
    /// What the user can do.
    pub hint: &'static str,
}

impl ManifestError {
    /// An error with a hint.
    pub fn new(what: impl Into<String>, hint: &'static str) -> Self {
        Self { what: what.into(), hint }
    }

    /// The same with what it is about in front.
    #[must_use]
    pub fn about(self, subject: impl fmt::Display) -> Self {
        Self { what: format!("{subject}: {}", self.what), ..self }
    }

    /// The same as an error of the configuration.
    pub fn into_config(self) -> config::Error {
        config::Error::Store { hint: self.hint.to_owned(), error: Box::new(self) }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for ManifestError {}

impl From<config::Error> for ManifestError {
    fn from(error: config::Error) -> Self {
        Self::new(error.to_string(), "check the settings of the source")
    }
}

/// A property as a path of gjson, which the operator takes.
pub fn gjson_path(property: &Property) -> Option<String> {
    match property {
        Property::Whole => None,
        Property::Key(key) => Some(escaped(key)),
        Property::Pointer(tokens) => {
            Some(tokens.iter().map(|token| escaped(token)).collect::<Vec<_>>().join("."))
        }
    }
}

/// A key in a path of gjson.
fn escaped(key: &str) -> String {
    let is_special = |c: char| c.is_ascii_punctuation() && !matches!(c, '_' | '-' | '/');
    let escape = |c: char| [is_special(c).then_some('\\'), Some(c)].into_iter().flatten();
    key.chars().flat_map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_becomes_a_path_of_gjson() {
        let pointer = |tokens: &[&str]| {
            Property::Pointer(tokens.iter().map(|token| (*token).to_owned()).collect())
        };
        for (property, want) in [
            (Property::Whole, None),
            (Property::Key("db-user_1".into()), Some("db-user_1")),
            (Property::Key("tls.crt".into()), Some(r"tls\.crt")),
            (Property::Key("@a|b#*?".into()), Some(r"\@a\|b\#\*\?")),
            (pointer(&["a.b", "0", "c"]), Some(r"a\.b.0.c")),
        ] {
            assert_eq!(gjson_path(&property).as_deref(), want, "{property}");
        }
    }
}
