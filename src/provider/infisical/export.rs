//! The shapes that the Infisical CLI exports: a JSON list of objects, and CSV with the header `Key,Value`.

use std::fmt::Write as _;

use serde_json::json;
use zeroize::Zeroizing;

use crate::provider::{ExportShape, NotText};
use crate::secret::Secret;

pub(super) static SHAPES: &[ExportShape] = &[
    ExportShape { name: "infisical-json", render: render_json, read_as: "json" },
    ExportShape { name: "infisical-csv", render: render_csv, read_as: "csv" },
];

/// `[{"key":…,"value":…,"type":"shared","secretPath":…}]`, on one line without a newline at its end.
fn render_json(secrets: &[(&str, &Secret)]) -> Result<Zeroizing<Vec<u8>>, NotText> {
    let mut text = Zeroizing::new(String::from("["));
    for (index, (name, secret)) in secrets.iter().enumerate() {
        let value = Zeroizing::new(json!(value(name, secret)?).to_string());
        // The place is `/folder in environment`.
        let folder = secret.provenance.place.rsplit_once(" in ").map_or("/", |(path, _)| path);
        let separator = if index == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{separator}{{\"key\":{},\"value\":{},\"type\":\"shared\",\"secretPath\":{}}}",
            json!(name),
            *value,
            json!(folder)
        );
    }
    text.push(']');
    Ok(into_bytes(text))
}

/// `Key,Value` and rows that end in a line feed, with quotes only where RFC 4180 requires them.
fn render_csv(secrets: &[(&str, &Secret)]) -> Result<Zeroizing<Vec<u8>>, NotText> {
    let mut text = Zeroizing::new(String::from("Key,Value\n"));
    for (name, secret) in secrets {
        push_field(&mut text, name);
        text.push(',');
        push_field(&mut text, value(name, secret)?);
        text.push('\n');
    }
    Ok(into_bytes(text))
}

fn push_field(text: &mut String, field: &str) {
    let quoted = field.contains([',', '"', '\n', '\r']) || field.starts_with(' ');
    if !quoted {
        text.push_str(field);
        return;
    }
    text.push('"');
    for piece in field.split_inclusive('"') {
        text.push_str(piece);
        if piece.ends_with('"') {
            text.push('"');
        }
    }
    text.push('"');
}

fn value<'s>(name: &str, secret: &'s Secret) -> Result<&'s str, NotText> {
    secret.value.expose_str().ok_or_else(|| NotText { name: name.to_owned() })
}

fn into_bytes(mut text: Zeroizing<String>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(std::mem::take(&mut *text).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Name, Provenance, Value};

    #[test]
    fn shapes_are_those_of_infisical() {
        let provenance = Provenance {
            source: "infisical".into(),
            place: "/a in dev".into(),
            version: None,
            age: None,
        };
        let secret = |value: &str| Secret {
            name: Name::new("A"),
            value: Value::from(value),
            provenance: provenance.clone(),
        };
        let (one, two) = (secret("x \"y\""), secret("plain"));
        let secrets = [("A", &one), ("B", &two)];
        assert_eq!(
            std::str::from_utf8(&render_json(&secrets).unwrap()).unwrap(),
            r#"[{"key":"A","value":"x \"y\"","type":"shared","secretPath":"/a"},{"key":"B","value":"plain","type":"shared","secretPath":"/a"}]"#
        );
        let csv = render_csv(&secrets).unwrap();
        assert_eq!(std::str::from_utf8(&csv).unwrap(), "Key,Value\nA,\"x \"\"y\"\"\"\nB,plain\n");
    }
}
