//! The smallest HTTP client, which hides nothing of an answer.
//! Must not follow, retry or decode.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    time::Duration,
};

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_rustls::TlsConnector;

/// An answer as it came.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Names are in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Reply {
    /// Returns a header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Returns the body as JSON, `Null` if it is empty.
    pub fn json(&self) -> serde_json::Value {
        if self.body.is_empty() {
            return serde_json::Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Gets a path with a bearer.
pub fn get(address: SocketAddr, target: &str, bearer: &str) -> Reply {
    exchange(address, "GET", target, &[("authorization", &format!("Bearer {bearer}"))], b"")
}

/// Posts JSON.
pub fn post(address: SocketAddr, target: &str, body: &serde_json::Value) -> Reply {
    let body = body.to_string();
    exchange(address, "POST", target, &[("content-type", "application/json")], body.as_bytes())
}

/// Sends a request and reads the answer, which there must be.
pub fn exchange(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    try_exchange(address, method, target, headers, body).expect("an answer")
}

/// Sends a request over plain HTTP/1.1 and reads the answer to its end, if there is one in a second.
pub fn try_exchange(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Reply> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {address}\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    if !body.is_empty() {
        head.extend(["content-length: ", &body.len().to_string(), "\r\n"]);
    }
    head.push_str("connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut bytes = Vec::new();
    // An answer that breaks off is an answer too.
    drop(stream.read_to_end(&mut bytes));
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = bytes.split_at(end);
    let head = String::from_utf8_lossy(head).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let body = body.get(4..).unwrap_or_default().into();
    Some(Reply { status, headers: headers.collect(), body })
}

/// Sends a request over TLS, trusting one authority, in the protocol that the server wants most; gives
/// that and the status, or nothing if there was no answer in five seconds, which a loaded machine needs.
pub fn fetch(authority: &Path, request: Request<Full<Bytes>>) -> Option<(String, u16)> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reply =
        async { tokio::time::timeout(Duration::from_secs(5), answer_of(config, request)).await };
    let reply = runtime.block_on(reply).ok()??;
    Some((format!("{:?}", reply.version()), reply.status().as_u16()))
}

async fn answer_of(
    config: ClientConfig,
    mut request: Request<Full<Bytes>>,
) -> Option<Response<Incoming>> {
    let authority = request.uri().authority().unwrap().clone();
    let name = authority.host().to_owned().try_into().unwrap();
    let stream = tokio::net::TcpStream::connect(authority.as_str()).await.ok()?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let stream = TokioIo::new(stream);
    if is_http2 {
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.ok()?;
        tokio::spawn(connection);
        return sender.send_request(request).await.ok();
    }
    let path = request.uri().path_and_query().unwrap().as_str().parse().unwrap();
    request.headers_mut().insert("host", authority.as_str().parse().unwrap());
    *request.uri_mut() = path;
    let (mut sender, connection) = http1::handshake(stream).await.ok()?;
    tokio::spawn(connection);
    sender.send_request(request).await.ok()
}
