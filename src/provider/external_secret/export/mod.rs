//! `hushed export --format external-secret` and `secret-store`: manifests made from the configuration alone. They hold
//! references, never values, and nothing is fetched. What a manifest cannot say is an error.

mod document;
mod sources;
mod template;
mod yaml;

use serde_json::{Map, Value as Json, json};

use super::store::{ManifestError, RemoteRef, ScopeEntry};
use crate::config::schema::{self, SettingKey};
use crate::config::{ConfigInputs, Error};
use crate::provider::env_table::{self, BoundReference, Expression, Shape};
use crate::provider::registry::Registry;
use crate::reference::{Encoding, Reference};
use document::{Document, Target, is_label, is_object_name};
use sources::ManifestSources;

/// Which manifests are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestKind {
    /// `ExternalSecret`: which secrets.
    ExternalSecret,
    /// `SecretStore` or `ClusterSecretStore`: where they are, and the login.
    SecretStore,
}

/// Who owns the Secret that the operator writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreationPolicy {
    /// The operator creates it, and deletes it with the `ExternalSecret`.
    Owner,
    /// The operator adds keys to one that exists.
    Merge,
    /// The operator creates it and never deletes it.
    Orphan,
}

impl CreationPolicy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Merge, Self::Orphan];

    /// As a manifest has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Merge => "Merge",
            Self::Orphan => "Orphan",
        }
    }
}

/// What manifests say beside the secrets.
#[derive(Clone, Copy, Debug)]
pub struct ManifestOptions<'a> {
    /// Which manifests.
    pub kind: ManifestKind,
    /// The name of the `ExternalSecret` and of the Secret that it makes.
    pub name: &'a str,
    /// The namespace; by default, that of `kubectl`.
    pub namespace: Option<&'a str>,
    /// Whether the stores are those of the whole cluster.
    pub cluster_store: bool,
    /// How often the operator reads the stores: a duration of Go.
    pub refresh_interval: &'a str,
    /// Who owns the Secret.
    pub creation_policy: CreationPolicy,
    /// The service account of logins with one.
    pub service_account: &'a str,
}

/// The manifests for a configuration, as YAML.
pub fn manifests(
    registry: Registry,
    inputs: &ConfigInputs<'_>,
    options: &ManifestOptions<'_>,
) -> Result<String, Error> {
    check(options).map_err(ManifestError::into_config)?;
    let mut sources = ManifestSources::new(registry, inputs)?;
    let (table, _) = env_table::bind(inputs.env(), &mut |name, origin| sources.find(name, origin))?;
    let mut writer = Writer { inputs, options, sources: &sources, groups: Groups::default() };
    if !table.variables().is_empty() {
        let selecting = [&schema::ONLY, &schema::EXCLUDE, &schema::RENAME];
        writer.refuse_selection(&selecting, "it would change the variables of [env]")?;
    }
    writer.add_scopes()?;
    for variable in table.variables() {
        writer.add(&variable.name, &variable.expression).map_err(|error| {
            let subject = format!("{}: `{}`", variable.origin, variable.name.escape_debug());
            error.about(subject).into_config()
        })?;
    }
    let documents = match options.kind {
        ManifestKind::ExternalSecret => writer.external_secrets()?,
        ManifestKind::SecretStore => writer.stores()?,
    };
    let texts: Vec<_> = documents.iter().map(Document::to_yaml).collect();
    Ok(texts.join("---\n"))
}

fn check(options: &ManifestOptions<'_>) -> Result<(), ManifestError> {
    let hint = "use lower-case letters, digits and `-`";
    if !is_object_name(options.name) {
        let what = format!("--manifest-name: `{}` is no name of an object", options.name);
        return Err(ManifestError::new(what, hint));
    }
    if let Some(namespace) = options.namespace.filter(|name| !is_label(name)) {
        return Err(ManifestError::new(
            format!("--namespace: `{namespace}` is no namespace"),
            hint,
        ));
    }
    if !is_object_name(options.service_account) {
        let what =
            format!("--service-account: `{}` is no name of an object", options.service_account);
        return Err(ManifestError::new(what, hint));
    }
    if !is_go_duration(options.refresh_interval) {
        let what = format!("--refresh-interval: `{}` is no duration", options.refresh_interval);
        return Err(ManifestError::new(what, "write a number and a unit: 1h, 15m, 0s for once"));
    }
    if options.cluster_store
        && options.namespace.is_none()
        && options.kind == ManifestKind::SecretStore
    {
        return Err(ManifestError::new(
            "--cluster-store requires --namespace: the namespace of the Secrets with the credentials",
            "pass --namespace external-secrets, or the namespace that holds them",
        ));
    }
    Ok(())
}

/// Whether Go reads it as a duration that is not negative.
pub(super) fn is_go_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let fraction =
            number.strip_prefix('.').map(|f| f.trim_start_matches(|c: char| c.is_ascii_digit()));
        let after = fraction.unwrap_or(number);
        if number.len() == rest.len() {
            return false;
        }
        let units = ["ns", "us", "ms", "s", "m", "h"];
        let Some(next) = units.iter().find_map(|unit| after.strip_prefix(unit)) else {
            return text == "0";
        };
        rest = next;
    }
    !text.is_empty()
}

/// Settings that rename or select secrets, which manifests cannot do with names that only the store knows.
static SELECTING: [&SettingKey; 5] =
    [&schema::ONLY, &schema::EXCLUDE, &schema::PREFIX, &schema::RENAME, &schema::TRANSFORM];

/// A key of the Secret and where it is from.
struct Entry {
    key: String,
    store: String,
    remote: RemoteRef,
    decoding: &'static str,
}

/// What becomes one `ExternalSecret` each.
#[derive(Default)]
struct Groups {
    /// Whole scopes, and variables that are references.
    data_from: Vec<(String, Json)>,
    data: Vec<Entry>,
    /// Variables that are text.
    texts: Map<String, Json>,
    /// Variables that are templates, and what only these use.
    templates: Map<String, Json>,
    inputs: Vec<Entry>,
    /// Variables that need not exist.
    optional: Vec<Entry>,
    /// Objects with a shape: the name of the manifest behind that of the others, what it reads, its target.
    shapes: Vec<(String, (String, Json), Target)>,
}

/// Writes the manifests of a configuration.
struct Writer<'a> {
    inputs: &'a ConfigInputs<'a>,
    options: &'a ManifestOptions<'a>,
    sources: &'a ManifestSources<'a>,
    groups: Groups,
}

impl Writer<'_> {
    /// Adds all secrets of the sources that deliver theirs.
    fn add_scopes(&mut self) -> Result<(), Error> {
        for source in self.sources.found.iter().filter(|source| source.delivers) {
            let why = format!("which secrets `{}` has, only the store knows", source.name);
            self.refuse_selection(&SELECTING, &why)?;
            let store = store_name(&source.name);
            let context = |error: ManifestError| {
                error.about(format_args!("the source `{}`", source.name)).into_config()
            };
            for entry in source.store.scope(&source.layers).map_err(context)? {
                match entry {
                    ScopeEntry::Value(key, remote) => {
                        let store = store.clone();
                        self.groups.data.push(Entry { key, store, remote, decoding: "None" });
                    }
                    ScopeEntry::Extract(remote) => self
                        .groups
                        .data_from
                        .push((store.clone(), json!({ "extract": remote.to_json() }))),
                    ScopeEntry::DataFrom(json) => self.groups.data_from.push((store.clone(), json)),
                }
            }
        }
        Ok(())
    }

    /// Refuses settings of a run that select or rename secrets.
    fn refuse_selection(&self, keys: &[&'static SettingKey], why: &str) -> Result<(), Error> {
        let run = self.inputs.run();
        for key in keys {
            if let Some(setting) = run.raw(key)? {
                let what = format!(
                    "{}: `{}` cannot be part of a manifest: {why}",
                    setting.origin, key.name
                );
                let hint = "name the variables one by one in [env], and set `deliver = false` on the source";
                return Err(ManifestError::new(what, hint).into_config());
            }
        }
        Ok(())
    }

    /// Adds a variable of `[env]`.
    fn add(&mut self, name: &str, expression: &Expression) -> Result<(), ManifestError> {
        match expression {
            Expression::Text(value) => {
                let text = template::literal(value.expose_str().unwrap_or_default());
                self.groups.texts.insert(name.to_owned(), text.into());
            }
            Expression::Reference { default: Some(_), .. } => {
                return Err(ManifestError::new(
                    "an ExternalSecret has no default values",
                    "remove `default`, or set the variable in the manifest of the pod",
                ));
            }
            Expression::Reference { bound, required, .. } => {
                let entry = self.entry(name.to_owned(), bound)?;
                if *required {
                    self.groups.data.push(entry);
                } else {
                    self.groups.optional.push(entry);
                }
            }
            Expression::Template { template, inputs } => {
                let key_of = |input: &str| {
                    let known = inputs.iter().any(|(name, _)| name == input);
                    known.then(|| format!("{name}.{input}"))
                };
                let text = template::converted(template.text(), key_of)?;
                self.groups.templates.insert(name.to_owned(), text.into());
                for (input, bound) in inputs {
                    let entry = self.entry(format!("{name}.{input}"), bound)?;
                    self.groups.inputs.push(entry);
                }
            }
            Expression::Object { bound, shape, prefix, rename, required } => {
                self.add_object(bound, *shape, prefix, rename, *required)?;
            }
        }
        Ok(())
    }

    fn entry(&self, key: String, bound: &BoundReference) -> Result<Entry, ManifestError> {
        let reference = &bound.reference;
        let source = self.source(bound)?;
        let remote =
            source.store.remote_ref(&source.layers, &reference.address, &reference.property)?;
        let decoding = decoding(reference)?;
        Ok(Entry { key, store: store_name(&source.name), remote, decoding })
    }

    fn source(
        &self,
        bound: &BoundReference,
    ) -> Result<&sources::ManifestSource<'_>, ManifestError> {
        let found = self.sources.found.iter().find(|source| source.name == bound.source);
        found.ok_or_else(|| ManifestError::new("its source takes no part", "add it with --source"))
    }

    fn add_object(
        &mut self,
        bound: &BoundReference,
        shape: Shape,
        prefix: &str,
        rename: &[(String, String)],
        required: bool,
    ) -> Result<(), ManifestError> {
        let source = self.source(bound)?;
        let store = store_name(&source.name);
        let remote = source.store.extract(&source.layers, &bound.reference.address)?;
        let mut entry = json!({ "extract": remote.to_json() });
        if !required {
            return Err(ManifestError::new(
                "the keys of an object that need not exist cannot be part of an ExternalSecret",
                "remove `required = false`, or refer to the keys one by one",
            ));
        }
        if let Shape::Keys = shape {
            let renames =
                rename.iter().map(|(from, to)| (format!("^{}$", regex_literal(from)), to.as_str()));
            let prefixed = (!prefix.is_empty()).then(|| ("^".to_owned(), prefix));
            let rules: Vec<_> = prefixed.into_iter().chain(renames).map(regexp).collect();
            if !rules.is_empty()
                && let Some(object) = entry.as_object_mut()
            {
                object.insert("rewrite".to_owned(), rules.into());
            }
            self.groups.data_from.push((store, entry));
            return Ok(());
        }
        let renamed = |data: Map<String, Json>| {
            let name = |key: String| {
                let found = rename.iter().find(|(from, _)| *from == key);
                found.map_or(key, |(_, to)| to.clone())
            };
            data.into_iter().map(|(key, value)| (name(key), value)).collect()
        };
        let (kind, data) = shape_data(shape, prefix);
        let target = Target { kind, data: renamed(data), merge: false };
        let suffix = self.suffix(shape, prefix);
        self.groups.shapes.push((suffix, (store, entry), target));
        Ok(())
    }

    /// What the name of the manifest of a shape ends with: its prefix in lower case, and a number if that is taken.
    fn suffix(&self, shape: Shape, prefix: &str) -> String {
        let lower = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let of_prefix: String = prefix.chars().map(lower).collect();
        let base = match of_prefix.trim_matches('-') {
            "" => shape.name(),
            text => text,
        };
        let is_taken = |name: &str| self.groups.shapes.iter().any(|(known, ..)| known == name);
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        std::iter::once(base.to_owned())
            .chain(numbered)
            .find(|name| !is_taken(name))
            .unwrap_or_default()
    }
}

/// The type and the templates of a Secret with a shape.
fn shape_data(shape: Shape, prefix: &str) -> (Option<&'static str>, Map<String, Json>) {
    match shape {
        Shape::Keys => (None, Map::new()),
        Shape::ApiKey => (None, template::fields("", &[(prefix, Shape::API_KEY_NAMES)])),
        // Kubernetes wants these keys, whatever the variables are called.
        Shape::Tls => {
            let names = ["tls.crt", "tls.key", "ca.crt"];
            let fields: Vec<_> = names
                .into_iter()
                .zip(shape.fields())
                .map(|(name, field)| (name, field.1))
                .collect();
            (Some("kubernetes.io/tls"), template::fields("", &fields))
        }
        Shape::Database => {
            let fields = shape.fields();
            let mut data = template::fields(prefix, fields);
            let field =
                |at: usize| template::expression(fields.get(at).map_or(&[], |field| field.1));
            let url = template::database_url(field, Shape::ENGINE_NAMES);
            data.insert(format!("{prefix}URL"), url.into());
            (None, data)
        }
    }
}

fn regexp((source, target): (String, &str)) -> Json {
    json!({ "regexp": { "source": source, "target": target.replace('$', "$$") } })
}

/// A text in a regular expression of Go.
fn regex_literal(text: &str) -> String {
    let is_special = |c: char| c.is_ascii_punctuation() && c != '_' && c != '-';
    let escape = |c: char| [is_special(c).then_some('\\'), Some(c)].into_iter().flatten();
    text.chars().flat_map(escape).collect()
}

fn decoding(reference: &Reference) -> Result<&'static str, ManifestError> {
    if reference.trims_newline {
        let hint = "store the value without a line ending, and remove `trim`";
        return Err(ManifestError::new("`trim=newline` has no counterpart in a manifest", hint));
    }
    match reference.encoding {
        None => Ok("None"),
        Some(Encoding::Base64) => Ok("Base64"),
        Some(Encoding::Base64Url) => Ok("Base64URL"),
        Some(Encoding::Hex) => Err(ManifestError::new(
            "`encoding=hex` has no counterpart in a manifest",
            "store the value in Base64",
        )),
    }
}

/// The name of the store of a source: its own in the alphabet of Kubernetes.
fn store_name(source: &str) -> String {
    let fit = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    source.chars().map(fit).collect::<String>().trim_matches('-').to_owned()
}
