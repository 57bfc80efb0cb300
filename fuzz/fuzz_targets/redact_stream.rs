//! Any patterns, any chunks: the output after each is what the oracle of the tests says.
//! `cargo +nightly fuzz run redact_stream`
#![no_main]

#[path = "../../tests/it/redaction/oracle.rs"]
mod oracle;

use std::sync::Arc;

use hushed::redact::{Encodings, Label, Patterns, Redactor, RedactionRules};
use hushed::secret::{Name, Value};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use oracle::Oracle;

/// What turns up in a chunk.
#[derive(Arbitrary, Debug)]
enum Part<'a> {
    Any(&'a [u8]),
    /// A part of a value: which one, from where, how much of it.
    Of(u8, u8, u8),
}

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    values: Vec<&'a [u8]>,
    /// How many bits of a byte count, so that values have bytes in common.
    bits: u8,
    chunks: Vec<Vec<Part<'a>>>,
}

fuzz_target!(|case: Case| {
    let mask = u8::MAX >> (case.bits % 8);
    let masked = |bytes: &[u8]| bytes.iter().map(|byte| byte & mask).collect::<Vec<u8>>();
    let values: Vec<Vec<u8>> = case.values.iter().take(12).map(|value| masked(value)).collect();
    let chunks: Vec<Vec<u8>> = case.chunks.iter().map(|parts| chunk(parts, &values, mask)).collect();
    let text = chunks.concat();
    if text.len() > 4096 {
        return;
    }

    let named: Vec<(Name, Value)> = values
        .iter()
        .enumerate()
        .map(|(number, value)| (Name::new(format!("S{number}")), Value::from(value.as_slice())))
        .collect();
    let rules = RedactionRules { encodings: Encodings::RAW, min: 1, label: Label::Named, except: vec![] };
    // The minimum is of values without a newline at their end: those that are nothing else are out.
    let labelled: Vec<(&[u8], String)> = values
        .iter()
        .enumerate()
        .filter(|(_, value)| !matches!(value.as_slice(), b"" | b"\n" | b"\r" | b"\r\n"))
        .map(|(number, value)| (value.as_slice(), format!("[hushed:S{number}]")))
        .collect();
    let patterns = Patterns::compile(named.iter().map(|(n, v)| (n, v)), &rules).unwrap();
    let oracle = Oracle::new(&labelled, &text);
    let mut redactor = Redactor::new(Arc::new(patterns));
    let mut out = Vec::new();
    let mut read = 0;
    for chunk in &chunks {
        redactor.push(chunk, |bytes| out.extend_from_slice(bytes));
        read += chunk.len();
        assert_eq!(out, oracle.output(read, false));
    }
    redactor.finish(|bytes| out.extend_from_slice(bytes));
    assert_eq!(out, oracle.output(read, true));
});

fn chunk(parts: &[Part], values: &[Vec<u8>], mask: u8) -> Vec<u8> {
    let mut chunk = Vec::new();
    for part in parts {
        match part {
            Part::Any(bytes) => chunk.extend(bytes.iter().map(|byte| byte & mask)),
            Part::Of(which, from, length) => {
                let value = values.get(usize::from(*which) % values.len().max(1));
                let rest = value.and_then(|value| value.get(usize::from(*from)..)).unwrap_or(&[]);
                chunk.extend(rest.iter().take(usize::from(*length)));
            }
        }
    }
    chunk
}
