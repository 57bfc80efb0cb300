//! Everything that flags, variables and files specify, and the layers that one source takes of it. It
//! knows no store: what a store's settings mean is its own business.

use std::sync::Arc;

use super::env_table::EnvEntry;
use super::layer::{
    Layer, Layers, Origin, RawValue, Setting, SourceLayers, from_text, resolve_path, upper_snake,
};
use super::schema::{self, COMMON_SETTINGS, SettingKey, SourceSchema};
use super::trust::{files_with_settings, refuse_untrusted_scope};
use super::{ConfigFiles, Environment, Error, ResolvedCredentials, TrustRecords};
use crate::redact::policy::Scope;
use std::path::PathBuf;

/// What the variables that configure one source begin with.
const SOURCE_VARIABLE: &str = "HUSHED_SOURCE_";

/// Everything that is specified.
#[derive(Clone, Copy, Debug)]
pub struct ConfigInputs<'a> {
    /// The flags.
    pub flags: &'a Layer,
    /// The environment.
    pub environment: &'a Environment,
    /// The configuration files.
    pub files: &'a ConfigFiles,
    /// What the user trusts the project's files with.
    pub trust: &'a TrustRecords,
    /// The credentials that were fetched from other sources.
    pub credentials: &'a ResolvedCredentials,
    /// Where references count beside `[env]`, if the settings have `references`.
    pub references: ReferenceScope,
}

/// Where references count beside `[env]`, if the settings have `references`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReferenceScope {
    /// Nowhere: for commands that show or change what a source holds.
    #[default]
    Nothing,
    /// In dotenv files: for commands that write the secrets of the sources.
    Files,
    /// In dotenv files and the inherited environment: for commands that start another one, or show how.
    FilesAndEnvironment,
}

/// A source that takes part.
#[derive(Debug)]
pub struct SelectedSource {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub kind: Setting<String>,
}

/// A file of `env-file`.
#[derive(Debug)]
pub struct EnvFile {
    /// The file; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Whether it may be missing.
    pub is_optional: bool,
    /// The dialect that is specified for all of them.
    pub dialect: Option<Setting<String>>,
}

impl<'a> ConfigInputs<'a> {
    /// The layers of `[run]`.
    pub fn run(&self) -> Layers<'a> {
        let tables = self.files.tables().into_iter().map(|tables| &tables.run).collect();
        Layers {
            flags: self.flags,
            environment: self.environment,
            files: self.files,
            tables,
            source: None,
            credentials: self.credentials,
        }
    }

    /// The layers of a source of this type. The project file of the store's own command line is the
    /// weakest. A name that is empty stands for a source that no file names.
    pub fn source(&self, name: &str, schema: &'static SourceSchema) -> Result<Layers<'a>, Error> {
        let tables = self.files.tables().into_iter().filter_map(|tables| tables.source(name));
        let foreign = self.files.foreign.iter().filter(|file| std::ptr::eq(file.schema, schema));
        Ok(Layers {
            flags: self.flags,
            environment: self.environment,
            files: self.files,
            tables: tables.chain(foreign.map(|file| &file.layer)).collect(),
            source: Some(SourceLayers {
                name: name.to_owned(),
                set: self.set(name, schema)?,
                prefix: self
                    .has_source_variables()
                    .then(|| format!("{SOURCE_VARIABLE}{}_", upper_snake(name))),
            }),
            credentials: self.credentials,
        })
    }

    /// The sources of the files that take part, in order.
    pub fn selected(&self) -> Result<Vec<SelectedSource>, Error> {
        let known = self.files.source_names();
        let names = self.run().list(&schema::SOURCE)?;
        let tables = self.files.tables();
        let mut selected = Vec::new();
        for name in names.as_ref().map_or(&known, |names| &names.value) {
            let mut tables = tables.iter().filter_map(|tables| tables.source(name)).peekable();
            if tables.peek().is_none() {
                let origin = names.as_ref().map_or(Origin::Default, |names| names.origin.clone());
                let (what, value) = ("source of the configuration", name.clone());
                return Err(Error::Choice { origin, what, value, known });
            }
            let kind = tables.find_map(|table| table.get(&schema::TYPE)).cloned();
            let Some(Setting { value: RawValue::Text(kind), origin }) = kind else {
                let types = self.files.schemas.iter().map(|schema| schema.name).collect();
                return Err(Error::NoType { name: name.clone(), types });
            };
            let kind = Setting { value: kind, origin };
            selected.push(SelectedSource { name: name.as_str().into(), kind });
        }
        Ok(selected)
    }

    /// The variables of `[env]`: of one name, that of the strongest table.
    pub fn env(&self) -> Vec<EnvEntry> {
        let mut entries: Vec<EnvEntry> = Vec::new();
        for entry in self.files.tables().into_iter().rev().flat_map(|tables| &tables.env) {
            match entries.iter_mut().find(|known| known.name == entry.name) {
                Some(known) => known.clone_from(entry),
                None => entries.push(entry.clone()),
            }
        }
        entries
    }

    /// The source of this name, if the files have one, whether it is selected or not.
    pub fn named_source(&self, name: &str) -> Option<SelectedSource> {
        let tables = self.files.tables();
        let kind = tables.iter().find_map(|tables| tables.source(name)?.get(&schema::TYPE))?;
        let RawValue::Text(value) = &kind.value else { return None };
        let kind = Setting { value: value.clone(), origin: kind.origin.clone() };
        Some(SelectedSource { name: name.into(), kind })
    }

    /// The files of `env-file`, in order; `None` where there is no such setting. A `?` in front marks a
    /// file that need not exist, and `-` is standard input.
    pub fn env_files(&self) -> Result<Option<Vec<EnvFile>>, Error> {
        let Some(Setting { value, origin }) = self.run().list(&schema::ENV_FILE)? else {
            if self.flags.get(&schema::ENV_FILE_DIALECT).is_some() {
                return Err(Error::Alone { flag: "--env-file-dialect", without: "--env-file" });
            }
            return Ok(None);
        };
        let dialect = self.run().text(&schema::ENV_FILE_DIALECT)?;
        let file = |text: String| {
            let optional = text.strip_prefix('?');
            let value = optional.unwrap_or(&text).to_owned();
            EnvFile {
                is_optional: optional.is_some(),
                path: (text != "-")
                    .then(|| resolve_path(Setting { value, origin: origin.clone() }).value),
                dialect: dialect.clone(),
            }
        };
        Ok(Some(value.into_iter().map(file).collect()))
    }

    /// What is redacted of a source that redacts so much by default. A project's file may not redact less
    /// where the user's own file asks for redaction.
    pub fn redaction_scope(&self, layers: &Layers<'_>, default: Scope) -> Result<Scope, Error> {
        let Some(setting) = layers.raw(&schema::SOURCE_REDACT)? else { return Ok(default) };
        let Setting { value: scope, origin } = parse_scope(setting)?;
        if scope < default {
            refuse_untrusted_scope(&self.run(), &origin, self.trust)?;
        }
        Ok(scope)
    }

    /// Refuses keys in the tables of a source that its type does not have.
    pub fn refuse_misplaced(&self, name: &str, schema: &SourceSchema) -> Result<(), Error> {
        let tables = self.files.tables();
        let mut settings =
            tables.iter().filter_map(|tables| tables.source(name)).flat_map(Layer::iter);
        match settings.find(|(key, _)| !schema.has_name(key.name)) {
            Some((key, Setting { origin, .. })) => {
                Err(Error::Misplaced { origin: origin.clone(), key: key.name, kind: schema.name })
            }
            None => Ok(()),
        }
    }

    /// The project's files whose settings need trust, whatever the sources are.
    pub fn files_with_settings(&self) -> Vec<(String, PathBuf)> {
        let tables = self.files.tables();
        let run: Vec<_> = tables.iter().map(|tables| &tables.run).collect();
        let sources =
            tables.iter().flat_map(|tables| tables.sources.iter().map(|(_, layer)| layer));
        let all: Vec<_> = run.iter().copied().chain(sources).collect();
        files_with_settings(&run, &all)
    }

    /// What `--set` specifies for a source.
    fn set(&self, name: &str, kind: &'static SourceSchema) -> Result<Layer, Error> {
        let mut layer = Layer::default();
        for text in self.assignments() {
            let Some((key, value)) = assignment(text, name) else { continue };
            let origin = Origin::Flag(format!("--set {name}.{key}").into());
            let mut keys = kind.keys.iter().chain(COMMON_SETTINGS).copied();
            let Some(known) = keys.find(|known| known.name == key) else {
                let secret = kind.keys.iter().find(|known| known.name == format!("{key}-file"));
                return Err(match secret {
                    Some(file) => Error::SecretInArgument { origin, file: file.name },
                    None => Error::Choice {
                        origin,
                        what: "setting of this source",
                        value: key.to_owned(),
                        known: kind.keys.iter().map(|known| known.name.to_owned()).collect(),
                    },
                });
            };
            let Setting { value, origin } = from_text(known, value, origin)?;
            layer.replace(known, value, origin);
        }
        Ok(layer)
    }

    /// Whether any variable configures a single source.
    fn has_source_variables(&self) -> bool {
        let begins = |name: &std::ffi::OsStr| {
            name.as_encoded_bytes().starts_with(SOURCE_VARIABLE.as_bytes())
        };
        self.environment.iter().any(|variable| begins(&variable.name))
    }

    /// The values of `--set`.
    pub(super) fn assignments(&self) -> &'a [String] {
        match self.flags.get(&schema::SET) {
            Some(Setting { value: RawValue::List(list), .. }) => list,
            _ => &[],
        }
    }

    /// Checks what is specified for single sources: that each `--set` names one of the sources that take
    /// part, and each variable `HUSHED_SOURCE_NAME_KEY` a setting of exactly one. Gives warnings.
    pub fn check_source_settings(
        &self,
        sources: &[(&str, &'static SourceSchema)],
    ) -> Result<Vec<String>, Error> {
        for text in self.assignments() {
            if !sources.iter().any(|(name, _)| assignment(text, name).is_some()) {
                let named = text.split('=').next().unwrap_or_default();
                return Err(Error::Choice {
                    origin: Origin::Flag("--set".into()),
                    what: "setting of a source, NAME.key=value",
                    value: named.to_owned(),
                    known: sources.iter().map(|(name, _)| format!("{name}.key=value")).collect(),
                });
            }
        }
        if !self.has_source_variables() {
            return Ok(Vec::new());
        }
        let known: Vec<_> =
            sources.iter().flat_map(|(name, schema)| source_variables(name, schema)).collect();
        let mut warnings = Vec::new();
        for variable in self.environment {
            let Some(name) =
                variable.name.to_str().filter(|name| name.starts_with(SOURCE_VARIABLE))
            else {
                continue;
            };
            let mut owners = known
                .iter()
                .filter(|(known, ..)| known == name)
                .map(|(_, source, key)| (*source, *key));
            match (owners.next(), owners.next()) {
                (Some(first), Some(second)) => {
                    let settings = [first, second].map(|(source, key)| format!("{source}.{key}"));
                    return Err(Error::AmbiguousVariable { name: name.to_owned(), settings });
                }
                (Some(_), None) => {}
                (None, _) => {
                    let near = crate::message::nearest(
                        name,
                        known.iter().map(|(known, ..)| known.as_str()),
                    );
                    let hint =
                        near.map_or_else(String::new, |near| format!(", did you mean {near}?"));
                    warnings.push(format!(
                        "{name} is not a setting of any source that takes part{hint}"
                    ));
                }
            }
        }
        Ok(warnings)
    }
}

/// Reads `true`, `false` or `auto`.
pub(super) fn parse_scope(setting: Setting<RawValue>) -> Result<Setting<Scope>, Error> {
    let Setting { value, origin } = setting;
    let scope = match value {
        RawValue::Switch(false) => Scope::Nothing,
        RawValue::Text(text) if text == "auto" => Scope::Auto,
        RawValue::Text(value) => {
            let known = Scope::NAMES.map(str::to_owned).into();
            return Err(Error::Choice { origin, what: "scope of redaction", value, known });
        }
        RawValue::Switch(true)
        | RawValue::List(_)
        | RawValue::Map(_)
        | RawValue::Secret(_)
        | RawValue::Reference(_) => Scope::All,
    };
    Ok(Setting { value: scope, origin })
}

/// The key and value of `NAME.key=value`, if it is for this source.
fn assignment<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    let rest = text.strip_prefix(name)?.strip_prefix('.')?;
    rest.split_once('=')
}

/// The variables that configure a source, each with the source and the key.
fn source_variables<'s>(
    name: &'s str,
    kind: &'static SourceSchema,
) -> impl Iterator<Item = (String, &'s str, &'static str)> {
    let prefix = format!("{SOURCE_VARIABLE}{}_", upper_snake(name));
    let keys =
        kind.keys.iter().chain(COMMON_SETTINGS).copied().map(|key: &'static SettingKey| key.name);
    let credentials = kind.credentials.iter().filter(|key| key.secret).map(|key| key.name());
    keys.chain(credentials).map(move |key| (format!("{prefix}{}", upper_snake(key)), name, key))
}

/// Whether a variable may hold a credential of one source.
pub(super) fn may_hold_credential(variable: &str) -> bool {
    variable.starts_with(SOURCE_VARIABLE)
}
