//! From what the stores returned to the keys of a manifest: `dataFrom` in order, then `data`, then the template. Pure.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::decode::{convert, decode};
use super::fields::Fault;
use super::gotemplate;
use super::model::{
    Creation, DataFromKind, Deletion, ExternalSecret, RemoteValue, StoreRef, Template,
    TemplateText, Treatment,
};
use super::parse::is_key;
use super::property::{self, Found};
use super::rewrite;
use super::value::{Content, ValueMap, members};
use crate::provider::document::{Node, parse_yaml};

/// What the stores have.
pub(super) trait Remote {
    /// An object; `None` if there is none.
    fn object(&self, store: &StoreRef, remote: &RemoteValue) -> Result<Option<Content>, String>;

    /// All secrets of a store with their names.
    fn all(&self, store: &StoreRef, path: Option<&str>) -> Result<Vec<(String, Content)>, String>;
}

/// The templates of `ConfigMap`s, by name and key.
pub(super) type ConfigMaps = BTreeMap<String, BTreeMap<String, String>>;

/// The result of a manifest.
#[derive(Debug)]
pub(super) struct Evaluated {
    pub(super) values: ValueMap,
    /// What was left out, for `hushed plan`.
    pub(super) notes: Vec<(usize, String)>,
    /// How many secrets were missing.
    pub(super) missing: usize,
}

/// Evaluates a manifest.
pub(super) fn evaluate(
    manifest: &ExternalSecret,
    remote: &dyn Remote,
    config_maps: &ConfigMaps,
) -> Result<Evaluated, Fault> {
    let mut result = Evaluated { values: ValueMap::new(), notes: Vec::new(), missing: 0 };
    let skips = manifest.deletion == Deletion::Skip;
    for entry in &manifest.data_from {
        let (map, treatment) = match &entry.what {
            DataFromKind::Extract(value) => {
                let Some(map) = extract(value, &entry.store, remote)? else {
                    result.miss(value, &entry.store, skips)?;
                    continue;
                };
                (map, value.treatment)
            }
            DataFromKind::Find { path, name, treatment } => {
                let found = remote.all(&entry.store, path.as_deref());
                let found = found.map_err(|what| Fault::new(entry.line, what))?;
                let matches = |key: &String| name.as_ref().is_none_or(|name| name.is_match(key));
                let found = found.into_iter().filter(|(key, _)| matches(key));
                let map = found.map(|(key, content)| (key, whole(&content)));
                // The stores of the operator convert the names that they find.
                (converted(map.collect(), *treatment, entry.line)?, *treatment)
            }
        };
        let map = if entry.rewrite.is_empty() {
            converted(map, treatment, entry.line)?
        } else {
            rewrite::apply(map, &entry.rewrite)?
        };
        for (key, value) in map {
            if key.is_empty() {
                result.notes.push((entry.line, "a value without a key is left out".to_owned()));
                continue;
            }
            if !is_key(&key) {
                let what = format!("`{}` is no key of a Secret; use `rewrite`", key.escape_debug());
                return Err(Fault::new(entry.line, what));
            }
            let value = treated(&value, treatment, &key, entry.line)?;
            result.values.insert(key, value);
        }
    }
    for entry in &manifest.data {
        let Some(value) = single(&entry.remote, &entry.store, remote)? else {
            result.miss(&entry.remote, &entry.store, skips)?;
            continue;
        };
        let value = treated(&value, entry.remote.treatment, &entry.key, entry.remote.line)?;
        result.values.insert(entry.key.clone(), value);
    }
    if let Some(template) = &manifest.template {
        result.values = templated(template, result.values, config_maps)?;
    }
    check_kind(manifest, &result.values)?;
    if manifest.creation == Creation::Nothing {
        result.values.clear();
    }
    Ok(result)
}

impl Evaluated {
    /// Counts a missing secret, or refuses it.
    fn miss(&mut self, value: &RemoteValue, store: &StoreRef, skips: bool) -> Result<(), Fault> {
        let version = value
            .version
            .as_ref()
            .map(|version| format!(" in version `{}`", version.escape_debug()));
        let property = value.property.as_ref();
        let property = property.map(|property| format!(", property `{}`", property.escape_debug()));
        let what = format!(
            "{store} has no secret `{}`{}{}",
            value.key.escape_debug(),
            version.unwrap_or_default(),
            property.unwrap_or_default()
        );
        if !skips {
            return Err(Fault::new(value.line, what));
        }
        self.missing += 1;
        self.notes.push((value.line, format!("{what}, and is left out")));
        Ok(())
    }
}

fn converted(map: ValueMap, treatment: Treatment, line: usize) -> Result<ValueMap, Fault> {
    let mut converted = ValueMap::new();
    for (key, value) in map {
        let name = convert(&key, treatment.conversion);
        if converted.insert(name.clone(), value).is_some() {
            let what = format!("two keys become `{}`", name.escape_debug());
            return Err(Fault::new(line, what));
        }
    }
    Ok(converted)
}

/// A value after decoding.
fn treated(
    value: &[u8],
    treatment: Treatment,
    key: &str,
    line: usize,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let key = key.escape_debug();
    let decoded = decode(value, treatment.decoding).map_err(|what| {
        Fault::new(line, format!("the value of `{key}` cannot be decoded: {what}"))
    })?;
    if treatment.refuses_null && decoded.contains(&0) {
        return Err(Fault::new(line, format!("the value of `{key}` has a zero byte")));
    }
    Ok(decoded)
}

/// The bytes of an object: its only value, or its members as JSON.
fn whole(content: &Content) -> Zeroizing<Vec<u8>> {
    match content {
        Content::Value(value) => Zeroizing::new(value.expose().to_vec()),
        Content::Members(members) => {
            let member = |(key, value): &(String, crate::secret::Value)| {
                (key.clone(), gotemplate::GoValue::text(value.expose()))
            };
            let map: gotemplate::GoMap = members.iter().map(member).collect();
            gotemplate::to_json(&gotemplate::GoValue::Map(map.into()), true)
        }
    }
}

fn object(
    value: &RemoteValue,
    store: &StoreRef,
    remote: &dyn Remote,
) -> Result<Option<Content>, Fault> {
    remote.object(store, value).map_err(|what| Fault::new(value.line, what))
}

/// The value of a `remoteRef`; `None` if it does not exist.
fn single(
    value: &RemoteValue,
    store: &StoreRef,
    remote: &dyn Remote,
) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    let Some(content) = object(value, store, remote)? else { return Ok(None) };
    let Some(path) = &value.property else { return Ok(Some(whole(&content))) };
    let found = match &content {
        Content::Members(members) => {
            // A key of that very name wins over a path.
            if let Some((_, member)) = members.iter().rfind(|(key, _)| key == path) {
                return Ok(Some(Zeroizing::new(member.expose().to_vec())));
            }
            let keys = parsed(path, value)?;
            let (first, rest) =
                keys.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            let member = members.iter().rfind(|(key, _)| key == first);
            match (member, rest) {
                (None, _) => Found::Missing,
                (Some((_, member)), []) => Found::Value(member.clone()),
                (Some((_, member)), rest) => property::find(member.expose(), rest),
            }
        }
        Content::Value(content) => property::find(content.expose(), &parsed(path, value)?),
    };
    Ok(match found {
        Found::Value(value) => Some(Zeroizing::new(value.expose().to_vec())),
        Found::Missing => None,
    })
}

fn parsed(path: &str, value: &RemoteValue) -> Result<Vec<String>, Fault> {
    property::parse(path).map_err(|what| Fault::new(value.line, what))
}

/// The keys of an object, or of the JSON object in its property.
fn extract(
    value: &RemoteValue,
    store: &StoreRef,
    remote: &dyn Remote,
) -> Result<Option<ValueMap>, Fault> {
    let no_object = || {
        let key = value.key.escape_debug();
        Fault::new(value.line, format!("`extract`: the value of `{key}` is no JSON object"))
    };
    if value.property.is_some() {
        let Some(text) = single(value, store, remote)? else { return Ok(None) };
        return members(&text).map(Some).ok_or_else(no_object);
    }
    match object(value, store, remote)? {
        None => Ok(None),
        Some(Content::Value(text)) => members(text.expose()).map(Some).ok_or_else(no_object),
        Some(Content::Members(members)) => {
            let member = |(key, value): (String, crate::secret::Value)| {
                (key, Zeroizing::new(value.expose().to_vec()))
            };
            Ok(Some(members.into_iter().map(member).collect()))
        }
    }
}

/// The keys after the template.
fn templated(
    template: &Template,
    values: ValueMap,
    config_maps: &ConfigMaps,
) -> Result<ValueMap, Fault> {
    // A template that makes no keys keeps those that were read.
    if template.data.is_empty() && !template.has_any_from {
        return Ok(values);
    }
    let mut made = if template.merges { values.clone() } else { ValueMap::new() };
    for reference in &template.config_maps {
        let text = config_maps.get(&reference.name).and_then(|map| map.get(&reference.key));
        let text = text.ok_or_else(|| {
            let (name, key) = (reference.name.escape_debug(), reference.key.escape_debug());
            let what = format!("the manifests have no ConfigMap `{name}` with the key `{key}`");
            Fault::new(reference.line, what)
        })?;
        if reference.keys_and_values {
            yaml_map(&render(text, reference.line, &values)?, reference.line, &mut made)?;
        } else {
            made.insert(reference.key.clone(), render(text, reference.line, &values)?);
        }
    }
    for TemplateText { line, text, .. } in &template.literals {
        yaml_map(&render(text, *line, &values)?, *line, &mut made)?;
    }
    for TemplateText { key, line, text } in &template.data {
        made.insert(key.clone(), render(text, *line, &values)?);
    }
    Ok(made)
}

fn render(text: &str, line: usize, values: &ValueMap) -> Result<Zeroizing<Vec<u8>>, Fault> {
    gotemplate::render(text, values).map_err(|error| {
        let within = if error.line > 1 {
            format!(" (line {} of the template)", error.line)
        } else {
            String::new()
        };
        Fault::new(line, format!("the template has no result: {error}{within}"))
    })
}

/// Adds a map of YAML that a template wrote.
fn yaml_map(text: &[u8], line: usize, made: &mut ValueMap) -> Result<(), Fault> {
    let fault =
        |what: &str| Fault::new(line, format!("the template does not write a YAML map: {what}"));
    let text = std::str::from_utf8(text).map_err(|_| fault("it is not UTF-8"))?;
    let documents =
        parse_yaml(text, false).map_err(|_quotes_keys| fault("its result cannot be parsed"))?;
    let items = match documents.first() {
        None | Some(Node::Null) => return Ok(()),
        Some(Node::Map(items)) => items,
        Some(_) => return Err(fault("its result is no map")),
    };
    crate::provider::document::refuse_duplicates(items).map_err(|_| fault("a key occurs twice"))?;
    for item in items {
        if !is_key(&item.key) {
            return Err(fault(&format!("`{}` is no key of a Secret", item.key.escape_debug())));
        }
        let value = match &item.node {
            Node::Null => Zeroizing::new(Vec::new()),
            Node::Scalar(scalar) => scalar.text.clone(),
            other => {
                return Err(fault(&format!(
                    "`{}` is {}",
                    item.key.escape_debug(),
                    other.describe()
                )));
            }
        };
        made.insert(item.key.clone(), value);
    }
    Ok(())
}

/// Types of Secrets that need certain keys.
const KINDS: [(&str, &[&str]); 5] = [
    ("kubernetes.io/tls", &["tls.crt", "tls.key"]),
    ("kubernetes.io/dockerconfigjson", &[".dockerconfigjson"]),
    ("kubernetes.io/dockercfg", &[".dockercfg"]),
    ("kubernetes.io/ssh-auth", &["ssh-privatekey"]),
    ("kubernetes.io/basic-auth", &[]),
];

fn check_kind(manifest: &ExternalSecret, values: &ValueMap) -> Result<(), Fault> {
    let line = manifest.template.as_ref().map_or(1, |template| template.line);
    for key in values.keys() {
        if key == "." || key == ".." || key.starts_with("..") {
            return Err(Fault::new(
                line,
                format!("`{}` is no key of a Secret", key.escape_debug()),
            ));
        }
    }
    let Some(kind) = manifest.template.as_ref().and_then(|template| template.kind.as_deref())
    else {
        return Ok(());
    };
    let needed = KINDS.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, keys)| keys);
    for key in needed {
        let Some(value) = values.get(*key) else {
            return Err(Fault::new(
                line,
                format!("a Secret of the type {kind} needs the key `{key}`"),
            ));
        };
        let is_json = kind.starts_with("kubernetes.io/dockerc");
        if is_json && serde_json::from_slice::<serde::de::IgnoredAny>(value).is_err() {
            return Err(Fault::new(line, format!("the value of `{key}` is no JSON")));
        }
    }
    Ok(())
}
