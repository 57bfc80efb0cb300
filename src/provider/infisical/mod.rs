//! Infisical: logging in, and reading the secrets of folders, from servers of every generation.
//! It knows nothing of configuration: settings come ready, and errors name what they were told.
//!
//! One file a part: `api` one request; `session` login and
//! token; `scope` what is read; `project` lookups; `list` the secrets; `rows` their order;
//! `multiline` a repair; `diagnosis` why there is nothing; `answer` what a refusal means; `fault`
//! the kinds of faults that `error` tells apart.

use std::cell::Cell;
use std::fmt;

use futures_util::future::try_join_all;

use crate::http;
use crate::provider::{self, End, Fetch, Source};
use crate::secret::{SecretSet, Value};

mod account;
mod answer;
mod api;
mod configure;
mod diagnosis;
mod doctor;
mod error;
mod example;
mod export;
mod fault;
mod list;
mod login;
mod method;
mod multiline;
mod names;
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

use answer::Meaning;
use api::{Api, Failure};
use list::Generation;
use rows::Place;
use scope::Scope;
use session::Session;

use settings::Infisical as Settings;

pub use answer::Answer;
pub use configure::InfisicalType;
pub use error::Error;
pub use fault::{Damage, LoginFault, Seen, Step, TokenFault};

pub use settings::{Infisical, Login, ProjectRef, normalise};
pub use wire::{Environment, Project, Status};

/// Secrets in folders of one environment of a project.
pub struct InfisicalSource {
    settings: Settings,
    session: Session,
    generation: Cell<Option<Generation>>,
}

impl InfisicalSource {
    /// Makes the source. Nothing is asked of the server yet.
    pub fn new(settings: Settings, http: http::Client) -> Self {
        let api = Api::new(http, settings.base.clone());
        let session = Session::new(api, settings.login.clone(), settings.organization.clone());
        Self { settings, session, generation: Cell::default() }
    }

    /// Asks the server whether it is there. This needs no login.
    pub async fn status(&self) -> Result<Status, Error> {
        self.session.status().await
    }

    /// Logs in, unless that was done. A ready token is only checked when it is used.
    pub async fn login(&self) -> Result<(), Error> {
        self.session.enter().await
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
            seen: Seen::OtherJson,
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
            let known = known.map_err(|failure| self.session.refused(Step::Lookup, failure))?;
            return scope::of_service_token(&self.settings, &token.origin, &known);
        }
        let id = match &self.settings.project {
            Some(ProjectRef::Id(id)) => id.clone(),
            _ => self.project().await?.id,
        };
        scope::of_identity(&self.settings, id)
    }

    async fn folder(&self, scope: &Scope, path: &str) -> Result<SecretSet, Error> {
        let ask = |expand| {
            list::read(&self.session, &self.generation, &self.settings, scope, path, expand)
        };
        let mut list = match ask(self.settings.expand).await {
            Ok(list) => list,
            Err(failure) => return self.refused(scope, path, failure).await,
        };
        if self.settings.expand && multiline::is_suspect(&list) {
            let stored = ask(false).await;
            let stored = stored.map_err(|f| self.session.refused(Step::Read, f))?;
            multiline::restore(&mut list, &stored);
        }
        let place = Place {
            source: &self.settings.name,
            environment: &scope.environment,
            path,
            recursive: self.settings.recursive,
            personal: self.settings.personal,
        };
        let set = rows::merge(list, place)?;
        if set.is_empty() && !self.settings.allow_empty {
            return Err(diagnosis::of_nothing(&self.session, &self.settings, scope, path).await);
        }
        Ok(set)
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
        Err(match source.meaning() {
            Meaning::NotAMember => Error::NoAccess { project: project(), source },
            Meaning::UnknownProject => Error::UnknownProject { project: project(), source },
            Meaning::Forbidden => {
                // Servers ask for the right before they ask whether there is such a place.
                match diagnosis::environments(&self.session, scope).await {
                    Some(known) if !known.contains(&environment) => {
                        Error::UnknownEnvironment { environment, known: Some(known) }
                    }
                    _ => Error::Forbidden { path: path_, environment, source },
                }
            }
            Meaning::Reference => Error::ForbiddenReference { path: path_, environment, source },
            // Newer servers say that there is no such place; older ones fail on a tree of an
            // environment that does not exist.
            Meaning::Missing | Meaning::UnknownEnvironment | Meaning::Failure => {
                let found = self.misplaced(scope, path, source.meaning()).await;
                match found {
                    Some(_) if self.settings.allow_empty => return Ok(SecretSet::default()),
                    Some(error) => error,
                    None => self.session.refused(Step::Read, Failure::Refused(source)),
                }
            }
            _ => self.session.refused(Step::Read, Failure::Refused(source)),
        })
    }

    async fn misplaced(&self, scope: &Scope, path: &str, meaning: Meaning) -> Option<Error> {
        if meaning == Meaning::Failure && !self.settings.recursive {
            return None;
        }
        match diagnosis::of_nothing(&self.session, &self.settings, scope, path).await {
            Error::NoSecrets { environment, .. } if meaning == Meaning::UnknownEnvironment => {
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
            Failure::Refused(source) => match source.meaning() {
                Meaning::Missing | Meaning::UnknownProject => {
                    Error::UnknownProject { project, source }
                }
                Meaning::NotAMember | Meaning::Forbidden => Error::NoAccess { project, source },
                _ => self.session.refused(Step::Lookup, Failure::Refused(source)),
            },
            Failure::Failed(error) => error,
        }
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
