//! The cache of one source: its entry of secrets, its cached login, and the lock that lets one run fetch
//! while others wait. It decides nothing; `policy` does.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::directory::{self, CacheDirectory, FileStamp};
use super::entry::{CachedLogin, Entry};
use super::key::KeyWrapper;
use super::login_rejection::LoginRejection;
use super::policy::{CachePolicy, EntryState};
use super::scope::CacheScope;
use super::timestamp::Timestamp;
use super::{Error, entry};
use crate::config::{CacheIdentity, CacheMode, CacheSettings};
use crate::seal::EnvelopeKind;
use crate::seal::private_file::{self, Lock};
use crate::secret::{Name, SecretSet, Value};

const SECRETS: EnvelopeKind = EnvelopeKind(*b"csec");
const LOGIN: EnvelopeKind = EnvelopeKind(*b"clog");

/// The cache entries of one source. Nothing is opened until needed.
#[derive(Debug)]
pub struct SourceCache {
    source: Arc<str>,
    policy: CachePolicy,
    directory: CacheDirectory,
    wrapper: KeyWrapper,
    secrets: CacheScope,
    login: CacheScope,
    caches_login: bool,
    retention: Duration,
    rejection: LoginRejection,
}

/// The secrets of a source, read from its cache entry.
#[derive(Debug)]
pub struct CachedSecrets {
    entry: Entry,
    source: Arc<str>,
}

/// Which run fetches the secrets of a source, when several start at once.
#[derive(Debug)]
pub enum FetchLock {
    /// This run fetches; others wait until the lock is dropped.
    Acquired(Lock),
    /// Another run holds the lock and is fetching.
    HeldElsewhere,
}

impl SourceCache {
    /// Creates the cache of the source of this name.
    pub fn new(source: &Arc<str>, settings: &CacheSettings, identity: &CacheIdentity) -> Self {
        let max_age = settings.max_age;
        let (policy, retention) = match settings.mode {
            _ if settings.offline => (CachePolicy::Offline(max_age), max_age),
            CacheMode::Ttl(time) => (CachePolicy::Ttl(time), time.max(max_age)),
            CacheMode::Fallback | CacheMode::Off => (CachePolicy::Fallback(max_age), max_age),
        };
        let login = CacheScope::for_login(identity);
        Self {
            source: Arc::clone(source),
            policy,
            directory: CacheDirectory::new(settings.directory.clone()),
            wrapper: KeyWrapper::new(&settings.key, &identity.proof, retention),
            secrets: CacheScope::for_secrets(identity),
            // A ready token needs no login, and saves none.
            caches_login: settings.token && identity.logs_in,
            retention,
            rejection: LoginRejection::new(&login, &identity.proof, settings.runtime.clone()),
            login,
        }
    }

    /// When the cache is used.
    pub fn policy(&self) -> CachePolicy {
        self.policy
    }

    /// The file of the secrets entry; `None` where no cache exists yet.
    fn path(&self) -> Result<Option<PathBuf>, Error> {
        self.directory.path(&self.secrets)
    }

    /// Identifies the current version of the secrets entry, to notice when another run replaces it.
    pub fn stamp(&self) -> Option<FileStamp> {
        self.path().ok()?.as_deref().and_then(directory::file_stamp)
    }

    /// Reads the cached secrets.
    pub fn load_secrets(&self) -> Result<Option<CachedSecrets>, Error> {
        let Some((path, bytes)) = self.read(SECRETS, &self.secrets)? else { return Ok(None) };
        let entry = Entry::decode(bytes.expose()).map_err(|source| content(&path, source))?;
        Ok(Some(CachedSecrets { entry, source: Arc::clone(&self.source) }))
    }

    /// The error for an entry that was written in the future of the present clock.
    pub fn future_entry_error(&self) -> Option<Error> {
        Some(Error::Future { path: self.path().ok()?? })
    }

    /// Tries to take the lock for fetching. Never waits.
    pub fn lock_for_fetch(&self) -> Result<FetchLock, Error> {
        let path = self.directory.prepare(&self.secrets)?;
        match Lock::acquire(&path, Duration::ZERO) {
            Ok(lock) => Ok(FetchLock::Acquired(lock)),
            Err(private_file::Error::Busy { .. }) => Ok(FetchLock::HeldElsewhere),
            Err(error) => Err(error.into()),
        }
    }

    /// Stores the secrets that the server returned at this time.
    pub fn store_secrets(
        &self,
        lock: Lock,
        secrets: &SecretSet,
        now: Timestamp,
    ) -> Result<(), Error> {
        let path = self.directory.prepare(&self.secrets)?;
        let plaintext = Entry::new(secrets, now).encode().map_err(Error::TooMuch)?;
        directory::write(lock, &path, SECRETS, &self.secrets, &self.wrapper, &plaintext)
    }

    /// Deletes the cached secrets; returns whether there were any.
    pub fn delete_secrets(&self) -> Result<bool, Error> {
        self.path()?.map_or(Ok(false), |path| directory::delete(&path, Some(&self.wrapper)))
    }

    /// Whether logins are cached.
    pub fn caches_login(&self) -> bool {
        self.caches_login
    }

    /// How long an entry is kept at most.
    pub fn retention(&self) -> Duration {
        self.retention
    }

    /// Reads the cached login, if it is still valid.
    pub fn load_login(&self, now: SystemTime) -> Result<Option<CachedLogin>, Error> {
        let Some((path, bytes)) = self.read(LOGIN, &self.login)? else { return Ok(None) };
        let login = CachedLogin::decode(bytes.expose()).map_err(|source| content(&path, source))?;
        Ok(Some(login).filter(|login| login.is_valid(now)))
    }

    /// Stores a login. If another run is storing one, this one is dropped: either will do.
    pub fn store_login(&self, login: &CachedLogin) -> Result<(), Error> {
        let path = self.directory.prepare(&self.login)?;
        let lock = match Lock::acquire(&path, Duration::ZERO) {
            Err(private_file::Error::Busy { .. }) => return Ok(()),
            lock => lock?,
        };
        let plaintext = login.encode().map_err(Error::TooMuch)?;
        directory::write(lock, &path, LOGIN, &self.login, &self.wrapper, &plaintext)
    }

    /// Deletes the cached login; returns whether there was one.
    pub fn delete_login(&self) -> Result<bool, Error> {
        self.directory
            .path(&self.login)?
            .map_or(Ok(false), |path| directory::delete(&path, Some(&self.wrapper)))
    }

    /// How long ago the server rejected this login, if within [`super::REJECTED_LOGIN_BACKOFF`].
    pub fn time_since_rejection(&self, now: SystemTime) -> Option<Duration> {
        self.rejection.elapsed(now)
    }

    /// Remembers that the server rejected this login.
    pub fn record_rejection(&self, now: SystemTime) {
        self.rejection.record(now);
    }

    fn read(
        &self,
        kind: EnvelopeKind,
        scope: &CacheScope,
    ) -> Result<Option<(PathBuf, Value)>, Error> {
        let Some(path) = self.directory.path(scope)? else { return Ok(None) };
        let bytes = directory::read(&path, kind, scope, &self.wrapper)?;
        Ok(bytes.map(|bytes| (path, bytes)))
    }
}

impl CachedSecrets {
    /// How old they are at this time.
    pub fn state_at(&self, now: Timestamp) -> EntryState {
        self.entry.fetched_at.state_at(now)
    }

    /// Their names, lowest precedence first.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.entry.names()
    }

    /// What the store calls this state of the secrets.
    pub fn validator(&self) -> Option<&str> {
        self.entry.validator.as_deref()
    }

    /// The secrets themselves, at this age.
    pub fn into_secrets(self, age: Duration) -> SecretSet {
        self.entry.into_secrets(&self.source, Some(age))
    }

    /// The secrets themselves, which the store says are current.
    pub fn into_current_secrets(self) -> SecretSet {
        self.entry.into_secrets(&self.source, None)
    }
}

/// Deletes all entries of a cache directory, including those that this user has no key for. Returns how many.
pub fn clear_directory(directory: &Path) -> Result<usize, Error> {
    let mut count = 0;
    for path in CacheDirectory::new(directory.to_owned()).list_entries()? {
        count += usize::from(directory::delete(&path, Some(&KeyWrapper::Keyring(Duration::ZERO)))?);
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
    use crate::config::{CacheKey, CacheSettings, Origin};
    use crate::secret::{Provenance, Secret};

    fn cache(directory: &Path) -> SourceCache {
        let settings = CacheSettings {
            mode: CacheMode::Fallback,
            offline: false,
            origin: Origin::Default,
            max_age: Duration::from_hours(1),
            token: true,
            key: CacheKey::Credential,
            directory: directory.to_owned(),
            runtime: None,
        };
        SourceCache::new(&"infisical".into(), &settings, &identity())
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

    fn stored(directory: &Path) -> (SourceCache, PathBuf) {
        let cache = cache(directory);
        let FetchLock::Acquired(lock) = cache.lock_for_fetch().unwrap() else {
            panic!("nobody else is here")
        };
        cache.store_secrets(lock, &secrets(), Timestamp::now()).unwrap();
        let path = cache.path().unwrap().unwrap();
        (cache, path)
    }

    #[test]
    fn what_is_stored_comes_back_in_its_order_with_its_provenance() {
        let place = tempfile::tempdir().unwrap();
        let (cache, _) = stored(&place.path().join("cache"));
        let age = Duration::from_secs(5);
        let back = cache.load_secrets().unwrap().unwrap().into_secrets(age);
        for (cached, want) in back.iter().zip(&secrets()) {
            assert_eq!((&cached.name, &cached.value), (&want.name, &want.value));
            let want = Provenance { age: Some(age), ..want.provenance.clone() };
            assert_eq!(cached.provenance, want);
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
        let (cache, path) = stored(&place.path().join("cache"));
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            replace(&path, &bad);
            assert!(cache.load_secrets().is_err(), "byte {at}");
        }
        for length in (0..good.len()).step_by(7) {
            replace(&path, &good[..length]);
            assert!(cache.load_secrets().is_err(), "{length} bytes");
        }
        replace(&path, &good);
        assert!(cache.load_secrets().unwrap().is_some());
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
            let (cache, path) = stored(&place.path().join("cache"));
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
                prop_assert_eq!(cache.load_secrets().is_ok(), bytes == good, "{:?}", other);
                prop_assert!(cache.load_login(SystemTime::now()).unwrap().is_none());
            }
        }
    }

    #[test]
    fn only_one_run_gets_the_fetch_lock() {
        let place = tempfile::tempdir().unwrap();
        let (one, other) = (cache(&place.path().join("cache")), cache(&place.path().join("cache")));
        let lock = one.lock_for_fetch().unwrap();
        assert!(matches!(lock, FetchLock::Acquired(_)));
        assert!(matches!(other.lock_for_fetch().unwrap(), FetchLock::HeldElsewhere));
        drop(lock);
        assert!(matches!(other.lock_for_fetch().unwrap(), FetchLock::Acquired(_)));
        assert!(one.load_secrets().unwrap().is_none());
    }

    #[test]
    fn a_login_has_its_own_entry_and_expires() {
        let place = tempfile::tempdir().unwrap();
        let (cache, _) = stored(&place.path().join("cache"));
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(1000);
        let until = now + Duration::from_mins(1);
        let login = CachedLogin { issued_at: now, expires_at: until, token: Value::from("canary") };
        cache.store_login(&login).unwrap();
        assert_eq!(cache.load_login(now).unwrap(), Some(login));
        assert_eq!(cache.load_login(until).unwrap(), None);
        assert!(cache.delete_secrets().unwrap());
        assert!(!cache.delete_secrets().unwrap());
        assert!(cache.load_login(now).unwrap().is_some(), "each has its own file");
        assert!(cache.delete_login().unwrap());
        assert_eq!(cache.load_login(now).unwrap(), None);
    }

    #[test]
    fn debug_shows_no_secret() {
        let place = tempfile::tempdir().unwrap();
        let (cache, _) = stored(&place.path().join("cache"));
        let cached = cache.load_secrets().unwrap().unwrap();
        assert!(!format!("{cache:?} {cached:?}").contains("canary"));
    }
}
