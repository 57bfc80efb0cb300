//! Objects of stores, as references name them: one value, or several with names.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Value;

/// An object of a store. Two references to the same address are fetched once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectAddress {
    /// The path in the source, decoded; its segments are separated by `/`. It may be empty.
    pub path: String,
    /// The version: a number, an ID or a stage, whatever the store has.
    pub version: Option<String>,
    /// Further options, which only the store knows, in the order of their names.
    pub options: Vec<(String, String)>,
}

impl fmt::Display for ObjectAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        let version = self.version.iter().map(|version| ("version", version));
        let options = self.options.iter().map(|(name, value)| (name.as_str(), value));
        for (at, (name, value)) in version.chain(options).enumerate() {
            write!(f, "{}{name}={value}", if at == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

/// An object of a store, at one version, read for references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The configured name of the source.
    pub source: Arc<str>,
    /// Its place in the source.
    pub address: ObjectAddress,
    /// What it holds.
    pub content: ObjectContent,
    /// Its version, as the store names it. It is not secret.
    pub version: Option<String>,
    /// The age of the cache entry that it comes from; `None` for an object from the source.
    pub age: Option<Duration>,
}

/// What an object holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectContent {
    /// Named values, in the order of the store.
    Members(Vec<(String, Value)>),
    /// One value: text, JSON or other bytes.
    Value(Value),
}
