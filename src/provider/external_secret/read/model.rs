//! What an `ExternalSecret` manifest says.

use regex_lite::Regex;

use super::decode::{Conversion, Decoding};

/// What one manifest reads, and what becomes of it.
#[derive(Debug)]
pub(super) struct ExternalSecret {
    pub(super) name: String,
    pub(super) data: Vec<DataEntry>,
    pub(super) data_from: Vec<DataFrom>,
    pub(super) creation: Creation,
    pub(super) deletion: Deletion,
    pub(super) template: Option<Template>,
    /// What a host cannot honor, for `hushed plan`: a line and a text.
    pub(super) notes: Vec<(usize, String)>,
}

impl ExternalSecret {
    /// The stores that it reads.
    pub(super) fn stores(&self) -> impl Iterator<Item = &StoreRef> {
        self.places().map(|(_, store)| store)
    }

    /// A store that is not there, and the line that names it.
    pub(super) fn first_unknown(
        &self,
        known: &super::stores::Stores,
    ) -> Option<(usize, &StoreRef)> {
        self.places().find(|(_, store)| !known.contains_key(store))
    }

    fn places(&self) -> impl Iterator<Item = (usize, &StoreRef)> {
        let data = self.data.iter().map(|entry| (entry.remote.line, &entry.store));
        data.chain(self.data_from.iter().map(|entry| (entry.line, &entry.store)))
    }

    /// The objects that it reads of stores, and the stores of which it reads everything.
    pub(super) fn wanted(&self) -> impl Iterator<Item = (&StoreRef, Option<&RemoteValue>)> {
        let data = self.data.iter().map(|entry| (&entry.store, Some(&entry.remote)));
        data.chain(self.data_from.iter().map(|entry| match &entry.what {
            DataFromKind::Extract(value) => (&entry.store, Some(value)),
            DataFromKind::Find { .. } => (&entry.store, None),
        }))
    }
}

/// A store, as manifests name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StoreRef {
    pub(super) cluster: bool,
    pub(super) name: String,
}

impl std::fmt::Display for StoreRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.cluster { "ClusterSecretStore" } else { "SecretStore" };
        write!(f, "{kind} `{}`", self.name.escape_debug())
    }
}

#[derive(Debug)]
pub(super) struct DataEntry {
    pub(super) key: String,
    pub(super) store: StoreRef,
    pub(super) remote: RemoteValue,
}

/// `remoteRef` and `extract`.
#[derive(Debug)]
pub(super) struct RemoteValue {
    pub(super) line: usize,
    pub(super) key: String,
    pub(super) property: Option<String>,
    pub(super) version: Option<String>,
    pub(super) treatment: Treatment,
}

/// What is done with keys and values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Treatment {
    pub(super) conversion: Conversion,
    pub(super) decoding: Decoding,
    /// Whether a zero byte in a value is an error.
    pub(super) refuses_null: bool,
}

#[derive(Debug)]
pub(super) struct DataFrom {
    pub(super) line: usize,
    pub(super) store: StoreRef,
    pub(super) what: DataFromKind,
    pub(super) rewrite: Vec<Rewrite>,
}

#[derive(Debug)]
pub(super) enum DataFromKind {
    Extract(RemoteValue),
    Find { path: Option<String>, name: Option<Regex>, treatment: Treatment },
}

/// An operation on the keys of an entry, with its line.
#[derive(Debug)]
pub(super) enum Rewrite {
    Regexp {
        line: usize,
        source: Regex,
        target: String,
    },
    Transform {
        line: usize,
        template: String,
    },
    Merge {
        line: usize,
        into: Option<String>,
        priority: Vec<String>,
        strict: bool,
        ignores_conflicts: bool,
    },
}

/// `creationPolicy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Creation {
    /// `Owner`, `Orphan` and `CreateOrMerge`: the set is delivered.
    Deliver,
    /// The set is added to what other sources give.
    Merge,
    /// Nothing is delivered.
    Nothing,
}

/// `deletionPolicy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deletion {
    /// A missing secret is an error.
    Retain,
    /// A missing secret is left out.
    Skip,
}

#[derive(Debug)]
pub(super) struct Template {
    pub(super) line: usize,
    pub(super) kind: Option<String>,
    /// Whether the keys that were read are kept.
    pub(super) merges: bool,
    pub(super) data: Vec<TemplateText>,
    /// Texts that are maps of YAML when they are rendered.
    pub(super) literals: Vec<TemplateText>,
    pub(super) config_maps: Vec<ConfigMapRef>,
    /// Whether `templateFrom` has any entry.
    pub(super) has_any_from: bool,
}

#[derive(Debug)]
pub(super) struct TemplateText {
    /// The key that it makes; empty for a literal.
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) text: String,
}

/// A key of a `ConfigMap` that is a template.
#[derive(Debug)]
pub(super) struct ConfigMapRef {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) key: String,
    pub(super) keys_and_values: bool,
}
