//! From layers to the settings of a Google Secret Manager source: what is read, the login, and what hushed asks of
//! every source.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;
use url::Url;

use super::api::{Api, Endpoint};
use super::credentials::{Credentials, Lookup, gcloud_project};
use super::error::Error as StoreError;
use super::name::{SecretRef, is_location, is_project};
use super::source::GcpSource;
use super::{doctor, job, schema};
use crate::config::credential::{self, CredentialPrecedence, FoundCredential};
use crate::config::schema::{self as common, SettingKey, SourceSchema};
use crate::config::{
    CacheIdentity, CacheKey, CacheSettings, Credential, Environment, Error, Layers, Origin,
    RunSettings, Setting, TrustRecords, TrustSubject, UnsuitableProof, build_cache,
};
use crate::http;
use crate::provider::cloud_secrets::Selection;
use crate::provider::identity::google::PUBLIC_UNIVERSE;
use crate::provider::identity::id_token::IdToken;
use crate::provider::identity::{TokenApi, http_options};
use crate::provider::shape::JsonMode;
use crate::provider::{self, Checks, Configured, Session, Source, SourceInputs, StoreType};
use crate::seal::private_file::read_within;
use crate::secret::Value;

/// The type `gcp-sm`.
#[derive(Debug)]
pub struct SecretManagerType;

impl StoreType for SecretManagerType {
    fn schema(&self) -> &'static SourceSchema {
        &schema::SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        Ok(Box::new(Gcp::build(inputs)?))
    }

    fn trust_subject(&self, layers: &Layers<'_>) -> Result<Option<TrustSubject>, Error> {
        trust_subject(layers).map(Some)
    }

    fn trusted_content(&self, layers: &Layers<'_>) -> Result<Vec<(String, PathBuf)>, Error> {
        let Some((path, file)) = project_credentials(layers)? else { return Ok(Vec::new()) };
        Ok(vec![(content_pin(&path, layers)?, file)])
    }

    #[cfg(feature = "external-secrets")]
    fn manifest_store(&self) -> Option<&'static dyn provider::external_secret::ManifestStore> {
        Some(&super::external_secret::Manifests)
    }

    fn unit_credential(&self) -> Option<(&'static str, &'static str)> {
        Some((schema::CREDENTIALS.systemd, "gcp-credentials.json"))
    }
}

/// Settings that a project's file may make only with the user's trust: they choose who logs in, or where.
const WEAKENING: &[&SettingKey] = &[
    &common::CA_FILE,
    &common::INSECURE_HTTP,
    &common::ID_TOKEN,
    &schema::CREDENTIALS_FILE,
    &schema::UNIVERSE_DOMAIN,
];

/// The server that needs the user's trust: the configured one. The public one stands for all locations.
pub(super) fn trust_subject(layers: &Layers<'_>) -> Result<TrustSubject, Error> {
    let (server, origin) = if let Some(Setting { value, origin }) = endpoint(layers)? {
        (value, origin)
    } else {
        let text = format!("https://secretmanager.{PUBLIC_UNIVERSE}/");
        let url = Url::parse(&text).ok();
        (form(&text, &Origin::Default, "an address", url)?, Origin::Default)
    };
    Ok(TrustSubject { server, origin, key: &schema::ENDPOINT, cloud: &[], weakening: WEAKENING })
}

fn check_trust(layers: &Layers<'_>, trust: &TrustRecords) -> Result<(), Error> {
    let subject = trust_subject(layers)?;
    subject.check(layers, trust)?;
    let server = subject.server.origin().ascii_serialization();
    if let Some(Setting { origin, .. }) = layers.text(&schema::UNIVERSE_DOMAIN)?
        && origin.project_file().is_some_and(|file| !trust.has(&server, file))
    {
        let what = "chooses the cloud that gets the credentials".to_owned();
        return Err(Error::Untrusted { origin, what, key: &schema::UNIVERSE_DOMAIN });
    }
    if let Some((path, file)) = project_credentials(layers)? {
        let is_trusted =
            trust.has(&server, &file) && trust.has(&content_pin(&path, layers)?, &file);
        if !is_trusted {
            let key = &schema::CREDENTIALS_FILE;
            let origin = layers.table(key).map_or(Origin::Default, |setting| setting.origin);
            let what = "chooses the credentials, which can name servers".to_owned();
            return Err(Error::Untrusted { origin, what, key });
        }
    }
    Ok(())
}

/// The credential file that a project's file names, and that project's file.
fn project_credentials(layers: &Layers<'_>) -> Result<Option<(PathBuf, PathBuf)>, Error> {
    let found = credential::find(&schema::CREDENTIALS, layers)?;
    let found = found.filter(|found| found.tier == CredentialPrecedence::File);
    let Some((path, _)) = found.as_ref().and_then(FoundCredential::file) else { return Ok(None) };
    let table = layers.table(&schema::CREDENTIALS_FILE);
    let file = table.and_then(|table| Some(table.origin.project_file()?.to_owned()));
    Ok(file.map(|file| (path.to_owned(), file)))
}

/// What stands for the content of a credential file among what the user trusts.
fn content_pin(path: &Path, layers: &Layers<'_>) -> Result<String, Error> {
    let unreadable = |error| {
        let path = path.to_owned();
        let error = StoreError::Unreadable { path, source: std::io::Error::from(error) };
        let hint = provider::ProviderError::hint(&error).unwrap_or_default();
        Error::Store { hint, error: Box::new(error) }
    };
    let content = read_within(path, 1 << 20, || layers.timeout()).map_err(unreadable)?;
    let digest = Sha256::digest(content.bytes.expose());
    Ok(digest.iter().fold("credentials:".to_owned(), |hex, byte| hex + &format!("{byte:02x}")))
}

fn endpoint(layers: &Layers<'_>) -> Result<Option<Setting<Url>>, Error> {
    let Some(Setting { value, origin }) = layers.text(&schema::ENDPOINT)? else { return Ok(None) };
    let url = Url::parse(&value).ok().filter(|url| {
        let plain = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && plain
    });
    // A password in the address must not be shown.
    let shown = value.rsplit('@').next().unwrap_or_default();
    let what = "the address of a server, such as https://secretmanager.example.com";
    let value = form(shown, &origin, what, url)?;
    Ok(Some(Setting { value, origin }))
}

pub(super) fn form<T>(
    text: &str,
    origin: &Origin,
    what: &'static str,
    value: Option<T>,
) -> Result<T, Error> {
    let error = || Error::Form { origin: origin.clone(), what, value: text.to_owned() };
    value.ok_or_else(error)
}

/// A text that must have a form.
pub(super) fn checked(
    layers: &Layers<'_>,
    key: &'static SettingKey,
    what: &'static str,
    is_valid: fn(&str) -> bool,
) -> Result<Option<String>, Error> {
    let Some(Setting { value, origin }) = layers.text(key)? else { return Ok(None) };
    let valid = is_valid(&value).then(|| value.clone());
    form(&value, &origin, what, valid).map(Some)
}

fn selection(inputs: &SourceInputs<'_>) -> Result<Selection<SecretRef>, Error> {
    let layers = &inputs.layers;
    let mut secrets = Vec::new();
    if let Some(Setting { value, origin }) = layers.list(&schema::SECRETS)? {
        for text in value {
            let what = "a secret: NAME, NAME?version=VERSION or projects/PROJECT/secrets/NAME";
            secrets.push(form(&text, &origin, what, SecretRef::parse(&text))?);
        }
    }
    let prefixes = layers.list(&schema::NAME_PREFIX)?.map(|setting| setting.value);
    let is_filtered = layers.text(&schema::FILTER)?.is_some();
    let lists = prefixes.is_some() || is_filtered || layers.switch(&schema::ALL, false)?;
    Ok(Selection {
        secrets,
        listed: lists.then(|| prefixes.unwrap_or_default()),
        json: JsonMode::configured(layers, &schema::JSON)?,
        allow_empty: inputs.run.switch(&common::ALLOW_EMPTY, false)?,
    })
}

/// A configured source.
#[derive(Clone, Debug)]
pub(super) struct Gcp {
    pub(super) name: Arc<str>,
    pub(super) selection: Selection<SecretRef>,
    filter: Option<String>,
    pub(super) endpoint: Endpoint,
    project: Option<String>,
    quota_project: Option<String>,
    newest_enabled: bool,
    of_job: Option<Credentials>,
    own: Option<Credential>,
    environment: Environment,
    /// The credentials; `None` if there are none that can be used, which a fetch reports.
    credentials: Option<Credentials>,
    /// The servers that it may talk to.
    endpoints: Vec<Url>,
    ca_file: Option<PathBuf>,
    insecure_http: bool,
    cache: Option<CacheSettings>,
}

impl Gcp {
    fn build(inputs: &SourceInputs<'_>) -> Result<Self, Error> {
        let SourceInputs { name, layers, run, trust } = inputs;
        check_trust(layers, trust)?;
        let environment = layers.environment().clone();
        let variable =
            |name: &str| environment.text(name).and_then(|text| text.to_str()).map(str::to_owned);
        let own = credential::find(&schema::CREDENTIALS, layers)?;
        let own = own.map(FoundCredential::take).transpose()?;
        let is_domain = |text: &str| text.contains('.') && is_project(text);
        let universe = checked(layers, &schema::UNIVERSE_DOMAIN, "a domain", is_domain)?;
        let universe = universe
            .or_else(|| variable("GOOGLE_CLOUD_UNIVERSE_DOMAIN").filter(|text| is_domain(text)))
            .unwrap_or_else(|| PUBLIC_UNIVERSE.to_owned());
        let of_job = job::credentials(layers, trust, &universe)?;
        let lookup = Lookup {
            of_job: of_job.as_ref(),
            own: own.as_ref(),
            environment: &environment,
            universe: &universe,
        };
        let credentials = lookup.find().ok();
        let what = "a location, such as europe-west3";
        let location = checked(layers, &schema::LOCATION, what, is_location)?;
        let custom = endpoint(layers)?.map(|setting| setting.value);
        let endpoint = Endpoint { custom, universe, location };
        let of_login = credentials.as_ref().map(Credentials::endpoints).unwrap_or_default();
        let service = endpoint.url(endpoint.location.as_deref());
        let endpoints = service.into_iter().chain(of_login.into_iter().cloned()).collect();
        let of_file = credentials.as_ref();
        let project = checked(layers, &schema::PROJECT, "the ID of a project", is_project)?
            .or_else(|| variable("GOOGLE_CLOUD_PROJECT"))
            .or_else(|| variable("GCLOUD_PROJECT"))
            .or_else(|| of_file?.project.clone())
            .or_else(|| variable("CLOUDSDK_CORE_PROJECT"))
            .or_else(|| gcloud_project(&environment))
            .filter(|project| is_project(project));
        let key = &schema::QUOTA_PROJECT;
        let quota_project = checked(layers, key, "the ID of a project", is_project)?
            .or_else(|| variable("GOOGLE_CLOUD_QUOTA_PROJECT"))
            .or_else(|| of_file?.quota_project.clone())
            .filter(|project| is_project(project));
        let unfit = credentials.as_ref().filter(|found| found.long_lived().is_none());
        let unfit = unfit.map(|_| UnsuitableProof {
            method: schema::SCHEMA.heading,
            why: "proves the identity by temporary credentials",
        });
        Ok(Self {
            name: Arc::clone(name),
            selection: selection(inputs)?,
            filter: layers.text(&schema::FILTER)?.map(|setting| setting.value),
            endpoint,
            project,
            quota_project,
            newest_enabled: layers.switch(&schema::NEWEST_ENABLED, false)?,
            of_job,
            own,
            credentials,
            endpoints,
            ca_file: layers.path(&common::CA_FILE)?.map(|setting| setting.value),
            insecure_http: layers.switch(&common::INSECURE_HTTP, false)?,
            cache: build_cache(layers, run, unfit, trust)?,
            environment,
        })
    }

    /// The credentials, looked for anew if there were none.
    pub(super) fn find(&self) -> Result<Credentials, StoreError> {
        if let Some(credentials) = &self.credentials {
            return Ok(credentials.clone());
        }
        let (own, environment) = (self.own.as_ref(), &self.environment);
        let of_job = self.of_job.as_ref();
        Lookup { of_job, own, environment, universe: &self.endpoint.universe }.find()
    }

    /// The ID token of a CI job, if the login has one.
    pub(super) fn id_token(&self) -> Option<&IdToken> {
        self.of_job.as_ref().and_then(Credentials::id_token)
    }

    /// What decides which secrets are read, as text. Nothing of it is secret.
    fn selected(&self) -> String {
        let Selection { secrets, listed, json, .. } = &self.selection;
        let secrets: Vec<_> = secrets.iter().map(SecretRef::text).collect();
        format!("{}\n{listed:?}\n{}", secrets.join(","), json.name())
    }

    /// Opens the source. No request is made yet.
    pub(super) fn connect(&self, run: &RunSettings) -> GcpSource {
        let api = self.find().map(|credentials| {
            let (ca_file, insecure_http) = (self.ca_file.clone(), self.insecure_http);
            let options = http_options(run, ca_file, insecure_http, &credentials.metadata());
            Api {
                tokens: TokenApi {
                    service: schema::SCHEMA.heading,
                    http: http::Client::new(options),
                    session: Session::default(),
                },
                credentials,
                endpoint: self.endpoint.clone(),
                project: self.project.clone(),
                machine_project: OnceCell::new(),
                quota_project: self.quota_project.clone(),
                newest_enabled: self.newest_enabled,
                filter: self.filter.clone(),
            }
        });
        GcpSource {
            name: Arc::clone(&self.name),
            selection: self.selection.clone(),
            api: api.map_err(|_reported_later| Box::new(self.clone())),
        }
    }
}

impl Configured for Gcp {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn endpoints(&self) -> Vec<&Url> {
        self.endpoints.iter().collect()
    }

    fn secret_credentials(&self) -> Vec<&Value> {
        let of_cache = self.cache.as_ref().and_then(|cache| match &cache.key {
            CacheKey::Passphrase(passphrase) => Some(&passphrase.value),
            _ => None,
        });
        let id_token = self.id_token().map(|token| &token.credential().value);
        let own = self.own.as_ref().map(|own| &own.value);
        own.into_iter().chain(id_token).chain(of_cache).collect()
    }

    fn credential_variables(&self) -> &[String] {
        self.id_token().map_or(&[], IdToken::variables)
    }

    fn cache(&self) -> Option<(&CacheSettings, CacheIdentity)> {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let credentials = self.credentials.as_ref();
        let proof = credentials.and_then(Credentials::long_lived).cloned();
        let identity = CacheIdentity {
            login: vec![
                text(schema::SCHEMA.name),
                self.endpoints.first().and_then(|url| text(url.as_str())),
                credentials.and_then(|found| text(&found.describe())),
            ],
            scope: vec![
                self.project.as_deref().and_then(text),
                self.endpoint.location.as_deref().and_then(text),
                self.filter.as_deref().and_then(text),
                text(&self.selected()),
                Some(vec![u8::from(self.newest_enabled), u8::from(self.selection.allow_empty)]),
            ],
            proof: proof.unwrap_or_else(|| Value::from("")),
            logs_in: false,
        };
        Some((self.cache.as_ref()?, identity))
    }

    fn open(&self, run: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(self.connect(run)))
    }

    fn check<'a>(&'a self, run: &'a RunSettings) -> Checks<'a> {
        Box::pin(doctor::check(self, run))
    }
}
