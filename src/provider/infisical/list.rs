//! Lists the secrets of a folder, with API version 4 or 3. It sends every parameter explicitly, because their
//! defaults differ between servers.

use std::cell::Cell;

use serde::de::DeserializeOwned;

use super::api::{Failure, Route};
use super::error_kind::Operation;
use super::project::is_route_missing;
use super::scope::Scope;
use super::session::Session;
use super::settings::Infisical as Settings;
use super::wire::{List, SecretRow, SingleSecret};

/// The API version of the server, detected by the first response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ApiVersion {
    /// `v4/secrets`.
    V4,
    /// `v3/secrets/raw`, the only one until autumn 2025.
    V3,
}

/// Lists one folder, or the tree of folders below it.
pub(super) async fn read(
    session: &Session,
    api_version: &Cell<Option<ApiVersion>>,
    settings: &Settings,
    scope: &Scope,
    path: &str,
    expand: bool,
) -> Result<List, Failure> {
    let tags = settings.tags.join(",");
    request(session, api_version, None, |version| {
        query(settings, scope, path, expand, &tags, version)
    })
    .await
}

/// Reads one secret of a folder. This needs no permission to list the folder.
pub(super) async fn read_one(
    session: &Session,
    api_version: &Cell<Option<ApiVersion>>,
    settings: &Settings,
    scope: &Scope,
    path: &str,
    name: &str,
    further: &[(&'static str, &str)],
) -> Result<SecretRow, Failure> {
    let of_list = |&(parameter, _): &(&str, &str)| parameter == "recursive";
    let response: SingleSecret = request(session, api_version, Some(name), |version| {
        let mut query = query(settings, scope, path, settings.expand, "", version);
        query.retain(|parameter| !of_list(parameter));
        query.extend_from_slice(further);
        query
    })
    .await?;
    Ok(response.secret)
}

/// Sends a request to the newest route, and to the older one if the server does not have that.
async fn request<'a, T: DeserializeOwned>(
    session: &Session,
    api_version: &Cell<Option<ApiVersion>>,
    name: Option<&str>,
    query: impl Fn(ApiVersion) -> Vec<(&'static str, &'a str)>,
) -> Result<T, Failure> {
    let ask = async |version: ApiVersion| {
        let mut parts: Vec<&str> = match version {
            ApiVersion::V4 => vec!["v4", "secrets"],
            ApiVersion::V3 => vec!["v3", "secrets", "raw"],
        };
        parts.extend(name);
        let query = query(version);
        session.get(Route { operation: Operation::Read, parts: &parts, query: &query }).await
    };
    let first = api_version.get().unwrap_or(ApiVersion::V4);
    match ask(first).await {
        Err(failure) if first == ApiVersion::V4 && is_route_missing(&failure) => {
            api_version.set(Some(ApiVersion::V3));
            ask(ApiVersion::V3).await
        }
        result => {
            api_version.set(Some(first));
            result
        }
    }
}

/// The query parameters, sorted. Servers ignore unknown names, so both names of the parameter for imports
/// are sent, and newer parameters to every server.
fn query<'a>(
    settings: &Settings,
    scope: &'a Scope,
    path: &'a str,
    expand: bool,
    tags: &'a str,
    api_version: ApiVersion,
) -> Vec<(&'static str, &'a str)> {
    let boolean = |value| if value { "true" } else { "false" };
    let imports = boolean(settings.include_imports);
    let mut query = vec![
        ("environment", scope.environment.as_str()),
        ("expandSecretReferences", boolean(expand)),
        ("includeImports", imports),
        ("includePersonalOverrides", boolean(settings.personal)),
        ("include_imports", imports),
        ("recursive", boolean(settings.recursive)),
        ("secretPath", path),
        ("viewSecretValue", "true"),
    ];
    if !tags.is_empty() {
        query.push(("tagSlugs", tags));
    }
    query.push(match api_version {
        ApiVersion::V4 => ("projectId", scope.project.as_str()),
        ApiVersion::V3 => ("workspaceId", scope.project.as_str()),
    });
    query.sort_unstable();
    query
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::infisical::scope::tests::settings;

    fn written(settings: &Settings, expand: bool, api_version: ApiVersion) -> String {
        let scope = Scope { project: "id".into(), environment: "dev".into(), paths: Vec::new() };
        let tags = settings.tags.join(",");
        let query = query(settings, &scope, "/api", expand, &tags, api_version);
        let pairs: Vec<_> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();
        pairs.join("&")
    }

    #[test]
    fn every_parameter_is_sent_sorted_to_every_generation() {
        assert_eq!(
            written(&settings(), true, ApiVersion::V4),
            "environment=dev&expandSecretReferences=true&includeImports=true\
             &includePersonalOverrides=true&include_imports=true&projectId=id&recursive=false\
             &secretPath=/api&viewSecretValue=true"
        );
        let off = Settings {
            include_imports: false,
            personal: false,
            recursive: true,
            tags: vec!["a".into(), "b".into()],
            ..settings()
        };
        assert_eq!(
            written(&off, false, ApiVersion::V3),
            "environment=dev&expandSecretReferences=false&includeImports=false\
             &includePersonalOverrides=false&include_imports=false&recursive=true\
             &secretPath=/api&tagSlugs=a,b&viewSecretValue=true&workspaceId=id"
        );
    }
}
