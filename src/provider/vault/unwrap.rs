//! Unwraps tokens: a secret ID, or the token of an agent's sink. Whoever replaced a wrapping token on its way
//! cannot make the server say that the right request created it, so that is checked first.

use super::api::{Api, Authentication, Call, Failure, Reply};
use super::error::Error;
use super::error_kind::Operation;
use super::error_response::ResponseKind;
use super::login;
use super::path::ApiPath;
use super::token_file::is_token;
use super::wire::{Envelope, WrappedSecretId, WrappedToken, WrappingLookup};
use crate::config::Credential;
use crate::secret::Value;

/// The request that must have created a wrapping token.
#[derive(Clone, Copy, Debug)]
pub(super) enum CreatedBy<'a> {
    /// That for a secret ID of a role, or of any role of an auth method.
    SecretId { mount: &'a ApiPath, role: Option<&'a str> },
    /// The one that its file names.
    Path(&'a str),
}

impl CreatedBy<'_> {
    fn accepts(self, path: &str, namespace: Option<&str>) -> bool {
        let path = path.trim_matches('/');
        let below = namespace.and_then(|namespace| path.strip_prefix(namespace)?.strip_prefix('/'));
        let is_it = |path: &str| match self {
            Self::Path(expected) => path == expected.trim_matches('/'),
            Self::SecretId { mount, role } => {
                let named = path.strip_prefix(&format!("auth/{mount}/role/"));
                let named = named.and_then(|rest| rest.strip_suffix("/secret-id"));
                // Without a configured role, any name of one segment.
                named.is_some_and(|name| role.map_or(!name.contains('/'), |role| name == role))
            }
        };
        is_it(path) || below.is_some_and(is_it)
    }

    fn shown(self) -> String {
        match self {
            Self::Path(expected) => expected.to_owned(),
            Self::SecretId { mount, role } => {
                format!("auth/{mount}/role/{}/secret-id", role.unwrap_or("ROLE"))
            }
        }
    }
}

/// Unwraps a secret ID.
pub(super) async fn secret_id(
    api: &Api,
    wrapping: &Credential,
    created_by: CreatedBy<'_>,
) -> Result<Value, Error> {
    let reply = unwrap(api, wrapping, created_by).await?;
    Ok(reply.data::<WrappedSecretId>()?.secret_id.0)
}

/// Unwraps a token.
pub(super) async fn token(
    api: &Api,
    wrapping: &Credential,
    creation_path: &str,
) -> Result<Value, Error> {
    let reply = unwrap(api, wrapping, CreatedBy::Path(creation_path)).await?;
    let envelope: Envelope<'_> = reply.parse()?;
    match envelope.auth {
        Some(auth) => Ok(auth.client_token.0),
        None => Ok(reply.parse_part::<WrappedToken>(envelope.data)?.token.0),
    }
}

async fn unwrap(
    api: &Api,
    wrapping: &Credential,
    created_by: CreatedBy<'_>,
) -> Result<Reply, Error> {
    let from = || wrapping.origin.clone();
    if !is_token(&wrapping.value) {
        return Err(Error::TokenForm { from: from() });
    }
    let token = Value::from(wrapping.value.expose().trim_ascii());
    let send = async |name, body: &Value, authentication| {
        let path = ApiPath::of(&["sys", "wrapping", name]);
        let operation = Operation::Unwrap;
        let call = Call { operation, path: &path, query: &[], body: Some(body), single_use: true };
        match api.send(call, authentication, &[&token]).await {
            Ok(reply) => Ok(reply),
            Err(Failure::Refused(source)) if *source.kind() == ResponseKind::WrappingToken => {
                Err(Error::Unwrap { from: from(), source })
            }
            Err(failure) => Err(failure.into_error(operation, api.server())),
        }
    };
    let body = login::body(&[("token", token.clone())]);
    let lookup = send("lookup", &body, Authentication::None).await?;
    let found = lookup.data::<WrappingLookup>()?.creation_path;
    if !created_by.accepts(&found, api.namespace()) {
        return Err(Error::CreationPath { from: from(), found, expected: created_by.shown() });
    }
    // By header alone: with the token in the header and in the body, the server loses the secret.
    send("unwrap", &Value::from("{}"), Authentication::Token(&token)).await
}

#[cfg(test)]
mod tests {
    use super::super::settings::tests::path;
    use super::*;

    #[test]
    fn a_secret_id_must_be_of_its_role() {
        let mount = path("approle");
        for (role, namespace, found, want) in [
            (Some("web"), None, "auth/approle/role/web/secret-id", true),
            (Some("web"), None, "auth/approle/role/other/secret-id", false),
            (Some("web"), None, "auth/other/role/web/secret-id", false),
            (Some("web"), None, "sys/wrapping/wrap", false),
            (Some("web"), None, "secret/data/auth/approle/role/web/secret-id", false),
            (Some("web"), Some("team"), "team/auth/approle/role/web/secret-id", true),
            (Some("web"), Some("team"), "teams/auth/approle/role/web/secret-id", false),
            (None, None, "auth/approle/role/any/secret-id", true),
            (None, None, "auth/approle/role/a/b/secret-id", false),
            (None, None, "auth/approle/role/any/custom", false),
        ] {
            let created_by = CreatedBy::SecretId { mount: &mount, role };
            assert_eq!(created_by.accepts(found, namespace), want, "{found}");
        }
    }
}
