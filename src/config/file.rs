//! `hushed.toml`: text to layers, with the place of every value. It checks keys and kinds against the
//! schema, and gives no meaning to them.

use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::credential_reference::referable;
use super::env_table::{EnvEntry, FROM, definition, object};
use super::layer::{ConfigScope, FileLocation, Layer, Origin, RawValue, Setting};
use super::schema::{self, SettingKey, SourceSchema, ValueKind};
use super::synonyms::find_setting;
use super::{Error, FileFault};

/// What one file says.
#[derive(Debug, Default)]
pub struct ConfigFile {
    /// Its top level.
    pub base: ConfigTables,
    /// The file that it extends, if it does.
    pub extends: Option<Setting<String>>,
    /// Its profiles, by name.
    pub profiles: Vec<(String, ConfigTables)>,
}

/// `[run]` and the sources, at the top level or in a profile.
#[derive(Debug, Default)]
pub struct ConfigTables {
    /// `[run]`.
    pub run: Layer,
    /// `[source.NAME]`, in the order of the file.
    pub sources: Vec<(String, Layer)>,
    /// `[env]`, in the order of the file.
    pub env: Vec<EnvEntry>,
}

impl ConfigTables {
    /// The table of a source.
    pub fn source(&self, name: &str) -> Option<&Layer> {
        self.sources.iter().find(|(found, _)| found == name).map(|(_, layer)| layer)
    }
}

/// Parses the text of a file.
pub(super) fn parse(
    text: &str,
    path: &Arc<Path>,
    scope: ConfigScope,
    schemas: &[&'static SourceSchema],
) -> Result<ConfigFile, Error> {
    let reader = Reader { text, path, scope, schemas };
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        reader.fault(at, FileFault::Syntax(error.message().to_owned()))
    })?;
    reader.file(document.get_ref())
}

struct Reader<'a> {
    text: &'a str,
    path: &'a Arc<Path>,
    scope: ConfigScope,
    schemas: &'a [&'static SourceSchema],
}

type Entry<'t> = (&'t Spanned<DeString<'t>>, &'t Spanned<DeValue<'t>>);

impl Reader<'_> {
    fn file(&self, document: &DeTable<'_>) -> Result<ConfigFile, Error> {
        let mut file = ConfigFile {
            base: self.tables(document, &["extends", "run", "env", "source", "profile"])?,
            ..ConfigFile::default()
        };
        if let Some(entry) = document.get_key_value(schema::EXTENDS.name)
            && let RawValue::Text(value) = self.value(&schema::EXTENDS, entry)?
        {
            let origin = Origin::File(self.place(entry.0.span().start));
            file.extends = Some(Setting { value, origin });
        }
        if let Some(profiles) = document.get("profile") {
            for (name, value) in self.table(profiles, "profile")? {
                let heading = format!("profile.{}", name.get_ref());
                let table = self.table(value, &heading)?;
                let own = schema::PROTECTED.name;
                let mut tables = self.tables(table, &["run", "env", "source", own])?;
                if let Some(entry) = table.get_key_value(own) {
                    let origin = Origin::File(self.place(entry.0.span().start));
                    let value = self.value(&schema::PROTECTED, entry)?;
                    tables.run.replace(&schema::PROTECTED, value, origin);
                }
                file.profiles.push((name.get_ref().to_string(), tables));
            }
        }
        Ok(file)
    }

    fn tables(
        &self,
        document: &DeTable<'_>,
        known: &[&'static str],
    ) -> Result<ConfigTables, Error> {
        let mut tables = ConfigTables::default();
        for (name, value) in document {
            match name.get_ref().as_ref() {
                "run" => {
                    let table = self.table(value, "run")?;
                    tables.run = self.layer(table, schema::RUN.iter().copied())?;
                }
                "env" => {
                    for (name, value) in self.table(value, "env")? {
                        let objects = match value.get_ref() {
                            DeValue::Table(objects) if name.get_ref() == FROM => objects,
                            _ => {
                                tables.env.push(self.env_entry(name, value)?);
                                continue;
                            }
                        };
                        for (name, value) in objects {
                            tables.env.push(self.env_object(name, value)?);
                        }
                    }
                }
                "source" => {
                    for (name, value) in self.table(value, "source")? {
                        let table = self.table(value, &format!("source.{}", name.get_ref()))?;
                        let layer = self.source_layer(table)?;
                        tables.sources.push((name.get_ref().to_string(), layer));
                    }
                }
                found if known.contains(&found) => {}
                _ => return Err(self.unknown_table(name, known.iter().copied())),
            }
        }
        Ok(tables)
    }

    fn env_entry(
        &self,
        name: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<EnvEntry, Error> {
        let variable = name.get_ref().to_string();
        let (definition, file) = definition(&variable, value).map_err(|(at, wanted)| {
            let wanted = wanted.to_owned();
            self.fault(at, FileFault::EnvDefinition { variable: variable.clone(), wanted })
        })?;
        let origin = Origin::File(self.place(name.span().start));
        Ok(EnvEntry { name: variable, origin, definition, file })
    }

    fn env_object(
        &self,
        name: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<EnvEntry, Error> {
        let variable = format!("env.from.{}", name.get_ref());
        let (definition, file) = object(value).map_err(|(at, wanted)| {
            self.fault(at, FileFault::EnvDefinition { variable, wanted: wanted.to_owned() })
        })?;
        let origin = Origin::File(self.place(name.span().start));
        Ok(EnvEntry { name: name.get_ref().to_string(), origin, definition, file })
    }

    /// The keys that a table of a source may have: those of its type first, then those of all others,
    /// which are refused later by their name.
    fn source_keys(
        &self,
        table: &DeTable<'_>,
    ) -> impl Iterator<Item = &'static SettingKey> + Clone + use<'_> {
        let keys = self.source_schemas(table).flat_map(|schema| schema.keys.iter().copied());
        schema::COMMON.iter().copied().chain(keys)
    }

    /// The schemas of a table of a source: that of its type first.
    fn source_schemas(
        &self,
        table: &DeTable<'_>,
    ) -> impl Iterator<Item = &'static SourceSchema> + Clone + use<'_> {
        let kind = match table.get(schema::TYPE.name).map(Spanned::get_ref) {
            Some(DeValue::String(kind)) => {
                self.schemas.iter().find(|schema| schema.name == kind.as_ref())
            }
            _ => None,
        };
        kind.into_iter().chain(self.schemas).copied()
    }

    fn layer(
        &self,
        table: &DeTable<'_>,
        keys: impl Iterator<Item = &'static SettingKey> + Clone,
    ) -> Result<Layer, Error> {
        let mut layer = Layer::default();
        for entry @ (name, _) in table {
            let Some(key) = keys.clone().find(|key| key.name == name.get_ref().as_ref()) else {
                return Err(self.secret_or_unknown(name, keys.map(|key| key.name)));
            };
            let origin = Origin::File(self.place(name.span().start));
            layer.push(key, self.value(key, entry)?, origin);
        }
        Ok(layer)
    }

    /// The table of a source, in which a credential can be a reference: `token = { ref = "…" }`.
    fn source_layer(&self, table: &DeTable<'_>) -> Result<Layer, Error> {
        let mut plain = table.clone();
        let mut references = Vec::new();
        let own = self.source_schemas(table).next();
        let is_setting = |name: &str| own.is_some_and(|schema| schema.has_name(name));
        for (name, value) in table {
            // A table that is a setting of this type, such as `credentials`.
            if is_setting(name.get_ref()) {
                continue;
            }
            let schemas = self.source_schemas(table);
            let mut keys = schemas.filter_map(|schema| referable(schema, name.get_ref()));
            let DeValue::Table(fields) = value.get_ref() else { continue };
            let Some(key) = keys.next() else { continue };
            let wrong = |at: usize| {
                let wanted = "a table with a reference: { ref = \"SOURCE://PATH#KEY\" }";
                self.fault(at, FileFault::WrongType { key: key.name(), wanted })
            };
            let [(field, reference)] = fields.iter().collect::<Vec<_>>()[..] else {
                return Err(wrong(value.span().start));
            };
            let DeValue::String(reference) = reference.get_ref() else {
                return Err(wrong(reference.span().start));
            };
            if field.get_ref() != "ref" {
                return Err(wrong(field.span().start));
            }
            if let Some((other, _)) = table.get_key_value(key.file.name) {
                let (name, file) = (key.name(), key.file.name);
                return Err(
                    self.fault(other.span().start, FileFault::TwoCredentials { name, file })
                );
            }
            let origin = Origin::File(self.place(name.span().start));
            references.push((key.file, RawValue::Reference(reference.to_string()), origin));
            plain.remove(&**name.get_ref());
        }
        let mut layer = self.layer(&plain, self.source_keys(table))?;
        for (key, value, origin) in references {
            layer.push(key, value, origin);
        }
        Ok(layer)
    }

    /// A secret in the file has an error of its own.
    fn secret_or_unknown(
        &self,
        name: &Spanned<DeString<'_>>,
        known: impl Iterator<Item = &'static str> + Clone,
    ) -> Error {
        let with_file = format!("{}-file", name.get_ref());
        match find_setting(&with_file, &known).filter(|file| file.ends_with("-file")) {
            Some(file) => self.fault(name.span().start, FileFault::SecretInFile { file }),
            None => self.unknown(name, known),
        }
    }

    fn unknown(
        &self,
        name: &Spanned<DeString<'_>>,
        known: impl Iterator<Item = &'static str> + Clone,
    ) -> Error {
        let meant = find_setting(name.get_ref(), &known)
            .or_else(|| crate::message::nearest(name.get_ref(), known));
        let hint = meant.map(|meant| format!("did you mean `{meant}`?"));
        let key = name.get_ref().to_string();
        self.fault(name.span().start, FileFault::UnknownKey { key, hint })
    }

    /// An unknown name outside of the tables: it may be a setting that belongs in one of them.
    fn unknown_table(
        &self,
        name: &Spanned<DeString<'_>>,
        known: impl Iterator<Item = &'static str> + Clone,
    ) -> Error {
        let of_sources = self.schemas.iter().flat_map(|schema| schema.keys);
        let run = find_setting(name.get_ref(), &schema::RUN.iter().map(|key| key.name));
        let source = find_setting(name.get_ref(), &of_sources.map(|key| key.name));
        let (meant, table) = match (run, source) {
            (Some(meant), _) => (meant, "[run]"),
            (None, Some(meant)) => (meant, "[source.NAME]"),
            (None, None) => return self.unknown(name, known),
        };
        let hint = Some(format!("put `{meant}` in {table}"));
        let key = name.get_ref().to_string();
        self.fault(name.span().start, FileFault::UnknownKey { key, hint })
    }

    fn value(&self, key: &'static SettingKey, (_, value): Entry<'_>) -> Result<RawValue, Error> {
        let wrong =
            |wanted| self.fault(value.span().start, FileFault::WrongType { key: key.name, wanted });
        match (key.kind, value.get_ref()) {
            (
                ValueKind::Text | ValueKind::Path | ValueKind::SwitchOrText,
                DeValue::String(text),
            ) => Ok(RawValue::Text(text.to_string())),
            (ValueKind::Text | ValueKind::Path | ValueKind::Secret, _) => Err(wrong("a string")),
            (
                ValueKind::Switch | ValueKind::SwitchOrList | ValueKind::SwitchOrText,
                DeValue::Boolean(switch),
            ) => Ok(RawValue::Switch(*switch)),
            (ValueKind::SwitchOrText, _) => Err(wrong("true, false or a string")),
            (ValueKind::Switch, _) => Err(wrong("true or false")),
            (
                ValueKind::List | ValueKind::Paths | ValueKind::SwitchOrList,
                DeValue::String(text),
            ) => Ok(RawValue::List(vec![text.to_string()])),
            (
                ValueKind::List | ValueKind::Paths | ValueKind::SwitchOrList,
                DeValue::Array(items),
            ) => {
                let text = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    _ => None,
                };
                let items = items.iter().map(text).collect::<Option<Vec<_>>>();
                items.map(RawValue::List).ok_or_else(|| wrong("a list of strings"))
            }
            (ValueKind::List | ValueKind::Paths, _) => Err(wrong("a string or a list of strings")),
            (ValueKind::SwitchOrList, _) => Err(wrong("true, false or a list of strings")),
            (ValueKind::Map, DeValue::Table(table)) => {
                let pair = |(from, to): Entry<'_>| match to.get_ref() {
                    DeValue::String(to) => Some((from.get_ref().to_string(), to.to_string())),
                    _ => None,
                };
                let pairs = table.iter().map(pair).collect::<Option<Vec<_>>>();
                pairs.map(RawValue::Map).ok_or_else(|| wrong("a table of strings"))
            }
            (ValueKind::Map, _) => Err(wrong("a table, such as { A = \"B\" }")),
        }
    }

    fn table<'t>(
        &self,
        value: &'t Spanned<DeValue<'t>>,
        heading: &str,
    ) -> Result<&'t DeTable<'t>, Error> {
        if let DeValue::Table(table) = value.get_ref() {
            return Ok(table);
        }
        let fault = FileFault::NotATable { heading: heading.to_owned() };
        Err(self.fault(value.span().start, fault))
    }

    fn place(&self, at: usize) -> FileLocation {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        FileLocation { file: Arc::clone(self.path), scope: self.scope, line, column }
    }

    fn fault(&self, at: usize, fault: FileFault) -> Error {
        let place = self.place(at);
        let line = self.text.lines().nth(place.line - 1).unwrap_or_default();
        let keys = schema::RUN.iter().chain(self.schemas.iter().flat_map(|schema| schema.keys));
        let mut keys = keys.chain(schema::COMMON).copied();
        let excerpt = mask(line, &fault, |name| keys.any(|key| key.name == name));
        Error::File { place, excerpt, fault }
    }
}

/// The line, with what may be a secret in it made unreadable: what stands behind the first `=`, and
/// all of a line that is not even known to be a key and its value.
fn mask(line: &str, fault: &FileFault, is_key: impl FnOnce(&str) -> bool) -> String {
    let (name, _) = line.split_at(line.find('=').unwrap_or(line.len()));
    let is_heading = line.trim_start().starts_with('[') && !line.contains(['"', '\'']);
    let shown = match fault {
        FileFault::WrongType { .. } | FileFault::NotATable { .. } if !line.contains('{') => {
            line.len()
        }
        FileFault::Syntax(_) if !is_heading && !is_key(name.trim()) => 0,
        _ => name.len(),
    };
    let (clear, hidden) = line.split_at(shown);
    let hidden = hidden.chars().map(|c| if c.is_alphanumeric() { '*' } else { c });
    clear.chars().chain(hidden).collect()
}
