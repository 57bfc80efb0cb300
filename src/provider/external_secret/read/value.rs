//! Values between the stores and the variables: the map of an entry, and the members of JSON objects. Pure.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::secret::Value;

/// Values by their keys.
pub(super) type ValueMap = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// The members of a JSON object, in its order, with duplicates.
pub(super) struct Entries<'j>(pub(super) Vec<(String, &'j RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// The keys of a JSON object. The last of two of one name wins; null is empty; what is nested stays as it is. A
/// document that is null has none.
pub(super) fn members(text: &[u8]) -> Option<ValueMap> {
    let text = std::str::from_utf8(text).ok()?;
    if text.trim() == "null" {
        return Some(ValueMap::new());
    }
    let Entries(entries) = serde_json::from_str(text).ok()?;
    entries.into_iter().map(|(key, json)| Some((key, member(json.get())?))).collect()
}

fn member(json: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(json).ok()?.into_bytes(),
        Some(b'n') => Vec::new(),
        _ => json.as_bytes().to_vec(),
    };
    Some(Zeroizing::new(bytes))
}

/// What an object of a store is.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// A value, most often text or JSON.
    Value(Value),
    /// Keys with values.
    Members(Vec<(String, Value)>),
}
