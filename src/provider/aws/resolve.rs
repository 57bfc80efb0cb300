//! From hushed's settings, the environment and the AWS files to everything that a request needs: region, endpoints,
//! and the credential provider. Files are read here; no request is sent and no program is run.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use url::Url;

use super::chain::ChainInputs;
use super::credential_plan::{CredentialPlan, InstanceMetadata, Provider};
use super::endpoint::{Endpoints, Service, check_region};
use super::environment::Variables;
use super::error::Error;
use super::profiles::{AwsFile, Profile, Profiles};
use crate::config::Environment;
use crate::seal::private_file;

/// The largest configuration file that is read, in bytes.
const MAX_SIZE: u64 = 4 << 20;

/// What hushed's own configuration sets.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnSettings {
    /// A profile, as `--profile` of the CLI.
    pub(super) profile: Option<String>,
    /// A region, as `--region` of the CLI.
    pub(super) region: Option<String>,
    /// The address of the service, as `--endpoint-url` of the CLI.
    pub(super) endpoint: Option<Url>,
    /// A login that is used instead of the chain's.
    pub(super) login: Option<Provider>,
}

/// Everything that is known before the first request.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    pub(super) region: Region,
    pub(super) endpoints: Endpoints,
    pub(super) credentials: CredentialPlan,
    /// The certificate authorities that AWS variables or the profile name.
    pub(super) ca_bundle: Option<PathBuf>,
    /// How often a request is sent at most.
    pub(super) attempts: u32,
}

/// The region of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Region {
    Known(String),
    /// No setting names one: it is that of the instance.
    OfInstance(InstanceMetadata),
}

/// Reads the files and resolves everything.
pub(super) fn resolve(
    service: Service,
    own: &OwnSettings,
    environment: &Environment,
) -> Result<Resolved, Error> {
    let variables = Variables(environment);
    let config = read("AWS_CONFIG_FILE", "~/.aws/config", variables)?;
    let credentials = read("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", variables)?;
    resolve_files(service, own, variables, &config, &credentials, SystemTime::now())
}

/// Resolves everything from the contents of the files.
pub(super) fn resolve_files(
    service: Service,
    own: &OwnSettings,
    variables: Variables<'_>,
    config: &AwsFile,
    credentials: &AwsFile,
    now: SystemTime,
) -> Result<Resolved, Error> {
    let profiles = Profiles::parse(config, credentials)?;
    let named_profile = own.profile.as_deref();
    let inputs = ChainInputs { variables, profiles: &profiles, named_profile, now };
    let (_, profile) = inputs.profile()?;
    let attempts = attempts(variables, &profile)?;
    let mut endpoints = Endpoints::configured(variables, &profiles, &profile)?;
    if let Some(url) = &own.endpoint {
        endpoints.set(service, url.clone());
    }
    let text = own.region.clone();
    let text = text.or_else(|| variables.get("AWS_REGION").map(Into::into));
    let text = text.or_else(|| variables.get("AWS_DEFAULT_REGION").map(Into::into));
    let text = text.or_else(|| profile.get("region").map(str::to_owned));
    let region = if let Some(text) = text {
        let (region, is_fips) = check_region(&text)?;
        if is_fips {
            endpoints.require_fips();
        }
        Region::Known(region)
    } else {
        let metadata = inputs.instance_metadata(&profile, false)?;
        Region::OfInstance(metadata.ok_or(Error::NoRegion)?)
    };
    let credentials = match &own.login {
        Some(login) => login.clone().into(),
        None => inputs.select()?,
    };
    let ca_bundle = ca_bundle(variables, &profile)?;
    Ok(Resolved { region, endpoints, credentials, ca_bundle, attempts })
}

/// Reads a file, if there is one: what is no regular file counts as none.
fn read(variable: &str, usual: &str, variables: Variables<'_>) -> Result<AwsFile, Error> {
    let path = match variables.get(variable) {
        Some(text) => variables.expand(&text),
        None => variables.expand(usual),
    };
    let content = read_file(&path)?;
    Ok(AwsFile { path, content })
}

/// Reads a regular file; `None` if there is none.
pub(super) fn read_file(path: &Path) -> Result<Option<crate::secret::Value>, Error> {
    match private_file::read(path, MAX_SIZE) {
        Ok(file) => Ok(Some(file.bytes)),
        Err(private_file::Error::Missing { .. } | private_file::Error::NotRegular { .. }) => {
            Ok(None)
        }
        Err(error) => Err(Error::Unreadable { path: path.to_owned(), source: error.into() }),
    }
}

/// How often a request is sent at most; the mode is checked, but both modes are one here.
fn attempts(variables: Variables<'_>, profile: &Profile<'_>) -> Result<u32, Error> {
    let setting = |variable, key: &str| {
        let own = variables.get(variable).map(String::from);
        own.or_else(|| profile.get(key).map(str::to_owned))
    };
    if let Some(mode) = setting("AWS_RETRY_MODE", "retry_mode")
        && !matches!(mode.as_str(), "standard" | "adaptive")
    {
        let place = "AWS_RETRY_MODE (or retry_mode in the profile)";
        return Err(Error::BadSetting { place, wanted: "write `standard` or `adaptive`" });
    }
    match setting("AWS_MAX_ATTEMPTS", "max_attempts") {
        None => Ok(3),
        Some(text) => {
            text.trim().parse().ok().filter(|count| *count > 0).ok_or(Error::BadSetting {
                place: "AWS_MAX_ATTEMPTS (or max_attempts in the profile)",
                wanted: "write a number from 1 on",
            })
        }
    }
}

fn ca_bundle(variables: Variables<'_>, profile: &Profile<'_>) -> Result<Option<PathBuf>, Error> {
    let text = variables.get("AWS_CA_BUNDLE").map(String::from);
    let text = text.or_else(|| profile.get("ca_bundle").map(str::to_owned));
    if text.as_deref() == Some("") {
        let place = "AWS_CA_BUNDLE (or ca_bundle in the profile)";
        return Err(Error::BadSetting { place, wanted: "name a PEM file, or unset it" });
    }
    Ok(text.map(PathBuf::from))
}
