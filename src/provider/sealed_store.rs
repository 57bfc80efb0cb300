//! A store that is one sealed file: which keys open it, and how two versions of it are merged.

use std::fmt;
use std::path::Path;

use super::Error;
use crate::seal::{Key, X25519Recipient};
use crate::secret::Name;

/// A store in one file that several keys can open.
pub trait SealedStore: fmt::Debug {
    /// Where it is, for messages.
    fn place(&self) -> String;

    /// Creates the configured key file, and returns its recipient. A key file that exists is an error.
    fn create_key(&self) -> Result<X25519Recipient, Error>;

    /// Who can open it.
    fn recipients(&self) -> Result<Vec<StoreRecipient>, Error>;

    /// Adds recipients; for each, whether it is new.
    fn grant(&self, recipients: &[X25519Recipient]) -> Result<Vec<bool>, Error>;

    /// Removes recipients: they cannot open what is written from now on.
    fn revoke(&self, recipients: &[X25519Recipient]) -> Result<(), Error>;

    /// Seals it with a new key in place of the configured one. Other recipients stay.
    fn rekey(&self, new: &Key) -> Result<(), Error>;

    /// Merges two versions of a store, and replaces `ours` by the result. Where both sides changed a secret and no
    /// side is preferred, the result has that of `ours`, and the secret is in the list.
    fn merge(&self, versions: &StoreVersions<'_>) -> Result<Vec<MergeConflict>, Error>;
}

/// Who can open a sealed store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreRecipient {
    /// The public key, if it is known.
    pub public_key: Option<X25519Recipient>,
    /// Whether a passphrase opens it.
    pub is_passphrase: bool,
    /// Whether it is that of the configured key.
    pub is_own: bool,
}

/// Three versions of a sealed store, as git passes them to a merge driver.
#[derive(Clone, Copy, Debug)]
pub struct StoreVersions<'a> {
    /// The common ancestor; an empty file stands for none.
    pub base: &'a Path,
    /// The version of this branch, which the result replaces.
    pub ours: &'a Path,
    /// The version of the other branch.
    pub theirs: &'a Path,
    /// Whose secret is taken where both sides changed it.
    pub preferred: Option<MergeSide>,
}

/// A side of a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeSide {
    /// This branch.
    Ours,
    /// The other branch.
    Theirs,
}

/// A secret that both sides of a merge changed in different ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeConflict {
    /// Its name.
    pub name: Name,
    /// The side that deleted it, if one did.
    pub deleted_by: Option<MergeSide>,
}
