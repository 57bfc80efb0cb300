//! From the value of a cloud's secret to variables: the keys of a JSON object, or one variable named after the secret.
//! Pure.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Class, ProviderError, SecretText};
use crate::config::schema::SettingKey;
use crate::config::{self, Layers, RawValue as RawSetting, Setting};
use crate::secret::Value;

/// A value that cannot become variables.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Its form does not fit.
    #[error("the secret `{name}`: {problem}")]
    Unusable {
        /// The name of the secret.
        name: String,
        /// What is wrong with its value.
        problem: String,
    },
    /// Two secrets that would have one name.
    #[error("{first} and {second} both give the name `{name}`")]
    SameName {
        /// The name.
        name: String,
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Unusable { .. } => Class::BadData,
            Self::SameName { .. } => Class::BadConfiguration,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unusable { .. } => "correct the value, or choose another `json` setting",
            Self::SameName { .. } => "rename one of them, or list them in separate sources",
        };
        Some(hint.to_owned())
    }
}

/// Whether the keys of JSON objects become variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum JsonMode {
    /// Never.
    Off,
    /// If the value is an object.
    #[default]
    Auto,
    /// Always: anything but an object is an error.
    On,
}

impl JsonMode {
    /// The setting of a source.
    pub(crate) fn configured(
        layers: &Layers<'_>,
        key: &'static SettingKey,
    ) -> Result<Self, config::Error> {
        match layers.raw(key)? {
            None => Ok(Self::default()),
            Some(Setting { value: RawSetting::Switch(true), .. }) => Ok(Self::On),
            Some(Setting { value: RawSetting::Switch(false), .. }) => Ok(Self::Off),
            Some(Setting { value: RawSetting::Text(text), .. }) if text == "auto" => Ok(Self::Auto),
            Some(Setting { value, origin }) => Err(config::Error::Choice {
                origin,
                what: "value of `json`",
                value: match value {
                    RawSetting::Text(text) => text,
                    _ => String::new(),
                },
                known: ["true", "false", "auto"].map(str::to_owned).into(),
            }),
        }
    }

    /// As the setting has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Off => "false",
            Self::Auto => "auto",
            Self::On => "true",
        }
    }
}

/// The members of a JSON object, in order.
pub(crate) struct Members<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

/// The variables that the value of a secret gives, each with its name.
pub(crate) fn variables(
    secret: &str,
    variable: String,
    value: &Value,
    mode: JsonMode,
) -> Result<Vec<(String, Value)>, Error> {
    let unusable = |problem: String| Error::Unusable { name: secret.to_owned(), problem };
    if mode == JsonMode::Off {
        return Ok(vec![(variable, value.clone())]);
    }
    let members = match serde_json::from_slice::<Members<'_>>(value.expose()) {
        Ok(members) => members.0,
        Err(_) if mode == JsonMode::Auto => return Ok(vec![(variable, value.clone())]),
        Err(_quotes_values) => return Err(unusable("its value is not a JSON object".to_owned())),
    };
    let mut variables: Vec<(String, Value)> = Vec::with_capacity(members.len());
    for (key, raw) in members {
        if variables.iter().any(|(known, _)| *known == key) {
            return Err(unusable(format!("the key `{}` occurs twice", key.escape_debug())));
        }
        let text = raw.get();
        let value = match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str::<SecretText>(text).ok().map(|text| text.0),
            Some(b'n') => None,
            // Numbers and switches as they are written; what is nested, as JSON.
            _ => Some(Value::from(text)),
        };
        let none = || unusable(format!("the key `{}` has no value (null)", key.escape_debug()));
        let value = value.ok_or_else(none)?;
        variables.push((key, value));
    }
    Ok(variables)
}

/// The variable for a name such as `db/password`: `DB_PASSWORD`.
pub(crate) fn upper_snake(name: &str) -> String {
    let upper =
        |c: char| if c.is_alphanumeric() { c.to_uppercase().collect() } else { "_".to_owned() };
    name.trim_matches('/').chars().map(upper).collect()
}

/// The last part of a name such as `app/prod/db-password`, as a variable: `DB_PASSWORD`.
pub(crate) fn last_part(name: &str) -> String {
    upper_snake(name.rsplit('/').next().unwrap_or(name))
}

/// Refuses two names that became one; each comes with the place that it is from.
pub(crate) fn refuse_same<'a>(
    names: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<(), Error> {
    let mut seen: Vec<(&str, &str)> = names.into_iter().collect();
    seen.sort_unstable();
    match seen.windows(2).find(|pair| matches!(pair, [one, two] if one.0 == two.0)) {
        Some([(name, first), (_, second)]) => Err(Error::SameName {
            name: (*name).to_owned(),
            first: format!("`{first}`"),
            second: format!("`{second}`"),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, mode: JsonMode) -> Result<Vec<(String, String)>, String> {
        let variables = variables("app/db", "DB".to_owned(), &Value::from(text), mode);
        let text = |(name, value): (String, Value)| (name, value.expose_str().unwrap().to_owned());
        match variables {
            Ok(variables) => Ok(variables.into_iter().map(text).collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn the_members_of_an_object_are_variables_as_they_are_written() {
        for (json, want) in [
            (r#"{"A":"b"}"#, "b"),
            (r#"{"A":"b\"\u00e9"}"#, "b\"\u{e9}"),
            (r#"{"A":1.10}"#, "1.10"),
            (r#"{"A":123456789012345678901234567890}"#, "123456789012345678901234567890"),
            (r#"{"A":true}"#, "true"),
            (r#"{"A":{"b": [1]}}"#, r#"{"b": [1]}"#),
            (r#"{"A":""}"#, ""),
        ] {
            for mode in [JsonMode::Auto, JsonMode::On] {
                let want = vec![("A".to_owned(), want.to_owned())];
                assert_eq!(split(json, mode), Ok(want), "{json}");
            }
            let whole = vec![("DB".to_owned(), json.to_owned())];
            assert_eq!(split(json, JsonMode::Off), Ok(whole), "{json}");
        }
        assert_eq!(split("{}", JsonMode::On), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_object_is_a_value_or_an_error() {
        for text in ["canary", "\"canary\"", "[1]", "12", "", "{canary"] {
            assert_eq!(split(text, JsonMode::Auto), Ok(vec![("DB".to_owned(), text.to_owned())]));
            assert!(!split(text, JsonMode::On).unwrap_err().contains("canary"));
        }
        for json in [r#"{"A":null}"#, r#"{"A":"canary","A":"b"}"#] {
            for mode in [JsonMode::Auto, JsonMode::On] {
                let error = split(json, mode).unwrap_err();
                assert!(error.contains("`A`") && !error.contains("canary"), "{error}");
            }
        }
    }

    #[test]
    fn names_become_variables() {
        for (name, want) in [
            ("db/password", "DB_PASSWORD"),
            ("/db-password/", "DB_PASSWORD"),
            ("a.b_c", "A_B_C"),
            ("x", "X"),
        ] {
            assert_eq!(upper_snake(name), want);
        }
        assert_eq!(last_part("app/prod/db-password"), "DB_PASSWORD");
        let same = [("DB_X", "/a/db-x"), ("Y", "/a/y"), ("DB_X", "/a/db/x")];
        let error = refuse_same(same).unwrap_err().to_string();
        assert_eq!(error, "`/a/db-x` and `/a/db/x` both give the name `DB_X`");
    }
}
