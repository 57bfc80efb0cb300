//! Builds the sources that take part: those that the files name, that flags name, and that references need.

use std::sync::Arc;

use super::env_table::{self, References};
use super::registry::Registry;
use super::{Configured, ImpliedSource, SourceInputs, StoreType};
use crate::config::schema::{DELIVER, OVERRIDE, SettingKey, SourceSchema};
use crate::config::{self, ConfigInputs, EnvEntry, Error, Layer, Origin, RawValue, expand_home};
use crate::redact::policy::Scope;

/// A source that takes part, before and after it is built.
pub(super) struct Built {
    pub(super) schema: &'static SourceSchema,
    /// Whether it has settings of its own: a file of `--env-file` has none.
    pub(super) is_configurable: bool,
    /// Whether its secrets replace inherited variables.
    pub(super) overrides: bool,
    /// Whether the secrets in its scope become variables.
    pub(super) delivers: bool,
    /// What is redacted of it.
    pub(super) redaction_scope: Scope,
    pub(super) source: Box<dyn Configured>,
}

impl Built {
    /// A source of variables that refer to others.
    pub(super) fn of_variables(schema: &'static SourceSchema, source: Box<dyn Configured>) -> Self {
        let redaction_scope = Scope::All;
        Self {
            schema,
            is_configurable: false,
            overrides: true,
            delivers: true,
            redaction_scope,
            source,
        }
    }
}

impl Registry {
    pub(super) fn build(
        self,
        inputs: &ConfigInputs<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Built>, Error> {
        let mut built = Vec::new();
        for selected in inputs.selected()? {
            let kind = self.named(selected.kind)?;
            inputs.refuse_misplaced(&selected.name, kind.schema())?;
            env_table::check_name(&selected.name)?;
            built.push(build(kind, selected.name, inputs, warnings)?);
        }
        let env_files = inputs.env_files()?;
        let named_files = self.named_files(inputs)?;
        if built.is_empty() {
            for kind in self.types() {
                let name = kind.schema().name;
                let foreign = &inputs.files.foreign;
                let implied = ImpliedSource {
                    layers: inputs.source(name, kind.schema())?,
                    has_foreign_file: foreign
                        .iter()
                        .any(|file| std::ptr::eq(file.schema, kind.schema())),
                    has_others: env_files.is_some() || !named_files.is_empty() || !built.is_empty(),
                };
                if kind.is_implied(&implied)? {
                    warnings.extend(unused_file(kind.schema(), inputs)?);
                    built.push(build(kind, name.into(), inputs, warnings)?);
                }
            }
        }
        built.extend(named_files);
        for file in env_files.into_iter().flatten() {
            for kind in self.types() {
                let Some(source) = kind.env_file(&file)? else { continue };
                let (schema, overrides) = (kind.schema(), kind.overrides());
                let redaction_scope = kind.redaction_scope();
                built.push(Built {
                    schema,
                    is_configurable: false,
                    overrides,
                    delivers: true,
                    redaction_scope,
                    source,
                });
                break;
            }
        }
        Ok(built)
    }

    /// The sources of files that flags name.
    fn named_files(self, inputs: &ConfigInputs<'_>) -> Result<Vec<Built>, Error> {
        let mut built = Vec::new();
        for kind in self.types() {
            let Some((first, others)) = kind.file_flags().split_first() else { continue };
            let name = |key: &SettingKey| key.flag_name().unwrap_or(key.name);
            let Some(files) = inputs.flags.get(first) else {
                let alone = others.iter().find(|key| inputs.flags.get(key).is_some());
                if let Some(key) = alone {
                    return Err(Error::Alone { flag: name(key), without: name(first) });
                }
                continue;
            };
            let RawValue::List(files) = &files.value else { continue };
            for file in files {
                let inputs = SourceInputs {
                    name: "".into(),
                    layers: inputs.source("", kind.schema())?,
                    run: inputs.run(),
                    trust: inputs.trust,
                };
                if let Some(source) = kind.source_of_flag(&expand_home(file), &inputs)? {
                    let (schema, overrides) = (kind.schema(), kind.overrides());
                    built.push(Built {
                        schema,
                        is_configurable: false,
                        overrides,
                        delivers: true,
                        redaction_scope: kind.redaction_scope(),
                        source,
                    });
                }
            }
        }
        Ok(built)
    }

    /// Adds `[env]` behind the sources, which it refers to, and before the files of `env-file`.
    pub(super) fn add_env(
        self,
        inputs: &ConfigInputs<'_>,
        built: &mut Vec<Built>,
        warnings: &mut Vec<String>,
    ) -> Result<References, Error> {
        let entries = inputs.env();
        if entries.is_empty() {
            return Ok(References::default());
        }
        self.bind_env(entries, inputs, built, warnings)
    }

    /// Adds these variables as a source, and what they refer to.
    pub(super) fn bind_env(
        self,
        entries: Vec<EnvEntry>,
        inputs: &ConfigInputs<'_>,
        built: &mut Vec<Built>,
        warnings: &mut Vec<String>,
    ) -> Result<References, Error> {
        let mut find =
            |name: &str, origin: &Origin| self.find_source(name, origin, inputs, built, warnings);
        let (table, references) = env_table::bind(entries, &mut find)?;
        let of_env = Built::of_variables(&env_table::SCHEMA, Box::new(table));
        let files = built.iter().position(|built| !built.is_configurable).unwrap_or(built.len());
        built.insert(files, of_env);
        Ok(references)
    }

    /// The source that references call by this name: of that name, or the only one of that type. One that takes no
    /// part yet is built for the references alone.
    pub(super) fn find_source(
        self,
        name: &str,
        origin: &Origin,
        inputs: &ConfigInputs<'_>,
        built: &mut Vec<Built>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Arc<str>>, Error> {
        let own = |built: &&Built| built.is_configurable && **built.source.name() == *name;
        if let Some(found) = built.iter().find(own) {
            return Ok(Some(Arc::clone(found.source.name())));
        }
        let (kind, name) = if let Some(selected) = inputs.named_source(name) {
            (self.named(selected.kind)?, selected.name)
        } else {
            let Some(kind) = self.types().find(|kind| kind.schema().name == name) else {
                return Ok(None);
            };
            let of_type = built
                .iter()
                .filter(|built| built.is_configurable && std::ptr::eq(built.schema, kind.schema()));
            let mut names: Vec<_> = of_type.map(|built| Arc::clone(built.source.name())).collect();
            let is_built = !names.is_empty();
            if !is_built {
                let selected = inputs.selected()?.into_iter();
                let of_type = selected.filter(|found| found.kind.value == kind.schema().name);
                names = of_type.map(|found| found.name).collect();
            }
            match names.as_slice() {
                [] => (kind, name.into()),
                [only] if !is_built => (kind, Arc::clone(only)),
                [only] => return Ok(Some(Arc::clone(only))),
                _ => {
                    let names = names.iter().map(|name| format!("`{name}`")).collect();
                    let (origin, kind) = (origin.clone(), kind.schema().name);
                    return Err(Error::AmbiguousSource { origin, kind, names });
                }
            }
        };
        let added = build(kind, Arc::clone(&name), inputs, warnings)?;
        let at = built.iter().position(|built| !built.is_configurable).unwrap_or(built.len());
        built.insert(at, Built { delivers: false, ..added });
        Ok(Some(name))
    }

    pub(super) fn named(
        self,
        kind: config::Setting<String>,
    ) -> Result<&'static dyn StoreType, Error> {
        self.types().find(|known| known.schema().name == kind.value).ok_or_else(|| Error::Choice {
            origin: kind.origin,
            what: "type of source",
            value: kind.value,
            known: self.types().map(|kind| kind.schema().name.to_owned()).collect(),
        })
    }

    /// Refuses a flag for a type of source of which none takes part: it would be ignored silently.
    pub(super) fn refuse_unused(self, flags: &Layer, built: &[Built]) -> Result<(), Error> {
        for (key, _) in flags.iter() {
            let owners = || self.types().filter(|kind| kind.schema().has_flag(key));
            let takes_part =
                |kind: &dyn StoreType| built.iter().any(|b| std::ptr::eq(b.schema, kind.schema()));
            if let Some(kind) = owners().next()
                && !owners().any(takes_part)
            {
                let flag = key.flag_name().unwrap_or(key.name);
                return Err(Error::Unused { flag, kind: kind.schema().name });
            }
        }
        Ok(())
    }
}

/// The sources that have settings of their own, by name.
pub(super) fn configurable(built: &[Built]) -> Vec<(&str, &'static SourceSchema)> {
    let configurable = built.iter().filter(|built| built.is_configurable);
    configurable.map(|built| (&**built.source.name(), built.schema)).collect()
}

/// The warning that the project file of a store's own command line is not used, if it could select a place
/// that nothing else selects.
fn unused_file(
    schema: &'static SourceSchema,
    inputs: &ConfigInputs<'_>,
) -> Result<Option<String>, Error> {
    let layers = inputs.source(schema.name, schema)?;
    let mut unused = inputs.files.unused.iter();
    let Some(file) = unused.find(|file| std::ptr::eq(file.format.schema, schema)) else {
        return Ok(None);
    };
    for key in file.format.place {
        if layers.raw(key)?.is_none() {
            return Ok(Some(file.to_string()));
        }
    }
    Ok(None)
}

/// Builds one source.
pub(super) fn build(
    kind: &'static dyn StoreType,
    name: Arc<str>,
    inputs: &ConfigInputs<'_>,
    warnings: &mut Vec<String>,
) -> Result<Built, Error> {
    let layers = inputs.source(&name, kind.schema())?;
    let overrides = layers.switch(&OVERRIDE, kind.overrides())?;
    let delivers = layers.switch(&DELIVER, true)?;
    let redaction_scope = inputs.redaction_scope(&layers, kind.redaction_scope())?;
    let inputs = SourceInputs { name, layers, run: inputs.run(), trust: inputs.trust };
    let (schema, is_configurable) = (kind.schema(), true);
    let source = kind.build(&inputs, warnings)?;
    Ok(Built { schema, is_configurable, overrides, delivers, redaction_scope, source })
}
