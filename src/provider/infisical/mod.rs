//! The Infisical store.
//!
//! `schema` and `configure` define its settings, `method` selects the login. `session` logs in and sends
//! requests with `api`; `scope` and `project` find out what to read; `list` reads it, `rows` orders it, and
//! `multiline` repairs it. `write` changes it, in the order of `batch`. `error_response` classifies what a server rejects, and `diagnosis` explains an
//! empty list.

use std::cell::Cell;
use std::fmt;

use futures_util::future::try_join_all;

use crate::http;
use crate::provider::{self, End, Fetch, Get, GetFuture, Source};
use crate::secret::{Name, Secret, SecretSet, Value};

mod account;
mod api;
mod batch;
mod configure;
mod diagnosis;
mod doctor;
mod error;
mod error_kind;
mod error_response;
mod example;
mod export;
#[cfg(feature = "external-secrets")]
mod external_secret;
mod folders;
mod history;
mod list;
mod login;
mod machine;
mod method;
mod multiline;
mod names;
mod objects;
mod project;
mod project_file;
mod rows;
pub mod schema;
mod scope;
mod session;
mod settings;

#[cfg(test)]
mod tests;
mod wire;
mod words;
mod write;
mod write_error;
mod write_request;

use api::{Api, Failure};
use error_response::ResponseKind;
use list::ApiVersion;
use rows::FolderQuery;
use scope::Scope;
use session::Session;

use settings::Infisical as Settings;

pub use configure::InfisicalType;
pub use error::Error;
pub use error_kind::{BodyError, LoginRejection, Operation, TokenRejection, UnexpectedContent};
pub use error_response::ErrorResponse;

pub use machine::{Azure, Google, GoogleKey, MachineIdentity};
pub use settings::{Infisical, Login, ProjectRef, normalise};
use wire::{List, SecretRow};

pub use wire::{Environment, Project, Status};

/// A name that is requested to find out whether a folder may be read.
const PERMISSION_PROBE: &str = "HUSHED_PERMISSION_PROBE";

/// Secrets in folders of one environment of a project.
pub struct InfisicalSource {
    settings: Settings,
    session: Session,
    api_version: Cell<Option<ApiVersion>>,
}

impl InfisicalSource {
    /// Makes the source. Nothing is asked of the server yet.
    pub fn new(settings: Settings, http: http::Client) -> Self {
        let api = Api::new(http, settings.base.clone());
        let session = Session::new(api, settings.login.clone(), settings.organization.clone());
        Self { settings, session, api_version: Cell::default() }
    }

    /// Asks the server whether it is there. This needs no login.
    pub async fn status(&self) -> Result<Status, Error> {
        self.session.status().await
    }

    /// Logs in, unless that was done. A ready token is only checked when it is used.
    pub async fn login(&self) -> Result<(), Error> {
        self.session.log_in_once().await
    }

    /// Looks up the project with its environments.
    pub async fn project(&self) -> Result<Project, Error> {
        let found = match &self.settings.project {
            Some(ProjectRef::Slug(slug)) => project::by_slug(&self.session, slug).await.map(Some),
            Some(ProjectRef::Id(id)) => project::by_id(&self.session, id).await,
            None => return Err(Error::NoProject),
        };
        found.map_err(|failure| self.not_found(failure))?.ok_or_else(|| Error::NotInfisical {
            server: self.session.server(),
            seen: UnexpectedContent::OtherJson,
        })
    }

    /// Reads each folder by itself, and says how many secrets it gives, or why none.
    pub async fn rights(&self) -> Result<Vec<(String, Result<usize, Error>)>, Error> {
        let scope = self.scope().await?;
        let mut rights = Vec::new();
        for path in &scope.paths {
            let place = format!("{path} in {}", scope.environment);
            rights.push((place, self.folder(&scope, path).await.map(|set| set.len())));
        }
        Ok(rights)
    }

    async fn read(&self) -> Result<SecretSet, Error> {
        let scope = self.scope().await?;
        let folders = scope.paths.iter().map(|path| self.folder(&scope, path));
        let mut all = SecretSet::default();
        try_join_all(folders).await?.into_iter().for_each(|set| all.append(set));
        Ok(all)
    }

    async fn scope(&self) -> Result<Scope, Error> {
        if let Login::ServiceToken(token) = &self.settings.login {
            let known = project::service_token(&self.session).await;
            let known =
                known.map_err(|failure| self.session.refused(Operation::Lookup, failure))?;
            return scope::scope_of_service_token(&self.settings, &token.origin, &known);
        }
        let id = match &self.settings.project {
            Some(ProjectRef::Id(id)) => id.clone(),
            _ => self.project().await?.id,
        };
        scope::scope_of_identity(&self.settings, id)
    }

    async fn folder(&self, scope: &Scope, path: &str) -> Result<SecretSet, Error> {
        let ask = |expand| {
            list::read(&self.session, &self.api_version, &self.settings, scope, path, expand)
        };
        let mut list = match ask(self.settings.expand).await {
            Ok(list) => list,
            Err(failure) => return self.refused(scope, path, failure).await,
        };
        if self.settings.expand && multiline::is_suspect(&list) {
            let stored = ask(false).await;
            let stored = stored.map_err(|f| self.session.refused(Operation::Read, f))?;
            multiline::restore(&mut list, &stored);
        }
        let place = self.folder_query(scope, path);
        let set = rows::merge(list, place)?;
        if !set.is_empty() {
            return Ok(set);
        }
        // Servers of 2025 send an empty list for a folder that the identity may not read.
        if let Err(failure) = self.read_one(scope, path, PERMISSION_PROBE).await
            && matches!(&failure, Failure::Refused(response) if response.kind() == ResponseKind::Forbidden)
        {
            return self.refused(scope, path, failure).await;
        }
        if !self.settings.allow_empty {
            return Err(
                diagnosis::explain_empty_list(&self.session, &self.settings, scope, path).await
            );
        }
        Ok(set)
    }

    async fn read_one(&self, scope: &Scope, path: &str, name: &str) -> Result<SecretRow, Failure> {
        let (session, api_version, settings) = (&self.session, &self.api_version, &self.settings);
        list::read_one(session, api_version, settings, scope, path, name, &[]).await
    }

    /// Reads one secret from the last folder that has it, as the last folder of a list wins.
    async fn find(&self, name: &Name) -> Result<Option<Secret>, Error> {
        let scope = self.scope().await?;
        for path in scope.paths.iter().rev() {
            let row = match self.read_one(&scope, path, name.as_str()).await {
                Ok(row) => row,
                Err(Failure::Refused(response)) if response.kind() == ResponseKind::Missing => {
                    continue;
                }
                Err(failure) => {
                    self.refused(&scope, path, failure).await?;
                    continue;
                }
            };
            let list = List { secrets: vec![row], imports: Vec::new() };
            let place = self.folder_query(&scope, path);
            return Ok(rows::merge(list, place)?.into_iter().next());
        }
        Ok(None)
    }

    fn folder_query<'a>(&'a self, scope: &'a Scope, path: &'a str) -> FolderQuery<'a> {
        FolderQuery {
            source: &self.settings.name,
            environment: &scope.environment,
            path,
            recursive: self.settings.recursive,
            personal: self.settings.personal,
        }
    }

    /// Says what it means that the server refuses to list a folder.
    async fn refused(
        &self,
        scope: &Scope,
        path: &str,
        failure: Failure,
    ) -> Result<SecretSet, Error> {
        let source = match failure {
            Failure::Failed(error) => return Err(error),
            Failure::Refused(source) => source,
        };
        let (path_, environment) = (path.to_owned(), scope.environment.clone());
        let project = || {
            self.settings
                .project
                .as_ref()
                .map_or_else(|| scope.project.clone(), ToString::to_string)
        };
        Err(match source.kind() {
            ResponseKind::NotAMember => Error::NoAccess { project: project(), source },
            ResponseKind::UnknownProject => Error::UnknownProject { project: project(), source },
            ResponseKind::Forbidden => {
                // Servers ask for the right before they ask whether there is such a place.
                match diagnosis::environments(&self.session, scope).await {
                    Some(known) if !known.contains(&environment) => {
                        Error::UnknownEnvironment { environment, known: Some(known) }
                    }
                    _ => Error::Forbidden { path: path_, environment, source },
                }
            }
            ResponseKind::Reference => {
                Error::ForbiddenReference { path: path_, environment, source }
            }
            // Newer servers say that there is no such place; older ones fail on a tree of an
            // environment that does not exist.
            ResponseKind::Missing | ResponseKind::UnknownEnvironment | ResponseKind::Failure => {
                let found = self.misplaced(scope, path, source.kind()).await;
                match found {
                    Some(_) if self.settings.allow_empty => return Ok(SecretSet::default()),
                    Some(error) => error,
                    None => self.session.refused(Operation::Read, Failure::Refused(source)),
                }
            }
            _ => self.session.refused(Operation::Read, Failure::Refused(source)),
        })
    }

    async fn misplaced(&self, scope: &Scope, path: &str, kind: ResponseKind) -> Option<Error> {
        if kind == ResponseKind::Failure && !self.settings.recursive {
            return None;
        }
        match diagnosis::explain_empty_list(&self.session, &self.settings, scope, path).await {
            Error::NoSecrets { environment, .. } if kind == ResponseKind::UnknownEnvironment => {
                Some(Error::UnknownEnvironment { environment, known: None })
            }
            Error::NoSecrets { .. } => None,
            error => Some(error),
        }
    }

    /// Says what it means that the server refuses to look up the project.
    fn not_found(&self, failure: Failure) -> Error {
        let project = self.settings.project.as_ref().map(ToString::to_string).unwrap_or_default();
        match failure {
            Failure::Refused(source) => match source.kind() {
                ResponseKind::Missing | ResponseKind::UnknownProject => {
                    Error::UnknownProject { project, source }
                }
                ResponseKind::NotAMember | ResponseKind::Forbidden => {
                    Error::NoAccess { project, source }
                }
                _ => self.session.refused(Operation::Lookup, Failure::Refused(source)),
            },
            Failure::Failed(error) => error,
        }
    }
}

impl Get for InfisicalSource {
    fn get<'a>(&'a self, name: &'a Name) -> GetFuture<'a> {
        Box::pin(async { self.find(name).await.map_err(provider::Error::from) })
    }
}

impl Source for InfisicalSource {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { self.read().await.map_err(provider::Error::from) })
    }

    fn end(&self) -> End<'_> {
        Box::pin(async {
            match self.settings.revoke_token {
                Some(_) => self.session.revoke().await.map_err(provider::Error::from),
                None => Ok(()),
            }
        })
    }

    fn as_read_objects(&self) -> Option<&dyn provider::ReadObjects> {
        Some(self)
    }

    fn as_get(&self) -> Option<&dyn Get> {
        // One request cannot search a tree of folders.
        (!self.settings.recursive).then_some(self)
    }

    fn pause(&self) {
        self.session.close();
    }

    fn resume(&self, token: Value) {
        self.session.resume(token);
    }

    fn login(&self) -> provider::Login {
        self.session.outcome()
    }
}

impl fmt::Debug for InfisicalSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InfisicalSource").field("settings", &self.settings).finish_non_exhaustive()
    }
}
