//! Picks the property of a reference out of an object. Pure.

use serde_json::value::RawValue;

use super::Property;
use crate::secret::{Object, ObjectContent, Value};

/// Why an object has no such property. It holds names, no values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PropertyError {
    /// Which of its keys is meant is not said.
    #[error("it has {}; name one after `#`", keys(.0))]
    Several(Vec<String>),
    /// There is no such key.
    #[error("it has no `{wanted}`; it has {}", keys(.known))]
    NoKey {
        /// The key, or the pointer so far.
        wanted: String,
        /// The keys that exist.
        known: Vec<String>,
    },
    /// A property of what is no JSON object.
    #[error("{0} is not a JSON object, so it has no properties")]
    NotAnObject(String),
    /// The value is null.
    #[error("{0} is null")]
    Null(String),
}

/// Names in a message, at most twenty.
fn keys(names: &[String]) -> String {
    let mut quoted: Vec<_> =
        names.iter().take(20).map(|name| format!("`{}`", name.escape_debug())).collect();
    if names.len() > quoted.len() {
        quoted.push(format!("{} more", names.len() - quoted.len()));
    }
    if quoted.is_empty() { "no keys".to_owned() } else { format!("the keys {}", quoted.join(", ")) }
}

/// Picks a part of an object. Numbers and other JSON keep their text.
pub fn pick(object: &Object, property: &Property) -> Result<Value, PropertyError> {
    match (&object.content, property) {
        (ObjectContent::Value(value), Property::Whole) => Ok(value.clone()),
        (ObjectContent::Value(value), Property::Key(key)) => {
            find(value, std::slice::from_ref(key), "the value")
        }
        (ObjectContent::Value(value), Property::Pointer(tokens)) => {
            find(value, tokens, "the value")
        }
        (ObjectContent::Members(members), Property::Whole) => match members.as_slice() {
            [(_, value)] => Ok(value.clone()),
            _ => Err(PropertyError::Several(names(members))),
        },
        (ObjectContent::Members(members), Property::Key(key)) => Ok(member(members, key)?.clone()),
        (ObjectContent::Members(members), Property::Pointer(tokens)) => match tokens.as_slice() {
            [] => Err(PropertyError::Several(names(members))),
            [key, rest @ ..] => {
                let value = member(members, key)?;
                find(value, rest, &format!("`{}`", key.escape_debug()))
            }
        },
    }
}

/// All keys of an object with their values: its members, or those of its JSON.
pub fn members(object: &Object) -> Result<Vec<(String, Value)>, PropertyError> {
    let value = match &object.content {
        ObjectContent::Members(members) => return Ok(members.clone()),
        ObjectContent::Value(value) => value,
    };
    let not_json = || PropertyError::NotAnObject("the value".to_owned());
    let text = value.expose_str().ok_or_else(not_json)?;
    let Members(members) = serde_json::from_str(text).map_err(|_syntax| not_json())?;
    let member = |(name, json): (String, &RawValue)| match scalar(json) {
        Some(value) => Ok((name, value)),
        None => Err(PropertyError::Null(format!("`{}`", name.escape_debug()))),
    };
    members.into_iter().map(member).collect()
}

fn names(members: &[(String, Value)]) -> Vec<String> {
    members.iter().map(|(name, _)| name.clone()).collect()
}

fn member<'m>(members: &'m [(String, Value)], key: &str) -> Result<&'m Value, PropertyError> {
    let found = members.iter().rfind(|(name, _)| name == key);
    let (wanted, known) = (key.to_owned(), || names(members));
    found.map(|(_, value)| value).ok_or_else(|| PropertyError::NoKey { wanted, known: known() })
}

/// What a JSON pointer finds in a value; `place` names the value.
fn find(value: &Value, tokens: &[String], place: &str) -> Result<Value, PropertyError> {
    if tokens.is_empty() {
        return Ok(value.clone());
    }
    let not_json = || PropertyError::NotAnObject(place.to_owned());
    let text = value.expose_str().ok_or_else(not_json)?;
    let mut json: &RawValue = serde_json::from_str(text).map_err(|_syntax| not_json())?;
    let mut place = place.to_owned();
    for token in tokens {
        json = step(json, token, &place)?;
        place = format!("`{}`", token.escape_debug());
    }
    scalar(json).ok_or(PropertyError::Null(place))
}

/// One step of a JSON pointer: a key of an object or an index of an array.
fn step<'j>(json: &'j RawValue, token: &str, place: &str) -> Result<&'j RawValue, PropertyError> {
    if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(json.get()) {
        let is_index = token == "0" || !token.starts_with(['0', '+']);
        let index = token.parse::<usize>().ok().filter(|_| is_index);
        let known = || (0..items.len()).map(|index| index.to_string()).collect();
        let wanted = token.to_owned();
        return index
            .and_then(|index| items.get(index).copied())
            .ok_or_else(|| PropertyError::NoKey { wanted, known: known() });
    }
    let Ok(Members(members)) = serde_json::from_str(json.get()) else {
        return Err(PropertyError::NotAnObject(place.to_owned()));
    };
    let found = members.iter().rfind(|(name, _)| name == token).map(|(_, value)| *value);
    found.ok_or_else(|| PropertyError::NoKey {
        wanted: token.to_owned(),
        known: members.into_iter().map(|(name, _)| name).collect(),
    })
}

/// The text of a string, the JSON text of anything else; nothing for null.
fn scalar(json: &RawValue) -> Option<Value> {
    match json.get() {
        "null" => None,
        text if text.starts_with('"') => {
            let text: String = serde_json::from_str(text).ok()?;
            Some(Value::new(text.into_bytes()))
        }
        text => Some(Value::from(text)),
    }
}

/// The members of a JSON object, in its order.
struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::ObjectAddress;

    fn pointer(tokens: &[&str]) -> Property {
        Property::Pointer(tokens.iter().map(|token| (*token).to_owned()).collect())
    }

    fn key(name: &str) -> Property {
        Property::Key(name.to_owned())
    }

    fn object(content: ObjectContent) -> Object {
        Object {
            source: "v".into(),
            address: ObjectAddress::default(),
            content,
            version: None,
            age: None,
        }
    }

    #[test]
    fn a_value_gives_itself_and_the_properties_of_its_json() {
        let json = r#"{"user":"canary\n1","n":12345678901234567890.10,"a.b":true,"list":[{"x":"canary 2"}],"o": {"k" : 1},"nil":null}"#;
        let object = object(ObjectContent::Value(Value::from(json)));
        for (property, want) in [
            (Property::Whole, json),
            (key("user"), "canary\n1"),
            (key("n"), "12345678901234567890.10"),
            (key("a.b"), "true"),
            (key("o"), r#"{"k" : 1}"#),
            (pointer(&["list", "0", "x"]), "canary 2"),
        ] {
            assert_eq!(pick(&object, &property).unwrap(), Value::from(want), "{property}");
        }
        let known = ["user", "n", "a.b", "list", "o", "nil"].map(str::to_owned).to_vec();
        for (property, want) in [
            (key("User"), PropertyError::NoKey { wanted: "User".into(), known }),
            (key("nil"), PropertyError::Null("`nil`".into())),
            (pointer(&["user", "x"]), PropertyError::NotAnObject("`user`".into())),
            (
                pointer(&["list", "00"]),
                PropertyError::NoKey { wanted: "00".into(), known: vec!["0".into()] },
            ),
        ] {
            assert_eq!(pick(&object, &property), Err(want), "{property}");
        }
    }

    #[test]
    fn text_that_is_no_json_has_no_properties() {
        let object = object(ObjectContent::Value(Value::from("canary")));
        assert_eq!(
            pick(&object, &key("a")).unwrap_err().to_string(),
            "the value is not a JSON object, so it has no properties"
        );
    }

    #[test]
    fn members_are_picked_by_name_or_because_there_is_only_one() {
        let member = |name: &str| {
            (name.to_owned(), Value::from(format!(r#"{{"of":"canary {name}"}}"#).as_str()))
        };
        let one = object(ObjectContent::Members(vec![member("a")]));
        assert!(pick(&one, &Property::Whole).is_ok());
        let two = object(ObjectContent::Members(vec![member("a"), member("b.c")]));
        assert_eq!(
            pick(&two, &Property::Whole).unwrap_err().to_string(),
            "it has the keys `a`, `b.c`; name one after `#`"
        );
        assert_eq!(pick(&two, &key("b.c")).unwrap(), Value::from(r#"{"of":"canary b.c"}"#));
        assert_eq!(pick(&two, &pointer(&["b.c", "of"])).unwrap(), Value::from("canary b.c"));
        assert_eq!(
            pick(&two, &key("c")).unwrap_err().to_string(),
            "it has no `c`; it has the keys `a`, `b.c`"
        );
    }
}
