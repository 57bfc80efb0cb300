//! The errors of the AWS stores. Their texts name profiles, files, services and secrets, never a key, a token or
//! a value.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::endpoint::Service;
use crate::http;
use crate::message::shown_path;
use crate::provider::identity::id_token;
use crate::provider::{Class, ProviderError, shape};

/// Why an AWS store gave no secrets.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// A configuration or token file cannot be read.
    #[error("cannot read `{}`", shown_path(path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A configuration file is invalid.
    #[error("`{}`:{line}: {problem}", shown_path(path))]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no such profile.
    #[error("there is no AWS profile `{name}`, which {place} selects")]
    NoProfile {
        /// Its name.
        name: String,
        /// What selects it.
        place: &'static str,
        /// The profiles that there are.
        known: Vec<String>,
    },
    /// A profile contradicts itself, or lacks something.
    #[error("AWS profile `{profile}`: {problem}")]
    Profile {
        /// Its name.
        profile: String,
        /// What is wrong.
        problem: String,
    },
    /// An access key ID without a secret access key.
    #[error("{place} has an AWS access key ID without {missing}")]
    Partial {
        /// Where.
        place: String,
        /// What is missing.
        missing: &'static str,
    },
    /// A key that is empty.
    #[error("{place} has an empty AWS access key")]
    EmptyKey {
        /// Where.
        place: String,
    },
    /// No provider has credentials.
    #[error("no AWS credentials{}", metadata.as_ref().map_or_else(String::new, |why| format!("; the instance metadata service was asked last: {why}")))]
    NoCredentials {
        /// Why the instance metadata service gave none, if it was asked.
        metadata: Option<String>,
    },
    /// Credentials that have expired.
    #[error("the AWS credentials of {place} have expired")]
    Expired {
        /// Where they are from.
        place: String,
    },
    /// The end of credentials is not a time.
    #[error("{place}: the expiration of the AWS credentials is not a time")]
    BadExpiration {
        /// Where they are from.
        place: String,
    },
    /// No region is configured.
    #[error("no AWS region specified")]
    NoRegion,
    /// A region that cannot be one.
    #[error("`{}` is not an AWS region", region.escape_default())]
    BadRegion {
        /// The region.
        region: String,
    },
    /// An address that cannot be one.
    #[error("{place} is not the address of a server")]
    BadEndpoint {
        /// Where it is set.
        place: String,
    },
    /// A setting of AWS that has an invalid value.
    #[error("{place} has an invalid value; {wanted}")]
    BadSetting {
        /// Where it is set.
        place: &'static str,
        /// What would be valid.
        wanted: &'static str,
    },
    /// The address of a container's credentials is not allowed.
    #[error("{variable} is not an address that AWS allows for the credentials of a container")]
    BadContainerUrl {
        /// The variable.
        variable: &'static str,
    },
    /// A provider failed.
    #[error("{provider} gave no AWS credentials: {problem}")]
    Provider {
        /// Which.
        provider: String,
        /// Why.
        problem: String,
        /// What the user can do.
        hint: String,
    },
    /// There is no ID token to log in with.
    #[error(transparent)]
    IdToken(#[from] id_token::Error),
    /// A service cannot be reached.
    #[error("cannot reach {}", service.title())]
    Transport {
        /// Which.
        service: Service,
        /// Why.
        source: Box<http::Error>,
    },
    /// A service refuses a request.
    #[error("{} refuses {operation}: {refusal}", service.title())]
    Refused {
        /// Which.
        service: Service,
        /// The operation.
        operation: &'static str,
        /// What it says.
        refusal: Refusal,
    },
    /// What answers is not the service.
    #[error("the answer of {} to {operation} cannot be understood", service.title())]
    BadAnswer {
        /// Which.
        service: Service,
        /// The operation.
        operation: &'static str,
    },
    /// A secret or parameter that does not exist, or that the credentials may not read.
    #[error("cannot read {what} `{name}`: {refusal}")]
    Item {
        /// `the secret` or `the parameter`.
        what: &'static str,
        /// Its name.
        name: String,
        /// What the service says.
        refusal: Refusal,
    },
    /// Parameters that do not exist.
    #[error("there is no parameter {}", names.join(", "))]
    NoParameters {
        /// Their names, quoted.
        names: Vec<String>,
    },
    /// A path or filter with nothing in it.
    #[error("there is nothing in {place}")]
    Nothing {
        /// Where.
        place: String,
    },
    /// A value that cannot become variables.
    #[error(transparent)]
    Shape(#[from] shape::Error),
    /// Something that `--disk-free` excludes.
    #[error("{what}, which --disk-free does not allow")]
    DiskFree {
        /// What.
        what: &'static str,
    },
}

/// An error response of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The HTTP status.
    pub(super) status: u16,
    /// The error code, such as `AccessDeniedException`; empty where the answer has none.
    pub(super) code: String,
    /// The message, shortened. It names ARNs and actions.
    pub(super) message: String,
    /// The server's clock minus this machine's, in seconds, if the server sends a date.
    pub(super) clock: Option<i64>,
}

/// What an error code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Try again later.
    Throttled,
    /// The server fails.
    Unavailable,
    /// The credentials have expired: new ones may help.
    ExpiredCredentials,
    /// The credentials are not valid.
    InvalidCredentials,
    /// The signature does not match: a wrong key or a wrong clock.
    Signature,
    /// The identity may not do this.
    Denied,
    /// There is no such thing.
    Missing,
    /// Anything else.
    Other,
}

impl Refusal {
    /// What the code means. AWS throttles with status 400, so the code decides before the status.
    pub(super) fn meaning(&self) -> Meaning {
        match self.code.as_str() {
            "ThrottlingException"
            | "Throttling"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "LimitExceededException"
            | "SlowDown"
            | "PriorRequestNotComplete" => Meaning::Throttled,
            "InternalServiceError"
            | "InternalServerError"
            | "InternalFailure"
            | "ServiceUnavailable"
            | "RequestTimeout"
            | "RequestTimeoutException"
            | "IDPCommunicationError" => Meaning::Unavailable,
            "ExpiredTokenException" | "ExpiredToken" | "TokenRefreshRequired" => {
                Meaning::ExpiredCredentials
            }
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidAccessKeyId"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException" => Meaning::InvalidCredentials,
            "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "RequestTimeTooSkewed"
            | "RequestExpired"
            | "RequestInTheFuture" => Meaning::Signature,
            "AccessDeniedException"
            | "AccessDenied"
            | "UnauthorizedOperation"
            | "ForbiddenException"
            | "UnauthorizedException"
            | "NotAuthorizedException"
            | "KMSAccessDeniedException"
            | "OptInRequired" => Meaning::Denied,
            "ResourceNotFoundException" | "ParameterNotFound" | "ParameterVersionNotFound" => {
                Meaning::Missing
            }
            _ => match self.status {
                429 => Meaning::Throttled,
                500.. => Meaning::Unavailable,
                401 | 403 => Meaning::Denied,
                _ => Meaning::Other,
            },
        }
    }

    pub(super) fn class(&self) -> Class {
        match self.meaning() {
            Meaning::Throttled => Class::RateLimited,
            Meaning::Unavailable => Class::Unreachable,
            Meaning::ExpiredCredentials
            | Meaning::InvalidCredentials
            | Meaning::Signature
            | Meaning::Denied => Class::Denied,
            Meaning::Missing => Class::NotFound,
            Meaning::Other => Class::BadConfiguration,
        }
    }

    pub(super) fn hint(&self) -> &'static str {
        match self.meaning() {
            Meaning::Throttled => "try again later; a path or a batch needs fewer requests",
            Meaning::Unavailable => "try again later, or check the AWS Health Dashboard",
            Meaning::ExpiredCredentials => {
                "get new credentials, for example with `aws sso login` or `aws login`"
            }
            Meaning::InvalidCredentials => {
                "check that the access key exists, is active, and belongs to this partition; temporary \
                 credentials need AWS_SESSION_TOKEN too"
            }
            Meaning::Signature if self.clock.is_some_and(|clock| clock.abs() > 240) => {
                "set this machine's clock (timedatectl set-ntp true)"
            }
            Meaning::Signature => "check the secret access key for a missing or an extra character",
            Meaning::Denied => "allow the action that it names in the IAM policy of this identity",
            Meaning::Missing => {
                "check the name, the region and the account; another account needs an ARN"
            }
            Meaning::Other => "hushed-aws(7) lists the settings",
        }
    }
}

/// The longest part of a service's message that is shown.
const MESSAGE_LIMIT: usize = 300;

impl Refusal {
    /// A refusal, with the message made safe to print.
    pub(super) fn new(
        status: u16,
        code: &str,
        message: &str,
        date: Option<SystemTime>,
        now: SystemTime,
    ) -> Self {
        let safe = |text: &str, limit| {
            text.chars().take(limit).map(|c| if c.is_control() { ' ' } else { c }).collect()
        };
        let clock = date.map(|date| match date.duration_since(now) {
            Ok(ahead) => i64::try_from(ahead.as_secs()).unwrap_or(i64::MAX),
            Err(behind) => -i64::try_from(behind.duration().as_secs()).unwrap_or(i64::MAX),
        });
        Self { status, code: safe(code, 80), message: safe(message, MESSAGE_LIMIT), clock }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code.as_str(), self.message.as_str()) {
            ("", _) => write!(f, "status {}", self.status)?,
            (code, "") => write!(f, "{code} ({})", self.status)?,
            (code, message) => write!(f, "{code} ({}): {message}", self.status)?,
        }
        match self.clock.filter(|_| self.meaning() == Meaning::Signature) {
            Some(clock) if clock.abs() > 240 => {
                let side = if clock > 0 { "behind" } else { "ahead of" };
                let apart = Duration::from_secs(clock.unsigned_abs());
                write!(f, "; this machine's clock is {} s {side} the server's", apart.as_secs())
            }
            _ => Ok(()),
        }
    }
}

impl ProviderError for Error {
    fn class(&self) -> Class {
        match self {
            Self::IdToken(error) => error.class(),
            Self::Transport { source, .. } => source.class(),
            Self::Refused { refusal, .. } | Self::Item { refusal, .. } => refusal.class(),
            Self::Expired { .. } | Self::Provider { .. } => Class::Denied,
            Self::NoParameters { .. } | Self::Nothing { .. } => Class::NotFound,
            Self::Shape(error) => error.class(),
            Self::BadAnswer { .. } => Class::BadData,
            _ => Class::BadConfiguration,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unreadable { .. } => "check that the file exists and that you can read it",
            Self::Syntax { .. } => "correct the line; AWS CLI v2 refuses this file too",
            Self::NoProfile { name, known, .. } => {
                let nearest = crate::message::nearest(name, known.iter().map(String::as_str));
                return Some(nearest.map_or_else(
                    || {
                        "profiles are sections [profile NAME] in ~/.aws/config, or [NAME] in \
                         ~/.aws/credentials"
                            .to_owned()
                    },
                    |nearest| format!("did you mean `{nearest}`?"),
                ));
            }
            Self::Profile { .. } => {
                "correct the profile in ~/.aws/config; hushed-aws(7) lists its keys"
            }
            Self::Partial { .. } | Self::EmptyKey { .. } => "set both keys, or remove both",
            Self::NoCredentials { .. } => {
                "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; hushed-aws(7) lists all \
                 logins"
            }
            Self::Expired { .. } => {
                "get new credentials, for example with `aws sso login` or `aws login`"
            }
            Self::BadExpiration { .. } => "write it as 2030-01-02T03:04:05Z, or remove it",
            Self::NoRegion | Self::BadRegion { .. } => {
                "set `region` in the source, AWS_REGION, or `region` in the AWS profile"
            }
            Self::BadEndpoint { .. } => "write it as https://HOST or https://HOST:PORT",
            Self::BadSetting { .. } => "correct it, or remove it",
            Self::BadContainerUrl { .. } => {
                "use https, or plain http to a loopback address, 169.254.170.2 or 169.254.170.23"
            }
            Self::Provider { hint, .. } => return Some(hint.clone()),
            Self::IdToken(error) => return error.hint(),
            Self::Transport { source, .. } => return source.hint(),
            Self::Refused { refusal, .. } | Self::Item { refusal, .. } => refusal.hint(),
            Self::BadAnswer { .. } => {
                "check the endpoint, the proxies in between, and whether a captive portal answers"
            }
            Self::NoParameters { .. } => "check the names, the region and the account",
            Self::Nothing { .. } => "check the name, or accept this with --allow-empty",
            Self::Shape(error) => return error.hint(),
            Self::DiskFree { .. } => "run without --disk-free, or use another login",
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Refused { service: Service::Sts | Service::Sso | Service::SsoOidc | Service::SignIn, refusal, .. }
            if refusal.class() == Class::Denied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_signature_tells_of_a_wrong_clock() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(1000);
        let hour = Duration::from_hours(1);
        for (date, side, hint) in [
            (Some(now + hour), Some("3600 s behind"), "clock"),
            (Some(now - hour), Some("3600 s ahead of"), "clock"),
            (Some(now), None, "secret access key"),
            (None, None, "secret access key"),
        ] {
            let refusal = Refusal::new(403, "SignatureDoesNotMatch", "m", date, now);
            let text = refusal.to_string();
            assert_eq!(text.contains("clock"), side.is_some(), "{text}");
            assert!(side.is_none_or(|side| text.contains(side)), "{text}");
            assert!(refusal.hint().contains(hint), "{}", refusal.hint());
        }
        let refusal = Refusal::new(400, "AccessDeniedException", "a\u{1b}[31m", None, now);
        assert_eq!(refusal.to_string(), "AccessDeniedException (400): a [31m");
    }
}
