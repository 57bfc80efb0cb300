//! The login request of each method, and the meaning of a rejection. Pure; the session sends the request.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::error::Error;
use super::error_kind::LoginRejection;
use super::error_response::{ErrorResponse, ResponseKind};
use super::path::ApiPath;
use super::settings::Login;
use super::wire::InlineParameter;
use crate::config::Credential;
use crate::secret::Value;

/// The fields of a login request.
pub(super) type Fields = Vec<(&'static str, Value)>;

/// The path of the login request.
pub(super) fn request_path(login: &Login, mount: &ApiPath) -> ApiPath {
    let auth = ApiPath::of(&["auth"]);
    let path = ApiPath::of(&["login"]).below(&mount.below(&auth));
    match login {
        Login::Userpass { username, .. } | Login::Ldap { username, .. } => path.with(username),
        _ => path,
    }
}

/// The fields of the login request. A secret ID that was unwrapped stands for the wrapped one.
pub(super) fn fields(login: &Login, unwrapped: Option<&Value>) -> Result<Fields, Error> {
    let role = |role: &Option<String>| {
        role.iter().map(|role| ("role", Value::from(role.as_str()))).collect()
    };
    Ok(match login {
        Login::AppRole { role_id, secret_id } => {
            let mut fields = vec![("role_id", trimmed("role ID", role_id)?)];
            if let Some(secret_id) = secret_id {
                let value = match unwrapped {
                    Some(value) => value.clone(),
                    None => trimmed("secret ID", &secret_id.credential)?,
                };
                fields.push(("secret_id", value));
            }
            fields
        }
        Login::Kubernetes { role, jwt } => {
            vec![("role", Value::from(role.as_str())), ("jwt", trimmed("JWT", jwt)?)]
        }
        Login::Jwt { role: named, jwt } => {
            let mut fields: Fields = role(named);
            fields.push(("jwt", trimmed("JWT", jwt.credential())?));
            fields
        }
        Login::Userpass { password, .. } | Login::Ldap { password, .. } => {
            // A password is what it is, blanks and all.
            text("password", password)?;
            vec![("password", password.value.clone())]
        }
        Login::Certificate { role: named } => {
            named.iter().map(|name| ("name", Value::from(name.as_str()))).collect()
        }
        Login::Token(_) | Login::WrappedToken { .. } | Login::Agent => Vec::new(),
    })
}

/// The JSON body of a request with these fields.
pub(super) fn body(fields: &[(&str, Value)]) -> Value {
    let texts: BTreeMap<&str, &str> = fields
        .iter()
        .map(|(name, value)| (*name, value.expose_str().unwrap_or_default()))
        .collect();
    json(&texts, texts.iter().map(|(name, value)| name.len() + value.len() + 8).sum())
}

/// The fields as the headers of inline authentication: unpadded base64url of JSON.
pub(super) fn inline_parameters(fields: &[(&str, Value)]) -> Vec<Value> {
    let parameter = |(key, value): &(&str, Value)| {
        let parameter = InlineParameter { key, value: value.expose_str().unwrap_or_default() };
        let json = json(&parameter, key.len() + value.len() + 24);
        let mut encoded = Zeroizing::new(String::with_capacity(2 * json.len() + 4));
        URL_SAFE_NO_PAD.encode_string(json.expose(), &mut encoded);
        Value::from(encoded.as_str())
    };
    fields.iter().map(parameter).collect()
}

fn json<T: serde::Serialize>(value: &T, length: usize) -> Value {
    // A byte grows to six at most, so that the vector never moves and leaves a copy behind.
    let mut json = Zeroizing::new(Vec::with_capacity(6 * length));
    // Texts always have a JSON form, and a vector takes every byte.
    let _whole = serde_json::to_writer(&mut *json, value);
    Value::from(json.as_slice())
}

/// Classifies a rejected login.
pub(super) fn classify_rejection(
    login: &Login,
    mount: &ApiPath,
    answer: &ErrorResponse,
) -> LoginRejection {
    let origin = |credential: &Credential| credential.origin.clone();
    if *answer.kind() == ResponseKind::BadToken && !matches!(login, Login::Certificate { .. }) {
        let garbage = matches!(login, Login::Kubernetes { .. });
        return match login.credentials().pop() {
            // The cluster denies a service account token with the same words.
            Some(jwt) if garbage => LoginRejection::Token { jwt: origin(jwt) },
            _ => LoginRejection::LockedOrMissing { mount: mount.to_string() },
        };
    }
    if !matches!(answer.status(), 400..500) {
        return LoginRejection::Other;
    }
    match login {
        _ if answer.says("CIDR") => LoginRejection::Address,
        Login::AppRole { role_id, secret_id } => LoginRejection::AppRole {
            role_id: origin(role_id),
            secret_id: secret_id
                .as_ref()
                .map_or_else(|| "nowhere".to_owned(), |secret_id| origin(&secret_id.credential)),
        },
        Login::Userpass { password, .. } | Login::Ldap { password, .. } => {
            LoginRejection::Password { password: origin(password) }
        }
        Login::Jwt { .. } | Login::Kubernetes { .. }
            if answer.says("role") && !answer.says("claim") =>
        {
            LoginRejection::Role
        }
        Login::Jwt { jwt, .. } => LoginRejection::Token { jwt: origin(jwt.credential()) },
        Login::Kubernetes { jwt, .. } => LoginRejection::Token { jwt: origin(jwt) },
        Login::Certificate { .. } => LoginRejection::Certificate,
        Login::Token(_) | Login::WrappedToken { .. } | Login::Agent => LoginRejection::Other,
    }
}

fn trimmed(what: &'static str, credential: &Credential) -> Result<Value, Error> {
    Ok(Value::from(text(what, credential)?.trim()))
}

fn text<'a>(what: &'static str, credential: &'a Credential) -> Result<&'a str, Error> {
    let from = || credential.origin.clone();
    credential.value.expose_str().ok_or_else(|| Error::CredentialNotText { what, from: from() })
}

#[cfg(test)]
mod tests {
    use super::super::settings::tests::{approle, credential, path};
    use super::*;
    use crate::http::Response;

    fn sent(login: &Login) -> String {
        let fields = fields(login, None).unwrap();
        body(&fields).expose_str().unwrap().to_owned()
    }

    #[test]
    fn each_method_sends_its_fields_to_its_path() {
        let jwt = || credential("canary.jwt\n", "JWT");
        let password = || credential(" canary \"é", "PASSWORD");
        let user = || "ada l".to_owned();
        for (login, mount, want_path, want_body) in [
            (
                approle("id\n"),
                "approle",
                "auth/approle/login",
                r#"{"role_id":"id","secret_id":"canary-secret-id"}"#,
            ),
            (
                Login::AppRole { role_id: credential("id", "ID"), secret_id: None },
                "ci/approle",
                "auth/ci/approle/login",
                r#"{"role_id":"id"}"#,
            ),
            (
                Login::Kubernetes { role: "web".into(), jwt: jwt() },
                "kubernetes",
                "auth/kubernetes/login",
                r#"{"jwt":"canary.jwt","role":"web"}"#,
            ),
            (
                Login::Jwt { role: None, jwt: jwt().into() },
                "jwt",
                "auth/jwt/login",
                r#"{"jwt":"canary.jwt"}"#,
            ),
            (
                Login::Userpass { username: user(), password: password() },
                "userpass",
                "auth/userpass/login/ada l",
                r#"{"password":" canary \"é"}"#,
            ),
            (
                Login::Ldap { username: user(), password: password() },
                "ldap",
                "auth/ldap/login/ada l",
                r#"{"password":" canary \"é"}"#,
            ),
            (
                Login::Certificate { role: Some("web".into()) },
                "cert",
                "auth/cert/login",
                r#"{"name":"web"}"#,
            ),
        ] {
            assert_eq!(request_path(&login, &path(mount)).to_string(), want_path);
            assert_eq!(sent(&login), want_body, "{want_path}");
        }
    }

    #[test]
    fn inline_parameters_are_base64url_of_json() {
        let fields = fields(&approle("role"), None).unwrap();
        let parameters = inline_parameters(&fields);
        let decoded = URL_SAFE_NO_PAD.decode(parameters[0].expose()).unwrap();
        assert_eq!(decoded, br#"{"key":"role_id","value":"role"}"#);
        assert_eq!(parameters.len(), 2);
    }

    #[test]
    fn a_rejection_is_told_by_its_text() {
        use LoginRejection as R;
        let kubernetes =
            || Login::Kubernetes { role: "web".into(), jwt: credential("canary", "JWT") };
        let role_id = || "VAULT_ROLE_ID".to_owned();
        let secret_id = || "VAULT_SECRET_ID".to_owned();
        let wrong = || R::AppRole { role_id: role_id(), secret_id: secret_id() };
        for (login, status, message, want) in [
            (approle("a"), 400, "invalid role or secret ID", wrong()),
            (approle("a"), 403, "permission denied", R::LockedOrMissing { mount: "m".into() }),
            (
                approle("a"),
                400,
                "source address \\\"127.0.0.1\\\" unauthorized through CIDR restrictions on the secret ID",
                R::Address,
            ),
            (approle("a"), 500, "missing role_id", R::Other),
            (kubernetes(), 403, "permission denied", R::Token { jwt: "JWT".into() }),
            (kubernetes(), 403, "namespace not authorized", R::Token { jwt: "JWT".into() }),
            (kubernetes(), 400, "invalid role name \\\"nope\\\"", R::Role),
            (
                kubernetes(),
                403,
                "invalid audience (aud) claim: audience claim does not match any expected audience",
                R::Token { jwt: "JWT".into() },
            ),
        ] {
            let body = format!(r#"{{"errors":["{message}"]}}"#);
            let answer = ErrorResponse::new(&Response::of(status, "application/json", &body), &[]);
            assert_eq!(classify_rejection(&login, &path("m"), &answer), want, "{message}");
        }
    }
}
