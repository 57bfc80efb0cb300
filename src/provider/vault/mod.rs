//! The Vault store: `HashiCorp` Vault and `OpenBao`, key/value secrets and dynamic ones.
//!
//! `schema` and `configure` define its settings, `environment` reads the variables of the stores' own command
//! lines, `method` selects the login. `session` logs in (`login`, `unwrap`) and sends requests with `api`;
//! `read` finds the secrets engine and reads it, `write` changes it. `error_response` classifies what a server rejects.

use std::fmt;
use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::http;
use crate::provider::{
    self, End, Fetch, Lease, LeaseInfo, ObjectsRead, ReadObjects, Renewing, Source,
};
use crate::secret::{
    Name, Object, ObjectAddress, ObjectContent, Provenance, Secret, SecretSet, Value,
};

mod api;
mod configure;
mod doctor;
mod environment;
mod error;
mod error_kind;
mod error_response;
#[cfg(feature = "external-secrets")]
mod external_secret;
mod lease;
mod login;
mod method;
mod path;
mod read;
pub mod schema;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod token_file;
mod transit;
mod unwrap;
mod wire;
mod write;

pub use configure::VaultType;
pub use error::Error;
pub use error_kind::{BodyError, LoginRejection, Operation, UnexpectedContent};
pub use error_response::ErrorResponse;
pub use settings::Vault;

use api::Api;
use path::ApiPath;
use read::{Found, Reader};
use session::Session;
use settings::Login;

/// Secrets at paths of a Vault server.
pub struct VaultSource {
    settings: Vault,
    session: Session,
}

impl VaultSource {
    /// Makes the source. Nothing is asked of the server yet.
    pub(crate) fn new(settings: Vault, http: http::Client) -> Self {
        let api = Api::new(http, settings.server.clone(), settings.namespace.clone());
        let has_parameters = !matches!(
            &settings.login,
            Login::Certificate { .. } | Login::Token(_) | Login::WrappedToken { .. } | Login::Agent
        );
        let is_wrapped = matches!(
            &settings.login,
            Login::AppRole { secret_id: Some(secret_id), .. } if secret_id.wrapped.is_some()
        );
        let inline = settings.inline_auth
            && has_parameters
            && !is_wrapped
            && read::needs_one_request(&settings);
        let session = Session::new(api, &settings, inline);
        Self { settings, session }
    }

    async fn read(&self) -> Result<SecretSet, Error> {
        let reader = Reader::new(&self.session, &self.settings);
        let mut all = SecretSet::default();
        reader.prepare(&self.settings.paths).await?;
        let paths = self.settings.paths.iter();
        for set in try_join_all(paths.map(|path| self.secrets(&reader, path))).await? {
            all.append(set);
        }
        Ok(all)
    }

    /// The secrets at one path.
    async fn secrets(&self, reader: &Reader<'_>, path: &ApiPath) -> Result<SecretSet, Error> {
        let found = match reader.read(path, self.settings.version).await {
            Ok(found) => found,
            Err(Error::Missing { .. }) if self.settings.allow_empty => {
                return Ok(SecretSet::default());
            }
            Err(error) => return Err(error),
        };
        if found.members.is_empty() && !self.settings.allow_empty {
            return Err(Error::Empty { path: found.place.to_string() });
        }
        self.set(found)
    }

    fn set(&self, found: Found) -> Result<SecretSet, Error> {
        let path = found.place.to_string();
        let place = path.as_str().into();
        let provenance = Provenance {
            source: Arc::clone(&self.settings.name),
            place,
            version: found.version,
            age: None,
        };
        let secret = |(key, value): (String, Option<Value>)| match value {
            Some(value) => {
                Ok(Secret { name: Name::new(key), value, provenance: provenance.clone() })
            }
            None => Err(Error::NoValue { key, path: path.clone() }),
        };
        found.members.into_iter().map(secret).collect()
    }

    /// The object that a reference names.
    async fn object(
        &self,
        reader: &Reader<'_>,
        address: &ObjectAddress,
    ) -> Result<Option<Object>, Error> {
        if let Some((option, _)) = address.options.first() {
            return Err(Error::UnknownOption { option: option.clone() });
        }
        let path = ApiPath::parse(&address.path).map_err(|_| Error::InvalidReference {
            what: "a path in Vault",
            text: address.path.clone(),
        })?;
        let number = |text: &String| {
            let number = text.parse().ok().filter(|number| *number > 0);
            number.ok_or_else(|| Error::InvalidReference {
                what: "the number of a version",
                text: text.clone(),
            })
        };
        let version = address.version.as_ref().map(number).transpose()?;
        match reader.read(&path, version).await {
            Ok(found) => Ok(Some(Object {
                source: Arc::clone(&self.settings.name),
                address: address.clone(),
                version: found.version.map(|version| version.to_string()),
                age: None,
                // A member without a value is as good as none.
                content: ObjectContent::Members(
                    found
                        .members
                        .into_iter()
                        .filter_map(|(name, value)| Some((name, value?)))
                        .collect(),
                ),
            })),
            Err(Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl ReadObjects for VaultSource {
    fn read_objects<'a>(&'a self, addresses: &'a [ObjectAddress]) -> ObjectsRead<'a> {
        Box::pin(async move {
            let reader = Reader::new(&self.session, &self.settings);
            let objects = addresses.iter().map(|address| self.object(&reader, address));
            Ok(try_join_all(objects).await?)
        })
    }
}

impl Lease for VaultSource {
    fn leases(&self) -> Vec<LeaseInfo> {
        self.session.leases()
    }

    fn renew(&self) -> Renewing<'_> {
        Box::pin(self.session.renew_leases())
    }

    fn revoke(&self) -> End<'_> {
        Box::pin(async { self.session.revoke_leases().await.map_err(provider::Error::from) })
    }
}

impl Source for VaultSource {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn fetch(&self) -> Fetch<'_> {
        Box::pin(async { self.read().await.map_err(provider::Error::from) })
    }

    fn as_lease(&self) -> Option<&dyn Lease> {
        Some(self)
    }

    fn as_read_objects(&self) -> Option<&dyn ReadObjects> {
        Some(self)
    }

    fn end(&self) -> End<'_> {
        Box::pin(async {
            match self.settings.revoke_token {
                Some(_) => self.session.revoke().await.map_err(provider::Error::from),
                None => Ok(()),
            }
        })
    }

    fn pause(&self) {
        self.session.close();
    }

    fn resume(&self, token: Value) {
        self.session.resume(token);
    }

    fn login(&self) -> provider::Login {
        self.session.outcome()
    }
}

impl fmt::Debug for VaultSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultSource").field("settings", &self.settings).finish_non_exhaustive()
    }
}
