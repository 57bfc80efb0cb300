//! Leases and the lifetime of the token that they depend on: when to renew what, and what a renewal came to. Pure:
//! time is an argument.

use std::time::{Duration, Instant};

use crate::provider::LeaseInfo;
use crate::secret::Age;

/// How long to wait after a renewal that may work later.
const RETRY: Duration = Duration::from_secs(10);

/// No renewal is sooner than this, whatever the server says.
const LEAST_WAIT: Duration = Duration::from_secs(1);

/// What the server ends after some time.
#[derive(Debug, Default)]
pub(super) struct Leases {
    secrets: Vec<(Held, LeaseName)>,
    token: Option<Held>,
    warnings: Vec<String>,
}

/// The name of a lease: its ID, and the path that it is for.
#[derive(Debug)]
struct LeaseName {
    id: String,
    place: String,
}

/// Something that ends, and may be renewed before.
#[derive(Clone, Copy, Debug)]
struct Held {
    ends_at: Instant,
    /// When to renew it; `None` if that is not possible.
    renew_at: Option<Instant>,
    /// Whether the user was told that the server cannot be asked.
    is_warned: bool,
}

/// What a renewal came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Renewed {
    /// It lasts this long from the request on.
    For(Duration),
    /// It may work later.
    Later(String),
    /// It is not possible.
    Never(String),
}

/// What is to be renewed now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// The IDs of leases.
    pub(super) leases: Vec<String>,
    /// Whether the token is due.
    pub(super) token: bool,
}

impl Held {
    fn new(now: Instant, duration: Duration, is_renewable: bool) -> Self {
        let renew_at = is_renewable.then(|| now + (duration * 2 / 3).max(LEAST_WAIT));
        Self { ends_at: now + duration, renew_at, is_warned: false }
    }

    fn is_due(&self, now: Instant) -> bool {
        self.renew_at.is_some_and(|at| at <= now)
    }

    /// Takes note of a renewal; returns a warning if there is one to give.
    fn renewed(&mut self, what: &str, now: Instant, renewed: Renewed) -> Option<String> {
        let remaining = self.ends_at.saturating_duration_since(now);
        match renewed {
            // At its maximum, the server answers with what is left.
            Renewed::For(duration) if now + duration > self.ends_at + LEAST_WAIT => {
                *self = Self::new(now, duration, true);
                None
            }
            Renewed::For(_) => {
                self.renew_at = None;
                let why = "the server does not extend it any more";
                Some(format!("{what} ends in {}: {why}", Age(remaining)))
            }
            Renewed::Later(why) => {
                let wait = (remaining / 4).min(RETRY).max(LEAST_WAIT);
                self.renew_at = (!remaining.is_zero()).then(|| now + wait);
                let is_first = !std::mem::replace(&mut self.is_warned, true);
                is_first.then(|| {
                    format!("{what} was not renewed yet, and ends in {}: {why}", Age(remaining))
                })
            }
            Renewed::Never(why) => {
                self.renew_at = None;
                Some(format!("{what} cannot be renewed, and ends in {}: {why}", Age(remaining)))
            }
        }
    }
}

impl Leases {
    /// Adds a lease.
    pub(super) fn add(&mut self, id: String, place: String, duration: Duration, renewable: bool) {
        let held = Held::new(Instant::now(), duration, renewable);
        self.secrets.push((held, LeaseName { id, place }));
    }

    /// Sets how long the token lasts; `None` for ever.
    pub(super) fn set_token_lifetime(&mut self, lifetime: Option<Duration>, renewable: bool) {
        self.token = lifetime.map(|lifetime| Held::new(Instant::now(), lifetime, renewable));
    }

    /// The leases, with the time that they last from now on: no longer than the token.
    pub(super) fn list(&self, now: Instant) -> Vec<LeaseInfo> {
        let lease = |(held, name): &(Held, LeaseName)| {
            let token = self.token.map_or(held.ends_at, |token| token.ends_at);
            let remaining = held.ends_at.min(token).saturating_duration_since(now);
            LeaseInfo { place: name.place.clone(), remaining }
        };
        self.secrets.iter().map(lease).collect()
    }

    /// What is to be renewed now.
    pub(super) fn due(&self, now: Instant) -> Due {
        let leases = self.secrets.iter().filter(|(held, _)| held.is_due(now));
        Due {
            leases: leases.map(|(_, name)| name.id.clone()).collect(),
            token: self.token.is_some_and(|token| token.is_due(now)),
        }
    }

    /// Takes note of the renewal of a lease.
    pub(super) fn lease_renewed(&mut self, id: &str, now: Instant, renewed: Renewed) {
        let found = self.secrets.iter_mut().find(|(_, name)| name.id == id);
        if let Some((held, LeaseName { place, .. })) = found {
            self.warnings.extend(held.renewed(&format!("the lease of `{place}`"), now, renewed));
        }
    }

    /// Takes note of the renewal of the token.
    pub(super) fn token_renewed(&mut self, now: Instant, renewed: Renewed) {
        if let Some(token) = &mut self.token {
            let what = "the token, and with it every lease,";
            self.warnings.extend(token.renewed(what, now, renewed));
        }
    }

    /// How long until something is due; `None` if nothing is left to renew.
    pub(super) fn next(&self, now: Instant) -> Option<Duration> {
        // Without a lease, the token need not live.
        let token = self.token.filter(|_| !self.secrets.is_empty());
        let times = self.secrets.iter().map(|(held, _)| *held).chain(token);
        let next = times.filter_map(|held| held.renew_at).min()?;
        Some(next.saturating_duration_since(now))
    }

    /// Takes the warnings, for the user.
    pub(super) fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Takes all leases out, to revoke them; their IDs.
    pub(super) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.secrets).into_iter().map(|(_, name)| name.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_lease_is_renewed_at_two_thirds_of_its_time() {
        let mut leases = Leases::default();
        leases.add("id".into(), "database/creds/app".into(), seconds(90), true);
        let now = Instant::now();
        assert_eq!(leases.due(now + seconds(50)).leases, [""; 0]);
        assert_eq!(leases.due(now + seconds(60)).leases, ["id"]);
        leases.lease_renewed("id", now + seconds(60), Renewed::For(seconds(90)));
        assert_eq!(leases.next(now + seconds(60)), Some(seconds(60)));
        assert_eq!(leases.take_warnings(), [""; 0]);
        assert_eq!(leases.take(), ["id"]);
        assert_eq!((leases.next(now), leases.list(now)), (None, Vec::new()));
    }

    #[test]
    fn a_lease_at_its_maximum_is_told_once_and_left() {
        let mut leases = Leases::default();
        leases.add("id".into(), "p".into(), seconds(90), true);
        let then = Instant::now() + seconds(60);
        leases.lease_renewed("id", then, Renewed::For(seconds(29)));
        let warnings = leases.take_warnings();
        assert!(warnings[0].contains("the lease of `p` ends in "), "{warnings:?}");
        assert_eq!(leases.next(then), None);
    }

    #[test]
    fn a_server_that_is_away_is_asked_again_in_time() {
        let mut leases = Leases::default();
        leases.add("id".into(), "p".into(), seconds(90), true);
        let then = Instant::now() + seconds(60);
        leases.lease_renewed("id", then, Renewed::Later("away".into()));
        leases.lease_renewed("id", then, Renewed::Later("away".into()));
        assert_eq!(leases.take_warnings().len(), 1);
        let next = leases.next(then).unwrap();
        assert!(next > seconds(5) && next < seconds(10), "{next:?}");
        leases.lease_renewed("id", then, Renewed::Never("lease not found".into()));
        assert!(leases.take_warnings()[0].contains("cannot be renewed"));
        assert_eq!(leases.next(then), None);
    }

    #[test]
    fn a_lease_ends_with_its_token() {
        let mut leases = Leases::default();
        leases.add("id".into(), "p".into(), seconds(3600), true);
        leases.set_token_lifetime(Some(seconds(5)), true);
        let now = Instant::now();
        assert!(leases.list(now)[0].remaining <= seconds(5));
        assert!(leases.due(now + seconds(4)).token);
        assert!(leases.next(now).unwrap() < seconds(4));
    }

    #[test]
    fn what_has_no_renewal_is_not_renewed() {
        let mut leases = Leases::default();
        leases.add("id".into(), "p".into(), seconds(9), false);
        assert_eq!(leases.next(Instant::now()), None);
        assert_eq!(leases.due(Instant::now() + seconds(8)).leases, [""; 0]);
    }
}
