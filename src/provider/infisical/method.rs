//! Which login to Infisical is meant, and its credentials. It logs in to nothing.

use std::path::{Path, PathBuf};

use super::machine::{Azure, Google, GoogleKey, MachineIdentity};
use super::schema::{
    self, CLIENT_ID_CREDENTIAL, CLIENT_SECRET, IDENTITY_ID_CREDENTIAL, JWT, LDAP_PASSWORD,
    LDAP_USERNAME_CREDENTIAL, TOKEN,
};
use super::settings::Login;
use crate::config::credential::{
    self, Credential, CredentialPrecedence, FoundCredential, find, would_do,
};
use crate::config::schema::CredentialKey;
use crate::config::systemd::explain_missing;
use crate::config::{Error, Layers, Setting, path_exists};
use crate::http::ClientCertificate;
use crate::provider::ProviderError as _;
#[cfg(feature = "aws")]
use crate::provider::aws::CallerIdentity;
use crate::provider::identity;
use crate::provider::identity::azure::ManagedIdentity;
use crate::provider::identity::google::{MetadataServer, ServiceAccountKey};
use crate::provider::identity::id_token::{IdToken, IdTokenSetting};

/// Where Kubernetes puts a service account's token.
const KUBERNETES_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// A login method, as Infisical's own command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    UniversalAuth,
    Kubernetes,
    Oidc,
    Jwt,
    Spiffe,
    Ldap,
    #[cfg(feature = "aws")]
    AwsIam,
    Azure,
    GcpIdToken,
    GcpIam,
    Certificate,
    Token,
}

impl Method {
    const ALL: &'static [(&'static str, Self)] = &[
        ("universal-auth", Self::UniversalAuth),
        ("kubernetes", Self::Kubernetes),
        ("oidc-auth", Self::Oidc),
        ("jwt-auth", Self::Jwt),
        ("spiffe-auth", Self::Spiffe),
        ("ldap-auth", Self::Ldap),
        #[cfg(feature = "aws")]
        ("aws-iam", Self::AwsIam),
        ("azure", Self::Azure),
        ("gcp-id-token", Self::GcpIdToken),
        ("gcp-iam", Self::GcpIam),
        ("tls-cert-auth", Self::Certificate),
        ("token", Self::Token),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, method)| *method == self).map_or("", |(name, _)| name)
    }

    fn parse(setting: Setting<String>) -> Result<Self, Error> {
        let found = Self::ALL.iter().find(|(name, _)| *name == setting.value);
        found.map(|(_, method)| *method).ok_or_else(|| Error::Choice {
            origin: setting.origin,
            what: "login method",
            value: setting.value,
            known: Self::ALL.iter().map(|(name, _)| (*name).to_owned()).collect(),
        })
    }
}

/// Everything that was found. The method is that of the strongest credential, unless it is said.
struct Credentials<'a> {
    layers: &'a Layers<'a>,
    kubernetes_token: PathBuf,
    kubernetes_said: Option<CredentialPrecedence>,
}

/// Chooses the method and takes its credentials.
pub(super) fn choose(layers: &Layers<'_>, warnings: &mut Vec<String>) -> Result<Login, Error> {
    let said = layers.path(&schema::KUBERNETES_TOKEN_FILE)?;
    let credentials = Credentials {
        layers,
        kubernetes_said: said
            .as_ref()
            .map(|setting| CredentialPrecedence::from_origin(&setting.origin)),
        kubernetes_token: said.map_or_else(|| PathBuf::from(KUBERNETES_TOKEN), |s| s.value),
    };
    let method = match layers.text(&schema::METHOD)? {
        Some(setting) => Method::parse(setting)?,
        None => credentials.method()?,
    };
    for key in schema::CREDENTIALS {
        warnings.extend(credential::warning(key, layers));
    }
    credentials.login(method)
}

/// A note for a user who has logged in with the Infisical CLI.
fn user_session(layers: &Layers<'_>) -> &'static str {
    let file = |home| Path::new(home).join(".infisical/infisical-config.json");
    let exists = layers.environment().text("HOME").map(file).is_some_and(|file| file.is_file());
    if exists { ". The session of `infisical login` in ~/.infisical is not used" } else { "" }
}

impl Credentials<'_> {
    /// The method of the strongest credential; of two that are equally strong, the first here.
    fn method(&self) -> Result<Method, Error> {
        let tier = |found: Option<FoundCredential>| found.map(|found| found.tier);
        let client_secret = tier(find(&CLIENT_SECRET, self.layers)?);
        let client_id = tier(find(&CLIENT_ID_CREDENTIAL, self.layers)?);
        let jwt = find(&JWT, self.layers)?;
        let identity = find(&IDENTITY_ID_CREDENTIAL, self.layers)?;
        let of_oidc =
            |found: &FoundCredential| found.variable.is_some_and(|name| name.contains("OIDC"));
        let id_token = IdTokenSetting::find(self.layers)?.map(|setting| setting.tier);
        let oidc = jwt.as_ref().is_some_and(of_oidc) || identity.as_ref().is_some_and(of_oidc);
        let names = |word: &str| {
            let of =
                |found: &FoundCredential| found.variable.is_some_and(|name| name.contains(word));
            tier(identity.clone().filter(of))
        };
        let key_file = self.layers.path(&schema::GOOGLE_KEY_FILE)?;
        let key_file = key_file.map(|file| CredentialPrecedence::from_origin(&file.origin));
        let machines = [
            #[cfg(feature = "aws")]
            (names("_AWS_"), Method::AwsIam),
            (names("_AZURE_"), Method::Azure),
            (key_file, Method::GcpIam),
            (names("_GCP_"), Method::GcpIdToken),
        ];
        let in_pod = identity.is_some() && Path::new(KUBERNETES_TOKEN).exists();
        let kubernetes = self.kubernetes_said.or(tier(identity).filter(|_| in_pod));
        let candidates = [
            (tier(find(&TOKEN, self.layers)?), Method::Token),
            (client_secret.max(client_id), Method::UniversalAuth),
            (tier(jwt.clone()).filter(|_| oidc).max(id_token), Method::Oidc),
            (tier(find(&LDAP_PASSWORD, self.layers)?), Method::Ldap),
        ];
        let candidates: Vec<_> = candidates
            .into_iter()
            .chain(machines)
            .chain([(kubernetes, Method::Kubernetes)])
            .collect();
        let strongest = candidates.iter().filter_map(|(tier, _)| *tier).max();
        let chosen = candidates.iter().find(|(tier, _)| tier.is_some() && *tier == strongest);
        match chosen {
            Some((_, method)) => Ok(*method),
            None if jwt.is_some() => Err(Error::Incomplete {
                method: "a login with a JWT",
                what: "method",
                would_do:
                    "pass --method oidc-auth if the identity trusts an OpenID Connect provider, as \
                           for the tokens of CI jobs, or --method jwt-auth if it has a JWT login"
                        .into(),
                systemd: None,
            }),
            None => Err(Error::NoCredentials {
                store: "Infisical",
                variables: format!(
                    "INFISICAL_TOKEN, or INFISICAL_UNIVERSAL_AUTH_CLIENT_ID and \
                     INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET, or choose another login with --method{}",
                    user_session(self.layers)
                ),
                systemd: explain_missing(self.layers.environment()),
            }),
        }
    }

    fn login(&self, method: Method) -> Result<Login, Error> {
        let need = |key| self.need(key, method);
        Ok(match method {
            Method::UniversalAuth => Login::UniversalAuth {
                client_id: need(&CLIENT_ID_CREDENTIAL)?,
                client_secret: need(&CLIENT_SECRET)?,
            },
            Method::Kubernetes => Login::Kubernetes {
                identity_id: need(&IDENTITY_ID_CREDENTIAL)?,
                jwt: self.kubernetes_jwt()?,
            },
            Method::Oidc => {
                Login::Oidc { identity_id: need(&IDENTITY_ID_CREDENTIAL)?, jwt: self.jwt(method)? }
            }
            Method::Jwt => {
                Login::Jwt { identity_id: need(&IDENTITY_ID_CREDENTIAL)?, jwt: self.jwt(method)? }
            }
            Method::Spiffe => Login::Spiffe {
                identity_id: need(&IDENTITY_ID_CREDENTIAL)?,
                jwt: self.jwt(method)?,
            },
            Method::Azure | Method::GcpIdToken | Method::GcpIam | Method::Certificate => {
                Login::Machine {
                    identity_id: need(&IDENTITY_ID_CREDENTIAL)?,
                    machine: self.machine(method)?,
                }
            }
            #[cfg(feature = "aws")]
            Method::AwsIam => Login::Machine {
                identity_id: need(&IDENTITY_ID_CREDENTIAL)?,
                machine: MachineIdentity::Aws(Box::new(CallerIdentity::from_environment(
                    self.layers.environment(),
                )?)),
            },
            Method::Ldap => Login::Ldap {
                identity_id: need(&IDENTITY_ID_CREDENTIAL)?,
                username: need(&LDAP_USERNAME_CREDENTIAL)?,
                password: need(&LDAP_PASSWORD)?,
            },
            Method::Token => Login::from_token(need(&TOKEN)?),
        })
    }

    fn need(&self, key: &'static CredentialKey, method: Method) -> Result<Credential, Error> {
        let found = find(key, self.layers)?;
        let missing = || Error::Incomplete {
            method: method.name(),
            what: key.what,
            would_do: would_do(key),
            systemd: explain_missing(self.layers.environment()),
        };
        found.ok_or_else(missing)?.take()
    }

    /// The identity of this machine.
    fn machine(&self, method: Method) -> Result<MachineIdentity, Error> {
        let (layers, environment) = (self.layers, self.layers.environment());
        let missing = |what, would_do: &str| Error::Incomplete {
            method: method.name(),
            what,
            would_do: would_do.to_owned(),
            systemd: None,
        };
        let invalid = |error: identity::Error| Error::Store {
            hint: error.hint().unwrap_or_default(),
            error: Box::new(error),
        };
        let path = |key| Ok::<_, Error>(layers.path(key)?.map(|setting| setting.value));
        Ok(match method {
            Method::Azure => {
                let client_id = environment.text("AZURE_CLIENT_ID").and_then(|id| id.to_str());
                let client_id = client_id.map(str::to_owned);
                let identity = ManagedIdentity::from_environment(environment, client_id);
                let resource = layers.text(&schema::AZURE_RESOURCE)?.map(|setting| setting.value);
                let resource = resource.unwrap_or_else(|| AZURE_RESOURCE.to_owned());
                MachineIdentity::Azure(Azure { identity: identity.map_err(invalid)?, resource })
            }
            Method::GcpIam => {
                let would_do = "pass the file with --service-account-key-file-path";
                let file = path(&schema::GOOGLE_KEY_FILE)?;
                let file = file.ok_or_else(|| missing("service account key", would_do))?;
                google_key(file, layers)?
            }
            Method::Certificate => {
                let would_do = "set `client-certificate` and `client-key`";
                let certificate = path(&schema::CLIENT_CERTIFICATE)?;
                let key = path(&schema::CLIENT_KEY)?;
                let pair = certificate.zip(key);
                let (certificate, key) =
                    pair.ok_or_else(|| missing("client certificate or its key", would_do))?;
                MachineIdentity::Certificate(ClientCertificate { certificate, key })
            }
            _ => {
                let server = MetadataServer::from_environment(environment).map_err(invalid)?;
                let would_do = "NO_GCE_CHECK=true says that this is no machine in Google Cloud";
                let server = server.ok_or_else(|| missing("metadata server", would_do))?;
                MachineIdentity::Google(Google(server))
            }
        })
    }

    /// The ID token of the job, unless a JWT is configured in a stronger place.
    fn jwt(&self, method: Method) -> Result<IdToken, Error> {
        let jwt = find(&JWT, self.layers)?;
        match IdTokenSetting::find(self.layers)? {
            Some(setting) if jwt.is_none_or(|jwt| jwt.tier <= setting.tier) => {
                setting.take(self.layers, None)
            }
            _ => self.need(&JWT, method).map(IdToken::from),
        }
    }

    fn kubernetes_jwt(&self) -> Result<Credential, Error> {
        let path = &self.kubernetes_token;
        if self.kubernetes_said.is_none() && !path_exists(path) {
            return Err(Error::Incomplete {
                method: Method::Kubernetes.name(),
                what: "service account token",
                would_do: format!(
                    "this is not a pod with a service account: {KUBERNETES_TOKEN} does not exist; pass \
                     the token with {}, or choose another login with --method",
                    schema::KUBERNETES_TOKEN_FILE.flag_name().unwrap_or_default()
                ),
                systemd: None,
            });
        }
        let named_by = schema::KUBERNETES_TOKEN_FILE.flag_name().unwrap_or_default();
        let origin = format!("`{}`", path.display());
        credential::read(&JWT, path, named_by, origin, self.layers.timeout())
    }
}

/// The resource of tokens that an identity accepts by default.
const AZURE_RESOURCE: &str = "https://management.azure.com/";

/// How messages name the key of a service account.
static GOOGLE_KEY: CredentialKey = CredentialKey {
    what: "service account key",
    direct: None,
    secret: true,
    file: &schema::GOOGLE_KEY_FILE,
    variables: &[],
    usual: None,
    systemd: "",
};

fn google_key(file: PathBuf, layers: &Layers<'_>) -> Result<MachineIdentity, Error> {
    let named_by = schema::GOOGLE_KEY_FILE.flag_name().unwrap_or_default();
    let origin = format!("`{}`", file.display());
    let read = credential::read(&GOOGLE_KEY, &file, named_by, origin, layers.timeout())?;
    let key = ServiceAccountKey::parse(&read.value).ok_or(Error::UnusableCredential {
        what: GOOGLE_KEY.what,
        origin: read.origin,
        problem: "is not the JSON file of a service account key",
        hint: "create one with `gcloud iam service-accounts keys create`",
    })?;
    Ok(MachineIdentity::GoogleKey(GoogleKey { key, file }))
}
