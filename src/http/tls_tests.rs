//! The client against TLS servers with good and bad certificates.

use std::cell::Cell;
use std::convert::Infallible;
use std::io::Write as _;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::task::{JoinSet, spawn_local};
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::retry::RetryPolicy;
use super::stub::run;
use super::{Client, Error, Options, Proxy, Request, TlsError, TrustRoots};
use crate::secret::Value;

/// A certificate authority, and a server with a certificate of it.
struct Server {
    url: Url,
    ca: NamedTempFile,
    /// How many connections there were.
    accepted: Rc<Cell<usize>>,
}

/// What accepts connections for these protocols with a certificate for this name, valid between these
/// years; and the authority's.
pub(super) fn acceptor(
    protocols: &[&str],
    name: &str,
    from: i32,
    until: i32,
) -> (TlsAcceptor, NamedTempFile) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    let certificate = params.signed_by(&key, &ca).unwrap();

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    // Each handshake is as long as the one before.
    config.send_tls13_tickets = 0;
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(ca.pem().as_bytes()).unwrap();
    (TlsAcceptor::from(Arc::new(config)), file)
}

impl Server {
    async fn new(name: &str, from: i32, until: i32) -> Self {
        Self::speaking(&["h2", "http/1.1"], name, from, until).await
    }

    async fn speaking(protocols: &[&str], name: &str, from: i32, until: i32) -> Self {
        let (acceptor, ca) = acceptor(protocols, name, from, until);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let accepted = Rc::new(Cell::new(0));
        let count = Rc::clone(&accepted);
        spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.set(count.get() + 1);
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(|request: hyper::Request<_>| async move {
                        let seen = format!("{:?}", request.version());
                        let body: hyper::body::Incoming = request.into_body();
                        drop(body);
                        Ok::<_, Infallible>(hyper::Response::new(Full::new(Bytes::from(seen))))
                    });
                    let server = auto::Builder::new(TokioExecutor::new());
                    server.serve_connection(TokioIo::new(stream), service).await.ok();
                });
            }
        });
        let url = Url::parse(&format!("https://localhost:{port}/")).unwrap();
        Self { url, ca, accepted }
    }

    fn trusting(&self) -> TrustRoots {
        TrustRoots { ca_file: Some(self.ca.path().to_owned()), ..TrustRoots::default() }
    }
}

async fn get(url: &Url, trust: TrustRoots) -> Result<Vec<u8>, Error> {
    let policy = RetryPolicy { base: Duration::from_millis(1), ..RetryPolicy::default() };
    let client = Client::with_limits(Options { trust, ..Options::default() }, policy, 1000);
    client.send(&Request::get(url)).await.map(|response| response.body.to_vec())
}

fn fault(result: Result<Vec<u8>, Error>) -> TlsError {
    match result.unwrap_err() {
        Error::Tls { source, authority } => {
            assert!(authority.starts_with("localhost:"), "{authority}");
            source
        }
        error => panic!("{error}"),
    }
}

#[test]
fn a_named_root_is_believed_and_http2_is_spoken() {
    run(async {
        let server = Server::new("localhost", 2020, 2100).await;
        assert_eq!(get(&server.url, server.trusting()).await.unwrap(), b"HTTP/2.0");
        let trust =
            TrustRoots { ssl_cert_file: server.trusting().ca_file, ..TrustRoots::default() };
        assert_eq!(get(&server.url, trust).await.unwrap(), b"HTTP/2.0");
    });
}

#[test]
fn requests_at_once_share_a_connection_where_they_can() {
    for (protocols, most) in [(&["h2", "http/1.1"][..], 1), (&["http/1.1"], 8)] {
        run(async move {
            let server = Server::speaking(protocols, "localhost", 2020, 2100).await;
            let options = Options { trust: server.trusting(), ..Options::default() };
            let client = Client::new(options);
            for _ in 0..2 {
                let mut all = JoinSet::new();
                for _ in 0..8 {
                    let (client, url) = (client.clone(), server.url.clone());
                    all.spawn_local(async move {
                        client.send(&Request::get(&url)).await.unwrap().status
                    });
                }
                let statuses = all.join_all().await;
                assert_eq!(statuses, [200; 8]);
            }
            assert!((1..=most).contains(&server.accepted.get()), "{}", server.accepted.get());
        });
    }
}

#[test]
fn the_faults_of_a_certificate_are_told_apart() {
    run(async {
        let good = Server::new("localhost", 2020, 2100).await;
        let got = fault(get(&good.url, TrustRoots::default()).await);
        assert!(matches!(got, TlsError::UnknownIssuer), "{got}");

        let other = Server::new("localhost", 2020, 2100).await;
        let got = fault(get(&good.url, other.trusting()).await);
        assert!(matches!(got, TlsError::UnknownIssuer), "{got}");

        let server = Server::new("localhost", 2020, 2021).await;
        let got = fault(get(&server.url, server.trusting()).await);
        assert!(matches!(got, TlsError::Expired), "{got}");

        let server = Server::new("localhost", 2099, 2100).await;
        let got = fault(get(&server.url, server.trusting()).await);
        assert!(matches!(got, TlsError::NotYetValid), "{got}");

        let server = Server::new("example.com", 2020, 2100).await;
        let got = fault(get(&server.url, server.trusting()).await);
        assert!(matches!(&got, TlsError::WrongName(names) if names == &["example.com"]), "{got}");
    });
}

#[test]
fn a_proxys_certificate_is_not_taken_for_the_servers() {
    run(async {
        let trusted = Server::new("localhost", 2020, 2100).await;
        let expired = Server::new("localhost", 2020, 2021).await;
        let plain = without_tls().await;
        for (address, scheme, is_expired) in
            [(&expired.url, "https", true), (&expired.url, "http", true), (&plain, "https", false)]
        {
            let all = Some(Value::from(address.as_str()));
            let proxy = Proxy { all, ..Proxy::default() };
            let trust = if is_expired { expired.trusting() } else { trusted.trusting() };
            let options = Options { trust, proxy, insecure_http: true, ..Options::default() };
            let url = Url::parse(&format!("{scheme}://example.test/")).unwrap();
            let error = Client::new(options).send(&Request::get(&url)).await.unwrap_err();
            let Error::ProxyTls { proxy, source } = &error else { panic!("{error}") };
            assert!(address.as_str().contains(&proxy.authority), "{error}");
            let is_told = match source {
                TlsError::Expired => is_expired,
                TlsError::NotTls => !is_expired,
                _ => false,
            };
            assert!(is_told && !error.is_unreachable(), "{error}: {source}");
        }
    });
}

/// The address of a server that it does not keep to.
async fn without_tls() -> Url {
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.ok();
        }
    });
    Url::parse(&format!("https://localhost:{port}/")).unwrap()
}

#[test]
fn a_server_without_tls_is_told() {
    run(async {
        let got = fault(get(&without_tls().await, TrustRoots::default()).await);
        assert!(matches!(got, TlsError::NotTls), "{got}");
    });
}
