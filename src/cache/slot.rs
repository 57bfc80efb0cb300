//! The slot of one source in the cache: its secrets, its login, and the turn to fetch them. It decides
//! nothing; `policy` does.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::disk::{self, Disk, Stamp};
use super::entry::{Entry, Ticket};
use super::key::Wrapper;
use super::moment::Moment;
use super::policy::{Found, Mode};
use super::refusal::Refusal;
use super::scope::Scope;
use super::{Error, entry};
use crate::config::{CacheIdentity, CacheMode, Caching};
use crate::seal::Kind;
use crate::seal::private_file::{self, Lock};
use crate::secret::{Name, SecretSet, Value};

const SECRETS: Kind = Kind(*b"csec");
const LOGIN: Kind = Kind(*b"clog");

/// What one source has in the cache. Nothing is opened until needed.
#[derive(Debug)]
pub struct Slot {
    source: Arc<str>,
    mode: Mode,
    disk: Disk,
    wrapper: Wrapper,
    secrets: Scope,
    login: Scope,
    keeps_login: bool,
    longest: Duration,
    refusal: Refusal,
}

/// The secrets of a source, as they were kept.
#[derive(Debug)]
pub struct Kept {
    entry: Entry,
    source: Arc<str>,
}

/// Whether it is ours to fetch.
#[derive(Debug)]
pub enum Turn {
    /// It is; others wait until this is dropped.
    Ours(Lock),
    /// Another run is fetching.
    Others,
}

impl Slot {
    /// The slot of the source of this name.
    pub fn new(source: &Arc<str>, caching: &Caching, identity: &CacheIdentity) -> Self {
        let max_age = caching.max_age;
        let (mode, longest) = match caching.mode {
            _ if caching.offline => (Mode::Offline(max_age), max_age),
            CacheMode::Ttl(time) => (Mode::Ttl(time), time.max(max_age)),
            CacheMode::Fallback | CacheMode::Off => (Mode::Fallback(max_age), max_age),
        };
        let login = Scope::of_login(identity);
        Self {
            source: Arc::clone(source),
            mode,
            disk: Disk::new(caching.directory.clone()),
            wrapper: Wrapper::new(&caching.key, &identity.proof, longest),
            secrets: Scope::of_secrets(identity),
            // A ready token needs no login, and saves none.
            keeps_login: caching.token && identity.logs_in,
            longest,
            refusal: Refusal::new(&login, &identity.proof, caching.runtime.clone()),
            login,
        }
    }

    /// When it is used.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Where its secrets are, if there is a cache at all.
    fn path(&self) -> Result<Option<PathBuf>, Error> {
        self.disk.path(&self.secrets)
    }

    /// The state of the file with its secrets.
    pub fn stamp(&self) -> Option<Stamp> {
        self.path().ok()?.as_deref().and_then(disk::stamp)
    }

    /// The secrets that are kept.
    pub fn secrets(&self) -> Result<Option<Kept>, Error> {
        let Some((path, bytes)) = self.read(SECRETS, &self.secrets)? else { return Ok(None) };
        let entry = Entry::decode(bytes.expose()).map_err(|source| content(&path, source))?;
        Ok(Some(Kept { entry, source: Arc::clone(&self.source) }))
    }

    /// What is wrong with secrets from the future.
    pub fn future(&self) -> Option<Error> {
        Some(Error::Future { path: self.path().ok()?? })
    }

    /// Whether it is ours to fetch, as far as the cache is concerned. Nobody waits here.
    pub fn turn(&self) -> Result<Turn, Error> {
        let path = self.disk.prepare(&self.secrets)?;
        match Lock::acquire(&path, Duration::ZERO) {
            Ok(lock) => Ok(Turn::Ours(lock)),
            Err(private_file::Error::Busy { .. }) => Ok(Turn::Others),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps what the server gave at this time.
    pub fn store(&self, lock: Lock, secrets: &SecretSet, now: Moment) -> Result<(), Error> {
        let path = self.disk.prepare(&self.secrets)?;
        let plaintext = Entry::new(secrets, now).encode().map_err(Error::TooMuch)?;
        disk::write(lock, &path, SECRETS, &self.secrets, &self.wrapper, &plaintext)
    }

    /// Destroys the secrets that are kept; whether there were any.
    pub fn destroy(&self) -> Result<bool, Error> {
        self.path()?.map_or(Ok(false), |path| disk::destroy(&path, Some(&self.wrapper)))
    }

    /// Whether logins are kept.
    pub fn keeps_login(&self) -> bool {
        self.keeps_login
    }

    /// How long anything is kept at most.
    pub fn longest(&self) -> Duration {
        self.longest
    }

    /// The login that is kept, if it is valid now.
    pub fn ticket(&self, now: SystemTime) -> Result<Option<Ticket>, Error> {
        let Some((path, bytes)) = self.read(LOGIN, &self.login)? else { return Ok(None) };
        let ticket = Ticket::decode(bytes.expose()).map_err(|source| content(&path, source))?;
        Ok(Some(ticket).filter(|ticket| ticket.is_valid(now)))
    }

    /// Keeps a login. Where another run does the same, one is as good as the other.
    pub fn store_ticket(&self, ticket: &Ticket) -> Result<(), Error> {
        let path = self.disk.prepare(&self.login)?;
        let lock = match Lock::acquire(&path, Duration::ZERO) {
            Err(private_file::Error::Busy { .. }) => return Ok(()),
            lock => lock?,
        };
        let plaintext = ticket.encode().map_err(Error::TooMuch)?;
        disk::write(lock, &path, LOGIN, &self.login, &self.wrapper, &plaintext)
    }

    /// Destroys the login that is kept; whether there was one.
    pub fn destroy_ticket(&self) -> Result<bool, Error> {
        self.disk
            .path(&self.login)?
            .map_or(Ok(false), |path| disk::destroy(&path, Some(&self.wrapper)))
    }

    /// How long ago this login was refused, if that was a moment ago.
    pub fn refused_ago(&self, now: SystemTime) -> Option<Duration> {
        self.refusal.ago(now)
    }

    /// Remembers that this login was refused.
    pub fn remember_refusal(&self, now: SystemTime) {
        self.refusal.remember(now);
    }

    fn read(&self, kind: Kind, scope: &Scope) -> Result<Option<(PathBuf, Value)>, Error> {
        let Some(path) = self.disk.path(scope)? else { return Ok(None) };
        let bytes = disk::read(&path, kind, scope, &self.wrapper)?;
        Ok(bytes.map(|bytes| (path, bytes)))
    }
}

impl Kept {
    /// How old they are.
    pub fn found(&self, now: Moment) -> Found {
        self.entry.fetched.found(now)
    }

    /// Their names, lowest precedence first.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.entry.names()
    }

    /// The secrets themselves, at this age.
    pub fn into_secrets(self, age: Duration) -> SecretSet {
        self.entry.into_secrets(&self.source, age)
    }
}

/// Destroys all entries of a directory, whoever can open them; how many there were.
pub fn clear(directory: &Path) -> Result<usize, Error> {
    let mut count = 0;
    for path in Disk::new(directory.to_owned()).all()? {
        count += usize::from(disk::destroy(&path, Some(&Wrapper::Keyring(Duration::ZERO)))?);
    }
    Ok(count)
}

fn content(path: &Path, source: entry::Error) -> Error {
    Error::Content { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::collection;
    use proptest::prelude::*;

    use super::super::scope::tests::identity;
    use super::*;
    use crate::config::{CacheKey, Caching, Origin};
    use crate::secret::{Provenance, Secret};

    fn slot(directory: &Path) -> Slot {
        let caching = Caching {
            mode: CacheMode::Fallback,
            offline: false,
            origin: Origin::Default,
            max_age: Duration::from_hours(1),
            token: true,
            key: CacheKey::Credential,
            directory: directory.to_owned(),
            runtime: None,
        };
        Slot::new(&"infisical".into(), &caching, &identity())
    }

    fn secrets() -> SecretSet {
        let provenance = |version| Provenance {
            source: "infisical".into(),
            place: "/ in dev".into(),
            version,
            age: None,
        };
        let secret = |name: &str, version| Secret {
            name: Name::new(name),
            value: Value::from("canary"),
            provenance: provenance(version),
        };
        // Not in the order of names, and one name twice: the order is precedence.
        SecretSet::from_iter([secret("B", Some(7)), secret("A", None), secret("B", Some(0))])
    }

    fn stored(directory: &Path) -> (Slot, PathBuf) {
        let slot = slot(directory);
        let Turn::Ours(lock) = slot.turn().unwrap() else { panic!("nobody else is here") };
        slot.store(lock, &secrets(), Moment::now()).unwrap();
        let path = slot.path().unwrap().unwrap();
        (slot, path)
    }

    #[test]
    fn what_is_stored_comes_back_in_its_order_with_its_provenance() {
        let place = tempfile::tempdir().unwrap();
        let (slot, _) = stored(&place.path().join("cache"));
        let age = Duration::from_secs(5);
        let back = slot.secrets().unwrap().unwrap().into_secrets(age);
        for (kept, want) in back.iter().zip(&secrets()) {
            assert_eq!((&kept.name, &kept.value), (&want.name, &want.value));
            let want = Provenance { age: Some(age), ..want.provenance.clone() };
            assert_eq!(kept.provenance, want);
        }
        assert_eq!(back.len(), 3);
    }

    /// Gives a file this content, as somebody else would.
    fn replace(path: &Path, bytes: &[u8]) {
        let mut file = fs::OpenOptions::new().write(true).truncate(true).open(path).unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
    }

    #[test]
    fn no_flipped_bit_and_no_cut_opens() {
        let place = tempfile::tempdir().unwrap();
        let (slot, path) = stored(&place.path().join("cache"));
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            replace(&path, &bad);
            assert!(slot.secrets().is_err(), "byte {at}");
        }
        for length in (0..good.len()).step_by(7) {
            replace(&path, &good[..length]);
            assert!(slot.secrets().is_err(), "{length} bytes");
        }
        replace(&path, &good);
        assert!(slot.secrets().unwrap().is_some());
    }

    /// A file in place of an entry.
    #[derive(Clone, Debug)]
    enum Other {
        /// Anything.
        Any(Vec<u8>),
        /// The entry with something in place of a part of it.
        Spliced { from: usize, length: usize, by: Vec<u8> },
    }

    fn other() -> impl Strategy<Value = Other> {
        let bytes = |most| collection::vec(any::<u8>(), 0..most);
        let part = (0..5000_usize, 0..5000_usize, bytes(64));
        prop_oneof![
            bytes(9000).prop_map(Other::Any),
            part.prop_map(|(from, length, by)| Other::Spliced { from, length, by }),
        ]
    }

    proptest! {
        #[test]
        fn no_other_bytes_open(others in collection::vec(other(), 8)) {
            let place = tempfile::tempdir().unwrap();
            let (slot, path) = stored(&place.path().join("cache"));
            let good = fs::read(&path).unwrap();
            for other in others {
                let bytes = match &other {
                    Other::Any(bytes) => bytes.clone(),
                    Other::Spliced { from, length, by } => {
                        let from = *from.min(&good.len());
                        let rest = &good[good.len().min(from + length)..];
                        [&good[..from], by, rest].concat()
                    }
                };
                replace(&path, &bytes);
                prop_assert_eq!(slot.secrets().is_ok(), bytes == good, "{:?}", other);
                prop_assert!(slot.ticket(SystemTime::now()).unwrap().is_none());
            }
        }
    }

    #[test]
    fn only_one_has_its_turn() {
        let place = tempfile::tempdir().unwrap();
        let (one, other) = (slot(&place.path().join("cache")), slot(&place.path().join("cache")));
        let turn = one.turn().unwrap();
        assert!(matches!(turn, Turn::Ours(_)));
        assert!(matches!(other.turn().unwrap(), Turn::Others));
        drop(turn);
        assert!(matches!(other.turn().unwrap(), Turn::Ours(_)));
        assert!(one.secrets().unwrap().is_none());
    }

    #[test]
    fn a_login_is_no_secrets_and_ends() {
        let place = tempfile::tempdir().unwrap();
        let (slot, _) = stored(&place.path().join("cache"));
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(1000);
        let until = now + Duration::from_mins(1);
        let ticket = Ticket { since: now, until, token: Value::from("canary") };
        slot.store_ticket(&ticket).unwrap();
        assert_eq!(slot.ticket(now).unwrap(), Some(ticket));
        assert_eq!(slot.ticket(until).unwrap(), None);
        assert!(slot.destroy().unwrap());
        assert!(!slot.destroy().unwrap());
        assert!(slot.ticket(now).unwrap().is_some(), "each has its own file");
        assert!(slot.destroy_ticket().unwrap());
        assert_eq!(slot.ticket(now).unwrap(), None);
    }

    #[test]
    fn debug_shows_no_secret() {
        let place = tempfile::tempdir().unwrap();
        let (slot, _) = stored(&place.path().join("cache"));
        let kept = slot.secrets().unwrap().unwrap();
        assert!(!format!("{slot:?} {kept:?}").contains("canary"));
    }
}
