//! A fake API server over TLS on loopback: it knows tokens and one client certificate, and answers what a test
//! says. Must not know what hushed makes of an answer.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer,
    server::WebPkiClientVerifier,
};
use serde_json::{Value, json};

/// A token that the server accepts.
pub(super) const TOKEN: &str = "canary-token";

/// What a client sent.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) authorization: Option<String>,
    pub(super) has_certificate: bool,
    pub(super) body: String,
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    Json(u16, Value),
    /// An answer byte for byte.
    Raw(Vec<u8>),
    /// None, as long as the client waits.
    Hang,
}

type Answer = dyn Fn(&Request) -> Option<Reply> + Send + Sync;

/// A running server. What a test does not answer, it answers as an API server with the Secret `db` would.
pub(super) struct ApiServer {
    pub(super) port: u16,
    pub(super) ca: String,
    /// Certificate and key of the user carol.
    pub(super) carol: (String, String),
    asked: Arc<Mutex<Vec<Request>>>,
    is_stopped: Arc<AtomicBool>,
}

impl ApiServer {
    pub(super) fn start(
        answer: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let (config, ca, carol) = tls();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, is_stopped) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let server = Self { port, ca, carol, asked, is_stopped };
        let (asked, stopped) = (Arc::clone(&server.asked), Arc::clone(&server.is_stopped));
        let answer: Arc<Answer> = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (config, asked, answer) =
                    (Arc::clone(&config), Arc::clone(&asked), Arc::clone(&answer));
                thread::spawn(move || serve(stream, config, &asked, &*answer));
            }
        });
        server
    }

    /// Starts one that answers nothing of its own.
    pub(super) fn ordinary() -> Self {
        Self::start(|_| None)
    }

    pub(super) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// Refuses connections from now on.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }

    pub(super) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// Returns a kubeconfig with this user, in JSON.
    pub(super) fn kubeconfig(&self, user: &Value) -> String {
        let authority = STANDARD.encode(&self.ca);
        let cluster = json!({"server": self.url(), "certificate-authority-data": authority});
        kubeconfig_with(&cluster, user)
    }
}

/// Returns a kubeconfig with this cluster and user, in JSON.
pub(super) fn kubeconfig_with(cluster: &Value, user: &Value) -> String {
    json!({
        "clusters": [{"name": "k", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u", "namespace": "blue"}}],
        "current-context": "c",
    })
    .to_string()
}

/// Returns the path of a Secret.
pub(super) fn path(name: &str) -> String {
    format!("/api/v1/namespaces/blue/secrets/{name}")
}

pub(super) fn secret(name: &str, data: &Value) -> Value {
    json!({
        "kind": "Secret",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "blue", "resourceVersion": "230"},
        "type": "Opaque",
        "data": data,
    })
}

pub(super) fn status(code: u16, reason: &str, message: &str) -> Reply {
    Reply::Json(
        code,
        json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason,
            "message": message, "code": code, "details": {"name": "x", "kind": "secrets"}}),
    )
}

fn tls() -> (Arc<ServerConfig>, String, (String, String)) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "a test's own cluster");
    let ca = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let signed = |names: &[&str]| {
        let key = KeyPair::generate().unwrap();
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        (CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap(), key)
    };
    let (carol, carol_key) = signed(&["carol"]);
    let (leaf, key) = signed(&["127.0.0.1"]);
    let mut clients = RootCertStore::empty();
    clients.add(ca.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(clients.into(), Arc::clone(&provider))
            .allow_unauthenticated();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    (Arc::new(config), ca.pem(), (carol.pem(), carol_key.serialize_pem()))
}

fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    asked: &Mutex<Vec<Request>>,
    answer: &Answer,
) -> Option<()> {
    let mut stream = StreamOwned::new(ServerConnection::new(config).ok()?, stream);
    let mut request = read(&mut stream)?;
    request.has_certificate = stream.conn.peer_certificates().is_some();
    asked.lock().unwrap().push(request.clone());
    let bytes = match answer(&request).unwrap_or_else(|| ordinary(&request)) {
        Reply::Json(status, body) => http(status, "", &body.to_string()).into_bytes(),
        Reply::Raw(bytes) => bytes,
        Reply::Hang => {
            // Until the client goes away.
            let _gone = stream.read(&mut [0; 1]);
            return None;
        }
    };
    stream.write_all(&bytes).ok()?;
    stream.conn.send_close_notify();
    stream.flush().ok()
}

/// Writes an answer with these header lines.
pub(super) fn http(status: u16, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn read(stream: &mut StreamOwned<ServerConnection, TcpStream>) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut authorization, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => authorization = Some(value.to_owned()),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    Some(Request { method, path, authorization, has_certificate: false, body })
}

/// Answers as an API server whose user may get the Secret `db` alone.
fn ordinary(request: &Request) -> Reply {
    let user = match request.authorization.as_deref() {
        _ if request.has_certificate => "carol",
        Some(header) if header == format!("Bearer {TOKEN}") => "alice",
        Some(_) => return status(401, "Unauthorized", "Unauthorized"),
        None if request.path == "/version" => "",
        None => return status(403, "Forbidden", "User \"system:anonymous\" cannot get resource"),
    };
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/version") => Reply::Json(200, json!({"gitVersion": "v1.37.2"})),
        ("POST", path) if path.ends_with("/selfsubjectreviews") => {
            Reply::Json(201, json!({"status": {"userInfo": {"username": user}}}))
        }
        ("POST", path) if path.ends_with("/selfsubjectaccessreviews") => {
            let asked: Value = serde_json::from_str(&request.body).unwrap();
            let attributes = &asked["spec"]["resourceAttributes"];
            let allowed = attributes["verb"] == "get" && attributes["name"] == "db";
            Reply::Json(201, json!({"status": {"allowed": allowed}}))
        }
        ("GET", asked) if asked == path("db") => {
            let data =
                json!({"USER": "ZGJ1c2Vy", "PASSWORD": "Y2FuYXJ5LXBhc3N3b3Jk", "tls.crt": ""});
            Reply::Json(200, secret("db", &data))
        }
        ("GET", asked) if asked == path("gone") => {
            status(404, "NotFound", "secrets \"gone\" not found")
        }
        _ => status(403, "Forbidden", &format!("User \"{user}\" cannot get resource \"secrets\"")),
    }
}
