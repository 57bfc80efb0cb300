//! From layers to the settings of an Azure Key Vault source: the vault, what is read, the login, and what hushed asks
//! of every source.

use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::api::Api;
use super::login::{Application, FederatedToken, Login};
use super::source::AzureSource;
use super::vault::{SecretRef, Vault};
use super::{doctor, schema};
use crate::config::credential::{self, CredentialPrecedence};
use crate::config::schema::{self as common, SettingKey, SourceSchema};
use crate::config::{
    CacheIdentity, CacheKey, CacheSettings, Credential, Environment, Error, Layers, Origin,
    RunSettings, Setting, TrustRecords, TrustSubject, UnsuitableProof, build_cache,
};
use crate::http;
use crate::provider::cloud_secrets::Selection;
use crate::provider::identity::azure::ManagedIdentity;
use crate::provider::identity::id_token::{IdToken, IdTokenSetting};
use crate::provider::identity::{TokenApi, http_options, is_local};
use crate::provider::shape::JsonMode;
use crate::provider::{
    self, Checks, Configured, ProviderError as _, Session, Source, SourceInputs, StoreType,
};
use crate::secret::Value;

/// The type `azure-kv`.
#[derive(Debug)]
pub struct KeyVaultType;

impl StoreType for KeyVaultType {
    fn schema(&self) -> &'static SourceSchema {
        &schema::SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        Ok(Box::new(Azure::build(inputs)?))
    }

    fn trust_subject(&self, layers: &Layers<'_>) -> Result<Option<TrustSubject>, Error> {
        Ok(vault(layers)?.map(trust_subject))
    }

    #[cfg(feature = "external-secrets")]
    fn manifest_store(&self) -> Option<&'static dyn provider::external_secret::ManifestStore> {
        Some(&super::external_secret::Manifests)
    }

    fn unit_credential(&self) -> Option<(&'static str, &'static str)> {
        Some((schema::CLIENT_SECRET.systemd, "client-secret"))
    }
}

/// Settings that a project's file may make only with the user's trust: they choose who gets a credential, and which
/// file it is.
const WEAKENING: &[&SettingKey] = &[
    &common::CA_FILE,
    &common::INSECURE_HTTP,
    &common::ID_TOKEN,
    &schema::AUTHORITY,
    &schema::AUDIENCE,
    &schema::CLIENT_SECRET_FILE,
    &schema::CLIENT_CERTIFICATE,
    &schema::FEDERATED_TOKEN_FILE,
];

/// The vault, if a setting names it.
fn vault(layers: &Layers<'_>) -> Result<Option<Setting<Vault>>, Error> {
    let Some(Setting { value, origin }) = layers.text(&schema::VAULT)? else { return Ok(None) };
    // A password in the address must not be shown.
    let shown = value.rsplit('@').next().unwrap_or_default();
    let what = "the name of a vault, or its address, such as https://my-vault.vault.azure.net";
    let vault = form(shown, &origin, what, Vault::parse(&value))?;
    Ok(Some(Setting { value: vault, origin }))
}

/// The vault needs the user's trust. Not so one in Azure's domains: it gets a token that only Azure's vaults accept.
fn trust_subject(vault: Setting<Vault>) -> TrustSubject {
    let Setting { value: Vault { url, cloud }, origin } = vault;
    let origin = if cloud.is_some() { Origin::Default } else { origin };
    let key = &schema::VAULT;
    TrustSubject { server: url, origin, key, cloud: &[], weakening: WEAKENING }
}

fn check_trust(
    subject: &TrustSubject,
    layers: &Layers<'_>,
    trust: &TrustRecords,
) -> Result<(), Error> {
    subject.check(layers, trust)?;
    let server = subject.server.origin().ascii_serialization();
    for key in WEAKENING.iter().skip(3) {
        let Some(Setting { origin, .. }) = layers.raw(key)? else { continue };
        if origin.project_file().is_some_and(|file| !trust.has(&server, file)) {
            let is_server = std::ptr::eq(*key, &raw const schema::AUTHORITY)
                || std::ptr::eq(*key, &raw const schema::AUDIENCE);
            let what = if is_server {
                "chooses the server that gets a credential"
            } else {
                "chooses the file that is used as a credential"
            };
            return Err(Error::Untrusted { origin, what: what.to_owned(), key });
        }
    }
    Ok(())
}

fn form<T>(text: &str, origin: &Origin, what: &'static str, value: Option<T>) -> Result<T, Error> {
    let error = || Error::Form { origin: origin.clone(), what, value: text.to_owned() };
    value.ok_or_else(error)
}

fn selection(inputs: &SourceInputs<'_>) -> Result<Selection<SecretRef>, Error> {
    let layers = &inputs.layers;
    let mut secrets = Vec::new();
    if let Some(Setting { value, origin }) = layers.list(&schema::SECRETS)? {
        for text in value {
            let what = "a secret: NAME or NAME?version=ID, with dashes and no underscores";
            secrets.push(form(&text, &origin, what, SecretRef::parse(&text))?);
        }
    }
    let prefixes = layers.list(&schema::NAME_PREFIX)?.map(|setting| setting.value);
    let lists = prefixes.is_some() || layers.switch(&schema::ALL, false)?;
    Ok(Selection {
        secrets,
        listed: lists.then(|| prefixes.unwrap_or_default()),
        json: JsonMode::configured(layers, &schema::JSON)?,
        allow_empty: inputs.run.switch(&common::ALLOW_EMPTY, false)?,
    })
}

/// The audience of a token for Microsoft Entra ID.
const ID_TOKEN_AUDIENCE: &str = "api://AzureADTokenExchange";

const METHODS: [&str; 5] =
    ["client-secret", "certificate", "workload-identity", "managed-identity", "azure-cli"];

/// Chooses the login: the configured method, or the first that has its credential.
fn login(layers: &Layers<'_>, authority: &Url) -> Result<Login, Error> {
    let method = match layers.text(&schema::METHOD)? {
        Some(Setting { value, origin: _ }) if METHODS.contains(&value.as_str()) => Some(value),
        Some(Setting { value, origin }) => {
            let known = METHODS.map(str::to_owned).into();
            return Err(Error::Choice { origin, what: "login", value, known });
        }
        None => None,
    };
    let is = |name: &str| method.as_deref().is_none_or(|method| method == name);
    let must = |name: &str| method.as_deref() == Some(name);
    let text = |key| Ok::<_, Error>(layers.text(key)?.map(|setting| setting.value));
    let path = |key| Ok::<_, Error>(layers.path(key)?.map(|setting| setting.value));
    let secret = credential::find(&schema::CLIENT_SECRET, layers)?.filter(|_| is("client-secret"));
    if let Some(secret) = secret.map(credential::FoundCredential::take).transpose()? {
        return Ok(Login::ClientSecret { application: application(layers, authority)?, secret });
    }
    if let Some(file) = path(&schema::CLIENT_CERTIFICATE)?.filter(|_| is("certificate")) {
        return Ok(Login::Certificate { application: application(layers, authority)?, file });
    }
    if is("workload-identity")
        && let Some(token) = federated_token(layers, must("workload-identity"))?
    {
        return Ok(Login::WorkloadIdentity { application: application(layers, authority)?, token });
    }
    for (name, what, hint) in [
        ("client-secret", "client secret", "set AZURE_CLIENT_SECRET or `client-secret-file`"),
        (
            "certificate",
            "client certificate",
            "set `client-certificate` or AZURE_CLIENT_CERTIFICATE_PATH",
        ),
        (
            "workload-identity",
            "federated token",
            "set `id-token`, `federated-token-file` or AZURE_FEDERATED_TOKEN_FILE",
        ),
    ] {
        if must(name) {
            return Err(Error::Required { what, hint });
        }
    }
    if must("azure-cli") {
        return Ok(Login::Cli { tenant: text(&schema::TENANT_ID)? });
    }
    let identity =
        ManagedIdentity::from_environment(layers.environment(), text(&schema::CLIENT_ID)?);
    let identity = identity.map_err(|error| {
        let hint = error.hint().unwrap_or_default();
        Error::Store { hint, error: Box::new(error) }
    })?;
    Ok(Login::ManagedIdentity(identity))
}

/// The token of another identity provider: that of a CI job, or a file that is configured in a stronger place. A
/// variable that sets `id-token` for all sources concerns only those with a tenant.
fn federated_token(layers: &Layers<'_>, is_chosen: bool) -> Result<Option<FederatedToken>, Error> {
    let file = layers.path(&schema::FEDERATED_TOKEN_FILE)?;
    let is_own = is_chosen || layers.table(&common::ID_TOKEN).is_some();
    let concerns = is_own || layers.text(&schema::TENANT_ID)?.is_some();
    let job = IdTokenSetting::find(layers)?.filter(|_| concerns);
    let tier = |file: &Setting<PathBuf>| CredentialPrecedence::from_origin(&file.origin);
    Ok(match job {
        Some(job) if file.as_ref().is_none_or(|file| tier(file) <= job.tier) => {
            Some(FederatedToken::OfJob(job.take(layers, Some(ID_TOKEN_AUDIENCE))?))
        }
        _ => file.map(|file| FederatedToken::File(file.value)),
    })
}

fn application(layers: &Layers<'_>, authority: &Url) -> Result<Application, Error> {
    let tenant = layers
        .text(&schema::TENANT_ID)?
        .ok_or(Error::Required { what: "tenant ID", hint: "set `tenant-id` or AZURE_TENANT_ID" })?;
    let is_tenant = |text: &str| {
        !text.starts_with('.')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
    };
    let value = Some(tenant.value.clone()).filter(|text| !text.is_empty() && is_tenant(text));
    let id = form(&tenant.value, &tenant.origin, "the ID or the domain of a tenant", value)?;
    let client_id = layers
        .text(&schema::CLIENT_ID)?
        .ok_or(Error::Required { what: "client ID", hint: "set `client-id` or AZURE_CLIENT_ID" })?;
    let token_url = authority.join(&format!("{id}/oauth2/v2.0/token")).ok();
    let what = "the ID or the domain of a tenant";
    let token_url = form(&id, &tenant.origin, what, token_url)?;
    Ok(Application { tenant: id, client_id: client_id.value, token_url })
}

/// The address of Microsoft Entra ID. A credential goes there, so plain http never leaves the machine.
fn authority(layers: &Layers<'_>, vault: &Vault) -> Result<Url, Error> {
    let Some(Setting { value, origin }) = layers.text(&schema::AUTHORITY)? else {
        let public = || Url::parse("https://login.microsoftonline.com/").ok();
        let url = vault.cloud.as_ref().map(|(_, authority)| authority.clone());
        return form("", &Origin::Default, "an address", url.or_else(public));
    };
    let text = value.trim_end_matches('/');
    let full = if text.contains("://") { format!("{text}/") } else { format!("https://{text}/") };
    let url = Url::parse(&full).ok().filter(|url| {
        let plain = url.username().is_empty() && url.password().is_none();
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_local(url));
        url.has_host() && plain && is_safe
    });
    let shown = value.rsplit('@').next().unwrap_or_default();
    form(shown, &origin, "the https address of Microsoft Entra ID", url)
}

/// The audience of tokens: that of the vault's domain, or else the configured one.
fn audience(layers: &Layers<'_>, vault: &Vault) -> Result<(String, bool), Error> {
    let chosen = layers.text(&schema::AUDIENCE)?;
    match (&vault.cloud, chosen) {
        (Some((audience, _)), None) => Ok((audience.clone(), false)),
        (Some((audience, _)), Some(chosen)) if chosen.value.trim_end_matches('/') == audience => {
            Ok((audience.clone(), false))
        }
        (Some(_), Some(_)) => {
            Err(Error::Conflict { what: "`audience` is only for a vault outside Azure's domains" })
        }
        (None, Some(Setting { value, origin })) => {
            let what = "an audience, such as https://vault.azure.net";
            let url = Url::parse(&value).ok().filter(Url::has_host);
            form(&value, &origin, what, url)?;
            Ok((value.trim_end_matches('/').to_owned(), true))
        }
        (None, None) => Err(Error::Required {
            what: "audience",
            hint: "the vault is not in a domain of Azure: check `vault`; if it is right, set `audience`, such as \
                   https://vault.azure.net",
        }),
    }
}

/// A configured source.
#[derive(Clone, Debug)]
pub(super) struct Azure {
    pub(super) name: Arc<str>,
    pub(super) vault: Vault,
    pub(super) login: Login,
    pub(super) audience: String,
    is_audience_chosen: bool,
    selection: Selection<SecretRef>,
    environment: Environment,
    ca_file: Option<PathBuf>,
    insecure_http: bool,
    cache: Option<CacheSettings>,
}

impl Azure {
    fn build(inputs: &SourceInputs<'_>) -> Result<Self, Error> {
        let SourceInputs { name, layers, run, trust } = inputs;
        let vault = vault(layers)?.ok_or(Error::Required {
            what: "vault",
            hint: "set `vault` in the source's table, such as `my-vault`",
        })?;
        let subject = trust_subject(vault.clone());
        check_trust(&subject, layers, trust)?;
        let vault = vault.value;
        let login = login(layers, &authority(layers, &vault)?)?;
        if let Some(token) = login.id_token() {
            token.check_trust(&subject.server, trust)?;
        }
        let (audience, is_audience_chosen) = audience(layers, &vault)?;
        let unfit = login.secret().is_none().then(|| UnsuitableProof {
            method: login.method(),
            why: "proves the identity by temporary credentials",
        });
        Ok(Self {
            name: Arc::clone(name),
            vault,
            login,
            audience,
            is_audience_chosen,
            selection: selection(inputs)?,
            environment: layers.environment().clone(),
            ca_file: layers.path(&common::CA_FILE)?.map(|setting| setting.value),
            insecure_http: layers.switch(&common::INSECURE_HTTP, false)?,
            cache: build_cache(layers, run, unfit, trust)?,
        })
    }

    /// Opens the source. No request is made yet, and no program is run.
    pub(super) fn connect(&self, run: &RunSettings) -> AzureSource {
        let metadata: Vec<_> = self.login.metadata().into_iter().collect();
        let options = http_options(run, self.ca_file.clone(), self.insecure_http, &metadata);
        AzureSource {
            name: Arc::clone(&self.name),
            selection: self.selection.clone(),
            api: Api {
                tokens: TokenApi {
                    service: schema::SCHEMA.heading,
                    http: http::Client::new(options),
                    session: Session::default(),
                },
                login: self.login.clone(),
                vault: self.vault.url.clone(),
                audience: self.audience.clone(),
                is_audience_chosen: self.is_audience_chosen,
                environment: self.environment.clone(),
                timeout: run.timeout,
                disk_free: run.disk_free.is_some(),
            },
        }
    }

    /// The credential of the login, if it is a file or a variable of hushed's.
    pub(super) fn credential(&self) -> Option<&Credential> {
        match &self.login {
            Login::ClientSecret { secret, .. } => Some(secret),
            _ => None,
        }
    }
}

impl Configured for Azure {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn endpoints(&self) -> Vec<&Url> {
        let id_token = self.login.id_token().and_then(IdToken::endpoint);
        std::iter::once(&self.vault.url).chain(self.login.endpoint()).chain(id_token).collect()
    }

    /// Other programs use `AZURE_CLIENT_SECRET` too, so it passes unless the source withholds it.
    fn secret_credentials(&self) -> Vec<&Value> {
        let of_cache = self.cache.as_ref().and_then(|cache| match &cache.key {
            CacheKey::Passphrase(passphrase) => Some(&passphrase.value),
            _ => None,
        });
        let own = self.credential().filter(|secret| secret.origin != "AZURE_CLIENT_SECRET");
        let id_token = self.login.id_token().map(|token| &token.credential().value);
        let own = own.map(|secret| &secret.value);
        own.into_iter().chain(id_token).chain(of_cache).collect()
    }

    fn credential_variables(&self) -> &[String] {
        self.login.id_token().map_or(&[], IdToken::variables)
    }

    fn cache(&self) -> Option<(&CacheSettings, CacheIdentity)> {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let Selection { secrets, listed, json, allow_empty } = &self.selection;
        let secrets: Vec<_> = secrets.iter().map(SecretRef::text).collect();
        let client = match &self.login {
            Login::ClientSecret { application, .. } => {
                format!("{} {}", application.client_id, application.token_url)
            }
            other => other.describe(),
        };
        let identity = CacheIdentity {
            login: vec![
                text(schema::SCHEMA.name),
                text(self.vault.url.as_str()),
                text(&self.audience),
                text(self.login.method()),
                text(&client),
            ],
            scope: vec![
                text(&secrets.join(",")),
                text(&format!("{listed:?}")),
                text(json.name()),
                Some(vec![u8::from(*allow_empty)]),
            ],
            proof: self.login.secret().cloned().unwrap_or_else(|| Value::from("")),
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
