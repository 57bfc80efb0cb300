//! ID tokens (OIDC) by which a CI job proves who it is: where the token comes from, and the request for
//! it. A store or cloud exchanges the token for an access token of its own. It knows no store.
//!
//! ```text
//! github     GET $ACTIONS_ID_TOKEN_REQUEST_URL&audience=…, with ACTIONS_ID_TOKEN_REQUEST_TOKEN as the bearer token
//! env:NAME   the variable NAME, such as one of GitLab's id_tokens
//! file:PATH  a file
//! ```

mod setting;

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use url::Url;

use crate::config::schema::ID_TOKEN;
use crate::config::{self, Credential, Origin, TrustRecords};
use crate::http::{self, Bearer, Client, Request};
use crate::provider::{Check, Class, ProviderError};
use crate::secret::Value;

pub(crate) use setting::{IdTokenSetting, REQUEST_TOKEN};

const GITHUB_HINT: &str =
    "give the job `permissions: id-token: write`; a pull request from a fork gets no ID token";

/// An ID token, or what it is requested with.
#[derive(Clone, Debug)]
pub struct IdToken {
    /// The token itself, or the bearer token of the request.
    credential: Credential,
    /// The request for the token, unless it is there.
    request: Option<Url>,
    /// Variables that hold it.
    variables: Vec<String>,
    /// Where it is configured that this file or variable is the token.
    chosen: Option<Origin>,
}

impl From<Credential> for IdToken {
    fn from(credential: Credential) -> Self {
        Self { credential, request: None, variables: Vec::new(), chosen: None }
    }
}

impl IdToken {
    /// The token, or the credential that it is requested with.
    pub(crate) fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Whether it comes from `id-token`, rather than from a setting of the store.
    pub(crate) fn is_of_job(&self) -> bool {
        self.request.is_some() || self.chosen.is_some()
    }

    /// The server that issues it, if it is requested.
    pub(crate) fn endpoint(&self) -> Option<&Url> {
        self.request.as_ref()
    }

    /// The variables that hold it, which the command does not get.
    pub(crate) fn variables(&self) -> &[String] {
        &self.variables
    }

    /// Refuses a project's file that chooses a file or a variable to send to this server, unless it is trusted
    /// with it.
    pub(crate) fn check_trust(
        &self,
        server: &Url,
        trust: &TrustRecords,
    ) -> Result<(), config::Error> {
        let Some(origin) = &self.chosen else { return Ok(()) };
        let server = server.origin().ascii_serialization();
        if origin.project_file().is_some_and(|file| !trust.has(&server, file)) {
            let what = format!("chooses what is sent to {server} as the ID token");
            return Err(config::Error::Untrusted { origin: origin.clone(), what, key: &ID_TOKEN });
        }
        Ok(())
    }

    /// The same with the token itself, which is requested if need be. `http` is the client of the store: the request
    /// takes its proxies and its time limit.
    pub(crate) async fn obtain(&self, http: &Client) -> Result<Self, Error> {
        let Some(url) = &self.request else { return Ok(self.clone()) };
        let server = url.origin().ascii_serialization();
        let transport =
            |source| Error::Transport { server: server.clone(), source: Box::new(source) };
        let request = Request::get(url).authorized(&Bearer(&self.credential.value));
        let response = http.for_other_server(Vec::new()).send(&request.map_err(transport)?).await;
        let response = response.map_err(transport)?;
        if response.status != 200 {
            return Err(Error::Refused {
                status: response.status_text(),
                code: response.status,
                server,
            });
        }
        let answer = serde_json::from_slice::<Answer<'_>>(&response.body).ok();
        let value = answer.map(|answer| answer.value).filter(|value| is_jwt(value));
        let value = value.ok_or(Error::NotUnderstood { server })?;
        let credential = Credential { value: Value::from(value), ..self.credential.clone() };
        Ok(Self { credential, request: None, ..self.clone() })
    }

    /// Obtains the token, and shows what the server of a store compares with its settings, for `hushed doctor`.
    pub(crate) async fn check(&self, http: &Client) -> Check {
        const NAME: &str = "ID token";
        let token = match self.obtain(http).await {
            Ok(token) => token.credential,
            Err(error) => return Check::failed(NAME, &error, error.hint()),
        };
        let from = format!("from {}", token.origin);
        let Some(claims) = Claims::read(&token.value) else {
            return Check::not_ok(NAME, format!("{from}: it is not a JWT"), "check what writes it");
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        if claims.exp.is_some_and(|end| end <= now) {
            let hint =
                "the job took longer than the token is valid; request a new one later in the job";
            return Check::not_ok(NAME, format!("{from}: it has expired"), hint);
        }
        Check::ok(NAME, format!("{from}: {}", claims.describe()))
    }
}

/// The answer of GitHub Actions.
#[derive(Deserialize)]
struct Answer<'a> {
    value: &'a str,
}

/// Whether a text has the form of a signed JWT (RFC 7515, 7.1).
fn is_jwt(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    text.split('.').count() == 3 && text.split('.').all(is_part)
}

/// The claims that a server compares (RFC 7519, 4.1). They are not secret, unlike the token.
#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Claims {
    fn read(token: &Value) -> Option<Self> {
        let text = token.expose_str()?.trim();
        let claims = text.split('.').nth(1).filter(|_| is_jwt(text))?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    fn describe(self) -> String {
        let audience = self.aud.map(|audience| match audience {
            Audience::One(text) => text,
            Audience::Several(texts) => texts.join(", "),
        });
        let claims = [("issuer", self.iss), ("subject", self.sub), ("audience", audience)];
        let claims = claims
            .into_iter()
            .filter_map(|(name, text)| Some(format!("{name} {}", text?.escape_debug())));
        claims.collect::<Vec<_>>().join(", ")
    }
}

/// Why there is no ID token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server that issues it cannot be reached.
    #[error("cannot request an ID token from GitHub Actions at {server}")]
    Transport {
        /// Its address.
        server: String,
        /// Why not.
        source: Box<http::Error>,
    },
    /// The server refuses the request.
    #[error("GitHub Actions at {server} gave no ID token: it answered {status}")]
    Refused {
        /// Its address.
        server: String,
        /// The status with its reason.
        status: String,
        /// The status.
        code: u16,
    },
    /// What answers does not send a token.
    #[error("the answer of GitHub Actions at {server} has no ID token")]
    NotUnderstood {
        /// Its address.
        server: String,
    },
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Transport { source, .. } => source.class(),
            Self::Refused { code: 500.., .. } => Class::Unreachable,
            Self::Refused { .. } => Class::Denied,
            Self::NotUnderstood { .. } => Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Transport { source, .. } => match **source {
                http::Error::PlainHttp { .. } => "ID tokens are requested over https only",
                _ => return source.hint(),
            },
            Self::Refused { .. } => GITHUB_HINT,
            Self::NotUnderstood { .. } => {
                "check ACTIONS_ID_TOKEN_REQUEST_URL, and the proxies in between"
            }
        };
        Some(hint.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_those_of_a_jwt() {
        let jwt =
            |claims: &str| Value::from(format!("e30.{}.canary", URL_SAFE_NO_PAD.encode(claims)));
        let describe = |token: &Value| Claims::read(token).map(Claims::describe);
        for (token, want) in [
            (
                jwt(r#"{"iss":"https://i","sub":"repo:o/r:ref","aud":"a","exp":1}"#),
                Some("issuer https://i, subject repo:o/r:ref, audience a"),
            ),
            (
                jwt(r#"{"sub":"a\u001bb","aud":["a","b"]}"#),
                Some("subject a\\u{1b}b, audience a, b"),
            ),
            (jwt("{}"), Some("")),
            (jwt("[]"), None),
            (Value::from("canary"), None),
            (Value::from("e30.%.canary"), None),
            (Value::from(""), None),
        ] {
            assert_eq!(describe(&token).as_deref(), want);
        }
    }
}
