//! Named secrets with their provenance, and sets of them ordered by precedence.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Object, ObjectAddress, Value};

/// The name of a secret in its store: any text. Building the environment decides whether it can name a variable.
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
        // A name may come from a server: escape control characters, which must not reach a terminal.
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

/// Where a secret came from, so that the user can find and change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The configured name of the source.
    pub source: Arc<str>,
    /// The location in the source, as its users write it: `/api in dev`, `.env:12`.
    pub place: Arc<str>,
    /// The version of the value, if the store has versions.
    pub version: Option<u64>,
    /// The age of the cache entry that it comes from; `None` for a value from the source.
    pub age: Option<Duration>,
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.source, self.place)?;
        self.age.map_or(Ok(()), |age| write!(f, " from the cache, {} old", Age(age)))
    }
}

/// Displays a duration in the largest unit of which it has at least two: `90 s`, `5 min`, `3 h`, `2 days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age(pub Duration);

impl fmt::Display for Age {
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

/// Secrets in order of precedence, lowest first: of two with one name, the later wins. Overridden ones are kept for
/// `hushed why`.
#[derive(Clone, Debug, Default)]
pub struct SecretSet {
    secrets: Vec<Secret>,
    objects: Vec<Object>,
    ingredients: Vec<(Name, Value)>,
    notes: Vec<String>,
    validator: Option<String>,
}

impl SecretSet {
    /// Adds a secret with the highest precedence.
    pub fn push(&mut self, secret: Secret) {
        self.secrets.push(secret);
    }

    /// Adds all secrets of another set with higher precedence.
    pub fn append(&mut self, mut other: Self) {
        if self.is_empty() && self.notes.is_empty() && self.objects.is_empty() {
            *self = other;
        } else {
            self.secrets.append(&mut other.secrets);
            self.objects.append(&mut other.objects);
            self.ingredients.append(&mut other.ingredients);
            self.notes.append(&mut other.notes);
        }
    }

    /// Adds an object that references name. It is no secret of its own.
    pub fn add_object(&mut self, object: Object) {
        self.objects.push(object);
    }

    /// The objects that were read for references.
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// The object at this address of a source.
    pub fn object(&self, source: &str, address: &ObjectAddress) -> Option<&Object> {
        self.objects.iter().find(|object| *object.source == *source && object.address == *address)
    }

    /// Moves the objects of another set to this one.
    pub fn take_objects(&mut self, other: &mut Self) {
        self.objects.append(&mut other.objects);
    }

    /// Adds a value that is a part of a secret, and no variable by itself: redaction covers it too.
    pub fn add_ingredient(&mut self, name: Name, value: Value) {
        self.ingredients.push((name, value));
    }

    /// The values that are parts of secrets, each with the name of its variable.
    pub fn ingredients(&self) -> &[(Name, Value)] {
        &self.ingredients
    }

    /// Takes them out.
    pub fn take_ingredients(&mut self) -> Vec<(Name, Value)> {
        std::mem::take(&mut self.ingredients)
    }

    /// Sets what the store calls this state of the secrets, so that it can be asked whether it has changed.
    pub fn set_validator(&mut self, validator: Option<String>) {
        self.validator = validator;
    }

    /// What the store calls this state of the secrets.
    pub fn validator(&self) -> Option<&str> {
        self.validator.as_deref()
    }

    /// Adds something that `hushed plan` shows. It must hold no value.
    pub fn add_note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// The notes for `hushed plan`.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Takes the notes for `hushed plan`.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// The secrets, lowest precedence first.
    pub fn iter(&self) -> std::slice::Iter<'_, Secret> {
        self.secrets.iter()
    }

    /// The number of secrets, including overridden ones.
    pub fn len(&self) -> usize {
        self.secrets.len()
    }

    /// Whether the set is empty.
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
        Self { secrets: secrets.into_iter().collect(), ..Self::default() }
    }
}
