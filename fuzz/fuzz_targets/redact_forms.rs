//! Percent-encoded values in any text, in any chunks: the output is what the slow reference of the tests
//! says. `cargo +nightly fuzz run redact_forms`
#![no_main]

#[path = "../../tests/it/redaction/reference.rs"]
mod reference;

use std::sync::Arc;

use hushed::redact::{Encoding, Encodings, Label, Patterns, Redactor, RedactionRules};
use hushed::secret::{Name, Value};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use reference::{CHARACTERS, PIECES, redacted};

#[derive(Arbitrary, Debug)]
struct Case {
    /// Characters of values, as indices.
    values: Vec<Vec<u8>>,
    /// Pieces of the text, as indices, in chunks.
    chunks: Vec<Vec<u8>>,
}

fuzz_target!(|case: Case| {
    let character = |index: &u8| CHARACTERS[usize::from(*index) % CHARACTERS.len()];
    let piece = |index: &u8| PIECES[usize::from(*index) % PIECES.len()].as_bytes();
    let values: Vec<Vec<u8>> = case
        .values
        .iter()
        .map(|value| value.iter().take(12).map(character).collect())
        .filter(|value: &Vec<u8>| value.len() >= 4)
        .take(4)
        .collect();
    let chunks: Vec<Vec<u8>> =
        case.chunks.iter().map(|chunk| chunk.iter().flat_map(piece).copied().collect()).collect();
    let text = chunks.concat();
    if text.len() > 512 {
        return;
    }
    let named: Vec<(Name, Value)> = values
        .iter()
        .enumerate()
        .map(|(number, value)| (Name::new(format!("S{number}")), Value::from(value.as_slice())))
        .collect();
    let encodings: Encodings = [Encoding::Percent].into_iter().collect();
    let rules = RedactionRules { encodings, min: 4, label: Label::Named, ..RedactionRules::default() };
    let patterns = Patterns::compile(named.iter().map(|(n, v)| (n, v)), &rules).unwrap();
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    let labels: Vec<String> =
        (0..values.len()).map(|number| format!("[hushed:S{number}]")).collect();
    let mut redactor = Redactor::new(Arc::new(patterns));
    let mut out = Vec::new();
    for chunk in &chunks {
        redactor.push(chunk, |bytes| out.extend_from_slice(bytes));
    }
    redactor.finish(|bytes| out.extend_from_slice(bytes));
    assert_eq!(out, redacted(&text, &values, &labels));
});
