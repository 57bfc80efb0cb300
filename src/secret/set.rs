//! Named secrets with their provenance, and an ordered set of them. It knows no store and decides
//! no precedence beyond "the later one wins".

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Value;

/// The name of a secret as its store spells it: any text. Whether it may be the name of an
/// environment variable is decided when the environment is built.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Takes any text as a name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name may come from a server: a control character in it must not reach a terminal.
        self.0.chars().try_for_each(|c| {
            if c.is_control() { write!(f, "{}", c.escape_default()) } else { write!(f, "{c}") }
        })
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

/// Where a secret came from: enough for a user to go there and change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The name of the source in the configuration.
    pub source: Arc<str>,
    /// The place inside the source, as its users write it: `/api in dev`, `.env:12`.
    pub place: Arc<str>,
    /// The version of the value, where the store counts them.
    pub version: Option<u64>,
    /// How old it is, where it is from a cache and not from the place itself.
    pub age: Option<Duration>,
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.source, self.place)?;
        self.age.map_or(Ok(()), |age| write!(f, " from the cache, {} old", Span(age)))
    }
}

/// A span of time as a person says it: the largest unit of which it has two, or the next below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0..120 => write!(f, "{seconds} s"),
            120..7200 => write!(f, "{} min", seconds / 60),
            7200..172_800 => write!(f, "{} h", seconds / 3600),
            _ => write!(f, "{} days", seconds / 86_400),
        }
    }
}

/// A secret: a name, a value, and where they came from.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Value,
    /// Where it came from.
    pub provenance: Provenance,
}

/// Secrets in order of precedence, lowest first: of two with one name, the later wins. Those that
/// lost are kept, so that `hushed why` can show them.
#[derive(Clone, Debug, Default)]
pub struct SecretSet {
    secrets: Vec<Secret>,
    notes: Vec<String>,
}

impl SecretSet {
    /// Adds a secret above all that are there.
    pub fn push(&mut self, secret: Secret) {
        self.secrets.push(secret);
    }

    /// Adds all of another set above all that are there.
    pub fn append(&mut self, mut other: Self) {
        if self.is_empty() && self.notes.is_empty() {
            *self = other;
        } else {
            self.secrets.append(&mut other.secrets);
            self.notes.append(&mut other.notes);
        }
    }

    /// Adds something that `hushed plan` shows. It must hold no value.
    pub fn add_note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Takes the notes for `hushed plan`.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// The secrets, lowest precedence first.
    pub fn iter(&self) -> std::slice::Iter<'_, Secret> {
        self.secrets.iter()
    }

    /// How many there are, those that lost included.
    pub fn len(&self) -> usize {
        self.secrets.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }
}

impl IntoIterator for SecretSet {
    type Item = Secret;
    type IntoIter = std::vec::IntoIter<Secret>;

    fn into_iter(self) -> Self::IntoIter {
        self.secrets.into_iter()
    }
}

impl<'a> IntoIterator for &'a SecretSet {
    type Item = &'a Secret;
    type IntoIter = std::slice::Iter<'a, Secret>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Secret> for SecretSet {
    fn from_iter<T: IntoIterator<Item = Secret>>(secrets: T) -> Self {
        Self { secrets: secrets.into_iter().collect(), notes: Vec::new() }
    }
}
