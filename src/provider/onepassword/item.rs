//! An item: its fields and files by the names that references use. Pure.

use std::sync::Arc;

use super::error::Error;
use super::wire::{SectionId, WireItem};
use crate::secret::Value;

/// An item of a vault.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) vault: String,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) version: Option<u64>,
    pub(super) fields: Vec<Field>,
    pub(super) files: Vec<File>,
}

/// A field with a value.
#[derive(Debug)]
pub(super) struct Field {
    label: String,
    id: String,
    section: Option<Section>,
    value: Value,
    /// The present one-time password.
    one_time: Option<Value>,
}

/// A file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) id: String,
    name: String,
    section: Option<Section>,
}

/// A section of an item.
#[derive(Clone, Debug)]
struct Section {
    id: String,
    label: Arc<str>,
}

/// What a reference names in an item.
#[derive(Debug)]
pub(super) enum Part<'i> {
    Field(&'i Field),
    File(&'i File),
}

impl Item {
    /// The item, as it came from a vault. Fields without a value are left out.
    pub(super) fn new(vault: &str, item: WireItem) -> Self {
        let sections: Vec<Section> = item
            .sections
            .into_iter()
            .map(|section| {
                let label = section.label.filter(|label| !label.is_empty());
                Section {
                    label: label.unwrap_or_else(|| section.id.clone()).into(),
                    id: section.id,
                }
            })
            .collect();
        let section = |id: Option<SectionId>| {
            let id = id?.id;
            sections.iter().find(|section| section.id == id).cloned()
        };
        let fields = item.fields.into_iter().filter_map(|field| {
            let label = field.label.filter(|label| !label.is_empty());
            Some(Field {
                label: label.unwrap_or_else(|| field.id.clone()),
                id: field.id,
                section: section(field.section),
                value: field.value?.0,
                one_time: field.totp.map(|text| text.0),
            })
        });
        let fields = fields.collect();
        let files = item.files.into_iter();
        let files = files.map(|it| File { id: it.id, name: it.name, section: section(it.section) });
        let files = files.collect();
        let (id, title, version) = (item.id, item.title, item.version);
        Self { vault: vault.to_owned(), id, title, version, fields, files }
    }

    /// Where it is, as references write it.
    pub(super) fn place(&self) -> String {
        let title = if self.title.is_empty() { &self.id } else { &self.title };
        format!("{}/{title}", self.vault)
    }

    /// The fields by name: the label, or SECTION/LABEL if several fields have this label.
    pub(super) fn members(&self) -> Result<Vec<(String, Value)>, Error> {
        let is_unique =
            |label: &str| self.fields.iter().filter(|field| field.label == label).count() == 1;
        let mut members: Vec<(String, Value)> = Vec::new();
        for field in &self.fields {
            let name = match &field.section {
                Some(section) if !is_unique(&field.label) => {
                    format!("{}/{}", section.label, field.label)
                }
                _ => field.label.clone(),
            };
            if members.iter().any(|(known, _)| *known == name) {
                let ids = self.fields.iter().filter(|it| it.label == field.label);
                let ids = ids.map(|it| it.id.clone()).collect();
                return Err(Error::Ambiguous { what: "fields", name, place: self.place(), ids });
            }
            members.push((name, field.value.clone()));
        }
        Ok(members)
    }

    /// The field or file of this name, in this section if one is given: by ID or label, whatever its case if no other
    /// label fits exactly.
    pub(super) fn part(&self, section: Option<&str>, name: &str) -> Result<Part<'_>, Error> {
        let in_section = |found: Option<&Section>| match (section, found) {
            (None, _) => true,
            (Some(wanted), Some(found)) => {
                found.id == wanted || found.label.to_lowercase() == wanted.to_lowercase()
            }
            (Some(_), None) => false,
        };
        let fields = || self.fields.iter().filter(|field| in_section(field.section.as_ref()));
        let files = || self.files.iter().filter(|file| in_section(file.section.as_ref()));
        let fits = |rule: &dyn Fn(&str, &str) -> bool| {
            let fields = fields().filter(|it| rule(&it.id, &it.label)).map(Part::Field);
            let files = files().filter(|it| rule(&it.id, &it.name)).map(Part::File);
            fields.chain(files).collect::<Vec<_>>()
        };
        let lower = name.to_lowercase();
        let mut found = fits(&|id, _| id == name);
        if found.is_empty() {
            found = fits(&|_, label| label == name);
        }
        if found.is_empty() {
            found = fits(&|_, label| label.to_lowercase() == lower);
        }
        let place = self.place();
        match found.len() {
            1 => {
                found.pop().ok_or(Error::NoPart { name: name.to_owned(), place, known: Vec::new() })
            }
            0 => Err(Error::NoPart { name: name.to_owned(), place, known: self.names() }),
            _ => {
                let ids = found.iter().map(Part::id).map(str::to_owned).collect();
                Err(Error::Ambiguous { what: "fields or files", name: name.to_owned(), place, ids })
            }
        }
    }

    /// The names of all parts.
    fn names(&self) -> Vec<String> {
        let name = |section: Option<&Section>, name: &str| match section {
            Some(section) if !section.label.is_empty() => format!("{}/{name}", section.label),
            _ => name.to_owned(),
        };
        let fields = self.fields.iter().map(|it| name(it.section.as_ref(), &it.label));
        fields.chain(self.files.iter().map(|it| name(it.section.as_ref(), &it.name))).collect()
    }
}

impl Part<'_> {
    fn id(&self) -> &str {
        match self {
            Self::Field(field) => &field.id,
            Self::File(file) => &file.id,
        }
    }
}

impl Field {
    /// Its value, or its one-time password.
    pub(super) fn value(&self, one_time: bool) -> Option<&Value> {
        if one_time { self.one_time.as_ref() } else { Some(&self.value) }
    }
}
