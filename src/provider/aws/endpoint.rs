//! Regions and the addresses of AWS services: the public hosts of each partition, FIPS and dual stack, and
//! the addresses that the environment or a profile sets instead. Pure.

use url::Url;

use super::environment::Variables;
use super::error::Error;
use super::profiles::{Profile, Profiles};

/// A service that hushed sends requests to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    SecretsManager,
    ParameterStore,
    /// The Security Token Service, which lends the credentials of a role.
    Sts,
    /// The portal of IAM Identity Center, which does so for a person who signed in.
    Sso,
    /// The token service of IAM Identity Center.
    SsoOidc,
    /// The service behind `aws login`.
    SignIn,
}

impl Service {
    pub(super) const ALL: [Self; 6] = [
        Self::SecretsManager,
        Self::ParameterStore,
        Self::Sts,
        Self::Sso,
        Self::SsoOidc,
        Self::SignIn,
    ];

    /// Its name for people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::SecretsManager => "AWS Secrets Manager",
            Self::ParameterStore => "AWS Systems Manager",
            Self::Sts => "the AWS Security Token Service",
            Self::Sso => "AWS IAM Identity Center",
            Self::SsoOidc => "the token service of AWS IAM Identity Center",
            Self::SignIn => "AWS Sign-In",
        }
    }

    /// What its host begins with.
    fn host(self) -> &'static str {
        match self {
            Self::SecretsManager => "secretsmanager",
            Self::ParameterStore => "ssm",
            Self::Sts => "sts",
            Self::Sso => "portal.sso",
            Self::SsoOidc => "oidc",
            Self::SignIn => "signin",
        }
    }

    /// The name that signatures have.
    pub(super) fn signing_name(self) -> &'static str {
        self.host()
    }

    /// Its key in a `services` section; in upper case, the end of its variable.
    fn key(self) -> &'static str {
        match self {
            Self::SecretsManager => "secrets_manager",
            Self::ParameterStore => "ssm",
            Self::Sts => "sts",
            Self::Sso => "sso",
            Self::SsoOidc => "sso_oidc",
            Self::SignIn => "signin",
        }
    }
}

/// What decides the address of a service.
#[derive(Clone, Debug, Default)]
pub(super) struct Endpoints {
    fips: bool,
    dual_stack: bool,
    /// Addresses that replace the public ones.
    custom: Vec<(Service, Url)>,
}

impl Endpoints {
    /// Reads what the environment and the profile set. Variables win over the profile, and one for a service
    /// wins over one for all.
    pub(super) fn configured(
        variables: Variables<'_>,
        profiles: &Profiles,
        profile: &Profile<'_>,
    ) -> Result<Self, Error> {
        let is_on = |variable, key| {
            let text = variables.get(variable);
            text.as_deref().or(profile.get(key)).is_some_and(is_true)
        };
        let fips = is_on("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
        let dual_stack = is_on("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
        let mut endpoints = Self { fips, dual_stack, custom: Vec::new() };
        if is_on("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") {
            return Ok(endpoints);
        }
        for service in Service::ALL {
            if let Some((place, text)) = custom(service, variables, profiles, profile)? {
                endpoints.set(service, parse_url(&place, &text)?);
            }
        }
        Ok(endpoints)
    }

    /// Sets the address of a service.
    pub(super) fn set(&mut self, service: Service, url: Url) {
        self.custom.retain(|(known, _)| *known != service);
        self.custom.push((service, url));
    }

    /// Uses the FIPS endpoints.
    pub(super) fn require_fips(&mut self) {
        self.fips = true;
    }

    /// The address of a service in a region.
    pub(super) fn url(&self, service: Service, region: &str) -> Result<Url, Error> {
        if let Some((_, url)) = self.custom.iter().find(|(known, _)| *known == service) {
            return Ok(url.clone());
        }
        let (suffix, dual_suffix) = suffixes(region);
        if service == Service::SignIn {
            return public_url(&format!("{region}.signin.aws.amazon.com"), region);
        }
        let is_manager = service == Service::SecretsManager;
        // Secrets Manager has no other name for dual stack in these partitions.
        let dual = self.dual_stack && !(is_manager && suffix.starts_with("amazonaws.com"));
        // The plain hosts of GovCloud are the FIPS endpoints of most services.
        let is_gov = region.starts_with("us-gov-") && !is_manager && !dual;
        let fips = if self.fips && !is_gov { "-fips" } else { "" };
        let suffix = if dual { dual_suffix } else { suffix };
        public_url(&format!("{}{fips}.{region}.{suffix}", service.host()), region)
    }
}

fn public_url(host: &str, region: &str) -> Result<Url, Error> {
    let url = Url::parse(&format!("https://{host}/"));
    url.map_err(|_| Error::BadRegion { region: region.to_owned() })
}

/// The address that the environment or the profile sets, and where.
fn custom(
    service: Service,
    variables: Variables<'_>,
    profiles: &Profiles,
    profile: &Profile<'_>,
) -> Result<Option<(String, String)>, Error> {
    let own = format!("AWS_ENDPOINT_URL_{}", service.key().to_ascii_uppercase());
    for name in [own, "AWS_ENDPOINT_URL".to_owned()] {
        if let Some(text) = variables.not_empty(&name) {
            return Ok(Some((name, text.into_owned())));
        }
    }
    if let Some(name) = profile.get("services") {
        let section = profiles.services(name).ok_or_else(|| Error::Profile {
            profile: name.to_owned(),
            problem: format!("there is no section [services {name}] in the config file"),
        })?;
        if let Some(text) = section.nested(service.key(), "endpoint_url") {
            return Ok(Some((format!("[services {name}]"), text.to_owned())));
        }
    }
    let text = profile.get("endpoint_url").filter(|text| !text.is_empty());
    Ok(text.map(|text| ("endpoint_url of the profile".to_owned(), text.to_owned())))
}

/// Reads the address of a service.
pub(super) fn parse_url(place: &str, text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).ok().filter(|url| {
        let plain = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && plain
    });
    url.ok_or_else(|| Error::BadEndpoint { place: place.to_owned() })
}

/// A switch of AWS: anything but `true`, in any case, is off.
pub(super) fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// The ends of the hosts in the partition of a region, without and with dual stack.
fn suffixes(region: &str) -> (&'static str, &'static str) {
    match region {
        _ if region.starts_with("cn-") => ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        _ if region.starts_with("us-iso-") => ("c2s.ic.gov", "api.aws.ic.gov"),
        _ if region.starts_with("us-isob-") => ("sc2s.sgov.gov", "api.aws.scloud"),
        _ if region.starts_with("eu-isoe-") => ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
        _ if region.starts_with("us-isof-") => ("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
        _ if region.starts_with("eusc-") => ("amazonaws.eu", "api.amazonwebservices.eu"),
        _ => ("amazonaws.com", "api.aws"),
    }
}

/// Checks that a region can be part of a host name, and takes the FIPS marker of old names off.
pub(super) fn check_region(region: &str) -> Result<(String, bool), Error> {
    let is_label = (1..=63).contains(&region.len())
        && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !region.bytes().all(|b| b.is_ascii_digit())
        && !region.starts_with('-')
        && !region.ends_with('-');
    if !is_label {
        return Err(Error::BadRegion { region: region.to_owned() });
    }
    let plain = region.strip_prefix("fips-").or_else(|| region.strip_suffix("-fips"));
    Ok((plain.unwrap_or(region).to_owned(), plain.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_the_partition() {
        use Service::{ParameterStore as Ssm, SecretsManager as Manager, Sso, SsoOidc, Sts};
        for (service, region, fips, dual_stack, want) in [
            (Manager, "us-east-1", false, false, "secretsmanager.us-east-1.amazonaws.com"),
            (Manager, "us-east-1", true, true, "secretsmanager-fips.us-east-1.amazonaws.com"),
            (
                Manager,
                "us-gov-west-1",
                true,
                false,
                "secretsmanager-fips.us-gov-west-1.amazonaws.com",
            ),
            (Manager, "cn-north-1", false, true, "secretsmanager.cn-north-1.amazonaws.com.cn"),
            (Manager, "EU-WEST-1", false, false, "secretsmanager.eu-west-1.amazonaws.com"),
            (Ssm, "eu-west-1", false, true, "ssm.eu-west-1.api.aws"),
            (Ssm, "eu-west-1", true, true, "ssm-fips.eu-west-1.api.aws"),
            (Ssm, "us-gov-west-1", true, false, "ssm.us-gov-west-1.amazonaws.com"),
            (Ssm, "us-gov-west-1", true, true, "ssm-fips.us-gov-west-1.api.aws"),
            (Sts, "us-iso-east-1", false, false, "sts.us-iso-east-1.c2s.ic.gov"),
            (Sts, "eusc-de-east-1", false, true, "sts.eusc-de-east-1.api.amazonwebservices.eu"),
            (Sso, "eu-west-1", true, false, "portal.sso-fips.eu-west-1.amazonaws.com"),
            (SsoOidc, "cn-north-1", false, false, "oidc.cn-north-1.amazonaws.com.cn"),
        ] {
            let endpoints = Endpoints { fips, dual_stack, custom: Vec::new() };
            let url = endpoints.url(service, region).unwrap();
            assert_eq!(url.host_str(), Some(want), "{service:?} {region}");
        }
    }

    #[test]
    fn a_region_is_a_part_of_a_host_name() {
        for (region, want) in [
            ("eu-west-1", Some(("eu-west-1", false))),
            ("fips-us-east-1", Some(("us-east-1", true))),
            ("us-east-1-fips", Some(("us-east-1", true))),
            ("", None),
            ("us east 1", None),
            ("eu-west-1\n", None),
            ("evil.example/", None),
            ("-a", None),
            ("12", None),
        ] {
            let got = check_region(region).ok();
            assert_eq!(got, want.map(|(name, fips)| (name.to_owned(), fips)), "{region:?}");
        }
    }
}
