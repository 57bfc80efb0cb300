//! `property`: a path into JSON, in the plain part of gjson's language: keys with dots between them, `\` before a
//! character that is meant as it is, and indexes of arrays. Numbers are written plainly, as the operator does. Pure.

use serde_json::value::RawValue;

use super::value::Entries;
use crate::secret::Value;

/// What a property is.
#[derive(Debug)]
pub(super) enum Found {
    /// The text of a string, a number or a switch; JSON for anything else; nothing for null.
    Value(Value),
    Missing,
}

/// The keys of a path. The error names what is not supported.
pub(super) fn parse(path: &str) -> Result<Vec<String>, String> {
    let mut keys = vec![String::new()];
    let mut characters = path.chars();
    while let Some(c) = characters.next() {
        let starts = keys.last().is_some_and(String::is_empty);
        match c {
            '\\' => match (characters.next(), keys.last_mut()) {
                (Some(c), Some(key)) => key.push(c),
                _ => return Err("`property` ends with a backslash".to_owned()),
            },
            '.' => keys.push(String::new()),
            '|' | '*' | '?' | '#' => return Err(unsupported(c)),
            '@' | '!' | '{' | '[' if starts => return Err(unsupported(c)),
            c => {
                if let Some(key) = keys.last_mut() {
                    key.push(c);
                }
            }
        }
    }
    Ok(keys)
}

fn unsupported(c: char) -> String {
    format!("`{c}` in `property` is not supported; write \\{c} if it is a part of a key")
}

/// What stands at a path of a JSON text. Text that is no JSON has no properties.
pub(super) fn find(text: &[u8], keys: &[String]) -> Found {
    let text = std::str::from_utf8(text).ok();
    match text.and_then(|text| raw_at(text, keys)) {
        Some(raw) => Found::Value(scalar(raw)),
        None => Found::Missing,
    }
}

/// The JSON at a path.
pub(super) fn raw_at<'t>(text: &'t str, keys: &[String]) -> Option<&'t str> {
    let mut json: &RawValue = serde_json::from_str(text).ok()?;
    for key in keys {
        json = step(json, key)?;
    }
    Some(json.get())
}

/// The value of a key, the first of that name, or of an index.
fn step<'j>(json: &'j RawValue, key: &str) -> Option<&'j RawValue> {
    if let Ok(Entries(entries)) = serde_json::from_str(json.get()) {
        return entries.into_iter().find(|(name, _)| name == key).map(|(_, value)| value);
    }
    let items: Vec<&RawValue> = serde_json::from_str(json.get()).ok()?;
    items.get(key.parse::<usize>().ok()?).copied()
}

fn scalar(raw: &str) -> Value {
    match raw.as_bytes().first() {
        Some(b'"') => {
            let text: Option<String> = serde_json::from_str(raw).ok();
            text.map_or_else(|| Value::from(raw), |text| Value::new(text.into_bytes()))
        }
        Some(b'n') => Value::from(""),
        Some(b'-' | b'0'..=b'9') => Value::from(plain_number(raw).as_str()),
        _ => Value::from(raw),
    }
}

/// A number without an exponent. Digits alone stay as they are.
fn plain_number(raw: &str) -> String {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return raw.to_owned();
    }
    raw.parse::<f64>().map_or_else(|_| raw.to_owned(), |number| format!("{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(json: &str, path: &str) -> Option<String> {
        match find(json.as_bytes(), &parse(path).unwrap()) {
            Found::Value(value) => Some(value.expose_str().unwrap().to_owned()),
            Found::Missing => None,
        }
    }

    #[test]
    fn a_property_is_found_as_gjson_finds_it() {
        let json = r#"{"a":{"b":1},"a.b":"dotted","n":1e21,"f":0.10,"big":9007199254740993,"nil":null,"t":true,"l":[{"x":"canary"}],"o":{ "k" : 1 }}"#;
        for (path, want) in [
            ("a.b", Some("1")),
            (r"a\.b", Some("dotted")),
            ("n", Some("1000000000000000000000")),
            ("f", Some("0.1")),
            ("big", Some("9007199254740993")),
            ("nil", Some("")),
            ("t", Some("true")),
            ("l.0.x", Some("canary")),
            ("o", Some(r#"{ "k" : 1 }"#)),
            ("A", None),
            ("l.1", None),
            ("t.x", None),
        ] {
            assert_eq!(at(json, path).as_deref(), want, "{path}");
        }
        assert!(at("no json", "a").is_none());
        for path in ["v.#.n", "@this", "a|b", "a*", "{a,b}", "!x", "a\\"] {
            assert!(parse(path).is_err(), "{path}");
        }
    }
}
