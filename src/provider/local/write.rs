//! Changing a local store: all changes in one replacement of the file.

use super::format::{self, Entry};
use super::settings::{Local, LocalKey};
use super::{Error, LocalStore};
use crate::provider::{
    self, Action, Annotations, Change, Revision, StoredSecret, Write, WriteFuture, WriteOutcome,
    WriteReceipt, WriteRefusal, WriteReport,
};
use crate::secret::{Name, Value};

impl Write for Local {
    fn place(&self) -> String {
        self.file.display().to_string()
    }

    fn check(&self, name: &Name, value: &Value) -> Result<(), provider::Error> {
        Ok(format::check(name, value).map_err(Error::from)?)
    }

    fn read_stored(&self) -> WriteFuture<'_, Vec<StoredSecret>> {
        Box::pin(async {
            match self.store().read_stored() {
                Err(Error::StoreMissing { .. }) => Ok(Vec::new()),
                read => Ok(read?),
            }
        })
    }

    fn apply<'a>(&'a self, changes: &'a [Change], report: WriteReport<'a>) -> WriteFuture<'a, ()> {
        Box::pin(async move {
            let store = self.store();
            let is_put = |change: &Change| matches!(change.action, Action::Put { .. });
            let mut notice = None;
            if changes.iter().any(is_put) && store.initialize()? {
                notice = self.key_notice();
            }
            for (change, outcome) in changes.iter().zip(store.apply(changes)?) {
                report(change, WriteReceipt { outcome, notice: notice.take() });
            }
            Ok(())
        })
    }

    fn is_transactional(&self) -> bool {
        true
    }
}

impl Local {
    fn key_notice(&self) -> Option<String> {
        let LocalKey::File(path) = &self.key else { return None };
        Some(format!(
            "made the key {}; keep a copy in a safe place: without it the store is lost",
            path.display()
        ))
    }
}

impl LocalStore {
    fn read_stored(&self) -> Result<Vec<StoredSecret>, Error> {
        let stored = |entry: Entry| StoredSecret {
            revision: revision(&entry),
            name: entry.name,
            value: entry.value,
            annotations: Annotations::default(),
        };
        Ok(self.entries()?.into_iter().map(stored).collect())
    }
}

/// A secret that was deleted and made anew has version 1 again, but was created later.
fn revision(entry: &Entry) -> Revision {
    Revision(format!("{}.{}.{}", entry.created, entry.updated, entry.version))
}

/// Applies changes to the entries, which stay in order; what each did.
pub(super) fn apply(
    entries: &mut Vec<Entry>,
    changes: &[Change],
    now: u64,
) -> Result<Vec<WriteOutcome>, WriteRefusal> {
    changes.iter().map(|change| apply_one(entries, change, now)).collect()
}

fn apply_one(
    entries: &mut Vec<Entry>,
    change: &Change,
    now: u64,
) -> Result<WriteOutcome, WriteRefusal> {
    let find = |name: &Name| entries.binary_search_by(|entry| entry.name.cmp(name));
    let at = find(&change.name);
    let stored = at.ok().and_then(|at| entries.get(at)).map(revision);
    let outcome = change.outcome(stored.as_ref(), |to| find(to).is_ok())?;
    match (&change.action, at) {
        (Action::Put { value, .. }, Ok(at)) => {
            if let Some(entry) = entries.get_mut(at) {
                entry.value = value.clone();
                entry.version = entry.version.saturating_add(1);
                entry.updated = now;
            }
        }
        (Action::Put { value, .. }, Err(at)) => {
            let (name, value) = (change.name.clone(), value.clone());
            entries.insert(at, Entry { name, value, version: 1, created: now, updated: now });
        }
        (Action::Delete, Ok(at)) => drop(entries.remove(at)),
        (Action::Rename { to }, Ok(at)) => {
            let entry = Entry { name: to.clone(), ..entries.remove(at) };
            let at = entries.partition_point(|known| known.name < entry.name);
            entries.insert(at, entry);
        }
        (Action::Delete | Action::Rename { .. }, Err(_)) => {}
    }
    Ok(outcome)
}
