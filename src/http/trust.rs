//! Whom the client believes: the roots of trust, and the TLS settings made from them.
//! The files are read once, and only when a TLS connection is needed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::CipherSuite::TLS13_AES_128_GCM_SHA256;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::error::{Error, RootCause};

/// Where distributions keep the bundle of trusted roots.
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// The roots that the user named. The first that is given is the only one believed; without any,
/// the system's bundle is; without a bundle, Mozilla's list as built in.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// From `--ca-file`.
    pub ca_file: Option<PathBuf>,
    /// From `SSL_CERT_FILE`. `SSL_CERT_DIR` is not supported.
    pub ssl_cert_file: Option<PathBuf>,
}

/// A client certificate and its private key, both in PEM files.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate, and those that vouch for it.
    pub certificate: PathBuf,
    /// The private key: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

impl Identity {
    fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
        let invalid = |path: &PathBuf| Error::IdentityInvalid { path: path.clone() };
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| invalid(&self.certificate))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|_| invalid(&self.key))?;
        Ok((chain, key))
    }
}

/// Makes the TLS settings. Without roots no certificate is believed, which is right for a client
/// that speaks plain http only.
pub(super) fn client_config(
    roots: RootCertStore,
    identity: Option<&Identity>,
) -> Result<ClientConfig, Error> {
    // Named, not installed for the process: aws-lc-rs would cost 40 ms at its first random byte.
    let mut provider = rustls::crypto::ring::default_provider();
    // First what browsers prefer too: its SHA-256 is done by the processor, where the SHA-384 of
    // AES-256 is not, which both sides wait for in every handshake.
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != TLS13_AES_128_GCM_SHA256);
    let setup = |error: rustls::Error| Error::Setup(RootCause::of(&error));
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(setup)?
        .with_root_certificates(roots);
    let mut config = match identity {
        Some(identity) => {
            let (chain, key) = identity.read()?;
            builder.with_client_auth_cert(chain, key).map_err(setup)?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // There is hardly ever a second connection, and what could resume the first would be kept till then.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Reads the roots of trust.
pub(super) fn roots(trust: &Trust) -> Result<RootCertStore, Error> {
    match trust.ca_file.as_ref().or(trust.ssl_cert_file.as_ref()) {
        Some(path) => named(path),
        None => Ok(system(&BUNDLES)),
    }
}

fn named(path: &Path) -> Result<RootCertStore, Error> {
    let pem = std::fs::read(path)
        .map_err(|source| Error::CaFileUnreadable { path: path.to_owned(), source })?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let added = certificate.ok().and_then(|certificate| roots.add(certificate).ok());
        added.ok_or_else(|| Error::CaFileInvalid { path: path.to_owned() })?;
    }
    if roots.is_empty() {
        return Err(Error::CaFileEmpty { path: path.to_owned() });
    }
    Ok(roots)
}

fn system(bundles: &[&str]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for pem in bundles.iter().filter_map(|path| std::fs::read(path).ok()) {
        // One certificate that cannot be read does not make the others less trusted.
        roots
            .add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok));
        if !roots.is_empty() {
            return roots;
        }
    }
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    roots
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use tempfile::NamedTempFile;

    use super::*;

    fn certificate() -> String {
        rcgen::generate_simple_self_signed(["example.com".to_owned()]).unwrap().cert.pem()
    }

    fn file(content: &str) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        file
    }

    #[test]
    fn a_named_file_is_the_only_root() {
        let (one, two) = (file(&certificate()), file(&(certificate() + &certificate())));
        let path = |file: &NamedTempFile| Some(file.path().to_owned());
        let both = Trust { ca_file: path(&one), ssl_cert_file: path(&two) };
        assert_eq!(roots(&both).unwrap().len(), 1);
        assert_eq!(roots(&Trust { ca_file: None, ssl_cert_file: path(&two) }).unwrap().len(), 2);
    }

    #[test]
    fn a_named_file_that_helps_nothing_is_an_error() {
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        for (content, want) in [
            ("", "holds no certificate"),
            (key, "holds no certificate"),
            (&certificate().replacen("MII", "AII", 1), "is not a certificate"),
        ] {
            let file = file(content);
            let trust = Trust { ca_file: Some(file.path().to_owned()), ssl_cert_file: None };
            let error = roots(&trust).unwrap_err();
            assert!(error.to_string().contains(want), "{error}");
        }
        let trust = Trust { ca_file: None, ssl_cert_file: Some("/nonexistent".into()) };
        let error = roots(&trust).unwrap_err();
        assert_eq!(error.to_string(), "cannot read the CA file `/nonexistent`");
    }

    #[test]
    fn without_a_bundle_the_built_in_list_is_believed() {
        assert_eq!(system(&["/nonexistent"]).len(), webpki_roots::TLS_SERVER_ROOTS.len());
    }

    #[test]
    fn the_first_bundle_with_a_certificate_is_read() {
        let (empty, good) = (file(""), file(&format!("# a comment\n{}", certificate())));
        let path = |file: &NamedTempFile| file.path().to_str().unwrap().to_owned();
        assert_eq!(system(&["/nonexistent", &path(&empty), &path(&good)]).len(), 1);
    }
}
