//! Changing shared secrets of one folder: API version 4, or 3 on older servers.
//!
//! The server changes some values without a word and answers with what was sent, so hushed refuses what it would not
//! keep. Names are not unique there: two runs that create one name at the same time may both succeed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::api::{Failure, Method, Route};
use super::error_kind::Operation;
use super::error_response::ResponseKind;
use super::list::ApiVersion;
use super::login::json;
use super::scope::Scope;
use super::write_error::WriteError;
use super::{InfisicalSource, project};
use crate::provider::{self, End, Source, Write, WriteFuture, WriteOutcome, WriteReceipt};
use crate::secret::{Name, Value};

/// The longest name that a route of the server takes, in characters.
const MAX_NAME: usize = 100;

/// The largest value, in bytes; a body over 1 MiB is an error of the server.
const MAX_VALUE: usize = 900 << 10;

/// The answer to a write: the secret, or a request that a person must approve.
#[derive(Debug, Deserialize)]
struct WriteResponse {
    #[serde(default)]
    secret: Json,
    #[serde(default)]
    approval: Json,
}

impl Write for InfisicalSource {
    fn place(&self) -> String {
        let settings = &self.settings;
        let project =
            settings.project.as_ref().map_or("the token's project".to_owned(), ToString::to_string);
        let environment = settings.environment.as_deref().unwrap_or("the token's");
        let path = settings.paths.first().map_or("/", String::as_str);
        format!(
            "project {project}, environment {environment}, folder {path} at {}",
            self.session.server()
        )
    }

    fn put<'a>(&'a self, name: &'a Name, value: &'a Value) -> WriteFuture<'a, WriteReceipt> {
        Box::pin(async { self.store(name.as_str(), value).await.map_err(provider::Error::from) })
    }

    fn delete<'a>(&'a self, name: &'a Name) -> WriteFuture<'a, bool> {
        Box::pin(async { self.remove(name.as_str()).await.map_err(provider::Error::from) })
    }

    fn end(&self) -> End<'_> {
        Source::end(self)
    }
}

impl InfisicalSource {
    async fn store(&self, name: &str, value: &Value) -> Result<WriteReceipt, WriteError> {
        check_name(name)?;
        let text = check_value(value)?;
        let (scope, path) = self.target().await?;
        let exists = self.exists(&scope, &path, name).await?;
        let method = if exists { Method::Patch } else { Method::Post };
        if let Err(failure) = self.write(method, &scope, &path, name, Some(text)).await {
            return Err(self.cannot_write(&scope, &path, failure).await);
        }
        let notice = text
            .contains("${")
            .then(|| "the value contains `${`, which Infisical expands when it is read".to_owned());
        {
            let outcome = if exists { WriteOutcome::Replaced } else { WriteOutcome::Created };
            Ok(WriteReceipt { outcome, notice })
        }
    }

    async fn remove(&self, name: &str) -> Result<bool, WriteError> {
        check_name(name)?;
        let (scope, path) = self.target().await?;
        match self.write(Method::Delete, &scope, &path, name, None).await {
            Ok(()) => Ok(true),
            Err(WriteFailure::Failed(Failure::Refused(response)))
                if response.kind() == ResponseKind::Missing =>
            {
                Ok(false)
            }
            Err(failure) => Err(self.cannot_write(&scope, &path, failure).await),
        }
    }

    /// The one folder to write to.
    async fn target(&self) -> Result<(Scope, String), WriteError> {
        let mut scope = self.scope().await?;
        match scope.paths.as_mut_slice() {
            [path] => {
                let path = std::mem::take(path);
                Ok((scope, path))
            }
            _ => Err(WriteError::SeveralFolders),
        }
    }

    /// Whether the folder itself has a shared secret of this name: imports do not count.
    async fn exists(&self, scope: &Scope, path: &str, name: &str) -> Result<bool, WriteError> {
        match self.read_own(scope, path, name).await {
            Ok(_) => Ok(true),
            Err(Failure::Refused(response)) if response.kind() == ResponseKind::Missing => {
                Ok(false)
            }
            Err(failure) => Ok(self.refused(scope, path, failure).await.map(|_| false)?),
        }
    }

    async fn write(
        &self,
        method: Method,
        scope: &Scope,
        path: &str,
        name: &str,
        value: Option<&str>,
    ) -> Result<(), WriteFailure> {
        let ask = async |version: ApiVersion| {
            let (parts, project): (&[&str], _) = match version {
                ApiVersion::V4 => (&["v4", "secrets", name], "projectId"),
                ApiVersion::V3 => (&["v3", "secrets", "raw", name], "workspaceId"),
            };
            let mut fields = BTreeMap::from([
                (project, scope.project.as_str()),
                ("environment", scope.environment.as_str()),
                ("secretPath", path),
                ("type", "shared"),
            ]);
            fields.extend(value.map(|value| ("secretValue", value)));
            let route = Route { operation: Operation::Write, parts, query: &[] };
            self.session.write::<WriteResponse>(method, route, &json(&fields)).await
        };
        let first = self.api_version.get().unwrap_or(ApiVersion::V4);
        let response = match ask(first).await {
            Err(failure) if first == ApiVersion::V4 && project::is_route_missing(&failure) => {
                self.api_version.set(Some(ApiVersion::V3));
                ask(ApiVersion::V3).await?
            }
            response => response?,
        };
        match (response.secret.is_null(), response.approval.is_null()) {
            (true, false) => Err(WriteFailure::NeedsApproval),
            _ => Ok(()),
        }
    }

    /// Says what it means that the server does not write.
    async fn cannot_write(&self, scope: &Scope, path: &str, failure: WriteFailure) -> WriteError {
        match failure {
            WriteFailure::NeedsApproval => WriteError::NeedsApproval,
            WriteFailure::Failed(Failure::Refused(source)) => match source.kind() {
                ResponseKind::Forbidden => WriteError::Forbidden { path: path.to_owned(), source },
                ResponseKind::Missing => {
                    let found = self.misplaced(scope, path, ResponseKind::Missing).await;
                    let refused =
                        || self.session.refused(Operation::Write, Failure::Refused(source));
                    found.unwrap_or_else(refused).into()
                }
                _ => self.session.refused(Operation::Write, Failure::Refused(source)).into(),
            },
            WriteFailure::Failed(failure) => self.session.refused(Operation::Write, failure).into(),
        }
    }
}

/// Why a request to write changed nothing.
enum WriteFailure {
    NeedsApproval,
    Failed(Failure),
}

impl From<Failure> for WriteFailure {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn check_name(name: &str) -> Result<(), WriteError> {
    // A longer one is answered like a route that an older server lacks.
    if name.chars().count() > MAX_NAME {
        return Err(WriteError::NameTooLong { limit: MAX_NAME });
    }
    Ok(())
}

/// The value as text, if the server keeps it as it is.
fn check_value(value: &Value) -> Result<&str, WriteError> {
    let text = value.expose_str().ok_or(WriteError::ValueNotText)?;
    if text.len() > MAX_VALUE {
        return Err(WriteError::ValueTooLarge { limit: MAX_VALUE });
    }
    if is_kept(text) { Ok(text) } else { Err(WriteError::ValueTrimmed) }
}

/// The server removes white space at both ends, but keeps one newline at the end.
fn is_kept(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let is_space = |c: char| c.is_whitespace() || c == '\u{feff}';
    !body.starts_with(is_space) && !body.ends_with(is_space)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_would_change_is_refused() {
        for (text, kept) in [
            ("canary", true),
            ("", true),
            ("canary\n", true),
            ("two\nlines", true),
            ("\n", true),
            ("canary\n\n", false),
            (" canary", false),
            ("canary ", false),
            ("canary \n", false),
            ("\tcanary", false),
            ("canary\r\n", false),
            ("   ", false),
        ] {
            assert_eq!(is_kept(text), kept, "{text:?}");
        }
    }
}
