//! The JSON of the server's responses, borrowed from the body. Values keep the text that the server sent:
//! a number is never converted to a float.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::provider::StoredVersion;
use crate::secret::{SecretBuffer, Value};

/// What every response with a body has.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) lease_id: Option<String>,
    #[serde(default)]
    pub(super) renewable: bool,
    #[serde(default)]
    pub(super) lease_duration: u64,
    #[serde(default)]
    pub(super) auth: Option<Auth>,
}

/// The result of a login.
#[derive(Debug, Deserialize)]
pub(super) struct Auth {
    pub(super) client_token: SecretText,
    #[serde(default)]
    pub(super) lease_duration: u64,
    #[serde(default)]
    pub(super) renewable: bool,
    #[serde(default)]
    pub(super) mfa_requirement: Option<de::IgnoredAny>,
}

/// The data of a secret in a KV 2 engine.
#[derive(Debug, Deserialize)]
pub(super) struct Kv2<'a> {
    #[serde(borrow)]
    pub(super) data: Members<'a>,
    pub(super) metadata: Kv2Metadata,
}

/// The metadata of a version of a secret.
#[derive(Debug, Deserialize)]
pub(super) struct Kv2Metadata {
    pub(super) version: u64,
}

/// The versions of a secret in a KV 2 engine (`metadata`).
#[derive(Debug, Deserialize)]
pub(super) struct Kv2Versions {
    current_version: u64,
    versions: BTreeMap<String, Kv2Version>,
}

#[derive(Debug, Deserialize)]
struct Kv2Version {
    created_time: String,
    #[serde(default)]
    deletion_time: String,
    #[serde(default)]
    destroyed: bool,
}

impl Kv2Versions {
    /// The versions, the newest first.
    pub(super) fn list(&self) -> Vec<StoredVersion> {
        let number = |text: &String| text.parse::<u64>().unwrap_or_default();
        let mut versions: Vec<_> = self.versions.iter().collect();
        versions.sort_by_key(|(version, _)| std::cmp::Reverse(number(version)));
        let stored = |(version, entry): (&String, &Kv2Version)| {
            let labels = [
                (number(version) == self.current_version, "current"),
                (!entry.deletion_time.is_empty() && !entry.destroyed, "deleted"),
                (entry.destroyed, "destroyed"),
            ];
            let labels =
                labels.into_iter().filter(|(is, _)| *is).map(|(_, label)| label.to_owned());
            StoredVersion {
                version: version.clone(),
                created: Some(entry.created_time.clone()),
                labels: labels.collect(),
            }
        };
        versions.into_iter().map(stored).collect()
    }
}

/// A secrets engine (`sys/internal/ui/mounts`).
#[derive(Debug, Deserialize)]
pub(super) struct Mount {
    pub(super) path: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    options: Option<MountOptions>,
}

#[derive(Debug, Default, Deserialize)]
struct MountOptions {
    #[serde(default)]
    version: Option<String>,
}

impl Mount {
    /// The version of a KV engine; 1 if the server names none.
    pub(super) fn version(&self) -> &str {
        self.options.as_ref().and_then(|options| options.version.as_deref()).unwrap_or("1")
    }
}

/// The result of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Keys {
    pub(super) keys: Vec<String>,
}

/// The lifetime of a token (`auth/token/lookup-self`).
#[derive(Debug, Deserialize)]
pub(super) struct TokenLookup {
    #[serde(default)]
    pub(super) ttl: u64,
}

/// The origin of a wrapping token (`sys/wrapping/lookup`).
#[derive(Debug, Deserialize)]
pub(super) struct WrappingLookup {
    pub(super) creation_path: String,
}

/// What a wrapped secret ID contains.
#[derive(Debug, Deserialize)]
pub(super) struct WrappedSecretId {
    pub(super) secret_id: SecretText,
}

/// What a sink's wrapping token contains.
#[derive(Debug, Deserialize)]
pub(super) struct WrappedToken {
    pub(super) token: SecretText,
}

/// The state of the server (`sys/health`, `sys/seal-status`).
#[derive(Debug, Deserialize)]
pub(super) struct Health {
    #[serde(default)]
    pub(super) initialized: bool,
    #[serde(default)]
    pub(super) sealed: bool,
    #[serde(default)]
    pub(super) standby: bool,
    #[serde(default)]
    pub(super) version: String,
    #[serde(default)]
    pub(super) server_time_utc: Option<i64>,
}

/// One parameter of inline authentication.
#[derive(Debug, Serialize)]
pub(super) struct InlineParameter<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

/// The members of a JSON object, in its order, with their JSON text.
#[derive(Debug)]
pub(super) struct Members<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

/// The value of a member: a string as it is, any other scalar as its JSON text, an object or a list as
/// compact JSON. `None` for null.
pub(super) fn member_value(raw: &RawValue) -> Option<Value> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<SecretText>(text).ok().map(|text| text.0),
        Some(b'n') | None => None,
        Some(b'{' | b'[') => Some(compact(text)),
        Some(_) => Some(Value::from(text.trim())),
    }
}

/// Removes the white space outside of strings.
fn compact(json: &str) -> Value {
    let mut out = SecretBuffer::with_capacity(json.len());
    let (mut in_string, mut is_escaped) = (false, false);
    for byte in json.bytes() {
        if in_string || !byte.is_ascii_whitespace() {
            out.push([byte]);
        }
        if byte == b'"' && !is_escaped {
            in_string = !in_string;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    Value::from(out.as_bytes())
}

/// A JSON string that is moved to protected memory.
#[derive(Debug)]
pub(super) struct SecretText(pub(super) Value);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SecretTextVisitor;

        impl Visitor<'_> for SecretTextVisitor {
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

        deserializer.deserialize_str(SecretTextVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_text_that_the_server_sent() {
        for (json, want) in [
            (r#""canary""#, Some("canary")),
            (r#""""#, Some("")),
            (r#""\u003ca\u003e\né""#, Some("<a>\né")),
            ("12345678901234567890", Some("12345678901234567890")),
            ("1.10", Some("1.10")),
            ("-1e400", Some("-1e400")),
            ("true", Some("true")),
            ("null", None),
            (r#"{ "a" : [ 1, "x \" y" ] }"#, Some(r#"{"a":[1,"x \" y"]}"#)),
            ("[ ]", Some("[]")),
            (r#"[ "\\", "a b" ]"#, Some(r#"["\\","a b"]"#)),
        ] {
            let raw: &RawValue = serde_json::from_str(json).unwrap();
            let value = member_value(raw);
            assert_eq!(value.as_ref().and_then(Value::expose_str), want, "{json}");
        }
    }

    #[test]
    fn members_keep_their_order() {
        let members: Members<'_> = serde_json::from_str(r#"{"b":1,"a":{"x":null}}"#).unwrap();
        let names: Vec<_> =
            members.0.iter().map(|(name, raw)| (name.as_str(), raw.get())).collect();
        assert_eq!(names, [("b", "1"), ("a", r#"{"x":null}"#)]);
        assert!(serde_json::from_str::<Members<'_>>("[1]").is_err());
    }
}
