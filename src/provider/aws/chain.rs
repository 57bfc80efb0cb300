//! The credential provider chain of AWS CLI v2 as a pure function: from the environment and the contents of both
//! files to the one provider that supplies the credentials, and the roles to assume with them. A provider that
//! is configured and fails ends the chain, so there is never a second choice. Nothing is asked or run here.
//!
//! ```text
//! environment keys (not with a named profile) > role of the profile > web identity > IAM Identity Center
//!   > keys in the credentials file > credential_process > keys in the config file > container > instance metadata
//! ```

use std::path::PathBuf;
use std::time::SystemTime;

use url::Url;

use super::credential_plan::{
    Container, ContainerToken, CredentialPlan, CredentialProcess, InstanceMetadata, LoginSession,
    Provider, Role, Sso, WebIdentity, WebIdentityToken,
};
use super::endpoint::is_true;
use super::environment::Variables;
use super::error::Error;
use super::ini::{Options, split_words};
use super::keys::Keys;
use super::profiles::{Profile, Profiles};
use super::time;

/// What the chain is computed from.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChainInputs<'a> {
    pub(super) variables: Variables<'a>,
    pub(super) profiles: &'a Profiles,
    /// A profile that hushed's own configuration names, which skips the keys of the environment, as `--profile`
    /// of the CLI does.
    pub(super) named_profile: Option<&'a str>,
    pub(super) now: SystemTime,
}

/// The name of the profile that the environment selects; an empty name counts.
pub(super) fn profile_variable(variables: Variables<'_>) -> Option<(&'static str, String)> {
    let names = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
    names.into_iter().find_map(|name| Some((name, variables.get(name)?.into_owned())))
}

impl<'a> ChainInputs<'a> {
    /// The profile in use: its name, and its keys.
    pub(super) fn profile(&self) -> Result<(String, Profile<'a>), Error> {
        let selected = match self.named_profile {
            Some(name) => Some(("the `profile` setting", name.to_owned())),
            None => profile_variable(self.variables),
        };
        let Some((place, name)) = selected else {
            let profile = self.profiles.get("default").unwrap_or_default();
            return Ok(("default".to_owned(), profile));
        };
        if let Some(profile) = self.profiles.get(&name) {
            return Ok((name, profile));
        }
        let known = self.profiles.names().map(str::to_owned).collect();
        Err(Error::NoProfile { name, place, known })
    }

    /// Selects the provider.
    pub(super) fn select(&self) -> Result<CredentialPlan, Error> {
        let (name, profile) = self.profile()?;
        if self.named_profile.is_none()
            && let Some(keys) = self.environment_keys()?
        {
            return Ok(keys.into());
        }
        if is_role(&profile) {
            return self.role(&name, &profile, &mut vec![name.clone()]);
        }
        if let Some(provider) = self.of_profile(&name, &profile, self.named_profile.is_none())? {
            return Ok(provider.into());
        }
        if let Some(container) = self.container()? {
            return Ok(Provider::Container(container).into());
        }
        match self.instance_metadata(&profile, false)? {
            Some(metadata) => Ok(Provider::InstanceMetadata(metadata).into()),
            None => Err(Error::NoCredentials { metadata: None }),
        }
    }

    fn environment_keys(&self) -> Result<Option<Provider>, Error> {
        let variables = self.variables;
        let Some(access_key) = variables.not_empty("AWS_ACCESS_KEY_ID") else { return Ok(None) };
        let place = "the environment";
        let partial = Error::Partial { place: place.to_owned(), missing: "AWS_SECRET_ACCESS_KEY" };
        let secret_key = variables.0.get("AWS_SECRET_ACCESS_KEY").ok_or(partial)?.clone();
        // An old name, which still wins.
        let tokens = ["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"];
        let token = tokens.into_iter().find(|name| variables.get(name).is_some());
        let session_token = token.and_then(|name| variables.0.get(name)).cloned();
        let expires = match variables.not_empty("AWS_CREDENTIAL_EXPIRATION") {
            Some(text) => Some(time::parse(&text).ok_or_else(|| Error::BadExpiration {
                place: "AWS_CREDENTIAL_EXPIRATION".to_owned(),
            })?),
            None => None,
        };
        let access_key = access_key.into_owned();
        let keys = Keys { access_key, secret_key, session_token, expires };
        if keys.is_expired(self.now) {
            return Err(Error::Expired { place: place.to_owned() });
        }
        Ok(Some(Provider::Static { keys, place: "AWS_ACCESS_KEY_ID".to_owned() }))
    }

    /// The provider that a profile configures, without its role.
    fn of_profile(
        &self,
        name: &str,
        profile: &Profile<'_>,
        with_variables: bool,
    ) -> Result<Option<Provider>, Error> {
        if let Some(web_identity) = self.web_identity(name, profile, with_variables)? {
            return Ok(Some(Provider::WebIdentity(web_identity)));
        }
        if let Some(sso) = self.sso(name, profile)? {
            return Ok(Some(Provider::Sso(sso)));
        }
        if let Some(keys) = file_keys(name, profile.credentials, "credentials")? {
            return Ok(Some(keys));
        }
        if let Some(session) = profile.get("login_session") {
            let directory = match self.variables.not_empty("AWS_LOGIN_CACHE_DIRECTORY") {
                Some(path) => self.variables.expand(&path),
                None => self.variables.expand("~/.aws/login/cache"),
            };
            return Ok(Some(Provider::Login(LoginSession { name: session.to_owned(), directory })));
        }
        if let Some(command) = profile.get("credential_process") {
            let command = split_words(command).filter(|words| !words.is_empty());
            let command = command.ok_or_else(|| Error::Profile {
                profile: name.to_owned(),
                problem: "credential_process is empty, or a quotation mark in it is not closed"
                    .into(),
            })?;
            let profile = name.to_owned();
            return Ok(Some(Provider::Process(CredentialProcess { profile, command })));
        }
        file_keys(name, profile.config, "config")
    }

    /// The role of a profile, and what it is assumed with.
    fn role(
        &self,
        name: &str,
        profile: &Profile<'_>,
        visited: &mut Vec<String>,
    ) -> Result<CredentialPlan, Error> {
        let invalid = |problem: String| Error::Profile { profile: name.to_owned(), problem };
        let role = role(name, profile)?;
        let mut plan = match (profile.get("source_profile"), profile.get("credential_source")) {
            (Some(_), Some(_)) => {
                return Err(invalid("it has both source_profile and credential_source".into()));
            }
            (None, None) => {
                return Err(invalid(
                    "role_arn needs a source_profile or a credential_source to assume it with"
                        .into(),
                ));
            }
            (None, Some(source)) => self.credential_source(name, profile, source)?.into(),
            (Some(source), None) => self.source_profile(name, source, visited)?,
        };
        if profile.has("mfa_serial") {
            return Err(invalid(
                "mfa_serial asks for a code, and hushed does not ask questions".into(),
            ));
        }
        plan.roles.push(role);
        Ok(plan)
    }

    fn source_profile(
        &self,
        name: &str,
        source: &str,
        visited: &mut Vec<String>,
    ) -> Result<CredentialPlan, Error> {
        let invalid = |problem: String| Error::Profile { profile: name.to_owned(), problem };
        let found = self.profiles.get(source);
        let found = found
            .ok_or_else(|| invalid(format!("its source_profile `{source}` does not exist")))?;
        let has_keys = found.has("aws_access_key_id") || found.has("aws_secret_access_key");
        if visited.iter().any(|known| known == source) && (source != name || !has_keys) {
            visited.push(source.to_owned());
            return Err(invalid(format!(
                "source_profile leads in a circle: {}",
                visited.join(", ")
            )));
        }
        visited.push(source.to_owned());
        if is_role(&found) && !has_keys {
            return self.role(source, &found, visited);
        }
        let provider = self.of_profile(source, &found, false)?;
        let none = || invalid(format!("its source_profile `{source}` has no credentials"));
        Ok(provider.ok_or_else(none)?.into())
    }

    fn credential_source(
        &self,
        name: &str,
        profile: &Profile<'_>,
        source: &str,
    ) -> Result<Provider, Error> {
        let found = match source {
            "Environment" => self.environment_keys()?,
            "EcsContainer" => self.container()?.map(Provider::Container),
            "Ec2InstanceMetadata" => {
                self.instance_metadata(profile, true)?.map(Provider::InstanceMetadata)
            }
            _ => {
                let problem = format!(
                    "credential_source `{source}` is none of Environment, EcsContainer and \
                     Ec2InstanceMetadata"
                );
                return Err(Error::Profile { profile: name.to_owned(), problem });
            }
        };
        found.ok_or_else(|| Error::Profile {
            profile: name.to_owned(),
            problem: format!("its credential_source {source} has no credentials"),
        })
    }

    fn web_identity(
        &self,
        name: &str,
        profile: &Profile<'_>,
        with_variables: bool,
    ) -> Result<Option<WebIdentity>, Error> {
        let setting = |variable: &str, key: &str| {
            let variable = self.variables.get(variable).filter(|_| with_variables);
            variable.map_or_else(|| profile.get(key).map(str::to_owned), |v| Some(v.into_owned()))
        };
        let file = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
        let Some(file) = file.filter(|file| !file.is_empty()) else { return Ok(None) };
        let Some(arn) = setting("AWS_ROLE_ARN", "role_arn").filter(|arn| !arn.is_empty()) else {
            return Err(Error::Profile {
                profile: name.to_owned(),
                problem:
                    "a web identity token file needs a role: set AWS_ROLE_ARN, or role_arn in \
                          the profile"
                        .into(),
            });
        };
        let session = setting("AWS_ROLE_SESSION_NAME", "role_session_name");
        let role = Role { arn, session, external_id: None, duration: None };
        role.check(name)?;
        let token = WebIdentityToken::File(PathBuf::from(file));
        Ok(Some(WebIdentity { token, role }))
    }

    fn sso(&self, name: &str, profile: &Profile<'_>) -> Result<Option<Sso>, Error> {
        if !profile.has("sso_account_id") && !profile.has("sso_role_name") {
            return Ok(None);
        }
        let invalid = |problem: String| Error::Profile { profile: name.to_owned(), problem };
        let session = profile.get("sso_session");
        let section = match session {
            Some(session) => {
                let section = self.profiles.sso_session(session);
                let missing = || {
                    invalid(format!(
                        "there is no section [sso-session {session}] in the config file"
                    ))
                };
                Some(section.ok_or_else(missing)?)
            }
            None => None,
        };
        let setting = |key: &str| {
            let own = profile.get(key);
            let of_section = section.and_then(|section| section.get(key));
            match (own, of_section) {
                (Some(own), Some(other)) if own != other => {
                    Err(invalid(format!("its {key} differs from that of its sso_session")))
                }
                _ => own
                    .or(of_section)
                    .map(str::to_owned)
                    .ok_or_else(|| invalid(format!("it uses IAM Identity Center and lacks {key}"))),
            }
        };
        let sso = Sso {
            start_url: setting("sso_start_url")?,
            region: setting("sso_region")?,
            account: setting("sso_account_id")?,
            role: setting("sso_role_name")?,
            session: session.map(str::to_owned),
        };
        super::endpoint::check_region(&sso.region)?;
        Ok(Some(sso))
    }

    fn container(&self) -> Result<Option<Container>, Error> {
        let variables = self.variables;
        let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
        let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
        let (variable, text) = match (variables.get(relative), variables.get(full)) {
            (Some(path), _) => (relative, format!("http://169.254.170.2{path}")),
            (None, Some(url)) => (full, url.into_owned()),
            (None, None) => return Ok(None),
        };
        let url = Url::parse(&text).ok().filter(is_allowed_for_container);
        let url = url.ok_or(Error::BadContainerUrl { variable })?;
        let token = if let Some(path) = variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            ContainerToken::File(PathBuf::from(path.into_owned()))
        } else if variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN").is_some() {
            let token = variables.0.get("AWS_CONTAINER_AUTHORIZATION_TOKEN");
            token.map_or(ContainerToken::None, |token| ContainerToken::Value(token.clone()))
        } else {
            ContainerToken::None
        };
        Ok(Some(Container { url, token }))
    }

    /// The metadata service, unless it is switched off.
    pub(super) fn instance_metadata(
        &self,
        profile: &Profile<'_>,
        is_requested: bool,
    ) -> Result<Option<InstanceMetadata>, Error> {
        let variables = self.variables;
        if variables.get("AWS_EC2_METADATA_DISABLED").is_some_and(|text| is_true(&text)) {
            return Ok(None);
        }
        let setting = |variable: &str, key: &str| {
            let own = variables.not_empty(variable).map(std::borrow::Cow::into_owned);
            own.or_else(|| profile.get(key).map(str::to_owned))
        };
        let (variable, key) =
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
        let text = setting(variable, key).unwrap_or_else(|| {
            let mode = setting(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                "ec2_metadata_service_endpoint_mode",
            );
            match mode {
                Some(mode) if mode.eq_ignore_ascii_case("ipv6") => "http://[fd00:ec2::254]/",
                _ => "http://169.254.169.254/",
            }
            .to_owned()
        });
        let mut endpoint = super::endpoint::parse_url(variable, &text)?;
        if !endpoint.path().ends_with('/') {
            endpoint.set_path(&format!("{}/", endpoint.path()));
        }
        let timeout = setting("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout");
        let timeout = timeout.and_then(|text| text.trim().parse().ok()).unwrap_or(1);
        Ok(Some(InstanceMetadata { endpoint, timeout, is_requested }))
    }
}

/// Whether a profile is for a role that another identity assumes.
fn is_role(profile: &Profile<'_>) -> bool {
    profile.has("role_arn") && !profile.has("web_identity_token_file")
}

fn role(name: &str, profile: &Profile<'_>) -> Result<Role, Error> {
    let text = |key| profile.get(key).map(str::to_owned);
    let role = Role {
        arn: text("role_arn").unwrap_or_default(),
        session: text("role_session_name"),
        external_id: text("external_id"),
        // What is no number is ignored, as the CLI does.
        duration: profile.get("duration_seconds").and_then(|text| text.trim().parse().ok()),
    };
    role.check(name)?;
    Ok(role)
}

/// The keys that a section of one file holds. Keys of two files are no pair.
fn file_keys(
    profile: &str,
    section: Option<&Options>,
    file: &str,
) -> Result<Option<Provider>, Error> {
    let Some(section) = section else { return Ok(None) };
    let Some(access_key) = section.get("aws_access_key_id") else { return Ok(None) };
    let place = format!("profile `{profile}` in the {file} file");
    let Some(secret_key) = section.value("aws_secret_access_key") else {
        return Err(Error::Partial { place, missing: "aws_secret_access_key" });
    };
    if access_key.is_empty() || secret_key.is_empty() {
        return Err(Error::EmptyKey { place });
    }
    let tokens = ["aws_security_token", "aws_session_token"];
    let token = tokens.into_iter().find_map(|key| section.value(key));
    let keys = Keys {
        access_key: access_key.to_owned(),
        secret_key: secret_key.clone(),
        session_token: token.filter(|token| !token.is_empty()).cloned(),
        expires: None,
    };
    Ok(Some(Provider::Static { keys, place }))
}

/// The hosts that may be asked for a container's credentials over plain http.
const CONTAINER_HOSTS: [&str; 6] =
    ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost", "127.0.0.1", "[::1]"];

fn is_allowed_for_container(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let is_loopback = host.parse::<std::net::Ipv4Addr>().is_ok_and(|host| host.is_loopback());
    match url.scheme() {
        "https" => !host.is_empty(),
        "http" => CONTAINER_HOSTS.contains(&host) || is_loopback,
        _ => false,
    }
}
