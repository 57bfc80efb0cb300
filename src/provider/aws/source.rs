//! The source that a run fetches from, for both AWS stores.

use std::sync::Arc;
use std::time::Duration;

use super::api::Api;
use super::configure::{Aws, Selection};
use super::credential_plan::Provider;
use super::error::Error;
use super::resolve::{Region, Resolved};
use super::write::WriteSettings;
use super::{parameter_store, secrets_manager};
use crate::config::RunSettings;
use crate::http;
use crate::provider::{self, Fetch, ReadObjects, Source};
use crate::secret::SecretSet;

/// An AWS source in a run.
#[derive(Debug)]
pub(super) struct AwsSource {
    aws: Aws,
    /// `None` if the settings do not resolve, which a fetch reports.
    api: Option<Api>,
}

impl AwsSource {
    /// Prepares a session. Nothing is asked yet.
    pub(super) fn new(aws: Aws, run: &RunSettings) -> Self {
        let api = aws.resolve().ok().map(|resolved| api(&aws, resolved, run));
        Self { aws, api }
    }

    /// The session.
    pub(super) fn api(&self) -> Result<&Api, Error> {
        match &self.api {
            Some(api) => Ok(api),
            // The error is made anew, because it can be reported once only.
            None => Err(self.aws.resolve().err().unwrap_or(Error::NoRegion)),
        }
    }

    /// What it reads by its own settings.
    pub(super) fn selection(&self) -> &Selection {
        &self.aws.selection
    }

    /// What it writes with.
    pub(super) fn write_settings(&self) -> &WriteSettings {
        &self.aws.writing
    }

    /// The server of the service.
    pub(super) fn server(&self) -> Option<&url::Url> {
        self.aws.server()
    }

    /// The configured name.
    pub(super) fn source_name(&self) -> &Arc<str> {
        &self.aws.name
    }

    /// Reads everything.
    pub(super) async fn read(&self) -> Result<SecretSet, Error> {
        if self.aws.selection.is_empty() {
            return Ok(SecretSet::default());
        }
        let (api, name) = (self.api()?, &self.aws.name);
        let mut secrets = match &self.aws.selection {
            Selection::Secrets(selection) => secrets_manager::fetch(api, name, selection).await?,
            Selection::Parameters(selection) => {
                parameter_store::fetch(api, name, selection).await?
            }
        };
        let region = api.log_in(None).await?.region.clone();
        let credentials = api.resolved.credentials.describe();
        secrets.add_note(format!("`{name}` uses AWS credentials: {credentials}; region {region}"));
        Ok(secrets)
    }
}

/// A session with what the settings resolve to.
fn api(aws: &Aws, resolved: Resolved, run: &RunSettings) -> Api {
    let ca_file = aws.ca_file.clone().or_else(|| resolved.ca_bundle.clone());
    let options = http::Options {
        trust: http::TrustRoots {
            ca_file,
            ssl_cert_file: run.network.ssl_cert_file.clone(),
            ssl_cert_dirs: run.network.ssl_cert_dirs.clone(),
        },
        proxy: run.network.proxy.clone(),
        timeout: run.timeout,
        spread: run.spread,
        insecure_http: aws.insecure_http,
        plain_http_origins: metadata_origins(&resolved),
        ..http::Options::default()
    };
    Api {
        http: http::Client::new(options),
        service: aws.service,
        resolved,
        environment: aws.environment.clone(),
        timeout: run.timeout.min(Duration::from_mins(5)),
        disk_free: run.disk_free.is_some(),
        login: tokio::sync::Mutex::default(),
    }
}

/// The metadata endpoints that are reached over plain http, and never through a proxy.
pub(super) fn metadata_origins(resolved: &Resolved) -> Vec<url::Origin> {
    let base = match &resolved.credentials.base {
        Provider::Container(container) => Some(&container.url),
        Provider::InstanceMetadata(metadata) => Some(&metadata.endpoint),
        _ => None,
    };
    let of_region = match &resolved.region {
        Region::OfInstance(metadata) => Some(&metadata.endpoint),
        Region::Known(_) => None,
    };
    base.into_iter().chain(of_region).map(url::Url::origin).collect()
}

impl Source for AwsSource {
    fn name(&self) -> &str {
        &self.aws.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { self.read().await.map_err(provider::Error::from) })
    }

    fn as_read_objects(&self) -> Option<&dyn ReadObjects> {
        Some(self)
    }

    fn pause(&self) {
        if let Some(api) = &self.api {
            api.http.close();
        }
    }
}
