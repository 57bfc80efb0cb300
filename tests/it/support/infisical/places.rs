//! Projects, environments, folders, imports, tags: where secrets can be.
//! Must not know a secret's value, but for the list of what an import brings.

use super::{
    access::View,
    answer::{Answer, Refusal},
    list::{imported, unknown_slug},
    ordered::{Json, object},
    project::{Environment, Folder, Project},
    row::{Row, Shape},
    token::Actor,
    world::iso,
};

/// Returns under which name a request gives the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twin {
    /// `workspaceId`.
    V1,
    /// `projectId`, and `path` must be there.
    V2,
}

/// `GET /api/status`.
pub fn status(view: &View<'_>) -> Answer {
    Answer::json(&object([
        ("date", Json::Text(iso(view.world.now()))),
        ("message", Json::from("Ok")),
        ("emailConfigured", Json::from(false)),
        ("inviteOnlySignup", Json::from(true)),
        ("redisConfigured", Json::from(true)),
        ("secretScanningConfigured", Json::from(false)),
    ]))
}

/// `GET /v1/folders` and `/v2/folders`.
pub fn folders(view: &View<'_>, twin: Twin) -> Result<Answer, Refusal> {
    let (project, env, path) = place(view, twin)?;
    let environment = project.environment(&env).ok_or_else(|| {
        let name = if view.old() { "get folders" } else { "NotFound" };
        Refusal::new(404, name, "Environment not found")
    })?;
    let deep = matches!(view.request.parameter("recursive").as_deref(), Some("true" | "1"));
    let inside = |folder: &&Folder| match folder.parent() {
        None => false,
        Some(parent) => parent == path || deep && !view.old() && below(&path, parent),
    };
    let found = environment.folders.iter().filter(inside);
    let folders: Json = found.map(|found| folder(environment, found)).collect();
    Ok(Answer::json(&object([("folders", folders)])))
}

fn below(base: &str, path: &str) -> bool {
    base == "/" || path.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'))
}

fn folder(environment: &Environment, folder: &Folder) -> Json {
    let name = folder.path.rsplit('/').next().unwrap_or_default();
    let parent = environment.folders.iter().find(|other| folder.parent() == Some(&other.path));
    object([
        ("id", Json::from(&folder.id)),
        ("name", Json::from(name)),
        ("version", Json::Number(1)),
        ("createdAt", Json::from(&folder.date)),
        ("updatedAt", Json::from(&folder.date)),
        ("envId", Json::from(&environment.id)),
        ("parentId", parent.map_or(Json::Null, |parent| Json::from(&parent.id))),
        ("isReserved", Json::from(false)),
    ])
}

fn place<'a>(view: &View<'a>, twin: Twin) -> Result<(&'a Project, String, String), Refusal> {
    let id = view.required(if twin == Twin::V1 { "workspaceId" } else { "projectId" })?;
    let env = view.required("environment")?;
    let path = match twin {
        Twin::V1 => view.request.parameter("path").or(view.request.parameter("directory")),
        Twin::V2 => Some(view.required("path")?),
    };
    let path = path.unwrap_or_else(|| "/".into());
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(&path).to_owned();
    Ok((view.member(&id)?, env, path))
}

/// `GET /v1/secret-imports` and `/v2/secret-imports`.
pub fn imports(view: &View<'_>, twin: Twin) -> Result<Answer, Refusal> {
    let (project, env, path) = place(view, twin)?;
    if !view.may_read(project, &env, &path) {
        return Err(view.denied(&env, &path));
    }
    let folder = project.find(&env, &path);
    let imports = folder.into_iter().flat_map(|folder| {
        folder.imports.iter().zip(1..).map(|(import, position)| {
            let from = project.environment(&import.environment);
            object([
                ("id", Json::from(&import.id)),
                ("version", Json::Number(1)),
                ("importPath", Json::from(&import.path)),
                ("position", Json::Number(position)),
                ("createdAt", Json::from(&import.date)),
                ("updatedAt", Json::from(&import.date)),
                ("folderId", Json::from(&folder.id)),
                ("isReplication", Json::from(false)),
                ("isReplicationSuccess", Json::Null),
                ("replicationStatus", Json::Null),
                ("lastReplicated", Json::Null),
                ("isReserved", Json::from(false)),
                ("importEnv", from.map_or(Json::Null, environment)),
            ])
        })
    });
    let message = Json::from("Successfully fetched secret imports");
    Ok(Answer::json(&object([("message", message), ("secretImports", imports.collect())])))
}

/// `GET /v1/secret-imports/secrets/raw`.
pub fn import_secrets(view: &View<'_>) -> Result<Answer, Refusal> {
    let (project, env, path) = place(view, Twin::V1)?;
    if !view.may_read(project, &env, &path) {
        return Err(view.denied(&env, &path));
    }
    let imports = project.find(&env, &path).map(|folder| folder.imports.as_slice());
    let blocks = imports.unwrap_or_default().iter().filter_map(|import| {
        let (env, path) = (import.environment.as_str(), import.path.as_str());
        let source = project.find(env, path).filter(|_| view.may_read(project, env, path))?;
        let info = project.environment(env)?;
        let rows = imported(view, project, (env, path)).into_iter().map(|(env, path, secret)| {
            let value = Some(secret.value.clone());
            let row = Row { project, env, path, secret, value, tags: Vec::new() };
            row.json(Shape::ImportedDated, view.old())
        });
        Some(object([
            ("secretPath", Json::from(path)),
            ("environment", Json::from(env)),
            (
                "environmentInfo",
                object([
                    ("id", Json::from(&info.id)),
                    ("name", Json::from(&info.name)),
                    ("slug", Json::from(&info.slug)),
                ]),
            ),
            ("folderId", Json::from(&source.id)),
            ("secrets", rows.collect()),
        ]))
    });
    Ok(Answer::json(&object([("secrets", blocks.collect())])))
}

/// `GET /v1/workspace/{id}/tags`, later `/v1/projects/{id}/tags`.
pub fn tags(view: &View<'_>, id: &str, field: &'static str) -> Result<Answer, Refusal> {
    let project = view.member(id)?;
    let tags = project.tags.iter().map(|tag| {
        object([
            ("id", Json::from(&tag.id)),
            ("slug", Json::from(&tag.slug)),
            ("color", Json::from(&tag.color)),
            ("createdAt", Json::from(&tag.date)),
            ("updatedAt", Json::from(&tag.date)),
            ("createdBy", Json::from(&tag.creator)),
            ("projectId", Json::from(&project.id)),
            ("createdByActorType", Json::from("user")),
        ])
    });
    Ok(Answer::json(&object([(field, tags.collect())])))
}

/// `GET /v1/workspace/{id}` and `GET /v1/projects/{id}`, wrapped in the given field.
pub fn project_by_id(view: &View<'_>, id: &str, field: &'static str) -> Result<Answer, Refusal> {
    jwt_only(view)?;
    Ok(Answer::json(&object([(field, project(view.member(id)?))])))
}

/// `GET /v2/workspace/{slug}` and `GET /v1/projects/slug/{slug}`, which are not wrapped.
pub fn project_by_slug(view: &View<'_>, slug: &str) -> Result<Answer, Refusal> {
    jwt_only(view)?;
    let found = view.world.project_by_slug(slug).ok_or_else(|| unknown_slug(view, slug))?;
    Ok(Answer::json(&project(view.member(&found.id)?)))
}

/// `GET /v1/workspace` and `GET /v1/projects`: those that the sender belongs to.
pub fn projects(view: &View<'_>, field: &'static str) -> Result<Answer, Refusal> {
    jwt_only(view)?;
    if field == "workspaces" && !view.person() {
        return Err(forbidden(view));
    }
    let mine = view.world.projects.iter().filter(|found| view.member(&found.id).is_ok());
    Ok(Answer::json(&object([(field, mine.map(project).collect())])))
}

/// `GET /v2/service-token`: what a service token is for.
pub fn service_token(view: &View<'_>) -> Result<Answer, Refusal> {
    let Actor::Service(id) = view.actor else { return Err(forbidden(view)) };
    let missing = || Refusal::new(404, "NotFound", "Service token not found");
    let token = view.world.service_tokens.iter().find(|found| found.id == *id);
    let token = token.ok_or_else(missing)?;
    let project = view.world.project_by_slug(&token.project).ok_or_else(missing)?;
    let scopes = token.scopes.iter().map(|(env, path)| {
        object([("environment", Json::from(env)), ("secretPath", Json::from(path))])
    });
    Ok(Answer::json(&object([
        ("id", Json::from(&token.id)),
        ("_id", Json::from(&token.id)),
        ("name", Json::from("service token")),
        ("scopes", scopes.collect()),
        ("permissions", Json::List(vec![Json::from("read")])),
        ("projectId", Json::from(&project.id)),
        ("workspace", Json::from(&project.id)),
        ("expiresAt", Json::Null),
        ("__v", Json::Number(0)),
    ])))
}

/// Keeps service tokens out.
fn jwt_only(view: &View<'_>) -> Result<(), Refusal> {
    if matches!(view.actor, Actor::Service(_)) { Err(forbidden(view)) } else { Ok(()) }
}

fn forbidden(view: &View<'_>) -> Refusal {
    let error = format!("Forbidden access to {}", view.request.target);
    Refusal::new(403, &error, "You are not allowed to access this resource")
}

fn environment(environment: &Environment) -> Json {
    object([
        ("name", Json::from(&environment.name)),
        ("slug", Json::from(&environment.slug)),
        ("id", Json::from(&environment.id)),
    ])
}

fn project(project: &Project) -> Json {
    let [created, updated] = &project.dates;
    object([
        ("id", Json::from(&project.id)),
        ("name", Json::from(&project.name)),
        ("slug", Json::from(&project.slug)),
        ("autoCapitalization", Json::from(true)),
        ("orgId", Json::from(&project.organisation)),
        ("createdAt", Json::from(created)),
        ("updatedAt", Json::from(updated)),
        ("version", Json::Number(3)),
        ("upgradeStatus", Json::Null),
        ("pitVersionLimit", Json::Number(10)),
        ("kmsCertificateKeyId", Json::Null),
        ("auditLogsRetentionDays", Json::Null),
        ("_id", Json::from(&project.id)),
        ("environments", project.environments.iter().map(environment).collect()),
    ])
}
