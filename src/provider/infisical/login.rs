//! The login request of each method, and the meaning of a rejection. Pure; the session sends the request.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::error::Error;
use super::error_kind::LoginRejection;
use super::error_response::{ErrorResponse, ResponseKind};
use super::settings::Login;
use crate::config::Credential;
use crate::secret::Value;

const PASSWORD: &str = "password";

/// The JSON body of the login request, with the proof of a machine's identity; `None` for a token that needs no login.
pub(super) fn request_body(
    login: &Login,
    proof: &[(&'static str, Value)],
    organization: Option<&str>,
) -> Result<Option<Value>, Error> {
    let named = match login {
        Login::UniversalAuth { client_id, client_secret } => {
            vec![("clientId", client_id), ("clientSecret", client_secret)]
        }
        Login::Kubernetes { identity_id, jwt } => vec![("identityId", identity_id), ("jwt", jwt)],
        Login::Oidc { identity_id, jwt }
        | Login::Jwt { identity_id, jwt }
        | Login::Spiffe { identity_id, jwt } => {
            vec![("identityId", identity_id), ("jwt", jwt.credential())]
        }
        Login::Machine { identity_id, .. } => vec![("identityId", identity_id)],
        Login::Ldap { identity_id, username, password } => {
            vec![("identityId", identity_id), ("username", username), (PASSWORD, password)]
        }
        Login::AccessToken(_) | Login::ServiceToken(_) => return Ok(None),
    };
    let opened: Vec<Value> = named.iter().map(|(_, credential)| credential.value.clone()).collect();
    let mut fields = BTreeMap::new();
    for ((field, credential), value) in named.into_iter().zip(&opened) {
        let text = whole_text(credential, value)?;
        // A password is what it is, blanks and all.
        fields.insert(field, if field == PASSWORD { text } else { text.trim() });
    }
    fields.extend(
        proof.iter().map(|(field, value)| (*field, value.expose_str().unwrap_or_default())),
    );
    if let Some(slug) = organization {
        // The field changed its name; servers drop what they do not know.
        fields.insert("organizationSlug", slug);
        fields.insert("subOrganizationName", slug);
    }
    Ok(Some(json(&fields)))
}

/// The JSON body of the revocation request.
pub(super) fn revocation_body(token: &Value) -> Value {
    json(&BTreeMap::from([("accessToken", token.expose_str().unwrap_or_default())]))
}

/// A JSON object of texts.
pub(super) fn json(fields: &BTreeMap<&str, &str>) -> Value {
    // A byte grows to six at most, so that the vector never moves and leaves a copy behind.
    let length: usize = fields.iter().map(|(key, value)| key.len() + value.len() + 8).sum();
    let mut json = Zeroizing::new(Vec::with_capacity(6 * length));
    // Texts in a map always have a JSON form, and a vector takes every byte.
    let _whole = serde_json::to_writer(&mut *json, fields);
    Value::from(json.as_slice())
}

/// The token to send, if the user provided one.
pub(super) fn static_token(login: &Login) -> Result<Option<Value>, Error> {
    match login {
        Login::AccessToken(token) => {
            let value = token.value.clone();
            Ok(Some(Value::from(whole_text(token, &value)?.trim())))
        }
        Login::ServiceToken(token) => {
            let value = token.value.clone();
            // The fourth part is a key that the server must never see.
            let whole = whole_text(token, &value)?.trim();
            let mut ends = whole.match_indices('.').map(|(at, _)| at).skip(1);
            let form = || Error::ServiceTokenForm { from: token.origin.clone() };
            let second = ends.next().ok_or_else(form)?;
            let sent = whole.get(..ends.next().unwrap_or(whole.len())).unwrap_or(whole);
            if sent.len() == second + 1 || sent.contains("..") {
                return Err(form());
            }
            Ok(Some(Value::from(sent)))
        }
        _ => Ok(None),
    }
}

/// Classifies a rejected login.
pub(super) fn classify_rejection(
    login: &Login,
    organization: bool,
    answer: &ErrorResponse,
) -> LoginRejection {
    let origin =
        |index: usize| login.credentials().get(index).map(|c| c.origin.clone()).unwrap_or_default();
    let universal = matches!(login, Login::UniversalAuth { .. });
    match (answer.kind(), answer.status()) {
        (ResponseKind::Validation, _) => LoginRejection::Invalid,
        (ResponseKind::RouteMissing, _) => LoginRejection::UnknownMethod,
        (ResponseKind::Address, _) => LoginRejection::Address,
        _ if organization && answer.says("organization") => LoginRejection::Organization,
        (_, 401 | 403) if answer.says("locked") => LoginRejection::LockedOut,
        (_, 404) if universal => LoginRejection::WrongClientId(origin(0)),
        (_, 404) => LoginRejection::UnknownIdentity(origin(0)),
        (_, 401) if universal && answer.says("expired") => LoginRejection::ExpiredSecret(origin(1)),
        (_, 401) if universal && answer.says("usage limit") => {
            LoginRejection::UsedUpSecret(origin(1))
        }
        (_, 401) if universal => LoginRejection::WrongSecret { secret: origin(1), id: origin(0) },
        (_, 400 | 401 | 403) if let Some(machine) = login.machine() => {
            LoginRejection::Unproven(machine.describe())
        }
        (_, 400 | 401 | 403) if !universal => {
            LoginRejection::Unproven(origin(login.credentials().len().saturating_sub(1)))
        }
        _ => LoginRejection::Other,
    }
}

/// The credential as text. Blanks around it are never a part of an id or a token, but often of the file
/// that holds it.
fn whole_text<'a>(credential: &Credential, value: &'a Value) -> Result<&'a str, Error> {
    let from = || credential.origin.clone();
    value.expose_str().ok_or_else(|| Error::CredentialNotText { from: from() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Response;

    fn credential(value: &str, origin: &str) -> Credential {
        Credential { value: Value::from(value), origin: origin.to_owned(), file: None }
    }

    fn universal() -> Login {
        Login::UniversalAuth {
            client_id: credential("id ", "ID"),
            client_secret: credential("canary\"secret\n", "SECRET"),
        }
    }

    fn oidc() -> Login {
        Login::Oidc {
            identity_id: credential("id", "ID"),
            jwt: credential("canary.jwt", "JWT").into(),
        }
    }

    fn sent(login: &Login, organization: Option<&str>) -> String {
        String::from_utf8(
            request_body(login, &[], organization).unwrap().unwrap().expose().to_vec(),
        )
        .unwrap()
    }

    #[test]
    fn each_method_sends_its_fields_and_the_organisation_only_when_given() {
        let ldap = Login::Ldap {
            identity_id: credential("id", "ID"),
            username: credential("anna", "USER"),
            password: credential(" canary ", "PASSWORD"),
        };
        for (login, organization, want) in [
            (universal(), None, r#"{"clientId":"id","clientSecret":"canary\"secret"}"#),
            (oidc(), None, r#"{"identityId":"id","jwt":"canary.jwt"}"#),
            (ldap, None, r#"{"identityId":"id","password":" canary ","username":"anna"}"#),
            (
                oidc(),
                Some("sub"),
                r#"{"identityId":"id","jwt":"canary.jwt","organizationSlug":"sub","subOrganizationName":"sub"}"#,
            ),
        ] {
            assert_eq!(sent(&login, organization), want);
        }
        let token = Login::AccessToken(credential("canary", "TOKEN"));
        assert!(request_body(&token, &[], None).unwrap().is_none());
    }

    #[test]
    fn a_credential_that_is_no_text_is_named_by_its_origin() {
        let jwt = Credential {
            value: Value::from(b"canary\xff".as_slice()),
            origin: "JWT".into(),
            file: None,
        };
        let login = Login::Jwt { identity_id: credential("id", "ID"), jwt: jwt.into() };
        let error = request_body(&login, &[], None).unwrap_err();
        assert_eq!(error.to_string(), "the credential from JWT is not UTF-8 text");
    }

    #[test]
    fn of_a_service_token_three_parts_are_sent() {
        for (given, want) in [
            ("st.id.canary.key", Some("st.id.canary")),
            ("st.id.canary.key.more\n", Some("st.id.canary")),
            (" st.id.canary ", Some("st.id.canary")),
            ("st.id", None),
            ("st.id.", None),
            ("st..canary", None),
            ("st.", None),
        ] {
            let login = Login::ServiceToken(credential(given, "TOKEN"));
            let got = static_token(&login).ok().flatten();
            assert_eq!(got, want.map(Value::from), "{given}");
        }
        let login = Login::AccessToken(credential("a.b.c.canary\n", "TOKEN"));
        assert_eq!(static_token(&login).unwrap(), Some(Value::from("a.b.c.canary")));
        assert_eq!(static_token(&universal()).unwrap(), None);
    }

    #[test]
    fn refusals_are_told_apart() {
        use LoginRejection as F;
        let secret = || "SECRET".to_owned();
        for (login, status, message, want) in [
            (
                universal(),
                404,
                "No identity with specified client ID was found",
                F::WrongClientId("ID".into()),
            ),
            (
                universal(),
                401,
                "Invalid credentials",
                F::WrongSecret { secret: secret(), id: "ID".into() },
            ),
            (
                universal(),
                401,
                "Access denied due to expired client secret",
                F::ExpiredSecret(secret()),
            ),
            (
                universal(),
                401,
                "Access denied due to client secret usage limit reached",
                F::UsedUpSecret(secret()),
            ),
            (
                universal(),
                401,
                "This identity auth method is temporarily locked, please try again later",
                F::LockedOut,
            ),
            (
                universal(),
                403,
                "You are not allowed to access this resource from the current IP address",
                F::Address,
            ),
            (universal(), 500, "Something went wrong", F::Other),
            (
                oidc(),
                404,
                "OIDC auth method not found for identity",
                F::UnknownIdentity("ID".into()),
            ),
            (oidc(), 404, "Route POST:/api/v1/auth/oidc-auth/login not found", F::UnknownMethod),
            (oidc(), 401, "Access denied: OIDC issuer mismatch", F::Unproven("JWT".into())),
            (oidc(), 403, "Access denied: OIDC subject not allowed", F::Unproven("JWT".into())),
        ] {
            let body = format!(r#"{{"message":"{message}","error":"E"}}"#);
            let answer = ErrorResponse::new(&Response::of(status, "application/json", &body), &[]);
            assert_eq!(classify_rejection(&login, false, &answer), want, "{message}");
        }
        let body = r#"{"message":"Sub organization x not found","error":"NotFound"}"#;
        let answer = ErrorResponse::new(&Response::of(404, "application/json", body), &[]);
        assert_eq!(classify_rejection(&universal(), true, &answer), F::Organization);
        let body = r#"{"message":[{"path":["clientSecret"],"message":"Required"}]}"#;
        let answer = ErrorResponse::new(&Response::of(401, "application/json", body), &[]);
        assert_eq!(classify_rejection(&universal(), false, &answer), F::Invalid);
    }
}
