//! What was said, where, and which of it holds: flags over variables over profile over file over user
//! file. Every value knows its origin. It does not know what the settings mean.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::schema::{Key, Kind};
use super::{Environment, Error};
use crate::secret::Value;

/// A value as it was said, before it has a type of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
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
}

/// Where a value was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(Cow<'static, str>),
    /// A variable.
    Variable(Cow<'static, str>),
    /// A place in a configuration file.
    File(Place),
    /// The project file of a store's own command line.
    ForeignFile(Arc<Path>),
    /// Nobody said it.
    Default,
}

/// A place in a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<Path>,
    /// Whose file it is.
    pub standing: Standing,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// How far a configuration file is the user's own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Found in the working tree: whoever wrote the project wrote it.
    Project,
    /// Named by the user, or in the user's own folder.
    User,
}

impl Origin {
    /// The origin of a setting's own flag.
    pub fn flag(key: &Key) -> Self {
        Self::Flag(key.flag_name().unwrap_or(key.name).into())
    }

    /// The file of the project that it is in, if it is in one: anybody may have written that.
    pub fn project_file(&self) -> Option<&Path> {
        match self {
            Self::File(place) => (place.standing == Standing::Project).then_some(&*place.file),
            Self::ForeignFile(path) => Some(path),
            Self::Flag(_) | Self::Variable(_) | Self::Default => None,
        }
    }
}

impl fmt::Display for Place {
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
    /// Where it was said.
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
pub struct Layer(Vec<(&'static Key, Setting<Raw>)>);

impl fmt::Debug for Layer {
    /// What was said where. A value may be a token from the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(key, said)| (key.name, &said.origin))).finish()
    }
}

impl Layer {
    /// Adds a value.
    pub fn push(&mut self, key: &'static Key, value: Raw, origin: Origin) {
        self.0.push((key, Setting { value, origin }));
    }

    /// Says one thing only of a key, whatever was said before.
    pub fn replace(&mut self, key: &'static Key, value: Raw, origin: Origin) {
        self.0.retain(|(found, _)| !std::ptr::eq(*found, key));
        self.push(key, value, origin);
    }

    /// Adds all values of another layer.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Forgets what a flag said; whether it had said anything.
    pub fn take_out(&mut self, flag: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(key, _)| key.flag_name() != Some(flag));
        self.0.len() < before
    }

    /// The value of a key. Stores may have keys of one name: this is the one of that very key.
    pub fn get(&self, key: &'static Key) -> Option<&Setting<Raw>> {
        self.iter().find(|(found, _)| std::ptr::eq(*found, key)).map(|(_, setting)| setting)
    }

    /// The value of the key of this name.
    pub fn get_by_name(&self, name: &str) -> Option<&Setting<Raw>> {
        self.iter().find(|(found, _)| found.name == name).map(|(_, setting)| setting)
    }

    /// All keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Key, &Setting<Raw>)> {
        self.0.iter().map(|(key, setting)| (*key, setting))
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// All levels for one section, the strongest first: flags, then variables, then the tables.
#[derive(Clone, Debug)]
pub struct Layers<'a> {
    pub(super) flags: &'a Layer,
    pub(super) environment: &'a Environment,
    pub(super) tables: Vec<&'a Layer>,
    /// What flags and variables specify for one source alone; it wins over flags and variables for all.
    pub(super) source: Option<SourceLayers>,
}

/// What flags and variables specify for one source alone.
#[derive(Clone, Debug)]
pub(super) struct SourceLayers {
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
    /// The environment.
    pub fn environment(&self) -> &Environment {
        self.environment
    }

    /// The strongest value of a key.
    pub fn raw(&self, key: &'static Key) -> Result<Option<Setting<Raw>>, Error> {
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
    pub fn flag(&self, key: &'static Key) -> Option<&Setting<Raw>> {
        let set = self.source.as_ref().and_then(|source| source.set.get(key));
        set.or_else(|| self.flags.get(key))
    }

    /// The strongest value of a key that stands in a file.
    pub fn table(&self, key: &'static Key) -> Option<Setting<Raw>> {
        self.tables.iter().find_map(|table| table.get_by_name(key.name)).cloned()
    }

    /// The text of the first of these keys in the strongest table that has one of them.
    pub(super) fn text_of_tables(&self, keys: &[&'static Key]) -> Option<Setting<String>> {
        let in_table = |table: &&Layer| keys.iter().find_map(|key| table.get(key)).cloned();
        match self.tables.iter().find_map(in_table)? {
            Setting { value: Raw::Text(value), origin } => Some(Setting { value, origin }),
            _ => None,
        }
    }

    /// The same as text.
    pub fn text(&self, key: &'static Key) -> Result<Option<Setting<String>>, Error> {
        let text = |raw| match raw {
            Raw::Text(text) => text,
            Raw::List(list) => list.join(","),
            Raw::Switch(switch) => switch.to_string(),
            Raw::Map(_) | Raw::Secret(_) => String::new(),
        };
        Ok(self.raw(key)?.map(|setting| setting.map(text)))
    }

    /// The same as a list.
    pub fn list(&self, key: &'static Key) -> Result<Option<Setting<Vec<String>>>, Error> {
        let list = |raw| match raw {
            Raw::List(list) => list,
            Raw::Text(text) => vec![text],
            Raw::Switch(_) | Raw::Map(_) | Raw::Secret(_) => Vec::new(),
        };
        Ok(self.raw(key)?.map(|setting| setting.map(list)))
    }

    /// The same as a switch.
    pub fn switch(&self, key: &'static Key, default: bool) -> Result<bool, Error> {
        Ok(self.raw(key)?.map_or(default, |setting| setting.value == Raw::Switch(true)))
    }

    /// Where a switch was turned on, if it is on.
    pub fn on(&self, key: &'static Key) -> Result<Option<Origin>, Error> {
        let on = self.raw(key)?.filter(|setting| setting.value == Raw::Switch(true));
        Ok(on.map(|setting| setting.origin))
    }

    /// The same as a table of texts.
    pub fn map(&self, key: &'static Key) -> Result<Vec<(String, String)>, Error> {
        match self.raw(key)? {
            Some(Setting { value: Raw::Map(map), .. }) => Ok(map),
            _ => Ok(Vec::new()),
        }
    }

    /// The same as a path.
    pub fn path(&self, key: &'static Key) -> Result<Option<Setting<PathBuf>>, Error> {
        Ok(self.text(key)?.map(located))
    }
}

fn variable(key: &Key, name: Cow<'static, str>, text: &OsStr) -> Result<Setting<Raw>, Error> {
    let value = from_variable(key, &name, text)?;
    Ok(Setting { value, origin: Origin::Variable(name) })
}

/// A path from a file is relative to that file; any other to the working directory.
pub fn located(setting: Setting<String>) -> Setting<PathBuf> {
    let origin = setting.origin.clone();
    setting.map(|text| match &origin {
        Origin::File(place) => place.file.parent().unwrap_or(Path::new("")).join(text),
        _ => PathBuf::from(text),
    })
}

/// Reads what stands behind `=` of `--set NAME.key=value` as the key's kind.
pub(super) fn from_text(key: &Key, text: &str, origin: Origin) -> Result<Setting<Raw>, Error> {
    let fault = |origin: &Origin, what| Error::Form {
        origin: origin.clone(),
        what,
        value: text.to_owned(),
    };
    let value = raw(key.kind, text).map_err(|wanted| fault(&origin, wanted))?;
    Ok(Setting { value, origin })
}

fn from_variable(key: &Key, name: &str, text: &OsStr) -> Result<Raw, Error> {
    let fault = |wanted| Error::Variable { name: name.to_owned(), wanted };
    let text = std::str::from_utf8(text.as_bytes()).map_err(|_utf8| fault("UTF-8"))?;
    raw(key.kind, text).map_err(fault)
}

/// Reads text as a kind of value; the error is what it should have been. Lists are separated by commas.
fn raw(kind: Kind, text: &str) -> Result<Raw, &'static str> {
    Ok(match kind {
        Kind::Text | Kind::Path | Kind::Secret => Raw::Text(text.to_owned()),
        Kind::List | Kind::Paths => Raw::List(parts(text)),
        Kind::Switch => Raw::Switch(parse_switch(text).ok_or("`true` or `false`")?),
        Kind::SwitchOrText => {
            parse_switch(text).map_or_else(|| Raw::Text(text.to_owned()), Raw::Switch)
        }
        Kind::SwitchOrList => {
            parse_switch(text).map_or_else(|| Raw::List(parts(text)), Raw::Switch)
        }
        Kind::Map => {
            let pairs = parts(text).into_iter().map(|part| pair(&part));
            Raw::Map(pairs.collect::<Option<_>>().ok_or("`A=B`")?)
        }
    })
}

/// The parts of a comma-separated list, without the white space around them and without empty ones.
pub fn parts(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Both sides of `A=B`, if neither is empty.
pub fn pair(text: &str) -> Option<(String, String)> {
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
