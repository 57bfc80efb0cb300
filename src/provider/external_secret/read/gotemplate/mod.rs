//! Templates of the operator: a subset of Go's text/template with functions of sprig. A template sees the map of values
//! and nothing else: no environment, no file, no network. What is not supported is an error with its line.

mod collections;
mod encode;
mod eval;
mod format;
mod functions;
mod lex;
mod parse;
#[cfg(test)]
mod tests;
mod text;
mod value;

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

pub(super) use value::{GoMap, GoValue};

/// The most bytes that a template may write.
const MAX_SIZE: usize = 1 << 20;

/// The most steps that a template may take, so that a loop ends.
const MAX_STEPS: usize = 1_000_000;

/// How deep expressions, blocks and templates may be nested.
const MAX_DEPTH: usize = 100;

/// Why a template has no result. It holds names, never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TemplateError {
    /// The line in the template, from 1.
    pub(super) line: usize,
    pub(super) what: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// Renders a template with a map of texts, as the operator has it.
pub(super) fn render(
    template: &str,
    values: &BTreeMap<String, Zeroizing<Vec<u8>>>,
) -> Result<Zeroizing<Vec<u8>>, TemplateError> {
    let values = values.iter().map(|(key, value)| (key.clone(), GoValue::text(value)));
    eval::run(&parse::parse(template)?, &GoValue::Root(values.collect::<BTreeMap<_, _>>().into()))
}

/// Renders a template whose context has one text, `value`.
pub(super) fn render_value(template: &str, value: &str) -> Result<String, TemplateError> {
    let context = BTreeMap::from([("value".to_owned(), GoValue::text(value.as_bytes()))]);
    let bytes = eval::run(&parse::parse(template)?, &GoValue::Map(context.into()))?;
    String::from_utf8(bytes.to_vec())
        .map_err(|_| TemplateError { line: 1, what: "its result is not UTF-8".into() })
}

/// JSON as the operator reads it, with every number a float.
pub(super) fn from_json(text: &[u8]) -> Option<GoValue> {
    let encode::Json(value) = serde_json::from_slice(text).ok()?;
    Some(value)
}

/// A value as JSON, with or without escapes of HTML.
pub(super) fn to_json(value: &GoValue, escapes_html: bool) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(String::new());
    format::json(value, format::JsonStyle { escapes_html, pretty: false }, 0, &mut text);
    Zeroizing::new(text.as_bytes().to_vec())
}
