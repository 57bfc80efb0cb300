//! Managed identities of Azure: of a virtual machine or a container instance (the instance metadata service), and of
//! App Service, Functions and Container Apps.

use std::time::Duration;

use url::Url;

use super::error::Error;
use super::is_local;
use super::metadata::MetadataService;
use super::oauth::{AccessToken, access_token};
use crate::config::Environment;
use crate::http::{Client, FieldValue, Request};
use crate::secret::Value;

/// The address of the instance metadata service.
const METADATA_HOST: &str = "http://169.254.169.254";

/// The variables that App Service sets.
const IDENTITY_ENDPOINT: &str = "IDENTITY_ENDPOINT";
const IDENTITY_HEADER: &str = "IDENTITY_HEADER";
/// The variable that replaces the address of the instance metadata service.
const AUTHORITY_HOST: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

const METADATA: MetadataService = MetadataService {
    name: "the instance metadata service of Azure",
    timeout: Duration::from_secs(2),
    is_starting: |status| matches!(status, 404 | 410 | 429 | 500..),
    hint: "assign a managed identity to this machine; if it has several, set its client ID; outside Azure, use \
           another login",
};

const APP_SERVICE: MetadataService = MetadataService {
    name: "the identity endpoint of App Service",
    timeout: Duration::from_secs(10),
    is_starting: |status| matches!(status, 429 | 500..),
    hint: "assign a managed identity to this app; if it has several, set its client ID",
};

/// A managed identity.
#[derive(Clone, Debug)]
pub(crate) struct ManagedIdentity {
    endpoint: Endpoint,
    /// Which of the machine's identities, if not the only one.
    client_id: Option<String>,
}

#[derive(Clone, Debug)]
enum Endpoint {
    InstanceMetadata { url: Url },
    AppService { url: Url, header: Value },
}

impl ManagedIdentity {
    /// The identity that this machine has, from the variables of its platform.
    pub(crate) fn from_environment(
        environment: &Environment,
        client_id: Option<String>,
    ) -> Result<Self, Error> {
        let text = |name: &str| environment.text(name).and_then(|text| text.to_str());
        let parse = |variable, text: &str| {
            let url = Url::parse(text).ok().filter(|url| {
                let is_safe = url.scheme() == "https" || is_local(url);
                url.has_host() && is_safe && matches!(url.scheme(), "http" | "https")
            });
            url.ok_or(Error::Endpoint { variable })
        };
        let app_service = text(IDENTITY_ENDPOINT).zip(environment.get(IDENTITY_HEADER));
        let endpoint = if let Some((url, header)) = app_service {
            Endpoint::AppService { url: parse(IDENTITY_ENDPOINT, url)?, header: header.clone() }
        } else {
            let base = text(AUTHORITY_HOST).unwrap_or(METADATA_HOST).trim_end_matches('/');
            let url = parse(AUTHORITY_HOST, &format!("{base}/metadata/identity/oauth2/token"))?;
            Endpoint::InstanceMetadata { url }
        };
        Ok(Self { endpoint, client_id })
    }

    /// The address of the service, for [`crate::http::Options::plain_http_origins`].
    pub(crate) fn url(&self) -> &Url {
        match &self.endpoint {
            Endpoint::InstanceMetadata { url } | Endpoint::AppService { url, .. } => url,
        }
    }

    /// Where the tokens come from, for a person.
    pub(crate) fn describe(&self) -> String {
        let service = self.service().name;
        let address = self.url().origin().ascii_serialization();
        match &self.client_id {
            None => format!("managed identity from {service}, {address}"),
            Some(id) => format!("managed identity {id} from {service}, {address}"),
        }
    }

    /// A token for a resource, such as `https://management.azure.com/`.
    pub(crate) async fn token(&self, http: &Client, resource: &str) -> Result<AccessToken, Error> {
        let (version, name, value) = match &self.endpoint {
            Endpoint::InstanceMetadata { .. } => {
                ("2018-02-01", "metadata", FieldValue::Public("true".to_owned()))
            }
            Endpoint::AppService { header, .. } => {
                ("2019-08-01", "x-identity-header", FieldValue::Secret(header.clone()))
            }
        };
        let mut url = self.url().clone();
        url.query_pairs_mut().extend_pairs([("api-version", version), ("resource", resource)]);
        if let Some(id) = &self.client_id {
            url.query_pairs_mut().append_pair("client_id", id);
        }
        let request = Request::get(&url).with_field(name, value);
        let response = self.service().send(http, &request).await?;
        access_token(&response).ok_or_else(|| self.service().not_understood())
    }

    fn service(&self) -> MetadataService {
        match &self.endpoint {
            Endpoint::InstanceMetadata { .. } => METADATA,
            Endpoint::AppService { .. } => APP_SERVICE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_selects_the_endpoint_and_only_local_ones_are_plain() {
        let (endpoint, header) = (IDENTITY_ENDPOINT, IDENTITY_HEADER);
        for (variables, want) in [
            (vec![], Some("http://169.254.169.254/metadata/identity/oauth2/token")),
            (
                vec![(endpoint, "http://127.0.0.1:41/msi/token"), (header, "canary")],
                Some("http://127.0.0.1:41/msi/token"),
            ),
            (
                vec![(endpoint, "http://169.254.130.2:8081/msi/token"), (header, "canary")],
                Some("http://169.254.130.2:8081/msi/token"),
            ),
            (
                vec![(endpoint, "http://localhost:42356/msi/token"), (header, "canary")],
                Some("http://localhost:42356/msi/token"),
            ),
            (
                vec![(endpoint, "https://id.example/"), (header, "canary")],
                Some("https://id.example/"),
            ),
            (vec![(endpoint, "http://id.example/"), (header, "canary")], None),
            (
                vec![(endpoint, "http://id.example/")],
                Some("http://169.254.169.254/metadata/identity/oauth2/token"),
            ),
            (
                vec![(AUTHORITY_HOST, "http://127.0.0.1:9/")],
                Some("http://127.0.0.1:9/metadata/identity/oauth2/token"),
            ),
            (vec![(AUTHORITY_HOST, "http://10.0.0.1/")], None),
            (vec![(AUTHORITY_HOST, "ftp://127.0.0.1/")], None),
        ] {
            let environment: Environment = variables.iter().copied().collect();
            let identity = ManagedIdentity::from_environment(&environment, None);
            let url = identity.as_ref().ok().map(|identity| identity.url().as_str());
            assert_eq!(url, want, "{variables:?}");
        }
    }
}
