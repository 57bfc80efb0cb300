//! The sources that manifests are written for, as the configuration names them. None is built: writing a manifest takes
//! no credential.

use std::sync::Arc;

use super::super::store::{ManifestError, ManifestStore};
use crate::config::schema::DELIVER;
use crate::config::{ConfigInputs, Error, Layers, Origin};
use crate::provider::registry::Registry;
use crate::provider::{ImpliedSource, StoreType, env_table};

/// A source that becomes a store of the cluster.
#[derive(Debug)]
pub(super) struct ManifestSource<'a> {
    pub(super) name: Arc<str>,
    pub(super) layers: Layers<'a>,
    pub(super) store: &'static dyn ManifestStore,
    /// Whether all secrets in its scope become variables.
    pub(super) delivers: bool,
}

/// The sources of a configuration, and those that its references add.
pub(super) struct ManifestSources<'a> {
    registry: Registry,
    inputs: &'a ConfigInputs<'a>,
    pub(super) found: Vec<ManifestSource<'a>>,
}

impl<'a> ManifestSources<'a> {
    /// The sources that take part in a run.
    pub(super) fn new(registry: Registry, inputs: &'a ConfigInputs<'a>) -> Result<Self, Error> {
        let mut sources = Self { registry, inputs, found: Vec::new() };
        let selected = inputs.selected()?;
        for source in selected {
            let kind = registry.named(source.kind)?;
            inputs.refuse_misplaced(&source.name, kind.schema())?;
            env_table::check_name(&source.name)?;
            sources.add(kind, source.name, None)?;
        }
        if sources.found.is_empty() && inputs.env().is_empty() {
            sources.add_implied()?;
        }
        Ok(sources)
    }

    fn add_implied(&mut self) -> Result<(), Error> {
        for kind in self.registry.types().filter(|kind| kind.manifest_store().is_some()) {
            let schema = kind.schema();
            let foreign = &self.inputs.files.foreign;
            let implied = ImpliedSource {
                layers: self.inputs.source(schema.name, schema)?,
                has_foreign_file: foreign.iter().any(|file| std::ptr::eq(file.schema, schema)),
                has_others: false,
            };
            if kind.is_implied(&implied)? {
                self.add(kind, schema.name.into(), None)?;
            }
        }
        Ok(())
    }

    /// Adds a source; `delivers` overrides its setting.
    fn add(
        &mut self,
        kind: &'static dyn StoreType,
        name: Arc<str>,
        delivers: Option<bool>,
    ) -> Result<(), Error> {
        let layers = self.inputs.source(&name, kind.schema())?;
        let delivers = match delivers {
            Some(delivers) => delivers,
            None => layers.switch(&DELIVER, true)?,
        };
        let Some(store) = kind.manifest_store() else {
            // A source for references alone need not be there if nothing refers to it.
            return if delivers { Err(self.unsupported(kind, &name)) } else { Ok(()) };
        };
        self.found.push(ManifestSource { name, layers, store, delivers });
        Ok(())
    }

    /// The source that a reference calls by this name: of that name, or the only one of that type.
    pub(super) fn find(&mut self, name: &str, origin: &Origin) -> Result<Option<Arc<str>>, Error> {
        if let Some(found) = self.found.iter().find(|source| *source.name == *name) {
            return Ok(Some(Arc::clone(&found.name)));
        }
        if let Some(selected) = self.inputs.named_source(name) {
            let kind = self.registry.named(selected.kind)?;
            return self.add_silent(kind, selected.name).map(Some);
        }
        let Some(kind) = self.registry.types().find(|kind| kind.schema().name == name) else {
            return Ok(None);
        };
        let mut names = Vec::new();
        for selected in self.inputs.selected()? {
            if selected.kind.value == name {
                names.push(selected.name);
            }
        }
        match names.as_slice() {
            [] => self.add_silent(kind, name.into()).map(Some),
            [only] if self.found.iter().any(|source| source.name == *only) => {
                Ok(Some(Arc::clone(only)))
            }
            [only] => Err(self.unsupported(kind, only)),
            _ => Err(Error::AmbiguousSource {
                origin: origin.clone(),
                kind: kind.schema().name,
                names: names.iter().map(|name| format!("`{name}`")).collect(),
            }),
        }
    }

    fn add_silent(
        &mut self,
        kind: &'static dyn StoreType,
        name: Arc<str>,
    ) -> Result<Arc<str>, Error> {
        if kind.manifest_store().is_none() {
            return Err(self.unsupported(kind, &name));
        }
        self.add(kind, Arc::clone(&name), Some(false))?;
        Ok(name)
    }

    fn unsupported(&self, kind: &'static dyn StoreType, name: &str) -> Error {
        let known = self.registry.types().filter(|kind| kind.manifest_store().is_some());
        let known: Vec<_> = known.map(|kind| kind.schema().name).collect();
        let what = format!(
            "External Secrets has no store for the source `{name}` of type `{}`; it has {}",
            kind.schema().name,
            known.join(", ")
        );
        let hint = "select other sources with --source, or set `deliver = false` on this one";
        ManifestError::new(what, hint).into_config()
    }
}
