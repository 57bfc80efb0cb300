//! Functions of sprig for encodings, hashes, JSON and YAML, and those of the operator for PEM. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use sha2::{Digest as _, Sha256, Sha512};
use zeroize::Zeroizing;

use super::format::{self, JsonStyle};
use super::functions::{Arguments, Called};
use super::value::{GoMap, GoValue};
use crate::provider::document::{Node, ScalarKind, parse_yaml};

/// What Go's `url.QueryEscape` leaves as it is.
const QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b' ');

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Called {
    let style = |escapes_html, pretty| JsonStyle { escapes_html, pretty };
    let result = match name {
        "b64enc" => arguments.bytes(0).map(|bytes| GoValue::text(STANDARD.encode(bytes))),
        "b64dec" => base64_decode(arguments),
        "b32enc" => arguments.bytes(0).map(|bytes| GoValue::text(base32(bytes))),
        "urlquery" => arguments.text(0).map(|text| {
            GoValue::text(utf8_percent_encode(text, QUERY).to_string().replace(' ', "+"))
        }),
        "sha256sum" => arguments.bytes(0).map(|bytes| GoValue::text(hex(&Sha256::digest(bytes)))),
        "sha512sum" => arguments.bytes(0).map(|bytes| GoValue::text(hex(&Sha512::digest(bytes)))),
        "toJson" | "mustToJson" => json(arguments, style(true, false)),
        "toRawJson" | "mustToRawJson" => json(arguments, style(false, false)),
        "toPrettyJson" | "mustToPrettyJson" => json(arguments, style(true, true)),
        "fromJson" | "mustFromJson" => from_json(arguments),
        "toYaml" => arguments.value(0).map(|value| {
            let mut text = Zeroizing::new(String::new());
            format::yaml(value, 0, &mut text);
            GoValue::text(text.trim_end_matches('\n'))
        }),
        "fromYaml" => from_yaml(arguments),
        "filterPEM" => filter_pem(arguments),
        _ => return None,
    };
    Some(result)
}

/// A text that is no base64 is an error; the operator makes a value of the error's text.
fn base64_decode(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let text: Vec<u8> =
        arguments.bytes(0)?.iter().copied().filter(|c| !matches!(c, b'\n' | b'\r')).collect();
    let bytes =
        STANDARD.decode(&text).map_err(|_| "the argument of `b64dec` is no base64".to_owned())?;
    Ok(GoValue::text(&*Zeroizing::new(bytes)))
}

fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let mut block = [0u8; 8];
        for (to, from) in block.iter_mut().skip(3).zip(chunk) {
            *to = *from;
        }
        let bits = u64::from_be_bytes(block);
        let used = (chunk.len() * 8).div_ceil(5);
        for at in 0..8 {
            let index = usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or(0);
            let c = ALPHABET.get(index).copied().unwrap_or(b'=');
            out.push(if at < used { char::from(c) } else { '=' });
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn json(arguments: &Arguments<'_>, style: JsonStyle) -> Result<GoValue, String> {
    let mut text = Zeroizing::new(String::new());
    format::json(arguments.value(0)?, style, 0, &mut text);
    Ok(GoValue::text(text.as_bytes()))
}

/// Text that is no JSON is an error; the operator makes nothing of it.
fn from_json(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let Json(value) = serde_json::from_slice(arguments.bytes(0)?)
        .map_err(|_quotes_values| format!("the argument of `{}` is no JSON", arguments.name))?;
    Ok(value)
}

/// JSON as Go reads it into `any`: every number is a float.
pub(in super::super) struct Json(pub(in super::super) GoValue);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = Json;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json(GoValue::Nil))
            }

            fn visit_bool<E>(self, switch: bool) -> Result<Json, E> {
                Ok(Json(GoValue::Bool(switch)))
            }

            #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "as in Go")]
            fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
                Ok(Json(GoValue::Float(number as f64)))
            }

            #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "as in Go")]
            fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
                Ok(Json(GoValue::Float(number as f64)))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
                Ok(Json(GoValue::Float(number)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json(GoValue::text(text)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
                let mut list = Vec::new();
                while let Some(Json(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(Json(GoValue::list(list)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
                let mut map = GoMap::new();
                while let Some((key, Json(item))) = items.next_entry::<String, Json>()? {
                    map.insert(key, item);
                }
                Ok(Json(GoValue::map(map)))
            }
        }

        deserializer.deserialize_any(AnyVisitor)
    }
}

fn from_yaml(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let fault = || "the argument of `fromYaml` is no YAML map".to_owned();
    let documents = parse_yaml(arguments.text(0)?, false).map_err(|_quotes_keys| fault())?;
    match documents.first() {
        Some(node @ Node::Map(_)) => Ok(of_node(node)),
        None | Some(Node::Null) => Ok(GoValue::map(GoMap::new())),
        Some(_) => Err(fault()),
    }
}

fn of_node(node: &Node) -> GoValue {
    match node {
        Node::Null => GoValue::Nil,
        Node::Scalar(scalar) => {
            let text = String::from_utf8_lossy(&scalar.text);
            match scalar.kind {
                ScalarKind::Bool => GoValue::Bool(text.eq_ignore_ascii_case("true")),
                ScalarKind::Number => {
                    text.parse().map_or_else(|_| GoValue::text(&scalar.text), GoValue::Float)
                }
                ScalarKind::Text | ScalarKind::Time => GoValue::text(&scalar.text),
            }
        }
        Node::List(items) => GoValue::list(items.iter().map(|item| of_node(&item.node)).collect()),
        Node::Map(items) => {
            let item =
                |item: &crate::provider::document::Item| (item.key.clone(), of_node(&item.node));
            GoValue::map(items.iter().map(item).collect())
        }
    }
}

/// The blocks of one kind in a PEM text, in lines of 64 characters.
fn filter_pem(arguments: &Arguments<'_>) -> Result<GoValue, String> {
    let (kind, text) = (arguments.text(0)?, arguments.text(1)?);
    let mut out = Zeroizing::new(Vec::new());
    let mut rest = text;
    while let Some((label, body, after)) = pem_block(rest) {
        rest = after;
        if label.eq_ignore_ascii_case(kind) {
            let lines: Vec<&[u8]> = body.as_bytes().chunks(64).collect();
            let lines = Zeroizing::new(lines.join(&b'\n'));
            for part in
                ["-----BEGIN ".as_bytes(), label.as_bytes(), b"-----\n", &lines, b"\n-----END "]
            {
                out.extend_from_slice(part);
            }
            out.extend_from_slice(label.as_bytes());
            out.extend_from_slice(b"-----\n");
        }
    }
    if out.is_empty() && !rest.is_empty() {
        return Err("the argument of `filterPEM` has no such block".to_owned());
    }
    Ok(GoValue::text(&*out))
}

/// The next block of a PEM text: its label, its Base64 without line breaks, and what follows.
fn pem_block(text: &str) -> Option<(&str, Zeroizing<String>, &str)> {
    let (_, block) = text.split_once("-----BEGIN ")?;
    let (label, body) = block.split_once("-----")?;
    let (body, after) = body.split_once("-----END ")?;
    let after = after.strip_prefix(label)?.strip_prefix("-----")?;
    let after = after.strip_prefix('\r').unwrap_or(after);
    let after = after.strip_prefix('\n').unwrap_or(after);
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    Some((label, Zeroizing::new(body), after))
}
