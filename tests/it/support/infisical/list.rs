//! `GET /v3/secrets/raw` and `GET /v4/secrets`: the secrets of a folder or a tree.
//! Must not know the single secret.

use super::{
    Generation,
    access::View,
    answer::{Answer, Refusal},
    expand::expand,
    ordered::{Json, object},
    project::{Folder, Kind, Project, Secret},
    row::{Row, Shape},
};

/// Which of the two routes is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `/v3/secrets/raw`.
    V3,
    /// `/v4/secrets`.
    V4,
}

/// A place in a project.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The project.
    pub project: &'a Project,
    /// The environment's slug, which may be wrong.
    pub env: String,
    /// The folder, which may be wrong.
    pub path: String,
}

/// How values and imports are to be shown.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "these are the flags of the query")]
pub struct Wishes {
    /// References are followed.
    pub expand: bool,
    /// Imports are brought.
    pub imports: bool,
    /// Values are shown.
    pub view: bool,
    /// Which of two rows of one name: `None` both, else whether the personal one.
    personal: Option<bool>,
    recursive: bool,
    tags: Vec<String>,
}

/// Reads which place a request is about.
pub fn place<'a>(view: &View<'a>, route: Route) -> Result<Place<'a>, Refusal> {
    let path = view.request.parameter("secretPath").unwrap_or_else(|| "/".into());
    let path = match path.strip_suffix('/') {
        Some(stripped) if !stripped.is_empty() => stripped.to_owned(),
        _ => path,
    };
    let incomplete = || Refusal::new(400, "BadRequest", "Missing workspace id or environment");
    if let Some((project, env, path)) = view.only_scope() {
        return Ok(Place { project, env, path });
    }
    let id = match route {
        Route::V4 => view.required("projectId")?,
        Route::V3 => {
            if let Some(id) = view.request.parameter("workspaceId") {
                id
            } else {
                let slug = view.request.parameter("workspaceSlug").ok_or_else(incomplete)?;
                let project = view.world.project_by_slug(&slug);
                project.ok_or_else(|| unknown_slug(view, &slug))?.id.clone()
            }
        }
    };
    let env = view.request.parameter("environment").ok_or_else(incomplete)?;
    Ok(Place { project: view.member(&id)?, env, path })
}

/// Refuses a slug that no project has.
pub fn unknown_slug(view: &View<'_>, slug: &str) -> Refusal {
    if view.old() {
        return Refusal::unforeseen("Failed to find project by slug");
    }
    Refusal::new(404, "NotFound", format!("Project with slug '{slug}' not found"))
}

/// Reads how values and imports are to be shown.
pub fn wishes(view: &View<'_>, route: Route) -> Result<Wishes, Refusal> {
    let newest = route == Route::V4 && view.generation == Generation::V4C;
    let imports = view.flag(if newest { "includeImports" } else { "include_imports" })?;
    let shown = if view.old() { None } else { view.flag("viewSecretValue")? };
    let tags = view.request.parameter("tagSlugs").unwrap_or_default();
    Ok(Wishes {
        expand: view.flag("expandSecretReferences")?.unwrap_or(newest),
        imports: imports.unwrap_or(newest),
        view: shown.unwrap_or(true),
        personal: if newest {
            Some(view.flag("includePersonalOverrides")?.unwrap_or(false))
        } else {
            None
        },
        recursive: view.flag("recursive")?.unwrap_or(false),
        tags: tags.split(',').filter(|tag| !tag.is_empty()).map(String::from).collect(),
    })
}

/// Answers with a list.
pub fn list(view: &View<'_>, route: Route) -> Result<Answer, Refusal> {
    let wishes = wishes(view, route)?;
    let place = place(view, route)?;
    let (project, env) = (place.project, place.env.as_str());
    if !wishes.recursive && !view.may_read(project, env, &place.path) {
        if view.world.hides_forbidden {
            let nothing = || Json::List(Vec::new());
            return Ok(Answer::json(&object([("secrets", nothing()), ("imports", nothing())])));
        }
        return Err(view.denied(env, &place.path));
    }
    let folders = folders(view, &place, &wishes)?;
    if folders.is_empty() && !wishes.recursive {
        let nothing = || Json::List(Vec::new());
        return Ok(Answer::json(&object([("secrets", nothing()), ("imports", nothing())])));
    }
    let mut rows: Vec<(&str, Json)> = Vec::new();
    for folder in &folders {
        for secret in chosen(view, &wishes, folder) {
            let tags = wanted(&wishes, secret);
            if !wishes.tags.is_empty() && tags.is_empty() {
                continue;
            }
            let value = match shown(view, &wishes, &place, folder, secret)? {
                Shown::Value(value) => Some(value),
                Shown::Masked => None,
                Shown::LeftOut => continue,
            };
            let row = Row { project, env, path: &folder.path, secret, value, tags };
            rows.push((&secret.id, row.json(Shape::Listed, view.old())));
        }
    }
    rows.sort_by_key(|(id, _)| *id);
    let mut fields = vec![("secrets", rows.into_iter().map(|(_, row)| row).collect())];
    if wishes.imports {
        let blocks = folders.iter().map(|folder| blocks(view, project, folder, &wishes));
        let blocks: Result<Vec<Vec<Json>>, Refusal> = blocks.collect();
        fields.push(("imports", blocks?.into_iter().flatten().collect()));
    }
    Ok(Answer::json(&Json::Object(fields)))
}

fn folders<'a>(
    view: &View<'_>,
    place: &Place<'a>,
    wishes: &Wishes,
) -> Result<Vec<&'a Folder>, Refusal> {
    let Some(environment) = place.project.environment(&place.env) else {
        return match (wishes.recursive, view.old()) {
            (false, _) => Ok(Vec::new()),
            (true, true) => Err(Refusal::unforeseen("InternalServerError")),
            (true, false) => Err(Refusal::new(
                404,
                "NotFound",
                format!("Environment with slug '{}' not found", place.env),
            )),
        };
    };
    let base = place.path.as_str();
    let below = |path: &str| {
        // The old server compares text: `/app` brings `/app2` too.
        let boundary = |rest: &str| view.old() || rest.is_empty() || rest.starts_with('/');
        base == "/" || path.strip_prefix(base).is_some_and(boundary)
    };
    let found = environment.folders.iter().filter(|folder| {
        if wishes.recursive {
            below(&folder.path) && view.may_read(place.project, &place.env, &folder.path)
        } else {
            folder.path == base
        }
    });
    Ok(found.collect())
}

/// Returns the rows of a folder that the sender sees, one of a name where the server collapses them.
fn chosen<'a>(view: &View<'_>, wishes: &Wishes, folder: &'a Folder) -> Vec<&'a Secret> {
    let mut secrets = folder.sorted();
    let has_personal = |key: &str| {
        folder.secrets.iter().any(|other| other.key == key && other.kind == Kind::Personal)
    };
    secrets.retain(|secret| match (secret.kind, wishes.personal) {
        (Kind::Personal, wish) => view.person() && wish.unwrap_or(true),
        (Kind::Shared, Some(true)) => !(view.person() && has_personal(&secret.key)),
        (Kind::Shared, _) => true,
    });
    secrets
}

fn wanted<'a>(wishes: &Wishes, secret: &'a Secret) -> Vec<&'a str> {
    let asked = |tag: &&String| wishes.tags.is_empty() || wishes.tags.contains(*tag);
    secret.tags.iter().filter(asked).map(String::as_str).collect()
}

/// What becomes of a secret in a list.
enum Shown {
    Value(String),
    Masked,
    LeftOut,
}

fn shown(
    view: &View<'_>,
    wishes: &Wishes,
    place: &Place<'_>,
    folder: &Folder,
    secret: &Secret,
) -> Result<Shown, Refusal> {
    if !wishes.view {
        return Ok(Shown::Masked);
    }
    if secret.unreadable && !view.old() {
        return if view.world.masks_unreadable {
            Ok(Shown::Masked)
        } else if folder.path == place.path {
            Err(view.denied(&place.env, &folder.path))
        } else {
            Ok(Shown::LeftOut)
        };
    }
    value(view, wishes, place.project, (&place.env, &folder.path), secret).map(Shown::Value)
}

/// Returns a value in a list, expanded if wished; the old server leaves what it cannot expand.
fn value(
    view: &View<'_>,
    wishes: &Wishes,
    project: &Project,
    (env, path): (&str, &str),
    secret: &Secret,
) -> Result<String, Refusal> {
    if !wishes.expand {
        return Ok(secret.value.clone());
    }
    match expand(view, project, env, path, secret) {
        Ok(value) => Ok(value),
        Err(_) if view.old() => Ok(secret.value.clone()),
        Err(broken) => Err(broken.refusal(false)),
    }
}

fn blocks(
    view: &View<'_>,
    project: &Project,
    folder: &Folder,
    wishes: &Wishes,
) -> Result<Vec<Json>, Refusal> {
    let mut blocks = Vec::new();
    for import in &folder.imports {
        let (env, path) = (import.environment.as_str(), import.path.as_str());
        let Some(source) = project.find(env, path) else { continue };
        if !view.may_read(project, env, path) {
            continue;
        }
        let rows = imported(view, project, (env, path)).into_iter().map(|(env, path, secret)| {
            let own = wishes.personal == Some(true) && view.person();
            let own = project.find(env, path).filter(|_| own).and_then(|folder| {
                let own = |row: &&Secret| row.key == secret.key && row.kind == Kind::Personal;
                folder.secrets.iter().find(own)
            });
            let secret = own.unwrap_or(secret);
            let value = if wishes.view && !secret.unreadable {
                Some(value(view, wishes, project, (env, path), secret)?)
            } else {
                None
            };
            let row = Row { project, env, path, secret, value, tags: Vec::new() };
            Ok(row.json(Shape::Imported, view.old()))
        });
        blocks.push(object([
            ("secretPath", Json::from(path)),
            ("environment", Json::from(env)),
            ("folderId", Json::from(&source.id)),
            ("secrets", Json::List(rows.collect::<Result<_, Refusal>>()?)),
        ]));
    }
    Ok(blocks)
}

/// Returns the secrets of an imported folder, then those that it imports itself.
pub fn imported<'a>(
    view: &View<'_>,
    project: &'a Project,
    from: (&'a str, &'a str),
) -> Vec<(&'a str, &'a str, &'a Secret)> {
    let mut found: Vec<(&str, &str, &Secret)> = Vec::new();
    let mut seen = Vec::new();
    let mut queue = vec![from];
    while let Some((env, path)) = queue.pop() {
        if seen.contains(&(env, path)) || !view.may_read(project, env, path) {
            continue;
        }
        seen.push((env, path));
        let Some(folder) = project.find(env, path) else { continue };
        for secret in folder.sorted() {
            let hidden = secret.unreadable && !view.old() && !view.world.masks_unreadable;
            let known = found.iter().any(|(_, _, other)| other.key == secret.key);
            if secret.kind == Kind::Shared && !hidden && !known {
                found.push((env, path, secret));
            }
        }
        // The last pushed is the next popped: the first import goes first.
        let nested = folder.imports.iter().rev();
        queue.extend(nested.map(|import| (import.environment.as_str(), import.path.as_str())));
    }
    found
}
