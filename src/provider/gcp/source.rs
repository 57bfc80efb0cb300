//! The source that a run fetches from.

use std::sync::Arc;

use super::api::Api;
use super::configure::Gcp;
use super::error::Error;
use super::name::SecretRef;
use crate::provider::cloud_secrets::{self, Selection};
use crate::provider::{self, Fetch, ObjectsRead, ReadObjects, Source, UnknownOption};
use crate::secret::SecretSet;

/// A source in a run.
#[derive(Debug)]
pub(super) struct GcpSource {
    pub(super) name: Arc<str>,
    pub(super) selection: Selection<SecretRef>,
    /// The session; only the settings if there are no usable credentials, which a fetch reports.
    pub(super) api: Result<Api, Box<Gcp>>,
}

impl GcpSource {
    /// The session.
    pub(super) fn api(&self) -> Result<&Api, Error> {
        // The error is made anew, because it can be reported once only.
        self.api.as_ref().map_err(|gcp| gcp.find().err().unwrap_or(Error::NoCredentials))
    }

    /// Reads everything.
    pub(super) async fn read(&self) -> Result<SecretSet, Error> {
        if self.selection.is_empty() {
            return Ok(SecretSet::default());
        }
        let (api, name) = (self.api()?, &self.name);
        let mut secrets = cloud_secrets::read(api, name, &self.selection).await?;
        let credentials = api.credentials.describe();
        secrets.add_note(format!("`{name}` uses Google credentials: {credentials}"));
        Ok(secrets)
    }
}

impl ReadObjects for GcpSource {
    fn read_objects<'a>(
        &'a self,
        addresses: &'a [crate::secret::ObjectAddress],
    ) -> ObjectsRead<'a> {
        Box::pin(async move {
            for address in addresses {
                UnknownOption::check(address, &["version"])?;
            }
            let objects =
                cloud_secrets::objects(self.api()?, &self.name, &self.selection, addresses);
            objects.await.map_err(provider::Error::from)
        })
    }
}

impl Source for GcpSource {
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
        if let Ok(api) = &self.api {
            api.tokens.http.close();
        }
    }
}
