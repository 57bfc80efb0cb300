//! The local store, the embedded default: one sealed file that holds all secrets, names included.
//! It never makes a key for a store that is there, and never writes what it could not read.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{
    Action, Change, Fetch, Get, GetFuture, KeptAnnotations, Source, WriteOutcome, check_changes,
};
use crate::seal::envelope::{Opened, Opener, Recipient};
use crate::seal::key::{self, Key, KeySource};
use crate::seal::private_file::{self, Lock};
use crate::seal::{EnvelopeKind, envelope, paths};
use crate::secret::{Name, Provenance, Secret, SecretSet, Value};

mod error;
mod example;
mod format;
mod merge;
mod recipients;
pub mod settings;
mod write;

pub use error::Error;
use format::Entry;
pub use format::{Error as FormatError, MAX_NAME, MAX_STORE, MAX_VALUE};
pub use settings::{DEFAULT_FILE, LOCAL_KEY_CREDENTIAL, Local, LocalKey, LocalType, SCHEMA};

const KIND: EnvelopeKind = EnvelopeKind(*b"stor");

/// The largest file that is read: the largest store, and room for its envelope.
const SEALED_LIMIT: u64 = 65 << 20;

/// How long to wait for a key that comes through a pipe, unless configured.
const KEY_TIMEOUT: Duration = Duration::from_secs(30);

/// What a store holds, and what opens it.
#[derive(Debug, Default)]
struct Contents {
    entries: Vec<Entry>,
    /// None in a new store.
    openers: Vec<Opener>,
    /// Which of them is that of the key that opened it.
    own: Option<usize>,
}

impl Contents {
    /// The recipient of the key that opened it, if it is sealed for one.
    fn own_recipient(&self) -> Option<Recipient> {
        match self.openers.get(self.own?)? {
            Opener::Recipient(recipient) => Some(recipient.clone()),
            _ => None,
        }
    }
}

/// A local store: a name, a file, and where its key comes from. Nothing is opened until needed.
#[derive(Debug)]
pub struct LocalStore {
    name: Arc<str>,
    file: PathBuf,
    key: KeySource,
    wait: Duration,
    key_timeout: Duration,
}

impl LocalStore {
    /// A store in this file, sealed with this key. Neither need exist yet.
    pub fn new(name: Arc<str>, file: PathBuf, key: KeySource) -> Self {
        Self { name, file, key, wait: private_file::LOCK_TIMEOUT, key_timeout: KEY_TIMEOUT }
    }

    /// The same store, with another limit to how long a change waits for another writer.
    #[must_use]
    pub fn waiting(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// The same store, with another limit to how long to wait for a key that comes through a pipe.
    #[must_use]
    pub fn with_key_timeout(self, key_timeout: Duration) -> Self {
        Self { key_timeout, ..self }
    }

    /// Makes a key file if there is neither a store nor a key yet; says whether it made one. A
    /// store whose key is missing is an error: a new key could not open it.
    pub fn initialize(&self) -> Result<bool, Error> {
        let KeySource::File(path) = &self.key else { return Ok(false) };
        self.check_apart(path)?;
        if paths::exists(path)? {
            return Ok(false);
        }
        if paths::exists(&self.file)? {
            return Err(self.key_lost(path));
        }
        private_file::create_directory(path.parent().unwrap_or(Path::new("")))?;
        match key::create(path) {
            Ok(_) => Ok(true),
            // Another hushed was faster: its key is as good as ours.
            Err(key::Error::File(private_file::Error::Exists { .. })) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Stores a secret; whether it was created or replaced.
    pub fn put(&self, name: &Name, value: &Value) -> Result<WriteOutcome, Error> {
        self.put_at(name, value, SystemTime::now())
    }

    /// Like [`LocalStore::put`], at a time that the caller gives.
    pub fn put_at(
        &self,
        name: &Name,
        value: &Value,
        now: SystemTime,
    ) -> Result<WriteOutcome, Error> {
        let change = Change::put(name.clone(), value.clone());
        let outcomes = self.apply_at(&[change], now)?;
        Ok(outcomes.first().copied().unwrap_or(WriteOutcome::Replaced))
    }

    /// Deletes a secret; false if there was none.
    pub fn delete(&self, name: &Name) -> Result<bool, Error> {
        let outcomes = self.apply_at(&[Change::delete(name.clone())], SystemTime::now())?;
        Ok(outcomes == [WriteOutcome::Deleted])
    }

    /// Applies all changes, or none.
    pub fn apply(&self, changes: &[Change]) -> Result<Vec<WriteOutcome>, Error> {
        self.apply_at(changes, SystemTime::now())
    }

    fn apply_at(&self, changes: &[Change], now: SystemTime) -> Result<Vec<WriteOutcome>, Error> {
        check_changes(changes, &KeptAnnotations::default())?;
        let mut may_create = false;
        for change in changes {
            if let Action::Put { value, .. } = &change.action {
                format::check(&change.name, value)?;
                may_create = true;
            }
        }
        if may_create {
            if let KeySource::File(key) = &self.key {
                self.check_apart(key)?;
            }
            private_file::create_directory(self.file.parent().unwrap_or(Path::new("")))?;
        } else if !paths::exists(&self.file)? {
            return Err(self.store_missing());
        }
        let lock = Lock::acquire(&self.file, self.wait)?;
        let sealed = lock.read(SEALED_LIMIT)?;
        if sealed.is_none() && !may_create {
            return Err(self.store_missing());
        }
        let key = self.load_key()?;
        let mut contents = match sealed {
            Some(sealed) => self.open(&key, sealed.bytes)?,
            None => Contents::default(),
        };
        let outcomes = write::apply(&mut contents.entries, changes, seconds(now))?;
        if outcomes.iter().any(|outcome| *outcome != WriteOutcome::Absent) {
            self.write(lock, &key, &contents)?;
        }
        Ok(outcomes)
    }

    /// Opens a store that exists, to change it.
    fn begin_change(&self) -> Result<(Lock, Key, Contents), Error> {
        if !paths::exists(&self.file)? {
            return Err(self.store_missing());
        }
        let lock = Lock::acquire(&self.file, self.wait)?;
        let sealed = lock.read(SEALED_LIMIT)?.ok_or_else(|| self.store_missing())?;
        let key = self.load_key()?;
        let contents = self.open(&key, sealed.bytes)?;
        Ok((lock, key, contents))
    }

    fn entries(&self) -> Result<Vec<Entry>, Error> {
        let sealed = self.read_sealed()?;
        Ok(self.open(&self.load_key()?, sealed)?.entries)
    }

    fn read(&self) -> Result<SecretSet, Error> {
        let entries = self.entries()?;
        let place: Arc<str> = self.file.to_string_lossy().into();
        Ok(entries.into_iter().map(|entry| self.secret(entry, &place)).collect())
    }

    fn read_sealed(&self) -> Result<Value, Error> {
        match private_file::read(&self.file, SEALED_LIMIT) {
            Err(private_file::Error::Missing { .. }) => Err(self.store_missing()),
            read => Ok(read?.bytes),
        }
    }

    fn secret(&self, entry: Entry, place: &Arc<str>) -> Secret {
        let provenance = Provenance {
            source: Arc::clone(&self.name),
            place: Arc::clone(place),
            version: Some(entry.version),
            age: None,
        };
        Secret { name: entry.name, value: entry.value, provenance }
    }

    fn load_key(&self) -> Result<Key, Error> {
        self.key.load_within(self.key_timeout).map_err(|error| match error {
            key::Error::Missing { path } if self.file.exists() => self.key_lost(&path),
            error => Error::Key(error),
        })
    }

    fn open(&self, key: &Key, sealed: Value) -> Result<Contents, Error> {
        self.open_at(&self.file, key, sealed)
    }

    /// Opens a store that was read from this path.
    fn open_at(&self, path: &Path, key: &Key, sealed: Value) -> Result<Contents, Error> {
        let Opened { plaintext, openers, own } =
            envelope::open_with_openers(KIND, key, sealed.expose())
                .map_err(|source| self.sealed_error(path, source))?;
        // What follows takes as much memory again.
        drop(sealed);
        let entries = format::decode(plaintext.expose())
            .map_err(|source| Error::Content { store: path.into(), source })?;
        Ok(Contents { entries, openers, own: Some(own) })
    }

    /// Replaces the file that the lock is for.
    fn write(&self, lock: Lock, key: &Key, contents: &Contents) -> Result<(), Error> {
        let plain = format::encode(&contents.entries)?;
        let sealed = seal(key, &contents.openers, &plain);
        let sealed = sealed.map_err(|source| self.sealing_error(source))?;
        Ok(lock.replace(&sealed)?)
    }

    fn sealed_error(&self, path: &Path, source: envelope::Error) -> Error {
        Error::Sealed { store: path.into(), key: self.key.clone(), source }
    }

    fn sealing_error(&self, source: envelope::Error) -> Error {
        Error::Sealing { store: self.file.clone(), source }
    }

    /// Refuses a key file in the directory of the store or below it.
    fn check_apart(&self, key: &Path) -> Result<(), Error> {
        let directory = self.file.parent().unwrap_or(Path::new(""));
        match paths::resolve_within(key, directory)? {
            Some(directory) => Err(Error::KeyBeside { key: key.into(), directory }),
            None => Ok(()),
        }
    }

    fn store_missing(&self) -> Error {
        Error::StoreMissing { store: self.file.clone() }
    }

    /// The error of a store that is there while its key file is not.
    fn key_lost(&self, key: &Path) -> Error {
        let store = self.file.clone();
        let sealed = private_file::read(&self.file, SEALED_LIMIT);
        if sealed.is_ok_and(|sealed| envelope::needs_passphrase(sealed.bytes.expose())) {
            return Error::PassphraseMissing { store };
        }
        Error::KeyLost { key: key.into(), store }
    }
}

impl Source for LocalStore {
    fn name(&self) -> &str {
        &self.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { Ok(self.read()?) })
    }

    fn as_get(&self) -> Option<&dyn Get> {
        Some(self)
    }
}

impl Get for LocalStore {
    fn get<'a>(&'a self, name: &'a Name) -> GetFuture<'a> {
        Box::pin(async { Ok(self.read()?.into_iter().find(|secret| secret.name == *name)) })
    }
}

/// Seals for the recipients that a store has, or else with this key alone.
fn seal(key: &Key, openers: &[Opener], plain: &Value) -> Result<Vec<u8>, envelope::Error> {
    let recipient = |opener: &Opener| match opener {
        Opener::Recipient(recipient) => Some(recipient.clone()),
        _ => None,
    };
    let recipients: Option<Vec<Recipient>> = openers.iter().map(recipient).collect();
    match recipients.filter(|recipients| !recipients.is_empty()) {
        Some(recipients) => envelope::seal_to(KIND, &recipients, plain.expose()),
        None if openers.len() > 1 => Err(envelope::Error::OtherRecipients),
        None if key.is_x25519() => envelope::seal_to(KIND, &[key.to_recipient()?], plain.expose()),
        None => envelope::seal_for(KIND, &[key], plain.expose()),
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
