//! Where credentials come from: what the chain decides, with everything that is needed to get them.

use std::path::PathBuf;

use url::Url;

use super::error::Error;
use super::keys::Keys;
use crate::provider::identity::id_token::IdToken;
use crate::secret::Value;

/// Where the credentials come from.
#[derive(Clone, Debug)]
pub(super) struct CredentialPlan {
    /// The first credentials.
    pub(super) base: Provider,
    /// The roles that are assumed with them, one after the other.
    pub(super) roles: Vec<Role>,
}

/// A credential provider, with everything that it needs.
#[derive(Clone, Debug)]
pub(super) enum Provider {
    /// Keys that are written down.
    Static {
        /// The keys.
        keys: Keys,
        /// Where they are, for messages.
        place: String,
    },
    /// A role that STS gives for a token of another identity provider.
    WebIdentity(WebIdentity),
    /// A role that IAM Identity Center gives to a person who signed in.
    Sso(Sso),
    /// The cache of `aws login`.
    Login(LoginSession),
    /// A program that prints the credentials.
    Process(CredentialProcess),
    /// The credential endpoint of a container.
    Container(Container),
    /// The metadata service of an instance.
    InstanceMetadata(InstanceMetadata),
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Role {
    /// Its ARN.
    pub(super) arn: String,
    /// The name of the session, if the profile sets one.
    pub(super) session: Option<String>,
    /// The external ID that the role's trust policy asks for.
    pub(super) external_id: Option<String>,
    /// How long the credentials are to be valid, in seconds.
    pub(super) duration: Option<u32>,
}

/// A token of another identity provider, and the role that STS gives for it.
#[derive(Clone, Debug)]
pub(super) struct WebIdentity {
    pub(super) token: WebIdentityToken,
    pub(super) role: Role,
}

/// Where the token is.
#[derive(Clone, Debug)]
pub(super) enum WebIdentityToken {
    /// A file, which is read for each request.
    File(PathBuf),
    /// That of a CI job.
    OfJob(IdToken),
}

/// A profile of IAM Identity Center.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sso {
    /// The name of the `sso-session` section; without one, the token cannot be refreshed.
    pub(super) session: Option<String>,
    pub(super) start_url: String,
    pub(super) region: String,
    pub(super) account: String,
    pub(super) role: String,
}

/// A session of `aws login`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LoginSession {
    pub(super) name: String,
    pub(super) directory: PathBuf,
}

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CredentialProcess {
    pub(super) profile: String,
    pub(super) command: Vec<String>,
}

/// The credential endpoint of a container.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) url: Url,
    pub(super) token: ContainerToken,
}

/// What the credential endpoint of a container asks for.
#[derive(Clone, Debug)]
pub(super) enum ContainerToken {
    None,
    Value(Value),
    /// A file, which is read for each request.
    File(PathBuf),
}

/// The metadata service of an instance, version 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InstanceMetadata {
    pub(super) endpoint: Url,
    /// The time limit of one request, in seconds.
    pub(super) timeout: u64,
    /// Whether a profile asks for it, so that its absence is an error of its own.
    pub(super) is_requested: bool,
}

impl From<Provider> for CredentialPlan {
    fn from(base: Provider) -> Self {
        Self { base, roles: Vec::new() }
    }
}

impl Role {
    /// Checks what STS requires of the parameters.
    pub(super) fn check(&self, profile: &str) -> Result<(), Error> {
        let profile = profile.to_owned();
        match self.problem() {
            Some(problem) => Err(Error::Profile { profile, problem: problem.into() }),
            None => Ok(()),
        }
    }

    /// What STS would refuse in the parameters.
    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.arn.len() < 20 {
            Some("its role_arn is not the ARN of a role")
        } else if self.session.as_ref().is_some_and(|name| !(2..=64).contains(&name.len())) {
            Some("its role_session_name does not have 2 to 64 characters")
        } else {
            None
        }
    }
}
