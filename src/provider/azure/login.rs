//! Access tokens of Microsoft Entra ID: with a client secret, a signed assertion, the token of another identity
//! provider, a managed identity, or the Azure CLI.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::json;
use url::Url;

use super::error::Error;
use crate::config::{Credential, Environment};
use crate::http::Client;
use crate::provider::identity::azure::ManagedIdentity;
use crate::provider::identity::id_token::IdToken;
use crate::provider::identity::jwt::{Algorithm, SigningKey, random_id, unix_seconds};
use crate::provider::identity::{self, AccessToken, TokenRequest};
use crate::provider::withheld::inherited;
use crate::seal::private_file;
use crate::secret::Value;
use crate::sys::program::{HelperProgram, find_in_path};

const SERVICE: &str = "Microsoft Entra ID";

/// The type of an assertion that is a JWT (RFC 7523, 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion that is signed here is valid.
const ASSERTION_LIFETIME: Duration = Duration::from_mins(10);

/// The largest certificate or token file, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// The most that the Azure CLI may print, in bytes.
const CLI_LIMIT: usize = 64 << 10;

/// How to log in.
#[derive(Clone, Debug)]
pub(super) enum Login {
    /// An application, with its secret.
    ClientSecret { application: Application, secret: Credential },
    /// An application, with its certificate and private key.
    Certificate { application: Application, file: PathBuf },
    /// An application, with the token of another identity provider.
    WorkloadIdentity { application: Application, token: FederatedToken },
    /// The identity of the machine.
    ManagedIdentity(ManagedIdentity),
    /// Whoever logged in with the Azure CLI.
    Cli { tenant: Option<String> },
}

/// The token of another identity provider.
#[derive(Clone, Debug)]
pub(super) enum FederatedToken {
    /// A file, which is read for each login.
    File(PathBuf),
    /// That of a CI job.
    OfJob(IdToken),
}

/// An application in Microsoft Entra ID.
#[derive(Clone, Debug)]
pub(super) struct Application {
    pub(super) tenant: String,
    pub(super) client_id: String,
    /// The token endpoint.
    pub(super) token_url: Url,
}

/// What a login needs beside its settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoginContext<'a> {
    pub(super) http: &'a Client,
    pub(super) environment: &'a Environment,
    /// The audience of the token: `https://vault.azure.net`.
    pub(super) audience: &'a str,
    /// How long a program may take.
    pub(super) timeout: Duration,
    /// Whether no program may be run.
    pub(super) disk_free: bool,
}

impl Login {
    /// Requests an access token.
    pub(super) async fn access_token(
        &self,
        context: LoginContext<'_>,
    ) -> Result<AccessToken, Error> {
        match self {
            Self::ClientSecret { application, secret } => {
                let secret = secret.value.expose_str().unwrap_or_default();
                application.token(context, &[("client_secret", secret)]).await
            }
            Self::Certificate { application, file } => {
                let assertion = application.assertion(file, SystemTime::now())?;
                application.token_for(context, &assertion).await
            }
            Self::WorkloadIdentity { application, token } => {
                let token = token.obtain(context.http).await?;
                application.token_for(context, &token).await
            }
            Self::ManagedIdentity(identity) => {
                Ok(identity.token(context.http, context.audience).await?)
            }
            Self::Cli { .. } if context.disk_free => Err(Error::DiskFree),
            Self::Cli { tenant } => cli(tenant.as_deref(), context).await,
        }
    }

    /// The name of the method.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::ClientSecret { .. } => "client-secret",
            Self::Certificate { .. } => "certificate",
            Self::WorkloadIdentity { .. } => "workload-identity",
            Self::ManagedIdentity(_) => "managed-identity",
            Self::Cli { .. } => "azure-cli",
        }
    }

    /// One line, such as `application ID in tenant ID, with the client secret of AZURE_CLIENT_SECRET`.
    pub(super) fn describe(&self) -> String {
        let (application, with) = match self {
            Self::ClientSecret { application, secret } => {
                (application, format!("the client secret of {}", secret.origin))
            }
            Self::Certificate { application, file } => {
                (application, format!("the certificate in `{}`", file.display()))
            }
            Self::WorkloadIdentity { application, token } => (application, token.describe()),
            Self::ManagedIdentity(identity) => return identity.describe(),
            Self::Cli { .. } => return "whoever logged in with the Azure CLI".to_owned(),
        };
        format!(
            "application {} in tenant {}, with {with}",
            application.client_id, application.tenant
        )
    }

    /// The ID token of a CI job, if the login has one.
    pub(super) fn id_token(&self) -> Option<&IdToken> {
        match self {
            Self::WorkloadIdentity { token: FederatedToken::OfJob(token), .. } => Some(token),
            _ => None,
        }
    }

    /// The server that gives the access token, if hushed talks to one.
    pub(super) fn endpoint(&self) -> Option<&Url> {
        match self {
            Self::ClientSecret { application, .. }
            | Self::Certificate { application, .. }
            | Self::WorkloadIdentity { application, .. } => Some(&application.token_url),
            Self::ManagedIdentity(identity) => Some(identity.url()),
            Self::Cli { .. } => None,
        }
    }

    /// The endpoint of a metadata service, which has plain http only.
    pub(super) fn metadata(&self) -> Option<&Url> {
        match self {
            Self::ManagedIdentity(identity) => Some(identity.url()),
            _ => None,
        }
    }

    /// The secret that proves the identity, if hushed has one.
    pub(super) fn secret(&self) -> Option<&Value> {
        match self {
            Self::ClientSecret { secret, .. } => Some(&secret.value),
            _ => None,
        }
    }
}

impl FederatedToken {
    async fn obtain(&self, http: &Client) -> Result<Value, Error> {
        match self {
            Self::File(path) => {
                let token = Value::from(read(path)?.expose().trim_ascii());
                if token.is_empty() {
                    Err(Error::NoToken { path: path.clone() })
                } else {
                    Ok(token)
                }
            }
            Self::OfJob(token) => Ok(token.obtain(http).await?.credential().value.clone()),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::File(path) => format!("the federated token in `{}`", path.display()),
            Self::OfJob(token) => format!("the ID token from {}", token.credential().origin),
        }
    }
}

impl Application {
    async fn token(
        &self,
        context: LoginContext<'_>,
        proof: &[(&str, &str)],
    ) -> Result<AccessToken, Error> {
        let scope = format!("{}/.default", context.audience.trim_end_matches('/'));
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.as_str()),
            ("scope", &scope),
        ];
        form.extend_from_slice(proof);
        let request = TokenRequest { service: SERVICE, url: &self.token_url, form: &form };
        Ok(request.send(context.http).await?)
    }

    async fn token_for(
        &self,
        context: LoginContext<'_>,
        assertion: &Value,
    ) -> Result<AccessToken, Error> {
        let assertion = assertion.expose_str().unwrap_or_default();
        let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion)];
        self.token(context, &proof).await
    }

    /// Signs an assertion with the private key in a file, for the certificate beside it.
    fn assertion(&self, file: &Path, now: SystemTime) -> Result<Value, Error> {
        let pem = read(file)?;
        let place = || format!("`{}`", file.display());
        let unusable = || Error::Identity(identity::Error::Key { place: place() });
        let certificate = CertificateDer::from_pem_slice(pem.expose());
        let certificate =
            certificate.map_err(|_| Error::NoCertificate { path: file.to_owned() })?;
        let key = SigningKey::from_pem(&pem).ok_or_else(unusable)?;
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate));
        let claims = json!({
            "aud": self.token_url.as_str(),
            "iss": self.client_id,
            "sub": self.client_id,
            "jti": random_id().ok_or_else(unusable)?,
            "nbf": unix_seconds(now),
            "exp": unix_seconds(now + ASSERTION_LIFETIME),
        });
        let header = json!({ "x5t#S256": thumbprint });
        key.sign(Algorithm::Ps256, &header, &claims).ok_or_else(unusable)
    }
}

/// Asks the Azure CLI for a token.
async fn cli(tenant: Option<&str>, context: LoginContext<'_>) -> Result<AccessToken, Error> {
    let failed = |problem: &str| Error::Cli { problem: problem.to_owned() };
    let path = context.environment.verbatim("PATH").unwrap_or_default();
    let file = find_in_path("az", path).ok_or_else(|| failed("there is no program `az`"))?;
    let arguments = ["account", "get-access-token", "--output", "json", "--resource"];
    let arguments = arguments.into_iter().chain([context.audience]);
    let arguments = arguments.chain(tenant.into_iter().flat_map(|tenant| ["--tenant", tenant]));
    let program = HelperProgram {
        file,
        arguments: arguments.map(OsString::from).collect(),
        environment: inherited(context.environment),
        is_interactive: false,
    };
    let ended = program.run(CLI_LIMIT, context.timeout).await;
    let ended = ended.map_err(|error| failed(&error.to_string()))?;
    match ended.status {
        Some(0) => {
            let token = identity::oauth::parse_token(&ended.output);
            token.ok_or_else(|| failed("it printed no JSON object with an accessToken"))
        }
        Some(status) => Err(failed(&format!("it failed with exit status {status}"))),
        None => Err(failed("a signal killed it")),
    }
}

/// Reads a file, which may be a link that is replaced from time to time.
fn read(path: &Path) -> Result<Value, Error> {
    let file = private_file::read(path, MAX_SIZE);
    let file =
        file.map_err(|error| Error::Unreadable { path: path.to_owned(), source: error.into() })?;
    Ok(file.bytes)
}
