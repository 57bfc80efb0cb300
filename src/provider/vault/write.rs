//! Changing the keys of one KV secret.
//!
//! A write replaces the whole secret, so hushed reads it first and keeps the other keys as they are, numbers and
//! objects too. KV 2 compares versions: hushed always passes the version that it read. KV 1 has none, so a change by
//! somebody else between the two requests is lost there.

use serde_json::value::RawValue;

use super::VaultSource;
use super::api::{Call, Failure};
use super::error::Error;
use super::error_kind::Operation;
use super::error_response::{ErrorResponse, ResponseKind};
use super::path::ApiPath;
use super::read::{Current, Reader};
use super::wire::{Kv2Versions, member_value};
use crate::provider::{
    self, Action, Annotations, Change, Class, End, History, KeptAnnotations, ProviderError, Source,
    StoredSecret, StoredVersion, Write, WriteFuture, WriteOutcome, WriteRefusal, WriteReport,
    check_changes,
};
use crate::secret::{Name, SecretBuffer, Value, to_json};

/// How often a write starts again that expects nothing, because somebody else changed another key.
const ATTEMPTS: usize = 5;

/// Why a secret was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// Several paths are configured.
    #[error("several paths are configured, and a secret is written to one")]
    SeveralPaths,
    /// The value is not UTF-8.
    #[error("the value is not UTF-8 text")]
    ValueNotText,
    /// The policy does not permit it.
    #[error("the token may not write to `{path}`")]
    Forbidden {
        /// The path in the API.
        path: String,
        /// The server's response.
        source: Box<ErrorResponse>,
    },
    /// Others change the secret all the time.
    #[error("others keep changing `{path}`")]
    Busy {
        /// The path in the API.
        path: String,
    },
    /// Only KV 2 keeps versions.
    #[error("the secrets engine at `{path}` keeps no versions")]
    NoVersions {
        /// The path in the API.
        path: String,
    },
    /// A change does not fit what is stored.
    #[error(transparent)]
    Change(#[from] WriteRefusal),
    /// Anything that reading may fail with as well.
    #[error(transparent)]
    Other(#[from] Error),
}

impl ProviderError for WriteError {
    fn class(&self) -> Class {
        match self {
            Self::SeveralPaths | Self::NoVersions { .. } => Class::BadConfiguration,
            Self::ValueNotText => Class::BadData,
            Self::Forbidden { .. } => Class::Denied,
            Self::Busy { .. } => Class::Conflict,
            Self::Change(refusal) => refusal.class(),
            Self::Other(error) => error.class(),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::SeveralPaths => "choose one with --set SOURCE.path=PATH",
            Self::ValueNotText => {
                "store it in base64, and decode it with ?encoding=base64 in [env]"
            }
            Self::Forbidden { path, .. } => {
                return Some(format!(
                    "add `path \"{path}\" {{ capabilities = [\"create\", \"update\"] }}` to the token's policy"
                ));
            }
            Self::Busy { .. } => "run the command again",
            Self::NoVersions { .. } => "only KV version 2 does",
            Self::Change(refusal) => return refusal.hint(),
            Self::Other(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }

    fn is_denied_login(&self) -> bool {
        matches!(self, Self::Other(error) if error.is_denied_login())
    }
}

/// Whether a write has to start again.
enum Written {
    Yes,
    Conflict,
}

impl Write for VaultSource {
    fn place(&self) -> String {
        let path = self.settings.paths.first().map(ToString::to_string).unwrap_or_default();
        let mount =
            self.settings.mount.as_ref().map(|mount| format!("{mount}/")).unwrap_or_default();
        let namespace = self.session.namespace();
        let namespace = namespace.map(|name| format!(", namespace {name}")).unwrap_or_default();
        format!("path {mount}{path}{namespace} at {}", self.session.server())
    }

    fn check(&self, _: &Name, value: &Value) -> Result<(), provider::Error> {
        value.expose_str().ok_or(WriteError::ValueNotText)?;
        Ok(())
    }

    fn read_stored(&self) -> WriteFuture<'_, Vec<StoredSecret>> {
        Box::pin(async { self.stored().await.map_err(provider::Error::from) })
    }

    fn apply<'a>(&'a self, changes: &'a [Change], report: WriteReport<'a>) -> WriteFuture<'a, ()> {
        Box::pin(async {
            let outcomes = self.change(changes).await?;
            for (change, outcome) in changes.iter().zip(outcomes) {
                report(change, outcome.into());
            }
            Ok(())
        })
    }

    fn is_transactional(&self) -> bool {
        true
    }

    fn as_history(&self) -> Option<&dyn History> {
        Some(self)
    }

    fn end(&self) -> End<'_> {
        Source::end(self)
    }
}

impl History for VaultSource {
    fn versions<'a>(&'a self, name: &'a Name) -> WriteFuture<'a, Vec<StoredVersion>> {
        Box::pin(async {
            let versions = self.list_versions().await?;
            if versions.is_empty() {
                return Err(WriteRefusal::Missing { name: name.clone() }.into());
            }
            Ok(versions)
        })
    }

    fn read_version<'a>(
        &'a self,
        name: &'a Name,
        version: &'a str,
    ) -> WriteFuture<'a, Option<Value>> {
        Box::pin(async move {
            let number = version.parse().ok().filter(|number| *number > 0);
            let Some(number) = number else { return Ok(None) };
            match self.reader().read(self.target()?, Some(number)).await {
                Ok(found) => {
                    let mut members = found.members.into_iter();
                    Ok(members.find(|(key, _)| key == name.as_str()).and_then(|(_, value)| value))
                }
                Err(Error::Missing { .. } | Error::Deleted { .. } | Error::Destroyed { .. }) => {
                    Ok(None)
                }
                Err(error) => Err(error.into()),
            }
        })
    }
}

impl VaultSource {
    fn reader(&self) -> Reader<'_> {
        Reader::new(&self.session, &self.settings)
    }

    /// The one path to write to.
    fn target(&self) -> Result<&ApiPath, WriteError> {
        match self.settings.paths.as_slice() {
            [path] => Ok(path),
            _ => Err(WriteError::SeveralPaths),
        }
    }

    async fn stored(&self) -> Result<Vec<StoredSecret>, WriteError> {
        let current = self.reader().current(self.target()?).await?;
        let path = current.place.to_string();
        let revision = current.revision();
        let stored = |(key, raw): &(String, Value)| {
            let raw = raw.expose_str().and_then(|raw| serde_json::from_str::<&RawValue>(raw).ok());
            let value = raw.and_then(member_value);
            let no_value = || Error::NoValue { key: key.clone(), path: path.clone() };
            Ok(StoredSecret {
                name: Name::new(key),
                value: value.ok_or_else(no_value)?,
                revision: revision.clone(),
                annotations: Annotations::default(),
            })
        };
        current.members.iter().map(stored).collect()
    }

    async fn change(&self, changes: &[Change]) -> Result<Vec<WriteOutcome>, WriteError> {
        check_changes(changes, &KeptAnnotations::default())?;
        let reader = self.reader();
        let path = self.target()?;
        for _ in 0..ATTEMPTS {
            let mut current = reader.current(path).await?;
            let outcomes = apply(&mut current, changes)?;
            if outcomes.iter().all(|outcome| *outcome == WriteOutcome::Absent) {
                return Ok(outcomes);
            }
            if let Written::Yes = self.store(&current).await? {
                return Ok(outcomes);
            }
        }
        Err(WriteError::Busy { path: path.to_string() })
    }

    /// Stores all keys of a secret. A secret of KV 2 without keys is deleted: its versions can be undeleted.
    async fn store(&self, current: &Current) -> Result<Written, WriteError> {
        let is_empty = current.members.is_empty();
        let (operation, place, body) = match &current.mount {
            Some(mount) if is_empty => {
                let body = format!("{{\"versions\":[{}]}}", current.version);
                let place = current.place.in_kv2(mount, "delete");
                (Operation::Write, place, Value::from(body))
            }
            Some(_) => {
                let body = json_body(&current.members, Some(current.version))?;
                (Operation::Write, current.place.clone(), body)
            }
            None if is_empty => (Operation::Delete, current.place.clone(), Value::from("{}")),
            None => (Operation::Write, current.place.clone(), json_body(&current.members, None)?),
        };
        let call =
            Call { operation, path: &place, query: &[], body: Some(&body), single_use: true };
        let path = place.to_string();
        match self.session.send(call).await {
            Ok(_metadata) => Ok(Written::Yes),
            Err(Failure::Failed(error)) => Err(error.into()),
            Err(Failure::Refused(source))
                if source.says("check-and-set parameter did not match") =>
            {
                Ok(Written::Conflict)
            }
            Err(Failure::Refused(source)) => Err(match source.kind() {
                ResponseKind::Forbidden => WriteError::Forbidden { path, source },
                _ => Error::Refused { operation, server: self.session.server(), source }.into(),
            }),
        }
    }

    async fn list_versions(&self) -> Result<Vec<StoredVersion>, WriteError> {
        let current = self.reader().current(self.target()?).await?;
        let no_versions = || WriteError::NoVersions { path: current.place.to_string() };
        let mount = current.mount.as_ref().ok_or_else(no_versions)?;
        let place = current.place.in_kv2(mount, "metadata");
        let operation = Operation::Lookup;
        let call = Call { operation, path: &place, query: &[], body: None, single_use: false };
        let reply = match self.session.send(call).await {
            Ok(reply) => reply,
            Err(Failure::Refused(source)) if *source.kind() == ResponseKind::Missing => {
                return Ok(Vec::new());
            }
            Err(failure) => {
                return Err(failure.into_error(operation, self.session.server()).into());
            }
        };
        let versions: Kv2Versions = reply.data()?;
        Ok(versions.list())
    }
}

/// Applies changes to the keys, which stay in order.
fn apply(current: &mut Current, changes: &[Change]) -> Result<Vec<WriteOutcome>, WriteError> {
    let revision = current.revision();
    let members = &mut current.members;
    let mut outcomes = Vec::with_capacity(changes.len());
    for change in changes {
        let find = |name: &Name| members.iter().position(|(key, _)| key == name.as_str());
        let at = find(&change.name);
        let stored = at.map(|_| &revision);
        // A key that is gone was changed, but a new one beside others was not.
        outcomes.push(change.outcome(stored, |to| find(to).is_some())?);
        match (&change.action, at) {
            (Action::Put { value, .. }, at) => {
                let text = value.expose_str().ok_or(WriteError::ValueNotText)?;
                let json = to_json(&text);
                match at.and_then(|at| members.get_mut(at)) {
                    Some((_, known)) => *known = json,
                    None => members.push((change.name.as_str().to_owned(), json)),
                }
            }
            (Action::Delete, Some(at)) => drop(members.remove(at)),
            (Action::Rename { to }, Some(at)) => {
                if let Some((key, _)) = members.get_mut(at) {
                    to.as_str().clone_into(key);
                }
            }
            (Action::Delete | Action::Rename { .. }, None) => {}
        }
    }
    Ok(outcomes)
}

/// The body of a write: the keys alone for KV 1, with the version that is expected for KV 2.
fn json_body(members: &[(String, Value)], version: Option<u64>) -> Result<Value, WriteError> {
    let length: usize = members.iter().map(|(key, json)| key.len() * 2 + json.len() + 8).sum();
    let mut body = SecretBuffer::with_capacity(length + 64);
    body.push(if version.is_some() { "{\"data\":{" } else { "{" });
    for (at, (key, json)) in members.iter().enumerate() {
        body.push(if at == 0 { "" } else { "," });
        body.push(to_json(key).expose());
        body.push(":");
        body.push(json.expose_str().ok_or(WriteError::ValueNotText)?);
    }
    body.push("}");
    if let Some(version) = version {
        body.push(format!(",\"options\":{{\"cas\":{version}}}}}"));
    }
    Ok(Value::from(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Expected, Revision};

    fn current(members: &[(&str, &str)]) -> Current {
        let member = |&(key, json): &(&str, &str)| (key.to_owned(), Value::from(json));
        Current {
            place: ApiPath::parse("secret/data/app").unwrap(),
            mount: Some(ApiPath::parse("secret").unwrap()),
            members: members.iter().map(member).collect(),
            version: 3,
        }
    }

    #[test]
    fn other_keys_stay_as_they_are() {
        use WriteOutcome::{Absent, Created, Renamed, Replaced};
        let mut object =
            current(&[("PORT", "8080"), ("A", r#""old""#), ("LIST", r#"[1, {"x":null}]"#)]);
        let changes = [
            Change::put(Name::new("A"), Value::from("canary \"new\"")),
            Change::put(Name::new("B"), Value::from("two\nlines")),
            Change::rename(Name::new("LIST"), Name::new("ITEMS")),
            Change::delete(Name::new("GONE")),
        ];
        assert_eq!(apply(&mut object, &changes).unwrap(), [Replaced, Created, Renamed, Absent]);
        let body = json_body(&object.members, Some(3)).unwrap();
        assert_eq!(
            body.expose_str().unwrap(),
            r#"{"data":{"PORT":8080,"A":"canary \"new\"","ITEMS":[1, {"x":null}],"B":"two\nlines"},"options":{"cas":3}}"#
        );
        let body = json_body(&object.members[..1], None).unwrap();
        assert_eq!(body.expose_str().unwrap(), r#"{"PORT":8080}"#);
    }

    #[test]
    fn a_version_that_is_not_expected_is_a_conflict() {
        let put = Change::put(Name::new("A"), Value::from("canary"));
        let at =
            |version: &str| put.clone().expecting(Expected::Revision(Revision(version.into())));
        let mut object = current(&[("A", "1")]);
        assert!(apply(&mut object, &[at("version 3")]).is_ok());
        assert!(matches!(
            apply(&mut object, &[at("version 2")]),
            Err(WriteError::Change(WriteRefusal::Changed { .. }))
        ));
    }
}
