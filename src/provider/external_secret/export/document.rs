//! The manifests themselves: from what they read to documents.

use serde_json::{Map, Value as Json, json};

use super::super::store::{AuthSecret, ManifestError};
use super::{CreationPolicy, Entry, Writer, store_name, template, yaml};
use crate::config::Error;

/// The version of the API that manifests are for.
const API: &str = "external-secrets.io/v1";

/// A manifest with comments before it.
pub(super) struct Document {
    comments: Vec<String>,
    json: Json,
}

impl Document {
    /// Its text.
    pub(super) fn to_yaml(&self) -> String {
        let comments = self.comments.iter().flat_map(|line| ["# ", line, "\n"]);
        comments.collect::<String>() + &yaml::document(&self.json)
    }
}

/// What a Secret consists of, if not of the keys as they were read.
#[derive(Clone, Default)]
pub(super) struct Target {
    /// The type of the Secret.
    pub(super) kind: Option<&'static str>,
    /// Templates by the keys that they make.
    pub(super) data: Map<String, Json>,
    /// Whether the keys that were read are kept beside these.
    pub(super) merge: bool,
}

/// One `ExternalSecret`.
#[derive(Clone)]
struct Part<'a> {
    suffix: Option<&'a str>,
    data_from: &'a [(String, Json)],
    data: Vec<&'a Entry>,
    target: Target,
    optional: bool,
}

impl Writer<'_> {
    /// The stores of all sources.
    pub(super) fn stores(&self) -> Result<Vec<Document>, Error> {
        let mut documents = Vec::new();
        for source in &self.sources.found {
            let name = store_name(&source.name);
            if !is_label(&name) {
                let what = format!("the source `{}` has no name for a store", source.name);
                return Err(
                    ManifestError::new(what, "rename it: letters, digits and `-`").into_config()
                );
            }
            let auth_name = format!("{name}-credentials");
            let auth = AuthSecret {
                name: &auth_name,
                namespace: self.options.namespace.filter(|_| self.options.cluster_store),
                service_account: self.options.service_account,
            };
            let provider = source.store.provider(&source.layers, &auth).map_err(|error| {
                error.about(format_args!("the source `{}`", source.name)).into_config()
            })?;
            let mut comments = Vec::new();
            for (kind, keys) in [
                ("Secret", keys(&provider, &auth_name, false)),
                ("ConfigMap", keys(&provider, &auth_name, true)),
            ] {
                if !keys.is_empty() {
                    let keys = keys.join(", ");
                    comments.push(format!("It needs the {kind} `{auth_name}` with: {keys}."));
                }
            }
            let metadata = self.metadata(&name, !self.options.cluster_store);
            let json = json!({
                "apiVersion": API, "kind": self.store_kind(), "metadata": metadata,
                "spec": { "provider": provider },
            });
            documents.push(Document { comments, json });
        }
        if documents.is_empty() {
            return Err(nothing());
        }
        Ok(documents)
    }

    /// All `ExternalSecret`s.
    pub(super) fn external_secrets(&self) -> Result<Vec<Document>, Error> {
        let groups = &self.groups;
        let mut parts = Vec::new();
        let main = Part {
            suffix: None,
            data_from: &groups.data_from,
            data: groups.data.iter().collect(),
            target: Target::default(),
            optional: false,
        };
        if groups.data_from.is_empty() && !groups.templates.is_empty() {
            parts.push(self.with_templates(&main));
        } else {
            if !groups.data_from.is_empty() || !groups.data.is_empty() {
                let target = Target { kind: None, data: groups.texts.clone(), merge: true };
                parts.push(Part { target, ..main });
            } else if !groups.texts.is_empty() {
                return Err(nothing());
            }
            if !groups.templates.is_empty() {
                let target = Target { kind: None, data: groups.templates.clone(), merge: false };
                let data = groups.inputs.iter().collect();
                parts.push(Part {
                    suffix: Some("templates"),
                    data_from: &[],
                    data,
                    target,
                    optional: false,
                });
            }
        }
        for (suffix, entry, target) in &groups.shapes {
            let target = Target { kind: target.kind, data: target.data.clone(), merge: false };
            parts.push(Part {
                suffix: Some(suffix),
                data_from: std::slice::from_ref(entry),
                data: Vec::new(),
                target,
                optional: false,
            });
        }
        if !groups.optional.is_empty() {
            parts.push(Part {
                suffix: Some("optional"),
                data_from: &[],
                data: groups.optional.iter().collect(),
                target: Target::default(),
                optional: true,
            });
        }
        if parts.is_empty() {
            return Err(nothing());
        }
        parts.iter().map(|part| self.external_secret(part)).collect()
    }

    /// The manifest of all variables that are references, text or templates. The inputs of the templates are left out.
    fn with_templates<'a>(&'a self, main: &Part<'a>) -> Part<'a> {
        let groups = &self.groups;
        let fields =
            main.data.iter().map(|entry| (entry.key.clone(), template::field(&entry.key).into()));
        let mut data: Map<String, Json> = fields.collect();
        data.extend(groups.texts.clone());
        data.extend(groups.templates.clone());
        let target = Target { kind: None, data, merge: false };
        let entries = main.data.iter().copied().chain(&groups.inputs).collect();
        Part { data: entries, target, ..main.clone() }
    }

    fn external_secret(&self, part: &Part<'_>) -> Result<Document, Error> {
        let options = self.options;
        let name = part
            .suffix
            .map_or_else(|| options.name.to_owned(), |suffix| format!("{}-{suffix}", options.name));
        if !is_object_name(&name) {
            let what = format!("`{name}` is no name of an object");
            return Err(ManifestError::new(what, "choose a shorter --manifest-name").into_config());
        }
        let stores = part
            .data_from
            .iter()
            .map(|(store, _)| store)
            .chain(part.data.iter().map(|entry| &entry.store));
        let mut stores: Vec<_> = stores.cloned().collect();
        stores.dedup();
        stores.sort_unstable();
        stores.dedup();
        let only = if let [only] = stores.as_slice() { Some(only.as_str()) } else { None };
        let mut spec = json!({
            "refreshPolicy": "Periodic",
            "refreshInterval": options.refresh_interval,
            "target": self.target(&name, part),
        });
        if let Some(spec) = spec.as_object_mut() {
            if let Some(store) = only {
                spec.insert("secretStoreRef".into(), self.store_ref(store));
            }
            let data: Vec<_> = part.data.iter().map(|entry| self.data(entry, only)).collect();
            if !data.is_empty() {
                spec.insert("data".into(), data.into());
            }
            let data_from: Vec<_> = part
                .data_from
                .iter()
                .map(|(store, json)| self.of_store(json.clone(), store, only))
                .collect();
            if !data_from.is_empty() {
                spec.insert("dataFrom".into(), data_from.into());
            }
        }
        let json = json!({
            "apiVersion": API, "kind": "ExternalSecret",
            "metadata": self.metadata(&name, true), "spec": spec,
        });
        let mut comments = Vec::new();
        if part.suffix.is_none() && self.inputs.env_files()?.is_some() {
            comments.push("The files of `env-file` are no part of it.".to_owned());
        }
        if part.optional {
            comments
                .push("Secrets that need not exist; refer to it with `optional: true`.".to_owned());
        }
        Ok(Document { comments, json })
    }

    fn target(&self, name: &str, part: &Part<'_>) -> Json {
        let policy = self.options.creation_policy;
        let deletion = match (part.optional, policy) {
            (false, _) => "Retain",
            (true, CreationPolicy::Owner) => "Delete",
            (true, CreationPolicy::Merge | CreationPolicy::Orphan) => "Merge",
        };
        let mut target = json!({
            "name": name, "creationPolicy": policy.name(), "deletionPolicy": deletion,
        });
        let Target { kind, data, merge } = &part.target;
        if kind.is_none() && data.is_empty() {
            return target;
        }
        let mut template = json!({ "engineVersion": "v2", "mergePolicy": if *merge { "Merge" } else { "Replace" } });
        if let (Some(template), Some(kind)) = (template.as_object_mut(), kind) {
            template.insert("type".into(), (*kind).into());
        }
        if let (Some(template), false) = (template.as_object_mut(), data.is_empty()) {
            template.insert("data".into(), data.clone().into());
        }
        if let Some(target) = target.as_object_mut() {
            target.insert("template".into(), template);
        }
        target
    }

    fn data(&self, entry: &Entry, only: Option<&str>) -> Json {
        let mut remote = entry.remote.to_json();
        if let Some(remote) = remote.as_object_mut() {
            remote.insert("decodingStrategy".into(), entry.decoding.into());
        }
        self.of_store(json!({ "secretKey": entry.key, "remoteRef": remote }), &entry.store, only)
    }

    /// Names the store of an entry, unless it is that of all.
    fn of_store(&self, mut json: Json, store: &str, only: Option<&str>) -> Json {
        if only.is_none()
            && let Some(entry) = json.as_object_mut()
        {
            entry.insert("sourceRef".into(), json!({ "storeRef": self.store_ref(store) }));
        }
        json
    }

    fn store_ref(&self, name: &str) -> Json {
        json!({ "kind": self.store_kind(), "name": name })
    }

    fn store_kind(&self) -> &'static str {
        if self.options.cluster_store { "ClusterSecretStore" } else { "SecretStore" }
    }

    fn metadata(&self, name: &str, in_namespace: bool) -> Json {
        let mut metadata = json!({ "name": name });
        if let (Some(namespace), true, Some(metadata)) =
            (self.options.namespace, in_namespace, metadata.as_object_mut())
        {
            metadata.insert("namespace".into(), namespace.into());
        }
        metadata
    }
}

fn nothing() -> Error {
    let hint = "add references to [env], or a source of a store that External Secrets has";
    ManifestError::new("the configuration names no secret of a store", hint).into_config()
}

/// The keys of a Secret or `ConfigMap` of this name that a provider selects.
fn keys(json: &Json, name: &str, in_config_map: bool) -> Vec<String> {
    match json {
        Json::Object(members) => {
            let text = |key: &str| members.get(key).and_then(Json::as_str);
            let from_config_map = text("type") == Some("ConfigMap");
            if let (Some(found), Some(key)) = (text("name"), text("key"))
                && found == name
            {
                return if from_config_map == in_config_map {
                    vec![format!("`{key}`")]
                } else {
                    Vec::new()
                };
            }
            members.values().flat_map(|value| keys(value, name, in_config_map)).collect()
        }
        Json::Array(items) => {
            items.iter().flat_map(|item| keys(item, name, in_config_map)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether Kubernetes could have an object of this name (RFC 1123, section 2.1).
pub(super) fn is_object_name(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label_of_any_length)
}

/// Whether it is the name of a namespace.
pub(super) fn is_label(name: &str) -> bool {
    name.len() <= 63 && is_label_of_any_length(name)
}

fn is_label_of_any_length(name: &str) -> bool {
    let is_alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.starts_with(is_alphanumeric)
        && name.ends_with(is_alphanumeric)
        && name.chars().all(|c| is_alphanumeric(c) || c == '-')
}
