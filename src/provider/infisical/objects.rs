//! Objects for references: a folder with its secrets. `infisical://api/db#PASSWORD` is the secret `PASSWORD` in
//! `/api/db`; without a path, the folders of the source. `?environment=prod` selects another environment.

use std::sync::Arc;

use futures_util::future::try_join_all;

use super::InfisicalSource;
use super::error::Error;
use super::scope::Scope;
use super::settings::normalise;
use crate::provider::{self, Class, ObjectsRead, ProviderError as _, ReadObjects, UnknownOption};
use crate::secret::{Object, ObjectAddress, ObjectContent, SecretSet};

/// The option that selects an environment.
const ENVIRONMENT: &str = "environment";

impl ReadObjects for InfisicalSource {
    fn read_objects<'a>(&'a self, addresses: &'a [ObjectAddress]) -> ObjectsRead<'a> {
        Box::pin(async move {
            for address in addresses {
                UnknownOption::check(address, &[ENVIRONMENT])?;
            }
            let scope = self.scope().await.map_err(provider::Error::from)?;
            let objects = addresses.iter().map(|address| self.object(&scope, address));
            try_join_all(objects).await.map_err(provider::Error::from)
        })
    }
}

impl InfisicalSource {
    async fn object(
        &self,
        scope: &Scope,
        address: &ObjectAddress,
    ) -> Result<Option<Object>, Error> {
        let mut scope = scope.clone();
        if let Some((_, environment)) = address.options.iter().find(|(name, _)| name == ENVIRONMENT)
        {
            scope.environment.clone_from(environment);
        }
        if !address.path.is_empty() {
            scope.paths = vec![normalise(&address.path)];
        }
        let mut secrets = SecretSet::default();
        for path in &scope.paths {
            match self.folder(&scope, path).await {
                Ok(found) => secrets.append(found),
                Err(error) if error.class() == Class::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let members =
            secrets.into_iter().map(|secret| (secret.name.as_str().to_owned(), secret.value));
        Ok(Some(Object {
            source: Arc::clone(&self.settings.name),
            address: address.clone(),
            content: ObjectContent::Members(members.collect()),
            version: None,
            age: None,
        }))
    }
}
