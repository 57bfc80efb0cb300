//! Credentials that come from other sources: which ones the configured sources need, and the settings of the fetch
//! that gets them. A reference leads to one source and no further, so there are no cycles.

use std::sync::Arc;

use super::built::Built;
use super::registry::Registry;
use super::settings::Settings;
use crate::config::schema::SourceSchema;
use crate::config::{
    ConfigInputs, CredentialReference, EnvDefinition, EnvEntry, Error, SelectedSource,
};
use crate::reference::scheme;

impl Registry {
    /// The settings of a fetch of the credentials that sources need from others; `None` if no source needs any.
    /// Each is a secret, with the name that [`CredentialReference::name`] gives.
    pub fn credential_settings(self, inputs: &ConfigInputs<'_>) -> Result<Option<Settings>, Error> {
        let needed = self.needed(inputs)?;
        if needed.is_empty() {
            return Ok(None);
        }
        let entry = |needed: CredentialReference| EnvEntry {
            name: needed.name(),
            origin: needed.origin,
            definition: EnvDefinition::Reference {
                reference: needed.reference,
                required: true,
                default: None,
            },
            file: None,
        };
        let (mut built, mut warnings) = (Vec::new(), Vec::new());
        let entries = needed.into_iter().map(entry).collect();
        let references = self.bind_env(entries, inputs, &mut built, &mut warnings)?;
        // What is wrong with the settings as a whole is told when all of them are known.
        let mut settings = self.finish(inputs, built, references, Vec::new())?;
        settings.run.only = None;
        settings.run.exclude = Vec::new();
        settings.warnings = Vec::new();
        Ok(Some(settings))
    }

    /// Adds the sources that credentials come from, if they take no part otherwise: their own credentials are
    /// withheld from the command too.
    pub(super) fn add_credential_sources(
        self,
        inputs: &ConfigInputs<'_>,
        built: &mut Vec<Built>,
        warnings: &mut Vec<String>,
    ) -> Result<(), Error> {
        for needed in self.needed(inputs)? {
            if let Some(name) = scheme(&needed.reference) {
                self.find_source(name, &needed.origin, inputs, built, warnings)?;
            }
        }
        Ok(())
    }

    /// The credentials that the sources of the configuration take from others, without chains.
    fn needed(self, inputs: &ConfigInputs<'_>) -> Result<Vec<CredentialReference>, Error> {
        let mut all = Vec::new();
        for SelectedSource { name, kind } in participants(inputs)? {
            all.extend(inputs.credential_references(&name, self.named(kind)?.schema())?);
        }
        for needed in &all {
            let Some((name, schema)) = self.origin_of(needed, inputs)? else { continue };
            let chain = |why: String| Error::CredentialChain {
                origin: needed.origin.clone(),
                credential: needed.name(),
                source_name: name.to_string(),
                why,
            };
            if name == needed.source {
                return Err(chain("that is the source that needs it".to_owned()));
            }
            if let Some(next) = inputs.credential_references(&name, schema)?.first() {
                let leads_back =
                    self.origin_of(next, inputs)?.is_some_and(|(it, _)| it == needed.source);
                let back = if leads_back { ", which leads back" } else { "" };
                return Err(chain(format!("`{}` is a reference itself{back}", next.name())));
            }
        }
        Ok(all)
    }

    /// The source that a credential comes from, if there is exactly one.
    fn origin_of(
        self,
        needed: &CredentialReference,
        inputs: &ConfigInputs<'_>,
    ) -> Result<Option<(Arc<str>, &'static SourceSchema)>, Error> {
        let Some(wanted) = scheme(&needed.reference) else { return Ok(None) };
        if let Some(SelectedSource { name, kind }) = inputs.named_source(wanted) {
            return Ok(Some((name, self.named(kind)?.schema())));
        }
        let Some(schema) = self.schemas().into_iter().find(|schema| schema.name == wanted) else {
            return Ok(None);
        };
        let mut of_type = inputs.selected()?.into_iter().filter(|it| it.kind.value == wanted);
        match (of_type.next(), of_type.next()) {
            (Some(only), None) => Ok(Some((only.name, schema))),
            _ => Ok(None),
        }
    }
}

/// The sources of the files that take part: those that are selected, and those that `[env]` refers to.
fn participants(inputs: &ConfigInputs<'_>) -> Result<Vec<SelectedSource>, Error> {
    let mut found = inputs.selected()?;
    for entry in inputs.env() {
        for name in entry.references().into_iter().filter_map(scheme) {
            if !found.iter().any(|known| *known.name == *name) {
                found.extend(inputs.named_source(name));
            }
        }
    }
    Ok(found)
}
