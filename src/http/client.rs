//! The client: one request at a time, repeated as the policy says, within one deadline for all.
//! It gives back every answer, whatever its status, but those that were worth repeating to the end.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, StatusCode, Url};
use ring::rand::{SecureRandom as _, SystemRandom};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::{Instant, sleep, timeout_at};
use zeroize::Zeroizing;

use super::body::Body;
use super::dns::Resolver;
use super::error::{Error, RootCause};
use super::explain::{self, Context};
use super::origin;
use super::proxy::{Proxies, Proxy};
use super::retry::{self, Effect, Outcome, Policy, Retry};
use super::trust::{self, Trust};
use crate::secret::Value;

const USER_AGENT: &str = concat!("hushed/", env!("CARGO_PKG_VERSION"));
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
    // Two, because reading the roots of trust takes a millisecond that plain http need not pay.
    plain: Connections,
    tls: Connections,
}

/// What connections are made by, and those that there are.
#[derive(Clone, Default)]
struct Connections {
    config: OnceCell<ClientConfig>,
    client: RefCell<Option<reqwest::Client>>,
}

/// What a server answered.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The media type, if it is named.
    pub content_type: Option<String>,
    /// The whole body.
    pub body: Zeroizing<Vec<u8>>,
    wait: Option<Duration>,
}

/// What is asked of a server.
struct Request<'a> {
    effect: Effect,
    url: Url,
    bearer: Option<&'a Value>,
    json: Option<&'a [u8]>,
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
        let (plain, tls) = (Connections::default(), Connections::default());
        Ok(Self(Rc::new(Shared { options, proxies, deadline, policy, body_limit, plain, tls })))
    }

    /// The same client for something that is done apart from the rest: it has so much time of its own,
    /// and asks again once at most.
    #[must_use]
    pub fn apart(&self, timeout: Duration) -> Self {
        let Shared { options, proxies, policy, body_limit, plain, tls, .. } = &*self.0;
        let options = Options { timeout, ..options.clone() };
        Self(Rc::new(Shared {
            deadline: deadline(timeout),
            options,
            proxies: proxies.clone(),
            policy: Policy { attempts: 2, outlasts_limits: false, ..*policy },
            body_limit: *body_limit,
            plain: plain.clone(),
            tls: tls.clone(),
        }))
    }

    /// Reads a resource.
    pub async fn get(&self, url: &Url, bearer: Option<&Value>) -> Result<Response, Error> {
        let url = without_user(url);
        self.send(&Request { effect: Effect::Read, url, bearer, json: None }).await
    }

    /// Sends JSON, without a bearer: what logs in must not carry an older login.
    pub async fn post(&self, url: &Url, json: &[u8]) -> Result<Response, Error> {
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
        let mut before = None;
        for attempt in 1.. {
            let client = shared.client(request.url.scheme() == "https")?;
            let ended = timeout_at(shared.deadline, shared.attempt(&client, request)).await;
            let Ok((result, outcome)) = ended else { break };
            let remaining = shared.deadline.saturating_duration_since(Instant::now());
            let next = shared.policy.next(attempt, request.effect, outcome, remaining, jitter());
            let result = result.and_then(|response| response.settle(&request.url, attempt));
            let Retry::After(wait) = next else { return result };
            before = result.err().map(Box::new);
            drop(client);
            shared.let_go();
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
    fn client(&self, tls: bool) -> Result<reqwest::Client, Error> {
        let connections = if tls { &self.tls } else { &self.plain };
        if let Some(client) = &*connections.client.borrow() {
            return Ok(client.clone());
        }
        let config = match connections.config.get().cloned() {
            Some(config) => config,
            None => self.config(tls || self.proxies.need_tls())?,
        };
        let client = self.build(connections.config.get_or_init(|| config).clone())?;
        Ok(connections.client.borrow_mut().insert(client).clone())
    }

    /// Closes the connections that nothing is under way on: their buffers still hold what came last, a
    /// token perhaps, which does not belong there for as long as somebody waits.
    fn let_go(&self) {
        for connections in [&self.plain, &self.tls] {
            connections.client.take();
        }
    }

    fn config(&self, tls: bool) -> Result<ClientConfig, Error> {
        let roots = if tls { trust::roots(&self.options.trust)? } else { RootCertStore::empty() };
        trust::client_config(roots).map_err(|e| Error::Setup(RootCause::of(&e)))
    }

    fn build(&self, config: ClientConfig) -> Result<reqwest::Client, Error> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .tls_backend_preconfigured(config)
            .dns_resolver(Arc::new(Resolver))
            .connect_timeout(self.options.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(USER_AGENT);
        let built = self.proxies.apply(builder).and_then(reqwest::ClientBuilder::build);
        built.map_err(|error| Error::Setup(RootCause::of(&error.without_url())))
    }

    async fn attempt(
        &self,
        client: &reqwest::Client,
        request: &Request<'_>,
    ) -> (Result<Response, Error>, Outcome) {
        let mut url = request.url.clone();
        for _ in 0..=REDIRECTS {
            let context = Context {
                url: &url,
                connect_timeout: self.options.connect_timeout,
                proxy: self.proxies.name(url.scheme()).filter(|_| !origin::is_loopback(&url)),
            };
            let built = match request.build(client, &url) {
                Ok(built) => built,
                Err(error) => return (Err(error), Outcome::Final),
            };
            let response = match built.send().await {
                Ok(response) => response,
                Err(error) => {
                    let (error, outcome) = explain::head(&error, &context);
                    return (Err(error), outcome);
                }
            };
            if !response.status().is_redirection() || response.status() == 304 {
                return self.read(response, &context).await;
            }
            match redirected(request, &url, &response) {
                Ok(next) => url = next,
                Err(error) => return (Err(error), Outcome::Final),
            }
        }
        let origin = origin::text(&url);
        (Err(Error::RedirectedEndlessly { origin, limit: REDIRECTS }), Outcome::Final)
    }

    async fn read(
        &self,
        mut response: reqwest::Response,
        context: &Context<'_>,
    ) -> (Result<Response, Error>, Outcome) {
        let too_large = |_| {
            let origin = origin::text(context.url);
            (Err(Error::BodyTooLarge { origin, limit: self.body_limit }), Outcome::Final)
        };
        let mut body = match Body::new(response.content_length(), self.body_limit) {
            Ok(body) => body,
            Err(error) => return too_large(error),
        };
        loop {
            match response.chunk().await {
                Ok(Some(piece)) => {
                    if let Err(error) = body.push(&piece) {
                        return too_large(error);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    let error = explain::body(&error, body.len(), context);
                    return (Err(error), Outcome::Interrupted);
                }
            }
        }
        let response = Response::new(&response, body.finish());
        let outcome = Outcome::Status(response.status, response.wait);
        (Ok(response), outcome)
    }
}

impl Request<'_> {
    fn build(&self, client: &reqwest::Client, url: &Url) -> Result<reqwest::RequestBuilder, Error> {
        let method = if self.json.is_some() { Method::POST } else { Method::GET };
        let mut builder = client.request(method, url.clone()).header(ACCEPT, "application/json");
        if let Some(bearer) = self.bearer {
            let header = Zeroizing::new([b"Bearer ", bearer.expose()].concat());
            let mut value = HeaderValue::from_bytes(&header).map_err(|_| Error::BearerInvalid)?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(json) = self.json {
            builder = builder.header(CONTENT_TYPE, "application/json").body(json.to_vec());
        }
        Ok(builder)
    }
}

impl Response {
    /// An answer as a test writes it.
    #[cfg(test)]
    pub(crate) fn of(status: u16, content_type: &str, body: &str) -> Self {
        let body = Zeroizing::new(body.as_bytes().to_vec());
        Self { status, content_type: Some(content_type.to_owned()), body, wait: None }
    }

    /// The status with its usual name, `404 Not Found`.
    pub fn status_text(&self) -> String {
        let name = StatusCode::from_u16(self.status).ok().and_then(|s| s.canonical_reason());
        name.map_or_else(|| self.status.to_string(), |name| format!("{} {name}", self.status))
    }

    fn new(response: &reqwest::Response, body: Zeroizing<Vec<u8>>) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers();
        let wait = text(headers, "retry-after")
            .and_then(|header| retry::retry_after(header, SystemTime::now()))
            .or_else(|| {
                let body = std::str::from_utf8(&body).ok().filter(|_| status == 429)?;
                retry::seconds_in(body)
            });
        let content_type = text(headers, CONTENT_TYPE.as_str()).map(str::to_owned);
        Self { status, content_type, body, wait }
    }

    /// An answer that would have been repeated, had there been more time, is an error.
    fn settle(self, url: &Url, attempts: u32) -> Result<Self, Error> {
        let origin = || origin::text(url);
        let (status, wait) = (self.status, self.wait);
        match status {
            429 => Err(Error::RateLimited { origin: origin(), status, wait }),
            500 if wait.is_some() => Err(Error::RateLimited { origin: origin(), status, wait }),
            502..=504 => Err(Error::Unavailable { origin: origin(), status, attempts }),
            _ => Ok(self),
        }
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
    response: &reqwest::Response,
) -> Result<Url, Error> {
    let location = text(response.headers(), LOCATION.as_str()).and_then(|to| url.join(to).ok());
    match location {
        Some(to) if to.origin() != url.origin() => {
            Err(Error::RedirectedAway { from: origin::text(url), to: origin::text(&to) })
        }
        Some(to) if request.effect == Effect::Read => Ok(without_user(&to)),
        _ => Err(Error::RedirectedAstray {
            origin: origin::text(url),
            status: response.status().as_u16(),
        }),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Drops the user part, which reqwest would send as a credential of its own.
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
