//! Merges two versions of a local store that have a common ancestor: each secret, and each recipient, on its own.

use std::collections::BTreeMap;
use std::path::Path;

use super::format::Entry;
use super::{Contents, Error, LocalStore, SEALED_LIMIT};
use crate::provider::{MergeConflict, MergeSide, StoreVersions};
use crate::seal::envelope::{Opener, Recipient};
use crate::seal::key::Key;
use crate::seal::private_file::{self, Lock};
use crate::secret::Name;

/// Three versions of a secret; `None` where it does not exist.
#[derive(Default)]
struct Versions {
    base: Option<Entry>,
    ours: Option<Entry>,
    theirs: Option<Entry>,
}

impl LocalStore {
    /// Merges three files and replaces `ours` by the result. All are opened with the key of this store.
    pub fn merge(&self, versions: &StoreVersions<'_>) -> Result<Vec<MergeConflict>, Error> {
        let lock = Lock::acquire(versions.ours, self.wait)?;
        let key = self.load_key()?;
        let read = |path: &Path| self.read_version(&key, path);
        let (base, ours, theirs) =
            (read(versions.base)?, read(versions.ours)?, read(versions.theirs)?);
        let openers = self.merge_openers(&key, &base, &ours, &theirs)?;
        let (entries, conflicts) =
            merge_entries(base.entries, ours.entries, theirs.entries, versions.preferred);
        self.write(lock, &key, &Contents { entries, openers, own: None })?;
        Ok(conflicts)
    }

    /// Reads a version; an empty file is a store without secrets.
    fn read_version(&self, key: &Key, path: &Path) -> Result<Contents, Error> {
        let sealed = private_file::read(path, SEALED_LIMIT)?.bytes;
        if sealed.is_empty() { Ok(Contents::default()) } else { self.open_at(path, key, sealed) }
    }

    /// Who opens the result: whoever a side added, and nobody whom a side removed.
    fn merge_openers(
        &self,
        key: &Key,
        base: &Contents,
        ours: &Contents,
        theirs: &Contents,
    ) -> Result<Vec<Opener>, Error> {
        let is_shared = |contents: &Contents| contents.openers.len() > 1;
        if ![base, ours, theirs].into_iter().any(is_shared) {
            return Ok(ours.openers.clone());
        }
        // That of our own passphrase would have a new salt for each side.
        let own = [ours, theirs, base].into_iter().find_map(Contents::own_recipient);
        let own = own.map_or_else(|| self.recipient(key), Ok)?;
        let sides = [base, ours, theirs].map(|side| self.recipients_with(&own, side));
        let [base, ours, theirs] = sides;
        let (base, ours, theirs) = (base?, ours?, theirs?);
        let has = |side: &[Recipient], one: &Recipient| {
            side.iter().any(|known| known.public_key() == one.public_key())
        };
        let mut merged: Vec<Recipient> = Vec::new();
        for recipient in ours.iter().chain(&theirs) {
            let is_everywhere = has(&ours, recipient) && has(&theirs, recipient);
            if (is_everywhere || !has(&base, recipient)) && !has(&merged, recipient) {
                merged.push(recipient.clone());
            }
        }
        Ok(merged.into_iter().map(Opener::Recipient).collect())
    }
}

/// Merges secrets by name; those that both sides changed in different ways are conflicts.
fn merge_entries(
    base: Vec<Entry>,
    ours: Vec<Entry>,
    theirs: Vec<Entry>,
    preferred: Option<MergeSide>,
) -> (Vec<Entry>, Vec<MergeConflict>) {
    let mut all: BTreeMap<Name, Versions> = BTreeMap::new();
    for entry in base {
        let versions = all.entry(entry.name.clone()).or_default();
        versions.base = Some(entry);
    }
    for entry in ours {
        let versions = all.entry(entry.name.clone()).or_default();
        versions.ours = Some(entry);
    }
    for entry in theirs {
        let versions = all.entry(entry.name.clone()).or_default();
        versions.theirs = Some(entry);
    }
    let (mut entries, mut conflicts) = (Vec::new(), Vec::new());
    for (name, Versions { base, ours, theirs }) in all {
        let is_same = |one: &Option<Entry>, other: &Option<Entry>| {
            one.as_ref().map(|entry| &entry.value) == other.as_ref().map(|entry| &entry.value)
        };
        let takes_theirs = if is_same(&ours, &theirs) || is_same(&theirs, &base) {
            false
        } else if is_same(&ours, &base) {
            true
        } else {
            if preferred.is_none() {
                let deleted_by = match (&ours, &theirs) {
                    (None, _) => Some(MergeSide::Ours),
                    (_, None) => Some(MergeSide::Theirs),
                    _ => None,
                };
                conflicts.push(MergeConflict { name, deleted_by });
            }
            preferred == Some(MergeSide::Theirs)
        };
        // A version that both sides have counted is not counted again.
        let newest = [&ours, &theirs].into_iter().flatten().map(|entry| entry.version).max();
        if let Some(entry) = if takes_theirs { theirs } else { ours } {
            entries.push(Entry { version: newest.unwrap_or(entry.version), ..entry });
        }
    }
    (entries, conflicts)
}
