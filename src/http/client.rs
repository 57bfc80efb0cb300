//! The client: one request at a time, repeated as the policy says, within one deadline for all.
//! It gives back every answer, whatever its status, but those that were worth repeating to the end.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Method, Url};
use ring::rand::{SecureRandom as _, SystemRandom};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::{Instant, sleep, timeout_at};
use zeroize::Zeroizing;

use super::body::Body;
use super::connecting::Connecting;
use super::dns::Resolver;
use super::error::{Error, RootCause};
use super::explain::{self, Context};
use super::origin;
use super::proxy::{Proxies, Proxy};
use super::response::{self, Response};
use super::retry::{Effect, Outcome, Policy, Retry};
use super::trust::{self, Trust};
use crate::secret::{Shielded, Value};

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
    connecting: Connecting,
}

/// What is asked of a server.
struct Request<'a> {
    effect: Effect,
    url: Url,
    bearer: Option<&'a Shielded>,
    json: Option<&'a Value>,
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
            let client = shared.client(request.url.scheme() == "https")?;
            let (result, outcome) = match shared.attempt_in_time(&client, request).await {
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
    fn connections(&self, tls: bool) -> &Connections {
        if tls { &self.tls } else { &self.plain }
    }

    /// The time was over before there was a connection.
    fn no_connection(&self, url: &Url) -> Error {
        let (authority, after) = (origin::authority(url), self.options.timeout);
        Error::ConnectTimeout { authority, proxy: self.proxies.name(url), after }
    }

    fn client(&self, tls: bool) -> Result<reqwest::Client, Error> {
        let connections = self.connections(tls);
        if let Some(client) = &*connections.client.borrow() {
            return Ok(client.clone());
        }
        let config = match connections.config.get().cloned() {
            Some(config) => config,
            None => self.config(tls || self.proxies.need_tls())?,
        };
        let config = connections.config.get_or_init(|| config).clone();
        let client = self.build(config, connections.connecting.clone())?;
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

    fn build(
        &self,
        config: ClientConfig,
        connecting: Connecting,
    ) -> Result<reqwest::Client, Error> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .tls_backend_preconfigured(config)
            .dns_resolver(Arc::new(Resolver))
            .connect_timeout(self.options.connect_timeout)
            .connector_layer(connecting)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(USER_AGENT);
        let built = self.proxies.apply(builder).and_then(reqwest::ClientBuilder::build);
        built.map_err(|error| Error::Setup(RootCause::of(&error.without_url())))
    }

    /// One attempt, unless the time is over before it ends.
    async fn attempt_in_time(
        &self,
        client: &reqwest::Client,
        request: &Request<'_>,
    ) -> Result<(Result<Response, Error>, Outcome), Unfinished> {
        let mut attempt = pin!(timeout_at(self.deadline, self.attempt(client, request)));
        let ended = attempt.as_mut().await;
        // As long as the attempt is there, so is what it waits for.
        let connections = self.connections(request.url.scheme() == "https");
        let unfinished = if connections.connecting.is_under_way() {
            Unfinished::Connecting
        } else {
            Unfinished::Answering
        };
        ended.map_err(|_| unfinished)
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
                proxy: self.proxies.name(&url),
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
                    let (error, outcome) = explain::body(&error, body.len(), context);
                    return (Err(error), outcome);
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
            let header = Zeroizing::new([b"Bearer ", bearer.open().expose()].concat());
            // All clones of it refer to the one place.
            let header = lent(&Value::from(header.as_slice()));
            let mut value =
                HeaderValue::from_maybe_shared(header).map_err(|_| Error::BearerInvalid)?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(json) = self.json {
            builder = builder.header(CONTENT_TYPE, "application/json").body(lent(json));
        }
        Ok(builder)
    }
}

fn deadline(timeout: Duration) -> Instant {
    let now = Instant::now();
    // A limit beyond what the clock can hold is none; thirty years are as good.
    let never = now + Duration::from_hours(30 * 365 * 24);
    now.checked_add(timeout).unwrap_or(never)
}

fn redirected(request: &Request<'_>, url: &Url, answer: &reqwest::Response) -> Result<Url, Error> {
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

/// The value as HTTP takes bytes, where it is.
fn lent(value: &Value) -> Bytes {
    struct Lent(Value);
    impl AsRef<[u8]> for Lent {
        fn as_ref(&self) -> &[u8] {
            self.0.expose()
        }
    }
    Bytes::from_owner(Lent(value.clone()))
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
