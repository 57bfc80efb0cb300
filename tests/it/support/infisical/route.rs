//! From a request to its answer: route, sender, limit, then what was asked.
//! Must not do I/O.

use super::{
    Generation, World,
    access::View,
    answer::{Answer, Refusal},
    limit::{Class, Verdict},
    list::{self, list},
    login,
    places::{self, Twin},
    request::Request,
    single::single,
    token::Actor,
    writing,
};

/// Is what a path means.
#[derive(Debug, Clone)]
enum Route {
    Status,
    Login(String),
    Renew,
    Revoke,
    List(list::Route),
    Single(list::Route, String),
    Write(list::Route, Option<String>),
    WriteFolder(Option<String>),
    Folders(Twin),
    Imports(Twin),
    ImportSecrets,
    Tags(String, &'static str),
    ProjectById(String, &'static str),
    ProjectBySlug(String),
    Projects(&'static str),
    ServiceToken,
}

/// Answers a request.
pub fn answer(world: &mut World, generation: Generation, request: &Request) -> Answer {
    if request.path() != "/api" && !request.path().starts_with("/api/") {
        return Answer::html();
    }
    let tag = request.header("if-none-match").map(String::from);
    let mut extra = Vec::new();
    let outcome = dispatch(world, generation, request, &mut extra);
    let mut answer = outcome.unwrap_or_else(|refusal| refusal.answer(generation));
    answer.headers.extend(extra);
    answer.tagged(tag.as_deref())
}

fn dispatch(
    world: &mut World,
    generation: Generation,
    request: &Request,
    extra: &mut Vec<(String, String)>,
) -> Result<Answer, Refusal> {
    let route = find(generation, request).ok_or_else(|| Refusal::Route {
        method: request.method.clone(),
        target: request.target.clone(),
    })?;
    // The header is read on every route, so that a stale one fails even a login.
    let header = request.header("authorization");
    let actor = header.map(|header| world.authenticate(header, request.address())).transpose()?;
    let class = class(&route);
    if matches!(class, Some(Class::Secrets | Class::Read)) && actor.is_none() {
        return Err(Refusal::unauthorized("Token missing"));
    }
    if let Some(verdict) = class.and_then(|class| count(world, class, &route, request)) {
        limit(generation, verdict, extra)?;
    }
    let nobody = Actor::Identity(String::new());
    match route {
        Route::Login(method) => login::login(world, generation, &method, request),
        Route::Renew => login::renew(world, generation, request),
        Route::Revoke => login::revoke(world, request),
        Route::Write(route, name) => {
            let actor = actor.as_ref().unwrap_or(&nobody);
            writing::write(world, generation, actor, request, (route, name.as_deref()))
        }
        Route::WriteFolder(name) => {
            let actor = actor.as_ref().unwrap_or(&nobody);
            writing::folder(world, generation, actor, request, name.as_deref())
        }
        route => {
            let actor = actor.as_ref().unwrap_or(&nobody);
            read(&View { world, generation, actor, request }, route)
        }
    }
}

fn read(view: &View<'_>, route: Route) -> Result<Answer, Refusal> {
    match route {
        Route::List(route) => list(view, route),
        Route::Single(route, name) => single(view, route, &name),
        Route::Folders(twin) => places::folders(view, twin),
        Route::Imports(twin) => places::imports(view, twin),
        Route::ImportSecrets => places::import_secrets(view),
        Route::Tags(id, field) => places::tags(view, &id, field),
        Route::ProjectById(id, field) => places::project_by_id(view, &id, field),
        Route::ProjectBySlug(slug) => places::project_by_slug(view, &slug),
        Route::Projects(field) => places::projects(view, field),
        Route::ServiceToken => places::service_token(view),
        Route::Status
        | Route::Login(_)
        | Route::Renew
        | Route::Revoke
        | Route::Write(..)
        | Route::WriteFolder(_) => Ok(places::status(view)),
    }
}

fn find(generation: Generation, request: &Request) -> Option<Route> {
    let path = request.path().strip_prefix("/api/")?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let parts: Vec<String> = path.split('/').map(decode).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let known = match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["status"]) => Some(Route::Status),
        ("POST", ["v1", "auth", "token", "renew"]) => Some(Route::Renew),
        ("POST", ["v1", "auth", "token", "revoke"]) => Some(Route::Revoke),
        ("POST", ["v1", "auth", method, "login"]) if login::exists(generation, method) => {
            Some(Route::Login((*method).into()))
        }
        ("GET", ["v3", "secrets", "raw"]) => Some(Route::List(list::Route::V3)),
        ("GET", ["v3", "secrets", "raw", name]) => {
            Some(Route::Single(list::Route::V3, (*name).into()))
        }
        ("POST" | "PATCH" | "DELETE", ["v3", "secrets", "raw", name]) => {
            Some(Route::Write(list::Route::V3, Some((*name).into())))
        }
        ("POST" | "PATCH" | "DELETE", ["v3", "secrets", "batch", "raw"]) => {
            Some(Route::Write(list::Route::V3, None))
        }
        ("POST", ["v1", "folders"]) => Some(Route::WriteFolder(None)),
        ("DELETE", ["v1", "folders", name]) => Some(Route::WriteFolder(Some((*name).into()))),
        ("GET", ["v1", "folders"]) => Some(Route::Folders(Twin::V1)),
        ("GET", ["v1", "secret-imports"]) => Some(Route::Imports(Twin::V1)),
        ("GET", ["v1", "secret-imports", "secrets", "raw"]) => Some(Route::ImportSecrets),
        ("GET", ["v1", "workspace"]) => Some(Route::Projects("workspaces")),
        ("GET", ["v1", "workspace", id]) => Some(Route::ProjectById((*id).into(), "workspace")),
        ("GET", ["v1", "workspace", id, "tags"]) => {
            Some(Route::Tags((*id).into(), "workspaceTags"))
        }
        ("GET", ["v2", "workspace", slug]) => Some(Route::ProjectBySlug((*slug).into())),
        ("GET", ["v2", "service-token"]) => Some(Route::ServiceToken),
        _ => None,
    };
    let newer = || match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["v4", "secrets"]) => Some(Route::List(list::Route::V4)),
        ("GET", ["v4", "secrets", name]) => Some(Route::Single(list::Route::V4, (*name).into())),
        ("POST" | "PATCH" | "DELETE", ["v4", "secrets", "batch"]) => {
            Some(Route::Write(list::Route::V4, None))
        }
        ("POST", ["v2", "folders"]) => Some(Route::WriteFolder(None)),
        ("DELETE", ["v2", "folders", name]) => Some(Route::WriteFolder(Some((*name).into()))),
        ("POST" | "PATCH" | "DELETE", ["v4", "secrets", name]) => {
            Some(Route::Write(list::Route::V4, Some((*name).into())))
        }
        ("GET", ["v2", "folders"]) => Some(Route::Folders(Twin::V2)),
        ("GET", ["v2", "secret-imports"]) => Some(Route::Imports(Twin::V2)),
        ("GET", ["v1", "projects"]) => Some(Route::Projects("projects")),
        ("GET", ["v1", "projects", "slug", slug]) => Some(Route::ProjectBySlug((*slug).into())),
        ("GET", ["v1", "projects", id]) => Some(Route::ProjectById((*id).into(), "project")),
        ("GET", ["v1", "projects", id, "tags"]) => Some(Route::Tags((*id).into(), "tags")),
        _ => None,
    };
    known.or_else(|| if generation == Generation::V3Only { None } else { newer() })
}

/// Decodes `%41` and the like in a part of a path.
fn decode(part: &str) -> String {
    let mut pieces = part.split('%');
    let mut decoded = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let code = piece.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        decoded.push(code.unwrap_or(b'%'));
        let rest = if code.is_some() { piece.get(2..) } else { Some(piece) };
        decoded.extend(rest.unwrap_or_default().bytes());
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn class(route: &Route) -> Option<Class> {
    match route {
        Route::Status => None,
        Route::Login(_) | Route::Renew | Route::Revoke => Some(Class::Write),
        Route::List(_) | Route::Single(..) | Route::Write(..) | Route::WriteFolder(_) => {
            Some(Class::Secrets)
        }
        _ => Some(Class::Read),
    }
}

fn count(world: &mut World, class: Class, route: &Route, request: &Request) -> Option<Verdict> {
    let now = world.now();
    let name = match route {
        Route::Single(kind, _) => format!("single {kind:?}"),
        Route::Write(kind, _) => format!("write {kind:?}"),
        other => format!("{other:?}"),
    };
    world.limiter.as_mut().map(|limiter| limiter.count(class, &name, request.address(), now))
}

/// Answers as if the limit were reached.
pub fn limited(generation: Generation, verdict: Verdict) -> Answer {
    let mut extra = Vec::new();
    let mut answer = match limit(generation, verdict, &mut extra) {
        Err(refusal) => refusal.answer(generation),
        Ok(()) => Answer::json(&()),
    };
    answer.headers.extend(extra);
    answer.tagged(None)
}

fn limit(
    generation: Generation,
    verdict: Verdict,
    extra: &mut Vec<(String, String)>,
) -> Result<(), Refusal> {
    let mut tell = |name: &str, number: u64| extra.push((name.into(), number.to_string()));
    tell("x-ratelimit-limit", verdict.limit.into());
    tell("x-ratelimit-remaining", verdict.left.unwrap_or(0).into());
    tell("x-ratelimit-reset", verdict.reset);
    if verdict.left.is_some() {
        return Ok(());
    }
    tell("retry-after", verdict.reset);
    Err(match generation {
        Generation::V3Only => Refusal::unforeseen("InternalServerError"),
        Generation::V4B | Generation::V4C => Refusal::new(
            429,
            "RateLimitExceeded",
            format!("Rate limit exceeded. Please try again in {} seconds", verdict.reset),
        ),
    })
}
