//! IAM Identity Center (SSO): the token cache of AWS CLI v2, and the exchange of a token for the credentials of a
//! role. Signing in, which needs a browser, is left to the CLI.

use std::path::Path;
use std::time::{Duration, SystemTime};

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::credential_plan::Sso;
use super::endpoint::Service;
use super::error::Error;
use super::keys::Keys;
use super::login::Login;
use super::resolve::read_file;
use super::sigv4::hex;
use super::time;
use crate::http::{FieldValue, Request};
use crate::provider::SecretText;
use crate::seal::private_file;
use crate::secret::Value;

/// How long before its end a token is replaced.
const REFRESH_WINDOW: Duration = Duration::from_mins(15);

const SIGN_IN: &str = "sign in: `aws sso login`, with the same profile or session";

/// A token as the CLI caches it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CachedToken {
    access_token: SecretText,
    expires_at: String,
    refresh_token: Option<SecretText>,
    client_id: Option<String>,
    client_secret: Option<SecretText>,
    registration_expires_at: Option<String>,
}

/// The same for the file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenToken<'a> {
    start_url: &'a str,
    region: &'a str,
    access_token: &'a str,
    expires_at: &'a str,
    client_id: &'a str,
    client_secret: &'a str,
    registration_expires_at: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

/// A request for a new token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefreshRequest<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    grant_type: &'a str,
    refresh_token: &'a str,
}

/// A new token.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewToken {
    access_token: SecretText,
    expires_in: u64,
    refresh_token: Option<SecretText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleAnswer {
    role_credentials: RoleCredentials,
}

/// The credentials of a role. The end is in milliseconds since 1970.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleCredentials {
    access_key_id: String,
    secret_access_key: SecretText,
    session_token: SecretText,
    expiration: u64,
}

/// The credentials of the role in an account that the profile names.
pub(super) async fn keys(login: &Login<'_>, sso: &Sso) -> Result<Keys, Error> {
    let token = token(login, sso).await?;
    let mut url = login.resolved.endpoints.url(Service::Sso, &sso.region)?;
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["federation", "credentials"]);
    }
    url.query_pairs_mut()
        .append_pair("role_name", &sso.role)
        .append_pair("account_id", &sso.account);
    let request = || {
        let token = FieldValue::Secret(token.clone());
        Ok(Request::get(&url).with_field("x-amz-sso_bearer_token", token))
    };
    let (service, operation) = (Service::Sso, "GetRoleCredentials");
    let response = match login.unsigned(service, operation, request).await? {
        Ok(response) => response,
        Err(refusal) if refusal.status == 401 => {
            return Err(failed(sso, "the token is no longer valid".to_owned()));
        }
        Err(refusal) => return Err(Error::Refused { service, operation, refusal }),
    };
    let answer: RoleAnswer = serde_json::from_slice(&response.body)
        .map_err(|_quotes_values| Error::BadAnswer { service, operation })?;
    let found = answer.role_credentials;
    Ok(Keys {
        access_key: found.access_key_id,
        secret_key: found.secret_access_key.0,
        session_token: Some(found.session_token.0),
        expires: SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(found.expiration)),
    })
}

fn failed(sso: &Sso, problem: String) -> Error {
    let name = sso.session.as_ref().unwrap_or(&sso.start_url);
    let provider = format!("IAM Identity Center (`{name}`)");
    Error::Provider { provider, problem, hint: SIGN_IN.to_owned() }
}

/// The access token: the cached one, or a new one if that is near its end.
async fn token(login: &Login<'_>, sso: &Sso) -> Result<Value, Error> {
    let key = sso.session.as_ref().unwrap_or(&sso.start_url);
    let name = hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes()).as_ref());
    let path = login.variables().expand(&format!("~/.aws/sso/cache/{name}.json"));
    let bad = || failed(sso, format!("`{}` holds no token", path.display()));
    let content = read_file(&path)?.ok_or_else(|| failed(sso, "nobody is signed in".to_owned()))?;
    let cached: CachedToken = serde_json::from_slice(content.expose()).map_err(|_| bad())?;
    let expires = time::parse(&cached.expires_at).ok_or_else(bad)?;
    let now = SystemTime::now();
    if expires > now + REFRESH_WINDOW || (sso.session.is_none() && expires > now) {
        return Ok(cached.access_token.0);
    }
    if sso.session.is_some()
        && !login.disk_free
        && let Some(token) = refresh(login, sso, &cached, &path).await?
    {
        return Ok(token);
    }
    if expires > now {
        return Ok(cached.access_token.0);
    }
    Err(failed(sso, "the sign-in has expired".to_owned()))
}

/// Asks for a new token and writes it back, as the CLI does, because the old refresh token may be void from then
/// on. `None` if this token cannot be refreshed.
async fn refresh(
    login: &Login<'_>,
    sso: &Sso,
    cached: &CachedToken,
    path: &Path,
) -> Result<Option<Value>, Error> {
    let (Some(client_id), Some(secret), Some(refresh_token), Some(until)) = (
        &cached.client_id,
        &cached.client_secret,
        &cached.refresh_token,
        &cached.registration_expires_at,
    ) else {
        return Ok(None);
    };
    let text = |secret: &SecretText| secret.0.expose_str().map(str::to_owned).map(Zeroizing::new);
    let (Some(secret), Some(refresh_token)) = (text(secret), text(refresh_token)) else {
        return Ok(None);
    };
    if time::parse(until).is_none_or(|until| until <= SystemTime::now()) {
        return Ok(None);
    }
    let body = json(&RefreshRequest {
        client_id,
        client_secret: &secret,
        grant_type: "refresh_token",
        refresh_token: &refresh_token,
    });
    let mut url = login.resolved.endpoints.url(Service::SsoOidc, &sso.region)?;
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("token");
    }
    let request = || Ok(Request::post(&url, &body));
    let Ok(Ok(response)) = login.unsigned(Service::SsoOidc, "CreateToken", request).await else {
        return Ok(None);
    };
    let Ok(new) = serde_json::from_slice::<NewToken>(&response.body) else { return Ok(None) };
    let expires_at = time::extended(SystemTime::now() + Duration::from_secs(new.expires_in));
    let new_refresh = new.refresh_token.as_ref().and_then(text);
    let access_token = text(&new.access_token).unwrap_or_default();
    let written = json(&WrittenToken {
        start_url: &sso.start_url,
        region: &sso.region,
        access_token: &access_token,
        expires_at: &expires_at,
        client_id,
        client_secret: &secret,
        registration_expires_at: until,
        refresh_token: Some(new_refresh.as_ref().map_or(&**refresh_token, |token| token)),
    });
    private_file::write_atomically(path, written.expose())
        .map_err(|error| Error::Unreadable { path: path.to_owned(), source: error.into() })?;
    Ok(Some(new.access_token.0))
}

/// Serializes JSON with secrets.
fn json(value: &impl Serialize) -> Value {
    // None of these types can fail.
    Value::new(serde_json::to_vec(value).unwrap_or_default())
}
