//! Reading the secrets of a folder from servers of every generation. It asks for what the settings
//! say, in so many words, and leaves no parameter to a default, since those changed.

use std::cell::Cell;

use super::api::{Failure, Route};
use super::fault::Step;
use super::project::is_route_missing;
use super::scope::Scope;
use super::session::Session;
use super::settings::Infisical as Settings;
use super::wire::List;

/// The route that the server has. It is found out by the first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    /// `v4/secrets`.
    V4,
    /// `v3/secrets/raw`, which is all there was until autumn 2025.
    V3,
}

/// Reads one folder, or the tree of folders below it.
pub(super) async fn read(
    session: &Session,
    generation: &Cell<Option<Generation>>,
    settings: &Settings,
    scope: &Scope,
    path: &str,
    expand: bool,
) -> Result<List, Failure> {
    let tags = settings.tags.join(",");
    let ask = async |asked: Generation| {
        let query = query(settings, scope, path, expand, &tags, asked);
        let parts: &[_] = match asked {
            Generation::V4 => &["v4", "secrets"],
            Generation::V3 => &["v3", "secrets", "raw"],
        };
        session.get(Route { step: Step::Read, parts, query: &query }).await
    };
    let first = generation.get().unwrap_or(Generation::V4);
    match ask(first).await {
        Err(failure) if first == Generation::V4 && is_route_missing(&failure) => {
            generation.set(Some(Generation::V3));
            ask(Generation::V3).await
        }
        result => {
            generation.set(Some(first));
            result
        }
    }
}

/// The query, sorted. Servers drop names that they do not know, so both names of the parameter for
/// imports are sent, and the newer ones to every server.
fn query<'a>(
    settings: &Settings,
    scope: &'a Scope,
    path: &'a str,
    expand: bool,
    tags: &'a str,
    generation: Generation,
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
    query.push(match generation {
        Generation::V4 => ("projectId", scope.project.as_str()),
        Generation::V3 => ("workspaceId", scope.project.as_str()),
    });
    query.sort_unstable();
    query
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::infisical::scope::tests::settings;

    fn written(settings: &Settings, expand: bool, generation: Generation) -> String {
        let scope = Scope { project: "id".into(), environment: "dev".into(), paths: Vec::new() };
        let tags = settings.tags.join(",");
        let query = query(settings, &scope, "/api", expand, &tags, generation);
        let pairs: Vec<_> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();
        pairs.join("&")
    }

    #[test]
    fn every_parameter_is_sent_sorted_to_every_generation() {
        assert_eq!(
            written(&settings(), true, Generation::V4),
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
            written(&off, false, Generation::V3),
            "environment=dev&expandSecretReferences=false&includeImports=false\
             &includePersonalOverrides=false&include_imports=false&recursive=true\
             &secretPath=/api&tagSlugs=a,b&viewSecretValue=true&workspaceId=id"
        );
    }
}
