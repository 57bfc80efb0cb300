//! What to look for: names and values compiled into tables that are locked and wiped. It knows
//! nothing of the text that is searched.

use std::fmt;

use super::encoding::{Encoding, Encodings};
use super::error::Error;
use super::index;
use super::reader::Kinds;
use super::sequence::{FORMS, Sequence};
use super::tables::Tables;
use super::targets::{self, Target, Targets};
use hushed_secret::{Name, Value};
use hushed_sys::memory::MemoryProtection;

/// What is put in the place of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Label {
    /// `[hushed:NAME]`.
    #[default]
    Named,
    /// The same text for all.
    Fixed(String),
}

/// What is looked for, and what is not.
#[derive(Clone, Debug)]
pub struct RedactionRules {
    /// The encodings of each value.
    pub encodings: Encodings,
    /// The least number of bytes of a value, without a newline at its end.
    pub min: usize,
    /// What is put in the place of a value.
    pub label: Label,
    /// The names whose values may be seen.
    pub except: Vec<Name>,
}

impl Default for RedactionRules {
    fn default() -> Self {
        Self {
            encodings: Encodings::ALL,
            min: Self::MIN,
            label: Label::default(),
            except: Vec::new(),
        }
    }
}

impl RedactionRules {
    /// The least number of bytes of a value unless another is asked for: shorter ones are words that
    /// any output has.
    pub const MIN: usize = 6;

    fn label_for(&self, name: &Name) -> Box<[u8]> {
        match &self.label {
            Label::Named => format!("[hushed:{name}]").into_bytes().into(),
            Label::Fixed(text) => text.as_bytes().into(),
        }
    }
}

/// The values to be redacted, in all their forms, compiled. To be shared between streams.
pub struct Patterns {
    targets: Targets,
    tables: Tables,
    kinds: Kinds,
    special: [bool; 256],
    /// Whether base64 is read in the standard alphabet, and in the one for URLs.
    alphabets: (bool, bool),
    owners: Vec<Owner>,
    too_short: Vec<Name>,
}

/// Whose value it is, and what is shown for it.
struct Owner {
    name: Name,
    label: Box<[u8]>,
}

impl Patterns {
    /// Compiles these values. Of names with one value, the first labels it. A part of a value that is an
    /// ordinary word, such as a password `postgres` in a URL, is not looked for by itself.
    pub fn compile<'a>(
        secrets: impl IntoIterator<Item = (&'a Name, &'a Value)>,
        rules: &RedactionRules,
    ) -> Result<Self, Error> {
        Self::compile_parts(secrets, rules, false)
    }

    /// Compiles these values, and ordinary words that are parts of them.
    pub fn compile_all_parts<'a>(
        secrets: impl IntoIterator<Item = (&'a Name, &'a Value)>,
        rules: &RedactionRules,
    ) -> Result<Self, Error> {
        Self::compile_parts(secrets, rules, true)
    }

    fn compile_parts<'a>(
        secrets: impl IntoIterator<Item = (&'a Name, &'a Value)>,
        rules: &RedactionRules,
        ordinary_parts: bool,
    ) -> Result<Self, Error> {
        let min = rules.min.max(1);
        let mut owners = Vec::new();
        let mut values = Vec::new();
        let mut too_short = Vec::new();
        for (name, value) in secrets {
            if value.is_empty() || rules.except.contains(name) {
                continue;
            }
            if targets::trimmed(value.expose()).len() < min {
                too_short.push(name.clone());
                continue;
            }
            owners.push(Owner { name: name.clone(), label: rules.label_for(name) });
            values.push(value);
        }
        let targets = Targets::new(&values, rules.encodings, min, ordinary_parts)?;
        let tables = Tables::new(&targets, rules.encodings, min)?;
        let kinds = Kinds::new(rules.encodings);
        let has = |encoding| rules.encodings.contains(encoding);
        let alphabets = (has(Encoding::Base64), has(Encoding::Base64url));
        let special = kinds.special();
        Ok(Self { targets, tables, kinds, special, alphabets, owners, too_short })
    }

    /// The names whose values are too short to be looked for: the user must hear of them.
    pub fn too_short(&self) -> &[Name] {
        &self.too_short
    }

    /// The number of beginnings by which values are found.
    pub fn len(&self) -> usize {
        self.tables.len()
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.targets.all().is_empty()
    }

    /// Who else may come to see the compiled values.
    pub fn protection(&self) -> MemoryProtection {
        self.targets.protection()
    }

    /// The bytes of memory that they take.
    pub fn memory(&self) -> usize {
        self.targets.memory() + self.tables.memory()
    }

    pub(super) fn owners(&self) -> usize {
        self.owners.len()
    }

    pub(super) fn name(&self, owner: usize) -> Option<&Name> {
        self.owners.get(owner).map(|owner| &owner.name)
    }

    pub(super) fn label(&self, owner: u32) -> &[u8] {
        self.owners.get(index(owner)).map_or(&[], |owner| &owner.label)
    }

    pub(super) fn targets(&self) -> &Targets {
        &self.targets
    }

    pub(super) fn tables(&self) -> &Tables {
        &self.tables
    }

    pub(super) fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// Whether a value may go on at this byte in another way than with the byte itself.
    #[inline]
    pub(super) fn is_special(&self, byte: u8) -> bool {
        self.special[usize::from(byte)]
    }

    /// Whether a byte is this digit of base64, in an alphabet that counts.
    #[inline]
    pub(super) fn is_digit(&self, byte: u8, digit: u8) -> bool {
        let (standard, for_urls) = self.alphabets;
        let url = || matches!((byte, digit), (b'-', b'+') | (b'_', b'/'));
        byte == digit && (standard || digit.is_ascii_alphanumeric()) || for_urls && url()
    }

    /// A target in one of its forms.
    pub(super) fn sequence(&self, target: &Target, form: u8) -> Sequence<'_> {
        Sequence::new(self.targets.value(target), FORMS[usize::from(form)])
    }
}

impl fmt::Debug for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Patterns(..)")
    }
}
