//! `POST`, `PATCH` and `DELETE` of one shared secret, in `/v3/secrets/raw/{name}` and `/v4/secrets/{name}`: what the
//! recorded servers do with names and values. Must not know reads.

use serde_json::{Value, json};

use super::{
    Generation, World,
    access::View,
    answer::{Answer, Issue, Refusal},
    list::Route,
    project::{Kind, Secret},
    request::Request,
    token::Actor,
    world::Writes,
};

/// Changes a secret.
pub fn write(
    world: &mut World,
    generation: Generation,
    actor: &Actor,
    request: &Request,
    route: Route,
    name: &str,
) -> Result<Answer, Refusal> {
    let body: Value = serde_json::from_slice(&request.body)
        .map_err(|_| Refusal::Invalid(vec![Issue::not_an_object("undefined")]))?;
    let field = |name: &str| {
        let text = body.get(name).and_then(Value::as_str);
        text.map(str::to_owned).ok_or_else(|| Refusal::Invalid(vec![Issue::required(name)]))
    };
    let project = field(if route == Route::V3 { "workspaceId" } else { "projectId" })?;
    let (env, path) = (field("environment")?, field("secretPath").unwrap_or_else(|_| "/".into()));
    let (slug, may) = {
        let view = View { world, generation, actor, request };
        let project = view.member(&project)?;
        if project.find(&env, &path).is_none() {
            let text =
                format!("Folder with path '{path}' in environment with slug '{env}' not found");
            return Err(Refusal::new(404, "NotFound", text));
        }
        let may = view
            .may_read(project, &env, &path)
            .then_some(())
            .ok_or_else(|| view.denied(&env, &path));
        (project.slug.clone(), may)
    };
    may?;
    if world.writes == Writes::Refused {
        return Err(Refusal::new(
            403,
            "PermissionDenied",
            "You are not allowed to create on secrets",
        ));
    }
    if world.writes == Writes::Approved {
        return Ok(Answer::json(&json!({ "approval": { "id": "made-up" } })));
    }
    let folder = world.edit(&slug).folder_mut(&env, &path);
    let is_it = |secret: &Secret| secret.key == name && secret.kind == Kind::Shared;
    let at = folder.secrets.iter().position(is_it);
    let missing = || Refusal::new(404, "NotFound", format!("Secret with name '{name}' not found"));
    match request.method.as_str() {
        "POST" if at.is_some() => {
            return Err(Refusal::new(400, "BadRequest", "Secret already exist"));
        }
        "POST" => folder.secrets.push(Secret::new(name, &stored(&field("secretValue")?))),
        "PATCH" => {
            let secret = &mut folder.secrets[at.ok_or_else(missing)?];
            secret.value = stored(&field("secretValue")?);
        }
        _ => drop(folder.secrets.remove(at.ok_or_else(missing)?)),
    }
    Ok(Answer::json(&json!({ "secret": { "secretKey": name } })))
}

/// The server trims values, and keeps one newline at the end.
fn stored(value: &str) -> String {
    let trimmed = value.trim();
    if value.ends_with('\n') { format!("{trimmed}\n") } else { trimmed.to_owned() }
}
