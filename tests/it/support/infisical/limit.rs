//! How many requests a client may make in a minute, counted by route and address.
//! Must not know what a request asks for.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::answer::Answer;

/// The kind of a route, each with its own limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Reading secrets.
    Secrets,
    /// Reading folders and projects.
    Read,
    /// Logging in.
    Write,
}

/// Counts requests.
#[derive(Debug, Clone)]
pub struct Limiter {
    /// How many secret reads a minute.
    pub secrets: u32,
    /// How many other reads a minute.
    pub read: u32,
    /// How many logins a minute.
    pub write: u32,
    counts: BTreeMap<(String, String), (Duration, u32)>,
}

/// Takes so many requests a second, whoever makes them, and remembers when they came.
#[derive(Debug, Clone)]
pub struct Throttle {
    limit: usize,
    says_when: bool,
    shows_limit: bool,
    second: u64,
    taken: usize,
    /// When each request came, taken or not.
    pub arrivals: Vec<Instant>,
}

impl Throttle {
    /// Takes so many a second; says in `retry-after` when to come again, or does not.
    pub fn new(limit: usize, says_when: bool) -> Self {
        let (shows_limit, second, taken, arrivals) = (true, 0, 0, Vec::new());
        Self { limit, says_when, shows_limit, second, taken, arrivals }
    }

    /// Keeps silent about the limit and what is left of it, as a proxy in front of a server does.
    pub fn hiding_its_limit(self) -> Self {
        Self { shows_limit: false, ..self }
    }

    /// Counts one request; the answer, if it is one too many.
    pub fn count(&mut self, now: Instant) -> Option<Answer> {
        self.arrivals.push(now);
        let first = self.arrivals.first().copied().unwrap_or(now);
        let second = now.duration_since(first).as_secs();
        if second > self.second {
            (self.second, self.taken) = (second, 0);
        }
        self.taken += 1;
        if self.taken <= self.limit {
            return None;
        }
        let body =
            br#"{"statusCode":429,"message":"Rate limit exceeded","error":"RateLimitExceeded"}"#;
        let mut answer = Answer::new(429, "application/json", body.to_vec());
        let limit = self.limit.to_string();
        if self.shows_limit {
            answer.headers.push(("x-ratelimit-limit".into(), limit));
            answer.headers.push(("x-ratelimit-remaining".into(), "0".into()));
        }
        if self.says_when {
            answer.headers.push(("retry-after".into(), "1".into()));
        }
        Some(answer)
    }
}

/// What the counting came to.
#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    /// How many are permitted.
    pub limit: u32,
    /// How many are left, none if this one was too many.
    pub left: Option<u32>,
    /// Seconds until the count begins anew.
    pub reset: u64,
}

impl Limiter {
    /// Permits so many requests a minute to each class of routes.
    pub fn new(secrets: u32, read: u32, write: u32) -> Self {
        Self { secrets, read, write, counts: BTreeMap::new() }
    }

    /// Counts one request.
    pub fn count(&mut self, class: Class, route: &str, address: &str, now: Duration) -> Verdict {
        let limit = match class {
            Class::Secrets => self.secrets,
            Class::Read => self.read,
            Class::Write => self.write,
        };
        let window = Duration::from_mins(1);
        let entry = self.counts.entry((route.into(), address.into())).or_insert((now, 0));
        if entry.0 + window <= now {
            *entry = (now, 0);
        }
        entry.1 += 1;
        let remaining = window.saturating_sub(now.saturating_sub(entry.0));
        let reset = remaining.as_secs() + u64::from(remaining.subsec_nanos() > 0);
        Verdict { limit, left: limit.checked_sub(entry.1), reset }
    }
}
