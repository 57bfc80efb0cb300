//! The documents of manifests, and the sources that their stores become: through the registry, with the settings of the
//! blocks of their providers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::super::store::ManifestStore;
use super::error::ManifestFault;
use super::evaluate::ConfigMaps;
use super::fake::Fake;
use super::fields::{Fault, Fields, text};
use super::model::{ExternalSecret, StoreRef};
use super::parse;
use super::schema::BuildError;
use super::settings::{Credentials, InnerSettings};
use crate::config::{Error, Layer};
use crate::provider::document::{Node, parse_yaml};
use crate::provider::registry::Registry;
use crate::provider::{Configured, SourceInputs, StoreType};

/// The versions of the API that are read.
const VERSIONS: [&str; 2] = ["external-secrets.io/v1", "external-secrets.io/v1beta1"];

/// All documents of some files.
#[derive(Default)]
pub(super) struct Documents {
    secrets: Vec<(Arc<Path>, ExternalSecret)>,
    stores: Vec<(Arc<Path>, StoreRef, Node, usize)>,
    pub(super) config_maps: ConfigMaps,
}

/// A manifest with its file.
pub(super) type Placed = (Arc<Path>, ExternalSecret);

/// A store of manifests.
pub(super) enum Store {
    Fake(Fake),
    Source {
        configured: Box<dyn Configured>,
        kind: &'static dyn ManifestStore,
        /// The block of the provider.
        block: Node,
        line: usize,
    },
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fake(_) => f.write_str("Fake"),
            Self::Source { configured, .. } => configured.fmt(f),
        }
    }
}

/// The stores by their names.
pub(super) type Stores = BTreeMap<StoreRef, Store>;

impl Documents {
    /// Adds the documents of a file.
    pub(super) fn add(&mut self, file: &Arc<Path>, content: &str) -> Result<(), ManifestFault> {
        let place = |fault: Fault| ManifestFault { file: Arc::clone(file), fault };
        let documents = parse_yaml(content, false);
        let documents =
            documents.map_err(|error| place(Fault { line: error.line, what: error.what }))?;
        for document in documents {
            if !matches!(document, Node::Null) {
                self.document(file, document).map_err(place)?;
            }
        }
        Ok(())
    }

    fn document(&mut self, file: &Arc<Path>, document: Node) -> Result<(), Fault> {
        let line = first_line(&document);
        let fields = Fields::new(&document, line, "manifest")?;
        let (kind, version) = (fields.required("kind")?, fields.required("apiVersion")?);
        match (kind.as_str(), version.as_str()) {
            ("ConfigMap", "v1") => {
                let name = name(&fields)?;
                let data = fields.map("data")?;
                let data = data.map_or(&[][..], |data| data.items());
                let data = data.iter().map(|item| Ok((item.key.clone(), text(item, &item.key)?)));
                self.config_maps.insert(name, data.collect::<Result<_, Fault>>()?);
            }
            ("ExternalSecret", version) if VERSIONS.contains(&version) => {
                self.secrets.push((Arc::clone(file), parse::read(&document, line)?));
            }
            (kind @ ("SecretStore" | "ClusterSecretStore"), version)
                if VERSIONS.contains(&version) =>
            {
                let store =
                    StoreRef { cluster: kind == "ClusterSecretStore", name: name(&fields)? };
                if self.stores.iter().any(|(_, known, ..)| *known == store) {
                    return Err(Fault::new(line, format!("{store} is there twice")));
                }
                self.stores.push((Arc::clone(file), store, document, line));
            }
            _ => {
                let (kind, version) = (kind.escape_debug(), version.escape_debug());
                return Err(Fault::new(
                    line,
                    format!("the kind `{kind}` of `{version}` is not supported"),
                ));
            }
        }
        Ok(())
    }

    /// The manifests, and the sources of the stores that they use.
    pub(super) fn build(
        self,
        credentials: &Credentials,
        inputs: &SourceInputs<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<(Vec<Placed>, Stores, ConfigMaps), BuildError> {
        let used: BTreeSet<_> =
            self.secrets.iter().flat_map(|(_, secret)| secret.stores()).cloned().collect();
        let mut manifests = self.secrets;
        let mut stores = Stores::new();
        for (file, store, document, line) in self.stores {
            if !used.contains(&store) {
                continue;
            }
            let mut settings = InnerSettings {
                layer: Layer::default(),
                file: Arc::clone(&file),
                credentials,
                environment: inputs.layers.environment(),
                notes: Vec::new(),
            };
            let place =
                |fault: Fault| BuildError::Fault(ManifestFault { file: Arc::clone(&file), fault });
            let found = provider(document, line, &mut settings).map_err(place)?;
            let notes = settings.notes;
            if let Some((_, secret)) = manifests.iter_mut().find(|(known, _)| *known == file) {
                secret.notes.extend(notes);
            }
            let built = match found {
                Provider::Fake(fake) => Store::Fake(fake),
                Provider::Of { kind, store: manifest_store, block, line } => {
                    let inner = SourceInputs {
                        name: Arc::clone(&inputs.name),
                        layers: inputs.layers.with_settings(&settings.layer),
                        run: inputs.run.clone(),
                        trust: inputs.trust,
                    };
                    let configured = kind.build(&inner, warnings).map_err(BuildError::Config)?;
                    Store::Source { configured, kind: manifest_store, block, line }
                }
            };
            stores.insert(store, built);
        }
        for (file, secret) in &manifests {
            if let Some((line, store)) = secret.first_unknown(&stores) {
                let fault = Fault { line, what: format!("the manifests have no {store}") };
                return Err(BuildError::Fault(ManifestFault { file: Arc::clone(file), fault }));
            }
        }
        if manifests.is_empty() {
            let hint = "add a file with an ExternalSecret to `manifests`";
            return Err(BuildError::Config(Error::Required { what: "ExternalSecret", hint }));
        }
        Ok((manifests, stores, self.config_maps))
    }
}

/// A provider that hushed has.
enum Provider {
    Fake(Fake),
    Of { kind: &'static dyn StoreType, store: &'static dyn ManifestStore, block: Node, line: usize },
}

/// The provider of a store, and the settings for its source.
fn provider(
    document: Node,
    line: usize,
    settings: &mut InnerSettings<'_>,
) -> Result<Provider, Fault> {
    let fields = Fields::new(&document, line, "manifest")?;
    let spec = fields.map("spec")?.ok_or_else(|| Fault::new(line, "`spec` is missing"))?;
    spec.refuse_others(&[
        "provider",
        "controller",
        "conditions",
        "refreshInterval",
        "retrySettings",
    ])?;
    for name in ["controller", "conditions", "refreshInterval", "retrySettings"] {
        if spec.item(name).is_some() {
            settings
                .note(spec.line_of(name), format!("`{name}` has no effect: there is no operator"));
        }
    }
    let missing = || Fault::new(spec.line, "`provider` is missing");
    let providers = spec.map("provider")?.ok_or_else(missing)?;
    let [item] = providers.items() else {
        return Err(Fault::new(providers.line, "`provider` must have exactly one provider"));
    };
    let (key, line) = (item.key.clone(), item.line);
    let block = Fields::new(&item.node, line, &key)?;
    if key == "fake" {
        return Ok(Provider::Fake(Fake::read(&block)?));
    }
    let with_store = |kind: &'static dyn StoreType| Some((kind, kind.manifest_store()?));
    let stores = || Registry::default().types().filter_map(with_store);
    let found = stores().find(|(_, store)| store.reads(&key, &block));
    let Some((kind, store)) = found else {
        let mut known: Vec<_> =
            stores().flat_map(|(_, store)| store.providers()).copied().collect();
        known.sort_unstable();
        known.dedup();
        let what = format!(
            "the provider `{}` is not supported; supported: {}, fake",
            key.escape_debug(),
            known.join(", ")
        );
        return Err(Fault::new(line, what));
    };
    store.settings(&block, settings)?;
    let block = take(document, &["spec", "provider", &key]).unwrap_or(Node::Null);
    Ok(Provider::Of { kind, store, block, line })
}

/// What stands at a path of keys.
fn take(node: Node, path: &[&str]) -> Option<Node> {
    let Some((first, rest)) = path.split_first() else { return Some(node) };
    let Node::Map(items) = node else { return None };
    take(items.into_iter().find(|item| item.key == *first)?.node, rest)
}

fn first_line(document: &Node) -> usize {
    match document {
        Node::Map(items) => items.first().map_or(1, |item| item.line),
        _ => 1,
    }
}

fn name(fields: &Fields<'_>) -> Result<String, Fault> {
    let metadata = fields.map("metadata")?;
    let metadata = metadata.ok_or_else(|| Fault::new(fields.line, "`metadata` is missing"))?;
    metadata.required("name")
}
