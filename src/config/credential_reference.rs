//! Credentials that the configuration takes from another source: `token = { ref = "vault://ci/app#token" }`. What
//! the reference means is not known here, and nothing is fetched.

use std::sync::Arc;

use super::credential::{CredentialPrecedence, find};
use super::layer::Origin;
use super::schema::{CACHE_PASSPHRASE, CredentialKey, SourceSchema};
use super::trust::refuse_untrusted_reference;
use super::{ConfigInputs, Error};
use crate::secret::Value;

/// A credential of a source that is a reference to a secret of another source.
#[derive(Clone, Debug)]
pub struct CredentialReference {
    /// The source that needs it.
    pub source: Arc<str>,
    /// The credential.
    pub key: &'static CredentialKey,
    /// The reference.
    pub reference: String,
    /// Where it is configured.
    pub origin: Origin,
}

impl CredentialReference {
    /// The credential as messages name it: `infisical.client-secret`.
    pub fn name(&self) -> String {
        credential_name(&self.source, self.key)
    }
}

fn credential_name(source: &str, key: &CredentialKey) -> String {
    format!("{source}.{}", key.name())
}

/// The credentials that were fetched.
#[derive(Debug, Default)]
pub struct ResolvedCredentials {
    /// The name, the value and the place of each.
    found: Vec<(String, Value, String)>,
    /// Whether those that were not fetched have a placeholder, for commands that log in to nothing.
    has_placeholders: bool,
}

impl ResolvedCredentials {
    /// These credentials: the name that [`CredentialReference::name`] gives, the value, and where it was found.
    pub fn new(found: Vec<(String, Value, String)>) -> Self {
        Self { found, has_placeholders: false }
    }

    /// A placeholder for each credential, for commands that only look at the settings.
    pub fn placeholders() -> Self {
        Self { found: Vec::new(), has_placeholders: true }
    }

    /// The value and the place of a credential, if it was fetched.
    pub(super) fn find(&self, source: &str, key: &CredentialKey) -> Option<(Value, String)> {
        let wanted = credential_name(source, key);
        let found = self.found.iter().find(|(name, ..)| *name == wanted);
        let placeholder = || self.has_placeholders.then(|| (Value::from("placeholder"), wanted));
        found.map(|(_, value, place)| (value.clone(), place.clone())).or_else(placeholder)
    }

    /// The name and the place of each.
    pub fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        self.found.iter().map(|(name, _, place)| (name.as_str(), place.as_str()))
    }
}

/// The credential that a table may have as a reference under this name. The passphrase of the cache is none: the
/// cache must open when other stores cannot be reached.
pub(super) fn referable(schema: &SourceSchema, name: &str) -> Option<&'static CredentialKey> {
    let mut keys = schema.credentials.iter().copied();
    keys.find(|key| key.name() == name && !std::ptr::eq(*key, &raw const CACHE_PASSPHRASE))
}

impl ConfigInputs<'_> {
    /// The credentials of a source that are references, unless something stronger than the files decides its login.
    pub fn credential_references(
        &self,
        name: &str,
        schema: &'static SourceSchema,
    ) -> Result<Vec<CredentialReference>, Error> {
        let layers = self.source(name, schema)?;
        let method = schema.keys.iter().find(|key| key.name == "method");
        let method = method.map(|key| layers.text(key)).transpose()?.flatten();
        let mut references = Vec::new();
        for key in schema.credentials.iter().copied() {
            let Some(found) = find(key, &layers)? else { continue };
            let is_stronger = found.tier > CredentialPrecedence::File && key.secret;
            if is_stronger && method.is_none() && !std::ptr::eq(key, &raw const CACHE_PASSPHRASE) {
                return Ok(Vec::new());
            }
            if let Some((reference, origin)) = found.reference() {
                let (reference, origin) = (reference.to_owned(), origin.clone());
                let found = CredentialReference { source: name.into(), key, reference, origin };
                refuse_untrusted_reference(&found, self.trust)?;
                references.push(found);
            }
        }
        Ok(references)
    }
}
