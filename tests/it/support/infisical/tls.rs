//! A certificate authority of its own, and a server's certificate by it, right or wrong.
//! Must not know HTTP.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio_rustls::TlsAcceptor;

/// What certificate the server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// For `localhost` and `127.0.0.1`, in force.
    Right,
    /// Out of force since 2020.
    Expired,
    /// For another host.
    OtherName,
    /// For `secrets.invalid` and `secrets.example`, which have no address anywhere.
    NoHost,
    /// By nobody but the server itself.
    SelfSigned,
}

/// Makes an acceptor, and the authority's certificate as PEM.
pub fn acceptor(certificate: Certificate, http1_only: bool) -> (TlsAcceptor, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "a test's own authority");
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);

    let names = match certificate {
        Certificate::OtherName => vec!["other.test".to_owned()],
        Certificate::NoHost => vec!["secrets.invalid".to_owned(), "secrets.example".to_owned()],
        _ => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
    };
    let mut leaf = CertificateParams::new(names).unwrap();
    leaf.distinguished_name.push(DnType::CommonName, "a test's own server");
    if certificate == Certificate::Expired {
        leaf.not_before = date_time_ymd(2019, 1, 1);
        leaf.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let shown = match certificate {
        Certificate::SelfSigned => leaf.self_signed(&key),
        _ => leaf.signed_by(&key, &issuer),
    };
    let chain = vec![shown.unwrap().der().clone()];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if !http1_only {
        config.alpn_protocols.insert(0, b"h2".to_vec());
    }
    (TlsAcceptor::from(Arc::new(config)), authority_pem)
}
