//! TLS settings: the trusted certificate authorities, the client certificate, and the verification of the
//! server's certificate. Files are read once, and only if a TLS connection is needed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rustls::CipherSuite::TLS13_AES_128_GCM_SHA256;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

use super::error::{Error, RootCause};
use crate::secret::Value;

/// Where distributions keep their bundle of trusted certificate authorities.
const SYSTEM_BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// The certificate authorities that the user trusts. Without any, the system's bundle is used; without a
/// bundle, Mozilla's list as built in.
#[derive(Clone, Debug, Default)]
pub struct TrustRoots {
    /// From `--ca-file`. The others are ignored if it is set.
    pub ca_file: Option<PathBuf>,
    /// From `SSL_CERT_FILE`.
    pub ssl_cert_file: Option<PathBuf>,
    /// From `SSL_CERT_DIR`: directories of PEM files, in addition to the file or the system's bundle.
    pub ssl_cert_dirs: Vec<PathBuf>,
}

/// A client certificate and its private key, both in PEM files.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// The certificate, followed by its intermediates.
    pub certificate: PathBuf,
    /// The private key: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

impl ClientCertificate {
    fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
        let invalid = |path: &PathBuf| Error::ClientCertificateInvalid { path: path.clone() };
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| invalid(&self.certificate))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|_| invalid(&self.key))?;
        Ok((chain, key))
    }
}

/// TLS settings for one server that stand in a configuration file of its own, such as a kubeconfig.
#[derive(Clone, Debug, Default)]
pub struct ServerTls {
    /// The only trusted certificate authorities, in PEM, instead of [`TrustRoots`].
    pub authorities: Option<Value>,
    /// A client certificate with its intermediates, and its private key, both in PEM.
    pub certificate: Option<(Value, Value)>,
    /// The name of the server, if it is not the host of the URL.
    pub name: Option<ServerNameOverride>,
    /// Whether every certificate is accepted. Whoever can redirect the connection then gets the credentials.
    pub accept_any: bool,
}

/// A name for the certificate and the SNI of a server that is reached by another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerNameOverride {
    /// The host of the URL.
    pub host: String,
    /// The DNS name that the certificate must be for.
    pub name: String,
}

impl ServerTls {
    fn client_certificate(
        &self,
    ) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, Error> {
        let Some((certificate, key)) = &self.certificate else { return Ok(None) };
        let chain = CertificateDer::pem_slice_iter(certificate.expose());
        let chain = chain.collect::<Result<Vec<_>, _>>().ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or(Error::PemInvalid { what: "client certificate" })?;
        let key = PrivateKeyDer::from_pem_slice(key.expose());
        Ok(Some((chain, key.map_err(|_| Error::PemInvalid { what: "client key" })?)))
    }

    fn roots(pem: &Value) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), Error> {
        let invalid = Error::PemInvalid { what: "certificate authority" };
        let certificates = CertificateDer::pem_slice_iter(pem.expose());
        let Ok(named) = certificates.collect::<Result<Vec<_>, _>>() else { return Err(invalid) };
        let mut roots = RootCertStore::empty();
        match roots.add_parsable_certificates(named.iter().cloned()) {
            (0, _) => Err(invalid),
            _ => Ok((roots, named)),
        }
    }
}

/// Makes the TLS settings. Without trusted authorities no certificate is accepted, which is right for a
/// client that uses plain http only.
pub(super) fn client_config(
    trust: Option<&TrustRoots>,
    certificate: Option<&ClientCertificate>,
    server: &ServerTls,
) -> Result<ClientConfig, Error> {
    // Passed on, not installed for the process: aws-lc-rs would need 40 ms for its first random byte.
    let mut provider = rustls::crypto::ring::default_provider();
    // Browsers prefer this suite too: processors compute its SHA-256, but not the SHA-384 of AES-256,
    // which both sides would wait for in every handshake.
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != TLS13_AES_128_GCM_SHA256);
    let provider = Arc::new(provider);
    let setup = |error: rustls::Error| Error::Setup(RootCause::of(&error));
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(setup)?;
    let (roots, named) = match (&server.authorities, trust) {
        (Some(pem), Some(_)) => {
            let (roots, named) = ServerTls::roots(pem)?;
            (Arc::new(roots), named)
        }
        (None, Some(trust)) if !server.accept_any => roots(trust)?,
        _ => (Arc::new(RootCertStore::empty()), Vec::new()),
    };
    let builder = if trust.is_some() && server.accept_any {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptingVerifier(provider)))
    } else if named.is_empty() {
        builder.with_root_certificates(roots)
    } else {
        let verifier = PinningVerifier::new(roots, named, provider)?;
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
    };
    let own = match certificate {
        Some(certificate) => Some(certificate.read()?),
        None => server.client_certificate()?,
    };
    let mut config = match own {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(setup)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A second connection is rare, and its resumption secret would stay in memory until then.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Reads the trusted authorities, and the certificates that the user named. As in OpenSSL, `SSL_CERT_FILE`
/// replaces the system's bundle, and `SSL_CERT_DIR` adds to either.
fn roots(trust: &TrustRoots) -> Result<(Arc<RootCertStore>, Vec<CertificateDer<'static>>), Error> {
    let file = trust.ca_file.as_ref().or(trust.ssl_cert_file.as_ref());
    let mut named = file.map_or_else(|| Ok(Vec::new()), |file| read_file(file))?;
    if trust.ca_file.is_none() {
        named.extend(trust.ssl_cert_dirs.iter().flat_map(|directory| read_directory(directory)));
    }
    let mut roots = match file {
        Some(_) => Arc::new(RootCertStore::empty()),
        None => shared_system_roots(),
    };
    if !named.is_empty() {
        Arc::make_mut(&mut roots).add_parsable_certificates(named.iter().cloned());
    }
    Ok((roots, named))
}

/// The authorities of the system, parsed once for all clients that there are at a time: it takes a millisecond.
fn shared_system_roots() -> Arc<RootCertStore> {
    static SHARED: Mutex<Weak<RootCertStore>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let roots = Arc::new(system_roots(&SYSTEM_BUNDLES));
        *shared = Arc::downgrade(&roots);
        roots
    })
}

fn read_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let pem = std::fs::read(path)
        .map_err(|source| Error::CaFileUnreadable { path: path.to_owned(), source })?;
    let invalid = |problem| Error::CaFileInvalid { path: path.to_owned(), problem };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let certificates = certificates.unwrap_or_default();
    let is_valid = |certificate| RootCertStore::empty().add(certificate).is_ok();
    if !certificates.iter().cloned().all(is_valid) {
        return Err(invalid("contains an invalid certificate"));
    }
    if certificates.is_empty() {
        return Err(invalid("contains no certificate"));
    }
    Ok(certificates)
}

/// Reads every PEM file of a directory, as `openssl rehash` prepares one. Other files are skipped, and so is
/// a missing directory.
fn read_directory(path: &Path) -> Vec<CertificateDer<'static>> {
    let entries = std::fs::read_dir(path).into_iter().flatten();
    let files = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file());
    let mut certificates: Vec<_> = files.flat_map(|file| read_file(&file)).flatten().collect();
    // The directory has a link with a hashed name for each file.
    certificates.sort_by(|one, other| one.as_ref().cmp(other.as_ref()));
    certificates.dedup();
    certificates
}

fn system_roots(bundles: &[&str]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for pem in bundles.iter().filter_map(|path| std::fs::read(path).ok()) {
        // An unreadable certificate does not make the others less trusted.
        roots
            .add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok));
        if !roots.is_empty() {
            return roots;
        }
    }
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    roots
}

/// Verifies a server's certificate as usual, and also accepts a CA certificate that the server presents as
/// its own, if it is byte for byte in the file that the user named: what `openssl req -x509` makes.
#[derive(Debug)]
struct PinningVerifier {
    inner: Arc<WebPkiServerVerifier>,
    named: Vec<CertificateDer<'static>>,
}

impl PinningVerifier {
    fn new(
        roots: Arc<RootCertStore>,
        named: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let builder = WebPkiServerVerifier::builder_with_provider(roots, provider);
        let inner = builder.build().map_err(|error| Error::Setup(RootCause::of(&error)))?;
        Ok(Self { inner, named })
    }
}

impl ServerCertVerifier for PinningVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let inner = &self.inner;
        match inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // webpki checks the validity period before the basic constraints, and the name after them.
            Err(error) if is_ca_as_server(&error) && self.named.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Accepts every certificate, because the user asked for that. The handshake is still checked against it.
#[derive(Debug)]
struct AcceptingVerifier(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptingVerifier {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Whether the server presents a CA certificate as its own.
pub(super) fn is_ca_as_server(error: &rustls::Error) -> bool {
    let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = error else {
        return false;
    };
    matches!(other.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
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

    fn none() -> TrustRoots {
        TrustRoots::default()
    }

    fn count(trust: &TrustRoots) -> usize {
        roots(trust).unwrap().0.len()
    }

    #[test]
    fn a_named_file_is_the_only_root() {
        let (one, two) = (file(&certificate()), file(&(certificate() + &certificate())));
        let path = |file: &NamedTempFile| Some(file.path().to_owned());
        let both = TrustRoots { ca_file: path(&one), ssl_cert_file: path(&two), ..none() };
        assert_eq!(count(&both), 1);
        assert_eq!(count(&TrustRoots { ssl_cert_file: path(&two), ..none() }), 2);
    }

    #[test]
    fn a_named_file_without_a_certificate_is_an_error() {
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        for (content, want) in [
            ("", "contains no certificate"),
            (key, "contains no certificate"),
            (&certificate().replacen("MII", "AII", 1), "contains an invalid certificate"),
        ] {
            let file = file(content);
            let trust = TrustRoots { ca_file: Some(file.path().to_owned()), ..none() };
            let error = roots(&trust).unwrap_err();
            assert!(error.to_string().contains(want), "{error}");
        }
        let trust = TrustRoots { ssl_cert_file: Some("/nonexistent.pem".into()), ..none() };
        let error = roots(&trust).unwrap_err();
        assert_eq!(error.to_string(), "cannot read the CA file `/nonexistent.pem`");
    }

    #[test]
    fn without_a_bundle_the_built_in_list_is_trusted() {
        assert_eq!(system_roots(&["/nonexistent"]).len(), webpki_roots::TLS_SERVER_ROOTS.len());
    }

    #[test]
    fn the_first_bundle_with_a_certificate_is_read() {
        let (empty, good) = (file(""), file(&format!("# a comment\n{}", certificate())));
        let path = |file: &NamedTempFile| file.path().to_str().unwrap().to_owned();
        assert_eq!(system_roots(&["/nonexistent", &path(&empty), &path(&good)]).len(), 1);
    }

    #[test]
    fn directories_add_to_the_file_and_other_files_in_them_are_skipped() {
        let (directory, file) = (tempfile::tempdir().unwrap(), file(&certificate()));
        let root = certificate();
        let write = |name: &str, text: &str| {
            let mut file = std::fs::File::create_new(directory.path().join(name)).unwrap();
            std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        };
        write("root.pem", &root);
        write("1a2b3c4d.0", &root);
        write("README", "no certificate");
        write("other.crt", &(certificate() + &certificate()));
        let ssl_cert_dirs = vec!["/nonexistent".into(), directory.path().to_owned()];
        let only = TrustRoots { ssl_cert_dirs: ssl_cert_dirs.clone(), ..none() };
        assert_eq!(count(&only), count(&none()) + 3);
        let path = Some(file.path().to_owned());
        let both = TrustRoots { ssl_cert_file: path.clone(), ssl_cert_dirs, ..none() };
        assert_eq!(count(&both), 4);
        assert_eq!(count(&TrustRoots { ca_file: path, ..both }), 1);
    }
}
