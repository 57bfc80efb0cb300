//! The requests that change secrets, with API version 4, or 3 on older servers: of one secret by its name, or of
//! several in a batch, which the server applies as a whole.

use serde::Deserialize;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::InfisicalSource;
use super::api::{Failure, Method, Route};
use super::error_kind::Operation;
use super::list::ApiVersion;
use super::project;
use super::scope::Scope;
use crate::secret::to_json;

/// The fields of one secret that a request sends. What is not sent stays as it is.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item<'a> {
    #[serde(skip)]
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret_comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tag_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret_metadata: Option<Vec<Pair<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) new_secret_name: Option<&'a str>,
}

/// An entry of a secret's metadata.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Pair<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace_id: Option<&'a str>,
    environment: &'a str,
    secret_path: &'a str,
}

impl<'a> Place<'a> {
    fn new(scope: &'a Scope, path: &'a str, version: ApiVersion) -> Self {
        let project = Some(scope.project.as_str());
        let (project_id, workspace_id) = match version {
            ApiVersion::V4 => (project, None),
            ApiVersion::V3 => (None, project),
        };
        Self { project_id, workspace_id, environment: &scope.environment, secret_path: path }
    }
}

#[derive(Serialize)]
struct OneSecret<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    r#type: &'static str,
    #[serde(flatten)]
    item: &'a Item<'a>,
}

#[derive(Serialize)]
struct ManySecrets<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    secrets: Vec<BatchItem<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchItem<'a> {
    secret_key: &'a str,
    #[serde(flatten)]
    item: &'a Item<'a>,
}

/// The answer to a write: what was sent, or a request that a person must approve.
#[derive(Debug, Deserialize)]
struct WriteResponse {
    #[serde(default)]
    secret: Option<IgnoredAny>,
    #[serde(default)]
    secrets: Option<IgnoredAny>,
    #[serde(default)]
    approval: Json,
}

/// Why a request to write changed nothing.
pub(super) enum WriteFailure {
    NeedsApproval,
    Failed(Failure),
}

impl From<Failure> for WriteFailure {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl InfisicalSource {
    /// Changes one secret by its name.
    pub(super) async fn send_one(
        &self,
        method: Method,
        (scope, path): (&Scope, &str),
        personal: bool,
        item: &Item<'_>,
    ) -> Result<(), WriteFailure> {
        let r#type = if personal { "personal" } else { "shared" };
        self.send(async |version| {
            let parts: &[&str] = match version {
                ApiVersion::V4 => &["v4", "secrets", item.name],
                ApiVersion::V3 => &["v3", "secrets", "raw", item.name],
            };
            let place = Place::new(scope, path, version);
            let body = to_json(&OneSecret { place, r#type, item });
            self.session.write(method, route(parts), &body).await
        })
        .await
    }

    /// Changes several shared secrets: all of them or none.
    pub(super) async fn send_batch(
        &self,
        method: Method,
        (scope, path): (&Scope, &str),
        items: &[Item<'_>],
    ) -> Result<(), WriteFailure> {
        self.send(async |version| {
            let parts: &[&str] = match version {
                ApiVersion::V4 => &["v4", "secrets", "batch"],
                ApiVersion::V3 => &["v3", "secrets", "batch", "raw"],
            };
            let place = Place::new(scope, path, version);
            let secrets = items.iter().map(|item| BatchItem { secret_key: item.name, item });
            let body = to_json(&ManySecrets { place, secrets: secrets.collect() });
            self.session.write(method, route(parts), &body).await
        })
        .await
    }

    /// Sends to the newest route, and to the older one if the server does not have that.
    async fn send(
        &self,
        ask: impl AsyncFn(ApiVersion) -> Result<WriteResponse, Failure>,
    ) -> Result<(), WriteFailure> {
        let first = self.api_version.get().unwrap_or(ApiVersion::V4);
        let response = match ask(first).await {
            Err(failure) if first == ApiVersion::V4 && project::is_route_missing(&failure) => {
                self.api_version.set(Some(ApiVersion::V3));
                ask(ApiVersion::V3).await?
            }
            response => response?,
        };
        let has_written = response.secret.is_some() || response.secrets.is_some();
        if !has_written && !response.approval.is_null() {
            return Err(WriteFailure::NeedsApproval);
        }
        Ok(())
    }
}

fn route<'a>(parts: &'a [&'a str]) -> Route<'a> {
    Route { operation: Operation::Write, parts, query: &[] }
}
