//! The recorded project, put together again out of what was recorded of it.
//! Must not invent what an exchange tells.

use serde_json::Value;

use super::infisical::{
    ClientSecret, Environment, Folder, Identity, Import, Kind, Login, Project, Secret, Tag, World,
};

/// One request and what the real server answered.
#[derive(Debug)]
pub struct Exchange {
    /// What it shows.
    pub name: String,
    /// `method`, `path`, `headers`, `body`.
    pub request: Value,
    /// `status`, `headers`, `body`.
    pub response: Value,
}

/// Stands for the value that was recorded by its length only.
const BIG: &str = "<20480 hex chars>";

/// Reads all exchanges, in the order in which they happened.
pub fn exchanges() -> Vec<Exchange> {
    let lines = include_str!("../wire/exchanges.jsonl").lines();
    let exchange = |line: &str| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        let name = value["name"].as_str().unwrap().to_owned();
        Exchange { name, request: value["request"].take(), response: value["response"].take() }
    };
    lines.map(exchange).collect()
}

/// Builds the server's world of the day of the recording.
pub fn world(exchanges: &[Exchange]) -> World {
    let body = |name: &str| {
        let exchange = exchanges.iter().find(|exchange| exchange.name == name);
        &exchange.expect("a recorded exchange").response["body"]
    };
    let mut project = project(body("project-get-by-slug"));
    project.tags = list(&body("tags-list")["workspaceTags"], tag);
    folders(&mut project, "dev", "", body("folders-list-root"));
    folders(&mut project, "dev", "/apps", body("folders-list-apps"));
    folders(&mut project, "prod", "", body("folders-list-forbidden-noprod"));
    project.folder_mut("dev", "/apps/api").imports =
        list(&body("imports-list")["secretImports"], import);
    for exchange in exchanges {
        secrets(&mut project, &exchange.response["body"]);
    }
    let personal = &body("secret-get-type-personal-user")["secret"];
    project.folder_mut("dev", "/").secrets.push(secret(personal));
    // Seen only through a reference to it.
    let value = text(&body("secret-get-expand-prod-ok")["secret"]["secretValue"]);
    project = project.secret("prod", "/shared", "NAME", &value);

    let mut other = Project::new("other");
    other.id = "b076e5d2-8478-4c8e-8b80-411a4bdaf278".into();
    identities(World::default().project(project).project(other))
}

fn identities(world: World) -> World {
    let universal =
        |name: &str, client_id: &str| Identity::universal(name, client_id, &client_secret(name));
    let slug = "acceptance";
    let mut uses = universal("id_uses", "1b7b0d2a-c231-430e-a216-66e948436086").reads_all(slug);
    let mut expired = ClientSecret::new(&client_secret("id_expired"));
    expired.expired = true;
    uses.universal_mut().secrets.push(expired);
    uses.universal_mut().secrets[0].uses_left = Some(2);

    let mut elsewhere = universal("id_ip", "a828233d-de74-42bf-b88c-38969d7c3bba");
    elsewhere.universal_mut().addresses = vec!["10.9.9.0/24".into()];
    let mut token_elsewhere = universal("id_ip_token_blocked", "-").reads_all(slug);
    token_elsewhere.token_addresses = vec!["10.9.9.0/24".into()];
    let mut thrice = universal("id_token_uses_3", "-").reads_all(slug);
    thrice.uses = Some(3);

    let short = universal("id_short_ttl", "a731dc57-518d-4d86-a51f-297762cadeb4");
    world
        .identity(universal("id_reader", "e11821d3-b350-4d3d-909a-9102a69af963").reads_all(slug))
        .identity(universal("id_no_prod", "-").reads(slug, "dev", "/**"))
        .identity(universal("id_api_only", "-").reads(slug, "dev", "/apps/api/**"))
        .identity(universal("id_no_project", "-"))
        .identity(Identity::new("id_token_auth", Login::Token).reads_all(slug))
        .identity(short.reads_all(slug).ttl(2, 6))
        .identity(uses)
        .identity(elsewhere)
        .identity(token_elsewhere)
        .identity(thrice)
        .identity(Identity::new("admin", Login::User).reads_all(slug))
}

/// Returns the client secret of a recorded identity.
pub fn client_secret(identity: &str) -> String {
    format!("canary-client-secret-of-{identity}")
}

fn project(body: &Value) -> Project {
    let mut project = Project::new(&text(&body["slug"]));
    project.id = text(&body["id"]);
    project.name = text(&body["name"]);
    project.organisation = text(&body["orgId"]);
    project.dates = dates(body);
    project.environments = list(&body["environments"], |body| Environment {
        id: text(&body["id"]),
        name: text(&body["name"]),
        slug: text(&body["slug"]),
        folders: Vec::new(),
    });
    for env in ["dev", "staging", "prod"] {
        project.folder_mut(env, "/");
    }
    project
}

fn folders(project: &mut Project, env: &str, base: &str, body: &Value) {
    for body in body["folders"].as_array().unwrap() {
        let folder: &mut Folder =
            project.folder_mut(env, &format!("{base}/{}", text(&body["name"])));
        folder.id = text(&body["id"]);
        folder.date = text(&body["createdAt"]);
        let parent = if base.is_empty() { "/" } else { base };
        project.folder_mut(env, parent).id = text(&body["parentId"]);
    }
}

/// Takes the secrets of a list; where a list is expanded, an earlier one has the value as stored.
fn secrets(project: &mut Project, body: &Value) {
    for row in body["secrets"].as_array().into_iter().flatten() {
        let (env, path) = (&row["environment"], &row["secretPath"]);
        let (Some(env), Some(path)) = (env.as_str(), path.as_str()) else { continue };
        let Some(_) = row["secretKey"].as_str() else { continue };
        let folder = project.folder_mut(env, path);
        if !folder.secrets.iter().any(|known| row["id"] == known.id.as_str()) {
            folder.secrets.push(secret(row));
        }
    }
}

fn secret(row: &Value) -> Secret {
    let value = text(&row["secretValue"]);
    let value = if value == BIG { "c0".repeat(10_240) } else { value };
    let tags = row["tags"].as_array().unwrap();
    Secret {
        id: text(&row["id"]),
        key: text(&row["secretKey"]),
        value,
        comment: text(&row["secretComment"]),
        version: 1,
        kind: if row["type"] == "personal" { Kind::Personal } else { Kind::Shared },
        tags: tags.iter().map(|tag| text(&tag["slug"])).collect(),
        skip_multiline_encoding: row["skipMultilineEncoding"] == true,
        unreadable: false,
        dates: dates(row),
    }
}

fn tag(body: &Value) -> Tag {
    Tag {
        id: text(&body["id"]),
        slug: text(&body["slug"]),
        color: text(&body["color"]),
        date: text(&body["createdAt"]),
        creator: text(&body["createdBy"]),
    }
}

fn import(body: &Value) -> Import {
    Import {
        id: text(&body["id"]),
        environment: text(&body["importEnv"]["slug"]),
        path: text(&body["importPath"]),
        date: text(&body["createdAt"]),
    }
}

fn list<T>(body: &Value, each: impl Fn(&Value) -> T) -> Vec<T> {
    body.as_array().unwrap().iter().map(each).collect()
}

fn dates(body: &Value) -> [String; 2] {
    [text(&body["createdAt"]), text(&body["updatedAt"])]
}

fn text(body: &Value) -> String {
    body.as_str().unwrap().to_owned()
}
