//! Explains an empty list: servers send one for an unknown environment, a missing folder, an empty folder, and
//! a folder that the identity may not read. A lookup that the identity may not make is not an error.

use super::error::Error;
use super::project;
use super::scope::Scope;
use super::session::Session;
use super::settings::Infisical as Settings;

/// Finds the reason for an empty list.
pub(super) async fn explain_empty_list(
    session: &Session,
    settings: &Settings,
    scope: &Scope,
    path: &str,
) -> Error {
    let environment = || scope.environment.clone();
    let known = environments(session, scope).await;
    if let Some(known) = &known
        && !known.contains(&scope.environment)
    {
        return Error::UnknownEnvironment {
            environment: environment(),
            known: Some(known.clone()),
        };
    }
    let mut at = "/".to_owned();
    let mut inside = folders(session, scope, &at).await;
    for name in path.split('/').filter(|name| !name.is_empty()) {
        let Some(known) = inside else { break };
        if !known.iter().any(|folder| folder == name) {
            let (path, parent) = (path.to_owned(), at);
            return Error::UnknownFolder { path, environment: environment(), parent, known };
        }
        at = format!("{}/{name}", at.trim_end_matches('/'));
        inside = folders(session, scope, &at).await;
    }
    Error::NoSecrets {
        path: path.to_owned(),
        environment: environment(),
        tags: settings.tags.clone(),
        recursive: settings.recursive,
        folders: inside,
    }
}

/// The environments of the project, if they may be looked up.
pub(super) async fn environments(session: &Session, scope: &Scope) -> Option<Vec<String>> {
    let project = project::by_id(session, &scope.project).await.ok()??;
    Some(project.environments.into_iter().map(|environment| environment.slug).collect())
}

async fn folders(session: &Session, scope: &Scope, path: &str) -> Option<Vec<String>> {
    project::folders(session, &scope.project, &scope.environment, path).await.ok()
}
