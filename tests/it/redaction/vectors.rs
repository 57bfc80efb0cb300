//! The published cases: `vectors.json`, each as it is cut there, whole, byte by byte and at random.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hushed::redact::{Encodings, Label, Patterns, RedactionRules};
use hushed::secret::{Name, Value};
use serde::Deserialize;

use super::random::Random;
use super::{outputs, whole};

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    encodings: Vec<String>,
    min_len: usize,
    label: String,
    secret_names: Vec<String>,
    secrets_b64: Vec<String>,
    chunks: Vec<String>,
    expected: String,
    emitted_after: Option<Vec<usize>>,
}

impl Vector {
    fn patterns(&self) -> Arc<Patterns> {
        let encodings: Encodings = self.encodings.join(",").parse().unwrap();
        let label = match self.label.as_str() {
            "[hushed:NAME]" => Label::Named,
            fixed => Label::Fixed(fixed.to_owned()),
        };
        let rules = RedactionRules { encodings, min: self.min_len, label, except: Vec::new() };
        let names = self.secret_names.iter().map(Name::new);
        let values = self.secrets_b64.iter().map(|value| Value::new(decoded(value)));
        let secrets: Vec<(Name, Value)> = names.zip(values).collect();
        let patterns = Patterns::compile(secrets.iter().map(|(n, v)| (n, v)), &rules).unwrap();
        Arc::new(patterns)
    }
}

fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

fn vectors() -> Vec<Vector> {
    let file: File = serde_json::from_str(include_str!("vectors.json")).unwrap();
    file.vectors
}

#[test]
fn every_vector_comes_out_as_published_however_it_is_cut() {
    let mut random = Random::new(7);
    let vectors = vectors();
    assert_eq!(vectors.len(), 81);
    for vector in vectors {
        let patterns = vector.patterns();
        let want = decoded(&vector.expected);
        let chunks: Vec<Vec<u8>> = vector.chunks.iter().map(|chunk| decoded(chunk)).collect();
        let text = chunks.concat();
        let as_cut: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        let by_byte: Vec<&[u8]> = text.chunks(1).collect();
        for chunks in [as_cut, vec![text.as_slice()], by_byte] {
            assert_eq!(whole(&patterns, &chunks), want, "{}", vector.name);
        }
        for _ in 0..20 {
            assert_eq!(whole(&patterns, &random.cut(&text)), want, "{}", vector.name);
        }
    }
}

#[test]
fn every_vector_is_out_as_early_as_published() {
    let mut stated = 0;
    for vector in vectors() {
        let Some(emitted) = &vector.emitted_after else { continue };
        let chunks: Vec<Vec<u8>> = vector.chunks.iter().map(|chunk| decoded(chunk)).collect();
        let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        let mut lengths: Vec<usize> =
            outputs(&vector.patterns(), &chunks).iter().map(Vec::len).collect();
        lengths.pop();
        assert_eq!(&lengths, emitted, "{}", vector.name);
        stated += 1;
    }
    assert_eq!(stated, 80);
}
