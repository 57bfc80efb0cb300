//! The client: one request at a time, repeated as the policy says, within one deadline for all.
//! It gives back every answer, whatever its status, but those that were worth repeating to the end.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, LOCATION};
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::body::Body;
use super::connections::Connections;
use super::error::Error;
use super::explain::{self, Context, Failure};
use super::origin;
use super::proxy::{Proxies, Proxy};
use super::request::Request;
use super::response::{self, Response};
use super::retry::{Effect, Outcome, Policy, Retry};
use super::trust::Trust;
use crate::secret::{Shielded, Value};

const BODY_LIMIT: usize = 32 << 20;
const REDIRECTS: u32 = 5;

/// How to talk to servers.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whom to believe.
    pub trust: Trust,
    /// Through whom to go.
    pub proxy: Proxy,
    /// How long one connection may take to be made.
    pub connect_timeout: Duration,
    /// How long everything may take, counted from [`Client::new`].
    pub timeout: Duration,
    /// Whether plain http may leave the machine.
    pub insecure_http: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            trust: Trust::default(),
            proxy: Proxy::default(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            insecure_http: false,
        }
    }
}

/// A client. Clones share its connections and its deadline.
#[derive(Clone)]
pub struct Client(Rc<Shared>);

struct Shared {
    options: Options,
    proxies: Proxies,
    deadline: Instant,
    policy: Policy,
    body_limit: usize,
    connections: Rc<Connections>,
}

/// What was waited for when the time was over.
enum Unfinished {
    /// A connection.
    Connecting,
    /// An answer.
    Answering,
}

impl Client {
    /// Makes a client; its time begins to run. Nothing is read or opened before the first request.
    pub fn new(options: Options) -> Result<Self, Error> {
        Self::with_limits(options, Policy::default(), BODY_LIMIT)
    }

    pub(super) fn with_limits(
        options: Options,
        policy: Policy,
        body_limit: usize,
    ) -> Result<Self, Error> {
        let proxies = Proxies::parse(&options.proxy)?;
        let deadline = deadline(options.timeout);
        let connections = Connections::new(options.trust.clone(), options.connect_timeout).into();
        Ok(Self(Rc::new(Shared { options, proxies, deadline, policy, body_limit, connections })))
    }

    /// The same client for something that is done apart from the rest: it has so much time of its own,
    /// and asks again once at most.
    #[must_use]
    pub fn apart(&self, timeout: Duration) -> Self {
        let Shared { options, proxies, policy, body_limit, connections, .. } = &*self.0;
        let options = Options { timeout, ..options.clone() };
        Self(Rc::new(Shared {
            deadline: deadline(timeout),
            options,
            proxies: proxies.clone(),
            policy: Policy { attempts: 2, outlasts_limits: false, ..*policy },
            body_limit: *body_limit,
            connections: Rc::clone(connections),
        }))
    }

    /// Reads a resource.
    pub async fn get(&self, url: &Url, bearer: Option<&Shielded>) -> Result<Response, Error> {
        let url = without_user(url);
        self.send(&Request { effect: Effect::Read, url, bearer, json: None }).await
    }

    /// Sends JSON, without a bearer: what logs in must not carry an older login.
    pub async fn post(&self, url: &Url, json: &Value) -> Result<Response, Error> {
        let url = without_user(url);
        self.send(&Request { effect: Effect::Write, url, bearer: None, json: Some(json) }).await
    }

    async fn send(&self, request: &Request<'_>) -> Result<Response, Error> {
        let shared = &*self.0;
        let origin = || origin::text(&request.url);
        if request.url.scheme() != "https"
            && !shared.options.insecure_http
            && !origin::is_loopback(&request.url)
        {
            return Err(Error::PlainHttp { origin: origin() });
        }
        let mut before: Option<Box<Error>> = None;
        for attempt in 1.. {
            let (result, outcome) = match shared.attempt_in_time(request).await {
                Ok(ended) => ended,
                // Where there was a connection before, what became of that says more.
                Err(Unfinished::Connecting)
                    if before.as_ref().is_none_or(|error| error.is_connect_timeout()) =>
                {
                    return Err(shared.no_connection(&request.url));
                }
                Err(_) => break,
            };
            let remaining = shared.deadline.saturating_duration_since(Instant::now());
            let next = shared.policy.next(attempt, request.effect, outcome, remaining, jitter());
            let result = result.and_then(|response| response.settle(&request.url, attempt));
            let Retry::After(wait) = next else { return result };
            before = result.err().map(Box::new);
            // Nothing is kept for as long as somebody waits, neither here nor at the server.
            shared.connections.let_go();
            sleep(wait).await;
        }
        let after = shared.options.timeout;
        Err(Error::Timeout { origin: origin(), after, source: before })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", &self.0.options).finish_non_exhaustive()
    }
}

impl Shared {
    /// The time was over before there was a connection.
    fn no_connection(&self, url: &Url) -> Error {
        let (authority, after) = (origin::authority(url), self.options.timeout);
        let proxy = self.proxies.way(url).map(|way| way.name);
        Error::ConnectTimeout { authority, proxy, after }
    }

    /// One attempt, unless the time is over before it ends.
    async fn attempt_in_time(
        &self,
        request: &Request<'_>,
    ) -> Result<(Result<Response, Error>, Outcome), Unfinished> {
        let is_connecting = Cell::new(false);
        let ended = timeout_at(self.deadline, self.attempt(request, &is_connecting)).await;
        let unfinished =
            if is_connecting.get() { Unfinished::Connecting } else { Unfinished::Answering };
        Ok(match ended.map_err(|_| unfinished)? {
            Ok(response) => {
                let outcome = Outcome::Status(response.status, response.wait);
                (Ok(response), outcome)
            }
            Err((error, outcome)) => (Err(error), outcome),
        })
    }

    async fn attempt(
        &self,
        request: &Request<'_>,
        is_connecting: &Cell<bool>,
    ) -> Result<Response, Failure> {
        let mut url = request.url.clone();
        for _ in 0..=REDIRECTS {
            let way = self.proxies.way(&url);
            let connect_timeout = self.options.connect_timeout;
            let context = Context { url: &url, connect_timeout, way: way.as_ref() };
            let mut answer = self.connections.ask(request, &context, is_connecting).await?;
            let status = answer.response.status();
            if !status.is_redirection() || status == 304 {
                let response = self.read(&mut answer.response, &context).await?;
                answer.finish();
                return Ok(response);
            }
            url = redirected(request, &url, &answer.response).map_err(explain::at_last)?;
        }
        let origin = origin::text(&url);
        Err(explain::at_last(Error::RedirectedEndlessly { origin, limit: REDIRECTS }))
    }

    async fn read(
        &self,
        response: &mut hyper::Response<Incoming>,
        context: &Context<'_>,
    ) -> Result<Response, Failure> {
        let too_large = |_| {
            let origin = origin::text(context.url);
            explain::at_last(Error::BodyTooLarge { origin, limit: self.body_limit })
        };
        let announced = response::text(response.headers(), CONTENT_LENGTH.as_str());
        let announced = announced.and_then(|length| length.parse().ok());
        let mut body = Body::new(announced, self.body_limit).map_err(too_large)?;
        while let Some(frame) = response.frame().await {
            let frame = frame.map_err(|error| explain::body(&error, body.len(), context))?;
            if let Some(piece) = frame.data_ref() {
                body.push(piece).map_err(too_large)?;
            }
        }
        Ok(Response::new(response, body.finish()))
    }
}

fn deadline(timeout: Duration) -> Instant {
    let now = Instant::now();
    // A limit beyond what the clock can hold is none; thirty years are as good.
    let never = now + Duration::from_hours(30 * 365 * 24);
    now.checked_add(timeout).unwrap_or(never)
}

fn redirected(
    request: &Request<'_>,
    url: &Url,
    answer: &hyper::Response<Incoming>,
) -> Result<Url, Error> {
    let location =
        response::text(answer.headers(), LOCATION.as_str()).and_then(|to| url.join(to).ok());
    match location {
        Some(to) if to.origin() != url.origin() => {
            Err(Error::RedirectedAway { from: origin::text(url), to: origin::text(&to) })
        }
        Some(to) if request.effect == Effect::Read => Ok(without_user(&to)),
        _ => Err(Error::RedirectedAstray {
            origin: origin::text(url),
            status: answer.status().as_u16(),
        }),
    }
}

/// Drops the user part, which is no credential of ours.
fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only for addresses that have no host, and so no user either.
    url.set_username("").ok();
    url.set_password(None).ok();
    url
}

/// A random number in `0.0..=1.0`; without a source of chance, the patient end.
fn jitter() -> f64 {
    let mut bytes = [0_u8; 4];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}
