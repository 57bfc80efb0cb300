//! Redaction as its users rely on it: the published cases, and random ones against a naive oracle.

mod forms;
mod oracle;
mod ordinary;
mod policy;
mod random;
mod reference;
mod rules;
mod serializers;
mod vectors;

use std::sync::Arc;

use hushed::redact::{Patterns, RedactionRules, Redactor};
use hushed::secret::{Name, Value};

use oracle::Oracle;

/// Compiles values as S0, S1, and so on.
fn compile(values: &[&[u8]], rules: &RedactionRules) -> Arc<Patterns> {
    let named: Vec<(Name, Value)> = values
        .iter()
        .enumerate()
        .map(|(number, value)| (Name::new(format!("S{number}")), Value::from(*value)))
        .collect();
    let secrets = named.iter().map(|(name, value)| (name, value));
    Arc::new(Patterns::compile(secrets, rules).unwrap())
}

/// The output after each chunk, and at the end.
fn outputs(patterns: &Arc<Patterns>, chunks: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut redactor = Redactor::new(Arc::clone(patterns));
    let mut out = Vec::new();
    let mut outputs = Vec::new();
    for chunk in chunks {
        redactor.push(chunk, |bytes| out.extend_from_slice(bytes));
        outputs.push(out.clone());
    }
    redactor.finish(|bytes| out.extend_from_slice(bytes));
    outputs.push(out);
    outputs
}

fn whole(patterns: &Arc<Patterns>, chunks: &[&[u8]]) -> Vec<u8> {
    outputs(patterns, chunks).pop().unwrap()
}
