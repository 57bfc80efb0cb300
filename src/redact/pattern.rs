//! What to look for: names and values compiled into one arena that is locked and wiped. It knows
//! nothing of the text that is searched.

use std::fmt;

use super::automaton::{self, Automaton};
use super::encoding::Encodings;
use super::error::Error;
use super::filter::{self, Filter};
use super::form;
use super::forms::Forms;
use super::index;
use crate::secret::{Name, Value};
use crate::sys::memory::{MemoryProtection, ProtectedWords};

/// Forms shorter than this have a filter of their own, so that one short form does not shorten the
/// strides for all.
const SHORT: usize = 8;

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
pub struct Rules {
    /// The encodings of each value.
    pub encodings: Encodings,
    /// The least number of bytes of a value, without a newline at its end.
    pub min: usize,
    /// What is put in the place of a value.
    pub label: Label,
    /// The names whose values may be seen.
    pub except: Vec<Name>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            encodings: Encodings::ALL,
            min: Self::MIN,
            label: Label::default(),
            except: Vec::new(),
        }
    }
}

impl Rules {
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
    automaton: (automaton::Size, ProtectedWords),
    filters: [Option<(filter::Size, ProtectedWords)>; 2],
    owners: Vec<Owner>,
    too_short: Vec<Name>,
    forms: usize,
    longest: usize,
}

/// Whose value it is, and what is shown for it.
struct Owner {
    name: Name,
    label: Box<[u8]>,
}

impl Patterns {
    /// Compiles these values. Of names with one value, the first labels it.
    pub fn compile<'a>(
        secrets: impl IntoIterator<Item = (&'a Name, &'a Value)>,
        rules: &Rules,
    ) -> Result<Self, Error> {
        let min = rules.min.max(1);
        let mut owners = Vec::new();
        let mut values = Vec::new();
        let mut too_short = Vec::new();
        for (name, value) in secrets {
            if value.is_empty() || rules.except.contains(name) {
                continue;
            }
            if form::trimmed(value.expose()).len() < min {
                too_short.push(name.clone());
                continue;
            }
            owners.push(Owner { name: name.clone(), label: rules.label_for(name) });
            values.push(value);
        }
        let forms = Forms::new(&values, rules.encodings, min)?;
        let size = automaton::Size::of(&forms);
        let mut tables = ProtectedWords::new(size.words())?;
        automaton::build(&forms, size, &mut tables);
        let automaton = (size, tables);
        let filter = |(least, greatest)| {
            let Some(size) = filter::Size::of(&forms, least, greatest) else { return Ok(None) };
            // Of the values it holds hashes of a few bytes.
            let mut tables = ProtectedWords::locked(size.words())?;
            filter::build(&forms, size, &mut tables);
            Ok::<_, Error>(Some((size, tables)))
        };
        let filters = [filter((0, SHORT - 1))?, filter((SHORT, usize::MAX))?];
        let (count, longest) = (forms.len(), forms.longest());
        Ok(Self { automaton, filters, owners, too_short, forms: count, longest })
    }

    /// The names whose values are too short to be looked for: the user must hear of them.
    pub fn too_short(&self) -> &[Name] {
        &self.too_short
    }

    /// The number of forms that are looked for.
    pub fn len(&self) -> usize {
        self.forms
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.forms == 0
    }

    /// The length of the longest form: at most one byte less is ever held back.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Who else may come to see the compiled values.
    pub fn protection(&self) -> MemoryProtection {
        self.automaton.1.protection()
    }

    /// The bytes of memory that they take.
    pub fn memory(&self) -> usize {
        let filters = self.filters.iter().flatten().map(|(_, tables)| tables.size());
        self.automaton.1.size() + filters.sum::<usize>()
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

    pub(super) fn automaton(&self) -> Automaton<'_> {
        let (size, tables) = &self.automaton;
        Automaton::new(*size, tables)
    }

    pub(super) fn filters(&self) -> [Option<Filter<'_>>; 2] {
        self.filters
            .each_ref()
            .map(|filter| filter.as_ref().map(|(size, tables)| Filter::new(*size, tables)))
    }
}

impl fmt::Debug for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Patterns(..)")
    }
}
