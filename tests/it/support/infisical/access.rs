//! Which project a request is about, and whether its sender may read there.
//! Must not know what is read.

use serde_json::json;

use super::{
    Generation, World,
    answer::{Issue, Refusal},
    identity::{Login, covers},
    project::Project,
    request::Request,
    token::Actor,
};

/// One request's sight of the world.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Everything.
    pub world: &'a World,
    /// How the server behaves.
    pub generation: Generation,
    /// Who asks.
    pub actor: &'a Actor,
    /// What is asked.
    pub request: &'a Request,
}

impl<'a> View<'a> {
    /// Returns whether the server is one of October 2024.
    pub fn old(&self) -> bool {
        self.generation == Generation::V3Only
    }

    /// Reads a parameter that must be `true` or `false`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.request.parameter(name).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                Err(Refusal::Invalid(vec![Issue::choice(name, other, ["true", "false"])]))
            }
        }
    }

    /// Reads a parameter without which the request has the wrong shape.
    pub fn required(&self, name: &str) -> Result<String, Refusal> {
        let missing = || Refusal::Invalid(vec![Issue::required(name)]);
        self.request.parameter(name).ok_or_else(missing)
    }

    /// Finds a project by id, if the sender belongs to it.
    pub fn member(&self, id: &str) -> Result<&'a Project, Refusal> {
        let project = self.world.project_by_id(id).ok_or_else(|| {
            Refusal::new(
                404,
                "NotFound",
                "Project not found during bot lookup. Are you sure you are using the correct \
                 project ID?",
            )
        })?;
        if self.belongs(project) {
            return Ok(project);
        }
        Err(Refusal::new(
            403,
            "Identity is not a member of the specified project",
            "You are not allowed to access this resource",
        ))
    }

    fn belongs(&self, project: &Project) -> bool {
        match self.actor {
            Actor::Identity(id) => {
                let identity = self.world.identities.iter().find(|found| found.id == *id);
                identity.is_some_and(|identity| {
                    identity.grants.iter().any(|grant| grant.project == project.slug)
                })
            }
            Actor::Service(id) => {
                let token = self.world.service_tokens.iter().find(|found| found.id == *id);
                token.is_some_and(|token| token.project == project.slug)
            }
        }
    }

    /// Returns whether the sender is a person, who alone has personal secrets.
    pub fn person(&self) -> bool {
        let Actor::Identity(id) = self.actor else { return false };
        let identity = self.world.identities.iter().find(|found| found.id == *id);
        identity.is_some_and(|identity| matches!(identity.login, Login::User))
    }

    /// Returns the one scope of a service token that stands in for the whole query.
    pub fn only_scope(&self) -> Option<(&'a Project, String, String)> {
        let Actor::Service(id) = self.actor else { return None };
        let token = self.world.service_tokens.iter().find(|found| found.id == *id)?;
        let [(env, path)] = token.scopes.as_slice() else { return None };
        if path.contains(['*', '?', '{', '[']) {
            return None;
        }
        Some((self.world.project_by_slug(&token.project)?, env.clone(), path.clone()))
    }

    /// Returns whether the sender may read the secrets of a folder.
    pub fn may_read(&self, project: &Project, env: &str, path: &str) -> bool {
        match self.actor {
            Actor::Identity(id) => {
                let identity = self.world.identities.iter().find(|found| found.id == *id);
                identity.is_some_and(|identity| {
                    identity.grants.iter().any(|grant| {
                        grant.project == project.slug
                            && covers(&grant.environment, env)
                            && covers(&grant.path, path)
                    })
                })
            }
            Actor::Service(id) => {
                let token = self.world.service_tokens.iter().find(|found| found.id == *id);
                token.is_some_and(|token| {
                    token.scopes.iter().any(|(scope, glob)| scope == env && covers(glob, path))
                })
            }
        }
    }

    /// Refuses to show the secrets of a folder.
    pub fn denied(&self, env: &str, path: &str) -> Refusal {
        let details = json!([{
            "action": "read",
            "inverted": false,
            "subject": "secrets",
            "conditions": {"environment": env, "secretPath": path},
        }]);
        Refusal::Fault {
            status: 403,
            error: "PermissionDenied".into(),
            message: "You are not allowed to read on secrets".into(),
            details: if self.old() { None } else { Some(details) },
        }
    }
}
