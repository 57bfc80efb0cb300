//! Converts references of other tools to hushed's, with the sources that they need. Pure: from the text of a dotenv
//! file to references, TOML and reasons. A reason never quotes a value.

mod aws;
mod forms;
mod lines;
mod toml;
mod vals;

use std::fmt::Write as _;
use std::ops::Range;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::reference::{Property, parse};

pub use toml::render;

/// What a file has.
#[derive(Debug, Default)]
pub struct Migration {
    /// The variables whose values are references of other tools.
    pub converted: Vec<ConvertedVariable>,
    /// The variables whose references cannot be converted.
    pub refused: Vec<Refusal>,
    /// The number of other variables.
    pub others: usize,
}

/// A variable with its reference.
#[derive(Debug)]
pub struct ConvertedVariable {
    /// The name.
    pub name: String,
    /// The line, counted from one.
    pub line: usize,
    /// Where the value stands in the text, with its quotes.
    pub range: Range<usize>,
    /// The position of its source in [`Sources`].
    pub source: usize,
    /// The reference, in hushed's grammar.
    pub reference: String,
    /// What the user has to do besides.
    pub notes: Vec<String>,
}

/// A variable whose reference cannot be converted.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The name.
    pub name: String,
    /// The line, counted from one.
    pub line: usize,
    /// Why, without the value.
    pub why: String,
}

/// The sources that references need, each with its name in the configuration.
#[derive(Debug, Default)]
pub struct Sources(Vec<(String, NeededSource)>);

/// A source that a reference needs.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NeededSource {
    /// Its type.
    kind: &'static str,
    /// Its settings.
    settings: Vec<(&'static str, String)>,
}

/// A reference of another tool, taken apart.
#[derive(Debug)]
struct Converted {
    source: NeededSource,
    path: String,
    options: Vec<(&'static str, String)>,
    property: Property,
    notes: Vec<String>,
}

/// The value is a reference of another tool, or no such reference, or one that hushed cannot have.
type Outcome = Result<Option<Converted>, String>;

impl Converted {
    fn new(kind: &'static str, path: impl Into<String>) -> Self {
        Self {
            source: NeededSource { kind, settings: Vec::new() },
            path: path.into(),
            options: Vec::new(),
            property: Property::Whole,
            notes: Vec::new(),
        }
    }

    fn setting(mut self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        self.source.settings.extend(value.map(|value| (name, value.into())));
        self
    }

    fn option(mut self, name: &'static str, value: Option<&str>) -> Self {
        let value = value.filter(|value| !value.is_empty());
        self.options.extend(value.map(|value| (name, value.to_owned())));
        self
    }

    /// With a key, which other tools write without escapes.
    fn key(self, key: Option<&str>) -> Self {
        self.tokens(&key.into_iter().filter(|key| !key.is_empty()).collect::<Vec<_>>())
    }

    /// With the keys that lead to a value.
    fn tokens(mut self, tokens: &[&str]) -> Self {
        self.property = match tokens {
            [] => Property::Whole,
            [key] if !key.starts_with('/') => Property::Key((*key).to_owned()),
            _ => Property::Pointer(tokens.iter().map(|&token| token.to_owned()).collect()),
        };
        self
    }

    /// The reference; `None` if hushed's grammar does not have it.
    fn reference(&self, source: &str) -> Option<String> {
        let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let mut text = format!("{source}://{}", encoded(&self.path));
        for (at, (name, value)) in self.options.iter().enumerate() {
            let start = if at == 0 { '?' } else { '&' };
            let _ = write!(text, "{start}{name}={}", encoded(value));
        }
        let property = self.property.to_string();
        if let Some(property) = property.strip_prefix('#') {
            let _ = write!(text, "#{}", encoded(property));
        }
        parse(&text).is_ok().then_some(text)
    }
}

/// What is encoded in a reference. The quote is, so that every reference can stand in single quotes.
const RESERVED: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#').add(b'&').add(b'@').add(b'\'');

impl Sources {
    /// The position of a source, which is added if it is not there yet.
    fn position(&mut self, wanted: &NeededSource) -> usize {
        if let Some(at) = self.0.iter().position(|(_, known)| known == wanted) {
            return at;
        }
        let of_kind = self.0.iter().filter(|(_, known)| known.kind == wanted.kind).count();
        let name = match of_kind {
            0 => wanted.kind.to_owned(),
            _ => format!("{}-{}", wanted.kind, of_kind + 1),
        };
        self.0.push((name, wanted.clone()));
        self.0.len() - 1
    }
}

/// Converts what a dotenv file has. Adds the sources that it needs.
pub fn migrate(text: &str, sources: &mut Sources) -> Migration {
    let mut migration = Migration::default();
    for line in lines::read(text) {
        let refusal = |why: String| Refusal { name: line.name.to_owned(), line: line.number, why };
        let converted = match convert(line.value) {
            Ok(Some(converted)) => converted,
            Ok(None) => {
                migration.others += 1;
                continue;
            }
            Err(why) => {
                migration.refused.push(refusal(why));
                continue;
            }
        };
        let source = sources.position(&converted.source);
        let name = sources.0.get(source).map_or("", |(name, _)| name.as_str());
        match converted.reference(name) {
            Some(reference) => migration.converted.push(ConvertedVariable {
                name: line.name.to_owned(),
                line: line.number,
                range: line.range,
                source,
                reference,
                notes: converted.notes,
            }),
            None => migration.refused.push(refusal("its path has a segment `.` or `..`".into())),
        }
    }
    migration
}

/// The same text with hushed's references in the place of the others.
pub fn rewrite(text: &str, converted: &[ConvertedVariable]) -> String {
    let (mut rewritten, mut at) = (String::with_capacity(text.len()), 0);
    for variable in converted {
        rewritten += text.get(at..variable.range.start).unwrap_or_default();
        let _ = write!(rewritten, "'{}'", variable.reference);
        at = variable.range.end;
    }
    rewritten + text.get(at..).unwrap_or_default()
}

/// What marks a reference of another tool within other text.
const MARKS: [&str; 8] = [
    "ref+",
    "op://",
    "bw://",
    "{{resolve:",
    "@Microsoft.KeyVault(",
    ">>vault:",
    "vault:secret/",
    "gcp:secretmanager:",
];

/// Takes the reference of another tool apart.
fn convert(value: &str) -> Outcome {
    let forms = [
        forms::op,
        vals::vals,
        forms::bank_vaults,
        aws::arn,
        aws::resolve,
        forms::azure,
        forms::gcp,
    ];
    for form in forms {
        if let Some(converted) = form(value)? {
            return Ok(Some(converted));
        }
    }
    if MARKS.iter().any(|mark| value.contains(mark)) {
        return Err(
            "the reference is a part of a longer text; write a template in [env], see hushed-references(7)"
                .into(),
        );
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
