//! From layers to the settings of an AWS source: what is read, the login, and what hushed asks of every source.

use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::credential_plan::{Provider, Role, WebIdentity, WebIdentityToken};
use super::endpoint::{Service, parse_url};
use super::keys::Keys;
use super::resolve::{OwnSettings, Region, Resolved, resolve};
use super::secrets_manager::SecretRef;
use super::source::AwsSource;
use super::write::{Recovery, Tier, WriteSettings};
use super::{doctor, parameter_store, schema, secrets_manager};
use crate::config::credential;
use crate::config::schema::{self as common, CredentialKey, SettingKey, SourceSchema};
use crate::config::{
    CacheIdentity, CacheKey, CacheSettings, Environment, Error, Layers, Origin, RunSettings,
    Setting, TrustRecords, TrustSubject, build_cache,
};
use crate::provider::identity::id_token::{IdToken, IdTokenSetting};
use crate::provider::shape::JsonMode;
use crate::provider::{self, Checks, Configured, Source, SourceInputs, StoreType, Writes};
use crate::secret::Value;

/// The type `aws-sm`.
#[derive(Debug)]
pub struct SecretsManagerType;

/// The type `aws-ssm`.
#[derive(Debug)]
pub struct ParameterStoreType;

impl StoreType for SecretsManagerType {
    fn schema(&self) -> &'static SourceSchema {
        &schema::SECRETS_MANAGER
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        let selection = Selection::Secrets(secrets(&inputs.layers, allows_empty(inputs)?)?);
        Ok(Box::new(Aws::build(Service::SecretsManager, selection, inputs)?))
    }

    fn trust_subject(&self, layers: &Layers<'_>) -> Result<Option<TrustSubject>, Error> {
        trust_subject(Service::SecretsManager, layers).map(Some)
    }

    fn writes(&self) -> Writes {
        Writes::Named
    }

    #[cfg(feature = "external-secrets")]
    fn manifest_store(&self) -> Option<&'static dyn provider::external_secret::ManifestStore> {
        Some(&super::external_secret::SecretsManager)
    }
}

impl StoreType for ParameterStoreType {
    fn schema(&self) -> &'static SourceSchema {
        &schema::PARAMETER_STORE
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        let selection = Selection::Parameters(parameters(&inputs.layers, allows_empty(inputs)?)?);
        Ok(Box::new(Aws::build(Service::ParameterStore, selection, inputs)?))
    }

    fn trust_subject(&self, layers: &Layers<'_>) -> Result<Option<TrustSubject>, Error> {
        trust_subject(Service::ParameterStore, layers).map(Some)
    }

    fn writes(&self) -> Writes {
        Writes::Named
    }

    #[cfg(feature = "external-secrets")]
    fn manifest_store(&self) -> Option<&'static dyn provider::external_secret::ManifestStore> {
        Some(&super::external_secret::ParameterStore)
    }
}

/// What a source reads.
#[derive(Clone, Debug)]
pub(super) enum Selection {
    Secrets(secrets_manager::Selection),
    Parameters(parameter_store::Selection),
}

/// A configured AWS source.
#[derive(Clone, Debug)]
pub(super) struct Aws {
    pub(super) name: Arc<str>,
    pub(super) service: Service,
    pub(super) selection: Selection,
    own: OwnSettings,
    pub(super) environment: Environment,
    /// What the settings resolve to; `None` if that fails, which a fetch reports.
    resolved: Option<Resolved>,
    /// The servers that it may talk to.
    endpoints: Vec<Url>,
    pub(super) writing: WriteSettings,
    withhold: bool,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) insecure_http: bool,
    cache: Option<CacheSettings>,
}

/// Settings that a project's file may make only for a server that the user trusts it with.
const WEAKENING: &[&SettingKey] =
    &[&common::CA_FILE, &common::INSECURE_HTTP, &common::ID_TOKEN, &schema::PROFILE];

/// The audience of the ID tokens that AWS accepts by default.
const AUDIENCE: &str = "sts.amazonaws.com";

/// The server that needs the user's trust: the configured one. A public one stands for all regions.
fn trust_subject(service: Service, layers: &Layers<'_>) -> Result<TrustSubject, Error> {
    let (server, origin) = match endpoint(layers)? {
        Some(Setting { value, origin }) => (value, origin),
        None => (public_server(service)?, Origin::Default),
    };
    Ok(TrustSubject { server, origin, key: &schema::ENDPOINT, cloud: &[], weakening: WEAKENING })
}

fn public_server(service: Service) -> Result<Url, Error> {
    let text = format!("https://{}.amazonaws.com/", service.signing_name());
    form(&text, &Origin::Default, "an address", Url::parse(&text).ok())
}

fn endpoint(layers: &Layers<'_>) -> Result<Option<Setting<Url>>, Error> {
    let Some(Setting { value, origin }) = layers.text(&schema::ENDPOINT)? else { return Ok(None) };
    let url = parse_url("endpoint", &value).ok();
    // A password in the address must not be shown.
    let shown = value.rsplit('@').next().unwrap_or_default();
    let what = "the address of a server, such as https://localhost:4566";
    let value = form(shown, &origin, what, url)?;
    Ok(Some(Setting { value, origin }))
}

fn form<T>(text: &str, origin: &Origin, what: &'static str, value: Option<T>) -> Result<T, Error> {
    let error = || Error::Form { origin: origin.clone(), what, value: text.to_owned() };
    value.ok_or_else(error)
}

/// A profile can run a program and name servers, so a project's file needs trust to choose one.
fn check_profile(
    subject: &TrustSubject,
    layers: &Layers<'_>,
    trust: &TrustRecords,
) -> Result<(), Error> {
    let Some(Setting { origin, .. }) = layers.text(&schema::PROFILE)? else { return Ok(()) };
    let server = subject.server.origin().ascii_serialization();
    if origin.project_file().is_some_and(|file| !trust.has(&server, file)) {
        let what = "selects an AWS profile, which can run a program and name servers".to_owned();
        return Err(Error::Untrusted { origin, what, key: &schema::PROFILE });
    }
    Ok(())
}

fn allows_empty(inputs: &SourceInputs<'_>) -> Result<bool, Error> {
    inputs.run.switch(&common::ALLOW_EMPTY, false)
}

pub(super) fn secrets(
    layers: &Layers<'_>,
    allow_empty: bool,
) -> Result<secrets_manager::Selection, Error> {
    let prefixes = layers.list(&schema::NAME_PREFIX)?.map(|setting| setting.value);
    let mut secrets = Vec::new();
    if let Some(Setting { value, origin }) = layers.list(&schema::SECRETS)? {
        for text in value {
            let what = "a secret: NAME, NAME?stage=STAGE or NAME?version=ID";
            secrets.push(form(&text, &origin, what, SecretRef::parse(&text))?);
        }
    }
    Ok(secrets_manager::Selection {
        secrets,
        prefixes: prefixes.unwrap_or_default(),
        json: JsonMode::configured(layers, &schema::JSON)?,
        allow_empty,
    })
}

pub(super) fn parameters(
    layers: &Layers<'_>,
    allow_empty: bool,
) -> Result<parameter_store::Selection, Error> {
    let mut paths = Vec::new();
    if let Some(Setting { value, origin }) = layers.list(&schema::PARAMETER_PATH)? {
        for text in value {
            let path = text.trim_end_matches('/');
            let path = if path.is_empty() && !text.is_empty() { "/" } else { path };
            let path = path.starts_with('/').then(|| path.to_owned());
            paths.push(form(&text, &origin, "a path, which begins with a slash: /app/prod", path)?);
        }
    }
    let names = layers.list(&schema::PARAMETERS)?.map(|setting| setting.value).unwrap_or_default();
    Ok(parameter_store::Selection {
        paths,
        recursive: layers.switch(&schema::PARAMETER_RECURSIVE, true)?,
        label: layers.text(&schema::LABEL)?.map(|setting| setting.value),
        names,
        allow_empty,
    })
}

/// What new secrets are made with, and how they are deleted.
fn write_settings(service: Service, layers: &Layers<'_>) -> Result<WriteSettings, Error> {
    let mut settings = WriteSettings {
        kms_key: layers.text(&schema::KMS_KEY)?.map(|setting| setting.value),
        ..WriteSettings::default()
    };
    if service == Service::ParameterStore {
        if let Some(Setting { value, origin }) = layers.text(&schema::TIER)? {
            let error = |known: Vec<String>| Error::Choice {
                origin,
                what: "tier",
                value: value.clone(),
                known,
            };
            let known = || Tier::NAMES.map(str::to_ascii_lowercase).into();
            settings.tier = Some(Tier::parse(&value).ok_or_else(|| error(known()))?);
        }
    } else if let Some(Setting { value, origin }) = layers.text(&schema::RECOVERY_WINDOW)? {
        let what = "a number of days from 7 to 30, or \"none\"";
        settings.recovery = Some(form(&value, &origin, what, Recovery::parse(&value))?);
    }
    Ok(settings)
}

/// Keys in files that hushed's own settings or systemd name. Those of the environment belong to the chain.
fn own_keys(layers: &Layers<'_>) -> Result<Option<Provider>, Error> {
    let in_file = |key: &'static CredentialKey| {
        let found = credential::find(key, layers)?;
        let is_chains =
            |f: &credential::FoundCredential| f.variable.is_some() && f.file().is_none();
        let found = found.filter(|found| !is_chains(found));
        found.map(credential::FoundCredential::take).transpose()
    };
    let Some(secret) = in_file(&schema::SECRET_ACCESS_KEY)? else { return Ok(None) };
    let access_key = credential::find(&schema::ACCESS_KEY_ID_CREDENTIAL, layers)?;
    let access_key = access_key.map(credential::FoundCredential::take).transpose()?;
    let access_key = access_key.ok_or(Error::Required {
        what: "AWS access key ID",
        hint: "set `access-key-id` in the source's table, next to the secret access key",
    })?;
    let keys = Keys {
        access_key: String::from_utf8_lossy(access_key.value.expose()).into_owned(),
        secret_key: secret.value,
        session_token: in_file(&schema::SESSION_TOKEN)?.map(|token| token.value),
        expires: None,
    };
    Ok(Some(Provider::Static { keys, place: secret.origin }))
}

/// The role that the ID token of a CI job gives. A variable that sets `id-token` for all sources concerns only those
/// with a role.
fn job_role(
    subject: &TrustSubject,
    layers: &Layers<'_>,
    trust: &TrustRecords,
) -> Result<Option<Provider>, Error> {
    let setting = IdTokenSetting::find(layers)?;
    let Some(Setting { value: arn, origin }) = layers.text(&schema::ROLE_ARN)? else {
        return match setting {
            Some(_) if layers.table(&common::ID_TOKEN).is_some() => Err(Error::Required {
                what: "role",
                hint: "set `role-arn`, which `id-token` requires",
            }),
            _ => Ok(None),
        };
    };
    let setting = setting.ok_or(Error::Required {
        what: "ID token for the role",
        hint: "set `id-token`, which `role-arn` requires; a profile with role_arn assumes a role otherwise",
    })?;
    let session = layers.text(&schema::ROLE_SESSION_NAME)?.map(|setting| setting.value);
    let role = Role { arn, session, external_id: None, duration: None };
    if role.problem().is_some() {
        let what = "the ARN of a role (role-session-name has 2 to 64 characters)";
        return form(&role.arn, &origin, what, None);
    }
    let token = setting.take(layers, Some(AUDIENCE))?;
    token.check_trust(&subject.server, trust)?;
    Ok(Some(Provider::WebIdentity(WebIdentity { token: WebIdentityToken::OfJob(token), role })))
}

impl Aws {
    fn build(
        service: Service,
        selection: Selection,
        inputs: &SourceInputs<'_>,
    ) -> Result<Self, Error> {
        let SourceInputs { name, layers, run, trust } = inputs;
        let subject = trust_subject(service, layers)?;
        subject.check(layers, trust)?;
        check_profile(&subject, layers, trust)?;
        let own = OwnSettings {
            profile: layers.text(&schema::PROFILE)?.map(|setting| setting.value),
            region: layers.text(&schema::REGION)?.map(|setting| setting.value),
            endpoint: endpoint(layers)?.map(|setting| setting.value),
            login: match own_keys(layers)? {
                Some(keys) => Some(keys),
                None => job_role(&subject, layers, trust)?,
            },
        };
        let environment = layers.environment().clone();
        let resolved = resolve(service, &own, &environment).ok();
        let unfit = resolved.as_ref().and_then(unfit_cache_key);
        let unfit = unfit.map(|why| config_unfit(service, why));
        Ok(Self {
            name: Arc::clone(name),
            service,
            selection,
            endpoints: endpoints(service, resolved.as_ref(), subject.server),
            own,
            environment,
            resolved,
            writing: write_settings(service, layers)?,
            withhold: layers.switch(&common::WITHHOLD, false)?,
            ca_file: layers.path(&common::CA_FILE)?.map(|setting| setting.value),
            insecure_http: layers.switch(&common::INSECURE_HTTP, false)?,
            cache: build_cache(layers, run, unfit, trust)?,
        })
    }

    /// What the settings resolve to.
    pub(super) fn resolve(&self) -> Result<Resolved, super::error::Error> {
        match &self.resolved {
            Some(resolved) => Ok(resolved.clone()),
            None => resolve(self.service, &self.own, &self.environment),
        }
    }

    /// The server of the service.
    pub(super) fn server(&self) -> Option<&Url> {
        self.endpoints.first()
    }

    /// The ID token of a CI job, if it logs in with one.
    pub(super) fn id_token(&self) -> Option<&IdToken> {
        match &self.own.login {
            Some(Provider::WebIdentity(WebIdentity {
                token: WebIdentityToken::OfJob(token),
                ..
            })) => Some(token),
            _ => None,
        }
    }

    fn keys(&self) -> Option<&Keys> {
        match &self.resolved.as_ref()?.credentials.base {
            Provider::Static { keys, .. } => Some(keys),
            _ => None,
        }
    }
}

fn unfit_cache_key(resolved: &Resolved) -> Option<&'static str> {
    resolved.credentials.base.unfit_cache_key()
}

fn config_unfit(service: Service, why: &'static str) -> crate::config::UnsuitableProof {
    crate::config::UnsuitableProof { method: service.title(), why }
}

/// The servers that a fetch may talk to; `public` stands for one whose region is not known yet.
fn endpoints(service: Service, resolved: Option<&Resolved>, public: Url) -> Vec<Url> {
    let Some(resolved) = resolved else { return vec![public] };
    let own = resolved.endpoints.url(service, probable_region(resolved)).ok();
    own.into_iter().chain(login_endpoints(resolved)).collect()
}

/// The region, or another one if it is not known yet.
fn probable_region(resolved: &Resolved) -> &str {
    match &resolved.region {
        Region::Known(region) => region,
        Region::OfInstance(_) => "us-east-1",
    }
}

/// The servers that the login talks to.
pub(super) fn login_endpoints(resolved: &Resolved) -> Vec<Url> {
    let region = probable_region(resolved);
    let url = |service, region: &str| resolved.endpoints.url(service, region).ok();
    let mut urls = Vec::new();
    let base = &resolved.credentials.base;
    if !resolved.credentials.roles.is_empty() || matches!(base, Provider::WebIdentity(_)) {
        urls.extend(url(Service::Sts, region));
    }
    match base {
        Provider::WebIdentity(WebIdentity { token: WebIdentityToken::OfJob(token), .. }) => {
            urls.extend(token.endpoint().cloned());
        }
        Provider::Sso(sso) => {
            urls.extend(url(Service::Sso, &sso.region));
            urls.extend(url(Service::SsoOidc, &sso.region));
        }
        Provider::Login(_) => urls.extend(url(Service::SignIn, region)),
        Provider::Container(container) => urls.push(container.url.clone()),
        Provider::InstanceMetadata(metadata) => urls.push(metadata.endpoint.clone()),
        _ => {}
    }
    if let Region::OfInstance(metadata) = &resolved.region {
        urls.push(metadata.endpoint.clone());
    }
    urls
}

impl Configured for Aws {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn endpoints(&self) -> Vec<&Url> {
        self.endpoints.iter().collect()
    }

    /// Other programs use the keys of the environment too, so they pass unless the source withholds them.
    fn secret_credentials(&self) -> Vec<&Value> {
        let of_cache = self.cache.as_ref().and_then(|cache| match &cache.key {
            CacheKey::Passphrase(passphrase) => Some(&passphrase.value),
            _ => None,
        });
        let is_own = self.withhold || self.own.login.is_some();
        let keys = self.keys().filter(|_| is_own);
        let secrets = keys
            .into_iter()
            .flat_map(|keys| std::iter::once(&keys.secret_key).chain(&keys.session_token));
        let id_token = self.id_token().map(|token| &token.credential().value);
        secrets.chain(id_token).chain(of_cache).collect()
    }

    fn credential_variables(&self) -> &[String] {
        self.id_token().map_or(&[], IdToken::variables)
    }

    fn cache(&self) -> Option<(&CacheSettings, CacheIdentity)> {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let resolved = self.resolved.as_ref();
        let access_key = self.keys().map(|keys| keys.access_key.as_str());
        let identity = CacheIdentity {
            login: vec![
                text(self.service.signing_name()),
                self.endpoints.first().and_then(|url| text(url.as_str())),
                resolved.and_then(|resolved| text(&resolved.credentials.describe())),
                access_key.and_then(text),
            ],
            scope: vec![text(&self.selection.identity())],
            proof: self.keys().map_or_else(|| Value::from(""), |keys| keys.secret_key.clone()),
            logs_in: false,
        };
        Some((self.cache.as_ref()?, identity))
    }

    fn open(&self, run: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(AwsSource::new(self.clone(), run)))
    }

    fn open_for_writing(
        &self,
        run: &RunSettings,
    ) -> Result<Option<Box<dyn provider::Write>>, provider::Error> {
        Ok(Some(Box::new(AwsSource::new(self.clone(), run))))
    }

    fn check<'a>(&'a self, run: &'a RunSettings) -> Checks<'a> {
        Box::pin(doctor::check(self, run))
    }
}

impl Selection {
    /// Whether it reads nothing: then only references use the source.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Secrets(selection) => {
                selection.secrets.is_empty() && selection.prefixes.is_empty()
            }
            Self::Parameters(selection) => selection.paths.is_empty() && selection.names.is_empty(),
        }
    }

    /// What decides which secrets are read, as text. Nothing of it is secret.
    fn identity(&self) -> String {
        match self {
            Self::Secrets(selection) => {
                let secrets_manager::Selection { secrets, prefixes, json, .. } = selection;
                let secrets: Vec<_> = secrets.iter().map(SecretRef::text).collect();
                format!("{}\n{}\n{}", secrets.join(","), prefixes.join(","), json.name())
            }
            Self::Parameters(selection) => {
                let parameter_store::Selection { paths, recursive, label, names, .. } = selection;
                let label = label.as_deref().unwrap_or_default();
                format!("{}\n{recursive}\n{label}\n{}", paths.join(","), names.join(","))
            }
        }
    }
}
