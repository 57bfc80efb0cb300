//! Makes a connection: to the server, or to its proxy and through it, up to where requests can be sent.
//! It sends nothing but what a proxy wants to hear first, and keeps no connection.

use std::cell::OnceCell;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::header::{HOST, PROXY_AUTHORIZATION};
use hyper::{Request, StatusCode, upgrade};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::{InvalidDnsNameError, ServerName};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service as _;
use url::Url;

use super::dns::Resolver;
use super::error::{Error, RootCause};
use super::explain::{self, Context, Failure};
use super::link::{Link, Stream};
use super::origin;
use super::proxy::Way;
use super::trust::{self, Trust};
use super::wiping::Wiping;

const KEEPALIVE: Duration = Duration::from_secs(15);

const HTTP1: &[u8] = b"http/1.1";
const HTTP2: &[u8] = b"h2";

/// Why there is no connection, as the library says it.
type Fault = Box<dyn StdError + Send + Sync>;

/// What connections are made by.
pub(super) struct Connector {
    trust: Trust,
    timeout: Duration,
    // Reading the roots of trust takes a millisecond that plain http need not pay.
    config: OnceCell<ClientConfig>,
}

impl Connector {
    /// Reads and opens nothing. A connection may take as long as `timeout`.
    pub(super) fn new(trust: Trust, timeout: Duration) -> Self {
        Self { trust, timeout, config: OnceCell::new() }
    }

    /// Makes a connection for the request in question.
    pub(super) async fn connect(&self, context: &Context<'_>) -> Result<Link, Failure> {
        let made = timeout(self.timeout, self.make(context)).await;
        made.unwrap_or_else(|_| Err(explain::connect_timeout(context)))
    }

    async fn make(&self, context: &Context<'_>) -> Result<Link, Failure> {
        let (url, way) = (context.url, context.way);
        let failed = |fault: &Fault| explain::no_server(fault.as_ref(), context);
        let name = tls_name(url).map_err(|error| failed(&error.into()))?;
        let mut stream = match way {
            None => self.dial(url).await.map_err(|fault| failed(&fault))?,
            Some(way) => self.through(way, context).await?,
        };
        let mut is_http2 = false;
        if let Some(name) = name {
            let tls = self.tls(&[HTTP2, HTTP1]).map_err(explain::at_last)?;
            let tls = tls.connect(name, Wiping(stream)).await;
            let tls = tls.map_err(|error| failed(&error.into()))?;
            is_http2 = tls.get_ref().1.alpn_protocol() == Some(HTTP2);
            stream = Box::new(tls);
        }
        let link = Link::over(stream, is_http2).await;
        link.map_err(|error| failed(&error.into()))
    }

    /// To the proxy, and where the server wants TLS through it.
    async fn through(&self, way: &Way, context: &Context<'_>) -> Result<Stream, Failure> {
        let failed = |fault: &Fault| explain::no_proxy(fault.as_ref(), way, context);
        let name = tls_name(&way.url).map_err(|error| failed(&error.into()))?;
        let mut stream = self.dial(&way.url).await.map_err(|fault| failed(&fault))?;
        if let Some(name) = name {
            let tls = self.tls(&[HTTP1]).map_err(explain::at_last)?;
            let tls = tls.connect(name, Wiping(stream)).await;
            stream = Box::new(tls.map_err(|error| failed(&error.into()))?);
        }
        let tunnels = context.url.scheme() == "https";
        if tunnels { tunnel(stream, way, context).await } else { Ok(stream) }
    }

    /// Opens a TCP connection, to whichever of the host's addresses answers first (RFC 8305).
    async fn dial(&self, url: &Url) -> Result<Stream, Fault> {
        let mut connector = HttpConnector::new_with_resolver(Resolver);
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(self.timeout));
        // Who is gone without a word is found out before a long `--timeout` is over.
        connector.set_keepalive(Some(KEEPALIVE));
        connector.set_keepalive_interval(Some(KEEPALIVE));
        connector.set_keepalive_retries(Some(3));
        let stream = connector.call(origin::text(url).parse()?).await?;
        Ok(Box::new(stream.into_inner()))
    }

    /// TLS for these protocols.
    fn tls(&self, protocols: &[&[u8]]) -> Result<TlsConnector, Error> {
        if self.config.get().is_none() {
            let roots = trust::roots(&self.trust)?;
            let config = trust::client_config(roots);
            let config = config.map_err(|error| Error::Setup(RootCause::of(&error)))?;
            self.config.get_or_init(|| config);
        }
        let mut config = self.config.get().cloned().expect("made above");
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

/// The name that the other end's certificate must be for, where there is TLS.
fn tls_name(url: &Url) -> Result<Option<ServerName<'static>>, InvalidDnsNameError> {
    if url.scheme() != "https" {
        return Ok(None);
    }
    let host = url.host_str().unwrap_or_default();
    // The brackets of an IPv6 address are the URL's.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(host.to_owned()).map(Some)
}

/// Has the proxy connect us to the server (RFC 9110, 9.3.6).
async fn tunnel(stream: Stream, way: &Way, context: &Context<'_>) -> Result<Stream, Failure> {
    let failed = |error: hyper::Error| explain::no_tunnel(&error, way, context);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // It ends with the upgrade, or with the sender.
    tokio::spawn(connection.with_upgrades());
    let target = origin::authority(context.url);
    let mut request = Request::connect(&target).header(HOST, &target);
    if let Some(authorization) = &way.authorization {
        request = request.header(PROXY_AUTHORIZATION, authorization);
    }
    let request = request.body(Empty::<Bytes>::new());
    let request = request.map_err(|e| explain::at_last(Error::Setup(RootCause::of(&e))))?;
    let answer = sender.send_request(request).await.map_err(failed)?;
    let proxy = || way.name.clone();
    match answer.status() {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Err(explain::at_last(Error::ProxyAuth { proxy: proxy() }))
        }
        status if status.is_success() => {
            let tunnel = upgrade::on(answer).await.map_err(failed)?;
            Ok(Box::new(TokioIo::new(tunnel)))
        }
        _ => Err(explain::refused_by(way, context)),
    }
}
