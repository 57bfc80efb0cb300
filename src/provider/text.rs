//! JSON texts that are deserialized into protected memory.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::secret::Value;

/// A secret text.
#[derive(Debug)]
pub(crate) struct SecretText(pub(crate) Value);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl Visitor<'_> for TextVisitor {
            type Value = SecretText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretText, E> {
                Ok(SecretText(Value::from(text)))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<SecretText, E> {
                Ok(SecretText(Value::from(text)))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}
