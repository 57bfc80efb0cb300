//! From layers to the settings of a 1Password Connect source, and what hushed asks of every source.

use std::sync::Arc;

use url::Url;

use super::{ConnectSource, schema};
use crate::config::schema::{self as common, SourceSchema};
use crate::config::{CacheIdentity, CacheSettings, Error, Layers, RunSettings, TrustSubject};
use crate::provider::doctor::counted;
use crate::provider::token_api::{self, Product, ServerSettings, TokenStore};
use crate::provider::{self, Checks, Configured, Source, SourceInputs, StoreType};
use crate::secret::Value;

/// The type `op`.
#[derive(Debug)]
pub struct OnePasswordType;

static PRODUCT: Product = Product {
    name: "1Password Connect",
    token_hint: "it may have been revoked or be for another Connect server; create a token for this server, and set \
                 OP_CONNECT_TOKEN",
    denied_hint: "give the token access to this vault, or use another token",
    address_hint: "set `host` (OP_CONNECT_HOST) to the Connect server itself, without /v1",
};

static STORE: TokenStore = TokenStore {
    product: &PRODUCT,
    address: &schema::HOST,
    default_address: None,
    cloud: &[],
    token: &schema::TOKEN,
    weakening: &[&common::CA_FILE, &common::INSECURE_HTTP, &schema::TOKEN_FILE],
    missing_address: (
        "address of the 1Password Connect server",
        "set `host` in hushed.toml, or OP_CONNECT_HOST; service accounts (OP_SERVICE_ACCOUNT_TOKEN) work only with \
         the 1Password CLI: `op run -- hushed run …`",
    ),
    token_hint: "OP_CONNECT_TOKEN to a token of the Connect server",
};

impl StoreType for OnePasswordType {
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
        Some((schema::TOKEN.systemd, "op-connect-token"))
    }
}

/// A 1Password Connect source as it is configured.
#[derive(Clone, Debug)]
pub(super) struct OnePassword {
    pub(super) name: Arc<str>,
    pub(super) server: ServerSettings,
    /// The vault and the items whose fields become variables.
    pub(super) items: Vec<(String, String)>,
}

fn build(inputs: &SourceInputs<'_>) -> Result<OnePassword, Error> {
    let layers = &inputs.layers;
    let server = STORE.server(inputs, |_| None)?;
    let vault = layers.text(&schema::VAULT)?.map(|setting| setting.value);
    let items = layers.list(&schema::ITEM)?.map(|setting| setting.value).unwrap_or_default();
    let required = || Error::Required { what: "vault", hint: "set `vault` beside `item`" };
    let pair = |item| Ok((vault.clone().ok_or_else(required)?, item));
    let items = items.into_iter().map(pair).collect::<Result<_, Error>>()?;
    Ok(OnePassword { name: Arc::clone(&inputs.name), server, items })
}

impl Configured for OnePassword {
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
        let parts = self.items.iter().flat_map(|(vault, item)| [vault, item]);
        let scope = parts.map(|text| Some(text.as_bytes().to_vec())).collect();
        Some((self.server.cache.as_ref()?, self.server.identity(schema::SCHEMA.name, scope)))
    }

    fn open(&self, run: &RunSettings) -> Result<Box<dyn Source>, provider::Error> {
        Ok(Box::new(ConnectSource::new(self.clone(), run)))
    }

    fn check<'a>(&'a self, run: &'a RunSettings) -> Checks<'a> {
        Box::pin(async move {
            let source = ConnectSource::new(self.clone(), run);
            let read = async || {
                let vaults = source.reader().visible_vaults().await?;
                let mut found = vec![format!("the token sees {}", counted(vaults, "vault"))];
                for (vault, item) in &self.items {
                    let item = source.reader().item(vault, item).await?;
                    found.push(format!(
                        "{}: {}",
                        item.place(),
                        counted(item.fields.len(), "field")
                    ));
                }
                Ok(found)
            };
            token_api::check(&self.server, run, source.reader().api(), &["heartbeat"], read).await
        })
    }
}
