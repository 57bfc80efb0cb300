//! The JSON of the API server: Secrets, lists of them, errors and reviews. Values are decoded from base64; only
//! fields that hushed uses are read.

use std::fmt;

use base64::Engine as _;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::kubeconfig::BASE64;
use crate::secret::Value;

/// A Secret.
#[derive(Debug, Deserialize)]
pub(super) struct SecretObject {
    #[serde(default)]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default, rename = "type")]
    pub(super) type_name: Option<String>,
    #[serde(default)]
    pub(super) immutable: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) data: Data,
}

/// A page of a list of Secrets. Its items have no kind.
#[derive(Debug, Deserialize)]
pub(super) struct SecretList {
    pub(super) kind: String,
    #[serde(default)]
    pub(super) metadata: ListMetadata,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) items: Vec<SecretObject>,
}

/// What identifies a Secret.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) resource_version: Option<String>,
    /// Set while finalizers hold a deleted object.
    pub(super) deletion_timestamp: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub(super) owner_references: Vec<Owner>,
}

/// Another object that an object belongs to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Owner {
    pub(super) kind: String,
    pub(super) name: String,
    /// Whether it manages the object.
    pub(super) controller: bool,
}

/// What continues a list.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ListMetadata {
    #[serde(default, rename = "continue")]
    pub(super) continue_token: Option<String>,
}

/// The keys of a Secret and their values, in the server's order.
#[derive(Debug, Default)]
pub(super) struct Data(pub(super) Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Data;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of base64 texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
                let mut members = Vec::new();
                while let Some((name, Decoded(value))) = map.next_entry::<String, Decoded>()? {
                    members.push((name, value));
                }
                Ok(Data(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A value in base64.
struct Decoded(Value);

impl<'de> Deserialize<'de> for Decoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Decoded;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text in base64")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Decoded, E> {
                let decoded = BASE64.decode(text).map_err(|_| E::custom("not base64"))?;
                Ok(Decoded(Value::new(decoded)))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Decoded, E> {
                Ok(Decoded(Value::from("")))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An error of the API server.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StatusObject {
    pub(super) kind: String,
    pub(super) reason: String,
    pub(super) message: String,
    pub(super) details: Option<StatusDetails>,
}

/// What an error is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StatusDetails {
    pub(super) name: String,
    pub(super) kind: String,
}

/// A question about the identity itself. Its answer is the same object with a status.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Review<S> {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) spec: Option<S>,
}

/// What a `SelfSubjectAccessReview` asks.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccessReviewSpec<'a> {
    pub(super) resource_attributes: ResourceAttributes<'a>,
}

/// A right to Secrets.
#[derive(Debug, Serialize)]
pub(super) struct ResourceAttributes<'a> {
    pub(super) namespace: &'a str,
    pub(super) verb: &'static str,
    pub(super) resource: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
}

/// The answer to a review.
#[derive(Debug, Deserialize)]
pub(super) struct Reviewed<S> {
    pub(super) status: S,
}

/// Who logged in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SelfSubject {
    pub(super) user_info: UserInfo,
}

/// Who logged in.
#[derive(Debug, Deserialize)]
pub(super) struct UserInfo {
    pub(super) username: String,
}

/// Whether something is allowed.
#[derive(Debug, Deserialize)]
pub(super) struct Allowed {
    #[serde(default)]
    pub(super) allowed: bool,
}

/// The version of an API server.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServerVersion {
    pub(super) git_version: String,
}
