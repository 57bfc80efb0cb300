//! Logins, renewal, revocation.
//! Must not know secrets.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    Generation, World,
    answer::{Answer, Issue, Refusal},
    identity::{Identity, Login, Universal, admits},
    request::Request,
    token::elsewhere,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Granted {
    access_token: String,
    expires_in: u64,
    #[serde(rename = "accessTokenMaxTTL")]
    max_ttl: u64,
    token_type: &'static str,
}

impl Granted {
    fn answer(identity: &Identity, access_token: String) -> Answer {
        let (expires_in, max_ttl) = (identity.ttl.as_secs(), identity.max_ttl.as_secs());
        Answer::json(&Self { access_token, expires_in, max_ttl, token_type: "Bearer" })
    }
}

/// Returns which logins a generation has.
pub fn exists(generation: Generation, method: &str) -> bool {
    let old =
        ["universal-auth", "kubernetes-auth", "gcp-auth", "aws-auth", "azure-auth", "oidc-auth"];
    let new = ["jwt-auth", "ldap-auth", "spiffe-auth", "tls-cert-auth"];
    old.contains(&method) || generation != Generation::V3Only && new.contains(&method)
}

/// Logs in by the method that the route names.
pub fn login(
    world: &mut World,
    generation: Generation,
    method: &str,
    request: &Request,
) -> Result<Answer, Refusal> {
    let fields: &[&str] = match method {
        "universal-auth" => &["clientId", "clientSecret"],
        "aws-auth" => &["identityId", "iamRequestBody", "iamRequestHeaders"],
        "ldap-auth" => &["identityId", "username", "password"],
        "tls-cert-auth" => &["identityId"],
        _ => &["identityId", "jwt"],
    };
    let body = object(request, fields)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let organisation = match generation {
        Generation::V3Only => "",
        Generation::V4B => text("subOrganizationName"),
        Generation::V4C => text("organizationSlug"),
    };
    let known = &world.organisations;
    if !organisation.is_empty() && !known.is_empty() && !known.iter().any(|it| it == organisation) {
        let message = format!("Organization with slug '{organisation}' not found");
        return Err(Refusal::new(404, "NotFound", message));
    }
    let name = if method == "universal-auth" {
        universal(world, generation, text("clientId"), text("clientSecret"), request.address())?
    } else {
        let identity = world.identities.iter().find(|found| found.id == text("identityId"));
        foreign(identity, method, &text)?
    };
    let token = world.mint(&name, generation);
    Ok(Granted::answer(world.edit_identity(&name), token))
}

fn universal(
    world: &mut World,
    generation: Generation,
    client_id: &str,
    client_secret: &str,
    address: &str,
) -> Result<String, Refusal> {
    let now = world.now();
    let found = world.identities.iter_mut().find_map(|identity| match &mut identity.login {
        Login::Universal(login) if login.client_id == client_id => Some((&identity.name, login)),
        _ => None,
    });
    let Some((name, login)) = found else {
        return Err(match generation {
            Generation::V3Only => {
                Refusal::new(404, "NotFound", "No identity with specified client ID was found")
            }
            Generation::V4B | Generation::V4C => Refusal::unauthorized("Invalid credentials"),
        });
    };
    if !admits(&login.addresses, address) {
        return Err(elsewhere());
    }
    let locks = generation != Generation::V3Only;
    if locks && now < login.locked_until {
        return Err(Refusal::unauthorized(
            "This identity auth method is temporarily locked, please try again later",
        ));
    }
    let outcome = spend(login, client_secret);
    login.failures = if outcome.is_err() { login.failures + 1 } else { 0 };
    if login.failures >= 3 {
        login.locked_until = now + Duration::from_mins(5);
        login.failures = 0;
    }
    outcome.map(|()| name.clone())
}

fn spend(login: &mut Universal, client_secret: &str) -> Result<(), Refusal> {
    let secret = login.secrets.iter_mut().find(|secret| secret.value == client_secret);
    let Some(secret) = secret.filter(|secret| !secret.revoked) else {
        return Err(Refusal::unauthorized("Invalid credentials"));
    };
    if secret.expired {
        secret.revoked = true;
        return Err(Refusal::unauthorized("Access denied due to expired client secret"));
    }
    match &mut secret.uses_left {
        Some(0) => {
            secret.revoked = true;
            Err(Refusal::unauthorized("Access denied due to client secret usage limit reached"))
        }
        Some(left) => {
            *left -= 1;
            Ok(())
        }
        None => Ok(()),
    }
}

fn foreign<'a>(
    identity: Option<&Identity>,
    method: &str,
    text: &impl Fn(&str) -> &'a str,
) -> Result<String, Refusal> {
    let missing = || {
        let message = format!("Failed to find {method} method for the given identity");
        Refusal::new(404, "NotFound", message)
    };
    let identity = identity.ok_or_else(missing)?;
    let accepted = match (&identity.login, method) {
        (Login::Jwt { route, jwt }, _) if route == method => text("jwt") == jwt,
        (Login::Ldap { username, password }, "ldap-auth") => {
            text("username") == username && text("password") == password
        }
        (Login::Aws, "aws-auth") => packed(text("iamRequestBody"), text("iamRequestHeaders")),
        _ => return Err(missing()),
    };
    if accepted {
        Ok(identity.name.clone())
    } else {
        Err(Refusal::unauthorized("Access denied: the token or credential was not accepted"))
    }
}

fn packed(body: &str, headers: &str) -> bool {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let headers = STANDARD.decode(headers).ok();
    let headers = headers.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let signed = headers.is_some_and(|headers| {
        let text = headers["Authorization"].as_str().unwrap_or_default();
        text.split(' ').any(|word| word.starts_with("Credential=")) && headers["Host"].is_string()
    });
    let action: &[u8] = b"Action=GetCallerIdentity&Version=2011-06-15";
    signed && STANDARD.decode(body).is_ok_and(|body| body == action)
}

/// Prolongs the token in the body.
pub fn renew(
    world: &mut World,
    generation: Generation,
    request: &Request,
) -> Result<Answer, Refusal> {
    let body = object(request, &["accessToken"])?;
    let jwt = body["accessToken"].as_str().unwrap_or_default();
    let (identity, token) = world.renew(jwt, generation)?;
    Ok(Granted::answer(&identity, token))
}

/// Takes the token in the body back.
pub fn revoke(world: &mut World, request: &Request) -> Result<Answer, Refusal> {
    let body = object(request, &["accessToken"])?;
    world.revoke(body["accessToken"].as_str().unwrap_or_default())?;
    Ok(Answer::json(&json!({"message": "Successfully revoked access token"})))
}

/// Reads the body as an object that has the given fields.
fn object(request: &Request, fields: &[&str]) -> Result<Map<String, Value>, Refusal> {
    let body = match request.header("content-type") {
        Some(kind) if kind.starts_with("application/json") => serde_json::from_slice(&request.body)
            .map_err(|_| Refusal::unforeseen("InternalServerError"))?,
        Some(kind) if kind.starts_with("application/x-www-form-urlencoded") => {
            let pairs = url::form_urlencoded::parse(&request.body).into_owned();
            Value::Object(pairs.map(|(key, value)| (key, Value::String(value))).collect())
        }
        _ if request.body.is_empty() => Value::Null,
        _ => Value::String(String::from_utf8_lossy(&request.body).into_owned()),
    };
    let object = match body {
        Value::Object(object) => object,
        Value::Null => return Err(Refusal::Invalid(vec![Issue::not_an_object("null")])),
        Value::Array(_) => return Err(Refusal::Invalid(vec![Issue::not_an_object("array")])),
        _ => return Err(Refusal::Invalid(vec![Issue::not_an_object("string")])),
    };
    let missing = fields.iter().filter(|field| !object.get(**field).is_some_and(Value::is_string));
    let issues: Vec<Issue> = missing.map(|field| Issue::required(field)).collect();
    if issues.is_empty() { Ok(object) } else { Err(Refusal::Invalid(issues)) }
}
