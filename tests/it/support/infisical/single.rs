//! `GET /v3/secrets/raw/{name}` and `GET /v4/secrets/{name}`: one secret.
//! Must not know lists.

use super::{
    access::View,
    answer::{Answer, Issue, Refusal},
    expand::expand,
    list::{Route, imported, place, wishes},
    ordered::object,
    project::{Folder, Kind, Project, Secret},
    row::{Row, Shape},
};

/// Answers with one secret.
pub fn single(view: &View<'_>, route: Route, name: &str) -> Result<Answer, Refusal> {
    let kind = match view.request.parameter("type").as_deref() {
        None | Some("shared") => Kind::Shared,
        Some("personal") => Kind::Personal,
        Some(other) => {
            let issue = Issue::choice("type", other, ["shared", "personal"]);
            return Err(Refusal::Invalid(vec![issue]));
        }
    };
    let wishes = wishes(view, route)?;
    let place = place(view, route)?;
    let (project, env, path) = (place.project, place.env.as_str(), place.path.as_str());
    if !view.may_read(project, env, path) {
        return Err(view.denied(env, path));
    }
    let folder = project.find(env, path).ok_or_else(|| {
        let name = if view.old() { "Create secret" } else { "NotFound" };
        Refusal::new(404, name, "Folder not found for the given environment slug & secret path")
    })?;
    let own = folder.secrets.iter().find(|found| {
        found.key == name && found.kind == kind && (kind == Kind::Shared || view.person())
    });
    let found = match own {
        Some(secret) => Some((env, path, secret)),
        None if wishes.imports => by_import(view, project, folder, name),
        None => None,
    };
    let missing = || Refusal::new(404, "NotFound", "Secret not found");
    let (env, path, secret) = found.ok_or_else(missing)?;
    let value = if !wishes.view || secret.unreadable && !view.old() {
        if wishes.view && !view.world.masks_unreadable {
            return Err(view.denied(env, path));
        }
        None
    } else if wishes.expand {
        let expanded = expand(view, project, env, path, secret);
        Some(expanded.map_err(|broken| broken.refusal(view.old()))?)
    } else {
        Some(secret.value.clone())
    };
    let shape = if own.is_some() { Shape::Single } else { Shape::SingleImported };
    let mut tags: Vec<&str> = secret.tags.iter().map(String::as_str).collect();
    tags.sort_by_key(|slug| project.tags.iter().find(|tag| tag.slug == **slug).map(|tag| &tag.id));
    let row = Row { project, env, path, secret, value, tags };
    Ok(Answer::json(&object([("secret", row.json(shape, view.old()))])))
}

/// Looks a name up in what a folder imports: the last import first.
fn by_import<'a>(
    view: &View<'_>,
    project: &'a Project,
    folder: &'a Folder,
    name: &str,
) -> Option<(&'a str, &'a str, &'a Secret)> {
    folder.imports.iter().rev().find_map(|import| {
        let from = (import.environment.as_str(), import.path.as_str());
        imported(view, project, from).into_iter().find(|(_, _, secret)| secret.key == name)
    })
}
