//! Layers of settings and their precedence: flags over environment variables over profile over project
//! file over user file. Every value carries its origin. Knows nothing of what the settings mean.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::duration::parse as parse_duration;
use super::merge::TIMEOUT;
use super::schema::{self, SettingKey, ValueKind};
use super::user_dirs::expand_home;
use super::{ConfigFiles, Environment, Error, ResolvedCredentials};
use crate::secret::Value;

/// An untyped value, as it appears in a flag, a variable or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawValue {
    /// Text or a path.
    Text(String),
    /// A credential.
    Secret(Value),
    /// A list.
    List(Vec<String>),
    /// A switch.
    Switch(bool),
    /// A table of texts.
    Map(Vec<(String, String)>),
    /// A reference to a secret of another source, in the place of a credential's file.
    Reference(String),
}

/// Where a value is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(Cow<'static, str>),
    /// A variable.
    Variable(Cow<'static, str>),
    /// A line and column of a configuration file.
    File(FileLocation),
    /// The project file of a store's own command line.
    ForeignFile(Arc<Path>),
    /// The built-in default.
    Default,
}

/// A line and column of a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLocation {
    /// The file.
    pub file: Arc<Path>,
    /// Whether the file belongs to the project or to the user.
    pub scope: ConfigScope,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// Who controls a configuration file: the project, which is not trusted, or the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigScope {
    /// Found in the working tree; anybody who can change the project can write it.
    Project,
    /// Named by the user, or in the user's own configuration directory.
    User,
}

impl Origin {
    /// The origin of a setting's own flag.
    pub fn flag(key: &SettingKey) -> Self {
        Self::Flag(key.flag_name().unwrap_or(key.name).into())
    }

    /// The project file that sets the value, if one does. Project files are not trusted.
    pub fn project_file(&self) -> Option<&Path> {
        match self {
            Self::File(place) => (place.scope == ConfigScope::Project).then_some(&*place.file),
            Self::ForeignFile(path) => Some(path),
            Self::Flag(_) | Self::Variable(_) | Self::Default => None,
        }
    }
}

impl fmt::Display for FileLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Variable(name) => f.write_str(name),
            Self::File(place) => place.fmt(f),
            Self::ForeignFile(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// A value and where it was said.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it is set.
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// The same origin with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting { value: change(self.value), origin: self.origin }
    }
}

/// One level of settings: the flags, or one table of a file.
#[derive(Clone, Default)]
pub struct Layer(Vec<(&'static SettingKey, Setting<RawValue>)>);

impl fmt::Debug for Layer {
    /// Shows names and origins only: a value may be a token from the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|(key, setting)| (key.name, &setting.origin)))
            .finish()
    }
}

impl Layer {
    /// Adds a value.
    pub fn push(&mut self, key: &'static SettingKey, value: RawValue, origin: Origin) {
        self.0.push((key, Setting { value, origin }));
    }

    /// Sets a key, and removes the values that it had.
    pub fn replace(&mut self, key: &'static SettingKey, value: RawValue, origin: Origin) {
        self.0.retain(|(found, _)| !std::ptr::eq(*found, key));
        self.push(key, value, origin);
    }

    /// Adds all values of another layer.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Removes the value of a flag; returns whether it had one.
    pub fn remove_flag(&mut self, flag: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(key, _)| key.flag_name() != Some(flag));
        self.0.len() < before
    }

    /// The value of a key. Stores may have keys of one name: this is the one of that very key.
    pub fn get(&self, key: &'static SettingKey) -> Option<&Setting<RawValue>> {
        self.iter().find(|(found, _)| std::ptr::eq(*found, key)).map(|(_, setting)| setting)
    }

    /// The value of the key of this name.
    pub fn get_by_name(&self, name: &str) -> Option<&Setting<RawValue>> {
        self.iter().find(|(found, _)| found.name == name).map(|(_, setting)| setting)
    }

    /// All keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static SettingKey, &Setting<RawValue>)> {
        self.0.iter().map(|(key, setting)| (*key, setting))
    }

    /// Whether the layer is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// All levels for one section, the strongest first: flags, then variables, then the tables.
#[derive(Clone, Debug)]
pub struct Layers<'a> {
    pub(super) flags: &'a Layer,
    pub(super) environment: &'a Environment,
    pub(super) files: &'a ConfigFiles,
    pub(super) tables: Vec<&'a Layer>,
    /// What flags and variables specify for one source alone; it wins over flags and variables for all.
    pub(super) source: Option<SourceLayers>,
    /// The credentials that were fetched from other sources.
    pub(super) credentials: &'a ResolvedCredentials,
}

/// What flags and variables specify for one source alone.
#[derive(Clone, Debug)]
pub(super) struct SourceLayers {
    /// Its name.
    pub(super) name: String,
    /// `--set NAME.key=value`.
    pub(super) set: Layer,
    /// What its variables begin with: `HUSHED_SOURCE_NAME_`. None where no source has variables.
    pub(super) prefix: Option<String>,
}

impl SourceLayers {
    /// The variable of a setting.
    pub(super) fn variable(&self, key: &str) -> Option<String> {
        Some(format!("{}{}", self.prefix.as_ref()?, upper_snake(key)))
    }
}

/// A name as variables spell it: `my-source` is `MY_SOURCE`.
pub(super) fn upper_snake(name: &str) -> String {
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.chars().map(upper).collect()
}

impl Layers<'_> {
    /// The layers of a source that a document describes: its settings win over everything, and no table of the
    /// configuration is about it.
    pub fn with_settings<'b>(&'b self, settings: &'b Layer) -> Layers<'b> {
        Layers {
            flags: settings,
            environment: self.environment,
            files: self.files,
            tables: Vec::new(),
            source: None,
            credentials: self.credentials,
        }
    }

    /// The environment.
    pub fn environment(&self) -> &Environment {
        self.environment
    }

    /// The time limit for logging in and fetching, which also holds for reading pipes.
    pub fn timeout(&self) -> Duration {
        let text = |value: &RawValue| match value {
            RawValue::Text(text) => parse_duration(text),
            _ => None,
        };
        let flag = || text(&self.flags.get(&schema::TIMEOUT)?.value);
        let variable = |name: &&str| parse_duration(self.environment.text(name)?.to_str()?);
        let variable = || schema::TIMEOUT.variables.iter().find_map(variable);
        let table = || {
            let mut tables = self.files.tables().into_iter();
            text(&tables.find_map(|tables| tables.run.get(&schema::TIMEOUT))?.value)
        };
        flag().or_else(variable).or_else(table).unwrap_or(TIMEOUT)
    }

    /// The strongest value of a key.
    pub fn raw(&self, key: &'static SettingKey) -> Result<Option<Setting<RawValue>>, Error> {
        if let Some(setting) = self.flag(key) {
            return Ok(Some(setting.clone()));
        }
        if let Some(name) = self.source.as_ref().and_then(|source| source.variable(key.name))
            && let Some(text) = self.environment.text(&name)
        {
            return variable(key, name.clone().into(), text).map(Some);
        }
        for &name in key.variables {
            if let Some(text) = self.environment.text(name) {
                return variable(key, name.into(), text).map(Some);
            }
        }
        Ok(self.table(key))
    }

    /// The value that a flag gives to a key: `--set` for this source, or the key's own.
    pub fn flag(&self, key: &'static SettingKey) -> Option<&Setting<RawValue>> {
        let set = self.source.as_ref().and_then(|source| source.set.get(key));
        set.or_else(|| self.flags.get(key))
    }

    /// The strongest value of a key that stands in a file.
    pub fn table(&self, key: &'static SettingKey) -> Option<Setting<RawValue>> {
        self.tables.iter().find_map(|table| table.get_by_name(key.name)).cloned()
    }

    /// The value of the first of these keys in the strongest table that has one of them.
    fn raw_of_tables(&self, keys: &[&'static SettingKey]) -> Option<Setting<RawValue>> {
        let in_table = |table: &&Layer| keys.iter().find_map(|key| table.get(key)).cloned();
        self.tables.iter().find_map(in_table)
    }

    /// The same as a list.
    pub(super) fn list_of_tables(
        &self,
        keys: &[&'static SettingKey],
    ) -> Option<Setting<Vec<String>>> {
        match self.raw_of_tables(keys)? {
            Setting { value: RawValue::List(value), origin } => Some(Setting { value, origin }),
            _ => None,
        }
    }

    /// The text of the first of these keys in the strongest table that has one of them.
    pub(super) fn text_of_tables(&self, keys: &[&'static SettingKey]) -> Option<Setting<String>> {
        match self.raw_of_tables(keys)? {
            Setting { value: RawValue::Text(value), origin } => Some(Setting { value, origin }),
            _ => None,
        }
    }

    /// The same, unless it is a reference in the place of a file.
    fn plain(&self, key: &'static SettingKey) -> Result<Option<Setting<RawValue>>, Error> {
        let is_plain = |raw: &RawValue| !matches!(raw, RawValue::Reference(_));
        Ok(self.raw(key)?.filter(|setting| is_plain(&setting.value)))
    }

    /// The same as text.
    pub fn text(&self, key: &'static SettingKey) -> Result<Option<Setting<String>>, Error> {
        let text = |raw| match raw {
            RawValue::Text(text) => text,
            RawValue::List(list) => list.join(","),
            RawValue::Switch(switch) => switch.to_string(),
            RawValue::Map(_) | RawValue::Secret(_) | RawValue::Reference(_) => String::new(),
        };
        Ok(self.plain(key)?.map(|setting| setting.map(text)))
    }

    /// The same as a list.
    pub fn list(&self, key: &'static SettingKey) -> Result<Option<Setting<Vec<String>>>, Error> {
        let list = |raw| match raw {
            RawValue::List(list) => list,
            RawValue::Text(text) => vec![text],
            RawValue::Switch(_)
            | RawValue::Map(_)
            | RawValue::Secret(_)
            | RawValue::Reference(_) => Vec::new(),
        };
        Ok(self.raw(key)?.map(|setting| setting.map(list)))
    }

    /// The same as a switch.
    pub fn switch(&self, key: &'static SettingKey, default: bool) -> Result<bool, Error> {
        Ok(self.raw(key)?.map_or(default, |setting| setting.value == RawValue::Switch(true)))
    }

    /// Where a switch was turned on, if it is on.
    pub fn on(&self, key: &'static SettingKey) -> Result<Option<Origin>, Error> {
        let on = self.raw(key)?.filter(|setting| setting.value == RawValue::Switch(true));
        Ok(on.map(|setting| setting.origin))
    }

    /// The same as a table of texts.
    pub fn map(&self, key: &'static SettingKey) -> Result<Vec<(String, String)>, Error> {
        match self.raw(key)? {
            Some(Setting { value: RawValue::Map(map), .. }) => Ok(map),
            _ => Ok(Vec::new()),
        }
    }

    /// The same as a path.
    pub fn path(&self, key: &'static SettingKey) -> Result<Option<Setting<PathBuf>>, Error> {
        Ok(self.text(key)?.map(resolve_path))
    }
}

fn variable(
    key: &SettingKey,
    name: Cow<'static, str>,
    text: &OsStr,
) -> Result<Setting<RawValue>, Error> {
    let value = from_variable(key, &name, text)?;
    Ok(Setting { value, origin: Origin::Variable(name) })
}

/// Resolves a path: one from a configuration file is relative to that file, any other to the working directory.
/// `~` and `$HOME` at the start stand for the home directory.
pub fn resolve_path(setting: Setting<String>) -> Setting<PathBuf> {
    let origin = setting.origin.clone();
    setting.map(|text| {
        let path = expand_home(&text);
        match &origin {
            Origin::File(place) => place.file.parent().unwrap_or(Path::new("")).join(path),
            _ => path,
        }
    })
}

/// Reads what stands behind `=` of `--set NAME.key=value` as the key's kind.
pub(super) fn from_text(
    key: &SettingKey,
    text: &str,
    origin: Origin,
) -> Result<Setting<RawValue>, Error> {
    let fault = |origin: &Origin, what| Error::Form {
        origin: origin.clone(),
        what,
        value: text.to_owned(),
    };
    let value = raw(key.kind, text).map_err(|wanted| fault(&origin, wanted))?;
    Ok(Setting { value, origin })
}

fn from_variable(key: &SettingKey, name: &str, text: &OsStr) -> Result<RawValue, Error> {
    let fault = |wanted| Error::Variable { name: name.to_owned(), wanted };
    let text = std::str::from_utf8(text.as_bytes()).map_err(|_utf8| fault("UTF-8"))?;
    raw(key.kind, text).map_err(fault)
}

/// Reads text as a kind of value; the error is what it should have been. Lists are separated by commas.
fn raw(kind: ValueKind, text: &str) -> Result<RawValue, &'static str> {
    Ok(match kind {
        ValueKind::Text | ValueKind::Path | ValueKind::Secret => RawValue::Text(text.to_owned()),
        ValueKind::List | ValueKind::Paths => RawValue::List(split_list(text)),
        ValueKind::Switch => RawValue::Switch(parse_switch(text).ok_or("`true` or `false`")?),
        ValueKind::SwitchOrText => {
            parse_switch(text).map_or_else(|| RawValue::Text(text.to_owned()), RawValue::Switch)
        }
        ValueKind::SwitchOrList => {
            parse_switch(text).map_or_else(|| RawValue::List(split_list(text)), RawValue::Switch)
        }
        ValueKind::Map => {
            let pairs = split_list(text).into_iter().map(|part| split_assignment(&part));
            RawValue::Map(pairs.collect::<Option<_>>().ok_or("`A=B`")?)
        }
    })
}

/// The parts of a comma-separated list, without the white space around them and without empty ones.
pub fn split_list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Both sides of `A=B`, if neither is empty.
pub fn split_assignment(text: &str) -> Option<(String, String)> {
    let (from, to) = text.split_once('=')?;
    (!from.is_empty() && !to.is_empty()).then(|| (from.to_owned(), to.to_owned()))
}

/// Reads a switch in any of its spellings.
pub fn parse_switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}
