//! The JSON of the Connect API, as far as hushed reads it.

use std::fmt;

use serde::Deserialize;

use crate::provider::text::SecretText;

/// A vault or an item in a list.
#[derive(Debug, Deserialize)]
pub(super) struct Summary {
    pub(super) id: String,
    /// The name of a vault.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// The title of an item.
    #[serde(default)]
    pub(super) title: Option<String>,
}

impl Summary {
    /// How people call it.
    pub(super) fn label(&self) -> &str {
        self.title.as_deref().or(self.name.as_deref()).unwrap_or(&self.id)
    }
}

/// An item.
#[derive(Debug, Deserialize)]
pub(super) struct WireItem {
    pub(super) id: String,
    #[serde(default)]
    pub(super) title: String,
    #[serde(default)]
    pub(super) version: Option<u64>,
    #[serde(default)]
    pub(super) sections: Vec<WireSection>,
    #[serde(default)]
    pub(super) fields: Vec<WireField>,
    #[serde(default)]
    pub(super) files: Vec<WireFile>,
}

/// A section of an item.
#[derive(Debug, Deserialize)]
pub(super) struct WireSection {
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) label: Option<String>,
}

/// The section that a field or a file is in.
#[derive(Debug, Deserialize)]
pub(super) struct SectionId {
    #[serde(default)]
    pub(super) id: String,
}

/// A field of an item.
#[derive(Deserialize)]
pub(super) struct WireField {
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) label: Option<String>,
    #[serde(default)]
    pub(super) value: Option<SecretText>,
    /// The one-time password that belongs to the value now.
    #[serde(default)]
    pub(super) totp: Option<SecretText>,
    #[serde(default)]
    pub(super) section: Option<SectionId>,
}

impl fmt::Debug for WireField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WireField").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A file of an item.
#[derive(Debug, Deserialize)]
pub(super) struct WireFile {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) section: Option<SectionId>,
}
