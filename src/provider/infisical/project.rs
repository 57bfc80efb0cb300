//! Looking things up: a project by its id or slug, the folders in a folder, what a service token is
//! for. Each lookup knows the older name of its route, and uses it where the newer one is missing.

use super::api::{Failure, Route};
use super::error_kind::Operation;
use super::error_response::ResponseKind;
use super::session::Session;
use super::wire::{FolderList, Project, ProjectResponse, ServiceToken, Tag, TagList};

/// Looks a project up by its id.
pub(super) async fn by_id(session: &Session, id: &str) -> Result<Option<Project>, Failure> {
    let newer: Result<ProjectResponse, _> = session.get(lookup(&["v1", "projects", id], &[])).await;
    let wrapped = match newer {
        Err(failure) if is_route_missing(&failure) => {
            session.get(lookup(&["v1", "workspace", id], &[])).await?
        }
        result => result?,
    };
    Ok(wrapped.project())
}

/// Looks a project up by its slug.
pub(super) async fn by_slug(session: &Session, slug: &str) -> Result<Project, Failure> {
    match session.get(lookup(&["v1", "projects", "slug", slug], &[])).await {
        Err(failure) if is_route_missing(&failure) => {
            session.get(lookup(&["v2", "workspace", slug], &[])).await
        }
        result => result,
    }
}

/// Lists the names of the folders in a folder.
pub(super) async fn folders(
    session: &Session,
    project: &str,
    environment: &str,
    path: &str,
) -> Result<Vec<String>, Failure> {
    let place = |id| [("environment", environment), ("path", path), (id, project)];
    let newer: Result<FolderList, _> =
        session.get(lookup(&["v2", "folders"], &place("projectId"))).await;
    let listed = match newer {
        Err(failure) if is_route_missing(&failure) => {
            session.get(lookup(&["v1", "folders"], &place("workspaceId"))).await?
        }
        result => result?,
    };
    Ok(listed.folders.into_iter().map(|folder| folder.name).collect())
}

/// Lists the tags of a project.
pub(super) async fn tags(session: &Session, project: &str) -> Result<Vec<Tag>, Failure> {
    let newer: Result<TagList, _> =
        session.get(lookup(&["v1", "projects", project, "tags"], &[])).await;
    let listed = match newer {
        Err(failure) if is_route_missing(&failure) => {
            session.get(lookup(&["v1", "workspace", project, "tags"], &[])).await?
        }
        result => result?,
    };
    Ok(listed.tags)
}

/// Asks what the service token is for.
pub(super) async fn service_token(session: &Session) -> Result<ServiceToken, Failure> {
    session.get(lookup(&["v2", "service-token"], &[])).await
}

/// Whether the server is older than the route.
pub(super) fn is_route_missing(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(answer) if answer.kind() == ResponseKind::RouteMissing)
}

fn lookup<'a>(parts: &'a [&'a str], query: &'a [(&'a str, &'a str)]) -> Route<'a> {
    Route { operation: Operation::Lookup, parts, query }
}
