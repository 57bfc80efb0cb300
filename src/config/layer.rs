//! What was said, where, and which of it holds: flags over variables over profile over file over user
//! file. Every value knows its origin. It does not know what the settings mean.

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
    Flag(&'static str),
    /// A variable.
    Variable(&'static str),
    /// A place in a configuration file.
    File(Place),
    /// The project file of Infisical's own command line.
    InfisicalJson(Arc<Path>),
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
            Self::InfisicalJson(path) => write!(f, "{}", path.display()),
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
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
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

    /// Forgets what a flag said; whether it had said anything.
    pub fn take_out(&mut self, flag: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(key, _)| key.flag != Some(flag));
        self.0.len() < before
    }

    /// The value of a key.
    pub fn get(&self, key: &'static Key) -> Option<&Setting<Raw>> {
        self.iter().find(|(found, _)| std::ptr::eq(*found, key)).map(|(_, setting)| setting)
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
pub(super) struct Layers<'a> {
    pub(super) flags: &'a Layer,
    pub(super) environment: &'a Environment,
    pub(super) tables: Vec<&'a Layer>,
}

impl Layers<'_> {
    /// The strongest value of a key.
    pub(super) fn raw(&self, key: &'static Key) -> Result<Option<Setting<Raw>>, Error> {
        if let Some(said) = self.flags.get(key) {
            return Ok(Some(said.clone()));
        }
        for &name in key.variables {
            if let Some(text) = self.environment.text(name) {
                let raw = from_variable(key, name, text)?;
                return Ok(Some(Setting { value: raw, origin: Origin::Variable(name) }));
            }
        }
        Ok(self.table(key))
    }

    /// The strongest value of a key that stands in a file.
    pub(super) fn table(&self, key: &'static Key) -> Option<Setting<Raw>> {
        self.tables.iter().find_map(|table| table.get(key)).cloned()
    }

    pub(super) fn text(&self, key: &'static Key) -> Result<Option<Setting<String>>, Error> {
        let text = |raw| match raw {
            Raw::Text(text) => text,
            Raw::List(list) => list.join(","),
            Raw::Switch(switch) => switch.to_string(),
            Raw::Map(_) | Raw::Secret(_) => String::new(),
        };
        Ok(self.raw(key)?.map(|setting| setting.map(text)))
    }

    pub(super) fn list(&self, key: &'static Key) -> Result<Option<Setting<Vec<String>>>, Error> {
        let list = |raw| match raw {
            Raw::List(list) => list,
            Raw::Text(text) => vec![text],
            Raw::Switch(_) | Raw::Map(_) | Raw::Secret(_) => Vec::new(),
        };
        Ok(self.raw(key)?.map(|setting| setting.map(list)))
    }

    pub(super) fn switch(&self, key: &'static Key, default: bool) -> Result<bool, Error> {
        Ok(self.raw(key)?.map_or(default, |setting| setting.value == Raw::Switch(true)))
    }

    /// Where a switch was turned on, if it is on.
    pub(super) fn on(&self, key: &'static Key) -> Result<Option<Origin>, Error> {
        let on = self.raw(key)?.filter(|setting| setting.value == Raw::Switch(true));
        Ok(on.map(|setting| setting.origin))
    }

    pub(super) fn map(&self, key: &'static Key) -> Result<Vec<(String, String)>, Error> {
        match self.raw(key)? {
            Some(Setting { value: Raw::Map(map), .. }) => Ok(map),
            _ => Ok(Vec::new()),
        }
    }

    pub(super) fn path(&self, key: &'static Key) -> Result<Option<Setting<PathBuf>>, Error> {
        Ok(self.text(key)?.map(located))
    }
}

/// A path from a file is relative to that file; any other to the working directory.
pub(super) fn located(setting: Setting<String>) -> Setting<PathBuf> {
    let origin = setting.origin.clone();
    setting.map(|text| match &origin {
        Origin::File(place) => place.file.parent().unwrap_or(Path::new("")).join(text),
        _ => PathBuf::from(text),
    })
}

/// Reads a variable as its key's kind. Lists are parted by commas.
fn from_variable(key: &Key, name: &'static str, text: &OsStr) -> Result<Raw, Error> {
    let fault = |wanted| Error::Variable { name, wanted };
    let text = std::str::from_utf8(text.as_bytes()).map_err(|_utf8| fault("UTF-8"))?;
    Ok(match key.kind {
        Kind::Text | Kind::Path => Raw::Text(text.to_owned()),
        Kind::List | Kind::Paths => Raw::List(parts(text)),
        Kind::Switch => Raw::Switch(switch(text).ok_or_else(|| fault("`true` or `false`"))?),
        Kind::SwitchOrText => switch(text).map_or_else(|| Raw::Text(text.to_owned()), Raw::Switch),
        Kind::SwitchOrList => switch(text).map_or_else(|| Raw::List(parts(text)), Raw::Switch),
        Kind::Map => {
            let pairs = parts(text).into_iter().map(|part| pair(&part));
            Raw::Map(pairs.collect::<Option<_>>().ok_or_else(|| fault("`A=B`"))?)
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

fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}
