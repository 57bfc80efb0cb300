//! From layers to the settings of a Doppler source, and what hushed asks of every source.

use std::sync::Arc;

use url::Url;

use super::{Config, DopplerSource, schema};
use crate::config::schema::{self as common, SourceSchema};
use crate::config::{
    CacheIdentity, CacheSettings, Credential, Error, Layers, RunSettings, TrustSubject,
    UnsuitableProof,
};
use crate::provider::doctor::counted;
use crate::provider::token_api::{self, Product, ServerSettings, TokenStore};
use crate::provider::{self, Checks, Configured, Source, SourceInputs, StoreType};
use crate::secret::Value;

/// The type `doppler`.
#[derive(Debug)]
pub struct DopplerType;

static PRODUCT: Product = Product {
    name: "Doppler",
    token_hint: "it may have been revoked or have expired; create another service token for the config, and set \
                 DOPPLER_TOKEN",
    denied_hint: "use a token that may read this config; a service token is for one config only",
    address_hint: "set `api-host` (DOPPLER_API_HOST) to the API, such as https://api.doppler.com, or remove it",
};

static STORE: TokenStore = TokenStore {
    product: &PRODUCT,
    address: &schema::API_HOST,
    default_address: Some(CLOUD),
    cloud: &[CLOUD],
    token: &schema::TOKEN,
    weakening: &[&common::CA_FILE, &common::INSECURE_HTTP, &schema::TOKEN_FILE],
    missing_address: ("address of Doppler", "set DOPPLER_API_HOST"),
    token_hint: "DOPPLER_TOKEN to a service token of the config",
};

const CLOUD: &str = "https://api.doppler.com";

/// What the token for one config begins with.
const SERVICE_TOKEN: &str = "dp.st.";

/// What a token begins with that expires after some minutes.
const SHORT_LIVED: &str = "dp.said.";

impl StoreType for DopplerType {
    fn schema(&self) -> &'static SourceSchema {
        &schema::SCHEMA
    }

    fn build(
        &self,
        inputs: &SourceInputs<'_>,
        _: &mut Vec<String>,
    ) -> Result<Box<dyn Configured>, Error> {
        Ok(Box::new(build(inputs)?))
    }

    fn trust_subject(&self, layers: &Layers<'_>) -> Result<Option<TrustSubject>, Error> {
        STORE.trust_subject(layers)
    }

    fn unit_credential(&self) -> Option<(&'static str, &'static str)> {
        Some((schema::TOKEN.systemd, "doppler-token"))
    }
}

/// A Doppler source as it is configured.
#[derive(Clone, Debug)]
pub(super) struct Doppler {
    pub(super) name: Arc<str>,
    pub(super) server: ServerSettings,
    /// The config; `None` for that of a service token.
    pub(super) config: Option<Config>,
    /// Whether the config may have no secrets.
    pub(super) allow_empty: bool,
}

fn build(inputs: &SourceInputs<'_>) -> Result<Doppler, Error> {
    let layers = &inputs.layers;
    let server = STORE.server(inputs, unfit_cache_key)?;
    let text = |key| Ok::<_, Error>(layers.text(key)?.map(|setting| setting.value));
    let config = match (text(&schema::PROJECT)?, text(&schema::CONFIG)?) {
        (Some(project), Some(config)) => Some(Config { project, config }),
        (None, None) if begins(&server.token, SERVICE_TOKEN) => None,
        (None, _) => {
            let hint = "set `project` in hushed.toml, or DOPPLER_PROJECT; the service token of a config needs neither \
                        `project` nor `config`";
            return Err(Error::Required { what: "project", hint });
        }
        (Some(_), None) => {
            let hint = "set `config` in hushed.toml, or DOPPLER_CONFIG";
            return Err(Error::Required { what: "config", hint });
        }
    };
    let allow_empty = inputs.run.switch(&common::ALLOW_EMPTY, false)?;
    Ok(Doppler { name: Arc::clone(&inputs.name), server, config, allow_empty })
}

fn begins(token: &Credential, start: &str) -> bool {
    token.value.expose().starts_with(start.as_bytes())
}

fn unfit_cache_key(token: &Credential) -> Option<UnsuitableProof> {
    begins(token, SHORT_LIVED).then_some(UnsuitableProof {
        method: "a token of a login",
        why: "is replaced after some minutes",
    })
}

impl Configured for Doppler {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn endpoints(&self) -> Vec<&Url> {
        vec![&self.server.url]
    }

    fn secret_credentials(&self) -> Vec<&Value> {
        self.server.secrets()
    }

    fn cache(&self) -> Option<(&CacheSettings, CacheIdentity)> {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let config = self.config.as_ref();
        let scope = vec![
            config.and_then(|config| text(&config.project)),
            config.and_then(|config| text(&config.config)),
            Some(vec![u8::from(self.allow_empty)]),
        ];
        Some((self.server.cache.as_ref()?, self.server.identity(schema::SCHEMA.name, scope)))
    }

    /// Which config it is comes along with the secrets.
    fn is_public(&self, name: &str) -> bool {
        matches!(name, "DOPPLER_PROJECT" | "DOPPLER_CONFIG" | "DOPPLER_ENVIRONMENT")
    }

    fn open(&self, run: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(DopplerSource::new(self.clone(), run)))
    }

    fn check<'a>(&'a self, run: &'a RunSettings) -> Checks<'a> {
        Box::pin(async move {
            let source = DopplerSource::new(self.clone(), run);
            let read = async || {
                let found = source.secrets(None).await?;
                Ok(vec![format!("{}: {}", found.place, counted(found.secrets.len(), "secret"))])
            };
            // The root of the API answers everyone.
            token_api::check(&self.server, run, source.api(), &["v3"], read).await
        })
    }
}
