//! Folders: with the second version of their routes, or the first on older servers.

use serde::Serialize;
use serde::de::IgnoredAny;

use super::InfisicalSource;
use super::api::{Failure, Method, Route};
use super::error_kind::Operation;
use super::error_response::ResponseKind;
use super::project::{self, is_route_missing};
use super::scope::Scope;
use super::settings::normalise;
use super::write_error::WriteError;
use super::write_request::WriteFailure;
use crate::provider::{self, Folders, WriteFuture};
use crate::secret::to_json;

/// Where a folder is, for either version of the routes.
#[derive(Serialize)]
struct FolderPlace<'a> {
    #[serde(rename = "projectId")]
    project: &'a str,
    #[serde(rename = "workspaceId")]
    workspace: &'a str,
    environment: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

impl Folders for InfisicalSource {
    fn list<'a>(&'a self, path: &'a str) -> WriteFuture<'a, Vec<String>> {
        Box::pin(async move {
            let (scope, base) = self.target().await?;
            let path = join(&base, path);
            let folders = self.names(&scope, &path).await?;
            Ok(folders)
        })
    }

    fn create<'a>(&'a self, path: &'a str) -> WriteFuture<'a, bool> {
        Box::pin(async move {
            let (scope, base) = self.target().await?;
            let (parent, name) = split(&base, path)?;
            // The server returns a folder that exists as if it had made it.
            if self.names(&scope, &parent).await.is_ok_and(|names| names.contains(&name)) {
                return Ok(false);
            }
            self.change_folder(Method::Post, &scope, &parent, &name).await?;
            Ok(true)
        })
    }

    fn delete<'a>(&'a self, path: &'a str) -> WriteFuture<'a, bool> {
        Box::pin(async move {
            let (scope, base) = self.target().await?;
            let (parent, name) = split(&base, path)?;
            if !self.names(&scope, &parent).await?.contains(&name) {
                return Ok(false);
            }
            self.change_folder(Method::Delete, &scope, &parent, &name).await?;
            Ok(true)
        })
    }
}

impl InfisicalSource {
    async fn names(&self, scope: &Scope, path: &str) -> Result<Vec<String>, provider::Error> {
        let (session, project) = (&self.session, &scope.project);
        match project::folders(session, project, &scope.environment, path).await {
            Ok(names) => Ok(names),
            Err(failure) => Err(self
                .refused(scope, path, failure)
                .await
                .map_or_else(provider::Error::from, |_| {
                    WriteError::NoFolder { path: path.to_owned() }.into()
                })),
        }
    }

    async fn change_folder(
        &self,
        method: Method,
        scope: &Scope,
        parent: &str,
        name: &str,
    ) -> Result<(), WriteError> {
        let is_new = method == Method::Post;
        let place = FolderPlace {
            project: &scope.project,
            workspace: &scope.project,
            environment: &scope.environment,
            path: parent,
            name: is_new.then_some(name),
        };
        let body = to_json(&place);
        let ask = async |version: &str| {
            let parts = [version, "folders", name];
            let parts = if is_new { &parts[..2] } else { &parts[..] };
            let route = Route { operation: Operation::Write, parts, query: &[] };
            self.session.write::<IgnoredAny>(method, route, &body).await
        };
        let sent = match ask("v2").await {
            Err(failure) if is_route_missing(&failure) => ask("v1").await,
            result => result,
        };
        match sent {
            Ok(_folder) => Ok(()),
            Err(Failure::Refused(response))
                if response.kind() == ResponseKind::Missing && !is_new =>
            {
                Err(WriteError::NoFolder { path: join(parent, name) })
            }
            Err(failure) => {
                Err(self.cannot_write((scope, parent), WriteFailure::Failed(failure)).await)
            }
        }
    }
}

/// A path below a folder.
fn join(base: &str, path: &str) -> String {
    normalise(&format!("{base}/{path}"))
}

/// The parent and the name of a folder. Servers store names with other characters, and then cannot reach them.
fn split(base: &str, path: &str) -> Result<(String, String), WriteError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let bad = parts.iter().any(|part| part.len() > 255 || !part.chars().all(is_plain));
    match parts.pop() {
        Some(name) if !bad => Ok((join(base, &parts.join("/")), name.to_owned())),
        _ => Err(WriteError::FolderName { path: path.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_a_parent_and_a_name_that_the_server_can_reach() {
        for (base, path, want) in [
            ("/", "a", Some(("/", "a"))),
            ("/api", "a/b-c/", Some(("/api/a", "b-c"))),
            ("/api", "/x", Some(("/api", "x"))),
            ("/", "", None),
            ("/", "a b", None),
            ("/", "a.b", None),
            ("/", "..", None),
        ] {
            let got = split(base, path).ok();
            let want = want.map(|(parent, name)| (parent.to_owned(), name.to_owned()));
            assert_eq!(got, want, "{base} {path}");
        }
    }
}
