//! Changing secrets: what a change is, what a store reports about it, and the traits that stores implement.
//! Nothing here talks to a store.
//!
//! A caller that edits reads with [`Write::read_stored`], and returns the [`Revision`] of each secret in its
//! changes: then a store refuses what somebody else changed meanwhile. A store that has transactions applies all
//! changes or none. Another one applies them one by one, in order, and reports each: after an error, what was not
//! reported was not written, and the caller runs again with the rest.

use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};
use std::pin::Pin;
use std::sync::OnceLock;

use super::{Class, End, Error, ProviderError};
use crate::secret::{Name, Value};

/// What the methods of [`Write`] return.
pub type WriteFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// Receives each change that was written, with its receipt.
pub type WriteReport<'a> = &'a mut dyn FnMut(&Change, WriteReceipt);

/// A store whose secrets hushed can change.
pub trait Write: fmt::Debug {
    /// The place that changes go to, as its users write it: the store's address, project, environment and path.
    fn place(&self) -> String;

    /// Checks a name and a value against the limits of the store, before anything is written.
    fn check(&self, name: &Name, value: &Value) -> Result<(), Error>;

    /// Reads the secrets of the place itself: without imports, overrides and expansion of references. A place that
    /// does not exist yet has none.
    fn read_stored(&self) -> WriteFuture<'_, Vec<StoredSecret>>;

    /// Applies changes of different names, and reports each one as soon as it is written.
    fn apply<'a>(&'a self, changes: &'a [Change], report: WriteReport<'a>) -> WriteFuture<'a, ()>;

    /// Whether [`Self::apply`] writes all changes or none.
    fn is_transactional(&self) -> bool {
        false
    }

    /// The folders of the store, if it has any.
    fn as_folders(&self) -> Option<&dyn Folders> {
        None
    }

    /// The earlier versions of secrets, if the store keeps them.
    fn as_history(&self) -> Option<&dyn History> {
        None
    }

    /// Ends what logging in has begun, where the settings ask for it.
    fn end(&self) -> End<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The folders in the place that [`Write`] changes. Paths are relative to it.
pub trait Folders: fmt::Debug {
    /// Lists the folders directly below a path, or below the place itself if the path is empty.
    fn list<'a>(&'a self, path: &'a str) -> WriteFuture<'a, Vec<String>>;

    /// Creates a folder and its missing parents; false if it exists.
    fn create<'a>(&'a self, path: &'a str) -> WriteFuture<'a, bool>;

    /// Deletes a folder with everything in it and below it; false if it does not exist.
    fn delete<'a>(&'a self, path: &'a str) -> WriteFuture<'a, bool>;
}

/// The versions of one secret.
pub trait History: fmt::Debug {
    /// Lists the versions that the store has of a secret, the newest first.
    fn versions<'a>(&'a self, name: &'a Name) -> WriteFuture<'a, Vec<StoredVersion>>;

    /// Reads a secret as it was at a version; `None` if the store no longer has it.
    fn read_version<'a>(
        &'a self,
        name: &'a Name,
        version: &'a str,
    ) -> WriteFuture<'a, Option<Value>>;
}

/// A version of a secret, as its store lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredVersion {
    /// The number or ID that selects it.
    pub version: String,
    /// When it was written, as the store writes it.
    pub created: Option<String>,
    /// What the store says about it: `current`, `deleted`, a label.
    pub labels: Vec<String>,
}

/// A secret as it is stored.
#[derive(Clone, Debug)]
pub struct StoredSecret {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Value,
    /// Its state, for [`Expected::Revision`].
    pub revision: Revision,
    /// What else the store keeps with it.
    pub annotations: Annotations,
}

/// A state of a secret: opaque, different after each change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision(pub String);

impl Revision {
    /// The state of something that has no version: a code of its content, which no other process can compare.
    pub fn of_content(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        static KEY: OnceLock<RandomState> = OnceLock::new();
        let mut code = KEY.get_or_init(RandomState::new).build_hasher();
        for part in parts {
            part.as_ref().hash(&mut code);
        }
        Self(format!("{:016x}", code.finish()))
    }
}

/// What is kept with a secret beside its value. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    /// A comment or description.
    pub comment: Option<String>,
    /// Tags, all of them.
    pub tags: Option<Vec<String>>,
    /// Metadata: all keys with their values.
    pub metadata: Option<Vec<(String, String)>>,
}

/// A change of one secret.
#[derive(Clone, Debug)]
pub struct Change {
    /// The name of the secret.
    pub name: Name,
    /// What becomes of it.
    pub action: Action,
    /// What must be stored before the change.
    pub expected: Expected,
    /// Whether it is the user's personal override of the secret.
    pub personal: bool,
}

/// What becomes of a secret.
#[derive(Clone, Debug)]
pub enum Action {
    /// It is created, or gets a new value.
    Put {
        /// The value.
        value: Value,
        /// What is kept beside it.
        annotations: Annotations,
    },
    /// It is deleted.
    Delete,
    /// It gets another name, which no secret has.
    Rename {
        /// The new name.
        to: Name,
    },
}

/// What must be stored before a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Anything, or nothing.
    Any,
    /// No secret of this name.
    Absent,
    /// The secret at this revision.
    Revision(Revision),
}

/// What a change did, and a notice for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteReceipt {
    /// What happened to the secret.
    pub outcome: WriteOutcome,
    /// What the user must know: a key that was made.
    pub notice: Option<String>,
}

impl From<WriteOutcome> for WriteReceipt {
    fn from(outcome: WriteOutcome) -> Self {
        Self { outcome, notice: None }
    }
}

/// What happened to a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// There was no such secret before.
    Created,
    /// There was one, and it has a new value now.
    Replaced,
    /// It was deleted.
    Deleted,
    /// It was to be deleted, and there was none.
    Absent,
    /// It has another name now.
    Renamed,
}

impl Change {
    /// Stores a value, whatever is stored now.
    pub fn put(name: Name, value: Value) -> Self {
        let annotations = Annotations::default();
        Self::new(name, Action::Put { value, annotations })
    }

    /// Deletes a secret.
    pub fn delete(name: Name) -> Self {
        Self::new(name, Action::Delete)
    }

    /// Renames a secret.
    pub fn rename(name: Name, to: Name) -> Self {
        Self::new(name, Action::Rename { to })
    }

    fn new(name: Name, action: Action) -> Self {
        Self { name, action, expected: Expected::Any, personal: false }
    }

    /// The same change, if this is what is stored.
    #[must_use]
    pub fn expecting(self, expected: Expected) -> Self {
        Self { expected, ..self }
    }

    /// Says what the change does where this is stored under its name, and whether its new name is taken.
    ///
    /// # Errors
    /// Something else is stored than the change expects.
    pub fn outcome(
        &self,
        stored: Option<&Revision>,
        is_taken: impl FnOnce(&Name) -> bool,
    ) -> Result<WriteOutcome, WriteRefusal> {
        let name = self.name.clone();
        match (&self.expected, stored) {
            (Expected::Absent, Some(_)) => return Err(WriteRefusal::Exists { name }),
            (Expected::Revision(expected), stored) if Some(expected) != stored => {
                return Err(WriteRefusal::Changed { name });
            }
            _ => {}
        }
        match (&self.action, stored) {
            (Action::Put { .. }, None) => Ok(WriteOutcome::Created),
            (Action::Put { .. }, Some(_)) => Ok(WriteOutcome::Replaced),
            (Action::Delete, None) => Ok(WriteOutcome::Absent),
            (Action::Delete, Some(_)) => Ok(WriteOutcome::Deleted),
            (Action::Rename { .. }, None) => Err(WriteRefusal::Missing { name }),
            (Action::Rename { to }, Some(_)) if is_taken(to) => {
                Err(WriteRefusal::Exists { name: to.clone() })
            }
            (Action::Rename { .. }, Some(_)) => Ok(WriteOutcome::Renamed),
        }
    }
}

impl Annotations {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Refuses changes that a store cannot apply together: of one name, or of what it does not keep.
///
/// # Errors
/// A name occurs twice, or a change needs what the store does not have.
pub fn check_changes(changes: &[Change], kept: &KeptAnnotations) -> Result<(), WriteRefusal> {
    let mut names: Vec<&Name> = Vec::with_capacity(changes.len());
    for change in changes {
        names.push(&change.name);
        match &change.action {
            Action::Rename { to } => names.push(to),
            Action::Put { annotations, .. } => kept.check(annotations)?,
            Action::Delete => {}
        }
        if change.personal && !kept.personal {
            return Err(WriteRefusal::Unsupported { what: "personal overrides" });
        }
    }
    names.sort_unstable();
    match names.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some((*one).clone()),
        _ => None,
    }) {
        Some(name) => Err(WriteRefusal::Twice { name }),
        None => Ok(()),
    }
}

/// What a store keeps beside values.
#[expect(clippy::struct_excessive_bools, reason = "each is a capability of its own")]
#[derive(Clone, Copy, Debug, Default)]
pub struct KeptAnnotations {
    /// Comments.
    pub comment: bool,
    /// Tags.
    pub tags: bool,
    /// Metadata.
    pub metadata: bool,
    /// Personal overrides.
    pub personal: bool,
}

impl KeptAnnotations {
    fn check(self, wanted: &Annotations) -> Result<(), WriteRefusal> {
        let wants = [
            (wanted.comment.is_some() && !self.comment, "comments"),
            (wanted.tags.is_some() && !self.tags, "tags"),
            (wanted.metadata.is_some() && !self.metadata, "metadata"),
        ];
        match wants.into_iter().find(|(lacks, _)| *lacks) {
            Some((_, what)) => Err(WriteRefusal::Unsupported { what }),
            None => Ok(()),
        }
    }
}

/// Why a store does not apply a change, whatever the store. Nothing of this change was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteRefusal {
    /// Somebody else changed the secret.
    #[error("somebody else changed `{name}` meanwhile")]
    Changed {
        /// The secret.
        name: Name,
    },
    /// There is such a secret, and it must not be overwritten.
    #[error("the secret `{name}` exists already")]
    Exists {
        /// The secret.
        name: Name,
    },
    /// There is no such secret.
    #[error("there is no secret `{name}`")]
    Missing {
        /// The secret.
        name: Name,
    },
    /// Two changes are for the same name.
    #[error("the name `{name}` occurs twice among the changes")]
    Twice {
        /// The name.
        name: Name,
    },
    /// The store does not keep what a change wants to be kept.
    #[error("this store has no {what}")]
    Unsupported {
        /// What it lacks, in the plural.
        what: &'static str,
    },
}

impl ProviderError for WriteRefusal {
    fn class(&self) -> Class {
        match self {
            Self::Changed { .. } | Self::Exists { .. } => Class::Conflict,
            Self::Missing { .. } => Class::NotFound,
            Self::Twice { .. } => Class::BadData,
            Self::Unsupported { .. } => Class::BadConfiguration,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Changed { .. } => "look at the new value, and run the command again",
            Self::Exists { .. } => "choose another name, or delete that secret first",
            Self::Missing { .. } => "`hushed secrets list` shows the names",
            Self::Twice { .. } => "change each name once",
            Self::Unsupported { .. } => "leave out the option",
        };
        Some(hint.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text)
    }

    #[test]
    fn a_change_is_compared_with_what_is_stored() {
        let revision = |text: &str| Revision(text.to_owned());
        let put = || Change::put(name("A"), Value::from("canary"));
        let rename = || Change::rename(name("A"), name("B"));
        let at = |text| Expected::Revision(revision(text));
        for (change, stored, taken, want) in [
            (put(), None, false, Ok(WriteOutcome::Created)),
            (put(), Some("1"), false, Ok(WriteOutcome::Replaced)),
            (put().expecting(Expected::Absent), None, false, Ok(WriteOutcome::Created)),
            (
                put().expecting(Expected::Absent),
                Some("1"),
                false,
                Err(WriteRefusal::Exists { name: name("A") }),
            ),
            (put().expecting(at("1")), Some("1"), false, Ok(WriteOutcome::Replaced)),
            (
                put().expecting(at("1")),
                Some("2"),
                false,
                Err(WriteRefusal::Changed { name: name("A") }),
            ),
            (put().expecting(at("1")), None, false, Err(WriteRefusal::Changed { name: name("A") })),
            (Change::delete(name("A")), None, false, Ok(WriteOutcome::Absent)),
            (Change::delete(name("A")), Some("1"), false, Ok(WriteOutcome::Deleted)),
            (rename(), Some("1"), false, Ok(WriteOutcome::Renamed)),
            (rename(), Some("1"), true, Err(WriteRefusal::Exists { name: name("B") })),
            (rename(), None, false, Err(WriteRefusal::Missing { name: name("A") })),
        ] {
            let stored = stored.map(revision);
            let outcome = change.outcome(stored.as_ref(), |_| taken);
            assert_eq!(outcome, want, "{change:?} {stored:?}");
        }
    }

    #[test]
    fn changes_of_one_name_and_annotations_that_are_not_kept_are_refused() {
        let put = |text| Change::put(name(text), Value::from("canary"));
        let check = |changes: &[Change]| check_changes(changes, &KeptAnnotations::default());
        assert_eq!(check(&[put("A"), put("B")]), Ok(()));
        let twice = Err(WriteRefusal::Twice { name: name("A") });
        assert_eq!(check(&[put("A"), put("B"), put("A")]), twice);
        assert_eq!(check(&[put("A"), Change::rename(name("B"), name("A"))]), twice);
        let annotations =
            Annotations { comment: Some("about it".to_owned()), ..Annotations::default() };
        let action = Action::Put { value: Value::from("canary"), annotations };
        let commented = Change { action, ..put("A") };
        assert_eq!(check(&[commented]), Err(WriteRefusal::Unsupported { what: "comments" }));
        let personal = Change { personal: true, ..put("A") };
        let unsupported = Err(WriteRefusal::Unsupported { what: "personal overrides" });
        assert_eq!(check(&[personal]), unsupported);
    }
}
