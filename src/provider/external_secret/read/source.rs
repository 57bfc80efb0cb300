//! The source: fetches what the manifests name, each object once, and evaluates them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::try_join_all;
use url::Url;

use super::error::{AllMissing, ManifestFault};
use super::evaluate::{ConfigMaps, Evaluated, Remote, evaluate};
use super::fields::{Fault, Fields};
use super::model::{Creation, Deletion, ExternalSecret, RemoteValue, StoreRef};
use super::settings::Location;
use super::stores::{Placed, Store, Stores};
use super::value::Content;
use crate::config::RunSettings;
use crate::provider::{self, Check, Checks, Configured, End, Fetch, Source};
use crate::secret::{Name, ObjectAddress, ObjectContent, Provenance, Secret, SecretSet, Value};

/// Manifests with the sources of their stores.
#[derive(Debug)]
pub(super) struct ExternalSecrets {
    pub(super) name: Arc<str>,
    pub(super) manifests: Arc<[Placed]>,
    pub(super) stores: Stores,
    pub(super) config_maps: ConfigMaps,
    pub(super) allow_empty: bool,
}

impl ExternalSecrets {
    fn sources(&self) -> impl Iterator<Item = &dyn Configured> {
        self.stores.values().filter_map(|store| match store {
            Store::Fake(_) => None,
            Store::Source { configured, .. } => Some(&**configured),
        })
    }
}

impl Configured for ExternalSecrets {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn endpoints(&self) -> Vec<&Url> {
        self.sources().flat_map(Configured::endpoints).collect()
    }

    fn waits(&self) -> bool {
        self.sources().any(Configured::waits)
    }

    fn secret_credentials(&self) -> Vec<&Value> {
        self.sources().flat_map(Configured::secret_credentials).collect()
    }

    fn open(&self, run: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        let mut stores = BTreeMap::new();
        for (name, store) in &self.stores {
            let opened = match store {
                Store::Fake(fake) => Opened::Fake(fake.clone()),
                Store::Source { configured, .. } => Opened::Source(configured.open(run)?),
            };
            stores.insert(name.clone(), opened);
        }
        let mut locations = BTreeMap::new();
        for (_, manifest) in self.manifests.iter() {
            for (store, value) in manifest.wanted() {
                if let (Some(Store::Source { kind, block, line, .. }), Some(value)) =
                    (self.stores.get(store), value)
                    && let Ok(fields) = Fields::new(block, *line, "provider")
                {
                    let location = kind.locate(&fields, &value.key, value.version.as_deref());
                    let key = (value.key.clone(), value.version.clone());
                    locations.insert((store.clone(), key), location);
                }
            }
        }
        Ok(Box::new(OpenManifests {
            name: Arc::clone(&self.name),
            manifests: Arc::clone(&self.manifests),
            stores,
            locations,
            config_maps: self.config_maps.clone(),
            allow_empty: self.allow_empty,
        }))
    }

    fn check<'a>(&'a self, run: &'a RunSettings) -> Checks<'a> {
        Box::pin(async move {
            let text =
                format!("{} ExternalSecrets, {} stores", self.manifests.len(), self.stores.len());
            let mut checks = vec![Check::ok("manifests", text)];
            for source in self.sources() {
                checks.extend(source.check(run).await);
            }
            checks
        })
    }
}

/// An open store.
enum Opened {
    Fake(super::fake::Fake),
    Source(Box<dyn Source>),
}

/// A key of a manifest: the name and the version.
type RemoteKey = (String, Option<String>);

/// The open sources of the stores.
struct OpenManifests {
    name: Arc<str>,
    manifests: Arc<[Placed]>,
    stores: BTreeMap<StoreRef, Opened>,
    locations: BTreeMap<(StoreRef, RemoteKey), Location>,
    config_maps: ConfigMaps,
    allow_empty: bool,
}

impl std::fmt::Debug for OpenManifests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenManifests").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Source for OpenManifests {
    fn name(&self) -> &str {
        &self.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async {
            let fetched = self.read().await?;
            let mut secrets = SecretSet::default();
            for (file, manifest) in self.manifests.iter() {
                self.deliver(file, manifest, &fetched, &mut secrets)?;
            }
            Ok(secrets)
        })
    }

    fn end(&self) -> End<'_> {
        Box::pin(async {
            for store in self.stores.values() {
                if let Opened::Source(source) = store {
                    source.end().await?;
                }
            }
            Ok(())
        })
    }
}

impl OpenManifests {
    /// Reads all objects of all stores, each once.
    async fn read(&self) -> Result<Fetched<'_>, provider::Error> {
        let read =
            try_join_all(self.stores.iter().map(|(name, store)| self.read_store(name, store)));
        let read = read.await?.into_iter();
        Ok(Fetched { stores: self.stores.keys().zip(read).collect(), manifests: self })
    }

    async fn read_store(
        &self,
        name: &StoreRef,
        store: &Opened,
    ) -> Result<StoreContent, provider::Error> {
        let Opened::Source(source) = store else { return Ok(StoreContent::default()) };
        let mut addresses: Vec<ObjectAddress> = Vec::new();
        for ((of, _), location) in &self.locations {
            if of == name && !addresses.contains(&location.address) {
                addresses.push(location.address.clone());
            }
        }
        let mut content = StoreContent::default();
        if let (Some(reader), false) = (source.as_read_objects(), addresses.is_empty()) {
            let objects = reader.read_objects(&addresses).await?;
            for (address, object) in addresses.into_iter().zip(objects) {
                if let Some(object) = object {
                    content.objects.insert(address, object.content);
                }
            }
        }
        let wants_all = |(_, manifest): &&Placed| {
            manifest.wanted().any(|(store, value)| store == name && value.is_none())
        };
        if self.manifests.iter().any(|placed| wants_all(&placed)) {
            content.all = Some(source.fetch().await?);
        }
        Ok(content)
    }

    /// Adds the variables of a manifest.
    fn deliver(
        &self,
        file: &Arc<Path>,
        manifest: &ExternalSecret,
        fetched: &Fetched<'_>,
        secrets: &mut SecretSet,
    ) -> Result<(), provider::Error> {
        let place = |fault: Fault| ManifestFault { file: Arc::clone(file), fault };
        let evaluated = evaluate(manifest, fetched, &self.config_maps);
        let Evaluated { values, notes, missing } = evaluated.map_err(place)?;
        let is_gone = values.is_empty() && missing > 0 && manifest.deletion == Deletion::Skip;
        if is_gone && manifest.creation == Creation::Deliver && !self.allow_empty {
            return Err(AllMissing { name: manifest.name.clone() }.into());
        }
        for (line, note) in manifest.notes.iter().chain(&notes) {
            secrets.add_note(format!("{}:{line}: {note}", file.display()));
        }
        let place: Arc<str> = format!("{} in {}", manifest.name, file.display()).into();
        for (key, value) in values {
            secrets.push(Secret {
                name: Name::new(key),
                value: Value::from(value.as_slice()),
                provenance: Provenance {
                    source: Arc::clone(&self.name),
                    place: Arc::clone(&place),
                    version: None,
                    age: None,
                },
            });
        }
        Ok(())
    }
}

/// What was read of a store.
#[derive(Default)]
struct StoreContent {
    objects: BTreeMap<ObjectAddress, ObjectContent>,
    all: Option<SecretSet>,
}

/// What was read of all stores.
struct Fetched<'a> {
    stores: BTreeMap<&'a StoreRef, StoreContent>,
    manifests: &'a OpenManifests,
}

impl Remote for Fetched<'_> {
    fn object(&self, store: &StoreRef, value: &RemoteValue) -> Result<Option<Content>, String> {
        if let Some(Opened::Fake(fake)) = self.manifests.stores.get(store) {
            let found = fake.get(&value.key, value.version.as_deref());
            return Ok(found.map(|found| Content::Value(found.clone())));
        }
        let key = (store.clone(), (value.key.clone(), value.version.clone()));
        let (Some(location), Some(content)) =
            (self.manifests.locations.get(&key), self.stores.get(store))
        else {
            return Ok(None);
        };
        let Some(object) = content.objects.get(&location.address) else { return Ok(None) };
        Ok(match (object, &location.member) {
            (ObjectContent::Value(value), None) => Some(Content::Value(value.clone())),
            (ObjectContent::Members(members), None) => Some(Content::Members(members.clone())),
            (ObjectContent::Members(members), Some(name)) => {
                let member = members.iter().rfind(|(known, _)| known == name);
                member.map(|(_, value)| Content::Value(value.clone()))
            }
            (ObjectContent::Value(_), Some(_)) => None,
        })
    }

    fn all(&self, store: &StoreRef, path: Option<&str>) -> Result<Vec<(String, Content)>, String> {
        if path.is_some() {
            return Err("`find` by `path` is not supported".to_owned());
        }
        if let Some(Opened::Fake(fake)) = self.manifests.stores.get(store) {
            let value = |(key, value)| (key, Content::Value(value));
            return Ok(fake.all().into_iter().map(value).collect());
        }
        let all = self.stores.get(store).and_then(|content| content.all.as_ref());
        let secret = |secret: &Secret| {
            (secret.name.as_str().to_owned(), Content::Value(secret.value.clone()))
        };
        Ok(all.into_iter().flatten().map(secret).collect())
    }
}
