//! The provider `fake` of the operator: values that stand in the store's manifest, for tests of manifests. Pure.

use super::fields::{Fault, Fields};
use crate::secret::Value;

/// The values of a store.
#[derive(Clone, Debug, Default)]
pub(super) struct Fake(Vec<FakeValue>);

#[derive(Clone, Debug)]
struct FakeValue {
    key: String,
    version: Option<String>,
    value: Value,
}

impl Fake {
    /// Reads the block of the provider.
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        fields.refuse_others(&["data", "validationResult"])?;
        let value = |item: &crate::provider::document::Item| {
            let fields = Fields::new(&item.node, item.line, "data")?;
            fields.refuse_others(&["key", "value", "version"])?;
            let value = fields.required("value")?;
            let (key, version) = (fields.required("key")?, fields.text("version")?);
            if key.is_empty() || value.is_empty() {
                return Err(Fault::new(item.line, "`key` and `value` must not be empty"));
            }
            Ok(FakeValue { key, version, value: Value::from(value.as_str()) })
        };
        Ok(Self(fields.list("data")?.iter().map(value).collect::<Result<_, _>>()?))
    }

    /// The value of a key in exactly this version.
    pub(super) fn get(&self, key: &str, version: Option<&str>) -> Option<&Value> {
        let is_it = |value: &&FakeValue| value.key == key && value.version.as_deref() == version;
        self.0.iter().rfind(is_it).map(|value| &value.value)
    }

    /// All keys, each in its highest version by the order of text, converted as the operator's own store does.
    pub(super) fn all(&self) -> Vec<(String, Value)> {
        let mut newest: Vec<&FakeValue> = Vec::new();
        for value in &self.0 {
            match newest.iter_mut().find(|known| known.key == value.key) {
                Some(known) if known.version < value.version => *known = value,
                Some(_) => {}
                None => newest.push(value),
            }
        }
        newest.into_iter().map(|value| (value.key.clone(), value.value.clone())).collect()
    }
}
