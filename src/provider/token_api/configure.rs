//! From layers to the settings of such a server: its address, the token, the trust that both need, and the cache.

use std::path::PathBuf;

use ring::digest::{SHA256, digest};
use url::Url;

use super::Product;
use crate::config::credential::{self, CredentialPrecedence};
use crate::config::schema::{self as common, CredentialKey, SettingKey};
use crate::config::systemd::explain_missing;
use crate::config::{
    CacheIdentity, CacheKey, CacheSettings, Credential, Error, Layers, Origin, Setting,
    TrustSubject, UnsuitableProof, build_cache,
};
use crate::provider::SourceInputs;
use crate::secret::Value;

/// What the settings of a store with such a server are called.
#[derive(Debug)]
pub(in crate::provider) struct TokenStore {
    pub(in crate::provider) product: &'static Product,
    /// The setting of the address.
    pub(in crate::provider) address: &'static SettingKey,
    /// The address, unless it is set.
    pub(in crate::provider) default_address: Option<&'static str>,
    /// The origins of the store's own cloud, which any file may name.
    pub(in crate::provider) cloud: &'static [&'static str],
    /// The token.
    pub(in crate::provider) token: &'static CredentialKey,
    /// Settings that a project's file may make only for a server that the user trusts it with.
    pub(in crate::provider) weakening: &'static [&'static SettingKey],
    /// What a missing address is called, and what to do about it.
    pub(in crate::provider) missing_address: (&'static str, &'static str),
    /// What to do where no token is found.
    pub(in crate::provider) token_hint: &'static str,
}

/// A server and the way to it.
#[derive(Clone, Debug)]
pub(in crate::provider) struct ServerSettings {
    pub(in crate::provider) product: &'static Product,
    pub(in crate::provider) url: Url,
    pub(in crate::provider) token: Credential,
    pub(in crate::provider) ca_file: Option<PathBuf>,
    pub(in crate::provider) insecure_http: bool,
    pub(in crate::provider) cache: Option<CacheSettings>,
}

impl TokenStore {
    /// The server that these layers name; `None` if none does.
    pub(in crate::provider) fn trust_subject(
        &self,
        layers: &Layers<'_>,
    ) -> Result<Option<TrustSubject>, Error> {
        let found = layers.text(self.address)?;
        let default = || {
            let value = self.default_address?.to_owned();
            Some(Setting { value, origin: Origin::Default })
        };
        let Some(setting) = found.or_else(default) else { return Ok(None) };
        let server = parse_address(&setting)?;
        let (origin, key, cloud) = (setting.origin, self.address, self.cloud);
        Ok(Some(TrustSubject { server, origin, key, cloud, weakening: self.weakening }))
    }

    /// The settings of the server. `unfit` says why a token cannot be the key of the cache.
    pub(in crate::provider) fn server(
        &self,
        inputs: &SourceInputs<'_>,
        unfit: impl FnOnce(&Credential) -> Option<UnsuitableProof>,
    ) -> Result<ServerSettings, Error> {
        let SourceInputs { layers, run, trust, .. } = inputs;
        let (what, hint) = self.missing_address;
        let subject = self.trust_subject(layers)?.ok_or(Error::Required { what, hint })?;
        subject.check(layers, trust)?;
        let token = self.token(inputs, &subject)?;
        let cache = build_cache(layers, run, unfit(&token), trust)?;
        Ok(ServerSettings {
            product: self.product,
            url: subject.server,
            token,
            ca_file: layers.path(&common::CA_FILE)?.map(|setting| setting.value),
            insecure_http: layers.switch(&common::INSECURE_HTTP, false)?,
            cache,
        })
    }

    fn token(
        &self,
        inputs: &SourceInputs<'_>,
        subject: &TrustSubject,
    ) -> Result<Credential, Error> {
        let SourceInputs { layers, trust, .. } = inputs;
        let found = credential::find(self.token, layers)?.ok_or_else(|| Error::NoCredentials {
            store: self.product.name,
            variables: self.token_hint.to_owned(),
            systemd: explain_missing(layers.environment()),
        })?;
        let server = subject.server.origin().ascii_serialization();
        if found.tier == CredentialPrecedence::File
            && !self.cloud.contains(&&*server)
            && let Some(Setting { origin, .. }) = layers.table(self.token.file)
            && origin.project_file().is_some_and(|file| !trust.has(&server, file))
        {
            let what = "chooses what is sent as a credential".to_owned();
            return Err(Error::Untrusted { origin, what, key: self.token.file });
        }
        let token = found.take()?;
        let text = token.value.expose_str().map(str::trim);
        let is_token = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        match text.filter(|text| is_token(text)) {
            Some(text) => Ok(Credential { value: Value::from(text), ..token }),
            None => Err(Error::UnusableCredential {
                what: self.token.what,
                origin: token.origin,
                problem: "has characters that no token has",
                hint: "copy it again, without quotes and line breaks",
            }),
        }
    }
}

/// The address, with or without scheme, and a slash at its end.
fn parse_address(setting: &Setting<String>) -> Result<Url, Error> {
    let trimmed = setting.value.trim().trim_end_matches('/');
    let full = if trimmed.contains("://") { trimmed.into() } else { format!("https://{trimmed}") };
    let url = Url::parse(&full).ok().filter(|url| {
        let plain = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && plain
    });
    url.ok_or_else(|| Error::Form {
        origin: setting.origin.clone(),
        what: "the address of a server, such as https://secrets.example.com",
        // A password in the address must not be shown.
        value: setting.value.rsplit('@').next().unwrap_or_default().to_owned(),
    })
}

impl ServerSettings {
    /// The secrets of which no copy reaches the command.
    pub(in crate::provider) fn secrets(&self) -> Vec<&Value> {
        let of_cache = self.cache.as_ref().and_then(|cache| match &cache.key {
            CacheKey::Passphrase(passphrase) => Some(&passphrase.value),
            _ => None,
        });
        std::iter::once(&self.token.value).chain(of_cache).collect()
    }

    /// What the entries of the cache are bound to.
    pub(in crate::provider) fn identity(
        &self,
        store: &str,
        scope: Vec<Option<Vec<u8>>>,
    ) -> CacheIdentity {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let token = digest(&SHA256, self.token.value.expose());
        let login = vec![text(store), text(self.url.as_str()), Some(token.as_ref().to_vec())];
        CacheIdentity { login, scope, proof: self.token.value.clone(), logs_in: false }
    }
}
