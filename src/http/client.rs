//! The client: one request at a time, repeated as the policy says, within one deadline for all.
//! It gives back every answer, whatever its status, but those that were worth repeating to the end.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::LOCATION;
use ring::rand::{SecureRandom as _, SystemRandom};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use url::Url;

use super::body::Body;
use super::connecting::Connecting;
use super::dns::Resolver;
use super::error::{Error, RootCause};
use super::explain::{self, Context};
use super::origin;
use super::proxy::{Proxies, Proxy};
use super::request::{Request, without_user};
use super::response::{self, Response};
use super::retry::{Effect, Outcome, Policy, Retry};
use super::trust::{self, Identity, Trust};

const USER_AGENT: &str = concat!("hushed/", env!("CARGO_PKG_VERSION"));
const BODY_LIMIT: usize = 32 << 20;
const REDIRECTS: u32 = 5;
/// How long requests wait for the first connection, to share it.
const PATIENCE: Duration = Duration::from_millis(250);
const KEEPALIVE: Duration = Duration::from_secs(15);

/// How to talk to servers.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whom to believe.
    pub trust: Trust,
    /// The client certificate to show, if the server asks for one.
    pub identity: Option<Identity>,
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
            identity: None,
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
    // Requests that come at once wait here for the first connection, to share it where it speaks
    // HTTP/2, which nobody knows before it is made.
    first: Rc<Mutex<()>>,
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

    /// Closes the connections, whose buffers still hold what came last. The next request makes new ones.
    pub fn close(&self) {
        self.0.let_go();
    }

    /// Sends a request, and again where that may help and does no harm.
    pub async fn send(&self, request: &Request) -> Result<Response, Error> {
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
            let next = shared.policy.next(attempt, request.effect(), outcome, remaining, jitter());
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
        trust::client_config(roots, self.options.identity.as_ref().filter(|_| tls))
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
            // Who is gone without a word is found out before a long `--timeout` is over.
            .tcp_keepalive(KEEPALIVE)
            .tcp_keepalive_interval(KEEPALIVE)
            .tcp_keepalive_retries(3)
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
        request: &Request,
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
        request: &Request,
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
            let response = match self.first_or_next(client, built).await {
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

    /// Sends a request. The first over TLS makes its connection alone.
    async fn first_or_next(
        &self,
        client: &reqwest::Client,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, reqwest::Error> {
        let is_plain = request.url().scheme() != "https";
        let connections = self.connections(!is_plain);
        let is_made = || is_plain || connections.connecting.was_made();
        let first = || timeout(PATIENCE, connections.first.lock());
        let mut turn = if is_made() { None } else { first().await.ok() };
        let mut answer = pin!(client.execute(request));
        std::future::poll_fn(|context| {
            let polled = answer.as_mut().poll(context);
            turn.take_if(|_| is_made());
            polled
        })
        .await
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

fn deadline(timeout: Duration) -> Instant {
    let now = Instant::now();
    // A limit beyond what the clock can hold is none; thirty years are as good.
    let never = now + Duration::from_hours(30 * 365 * 24);
    now.checked_add(timeout).unwrap_or(never)
}

/// Where the request is sent on to: within the server what only reads; by 307 and 308, which repeat it
/// with all that it carries, also to what the request lists.
fn redirected(request: &Request, url: &Url, answer: &reqwest::Response) -> Result<Url, Error> {
    let location =
        response::text(answer.headers(), LOCATION.as_str()).and_then(|to| url.join(to).ok());
    let status = answer.status().as_u16();
    let repeats = matches!(status, 307 | 308);
    match location {
        Some(to) if to.origin() != url.origin() => {
            let is_listed = repeats && request.origins.contains(&to.origin());
            let away = || Error::RedirectedAway { from: origin::text(url), to: origin::text(&to) };
            is_listed.then(|| without_user(&to)).ok_or_else(away)
        }
        Some(to) if request.effect() == Effect::Read => Ok(without_user(&to)),
        _ => Err(Error::RedirectedAstray { origin: origin::text(url), status }),
    }
}

/// A random number in `0.0..=1.0`; without a source of chance, the patient end.
fn jitter() -> f64 {
    let mut bytes = [0_u8; 4];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}
