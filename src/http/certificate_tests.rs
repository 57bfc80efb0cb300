//! Client certificates, and servers that present a CA certificate as their own.

use std::io::Write as _;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::stub::run;
use super::{
    Client, ClientCertificate, Error, Options, Proxy, Request, ServerNameOverride, ServerTls,
    TlsError, TrustRoots,
};
use crate::secret::Value;

fn file(pem: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(pem.as_bytes()).unwrap();
    file
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).unwrap()
}

/// What `openssl req -x509` makes: a certificate for a name that is its own CA.
fn self_signed(name: &str, until: i32) -> (Certificate, KeyPair) {
    let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.not_before = date_time_ymd(2020, 1, 1);
    parameters.not_after = date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    (parameters.self_signed(&key).unwrap(), key)
}

/// Serves one response over TLS to each client that the handshake accepts.
async fn serve(config: ServerConfig) -> Url {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 1024];
            if stream.read(&mut request).await.is_ok() {
                // The response is the name that the client asked for.
                let sni = stream.get_ref().1.server_name().unwrap_or_default().to_owned();
                let response = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{sni}");
                stream.write_all(response.as_bytes()).await.ok();
                stream.shutdown().await.ok();
            }
        }
    });
    Url::parse(&format!("https://localhost:{port}/")).unwrap()
}

fn config(certificate: &Certificate, key: &KeyPair) -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private(key))
        .unwrap()
}

fn trusting(pem: &NamedTempFile) -> TrustRoots {
    TrustRoots { ca_file: Some(pem.path().to_owned()), ..TrustRoots::default() }
}

async fn get(url: &Url, trust: TrustRoots) -> Result<u16, Error> {
    let client = Client::new(Options { trust, ..Options::default() });
    client.send(&Request::get(url)).await.map(|response| response.status)
}

/// Requests with TLS settings of this server alone, and returns the name that the client asked for.
async fn get_with(url: &Url, server_tls: ServerTls) -> Result<String, Error> {
    let client = Client::new(Options { server_tls, ..Options::default() });
    let response = client.send(&Request::get(url)).await?;
    Ok(String::from_utf8(response.body.to_vec()).unwrap())
}

async fn tls_error(url: &Url, trust: TrustRoots) -> TlsError {
    match get(url, trust).await.unwrap_err() {
        Error::Tls { source, .. } => source,
        error => panic!("{error}"),
    }
}

#[test]
fn a_ca_certificate_is_accepted_as_the_servers_own_if_it_is_in_the_named_file() {
    run(async {
        let (certificate, key) = self_signed("localhost", 2100);
        let url = serve(config(&certificate, &key)).await;
        let (exact, other) = (file(&certificate.pem()), self_signed("localhost", 2100).0);
        assert_eq!(get(&url, trusting(&exact)).await.unwrap(), 200);
        let both = file(&(other.pem() + &certificate.pem()));
        assert_eq!(get(&url, trusting(&both)).await.unwrap(), 200);
        // The same key and name in another certificate is not the same certificate.
        let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let again = file(&parameters.self_signed(&key).unwrap().pem());
        for trust in [trusting(&again), TrustRoots::default()] {
            let error = tls_error(&url, trust).await;
            assert!(matches!(error, TlsError::CaAsServer), "{error}");
        }
    });
}

#[test]
fn a_pinned_certificate_must_still_be_valid_and_for_the_host() {
    run(async {
        let (certificate, key) = self_signed("localhost", 2021);
        let url = serve(config(&certificate, &key)).await;
        let error = tls_error(&url, trusting(&file(&certificate.pem()))).await;
        assert!(matches!(error, TlsError::Expired), "{error}");

        let (certificate, key) = self_signed("example.com", 2100);
        let url = serve(config(&certificate, &key)).await;
        let error = tls_error(&url, trusting(&file(&certificate.pem()))).await;
        assert!(
            matches!(&error, TlsError::WrongName(names) if names == &["example.com"]),
            "{error}"
        );
    });
}

#[test]
fn a_client_certificate_is_presented_to_a_server_that_requires_one() {
    run(async {
        let (ca, ca_key) = self_signed("client authority", 2100);
        let mut authority = CertificateParams::new(["client authority".to_owned()]).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = Issuer::from_params(&authority, &ca_key);
        let key = KeyPair::generate().unwrap();
        let client = CertificateParams::new(["client".to_owned()]).unwrap();
        let client = client.signed_by(&key, &issuer).unwrap();
        let mut clients = RootCertStore::empty();
        clients.add(ca.der().clone()).unwrap();

        let (server, server_key) = self_signed("localhost", 2100);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(clients.into(), Arc::clone(&provider));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(vec![server.der().clone()], private(&server_key))
            .unwrap();
        let url = serve(config).await;
        let trust = file(&server.pem());

        let certificate = file(&client.pem());
        let path = |file: &NamedTempFile| file.path().to_owned();
        let identity = |certificate, key| {
            let certificate = Some(ClientCertificate { certificate, key });
            Client::new(Options { trust: trusting(&trust), certificate, ..Options::default() })
        };
        let pem = (Value::from(client.pem()), Value::from(key.serialize_pem()));
        let key = file(&key.serialize_pem());
        let trusted =
            ServerTls { authorities: Some(Value::from(server.pem())), ..Default::default() };
        let in_memory = |pem| ServerTls { certificate: Some(pem), ..trusted.clone() };
        assert_eq!(get_with(&url, in_memory(pem.clone())).await.unwrap(), "localhost");
        for (pem, wanted) in
            [((pem.1.clone(), pem.1.clone()), "certificate"), ((pem.0.clone(), pem.0), "key")]
        {
            let error = get_with(&url, in_memory(pem)).await.unwrap_err();
            assert!(
                matches!(error, Error::PemInvalid { what } if what.ends_with(wanted)),
                "{error}"
            );
        }

        let accepted = identity(path(&certificate), path(&key));
        assert_eq!(accepted.send(&Request::get(&url)).await.unwrap().status, 200);
        get(&url, trusting(&trust)).await.unwrap_err();

        for (certificate, key, blamed) in [
            (path(&key), path(&key), &key),
            (path(&certificate), path(&certificate), &certificate),
            ("/nonexistent".into(), path(&key), &key),
        ] {
            let error = identity(certificate, key).send(&Request::get(&url)).await.unwrap_err();
            let Error::ClientCertificateInvalid { path } = &error else { panic!("{error}") };
            assert!(path == blamed.path() || path == "/nonexistent", "{error}");
        }
    });
}

#[test]
fn authorities_in_memory_are_the_only_ones() {
    run(async {
        let (certificate, key) = self_signed("localhost", 2100);
        let url = serve(config(&certificate, &key)).await;
        let trusting =
            |pem: &str| ServerTls { authorities: Some(Value::from(pem)), ..ServerTls::default() };
        assert_eq!(get_with(&url, trusting(&certificate.pem())).await.unwrap(), "localhost");
        let other = self_signed("localhost", 2100).0.pem();
        let error = get_with(&url, trusting(&other)).await.unwrap_err();
        assert!(matches!(error, Error::Tls { .. }), "{error}");
        for pem in ["", "hello", &key.serialize_pem()] {
            let error = get_with(&url, trusting(pem)).await.unwrap_err();
            assert!(matches!(error, Error::PemInvalid { .. }), "{error}");
        }
    });
}

#[test]
fn every_certificate_is_accepted_only_if_that_is_set() {
    run(async {
        let (certificate, key) = self_signed("example.com", 2021);
        let url = serve(config(&certificate, &key)).await;
        let error = get_with(&url, ServerTls::default()).await.unwrap_err();
        assert!(matches!(error, Error::Tls { .. }), "{error}");
        let accepting = ServerTls { accept_any: true, ..ServerTls::default() };
        assert_eq!(get_with(&url, accepting).await.unwrap(), "localhost");
    });
}

#[test]
fn a_server_name_is_verified_and_sent_in_place_of_the_host() {
    run(async {
        let (certificate, key) = self_signed("api.cluster.test", 2100);
        let url = serve(config(&certificate, &key)).await;
        let named = |host: &str, name: &str| ServerTls {
            authorities: Some(Value::from(certificate.pem())),
            name: Some(ServerNameOverride { host: host.to_owned(), name: name.to_owned() }),
            ..ServerTls::default()
        };
        let name = get_with(&url, named("localhost", "api.cluster.test")).await.unwrap();
        assert_eq!(name, "api.cluster.test");
        let mut by_address = url.clone();
        by_address.set_host(Some("127.0.0.1")).unwrap();
        let name = get_with(&by_address, named("127.0.0.1", "api.cluster.test")).await.unwrap();
        assert_eq!(name, "api.cluster.test");
        let error = get_with(&url, named("localhost", "localhost")).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("`localhost:") && matches!(error, Error::Tls { .. }), "{text}");
        let mut other = url.clone();
        other.set_host(Some("kubernetes.test")).unwrap();
        let proxy = Proxy { all: Some(Value::from("proxy.test:1")), ..Proxy::default() };
        let server_tls = named("kubernetes.test", "api.cluster.test");
        let client = Client::new(Options { server_tls, proxy, ..Options::default() });
        let error = client.send(&Request::get(&other)).await.unwrap_err();
        assert!(matches!(error, Error::TlsNameWithProxy { .. }), "{error}");
    });
}
