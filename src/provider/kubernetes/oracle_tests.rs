//! What client-go makes of kubeconfig files and of a pod (`tests/corpus/kubernetes/kubeconfig.jsonl`, recorded
//! with client-go 0.37.2), against what hushed makes of them: the configuration, and who logs in at a server that
//! knows the tokens and certificates of the recording.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use serde_json::Value as Json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::spawn_local;
use tokio_rustls::TlsAcceptor;

use super::access::{Access, Login, Lookup};
use super::api::{Api, Failure};
use crate::config::Environment;
use crate::http::stub::run;
use crate::http::{self, Proxy};
use crate::secret::Value;

/// Rows that test what hushed has no setting for: users and tokens by flag, and loading without its rules.
const NOT_COMPARABLE: [&str; 4] =
    ["ctx-user-flag", "ctx-token-flag", "inc-build", "inc-build-outside"];

/// Rows in which hushed refuses what client-go accepts; the manual has the reasons.
const STRICTER: [&str; 0] = [];

/// A certificate authority, the server's certificate and that of the user carol.
struct Authority {
    ca: String,
    other: String,
    carol: (String, String),
    acceptor: TlsAcceptor,
}

impl Authority {
    fn new() -> Self {
        let issuer = |name: &str| {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.distinguished_name.push(rcgen::DnType::CommonName, name);
            CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
        };
        let ca = issuer("probe-ca");
        let signed = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
            let key = KeyPair::generate().unwrap();
            (CertificateParams::new(names).unwrap().signed_by(&key, &ca).unwrap(), key)
        };
        let (carol, carol_key) = signed(&["carol"]);
        let (server, key) = signed(&["localhost", "127.0.0.1", "api.cluster.test"]);
        let mut clients = RootCertStore::empty();
        clients.add(ca.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(clients.into(), Arc::clone(&provider))
                .allow_unauthenticated()
                .build()
                .unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                vec![server.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        Self {
            other: issuer("other-ca").pem(),
            carol: (carol.pem(), carol_key.serialize_pem()),
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca: ca.pem(),
        }
    }

    /// Serves `SelfSubjectReview`s on this port.
    async fn serve(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = self.acceptor.clone();
        spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut request = Vec::new();
                while !String::from_utf8_lossy(&request).contains("\r\n\r\n{") {
                    if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                        break;
                    }
                }
                let has_certificate = stream.get_ref().1.peer_certificates().is_some();
                let answer = answer(&String::from_utf8_lossy(&request), has_certificate);
                stream.write_all(answer.as_bytes()).await.ok();
                stream.shutdown().await.ok();
            }
        });
        port
    }
}

/// Answers as the recorded server does: a certificate wins over a token.
fn answer(request: &str, has_certificate: bool) -> String {
    let header = |name: &str| {
        let mut lines = request.lines().skip(1).take_while(|line| !line.is_empty());
        lines.find_map(|line| line.strip_prefix(name)).map(str::to_owned)
    };
    let token = header("authorization: Bearer ");
    let user = match token.as_deref() {
        _ if has_certificate => "carol",
        Some(token) if token.starts_with("token-") => token.trim_start_matches("token-"),
        Some(_) => return response(401, "{}"),
        None => "system:anonymous",
    };
    let user = header("impersonate-user: ").unwrap_or_else(|| user.to_owned());
    if user == "system:anonymous" || !request.starts_with("POST /apis/authentication.k8s.io/v1/") {
        return response(403, "{}");
    }
    response(201, &format!(r#"{{"status":{{"userInfo":{{"username":"{user}"}}}}}}"#))
}

fn response(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A row with its files written, and its placeholders replaced.
struct Row {
    json: Json,
    directory: tempfile::TempDir,
}

impl Row {
    fn new(line: &str, authority: &Authority, port: u16) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let json: Json = serde_json::from_str(line).unwrap();
        let row = Self { json, directory };
        let replace = |text: &str| row.replaced(text, authority, port);
        for (set, below) in [("files", ""), ("in_cluster_files", "pod")] {
            for (name, content) in row.json[set].as_object().into_iter().flatten() {
                let path = row.directory.path().join(below).join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                let content = replace(content.as_str().unwrap());
                let is_program = content.starts_with("#!");
                fs::File::create_new(&path).unwrap().write_all(content.as_bytes()).unwrap();
                let mode = if is_program { 0o755 } else { 0o644 };
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
        let json = serde_json::from_str(&replace(&row.json.to_string())).unwrap();
        Self { json, ..row }
    }

    fn replaced(&self, text: &str, authority: &Authority, port: u16) -> String {
        let base64 = |text: &str| STANDARD.encode(text);
        let json = |pem: &str| pem.replace('\n', "\\n");
        let (carol, key) = &authority.carol;
        // PEM stands in JSON strings only, but for whole files.
        let pem = |pem: &str| if text.len() < 32 { pem.to_owned() } else { json(pem) };
        let text = text
            .replace("<ca-b64>", &base64(&authority.ca))
            .replace("<other-ca-b64>", &base64(&authority.other))
            .replace("<carol-cert-b64>", &base64(carol))
            .replace("<carol-key-b64>", &base64(key))
            .replace("<ca-pem>", &pem(&authority.ca))
            .replace("<carol-cert-pem>", &pem(carol))
            .replace("<carol-key-pem>", &pem(key))
            .replace("{DIR}", self.directory.path().to_str().unwrap())
            .replace("SERVER-NAME", &format!("localhost:{port}"))
            .replace("SERVER-IP", "127.0.0.1")
            .replace("SERVER", &format!("127.0.0.1:{port}"))
            .replace("26443", &port.to_string());
        let mut parts = text.split("<token:");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + "token-" + &part.replacen('>', "", 1))
    }

    fn id(&self) -> &str {
        self.json["id"].as_str().unwrap()
    }

    fn argument(&self, flag: &str) -> Option<&str> {
        let arguments: Vec<_> = self.json["args"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|a| a.as_str().unwrap())
            .collect();
        let at = arguments.iter().position(|argument| *argument == flag)?;
        Some(arguments.get(at + 1).copied().unwrap_or_default())
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.json["env"][name].as_str()
    }

    fn environment(&self) -> Environment {
        let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let directory = self.directory.path();
        let absolute = |value: &str| match value {
            "sub/x" | "~/x" => directory.join(value).display().to_string(),
            value => value.to_owned(),
        };
        let own = self.json["env"].as_object().into_iter().flatten();
        let own =
            own.map(|(name, value)| (leak(name.clone()), leak(absolute(value.as_str().unwrap()))));
        let home = leak(directory.join("home").display().to_string());
        own.chain([("HOME", home), ("PATH", "/usr/bin:/bin")]).collect()
    }

    fn find(&self, environment: &Environment) -> Result<Access, String> {
        let pod = self.directory.path().join("pod");
        let lookup = Lookup {
            environment,
            kubeconfig: self.argument("-kubeconfig").map(Into::into),
            context: None,
            in_cluster: self.argument("-incluster").is_some(),
            allows_insecure: true,
            service_account: &pod,
            patience: Duration::from_secs(5),
        };
        lookup.find().map_err(|error| error.to_string())
    }

    fn api(&self, access: Access, fails: bool) -> Api {
        let value = |name: &str| self.variable(name).map(Value::from);
        let no_proxy = self.variable("NO_PROXY").map(str::to_owned);
        let proxy = Proxy { https: value("HTTPS_PROXY"), no_proxy, ..Proxy::default() };
        // A server that refuses connections is not waited for.
        let timeout = if fails { Duration::from_secs(1) } else { Duration::from_secs(30) };
        Api::new(access, http::Options { proxy, timeout, ..http::Options::default() })
    }
}

/// The differences between what client-go configured and what hushed found.
fn differences(row: &Row, access: &Access) -> Vec<String> {
    let wanted = &row.json["result"]["config"];
    let mut differences = Vec::new();
    let mut same = |what: &str, wanted: String, got: String| {
        if wanted != got {
            differences.push(format!("{what}: {got}, not {wanted}"));
        }
    };
    let host = wanted["host"].as_str().unwrap_or_default().trim_end_matches('/');
    let host = if host.contains("://") { host.to_owned() } else { format!("http://{host}") };
    same("host", host, access.server.as_str().trim_end_matches('/').to_owned());
    let has = |name: &str| wanted.get(name).is_some();
    let flag = |flag: bool| flag.to_string();
    same("CA", flag(has("caData_len") || has("caFile")), flag(access.tls.authorities.is_some()));
    same("insecure", flag(has("insecure")), flag(access.tls.accept_any));
    let certificate = access.tls.certificate.is_some();
    same("certificate", flag(has("certData_len") || has("certFile")), flag(certificate));
    let name = access.tls.name.as_ref().map(|name| name.name.clone()).unwrap_or_default();
    same("server name", wanted["serverName"].as_str().unwrap_or_default().to_owned(), name);
    let proxy = access.proxy.as_ref().map(|proxy| proxy.expose_str().unwrap().to_owned());
    let wanted_proxy = wanted["proxy"].as_str().unwrap_or_default();
    same("proxy", wanted_proxy.replace("socks5://", "socks5h://"), proxy.unwrap_or_default());
    let impersonated = wanted["impersonate"].as_str().unwrap_or_default().to_owned();
    same("impersonated", impersonated, access.impersonation.user.clone());
    let login = match &access.login {
        Login::TokenFile { .. } => "token file",
        Login::Token(_) => "token",
        Login::Basic { .. } => "basic",
        Login::Exec(_) => "exec",
        Login::Anonymous => "none",
    };
    let wanted_login = match () {
        () if has("tokenFile") => "token file",
        () if has("token") => "token",
        () if has("username") => "basic",
        () if has("exec_command") && !certificate => "exec",
        () => "none",
    };
    same("login", wanted_login.to_owned(), login.to_owned());
    if let Some(namespace) = row.json["result"]["namespace"].as_str() {
        let own = row.argument("-namespace").unwrap_or(&access.namespace);
        same("namespace", namespace.to_owned(), own.to_owned());
    }
    differences
}

/// Compares a row. A difference is an error.
async fn compare(row: &Row) -> Result<(), String> {
    let environment = row.environment();
    let result = &row.json["result"];
    let found = row.find(&environment);
    if row.json.get("error").is_some() {
        return found.map_or(Ok(()), |_| Err("it is accepted".to_owned()));
    }
    let first = result["requests"][0].as_str();
    let fails = result.get("client_error").is_some()
        || first.is_some_and(|request| request.starts_with("error"));
    let access = match found {
        // An error at once instead of one that the server would give.
        Err(_) if fails => return Ok(()),
        found => found?,
    };
    let differences = differences(row, &access);
    if !differences.is_empty() {
        return Err(differences.join("; "));
    }
    let connects = fails || first.is_some();
    if !connects {
        return Ok(());
    }
    let who = match row.api(access, fails).who_am_i().await {
        Ok(user) => format!("user {user}"),
        Err(Failure::Refused(error)) => format!("error: {error}"),
        Err(Failure::Failed(error)) => format!("error: {error}"),
    };
    let equal = if fails { who.starts_with("error") } else { Some(who.as_str()) == first };
    if !equal {
        return Err(format!("{who}, not {first:?}"));
    }
    side_files(row)
}

/// Compares what a credential plugin was told.
fn side_files(row: &Row) -> Result<(), String> {
    for (name, wanted) in row.json["side_files"].as_object().into_iter().flatten() {
        let got = fs::read_to_string(row.directory.path().join(name)).unwrap_or_default();
        let (got, wanted) = (got.trim(), wanted.as_str().unwrap());
        // hushed sends one request, and repeats it once.
        let equal = match (serde_json::from_str::<Json>(got), serde_json::from_str::<Json>(wanted))
        {
            (Ok(got), Ok(wanted)) => got == wanted,
            _ if name == "count" => got.lines().count() <= wanted.lines().count(),
            _ => got == wanted,
        };
        if !equal {
            return Err(format!("{name}: {got}, not {wanted}"));
        }
    }
    Ok(())
}

#[test]
fn kubeconfigs_mean_what_they_mean_to_client_go() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/kubernetes/kubeconfig.jsonl");
    let text = fs::read_to_string(path).unwrap();
    run(async {
        let authority = Authority::new();
        let port = authority.serve().await;
        let (mut wrong, mut equal) = (Vec::new(), 0);
        for line in text.lines() {
            let row = Row::new(line, &authority, port);
            if NOT_COMPARABLE.contains(&row.id()) || STRICTER.contains(&row.id()) {
                continue;
            }
            match compare(&row).await {
                Ok(()) => equal += 1,
                Err(difference) => wrong.push(format!("{}: {difference}", row.id())),
            }
        }
        println!("kubeconfig: {equal} of {} rows are equal", text.lines().count());
        assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
        assert_eq!(equal + NOT_COMPARABLE.len() + STRICTER.len(), text.lines().count());
    });
}
