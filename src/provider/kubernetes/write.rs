//! Changing the keys of one Secret.
//!
//! A change is a JSON merge patch with the keys that it is for and the `resourceVersion` that hushed read, so that the
//! values of other keys are not sent, the type stays, and the server refuses it if somebody else wrote meanwhile. A
//! Secret that does not exist is created with the type `Opaque`. One without keys stays: its type, labels and owners
//! are not the secret, and a pod may mount it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::KubernetesSource;
use super::api::Failure;
use super::error::{Error, Operation};
use super::status::{StatusError, StatusKind};
use super::wire::SecretObject;
use crate::provider::{
    self, Action, Annotations, Change, Class, KeptAnnotations, ProviderError, Revision,
    StoredSecret, Write, WriteFuture, WriteOutcome, WriteReceipt, WriteRefusal, WriteReport,
    check_changes,
};
use crate::secret::{Name, SecretBuffer, Value, to_json};

/// How often a write starts again that expects nothing, because somebody else changed another key.
const ATTEMPTS: usize = 5;
/// The most bytes that the values of a Secret have together.
const MAX_SIZE: usize = 1 << 20;
/// The longest key.
const MAX_KEY: usize = 253;

/// Why a Secret was not changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// Not exactly one Secret is configured.
    #[error("the source selects {what}, and secrets are written to one Secret")]
    NotOne { what: &'static str },
    /// Kubernetes has no such key.
    #[error("`{}` cannot be a key of a Secret", key.escape_debug())]
    BadKey { key: String },
    /// The values are too large.
    #[error(
        "the Secret `{name}` would have {size} bytes, and Kubernetes stores at most {MAX_SIZE}"
    )]
    TooLarge { name: String, size: usize },
    /// It cannot change any more.
    #[error("the Secret `{name}` is immutable")]
    Immutable { name: String },
    /// It is about to go.
    #[error("the Secret `{name}` is being deleted")]
    BeingDeleted { name: String },
    /// The namespace does not exist.
    #[error("there is no namespace `{namespace}`")]
    NoNamespace { namespace: String },
    /// The rules of its type forbid the change.
    #[error("Kubernetes rejects the change of the Secret `{name}` of type `{kind}`")]
    Rejected {
        name: String,
        kind: String,
        #[source]
        source: Box<StatusError>,
    },
    /// Others change the Secret all the time.
    #[error("others keep changing the Secret `{name}`")]
    Busy { name: String },
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
            Self::NotOne { .. } | Self::Immutable { .. } => Class::BadConfiguration,
            Self::BadKey { .. } | Self::TooLarge { .. } | Self::Rejected { .. } => Class::BadData,
            Self::BeingDeleted { .. } | Self::Busy { .. } => Class::Conflict,
            Self::NoNamespace { .. } => Class::NotFound,
            Self::Change(refusal) => refusal.class(),
            Self::Other(error) => error.class(),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotOne { .. } => "choose one with --set SOURCE.secret=NAME",
            Self::BadKey { .. } => {
                "a key has 1 to 253 letters, digits, `-`, `_` and `.`, and does not begin with `..`"
            }
            Self::TooLarge { .. } => "split it into several Secrets",
            Self::Immutable { .. } => {
                "create a Secret of another name: --set SOURCE.secret=NAME; an immutable one can only be deleted"
            }
            Self::BeingDeleted { .. } => "run the command again when it is gone",
            Self::NoNamespace { .. } => {
                "create it with `kubectl create namespace`, or correct `namespace`"
            }
            Self::Rejected { .. } => {
                "the type requires certain keys and values; write them together with `secrets import`"
            }
            Self::Busy { .. } => "run the command again",
            Self::Change(refusal) => return refusal.hint(),
            Self::Other(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }
}

/// Whether Kubernetes accepts a key of a Secret.
pub(super) fn is_key(key: &str) -> bool {
    let is_usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=MAX_KEY).contains(&key.len())
        && key.chars().all(is_usual)
        && key != "."
        && !key.starts_with("..")
}

fn check_key(name: &Name) -> Result<(), WriteError> {
    let key = || name.as_str().to_owned();
    if is_key(name.as_str()) { Ok(()) } else { Err(WriteError::BadKey { key: key() }) }
}

impl Write for KubernetesSource {
    fn place(&self) -> String {
        let (scope, server) = (&self.scope, self.api.server());
        format!("Secret {}/{} at {server}", scope.namespace, scope.names.join(","))
    }

    fn check(&self, name: &Name, value: &Value) -> Result<(), provider::Error> {
        check_key(name)?;
        Ok(check_size(self.target().unwrap_or_default(), value.len())?)
    }

    fn read_stored(&self) -> WriteFuture<'_, Vec<StoredSecret>> {
        Box::pin(async {
            let object = self.find(&self.scope.namespace, self.target()?).await?;
            let Some(object) = object else { return Ok(Vec::new()) };
            let revision = revision(&object);
            let stored = |(key, value): (String, Value)| StoredSecret {
                name: Name::new(key),
                value,
                revision: revision.clone(),
                annotations: Annotations::default(),
            };
            Ok(object.data.0.into_iter().map(stored).collect())
        })
    }

    fn apply<'a>(&'a self, changes: &'a [Change], report: WriteReport<'a>) -> WriteFuture<'a, ()> {
        Box::pin(async {
            let (outcomes, mut notice) = self.change(changes).await?;
            for (change, outcome) in changes.iter().zip(outcomes) {
                report(change, WriteReceipt { outcome, notice: notice.take() });
            }
            Ok(())
        })
    }

    fn is_transactional(&self) -> bool {
        true
    }
}

fn check_size(name: &str, size: usize) -> Result<(), WriteError> {
    let name = || name.to_owned();
    if size <= MAX_SIZE { Ok(()) } else { Err(WriteError::TooLarge { name: name(), size }) }
}

fn revision(object: &SecretObject) -> Revision {
    Revision(object.metadata.resource_version.clone().unwrap_or_default())
}

impl KubernetesSource {
    /// The one Secret to write to.
    fn target(&self) -> Result<&str, WriteError> {
        match (self.scope.names.as_slice(), &self.scope.label_selector) {
            ([only], None) => Ok(only),
            (_, Some(_)) => Err(WriteError::NotOne { what: "Secrets by their labels" }),
            ([], None) => Err(WriteError::NotOne { what: "no Secret" }),
            _ => Err(WriteError::NotOne { what: "several Secrets" }),
        }
    }

    /// Makes all changes, and says what each did and what the user must know.
    async fn change(
        &self,
        changes: &[Change],
    ) -> Result<(Vec<WriteOutcome>, Option<String>), WriteError> {
        check_changes(changes, &KeptAnnotations::default())?;
        let (namespace, name) = (&self.scope.namespace, self.target()?);
        for _ in 0..ATTEMPTS {
            let stored = self.find(namespace, name).await?;
            let patch = Patch::new(stored.as_ref(), changes)?;
            check_size(name, patch.size)?;
            if patch.members.is_empty() {
                return Ok((patch.outcomes, None));
            }
            let sent = match &stored {
                None => self.api.create_secret(namespace, &patch.body_of_new(name)).await,
                Some(object) => {
                    check_changeable(name, object)?;
                    self.api.patch_secret(namespace, name, &patch.body(object)).await
                }
            };
            match sent {
                Ok(_) => {
                    return Ok((patch.outcomes, stored.and_then(|object| controlled(&object))));
                }
                Err(Failure::Refused(error)) if is_conflict(error.kind, stored.is_some()) => {}
                Err(failure) => return Err(self.not_written(failure, stored.as_ref())),
            }
        }
        Err(WriteError::Busy { name: name.to_owned() })
    }

    fn not_written(&self, failure: Failure, stored: Option<&SecretObject>) -> WriteError {
        let (name, namespace) = (self.scope.names.concat(), self.scope.namespace.clone());
        let verb = if stored.is_some() { "patch" } else { "create" };
        match failure {
            Failure::Refused(source) if source.kind == StatusKind::Invalid => {
                let kind = stored.and_then(|object| object.type_name.clone());
                let kind = kind.unwrap_or_else(|| "Opaque".to_owned());
                WriteError::Rejected { name, kind, source }
            }
            // The Secret was looked up at the same address.
            Failure::Refused(source) if source.kind == StatusKind::NoRoute && stored.is_none() => {
                WriteError::NoNamespace { namespace }
            }
            Failure::Refused(source) if source.kind == StatusKind::Forbidden => {
                let place = format!("the Secret `{name}` in the namespace `{namespace}`");
                let is_anonymous = source.is_anonymous;
                Error::Forbidden { verb, place, is_anonymous, source }.into()
            }
            failure => self.api.refused(Operation::Write, failure).into(),
        }
    }
}

/// Whether a change must begin anew: somebody else changed, created or deleted the Secret meanwhile.
fn is_conflict(kind: StatusKind, is_patch: bool) -> bool {
    kind == StatusKind::Conflict || (is_patch && kind == StatusKind::NotFound)
}

fn check_changeable(name: &str, object: &SecretObject) -> Result<(), WriteError> {
    let name = || name.to_owned();
    if object.metadata.deletion_timestamp.is_some() {
        return Err(WriteError::BeingDeleted { name: name() });
    }
    if object.immutable == Some(true) {
        return Err(WriteError::Immutable { name: name() });
    }
    Ok(())
}

/// Says who may undo the change.
fn controlled(object: &SecretObject) -> Option<String> {
    let owner = object.metadata.owner_references.iter().find(|owner| owner.controller)?;
    Some(format!(
        "{} `{}` manages this Secret, and may undo the change",
        Name::new(&owner.kind),
        Name::new(&owner.name)
    ))
}

/// The keys that change, each with its new value, or none if it is deleted.
struct Patch {
    members: Vec<(String, Option<Value>)>,
    outcomes: Vec<WriteOutcome>,
    /// How large the values are after it, in bytes.
    size: usize,
}

impl Patch {
    fn new(stored: Option<&SecretObject>, changes: &[Change]) -> Result<Self, WriteError> {
        let data = stored.map_or(&[][..], |object| &object.data.0);
        let find = |name: &Name| data.iter().find(|(key, _)| key == name.as_str());
        let (mut members, mut outcomes) = (Vec::new(), Vec::with_capacity(changes.len()));
        for change in changes {
            let known = find(&change.name);
            let at = known.and(stored).map(revision);
            let outcome = change.outcome(at.as_ref(), |to| find(to).is_some())?;
            let key = change.name.as_str().to_owned();
            match &change.action {
                Action::Put { value, .. } => {
                    check_key(&change.name)?;
                    members.push((key, Some(value.clone())));
                }
                Action::Rename { to } => {
                    check_key(to)?;
                    members.push((to.as_str().to_owned(), known.map(|(_, value)| value.clone())));
                    members.push((key, None));
                }
                Action::Delete if known.is_some() => members.push((key, None)),
                Action::Delete => {}
            }
            outcomes.push(outcome);
        }
        let is_kept = |key: &str| !members.iter().any(|(changed, _)| changed == key);
        let kept = data.iter().filter(|(key, _)| is_kept(key)).map(|(_, value)| value.len());
        let new = members.iter().filter_map(|(_, value)| value.as_ref().map(Value::len));
        let size = kept.chain(new).sum();
        Ok(Self { members, outcomes, size })
    }

    /// The merge patch of a Secret that exists.
    fn body(&self, object: &SecretObject) -> Value {
        let version = object.metadata.resource_version.as_deref().unwrap_or_default();
        let head = format!("{{\"metadata\":{{\"resourceVersion\":{}}}", json(version));
        self.with_data(&head)
    }

    /// The manifest of a new Secret.
    fn body_of_new(&self, name: &str) -> Value {
        let name = json(name);
        let head = format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{{\"name\":{name}}},\"type\":\"Opaque\""
        );
        self.with_data(&head)
    }

    fn with_data(&self, head: &str) -> Value {
        let mut body = SecretBuffer::with_capacity(head.len() + self.size * 4 / 3 + 64);
        body.push(head);
        body.push(",\"data\":{");
        for (at, (key, value)) in self.members.iter().enumerate() {
            body.push(if at == 0 { "" } else { "," });
            body.push(to_json(key).expose());
            body.push(":");
            match value {
                None => body.push("null"),
                Some(value) => {
                    let text = zeroize::Zeroizing::new(STANDARD.encode(value.expose()));
                    body.push("\"");
                    body.push(text.as_bytes());
                    body.push("\"");
                }
            }
        }
        body.push("}}");
        body.into_value()
    }
}

/// A text that is not secret as JSON.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_that_a_server_accepts() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/corpus/kubernetes/writes.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        let mut count = 0;
        for line in text.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            if !row["id"].as_str().unwrap().starts_with("key-") {
                continue;
            }
            let request: serde_json::Value =
                serde_json::from_str(row["request"].as_str().unwrap()).unwrap();
            let (key, _) = request["data"].as_object().unwrap().iter().next().unwrap();
            assert_eq!(is_key(key), row["status"] == 201, "{key}");
            count += 1;
        }
        assert_eq!(count, 13);
    }
}
