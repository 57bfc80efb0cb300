//! From layers to the settings of an Infisical source, and what hushed asks of every source: its servers,
//! credentials, cache and checks.

use std::sync::Arc;

use url::Url;

use super::machine::MachineIdentity;
use super::settings::{Infisical, Login, ProjectRef, normalise};
use super::{InfisicalSource, doctor, example, export, method, project_file, schema, words};
use crate::config::credential::{self, CredentialPrecedence};
use crate::config::schema::{self as common, CredentialKey, SettingKey, SourceSchema};
use crate::config::{
    CacheIdentity, CacheKey, CacheSettings, Error, ForeignFormat, Layers, Origin, RawValue,
    RunSettings, Setting, TrustRecords, TrustSubject, build_cache,
};
use crate::http;
use crate::provider::identity::id_token::IdToken;
use crate::provider::{
    self, Account, Checks, Configured, Example, ExportShape, ForeignWord, ImpliedSource,
    InitContext, Source, SourceInputs, StoreType, Writes,
};
use crate::secret::Value;

/// The type `infisical`.
#[derive(Debug)]
pub struct InfisicalType;

impl StoreType for InfisicalType {
    fn schema(&self) -> &'static SourceSchema {
        &schema::SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        Ok(Box::new(build(inputs, Project::Required, warnings)?))
    }

    fn account(
        &self,
        inputs: &SourceInputs<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Box<dyn Account>>, Error> {
        Ok(Some(Box::new(build(inputs, Project::Optional, warnings)?)))
    }

    fn export_shapes(&self) -> &'static [ExportShape] {
        export::SHAPES
    }

    fn foreign_words(&self) -> &'static [ForeignWord] {
        words::WORDS
    }

    fn is_implied(&self, implied: &ImpliedSource<'_>) -> Result<bool, Error> {
        is_implied(implied)
    }

    fn variables_hint(&self) -> Option<&'static str> {
        Some(
            "set INFISICAL_TOKEN or INFISICAL_UNIVERSAL_AUTH_CLIENT_ID and _CLIENT_SECRET with \
             INFISICAL_PROJECT_ID",
        )
    }

    fn trust_subject(&self, layers: &Layers<'_>) -> Result<Option<TrustSubject>, Error> {
        trust_subject(layers).map(Some)
    }

    fn foreign_file(&self) -> Option<ForeignFormat> {
        let (name, read) = (project_file::NAME, project_file::read);
        Some(ForeignFormat { name, schema: &schema::SCHEMA, place: PLACE, read })
    }

    fn example(&self, found: &InitContext<'_>) -> Option<Example> {
        example::table(found)
    }

    fn writes(&self) -> Writes {
        Writes::Named
    }

    fn unit_credential(&self) -> Option<(&'static str, &'static str)> {
        Some((schema::CLIENT_SECRET.systemd, "client-secret"))
    }

    #[cfg(feature = "external-secrets")]
    fn manifest_store(&self) -> Option<&'static dyn provider::external_secret::ManifestStore> {
        Some(&super::external_secret::Manifests)
    }
}

/// Infisical's US cloud, the server unless another is configured.
pub(super) const DEFAULT_DOMAIN: &str = "https://app.infisical.com";

/// Infisical's own hosts, over TLS.
const CLOUD: &[&str] =
    &["https://app.infisical.com", "https://us.infisical.com", "https://eu.infisical.com"];

/// What selects the secrets to read.
const PLACE: &[&SettingKey] = &[&schema::PROJECT, &schema::ENV];

/// Settings that a project's file may make only for a server that the user trusts it with.
const WEAKENING: &[&SettingKey] = &[
    &common::CA_FILE,
    &common::INSECURE_HTTP,
    &common::ID_TOKEN,
    &schema::IDENTITY_ID,
    &schema::IDENTITY_ID_FILE,
    &schema::GOOGLE_KEY_FILE,
    &schema::CLIENT_CERTIFICATE,
    &schema::CLIENT_KEY,
];

/// The settings that name a file with a key of the machine.
const KEY_FILES: [&SettingKey; 3] =
    [&schema::GOOGLE_KEY_FILE, &schema::CLIENT_CERTIFICATE, &schema::CLIENT_KEY];

/// The environment unless another is configured, as in Infisical's own command line.
pub(super) const DEFAULT_ENVIRONMENT: &str = "dev";

/// It takes part where a flag, a variable or a credential is for it; or where its own project file is
/// there and nothing else takes part.
fn is_implied(implied: &ImpliedSource<'_>) -> Result<bool, Error> {
    let layers = &implied.layers;
    // These settings name no place: they only change how one is read.
    let names_no_place = |key: &&&SettingKey| {
        let cache = common::CACHING.iter().any(|known| std::ptr::eq(*known, **key));
        let login = [&raw const common::REVOKE_TOKEN, &raw const common::ID_TOKEN];
        cache || login.iter().any(|known| std::ptr::eq(**key, *known))
    };
    for key in schema::SCHEMA.keys.iter().filter(|key| !names_no_place(key)) {
        let variable = key.variables.iter().any(|name| layers.environment().get(name).is_some());
        if variable || layers.flag(key).is_some() {
            return Ok(true);
        }
    }
    let of_cache = |key: &&&CredentialKey| std::ptr::eq(**key, &raw const common::CACHE_PASSPHRASE);
    for key in schema::CREDENTIALS.iter().filter(|key| !of_cache(key)) {
        if credential::find(key, layers)?.is_some() {
            return Ok(true);
        }
    }
    Ok(implied.has_foreign_file && !implied.has_others)
}

/// The server, and the settings that weaken the way to it.
fn trust_subject(layers: &Layers<'_>) -> Result<TrustSubject, Error> {
    let (server, origin) = base(layers)?;
    let (key, cloud, weakening) = (&schema::DOMAIN, CLOUD, WEAKENING);
    Ok(TrustSubject { server, origin, key, cloud, weakening })
}

/// Whether a project must be configured: an account needs none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Project {
    Required,
    Optional,
}

fn build(
    inputs: &SourceInputs<'_>,
    project_rule: Project,
    warnings: &mut Vec<String>,
) -> Result<Infisical, Error> {
    let SourceInputs { name, layers, run, trust } = inputs;
    trust_subject(layers)?.check(layers, trust)?;
    let (base, base_origin) = base(layers)?;
    let login = method::choose(layers, warnings)?;
    check_identity(&base, &login, layers, trust)?;
    if let Some(token) = login.id_token() {
        token.check_trust(&base, trust)?;
    }
    if login.machine().is_some() {
        check_key_files(&base, layers, trust)?;
    }
    let project = layers.text(&schema::PROJECT)?.map(|setting| ProjectRef::parse(&setting.value));
    let needs_project =
        project_rule == Project::Required && !matches!(login, Login::ServiceToken(_));
    if project.is_none() && needs_project {
        return Err(Error::Required {
            what: "project",
            hint: "pass --project (an ID or a slug), set INFISICAL_PROJECT_ID, or set `project` in \
                   hushed.toml",
        });
    }
    // A service token of one scope knows its own environment.
    let knows = matches!(login, Login::ServiceToken(_));
    let environment = (!knows).then(|| DEFAULT_ENVIRONMENT.to_owned());
    let revoke_token = revocation(&login, layers, run, warnings)?;
    let cache = build_cache(layers, run, login.unfit_cache_key(), trust)?;
    if let Some(origin) = revoke_token.clone().filter(|_| cache.as_ref().is_some_and(|c| c.token)) {
        return Err(Error::KeptAndRevoked { origin });
    }
    let text = |key| Ok(layers.text(key)?.map(|setting| setting.value));
    let list = |key| Ok(layers.list(key)?.map(|setting| setting.value).unwrap_or_default());
    Ok(Infisical {
        base,
        base_origin,
        project,
        environment: text(&schema::ENV)?.or(environment),
        paths: list(&schema::PATH)?.iter().map(|path| normalise(path)).collect(),
        recursive: layers.switch(&schema::RECURSIVE, false)?,
        include_imports: layers.switch(&schema::INCLUDE_IMPORTS, true)?,
        expand: layers.switch(&schema::EXPAND, true)?,
        personal: layers.switch(&schema::SECRET_OVERRIDING, true)?,
        tags: list(&schema::TAGS)?,
        organization: text(&schema::ORGANIZATION)?,
        revoke_token,
        allow_empty: run.switch(&common::ALLOW_EMPTY, false)?,
        ca_file: layers.path(&common::CA_FILE)?.map(|setting| setting.value),
        insecure_http: layers.switch(&common::INSECURE_HTTP, false)?,
        cache,
        login,
        name: Arc::clone(name),
    })
}

/// Where it was said that the token is ended: for the source, or for all. A token that the user gave is
/// not ours to end.
fn revocation(
    login: &Login,
    layers: &Layers<'_>,
    run: &Layers<'_>,
    warnings: &mut Vec<String>,
) -> Result<Option<Origin>, Error> {
    let key = &common::REVOKE_TOKEN;
    let said = layers.raw(key)?.or_else(|| run.table(key));
    let origin = said.filter(|said| said.value == RawValue::Switch(true)).map(|said| said.origin);
    let (Some(origin), Some(token)) = (&origin, login.ready()) else { return Ok(origin) };
    warnings.push(format!(
        "{origin}: the {} from {} is not revoked, since hushed did not log in for it; give hushed a \
         client ID and secret, or another way to log in",
        login.method(),
        token.origin
    ));
    Ok(None)
}

/// The server's address, with or without scheme, a slash or `/api` at its end.
fn base(layers: &Layers<'_>) -> Result<(Url, Origin), Error> {
    let Some(setting) = layers.text(&schema::DOMAIN)? else {
        return Ok((parsed(DEFAULT_DOMAIN, &Origin::Default)?, Origin::Default));
    };
    Ok((parsed(&setting.value, &setting.origin)?, setting.origin))
}

fn parsed(text: &str, origin: &Origin) -> Result<Url, Error> {
    let trimmed = text.trim().trim_end_matches('/');
    let trimmed = trimmed.strip_suffix("/api").unwrap_or(trimmed).trim_end_matches('/');
    let full = if trimmed.contains("://") { trimmed.into() } else { format!("https://{trimmed}") };
    let url = Url::parse(&full).ok().filter(|url| {
        let plain = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && plain
    });
    url.ok_or_else(|| Error::Form {
        origin: origin.clone(),
        what: "the address of a server, such as https://secrets.example.com",
        // A password in the address must not be shown.
        value: text.rsplit('@').next().unwrap_or_default().to_owned(),
    })
}

/// Refuses files with a key that a project's file names and the user did not trust it with.
fn check_key_files(base: &Url, layers: &Layers<'_>, trust: &TrustRecords) -> Result<(), Error> {
    let server = base.origin().ascii_serialization();
    for key in KEY_FILES {
        let Some(Setting { origin, .. }) = layers.raw(key)? else { continue };
        if origin.project_file().is_some_and(|file| !trust.has(&server, file)) {
            let what = "chooses the file of a key to log in with".to_owned();
            return Err(Error::Untrusted { origin, what, key });
        }
    }
    Ok(())
}

/// With these methods the server passes the credential on to whom the identity names (a cluster, a
/// directory), so that whoever chooses the identity chooses where the credential goes.
fn check_identity(
    base: &Url,
    login: &Login,
    layers: &Layers<'_>,
    trust: &TrustRecords,
) -> Result<(), Error> {
    let found = match login {
        Login::Kubernetes { .. } | Login::Ldap { .. } => {
            credential::find(&schema::IDENTITY_ID_CREDENTIAL, layers)?
        }
        _ => None,
    };
    let in_file = found.is_some_and(|found| found.tier == CredentialPrecedence::File);
    let keys = [&schema::IDENTITY_ID, &schema::IDENTITY_ID_FILE];
    let said = keys.into_iter().find_map(|key| Some((key, layers.table(key)?))).filter(|_| in_file);
    let Some((key, Setting { origin, .. })) = said else { return Ok(()) };
    let server = base.origin().ascii_serialization();
    if origin.project_file().is_some_and(|file| !trust.has(&server, file)) {
        let what = "names the identity, which decides to whom the credential is passed on".into();
        return Err(Error::Untrusted { origin, what, key });
    }
    Ok(())
}

impl Infisical {
    /// Opens the source. No request is made yet.
    pub fn connect(&self, run: &RunSettings) -> InfisicalSource {
        let options = http::Options {
            trust: http::TrustRoots {
                ca_file: self.ca_file.clone(),
                ssl_cert_file: run.network.ssl_cert_file.clone(),
                ssl_cert_dirs: run.network.ssl_cert_dirs.clone(),
            },
            proxy: run.network.proxy.clone(),
            timeout: run.timeout,
            spread: run.spread,
            insecure_http: self.insecure_http,
            certificate: self.login.machine().and_then(MachineIdentity::certificate).cloned(),
            ..http::Options::default()
        };
        let source = self.clone();
        #[cfg(feature = "aws")]
        let source = source.limited(run);
        InfisicalSource::new(source, http::Client::new(options))
    }
}

#[cfg(feature = "aws")]
impl Infisical {
    /// The same with the limits of this run for what the login does on this machine.
    fn limited(mut self, run: &RunSettings) -> Self {
        if let Login::Machine { machine, .. } = &mut self.login {
            machine.limit(run);
        }
        self
    }
}

impl Configured for Infisical {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn endpoints(&self) -> Vec<&Url> {
        let id_token = self.login.id_token().and_then(IdToken::endpoint);
        let machine = self.login.machine().map_or_else(Vec::new, MachineIdentity::endpoints);
        std::iter::once(&self.base).chain(id_token).chain(machine).collect()
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

    fn open(&self, run: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(self.connect(run)))
    }

    fn open_for_writing(
        &self,
        run: &RunSettings,
    ) -> Result<Option<Box<dyn provider::Write>>, provider::Error> {
        Ok(Some(Box::new(self.connect(run))))
    }

    fn check<'a>(&'a self, run: &'a RunSettings) -> Checks<'a> {
        Box::pin(doctor::check(self, run))
    }
}
