//! Earlier versions of a secret, read by their numbers: machine identities may not list versions. Servers of 2024
//! ignore the number and answer with the newest version, which is refused here.

use futures_util::future::join_all;

use super::InfisicalSource;
use super::api::Failure;
use super::error_response::ResponseKind;
use super::scope::Scope;
use super::wire::SecretRow;
use super::write_error::WriteError;
use crate::provider::{self, History, StoredVersion, WriteFuture, WriteRefusal};
use crate::secret::{Name, Value};

/// How many versions are listed: each takes a request.
const LISTED: u64 = 20;

impl History for InfisicalSource {
    fn versions<'a>(&'a self, name: &'a Name) -> WriteFuture<'a, Vec<StoredVersion>> {
        Box::pin(async {
            let versions = self.list_versions(name).await;
            versions.map_err(provider::Error::from)
        })
    }

    fn read_version<'a>(
        &'a self,
        name: &'a Name,
        version: &'a str,
    ) -> WriteFuture<'a, Option<Value>> {
        Box::pin(async move {
            let (scope, path) = self.target().await?;
            let row = self.row_at(&scope, &path, name, Some(version)).await?;
            Ok(row.and_then(|row| row.value().cloned()))
        })
    }
}

impl InfisicalSource {
    async fn list_versions(&self, name: &Name) -> Result<Vec<StoredVersion>, WriteError> {
        let (scope, path) = self.target().await?;
        let newest = self.row_at(&scope, &path, name, None).await?;
        let missing = || WriteRefusal::Missing { name: name.clone() };
        let newest = newest.ok_or_else(missing)?;
        let last = newest.version().unwrap_or(1);
        let mut versions = vec![stored(&newest, last, &["current"])];
        let numbers: Vec<_> =
            (1..last).rev().take(usize::try_from(LISTED - 1).unwrap_or(0)).collect();
        let texts: Vec<_> = numbers.iter().map(u64::to_string).collect();
        let reads = texts.iter().map(|number| self.row_at(&scope, &path, name, Some(number)));
        for (number, read) in numbers.iter().zip(join_all(reads).await) {
            if let Some(row) = read? {
                versions.push(stored(&row, *number, &[]));
            }
        }
        Ok(versions)
    }

    async fn row_at(
        &self,
        scope: &Scope,
        path: &str,
        name: &Name,
        version: Option<&str>,
    ) -> Result<Option<SecretRow>, WriteError> {
        let further: Vec<_> = version.iter().map(|version| ("version", *version)).collect();
        match self.read_own(scope, path, name.as_str(), &further).await {
            Ok(row) => match version {
                Some(asked) if row.version().is_some_and(|v| v.to_string() != asked) => {
                    Err(WriteError::NoVersions)
                }
                _ => Ok(Some(row)),
            },
            Err(Failure::Refused(response)) if response.kind() == ResponseKind::Missing => Ok(None),
            Err(failure) => Ok(self.refused(scope, path, failure).await.map(|_| None)?),
        }
    }
}

fn stored(row: &SecretRow, number: u64, labels: &[&str]) -> StoredVersion {
    StoredVersion {
        version: number.to_string(),
        created: row.updated().map(str::to_owned),
        labels: labels.iter().map(|&label| label.to_owned()).collect(),
    }
}
