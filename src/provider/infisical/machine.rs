//! Identities that a machine has from its platform: what proves each of them at a login, and where it comes from.

use std::path::PathBuf;
use std::time::SystemTime;

use serde_json::json;
use url::Url;

#[cfg(feature = "aws")]
use crate::config::RunSettings;
use crate::http::{Client, ClientCertificate};
use crate::provider;
#[cfg(feature = "aws")]
use crate::provider::aws::{CallerIdentity, SignedRequest};
use crate::provider::identity::azure::ManagedIdentity;
use crate::provider::identity::google::{MetadataServer, ServiceAccountKey};
use crate::secret::Value;

/// The identity of a machine.
#[derive(Clone, Debug)]
pub enum MachineIdentity {
    /// That of the AWS credential chain.
    #[cfg(feature = "aws")]
    Aws(Box<CallerIdentity>),
    /// A managed identity of Azure, with a token for this resource.
    Azure(Azure),
    /// The service account of a machine or pod in Google Cloud.
    Google(Google),
    /// The key of a service account of Google Cloud.
    GoogleKey(GoogleKey),
    /// A client certificate, which a proxy in front of the server passes on.
    Certificate(ClientCertificate),
}

/// A managed identity of Azure.
#[derive(Clone, Debug)]
pub struct Azure {
    pub(super) identity: ManagedIdentity,
    /// The resource that the token is for.
    pub(super) resource: String,
}

/// The metadata server of Google Cloud.
#[derive(Clone, Debug)]
pub struct Google(pub(super) MetadataServer);

/// The key of a service account of Google Cloud, and its file.
#[derive(Clone, Debug)]
pub struct GoogleKey {
    pub(super) key: ServiceAccountKey,
    pub(super) file: PathBuf,
}

/// The fields of a login request that prove an identity.
pub(super) type Proof = Vec<(&'static str, Value)>;

impl MachineIdentity {
    /// The name of the login method, as the server has it.
    pub(super) fn method(&self) -> &'static str {
        match self {
            #[cfg(feature = "aws")]
            Self::Aws(_) => "aws-auth",
            Self::Azure(_) => "azure-auth",
            Self::Google(_) | Self::GoogleKey(_) => "gcp-auth",
            Self::Certificate(_) => "tls-cert-auth",
        }
    }

    /// Where the proof comes from, for a person.
    pub(super) fn describe(&self) -> String {
        match self {
            #[cfg(feature = "aws")]
            Self::Aws(caller) => caller.describe(),
            Self::Azure(azure) => azure.identity.describe(),
            Self::Google(Google(server)) => {
                format!("ID token from {}", server.url().origin().ascii_serialization())
            }
            Self::GoogleKey(GoogleKey { key, file }) => {
                format!("service account {} in `{}`", key.email, file.display())
            }
            Self::Certificate(certificate) => {
                format!("client certificate in `{}`", certificate.certificate.display())
            }
        }
    }

    /// The servers that the proof comes from.
    pub(super) fn endpoints(&self) -> Vec<&Url> {
        match self {
            #[cfg(feature = "aws")]
            Self::Aws(caller) => caller.endpoints().iter().collect(),
            Self::Azure(azure) => vec![azure.identity.url()],
            Self::Google(Google(server)) => vec![server.url()],
            Self::GoogleKey(_) | Self::Certificate(_) => Vec::new(),
        }
    }

    /// The secret that proves it, if there is one in the configuration.
    pub(super) fn secret(&self) -> Option<&Value> {
        match self {
            Self::GoogleKey(GoogleKey { key, .. }) => Some(&key.private_key),
            _ => None,
        }
    }

    /// The client certificate that the login needs.
    pub(super) fn certificate(&self) -> Option<&ClientCertificate> {
        if let Self::Certificate(certificate) = self { Some(certificate) } else { None }
    }

    /// Takes the limits of this run.
    #[cfg(feature = "aws")]
    pub(super) fn limit(&mut self, run: &RunSettings) {
        if let Self::Aws(caller) = self {
            caller.limit(run);
        }
    }

    /// Obtains the proof for a login as this identity. `http` is the client of the store.
    pub(super) async fn prove(
        &self,
        identity_id: &str,
        http: &Client,
    ) -> Result<Proof, provider::Error> {
        let http =
            || http.for_other_server(self.endpoints().into_iter().map(Url::origin).collect());
        let jwt = |jwt| vec![("jwt", jwt)];
        Ok(match self {
            #[cfg(feature = "aws")]
            Self::Aws(caller) => signed_request(&caller.sign(&http()).await?),
            Self::Azure(Azure { identity, resource }) => {
                jwt(identity.token(&http(), resource).await?.value)
            }
            Self::Google(Google(server)) => jwt(server.id_token(&http(), identity_id).await?),
            Self::GoogleKey(GoogleKey { key, .. }) => {
                let claims = json!({ "sub": key.email, "aud": identity_id });
                jwt(key.sign(&claims, SystemTime::now())?)
            }
            Self::Certificate(_) => Vec::new(),
        })
    }
}

/// A signed request as the server sends it to AWS: body and headers in base64.
#[cfg(feature = "aws")]
fn signed_request(request: &SignedRequest) -> Proof {
    use std::collections::BTreeMap;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use zeroize::Zeroizing;

    let base64 = |bytes: &[u8]| {
        let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 4 / 3 + 4));
        STANDARD.encode_string(bytes, &mut text);
        Value::from(text.as_str())
    };
    let headers: BTreeMap<&str, &str> = request
        .headers
        .iter()
        .map(|(name, value)| (*name, value.expose_str().unwrap_or_default()))
        .collect();
    vec![
        ("iamHttpRequestMethod", Value::from(request.method)),
        ("iamRequestBody", base64(request.body.as_bytes())),
        ("iamRequestHeaders", base64(super::login::json(&headers).expose())),
    ]
}
