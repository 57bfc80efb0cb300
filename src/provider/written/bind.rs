//! Finds the references among the values of dotenv files and of the inherited environment, and their sources.

use std::sync::Arc;

use super::inherited::{self, InheritedReferences};
use super::{BoundValues, Meaning, WrittenValue};
use crate::config::schema::REFERENCES;
use crate::config::{ConfigInputs, Error, ReferenceScope, merge_run};
use crate::provider::built::Built;
use crate::provider::env_table::{BoundReference, References, is_url_scheme};
use crate::provider::registry::Registry;
use crate::reference::{parse, scheme};
use crate::secret::Value;

/// What is bound: the inputs, and the sources so far.
struct Binder<'a, 'i> {
    registry: Registry,
    inputs: &'a ConfigInputs<'i>,
    built: &'a mut Vec<Built>,
    references: &'a mut References,
    warnings: &'a mut Vec<String>,
}

impl Registry {
    /// Binds the references in the values of these sources and of the inherited environment, if the settings have
    /// `references`. Adds the sources that they need.
    pub(in crate::provider) fn bind_written(
        self,
        inputs: &ConfigInputs<'_>,
        built: &mut Vec<Built>,
        references: &mut References,
        warnings: &mut Vec<String>,
    ) -> Result<(), Error> {
        if inputs.references == ReferenceScope::Nothing
            || !inputs.run().switch(&REFERENCES, false)?
        {
            return Ok(());
        }
        let mut binder = Binder { registry: self, inputs, built, references, warnings };
        binder.bind_files()?;
        if inputs.references == ReferenceScope::FilesAndEnvironment {
            binder.bind_inherited()?;
        }
        Ok(())
    }

    /// Whether a source or a type of source has this name.
    fn knows_source(self, name: &str, inputs: &ConfigInputs<'_>) -> bool {
        !is_url_scheme(name)
            && (self.types().any(|kind| kind.schema().name == name)
                || inputs.named_source(name).is_some())
    }
}

impl Binder<'_, '_> {
    fn bind_files(&mut self) -> Result<(), Error> {
        let written = |built: &mut Built| {
            let name = Arc::clone(built.source.name());
            Some((name, built.source.as_written_values()?.written()))
        };
        let sources: Vec<_> = self.built.iter_mut().filter_map(written).collect();
        let mut all = Vec::new();
        for (source, values) in sources {
            let mut meanings = Vec::new();
            for value in &values {
                let meaning = self.meaning(&source, value)?;
                meanings.extend(meaning.map(|meaning| (value.text.clone(), meaning)));
            }
            all.push((source, BoundValues::new(meanings)));
        }
        for built in &mut *self.built {
            let at = all.iter().position(|(source, _)| source == built.source.name());
            if let (Some(at), Some(values)) = (at, built.source.as_written_values()) {
                values.bind(all.remove(at).1);
            }
        }
        Ok(())
    }

    /// Adds the inherited variables that are references as a source before all others.
    fn bind_inherited(&mut self) -> Result<(), Error> {
        let (mut values, mut meanings) = (Vec::new(), Vec::new());
        for value in self.inherited()? {
            if let Some(meaning) = self.meaning(&inherited::NAME.into(), &value)? {
                meanings.push((value.text.clone(), meaning));
                values.push(value);
            }
        }
        // The sources that were added have credentials of their own.
        let inherited = self.inherited()?;
        values.retain(|value| inherited.iter().any(|it| it.name == value.name));
        if !values.is_empty() {
            self.references.inherited = values.iter().map(|value| value.name.clone()).collect();
            let source = InheritedReferences::new(values, BoundValues::new(meanings));
            self.built.insert(0, Built::of_variables(&inherited::SCHEMA, Box::new(source)));
        }
        Ok(())
    }

    /// The variables that the command inherits.
    fn inherited(&self) -> Result<Vec<WrittenValue>, Error> {
        let mut inherit = merge_run(self.inputs)?.inherit;
        self.registry.add_credentials(self.inputs, self.built, &mut inherit)?;
        Ok(inherited::written(self.inputs.environment, &inherit))
    }

    /// What a value means; `None` for plain text.
    fn meaning(
        &mut self,
        source: &Arc<str>,
        value: &WrittenValue,
    ) -> Result<Option<Meaning>, Error> {
        let Some(text) = value.text.expose_str() else { return Ok(None) };
        let unescaped = text.trim_start_matches('\\');
        let Some(name) = scheme(unescaped) else { return Ok(None) };
        if !self.registry.knows_source(name, self.inputs) {
            return Ok(None);
        }
        let fault = |why: String| Error::WrittenReference {
            origin: value.origin.clone(),
            variable: value.name.clone(),
            why,
        };
        match text.strip_prefix('\\') {
            Some(_) if value.is_expanded => return Ok(None),
            Some(text) => return Ok(Some(Meaning::Text(Value::from(text)))),
            None if value.is_expanded => {
                return Err(fault("variables are not expanded in a reference".into()));
            }
            None => {}
        }
        let reference = parse(text).map_err(|error| fault(error.to_string()))?;
        let (inputs, warnings) = (self.inputs, &mut *self.warnings);
        let target = self.registry.find_source(
            &reference.source,
            &value.origin,
            inputs,
            self.built,
            warnings,
        )?;
        let Some(target) = target else { return Ok(None) };
        if self.holds_references(&target) {
            return Err(fault(format!(
                "the source `{target}` has references itself, and a reference leads to one source"
            )));
        }
        let bound = BoundReference::new(target, reference);
        self.references.add_value((source, &value.name), &bound);
        Ok(Some(Meaning::Reference(bound)))
    }

    /// Whether values of a source are references.
    fn holds_references(&mut self, name: &Arc<str>) -> bool {
        let (registry, inputs) = (self.registry, self.inputs);
        let is_reference = |value: &WrittenValue| {
            let scheme = value.text.expose_str().and_then(scheme);
            scheme.is_some_and(|scheme| registry.knows_source(scheme, inputs))
        };
        let mut found = self.built.iter_mut().filter(|built| built.source.name() == name);
        let found = found.find_map(|built| Some(built.source.as_written_values()?.written()));
        found.is_some_and(|values| values.iter().any(is_reference))
    }
}
