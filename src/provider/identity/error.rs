//! Why there is no token. The texts name services, files and error codes, never a credential.

use std::fmt;

use serde::Deserialize;

use crate::http::{self, Response};
use crate::provider::{Class, ProviderError};

/// Why a login gave no token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A service cannot be reached.
    #[error("cannot reach {service}")]
    Transport {
        /// Which.
        service: &'static str,
        /// Why.
        source: Box<http::Error>,
    },
    /// A service rejects the login.
    #[error("{service} rejects the login: {refusal}")]
    Refused {
        /// Which.
        service: &'static str,
        /// What it says.
        refusal: Refusal,
    },
    /// What answers is not the service.
    #[error("the answer of {service} cannot be understood")]
    NotUnderstood {
        /// Which.
        service: &'static str,
    },
    /// A metadata service has no token for this machine.
    #[error("{service} gave no token: {problem}")]
    NoToken {
        /// Which.
        service: &'static str,
        /// Why.
        problem: String,
        /// What the user can do.
        hint: &'static str,
    },
    /// There is no such metadata service here, or it does not answer.
    #[error("cannot reach {service}")]
    NoService {
        /// Which.
        service: &'static str,
        /// Why.
        source: Box<http::Error>,
        /// What the user can do.
        hint: &'static str,
    },
    /// A private key that cannot sign.
    #[error("the private key of {place} is not an RSA key in PEM format")]
    Key {
        /// Where it is.
        place: String,
    },
    /// An address of a metadata service that would get a credential over plain http.
    #[error("{variable} is not the address of a metadata service")]
    Endpoint {
        /// The variable that sets it.
        variable: &'static str,
    },
}

/// An error response of a token service: `error` of OAuth 2.0 (RFC 6749, 5.2), or that of an API of Google.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The code, such as `invalid_client`; empty where the answer has none.
    pub(crate) code: String,
    /// The reason behind the code, such as `SERVICE_DISABLED`; empty where the answer has none.
    pub(crate) reason: String,
    /// What the service says, shortened; empty where it repeats a credential.
    pub(crate) message: String,
}

/// The longest part of a service's message that is shown.
const MESSAGE_LIMIT: usize = 300;

#[derive(Deserialize)]
struct Body {
    error: Code,
    error_description: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Code {
    Text(String),
    Object(ApiError),
}

/// The error of an API, of Google or of Azure.
#[derive(Deserialize)]
struct ApiError {
    status: Option<String>,
    code: Option<serde_json::Value>,
    message: Option<String>,
    #[serde(default)]
    details: Vec<Detail>,
    innererror: Option<Detail>,
}

/// A reason: `reason` of Google, `code` of Azure.
#[derive(Deserialize)]
struct Detail {
    #[serde(alias = "code")]
    reason: Option<String>,
}

impl Refusal {
    /// A refusal, with texts that are safe to print.
    pub(crate) fn new(status: u16, code: &str, reason: &str, message: &str) -> Self {
        let safe = |text: &str, limit| -> String {
            let first = text.trim().split(['\r', '\n']).next().unwrap_or_default();
            first.chars().take(limit).map(|c| if c.is_control() { ' ' } else { c }).collect()
        };
        let (code, reason) = (safe(code, 80), safe(reason, 80));
        Self { status, code, reason, message: safe(message, MESSAGE_LIMIT) }
    }

    /// Reads an error response. Its message is left out if it repeats one of the secrets that were sent.
    pub(crate) fn read(response: &Response, secrets: &[&str]) -> Self {
        let body: Option<Body> = serde_json::from_slice(&response.body).ok();
        let (code, reason, message) = match body {
            None => (String::new(), None, None),
            Some(Body { error: Code::Text(code), error_description }) => {
                (code, None, error_description)
            }
            Some(Body { error: Code::Object(error), .. }) => {
                let text = |code: serde_json::Value| code.as_str().map(str::to_owned);
                let code = error.status.or_else(|| error.code.and_then(text));
                let mut details = error.details.into_iter().chain(error.innererror);
                let reason = details.find_map(|detail| detail.reason);
                (code.unwrap_or_default(), reason, error.message)
            }
        };
        let reason = reason.unwrap_or_default();
        let message = message.unwrap_or_default();
        let repeats =
            |text: &str| secrets.iter().any(|secret| !secret.is_empty() && text.contains(secret));
        let message = if repeats(&format!("{code} {message}")) { "" } else { &message };
        Self::new(response.status, &code, &reason, message)
    }

    /// The code of Microsoft Entra ID in the message, such as `AADSTS7000222`.
    pub(crate) fn entra_code(&self) -> Option<&str> {
        let word = self.message.split([':', ' ']).next()?;
        word.starts_with("AADSTS").then_some(word)
    }

    /// What it means.
    pub(crate) fn class(&self) -> Class {
        match self.status {
            429 => Class::RateLimited,
            500.. => Class::Unreachable,
            _ => Class::Denied,
        }
    }

    fn hint(&self) -> &'static str {
        match (self.entra_code().unwrap_or_default(), self.code.as_str()) {
            ("AADSTS7000215", _) => "check the client secret: its value is needed, not its ID",
            ("AADSTS7000222", _) => "the client secret has expired: create a new one",
            ("AADSTS700016", _) => "check the client ID and the tenant ID",
            ("AADSTS90002" | "AADSTS900023", _) => "check the tenant ID and the authority",
            ("AADSTS70021" | "AADSTS700211" | "AADSTS700212" | "AADSTS700213", _) => {
                "compare the federated credential of the application with the token's issuer, subject \
                 and audience"
            }
            ("AADSTS700027", _) => "check that this certificate is registered for the application",
            ("AADSTS700024", _) => "check the clock of this machine (timedatectl set-ntp true)",
            (_, "invalid_grant") => {
                "the credential has expired or was revoked, or this machine's clock is wrong; for your own \
                 account, run `gcloud auth application-default login`"
            }
            (_, "invalid_target" | "unauthorized_client" | "invalid_client") => {
                "check the identity: its ID, its key, and that it is enabled"
            }
            (_, "PERMISSION_DENIED") => {
                "allow this identity to create tokens for the service account (roles/iam.serviceAccountTokenCreator, \
                 or roles/iam.workloadIdentityUser)"
            }
            _ => "check the credentials of this login",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code.as_str(), self.message.as_str()) {
            ("", _) => write!(f, "status {}", self.status),
            (code, "") => write!(f, "{code} ({})", self.status),
            (code, message) => write!(f, "{code} ({}): {message}", self.status),
        }
    }
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::Transport { source, .. } | Self::NoService { source, .. } => source.class(),
            Self::Refused { refusal, .. } => refusal.class(),
            Self::NotUnderstood { .. } => Class::BadData,
            Self::NoToken { .. } => Class::Denied,
            Self::Key { .. } | Self::Endpoint { .. } => Class::BadConfiguration,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Transport { source, .. } => return source.hint(),
            Self::Refused { refusal, .. } => refusal.hint(),
            Self::NotUnderstood { .. } => {
                "check the address, the proxies in between, and whether a captive portal answers"
            }
            Self::NoToken { hint, .. } | Self::NoService { hint, .. } => hint,
            Self::Key { .. } => "use an unencrypted private key that begins with -----BEGIN",
            Self::Endpoint { .. } => {
                "use https, or plain http to a loopback or link-local address, or unset the variable"
            }
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Refused { refusal, .. } if refusal.class() == Class::Denied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_in_both_forms_and_repeats_no_secret() {
        for (body, want) in [
            (
                r#"{"error":"invalid_client","error_description":"AADSTS7000222: expired.\r\nTrace ID: x"}"#,
                "invalid_client (401): AADSTS7000222: expired.",
            ),
            (
                r#"{"error":{"code":403,"status":"PERMISSION_DENIED","message":"denied"}}"#,
                "PERMISSION_DENIED (401): denied",
            ),
            (r#"{"error":{"code":"BadParameter","message":"m"}}"#, "BadParameter (401): m"),
            (r#"{"error":"x","error_description":"got canary-secret"}"#, "x (401)"),
            (r#"{"error":"canary-secret"}"#, "canary-secret (401)"),
            ("<html>canary-secret</html>", "status 401"),
            ("", "status 401"),
        ] {
            let refusal = Refusal::read(&Response::of(401, "", body), &["canary-secret", ""]);
            assert_eq!(refusal.to_string(), want, "{body}");
        }
        let refusal = Refusal::new(401, "invalid_client", "", "AADSTS7000222: expired");
        assert_eq!(refusal.entra_code(), Some("AADSTS7000222"));
        assert!(refusal.hint().contains("expired"));
    }
}
