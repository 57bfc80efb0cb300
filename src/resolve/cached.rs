//! One source and its cache: what is taken from where, in which order. `cache::policy` decides; here it
//! is done. It prints nothing: what is to be said is given back.
//!
//! ```text
//! before ── serve ──► done, and no server was asked
//!    │ ask
//!    ▼
//! turn: ours ──► fetch ──► after: store · serve · destroy · fail
//!    │ another run's
//!    ▼
//! wait until it has stored ──► take that;  too long ──► fetch, alone
//! ```

use std::cell::{OnceCell, RefCell};
use std::time::{Duration, Instant, SystemTime};

use tokio::time::sleep;

use super::cache_notice::{CacheMiss, CacheNotice};
use super::{Error, objects};
use crate::cache::policy::{decide_after_fetch, decide_before_fetch};
use crate::cache::{
    self, CacheDecision, CachePolicy, CachedLogin, CachedSecrets, EntryState, FetchLock,
    FetchOutcome, FileStamp, REJECTED_LOGIN_BACKOFF, SourceCache, Timestamp,
};
use crate::message::in_one_line;
use crate::provider::{
    self, FetchEnvironment, Freshness, Lease, LeaseInfo, Login, Renewal, Source,
};
use crate::seal::private_file::Lock;
use crate::secret::{ObjectAddress, SecretSet};

/// How long to wait for another run that fetches the same, at most. Then each goes alone.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// How often to look whether it is done, at first and at last.
const POLL_INTERVALS: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(100)];

/// A source, and what is kept of it.
#[derive(Debug)]
pub struct CachedSource {
    source: Box<dyn Source>,
    cache: Option<SourceCache>,
    /// The objects that references name.
    objects: Vec<ObjectAddress>,
    /// Whether the secrets in its scope become variables.
    delivers: bool,
    /// How long the whole fetch may take; to wait for others is a part of it.
    timeout: Duration,
    notices: RefCell<Vec<CacheNotice>>,
    served: RefCell<Option<SecretSet>>,
    initial_stamp: OnceCell<Option<FileStamp>>,
}

impl CachedSource {
    /// A source with its cache, if it has one.
    pub fn new(source: Box<dyn Source>, cache: Option<SourceCache>, timeout: Duration) -> Self {
        Self {
            source,
            cache,
            objects: Vec::new(),
            delivers: true,
            timeout,
            notices: RefCell::default(),
            served: RefCell::default(),
            initial_stamp: OnceCell::new(),
        }
    }

    /// The same source, of which references name these objects; with `delivers`, the secrets in its scope become
    /// variables too.
    #[must_use]
    pub fn with_objects(self, objects: Vec<ObjectAddress>, delivers: bool) -> Self {
        Self { objects, delivers, ..self }
    }

    /// Whether nothing of it is used: it is there because the credentials of another source come from it.
    fn is_unused(&self) -> bool {
        !self.delivers && self.objects.is_empty()
    }

    /// Looks into the cache, where that comes before the server. Says whether it has answered.
    pub fn consult(&self) -> Result<bool, Error> {
        if self.is_unused() {
            return Ok(true);
        }
        let Some(cache) = &self.cache else { return Ok(false) };
        self.initial_stamp(cache);
        if matches!(cache.policy(), CachePolicy::Fallback(_)) {
            return Ok(false);
        }
        let (kept, found, trouble) = read_entry(cache);
        match (decide_before_fetch(cache.policy(), found), kept) {
            (CacheDecision::Serve(age), Some(kept)) => {
                *self.served.borrow_mut() = Some(self.serve(kept, age, None));
                Ok(true)
            }
            (CacheDecision::Fail, _) => Err(Error::Offline {
                source_name: self.source.name().to_owned(),
                missing: missing(found, limit(cache.policy()), trouble),
            }),
            _ => {
                self.report_trouble(trouble);
                Ok(false)
            }
        }
    }

    /// The secrets: those that the cache has given, or else those of the source.
    pub(super) async fn fetch(&self) -> Result<SecretSet, Error> {
        if self.is_unused() {
            return Ok(SecretSet::default());
        }
        if let Some(served) = self.served.borrow_mut().take() {
            return Ok(served);
        }
        match &self.cache {
            None => self.ask(None).await.map_err(|error| self.failed(error)),
            Some(cache) => self.fetch_and_store(cache).await,
        }
    }

    /// Whether its secrets refer to variables. Such a source has no cache.
    pub(super) fn refers_to_variables(&self) -> bool {
        self.cache.is_none() && self.source.refers_to_variables()
    }

    /// Whether its values can be references to other sources.
    pub(super) fn has_references(&self) -> bool {
        self.source.has_references()
    }

    /// Whether references name it.
    pub(super) fn is_referred_to(&self) -> bool {
        !self.objects.is_empty()
    }

    /// The secrets of a source that refers to variables.
    pub(super) async fn fetch_in(
        &self,
        environment: &FetchEnvironment<'_>,
    ) -> Result<SecretSet, Error> {
        if self.is_unused() {
            return Ok(SecretSet::default());
        }
        self.ask(Some(environment)).await.map_err(|error| self.failed(error))
    }

    /// Asks the source for what is needed of it, in an environment if its secrets refer to variables.
    async fn ask(
        &self,
        environment: Option<&FetchEnvironment<'_>>,
    ) -> Result<SecretSet, provider::Error> {
        let fetch = || match environment {
            Some(environment) => self.source.fetch_in(environment),
            None => self.source.fetch(),
        };
        let Some(store) = self.source.as_read_objects().filter(|_| !self.objects.is_empty()) else {
            let secrets = fetch().await?;
            return Ok(objects::of_scope(secrets, self.name(), &self.objects, self.delivers));
        };
        let mut secrets = SecretSet::default();
        if self.delivers {
            secrets = fetch().await?;
        }
        let found = store.read_objects(&self.objects).await?;
        found.into_iter().flatten().for_each(|object| secrets.add_object(object));
        Ok(secrets)
    }

    /// Closes what the fetch left open, for as long as the command runs.
    pub fn pause(&self) {
        self.source.pause();
    }

    /// The leases of what was fetched.
    pub fn leases(&self) -> Vec<LeaseInfo> {
        self.source.as_lease().map(Lease::leases).unwrap_or_default()
    }

    /// Renews the leases that are due.
    pub async fn renew_leases(&self) -> Renewal {
        match self.source.as_lease() {
            Some(lease) => lease.renew().await,
            None => Renewal::default(),
        }
    }

    /// Revokes the leases, and ends what logging in has begun, where the settings ask for it.
    pub async fn end(&self) -> Result<(), provider::Error> {
        let revoked = match self.source.as_lease() {
            Some(lease) if !lease.leases().is_empty() => lease.revoke().await,
            _ => Ok(()),
        };
        self.source.end().await.and(revoked)
    }

    /// The name of the source.
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// What is to be said, once.
    pub fn take_notices(&self) -> Vec<CacheNotice> {
        self.notices.take()
    }

    async fn fetch_and_store(&self, cache: &SourceCache) -> Result<SecretSet, Error> {
        let lock = match self.wait_for_turn(cache).await {
            FetchTurn::Served(secrets) => return Ok(secrets),
            FetchTurn::Ours(lock) => lock,
        };
        if let Some(ago) = cache.time_since_rejection(SystemTime::now()) {
            let source_name = self.name().to_owned();
            return Err(Error::Withheld { source_name, ago, pause: REJECTED_LOGIN_BACKOFF });
        }
        self.resume(cache);
        // What is given may be as old as the question.
        let asked = Timestamp::now();
        let outcome = self.ask_or_revalidate(cache).await;
        self.store_login(cache, outcome.as_ref().err());
        let error = match outcome {
            // A credential with a lease is for this run alone.
            Ok(secrets) if !self.leases().is_empty() => return Ok(secrets),
            Ok(secrets) => {
                // Whoever goes alone leaves the storing to whose turn it is.
                let stored = lock.map(|lock| cache.store_secrets(lock, &secrets, asked));
                self.report_trouble(stored.and_then(Result::err));
                return Ok(secrets);
            }
            Err(error) => error,
        };
        let outcome = match error.class() {
            class if class.is_unreachable() => FetchOutcome::Unreachable,
            class if class.is_denied() => FetchOutcome::Refused,
            _ => FetchOutcome::Failed,
        };
        let stands_in = matches!(cache.policy(), CachePolicy::Fallback(_))
            && outcome == FetchOutcome::Unreachable;
        let (kept, found, trouble) =
            if stands_in { read_entry(cache) } else { (None, EntryState::Missing, None) };
        match (decide_after_fetch(cache.policy(), found, outcome), kept) {
            (CacheDecision::Serve(age), Some(kept)) => {
                return Ok(self.serve(kept, age, Some(in_one_line(&error))));
            }
            (CacheDecision::Destroy, _) => self.report_trouble(cache.delete_secrets().err()),
            _ if stands_in => {
                let why = missing(found, limit(cache.policy()), trouble).to_string();
                self.report(CacheNotice::Trouble { source: self.name().to_owned(), why });
            }
            _ => {}
        }
        Err(self.failed(error))
    }

    /// Asks the source, which need not send what the cache still has.
    async fn ask_or_revalidate(&self, cache: &SourceCache) -> Result<SecretSet, provider::Error> {
        let Some(conditional) = self.source.as_conditional() else { return self.ask(None).await };
        let kept = cache.load_secrets().ok().flatten();
        let kept = kept.filter(|kept| kept.validator().is_some());
        conditional.offer(kept.as_ref().and_then(CachedSecrets::validator));
        let mut secrets = self.ask(None).await?;
        match (conditional.freshness(), kept) {
            (Freshness::Unchanged, Some(kept)) => return Ok(kept.into_current_secrets()),
            (Freshness::Changed, _) => {}
            (Freshness::Unchanged | Freshness::Mixed, _) => {
                conditional.offer(None);
                secrets = self.ask(None).await?;
            }
        }
        secrets.set_validator(conditional.validator());
        Ok(secrets)
    }

    /// Waits for our turn to fetch, or for what another run has fetched since we began.
    async fn wait_for_turn(&self, cache: &SourceCache) -> FetchTurn {
        let begun = Instant::now();
        let patience = MAX_WAIT.min(self.timeout / 2);
        let stamp = self.initial_stamp(cache);
        let [mut pause, longest] = POLL_INTERVALS;
        loop {
            let turn = match cache.lock_for_fetch() {
                Ok(turn) => turn,
                Err(error) => {
                    self.report_trouble(Some(error));
                    return FetchTurn::Ours(None);
                }
            };
            // What came after we began is what we would get.
            if cache.stamp() != stamp
                && let (Some(kept), EntryState::Aged(age), _) = read_entry(cache)
            {
                return FetchTurn::Served(self.serve(kept, age, None));
            }
            match turn {
                FetchLock::Acquired(lock) => return FetchTurn::Ours(Some(lock)),
                FetchLock::HeldElsewhere if begun.elapsed() >= patience => {
                    return FetchTurn::Ours(None);
                }
                FetchLock::HeldElsewhere => {}
            }
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// The state of what is kept as it was when we began: before we looked, so that nothing can be kept
    /// unseen between that and our turn.
    fn initial_stamp(&self, cache: &SourceCache) -> Option<FileStamp> {
        *self.initial_stamp.get_or_init(|| cache.stamp())
    }

    /// Begins with the login that is kept, if there is one.
    fn resume(&self, cache: &SourceCache) {
        if !cache.caches_login() {
            return;
        }
        match cache.load_login(SystemTime::now()) {
            Ok(Some(login)) => self.source.resume(login.token),
            Ok(None) => {}
            Err(error) => self.report_trouble(Some(error)),
        }
    }

    /// Keeps a new login, and destroys one that was refused.
    fn store_login(&self, cache: &SourceCache, error: Option<&provider::Error>) {
        let now = SystemTime::now();
        if error.is_some_and(provider::Error::is_denied_login) {
            cache.record_rejection(now);
        }
        if !cache.caches_login() {
            return;
        }
        let kept = match self.source.login() {
            // A new token that is refused at once is of no use later.
            Login::New { token, time } if error.is_none() => {
                let time = time.unwrap_or(Duration::MAX).min(cache.retention());
                let until = now.checked_add(time).unwrap_or(now);
                cache.store_login(&CachedLogin { issued_at: now, expires_at: until, token })
            }
            Login::New { .. } | Login::Lost => cache.delete_login().map(drop),
            Login::Same => Ok(()),
        };
        self.report_trouble(kept.err());
    }

    /// Takes what is kept, and says so.
    fn serve(&self, kept: CachedSecrets, age: Duration, because: Option<String>) -> SecretSet {
        self.report(CacheNotice::Served { source: self.name().to_owned(), age, because });
        kept.into_secrets(age)
    }

    /// Says what is wrong with the cache, unless something was said of it before.
    fn report_trouble(&self, error: Option<cache::Error>) {
        let silent =
            !self.notices.borrow().iter().any(|note| matches!(note, CacheNotice::Trouble { .. }));
        if let Some(error) = error.filter(|_| silent) {
            let (source, why) = (self.name().to_owned(), in_one_line(&error));
            self.report(CacheNotice::Trouble { source, why });
        }
    }

    fn report(&self, note: CacheNotice) {
        self.notices.borrow_mut().push(note);
    }

    fn failed(&self, error: provider::Error) -> Error {
        Error::Source { source_name: self.name().to_owned(), error }
    }
}

enum FetchTurn {
    Served(SecretSet),
    Ours(Option<Lock>),
}

/// What the cache has, how old it is, and what is wrong with it.
fn read_entry(cache: &SourceCache) -> (Option<CachedSecrets>, EntryState, Option<cache::Error>) {
    match cache.load_secrets() {
        Ok(Some(kept)) => match kept.state_at(Timestamp::now()) {
            EntryState::FromFuture => (None, EntryState::FromFuture, cache.future_entry_error()),
            found => (Some(kept), found, None),
        },
        Ok(None) => (None, EntryState::Missing, None),
        Err(error) => (None, EntryState::Missing, Some(error)),
    }
}

fn limit(mode: CachePolicy) -> Duration {
    let (CachePolicy::Fallback(limit) | CachePolicy::Ttl(limit) | CachePolicy::Offline(limit)) =
        mode;
    limit
}

fn missing(found: EntryState, limit: Duration, trouble: Option<cache::Error>) -> CacheMiss {
    match (trouble, found) {
        (Some(error), _) => CacheMiss::Unusable(error),
        (None, EntryState::Aged(age)) => CacheMiss::Old { age, limit },
        (None, _) => CacheMiss::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::path::Path;
    use std::rc::Rc;

    use super::*;
    use crate::cache::example;
    use crate::config::{CacheKey, CacheMode, CacheSettings};
    use crate::http::stub;
    use crate::provider::Fetch;

    /// Counts how often it is asked.
    #[derive(Debug, Default)]
    struct Server(Rc<Cell<u32>>);

    impl Source for Server {
        fn name(&self) -> &'static str {
            "infisical"
        }

        fn fetch(&self) -> Fetch<'_> {
            self.0.set(self.0.get() + 1);
            Box::pin(std::future::ready(Ok(SecretSet::default())))
        }
    }

    fn part(directory: &Path, asked: &Rc<Cell<u32>>) -> CachedSource {
        let caching = CacheSettings {
            mode: CacheMode::Ttl(Duration::from_mins(5)),
            offline: false,
            max_age: Duration::from_hours(1),
            token: false,
            origin: crate::config::Origin::Default,
            key: CacheKey::Credential,
            directory: directory.to_owned(),
            runtime: None,
        };
        let cache = SourceCache::new(&"infisical".into(), &caching, &example());
        CachedSource::new(Box::new(Server(Rc::clone(asked))), Some(cache), Duration::from_secs(30))
    }

    #[test]
    fn what_another_run_kept_between_our_look_and_our_turn_is_taken() {
        let place = tempfile::tempdir().unwrap();
        let (directory, asked) = (place.path().join("cache"), Rc::default());
        let (one, other) = (part(&directory, &asked), part(&directory, &asked));
        assert!(!one.consult().unwrap() && !other.consult().unwrap());
        stub::run(async {
            other.fetch().await.unwrap();
            one.fetch().await.unwrap();
        });
        assert_eq!(asked.get(), 1);
    }
}
