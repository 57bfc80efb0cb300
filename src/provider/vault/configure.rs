//! From layers to the settings of a Vault source, and what hushed asks of every source: its servers,
//! credentials, cache and checks.

use std::sync::Arc;

use url::Url;

use super::environment::{self, path, text};
use super::method::{self, CREDENTIAL_FILES};
use super::path::ApiPath;
use super::settings::{EngineSetting, Login, Server, Vault};
use super::transit::Transit;
use super::{VaultSource, doctor, schema};
use crate::config::schema::{self as common, SettingKey, SourceSchema};
use crate::config::{
    CacheIdentity, CacheKey, CacheSettings, Error, Layers, Origin, RawValue, RunSettings, Setting,
    TrustRecords, TrustSubject, build_cache,
};
use crate::http::{self, ClientCertificate};
use crate::provider::identity::id_token::IdToken;
use crate::provider::{self, Checks, Configured, Source, SourceInputs, StoreType, Writes};
use crate::secret::Value;

/// The type `vault`.
#[derive(Debug)]
pub struct VaultType;

impl StoreType for VaultType {
    fn schema(&self) -> &'static SourceSchema {
        &schema::SCHEMA
    }

    fn writes(&self) -> Writes {
        Writes::Named
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        Ok(Box::new(build(inputs, warnings)?))
    }

    fn trust_subject(&self, layers: &Layers<'_>) -> Result<Option<TrustSubject>, Error> {
        let Some(address) = environment::address(layers)? else { return Ok(None) };
        trust_subject(address).map(Some)
    }

    fn unit_credential(&self) -> Option<(&'static str, &'static str)> {
        Some((schema::SECRET_ID.systemd, "secret-id"))
    }

    #[cfg(feature = "external-secrets")]
    fn manifest_store(&self) -> Option<&'static dyn provider::external_secret::ManifestStore> {
        Some(&super::external_secret::Manifests)
    }
}

/// Settings that a project's file may make only for a server that the user trusts it with: those that
/// choose which file is sent there, which auth method gets a credential, or whom to trust.
static WEAKENING: [&SettingKey; 12] = [
    &common::CA_FILE,
    &common::INSECURE_HTTP,
    &common::ID_TOKEN,
    &schema::AUTH_MOUNT,
    &schema::CLIENT_CERTIFICATE,
    &schema::TOKEN_FILE,
    &schema::ROLE_ID_FILE,
    &schema::SECRET_ID_FILE,
    &schema::JWT_FILE,
    &schema::KUBERNETES_TOKEN_FILE,
    &schema::PASSWORD_FILE,
    &schema::CLIENT_KEY,
];

fn trust_subject(address: Setting<String>) -> Result<TrustSubject, Error> {
    let shown = server(&address)?.shown;
    let server = Url::parse(&shown).map_err(|_| invalid_address(&address))?;
    let (origin, key) = (address.origin, &schema::ADDRESS);
    Ok(TrustSubject { server, origin, key, cloud: &[], weakening: &WEAKENING })
}

/// Refuses files and auth methods that a project's file names and the user did not trust it with.
fn check_trust(
    subject: &TrustSubject,
    layers: &Layers<'_>,
    trust: &TrustRecords,
) -> Result<(), Error> {
    subject.check(layers, trust)?;
    let server = subject.server.origin().ascii_serialization();
    for key in CREDENTIAL_FILES.into_iter().chain([&schema::AUTH_MOUNT]) {
        let Some(Setting { origin, .. }) = layers.raw(key)? else { continue };
        if origin.project_file().is_some_and(|file| !trust.has(&server, file)) {
            let what = if std::ptr::eq(key, &raw const schema::AUTH_MOUNT) {
                "chooses the auth method that gets the credential"
            } else {
                "chooses the file that is sent as a credential"
            };
            return Err(Error::Untrusted { origin, what: what.to_owned(), key });
        }
    }
    Ok(())
}

fn build(inputs: &SourceInputs<'_>, warnings: &mut Vec<String>) -> Result<Vault, Error> {
    let SourceInputs { name, layers, run, trust } = inputs;
    let address = environment::address(layers)?.ok_or(Error::Required {
        what: "address of the Vault server",
        hint: "set `address` in hushed.toml, or VAULT_ADDR",
    })?;
    let origin = address.origin.clone();
    let server = server(&address)?;
    let subject = trust_subject(address)?;
    check_trust(&subject, layers, trust)?;
    let (login, auth_mount) = method::choose(layers, &origin)?;
    if let Some(token) = login.id_token() {
        token.check_trust(&subject.server, trust)?;
    }
    warnings.extend(environment::warnings(layers.environment()));
    let revoke_token = revocation(&login, layers, run, warnings)?;
    let cache = build_cache(layers, run, login.unfit_cache_key(), trust)?;
    let (paths, single) = paths(layers)?;
    let version = version(layers)?;
    let parameters = layers.map(&schema::PARAMETERS)?;
    if !single && (version.is_some() || !parameters.is_empty()) {
        let what = "`version` and `parameters` require a single path";
        return Err(Error::Conflict { what });
    }
    let ca_file = ca_file(layers)?;
    Ok(Vault {
        name: Arc::clone(name),
        namespace: namespace(layers)?,
        auth_mount,
        inline_auth: layers.switch(&schema::INLINE_AUTH, false)?,
        paths,
        mount: mount(&schema::MOUNT, layers)?,
        transit: mount(&schema::TRANSIT, layers)?,
        engine: engine(layers)?,
        version,
        parameters,
        revoke_token,
        allow_empty: run.switch(&common::ALLOW_EMPTY, false)?,
        ca_dirs: environment::variable("CAPATH", layers.environment()).into_iter().collect(),
        ca_file,
        certificate: certificate(layers)?,
        insecure_http: layers.switch(&common::INSECURE_HTTP, false)?,
        cache,
        login,
        server,
    })
}

/// Where it is configured that the token is revoked, for the source or for all. A token that the user gave is
/// not ours to revoke.
fn revocation(
    login: &Login,
    layers: &Layers<'_>,
    run: &Layers<'_>,
    warnings: &mut Vec<String>,
) -> Result<Option<Origin>, Error> {
    let key = &common::REVOKE_TOKEN;
    let said = layers.raw(key)?.or_else(|| run.table(key));
    let origin = said.filter(|said| said.value == RawValue::Switch(true)).map(|said| said.origin);
    match origin {
        Some(origin) if !login.logs_in() => {
            warnings.push(format!(
                "{origin}: the token is not revoked, since hushed did not log in for it; use a login \
                 such as approle"
            ));
            Ok(None)
        }
        origin => Ok(origin),
    }
}

/// The server's address, with or without scheme, a slash or `/v1` at its end.
fn server(address: &Setting<String>) -> Result<Server, Error> {
    let text = address.value.trim();
    if let Some(socket) = text.strip_prefix("unix://") {
        let (shown, base) = (text.to_owned(), Url::parse("http://localhost/"));
        let base = base.ok().filter(|_| socket.starts_with('/'));
        let base = base.ok_or_else(|| invalid_address(address))?;
        return Ok(Server { base, socket: Some(socket.into()), shown });
    }
    let trimmed = text.trim_end_matches('/');
    let trimmed = trimmed.strip_suffix("/v1").unwrap_or(trimmed).trim_end_matches('/');
    let full = if trimmed.contains("://") { trimmed.into() } else { format!("https://{trimmed}") };
    let url = Url::parse(&full).ok().filter(|url| {
        let plain = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && plain
    });
    let base = url.ok_or_else(|| invalid_address(address))?;
    Ok(Server { shown: base.as_str().trim_end_matches('/').to_owned(), base, socket: None })
}

fn invalid_address(address: &Setting<String>) -> Error {
    Error::Form {
        origin: address.origin.clone(),
        what: "the address of a server, such as https://vault.example.com:8200",
        // A password in the address must not be shown.
        value: address.value.rsplit('@').next().unwrap_or_default().to_owned(),
    }
}

fn parse_path(text: &str, origin: &Origin) -> Result<ApiPath, Error> {
    ApiPath::parse(text).map_err(|_| Error::Form {
        origin: origin.clone(),
        what: "a path in Vault, such as secret/app (without //, . and ..)",
        value: text.to_owned(),
    })
}

/// The paths, and whether there is at most one.
fn paths(layers: &Layers<'_>) -> Result<(Vec<ApiPath>, bool), Error> {
    let Some(Setting { value, origin }) = layers.list(&schema::PATH)? else {
        return Ok((Vec::new(), true));
    };
    let paths = value.iter().map(|text| parse_path(text, &origin));
    let paths: Vec<_> = paths.collect::<Result<_, _>>()?;
    let single = paths.len() < 2;
    Ok((paths, single))
}

fn mount(key: &'static SettingKey, layers: &Layers<'_>) -> Result<Option<ApiPath>, Error> {
    let setting = layers.text(key)?;
    setting.map(|setting| parse_path(&setting.value, &setting.origin)).transpose()
}

fn namespace(layers: &Layers<'_>) -> Result<Option<String>, Error> {
    let Some(Setting { value, origin }) = text(&schema::NAMESPACE, layers)? else {
        return Ok(None);
    };
    let trimmed = value.trim().trim_matches('/');
    if trimmed.is_empty() {
        return Ok(None);
    }
    if !trimmed.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::Form { origin, what: "a namespace, such as team/app", value });
    }
    Ok(Some(trimmed.to_owned()))
}

fn engine(layers: &Layers<'_>) -> Result<EngineSetting, Error> {
    let Some(setting) = layers.text(&schema::KV)? else { return Ok(EngineSetting::Auto) };
    Ok(match setting.value.as_str() {
        "auto" => EngineSetting::Auto,
        "1" => EngineSetting::Kv1,
        "2" => EngineSetting::Kv2,
        "none" => EngineSetting::Other,
        _ => {
            let known = ["auto", "1", "2", "none"].map(str::to_owned).into();
            let (origin, value) = (setting.origin, setting.value);
            return Err(Error::Choice {
                origin,
                what: "version of the KV secrets engine",
                value,
                known,
            });
        }
    })
}

fn version(layers: &Layers<'_>) -> Result<Option<u64>, Error> {
    let Some(Setting { value, origin }) = layers.text(&schema::VERSION)? else { return Ok(None) };
    // To the server, 0 and negative numbers mean the newest version.
    match value.parse() {
        Ok(version) if version > 0 => Ok(Some(version)),
        _ => Err(Error::Form { origin, what: "the number of a version", value }),
    }
}

fn ca_file(layers: &Layers<'_>) -> Result<Option<std::path::PathBuf>, Error> {
    let own = layers.path(&common::CA_FILE)?;
    let variable = environment::variable("CACERT", layers.environment());
    // As everywhere, a variable is stronger than a file.
    Ok(match own {
        Some(Setting { value, origin: Origin::Flag(_) | Origin::Variable(_) }) => Some(value),
        own => variable.or(own.map(|setting| setting.value)),
    })
}

fn certificate(layers: &Layers<'_>) -> Result<Option<ClientCertificate>, Error> {
    let certificate = path(&schema::CLIENT_CERTIFICATE, layers)?;
    let key = path(&schema::CLIENT_KEY, layers)?;
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Ok(Some(ClientCertificate { certificate: certificate.value, key: key.value }))
        }
        (None, None) => Ok(None),
        (certificate, _) => {
            let missing = if certificate.is_none() { "client certificate" } else { "client key" };
            let hint = "`client-certificate` and `client-key` (VAULT_CLIENT_CERT and VAULT_CLIENT_KEY) \
                        belong together";
            Err(Error::Required { what: missing, hint })
        }
    }
}

impl Vault {
    /// Opens the source. No request is made yet.
    pub(super) fn connect(&self, run: &RunSettings) -> VaultSource {
        let ca_dirs = run.network.ssl_cert_dirs.iter().chain(&self.ca_dirs).cloned().collect();
        let options = http::Options {
            trust: http::TrustRoots {
                ca_file: self.ca_file.clone(),
                ssl_cert_file: run.network.ssl_cert_file.clone(),
                ssl_cert_dirs: ca_dirs,
            },
            certificate: self.certificate.clone(),
            proxy: run.network.proxy.clone(),
            timeout: run.timeout,
            spread: run.spread,
            insecure_http: self.insecure_http,
            unix_socket: self.server.socket.clone(),
            ..http::Options::default()
        };
        VaultSource::new(self.clone(), http::Client::new(options))
    }
}

impl Configured for Vault {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn endpoints(&self) -> Vec<&Url> {
        let id_token = self.login.id_token().and_then(IdToken::endpoint);
        std::iter::once(&self.server.base).chain(id_token).collect()
    }

    fn credential_variables(&self) -> &[String] {
        self.login.id_token().map_or(&[], IdToken::variables)
    }

    fn secret_credentials(&self) -> Vec<&Value> {
        let of_cache = self.cache.as_ref().and_then(|cache| match &cache.key {
            CacheKey::Passphrase(passphrase) => Some(&passphrase.value),
            _ => None,
        });
        self.login.secret().into_iter().chain(of_cache).collect()
    }

    fn cache(&self) -> Option<(&CacheSettings, CacheIdentity)> {
        Some((self.cache.as_ref()?, self.cache_identity()))
    }

    fn revokes_token(&self) -> Option<&Origin> {
        self.revoke_token.as_ref()
    }

    fn may_lease(&self) -> bool {
        let is_kv = |path: &ApiPath| path.before_data().is_some();
        match self.engine {
            _ if !self.parameters.is_empty() => true,
            EngineSetting::Kv1 | EngineSetting::Kv2 => false,
            EngineSetting::Other => true,
            // References may name any path.
            EngineSetting::Auto => self.paths.is_empty() || !self.paths.iter().all(is_kv),
        }
    }

    fn open_for_writing(
        &self,
        run: &RunSettings,
    ) -> Result<Option<Box<dyn provider::Write>>, provider::Error> {
        // Each request would log in, and a secret ID may be for one use.
        let settings = Self { inline_auth: false, ..self.clone() };
        Ok(Some(Box::new(settings.connect(run))))
    }

    fn open_keys(
        &self,
        run: &RunSettings,
    ) -> Result<Option<Box<dyn provider::key_service::KeyService>>, provider::Error> {
        let Some(mount) = self.transit.clone() else { return Ok(None) };
        let settings = Self { inline_auth: false, ..self.clone() };
        Ok(Some(Box::new(Transit { source: settings.connect(run), mount })))
    }

    fn open(&self, run: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(self.connect(run)))
    }

    fn check<'a>(&'a self, run: &'a RunSettings) -> Checks<'a> {
        Box::pin(doctor::check(self, run))
    }
}
