//! Where credentials come from, in words for `plan`, `doctor` and messages. No key is named but the access key ID's
//! place.

use super::credential_plan::{CredentialPlan, Provider, WebIdentity, WebIdentityToken};

impl CredentialPlan {
    /// One line, such as `role ROLE, assumed with profile base in the credentials file`.
    pub(super) fn describe(&self) -> String {
        let base = self.base.describe();
        match self.roles.last() {
            None => base,
            Some(role) => {
                let earlier = self.roles.iter().rev().skip(1);
                let through: Vec<_> = earlier.map(|role| role.arn.as_str()).collect();
                let through = match through.as_slice() {
                    [] => String::new(),
                    roles => format!(" by way of {}", roles.join(", ")),
                };
                format!("role {}{through}, assumed with {base}", role.arn)
            }
        }
    }
}

impl Provider {
    fn describe(&self) -> String {
        match self {
            Self::Static { place, .. } => format!("keys of {place}"),
            Self::WebIdentity(WebIdentity { token, role }) => match token {
                WebIdentityToken::File(path) => {
                    format!("role {} for the web identity in `{}`", role.arn, path.display())
                }
                WebIdentityToken::OfJob(token) => {
                    format!("role {} for the ID token from {}", role.arn, token.credential().origin)
                }
            },
            Self::Sso(sso) => format!(
                "role {} in account {} from IAM Identity Center (`{}`)",
                sso.role,
                sso.account,
                sso.session.as_ref().unwrap_or(&sso.start_url)
            ),
            Self::Login(session) => format!("`aws login` (`{}`)", session.name),
            Self::Process(process) => {
                format!("credential_process of profile `{}`", process.profile)
            }
            Self::Container(container) => {
                format!(
                    "the container's credential endpoint {}",
                    container.url.origin().ascii_serialization()
                )
            }
            Self::InstanceMetadata(metadata) => format!(
                "the instance metadata service {}",
                metadata.endpoint.origin().ascii_serialization()
            ),
        }
    }

    /// Why the cache cannot be sealed with what proves the identity; `None` if it is a long-lived secret.
    pub(super) fn unfit_cache_key(&self) -> Option<&'static str> {
        match self {
            Self::Static { keys, .. } if keys.session_token.is_none() => None,
            _ => Some("proves the identity by temporary credentials"),
        }
    }
}
