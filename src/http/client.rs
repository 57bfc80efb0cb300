//! The HTTP client: sends one request, follows permitted redirects, and retries within one deadline. It
//! returns a response whatever its status, except one that was still retryable when the time was over.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::path::PathBuf;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::LOCATION;
use ring::rand::{SecureRandom as _, SystemRandom};
use rustls::ClientConfig;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use url::Url;

use super::body_buffer::BodyBuffer;
use super::classify::{self, Context};
use super::connection_tracker::ConnectionTracker;
use super::dns::Resolver;
use super::error::{Error, ProxyName, RootCause};
use super::origin;
use super::proxy::Proxy;
use super::request::{Request, without_user};
use super::response::{self, Response};
use super::retry::{AttemptOutcome, RetryDecision, RetryPolicy};
use super::trust::{self, ClientCertificate, ServerTls, TrustRoots};

const USER_AGENT: &str = concat!("hushed/", env!("CARGO_PKG_VERSION"));
const BODY_LIMIT: usize = 32 << 20;
const REDIRECT_LIMIT: u32 = 5;
/// How long concurrent requests wait for the first connection, to share it.
const FIRST_CONNECTION_WAIT: Duration = Duration::from_millis(250);
const KEEPALIVE: Duration = Duration::from_secs(15);

/// The settings of a client.
#[derive(Clone, Debug)]
pub struct Options {
    /// The trusted certificate authorities.
    pub trust: TrustRoots,
    /// The client certificate to present if the server requests one.
    pub certificate: Option<ClientCertificate>,
    /// TLS settings of a single server.
    pub server_tls: ServerTls,
    /// The proxies.
    pub proxy: Proxy,
    /// The time limit for establishing one connection.
    pub connect_timeout: Duration,
    /// The time limit for all requests together, counted from [`Client::new`].
    pub timeout: Duration,
    /// Whether plain http is allowed to every host. Loopback is always allowed.
    pub insecure_http: bool,
    /// Origins that offer plain http only, such as a cloud's metadata server. They are reached directly,
    /// because a proxy would see the credentials.
    pub plain_http_origins: Vec<url::Origin>,
    /// A Unix socket that all connections go to, without a proxy, whatever the host of the URL is.
    pub unix_socket: Option<PathBuf>,
    /// Whether rate-limited requests are spread over a longer time, because many clients start together.
    pub spread: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            trust: TrustRoots::default(),
            certificate: None,
            server_tls: ServerTls::default(),
            proxy: Proxy::default(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            insecure_http: false,
            plain_http_origins: Vec::new(),
            unix_socket: None,
            spread: false,
        }
    }
}

/// An HTTP client. Clones share its connections and its deadline.
#[derive(Clone)]
pub struct Client(Rc<Shared>);

struct Shared {
    options: Options,
    deadline: Instant,
    policy: RetryPolicy,
    body_limit: usize,
    /// How many requests were sent, to tell whether others use the rate limit too.
    sent: Cell<u64>,
    // Two pools, because loading the trusted roots takes a millisecond that plain http does not need.
    plain: ConnectionPool,
    tls: ConnectionPool,
}

/// A reqwest client with its TLS settings, both made when they are first needed.
#[derive(Clone, Default)]
struct ConnectionPool {
    config: OnceCell<ClientConfig>,
    client: RefCell<Option<reqwest::Client>>,
    tracker: ConnectionTracker,
    // Held while the first connection is established: concurrent requests wait to learn whether it speaks
    // HTTP/2 and can be shared.
    first: Rc<Mutex<()>>,
}

/// What the client was waiting for when the time limit was reached.
enum TimeoutPhase {
    Connect,
    Response,
}

/// How one attempt ended, and whether a retry may help.
pub(super) type Attempt = (Result<Response, Error>, AttemptOutcome);

impl Client {
    /// Creates a client and starts its time limit. Opens no file and no connection until the first request.
    pub fn new(options: Options) -> Self {
        Self::with_limits(options, RetryPolicy::default(), BODY_LIMIT)
    }

    pub(super) fn with_limits(
        mut options: Options,
        policy: RetryPolicy,
        body_limit: usize,
    ) -> Self {
        options.proxy = options.plain_http_origins.iter().fold(options.proxy, Proxy::without);
        let deadline = deadline(options.timeout);
        let (sent, plain, tls) = Default::default();
        Self(Rc::new(Shared { options, deadline, policy, body_limit, sent, plain, tls }))
    }

    /// The same client with its own deadline and at most one retry, for cleanup after the fetch.
    #[must_use]
    pub fn with_own_deadline(&self, timeout: Duration) -> Self {
        let Shared { options, policy, body_limit, plain, tls, .. } = &*self.0;
        let options = Options { timeout, ..options.clone() };
        Self(Rc::new(Shared {
            deadline: deadline(timeout),
            options,
            policy: RetryPolicy { attempts: 2, outlasts_limits: false, ..*policy },
            body_limit: *body_limit,
            sent: Cell::default(),
            plain: plain.clone(),
            tls: tls.clone(),
        }))
    }

    /// A client for another server than that of the store: with its proxies, its retries and the same deadline, but
    /// without the certificate authorities, client certificate, socket and exceptions that are for the store alone.
    /// These origins have plain http only, as in [`Options::plain_http_origins`].
    #[must_use]
    pub fn for_other_server(&self, plain_http_origins: Vec<url::Origin>) -> Self {
        let Shared { options, policy, body_limit, deadline, .. } = &*self.0;
        let Options { trust, proxy, connect_timeout, timeout, spread, .. } = options.clone();
        let options = Options {
            trust: TrustRoots { ca_file: None, ..trust },
            proxy: plain_http_origins.iter().fold(proxy, Proxy::without),
            plain_http_origins,
            connect_timeout,
            timeout,
            spread,
            ..Options::default()
        };
        let (sent, plain, tls) = Default::default();
        let (deadline, policy, body_limit) = (*deadline, *policy, *body_limit);
        Self(Rc::new(Shared { options, deadline, policy, body_limit, sent, plain, tls }))
    }

    /// Closes idle connections, whose buffers may still hold secrets. The next request opens new ones.
    pub fn close(&self) {
        self.0.close_idle();
    }

    /// Sends a request, and retries it where that is safe and may help.
    ///
    /// # Errors
    /// No complete response arrived in time, the redirect is not permitted, or the last response was still
    /// retryable (429, 502 to 504).
    pub async fn send(&self, request: &Request) -> Result<Response, Error> {
        let shared = &*self.0;
        let mut previous: Option<Box<Error>> = None;
        for attempt in 1.. {
            let client = shared.client(request.url.scheme())?;
            let (result, outcome) = match shared.attempt_in_time(&client, request).await {
                Ok(ended) => ended,
                // If an earlier attempt got a connection, its error is more informative.
                Err(TimeoutPhase::Connect)
                    if previous.as_ref().is_none_or(|error| error.is_connect_timeout()) =>
                {
                    return Err(shared.connect_timeout(&request.url));
                }
                Err(_) => break,
            };
            let remaining = shared.deadline.saturating_duration_since(Instant::now());
            let policy = &shared.policy;
            let outcome = if request.single_use { outcome.for_single_use() } else { outcome };
            let next = policy.decide(attempt, request.repeatable, outcome, remaining, jitter());
            let result = result.and_then(|response| response.into_result(&request.url, attempt));
            let RetryDecision::RetryAfter(wait) = next else { return result };
            previous = result.err().map(Box::new);
            drop(client);
            shared.close_idle();
            sleep(wait).await;
        }
        let (origin, after) = (origin::text(&request.url), shared.options.timeout);
        Err(Error::Timeout { origin, after, source: previous })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", &self.0.options).finish_non_exhaustive()
    }
}

impl Shared {
    fn pool(&self, scheme: &str) -> &ConnectionPool {
        if scheme == "https" { &self.tls } else { &self.plain }
    }

    fn connect_timeout(&self, url: &Url) -> Error {
        let (authority, after) = (origin::authority(url), self.options.timeout);
        let proxy = self.options.proxy.for_server(url).ok().flatten();
        Error::ConnectTimeout { authority, proxy, after }
    }

    fn client(&self, scheme: &str) -> Result<reqwest::Client, Error> {
        let pool = self.pool(scheme);
        if let Some(client) = &*pool.client.borrow() {
            return Ok(client.clone());
        }
        let config = if let Some(config) = pool.config.get() {
            config.clone()
        } else {
            let is_tls = scheme == "https";
            let needs_trust = is_tls || self.options.proxy.needs_tls(scheme);
            let trust = needs_trust.then_some(&self.options.trust);
            let certificate = self.options.certificate.as_ref().filter(|_| is_tls);
            trust::client_config(trust, certificate, &self.options.server_tls)?
        };
        let client = self.build(scheme, pool.config.get_or_init(|| config).clone())?;
        Ok(pool.client.borrow_mut().insert(client).clone())
    }

    /// Drops the reqwest clients: their idle connections would keep the last token in their buffers.
    fn close_idle(&self) {
        for pool in [&self.plain, &self.tls] {
            pool.client.take();
        }
    }

    fn build(&self, scheme: &str, config: ClientConfig) -> Result<reqwest::Client, Error> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .tls_backend_preconfigured(config)
            .dns_resolver(Arc::new(Resolver(self.options.server_tls.name.clone())))
            .connect_timeout(self.options.connect_timeout)
            .connector_layer(self.pool(scheme).tracker.clone())
            // Detects a peer that vanished before a long `--timeout` is over.
            .tcp_keepalive(KEEPALIVE)
            .tcp_keepalive_interval(KEEPALIVE)
            .tcp_keepalive_retries(3)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(USER_AGENT);
        // A server with a TLS name of its own is reached directly: `with_tls_name` refuses a proxy.
        let proxied = match &self.options.unix_socket {
            Some(socket) => Ok(builder.unix_socket(socket.as_path())),
            None if self.options.server_tls.name.is_some() => Ok(builder),
            None => self.options.proxy.apply(scheme, builder),
        };
        let built = proxied.and_then(reqwest::ClientBuilder::build);
        built.map_err(|error| Error::Setup(RootCause::of(&error.without_url())))
    }

    /// One attempt, unless the deadline comes first.
    async fn attempt_in_time(
        &self,
        client: &reqwest::Client,
        request: &Request,
    ) -> Result<Attempt, TimeoutPhase> {
        let mut attempt = pin!(timeout_at(self.deadline, self.attempt(client, request)));
        let ended = attempt.as_mut().await;
        // Asked before the attempt is dropped, which ends its pending connection.
        let is_connecting = self.pool(request.url.scheme()).tracker.is_connecting();
        let phase = || if is_connecting { TimeoutPhase::Connect } else { TimeoutPhase::Response };
        ended.map_err(|_| phase())
    }

    async fn attempt(&self, client: &reqwest::Client, request: &Request) -> Attempt {
        let mut url = request.url.clone();
        for _ in 0..=REDIRECT_LIMIT {
            let proxy =
                self.check_plain_http(&url).and_then(|()| self.options.proxy.for_server(&url));
            let prepared = proxy.and_then(|proxy| {
                let named = self.with_tls_name(&url, proxy.as_ref())?;
                Ok((proxy, request.build(client, named.as_ref().unwrap_or(&url))?))
            });
            let (proxy, built) = match prepared {
                Ok(prepared) => prepared,
                Err(error) => return classify::without_retry(error),
            };
            let context = Context { url: &url, options: &self.options, proxy };
            self.sent.set(self.sent.get() + 1);
            let response = match self.send_after_first_connection(client, built).await {
                Ok(response) => response,
                Err(error) => return classify::request_error(&error, &context),
            };
            if !response.status().is_redirection() || response.status() == 304 {
                return self.read(response, &context).await;
            }
            match redirect_target(request, &url, &response) {
                Ok(next) => url = next,
                Err(error) => return classify::without_retry(error),
            }
        }
        let origin = origin::text(&url);
        classify::without_retry(Error::TooManyRedirects { origin, limit: REDIRECT_LIMIT })
    }

    /// Refuses plain http that would leave the machine, unless it is allowed for this server.
    fn check_plain_http(&self, url: &Url) -> Result<(), Error> {
        let allowed = url.scheme() == "https"
            || self.options.insecure_http
            || origin::is_loopback(url)
            || self.options.plain_http_origins.contains(&url.origin());
        if allowed { Ok(()) } else { Err(Error::PlainHttp { origin: origin::text(url) }) }
    }

    /// The URL with the server's TLS name as its host, where that is another one: reqwest has no other way to
    /// set the SNI. The resolver knows the way from it to the host.
    fn with_tls_name(&self, url: &Url, proxy: Option<&ProxyName>) -> Result<Option<Url>, Error> {
        let Some(name) = &self.options.server_tls.name else { return Ok(None) };
        if url.scheme() != "https" || url.host_str() != Some(&name.host) {
            return Ok(None);
        }
        if let Some(proxy) = proxy {
            let (authority, proxy) = (origin::authority(url), proxy.clone());
            return Err(Error::TlsNameWithProxy { authority, proxy });
        }
        let mut named = url.clone();
        let changed = named.set_host(Some(&name.name));
        changed.map_err(|_| Error::HostUnknown { host: name.name.clone() })?;
        Ok(Some(named))
    }

    /// Sends a request; over TLS, the first one establishes its connection alone.
    async fn send_after_first_connection(
        &self,
        client: &reqwest::Client,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, reqwest::Error> {
        let is_tls = request.url().scheme() == "https";
        let pool = self.pool(request.url().scheme());
        let has_connected = || !is_tls || pool.tracker.has_connected();
        let mut lock = None;
        if !has_connected() {
            lock = timeout(FIRST_CONNECTION_WAIT, pool.first.lock()).await.ok();
        }
        let mut response = pin!(client.execute(request));
        std::future::poll_fn(|context| {
            let polled = response.as_mut().poll(context);
            lock.take_if(|_| has_connected());
            polled
        })
        .await
    }

    async fn read(&self, mut response: reqwest::Response, context: &Context<'_>) -> Attempt {
        let too_large = |_| {
            let origin = origin::text(context.url);
            classify::without_retry(Error::BodyTooLarge { origin, limit: self.body_limit })
        };
        let mut body = match BodyBuffer::new(response.content_length(), self.body_limit) {
            Ok(body) => body,
            Err(error) => return too_large(error),
        };
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    if let Err(error) = body.push(&chunk) {
                        return too_large(error);
                    }
                }
                Ok(None) => break,
                Err(error) => return classify::body_error(&error, body.len(), context),
            }
        }
        let is_shared =
            self.options.spread || response::is_limit_shared(&response, self.sent.get());
        let response = Response::new(&response, body.finish());
        let (status, wait) = (response.status, response.wait);
        (Ok(response), AttemptOutcome::Response { status, wait, is_shared })
    }
}

fn deadline(timeout: Duration) -> Instant {
    let now = Instant::now();
    // A limit beyond the range of the clock means no limit; thirty years are as good.
    let never = now + Duration::from_hours(30 * 365 * 24);
    now.checked_add(timeout).unwrap_or(never)
}

/// Where a redirect leads, if it is permitted. Repeatable requests follow every redirect within their origin.
/// 307 and 308, which keep method and body (RFC 9110, 15.4.8), also lead to the origins that a request lists.
fn redirect_target(
    request: &Request,
    url: &Url,
    response: &reqwest::Response,
) -> Result<Url, Error> {
    let location =
        response::text(response.headers(), LOCATION.as_str()).and_then(|to| url.join(to).ok());
    let status = response.status().as_u16();
    let keeps_method = matches!(status, 307 | 308);
    match location {
        // The client of one scheme has no proxy for the other.
        Some(to)
            if keeps_method
                && to.scheme() == url.scheme()
                && request.origins.contains(&to.origin()) =>
        {
            Ok(without_user(&to))
        }
        Some(to) if to.origin() != url.origin() => {
            Err(Error::CrossOriginRedirect { from: origin::text(url), to: origin::text(&to) })
        }
        Some(to) if request.repeatable => Ok(without_user(&to)),
        _ => Err(Error::InvalidRedirect { origin: origin::text(url), status }),
    }
}

/// A random number in `0.0..=1.0`; 1.0, the longest wait, if there is no randomness.
fn jitter() -> f64 {
    let mut bytes = [0_u8; 4];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}
