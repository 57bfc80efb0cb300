//! `POST`, `PATCH` and `DELETE` of one secret, in `/v3/secrets/raw/{name}` and `/v4/secrets/{name}`, of several in the
//! batch routes, and of folders: what the recorded servers do with names and values. Must not know reads.

use serde_json::{Value, json};

use super::{
    Generation, World,
    access::View,
    answer::{Answer, Issue, Refusal},
    list::Route,
    project::{Folder, Kind, Secret},
    request::Request,
    token::Actor,
    world::Writes,
};

/// Changes the secret of this name, or those of a batch.
pub fn write(
    world: &mut World,
    generation: Generation,
    actor: &Actor,
    request: &Request,
    (route, name): (Route, Option<&str>),
) -> Result<Answer, Refusal> {
    let body = body(request)?;
    let project = field(&body, if route == Route::V3 { "workspaceId" } else { "projectId" })?;
    let (env, path) =
        (field(&body, "environment")?, field(&body, "secretPath").unwrap_or_else(|_| "/".into()));
    let view = View { world, generation, actor, request };
    let (is_user, project) = (view.person(), view.member(&project)?);
    let slug = project.slug.clone();
    if project.find(&env, &path).is_none() {
        let text = format!("Folder with path '{path}' in environment with slug '{env}' not found");
        return Err(Refusal::new(404, "NotFound", text));
    }
    if !view.may_read(project, &env, &path) {
        return Err(view.denied(&env, &path));
    }
    let tags: Vec<_> = project.tags.iter().map(|tag| (tag.id.clone(), tag.slug.clone())).collect();
    match world.writes {
        Writes::Refused => {
            let text = "You are not allowed to create on secrets";
            return Err(Refusal::new(403, "PermissionDenied", text));
        }
        Writes::Approved => return Ok(Answer::json(&json!({ "approval": { "id": "made-up" } }))),
        Writes::Done | Writes::Raced => {}
    }
    let raced = world.writes == Writes::Raced;
    let (old, method) = (generation == Generation::V3Only, request.method.as_str());
    let folder = world.edit(&slug).folder_mut(&env, &path);
    // A batch is done as a whole or not at all.
    let mut changed = folder.clone();
    let writing = Writing { old, method, is_user, tags: &tags };
    let Some(items) = body.get("secrets").filter(|_| name.is_none()) else {
        writing.one(&mut changed, &folder.secrets, name.unwrap_or("batch"), &body)?;
        let secret = changed.secrets.last().cloned();
        *folder = changed;
        if raced && method == "POST" {
            folder.secrets.extend(secret);
        }
        let name = name.unwrap_or_default();
        return Ok(Answer::json(&json!({ "secret": { "secretKey": name, "secretComment": "" } })));
    };
    let items = items.as_array().cloned().unwrap_or_default();
    let names = || items.iter().filter_map(|item| item.get("secretKey")?.as_str());
    let (there, missing): (Vec<_>, Vec<_>) =
        names().partition(|name| folder.secrets.iter().any(|secret| secret.key == *name));
    if method == "DELETE" && !missing.is_empty() {
        // As recorded: it names those that exist.
        let text = format!("One or more secrets does not exist: {}", there.join(", "));
        return Err(Refusal::new(404, "NotFound", text));
    }
    for item in &items {
        writing.one(&mut changed, &folder.secrets, &field(item, "secretKey")?, item)?;
    }
    *folder = changed;
    Ok(Answer::json(&json!({ "secrets": names().collect::<Vec<_>>() })))
}

struct Writing<'a> {
    old: bool,
    method: &'a str,
    is_user: bool,
    tags: &'a [(String, String)],
}

impl Writing<'_> {
    /// Changes one secret of a folder; `before` is what was there before the batch.
    fn one(
        &self,
        folder: &mut Folder,
        before: &[Secret],
        name: &str,
        item: &Value,
    ) -> Result<(), Refusal> {
        let personal = item.get("type").and_then(Value::as_str) == Some("personal");
        if personal && !self.is_user {
            return Err(bad("Must be user to create personal secret"));
        }
        let kind = if personal { Kind::Personal } else { Kind::Shared };
        let value = item.get("secretValue").and_then(Value::as_str);
        if !self.old
            && let Some(unknown) = value.and_then(|v| unresolved(v, before))
        {
            return Err(bad(&format!("Referenced secret(s) not found: {unknown}")));
        }
        let is_it = |secret: &Secret| secret.key == name && secret.kind == kind;
        let at = folder.secrets.iter().position(is_it);
        let missing =
            || Refusal::new(404, "NotFound", format!("Secret with name '{name}' not found"));
        let is_shared = |secret: &Secret| secret.key == name && secret.kind == Kind::Shared;
        match self.method {
            "POST" if kind == Kind::Personal && !folder.secrets.iter().any(is_shared) => {
                let text =
                    "Failed to create personal secret override for no corresponding shared secret";
                return Err(bad(text));
            }
            // The servers look for a shared one of before the batch, and never for a personal one.
            "POST" if kind == Kind::Shared && before.iter().any(is_shared) => {
                return Err(bad("Secret already exist"));
            }
            "POST" => {
                let value =
                    value.ok_or_else(|| Refusal::Invalid(vec![Issue::required("secretValue")]))?;
                let mut secret = Secret { kind, ..Secret::new(name, &stored(value)) };
                self.annotate(&mut secret, item)?;
                folder.secrets.push(secret);
            }
            "PATCH" => {
                if self.old && value.is_none() {
                    return Err(Refusal::Invalid(vec![Issue::required("secretValue")]));
                }
                let secret = &mut folder.secrets[at.ok_or_else(missing)?];
                if let Some(value) = value {
                    secret.value = stored(value);
                }
                if let Some(new) = item.get("newSecretName").and_then(Value::as_str) {
                    secret.key = new.into();
                }
                secret.version += 1;
                self.annotate(secret, item)?;
            }
            _ if kind == Kind::Personal => folder.secrets.retain(|secret| !is_it(secret)),
            _ => {
                at.ok_or_else(missing)?;
                folder.secrets.retain(|secret| secret.key != name);
            }
        }
        Ok(())
    }

    fn annotate(&self, secret: &mut Secret, item: &Value) -> Result<(), Refusal> {
        if let Some(comment) = item.get("secretComment").and_then(Value::as_str) {
            secret.comment = comment.into();
        }
        let Some(ids) = item.get("tagIds").and_then(Value::as_array) else { return Ok(()) };
        secret.tags.clear();
        for id in ids {
            let known = self.tags.iter().find(|(known, _)| id.as_str() == Some(known));
            let (_, slug) = known.ok_or_else(|| Refusal::new(404, "NotFound", "Tag not found"))?;
            secret.tags.push(slug.clone());
        }
        Ok(())
    }
}

/// Creates or deletes a folder, with all that is below it.
pub fn folder(
    world: &mut World,
    generation: Generation,
    actor: &Actor,
    request: &Request,
    name: Option<&str>,
) -> Result<Answer, Refusal> {
    let body = body(request)?;
    let (project, env, parent) =
        (field(&body, "workspaceId")?, field(&body, "environment")?, field(&body, "path")?);
    let view = View { world, generation, actor, request };
    let slug = view.member(&project)?.slug.clone();
    let join = |name: &str| format!("{}/{name}", parent.trim_end_matches('/'));
    let project = world.edit(&slug);
    let Some(name) = name else {
        let path = join(&field(&body, "name")?);
        project.folder_mut(&env, &path);
        return Ok(Answer::json(&json!({ "folder": { "name": path } })));
    };
    let path = join(name);
    let missing = || Refusal::new(404, "NotFound", "Folder not found");
    project.find(&env, &path).ok_or_else(missing)?;
    let environment = project.environments.iter_mut().find(|known| known.slug == env);
    let folders = &mut environment.ok_or_else(missing)?.folders;
    folders.retain(|folder| folder.path != path && !folder.path.starts_with(&format!("{path}/")));
    Ok(Answer::json(&json!({ "folder": { "name": name } })))
}

fn body(request: &Request) -> Result<Value, Refusal> {
    serde_json::from_slice(&request.body)
        .map_err(|_| Refusal::Invalid(vec![Issue::not_an_object("undefined")]))
}

fn field(body: &Value, name: &str) -> Result<String, Refusal> {
    let text = body.get(name).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| Refusal::Invalid(vec![Issue::required(name)]))
}

fn bad(text: &str) -> Refusal {
    Refusal::new(400, "BadRequest", text)
}

/// The first name that a value refers to and that the folder did not have.
fn unresolved<'a>(value: &'a str, before: &[Secret]) -> Option<&'a str> {
    let names = value.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    let is_name = |name: &&str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
    };
    names.filter(is_name).find(|name| !before.iter().any(|secret| secret.key == **name))
}

/// The server trims values, and keeps one newline at the end.
fn stored(value: &str) -> String {
    let trimmed = value.trim();
    if value.ends_with('\n') { format!("{trimmed}\n") } else { trimmed.to_owned() }
}
