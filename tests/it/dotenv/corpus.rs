//! What the real readers made of small files, recorded once: each dialect must read them as its program
//! does.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hushed::provider::dotenv::{Dialect, ReadOptions, read};
use hushed::secret::Value;
use serde_json::Value as Json;

/// Inputs that a dialect reads differently from the recording, each with its reason. `docs/dotenv.md`
/// lists them, too.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "ruby",
        "d0400",
        "the recording did not run files with `$(`; the real reader keeps it in single quotes",
    ),
    (
        "ruby",
        "d0404",
        "the recording did not run files with `$(`; the real reader keeps it after a backslash",
    ),
];

type Variables = BTreeMap<String, Vec<u8>>;

/// One input, and what became of it.
struct Input {
    id: String,
    file: Vec<u8>,
    inherited: Vec<(String, Value)>,
    results: Json,
}

/// What one reader made of an input.
enum Recorded {
    Error,
    /// With a name that hushed may refuse.
    Odd(Variables),
    Read(Variables),
}

impl Input {
    fn parse(line: &str) -> Self {
        let json: Json = serde_json::from_str(line).unwrap();
        let file = match &json["file"] {
            Json::String(text) => BASE64_STANDARD.decode(text).unwrap(),
            Json::Array(pieces) => pieces.iter().flat_map(repeated).collect(),
            _ => panic!("{line}"),
        };
        let inherited = json["inherited"].as_object();
        let inherited = inherited
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str().unwrap())));
        Self {
            id: json["id"].as_str().unwrap().to_owned(),
            inherited: inherited.collect(),
            results: json["results"].clone(),
            file,
        }
    }

    fn recorded(&self, reader: &str) -> Recorded {
        let is_it = |result: &&Json| {
            result["readers"].as_array().unwrap().iter().any(|name| name == reader)
        };
        let result = self.results.as_array().unwrap().iter().find(is_it);
        let result = result.unwrap_or_else(|| panic!("{}: {reader}", self.id));
        let Some(read) = result["read"].as_object() else { return Recorded::Error };
        let is_odd = |name: &String| {
            let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
            !first || !name.chars().all(rest)
        };
        let variables =
            read.iter().filter_map(|(name, value)| Some((name.clone(), self.value(value)?)));
        let variables: Variables = variables.collect();
        if read.keys().any(is_odd) { Recorded::Odd(variables) } else { Recorded::Read(variables) }
    }

    fn value(&self, value: &Json) -> Option<Vec<u8>> {
        Some(match value {
            Json::String(text) => text.as_bytes().to_vec(),
            Json::Object(object) => match (&object.get("b64"), &object.get("slice")) {
                (Some(Json::String(text)), _) => BASE64_STANDARD.decode(text).unwrap(),
                (_, Some(Json::Array(slice))) => {
                    let number = |at: usize| usize::try_from(slice[at].as_u64().unwrap()).unwrap();
                    self.file[number(0)..number(0) + number(1)].to_vec()
                }
                _ => panic!("{}", self.id),
            },
            // Named without a value.
            _ => return None,
        })
    }

    fn read(&self, dialect: Dialect, overrides: bool) -> Option<Variables> {
        let environment = |name: &str| {
            let found = self.inherited.iter().find(|(inherited, _)| inherited == name);
            found.map(|(_, value)| value.clone())
        };
        let options =
            ReadOptions { dialect, overrides, environment: &environment, ..ReadOptions::default() };
        let document = read(&self.file, options).ok()?;
        let pair = |it: &hushed::provider::dotenv::Assignment| {
            (it.name.as_str().to_owned(), it.value.expose().to_vec())
        };
        Some(document.assignments.iter().map(pair).collect())
    }

    /// What the command gets: the inherited value wins over the file.
    fn run(&self, dialect: Dialect) -> Option<Variables> {
        let mut variables = self.read(dialect, false)?;
        for (name, value) in &self.inherited {
            if variables.contains_key(name) {
                variables.insert(name.clone(), value.expose().to_vec());
            }
        }
        Some(variables)
    }
}

fn repeated(piece: &Json) -> Vec<u8> {
    let bytes = BASE64_STANDARD.decode(piece[0].as_str().unwrap()).unwrap();
    bytes.repeat(usize::try_from(piece[1].as_u64().unwrap()).unwrap())
}

fn inputs() -> Vec<Input> {
    let text = std::fs::read_to_string(super::corpus("readers.jsonl")).unwrap();
    text.lines().map(Input::parse).collect()
}

/// Compares a dialect with a reader on all inputs.
fn compare(reader: &str, dialect: &str, read: impl Fn(&Input, Dialect) -> Option<Variables>) {
    let inputs = inputs();
    let parsed: Dialect = dialect.parse().unwrap();
    let mut differing = Vec::new();
    for input in &inputs {
        let is_equal = match (input.recorded(reader), read(input, parsed)) {
            (Recorded::Error | Recorded::Odd(_), None) => true,
            (Recorded::Odd(want) | Recorded::Read(want), Some(got)) => got == want,
            (Recorded::Error, Some(_)) | (Recorded::Read(_), None) => false,
        };
        if !is_equal {
            differing.push(input.id.as_str());
        }
    }
    let excepted = EXCEPTIONS.iter().filter(|(of, ..)| *of == dialect).map(|(_, id, _)| *id);
    assert_eq!(differing, excepted.collect::<Vec<_>>(), "{reader}");
    assert!(inputs.len() > 400, "{}", inputs.len());
}

#[test]
fn every_dialect_reads_what_its_program_reads() {
    for dialect in Dialect::NAMES.into_iter().filter(|name| *name != "strict") {
        // python-dotenv's parser lets the file win in references, its loader the environment.
        compare(dialect, dialect, |input, dialect| input.read(dialect, dialect == Dialect::Python));
    }
}

#[test]
fn every_loader_lets_the_inherited_value_win() {
    compare("python-env", "python", |input, dialect| {
        let mut variables = input.run(dialect)?;
        // A name without a value is read back from the environment.
        for (name, value) in &input.inherited {
            if matches!(input.recorded("python-env"), Recorded::Read(read) if read.contains_key(name))
            {
                variables.entry(name.clone()).or_insert_with(|| value.expose().to_vec());
            }
        }
        Some(variables)
    });
}

#[test]
fn strict_reads_a_file_as_some_readers_do() {
    let readers = ["node", "dotenv", "python", "ruby", "compose"];
    let (mut alone, mut with_two, mut read) = (Vec::new(), 0, 0);
    for input in inputs() {
        let Some(got) = input.read(Dialect::Strict, false) else { continue };
        let equal = readers
            .iter()
            .filter(|reader| matches!(input.recorded(reader), Recorded::Read(want) if want == got));
        let count = equal.count();
        read += 1;
        with_two += usize::from(count > 1);
        if count == 0 {
            alone.push(input.id);
        }
    }
    // A reference sees the line above first, also where that is empty and the environment is not.
    assert_eq!(alone, ["d0384"]);
    assert!(read > 240 && with_two * 100 >= read * 95, "{with_two} of {read}");
}
