//! The source that a run fetches from.

use std::sync::Arc;

use super::api::Api;
use super::error::Error;
use super::vault::SecretRef;
use crate::provider::cloud_secrets::{self, Selection};
use crate::provider::{self, Fetch, ObjectsRead, ReadObjects, Source, UnknownOption};
use crate::secret::{ObjectAddress, SecretSet};

/// A source in a run.
#[derive(Debug)]
pub(super) struct AzureSource {
    pub(super) name: Arc<str>,
    pub(super) selection: Selection<SecretRef>,
    pub(super) api: Api,
}

impl AzureSource {
    /// Reads everything.
    pub(super) async fn read(&self) -> Result<SecretSet, Error> {
        if self.selection.is_empty() {
            return Ok(SecretSet::default());
        }
        let (api, name) = (&self.api, &self.name);
        let mut secrets = cloud_secrets::read(api, name, &self.selection).await?;
        let login = api.login.describe();
        secrets.add_note(format!("`{name}` logs in to Azure as {login}"));
        Ok(secrets)
    }
}

impl ReadObjects for AzureSource {
    fn read_objects<'a>(&'a self, addresses: &'a [ObjectAddress]) -> ObjectsRead<'a> {
        Box::pin(async move {
            for address in addresses {
                UnknownOption::check(address, &["version"])?;
            }
            let objects = cloud_secrets::objects(&self.api, &self.name, &self.selection, addresses);
            objects.await.map_err(provider::Error::from)
        })
    }
}

impl Source for AzureSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { self.read().await.map_err(provider::Error::from) })
    }

    fn as_read_objects(&self) -> Option<&dyn ReadObjects> {
        Some(self)
    }

    fn pause(&self) {
        self.api.tokens.http.close();
    }
}
