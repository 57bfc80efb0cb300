//! Changing the secrets of one folder.
//!
//! The server changes some values without a word and answers with what was sent, so hushed refuses what it would not
//! keep, and reads back what it created: names are not unique there, and two writers that create one name at the same
//! time both succeed. It compares no versions either: a change between hushed's look and its write is overwritten.

use std::collections::HashMap;

use super::api::{Failure, Method};
use super::error_kind::Operation;
use super::error_response::ResponseKind;
use super::scope::Scope;
use super::settings::Infisical as Settings;
use super::wire::SecretRow;
use super::write_error::WriteError;
use super::write_request::{Item, Pair, WriteFailure};
use super::{InfisicalSource, batch, list, project};
use crate::provider::{
    self, Action, Annotations, Change, End, Folders, History, KeptAnnotations, Revision, Source,
    StoredSecret, Write, WriteFuture, WriteReceipt, WriteReport, check_changes,
};
use crate::secret::{Name, Value};

/// The longest name that a route of the server takes, in characters.
const MAX_NAME: usize = 100;

/// The largest value, in bytes; a body over 1 MiB is an error of the server.
pub(super) const MAX_VALUE: usize = 900 << 10;

/// The server keeps all of it.
const KEPT: KeptAnnotations =
    KeptAnnotations { comment: true, tags: true, metadata: true, personal: true };

/// The secrets that are there, by name and by whether they are personal.
type KnownSecrets = HashMap<(Name, bool), Known>;

/// A secret that is there: its state, and its value for servers that want it with every change.
pub(super) struct Known {
    revision: Revision,
    value: Option<Value>,
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

    fn check(&self, name: &Name, value: &Value) -> Result<(), provider::Error> {
        check_name(name.as_str())?;
        check_value(value).map(drop)?;
        Ok(())
    }

    fn read_stored(&self) -> WriteFuture<'_, Vec<StoredSecret>> {
        Box::pin(async { self.stored().await.map_err(provider::Error::from) })
    }

    fn apply<'a>(&'a self, changes: &'a [Change], report: WriteReport<'a>) -> WriteFuture<'a, ()> {
        Box::pin(async { self.change(changes, report).await.map_err(provider::Error::from) })
    }

    fn as_folders(&self) -> Option<&dyn Folders> {
        Some(self)
    }

    fn as_history(&self) -> Option<&dyn History> {
        Some(self)
    }

    fn end(&self) -> End<'_> {
        Source::end(self)
    }
}

impl InfisicalSource {
    async fn stored(&self) -> Result<Vec<StoredSecret>, WriteError> {
        let (scope, path) = self.target().await?;
        let mut stored = Vec::new();
        let mut hidden = Vec::new();
        for row in self.own_rows(&scope, &path).await? {
            let name = Name::new(&row.secret_key);
            let Some(value) = row.value().cloned() else {
                hidden.push(name);
                continue;
            };
            if stored.iter().any(|known: &StoredSecret| known.name == name) {
                return Err(WriteError::NotUnique { name });
            }
            let (revision, annotations) = (row.revision(), row.annotations());
            stored.push(StoredSecret { name, value, revision, annotations });
        }
        if hidden.is_empty() {
            return Ok(stored);
        }
        let place = format!("{path} in {}", scope.environment);
        Err(super::Error::Hidden { names: hidden, place }.into())
    }

    async fn change(&self, changes: &[Change], report: WriteReport<'_>) -> Result<(), WriteError> {
        check_changes(changes, &KEPT)?;
        for change in changes {
            check_name(change.name.as_str())?;
            match &change.action {
                Action::Put { value, .. } => drop(check_value(value)?),
                Action::Rename { to } => check_name(to.as_str())?,
                Action::Delete => {}
            }
        }
        let (scope, path) = self.target().await?;
        let place = (&scope, path.as_str());
        let known = self.known(place, changes).await?;
        let mut outcomes = Vec::with_capacity(changes.len());
        for change in changes {
            let at = |name: &Name| known.get(&(name.clone(), change.personal));
            let stored = at(&change.name).map(|known| &known.revision);
            outcomes.push(change.outcome(stored, |to| at(to).is_some())?);
        }
        let tags = self.tag_ids(&scope, changes).await?;
        for step in batch::steps(changes, &outcomes) {
            self.step(place, &step, (&known, &tags)).await?;
            let twins = self.twins(place, &step).await;
            for &(change, outcome) in &step.changes {
                let notice = notice(change, twins.contains(&change.name));
                report(change, WriteReceipt { outcome, notice });
            }
        }
        Ok(())
    }

    /// Sends one request for changes of one kind.
    async fn step(
        &self,
        place: (&Scope, &str),
        step: &batch::Step<'_>,
        (known, tags): (&KnownSecrets, &HashMap<String, String>),
    ) -> Result<(), WriteError> {
        let mut items = Vec::with_capacity(step.changes.len());
        for (change, _) in &step.changes {
            let stored = known.get(&(change.name.clone(), change.personal));
            items.push(item(change, stored, tags)?);
        }
        let Some(method) = step.method else { return Ok(()) };
        let sent = match (items.as_slice(), step.single()) {
            ([item], Some(change)) => self.send_one(method, place, change.personal, item).await,
            _ => self.send_batch(method, place, &items).await,
        };
        match sent {
            Ok(()) => Ok(()),
            Err(failure) => Err(self.cannot_write(place, failure).await),
        }
    }

    /// The names that a step created and that the folder now has more than once.
    async fn twins(&self, (scope, path): (&Scope, &str), step: &batch::Step<'_>) -> Vec<Name> {
        if step.method != Some(Method::Post) {
            return Vec::new();
        }
        // An identity that may not list has written nevertheless.
        let rows = self.own_rows(scope, path).await.unwrap_or_default();
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for row in &rows {
            *seen.entry(&row.secret_key).or_default() += 1;
        }
        let names = step.changes.iter().map(|(change, _)| &change.name);
        names.filter(|name| seen.get(name.as_str()).is_some_and(|n| *n > 1)).cloned().collect()
    }

    /// The one folder to write to.
    pub(super) async fn target(&self) -> Result<(Scope, String), WriteError> {
        let mut scope = self.scope().await?;
        match scope.paths.as_mut_slice() {
            [path] => {
                let path = std::mem::take(path);
                Ok((scope, path))
            }
            _ => Err(WriteError::SeveralFolders),
        }
    }

    /// Those secrets of the folder itself that changes are about. Imports do not count.
    async fn known(
        &self,
        (scope, path): (&Scope, &str),
        changes: &[Change],
    ) -> Result<HashMap<(Name, bool), Known>, WriteError> {
        let mut wanted: Vec<(Name, bool)> = Vec::new();
        for change in changes {
            wanted.push((change.name.clone(), change.personal));
            if let Action::Rename { to } = &change.action {
                wanted.push((to.clone(), change.personal));
            }
        }
        let mut known = HashMap::new();
        let is_shared = wanted.iter().all(|(_, personal)| !personal);
        if wanted.len() > 2 && is_shared {
            let rows = self.own_rows(scope, path).await?;
            let rows: HashMap<_, _> = rows.iter().map(|row| (&*row.secret_key, row)).collect();
            for key in wanted {
                if let Some(row) = rows.get(key.0.as_str()) {
                    known.insert(key, Known::from(*row));
                }
            }
            return Ok(known);
        }
        for key in wanted {
            let kind = if key.1 { "personal" } else { "shared" };
            match self.read_own(scope, path, key.0.as_str(), &[("type", kind)]).await {
                Ok(row) => drop(known.insert(key, Known::from(&row))),
                Err(Failure::Refused(response)) if response.kind() == ResponseKind::Missing => {}
                Err(failure) => drop(self.refused(scope, path, failure).await?),
            }
        }
        Ok(known)
    }

    /// Reads one secret of the folder itself, without imports.
    pub(super) async fn read_own(
        &self,
        scope: &Scope,
        path: &str,
        name: &str,
        further: &[(&'static str, &str)],
    ) -> Result<SecretRow, Failure> {
        let (session, version, settings) = (&self.session, &self.api_version, self.own());
        list::read_one(session, version, &settings, scope, path, name, further).await
    }

    /// The shared secrets of the folder itself.
    async fn own_rows(&self, scope: &Scope, path: &str) -> Result<Vec<SecretRow>, WriteError> {
        let (session, version, settings) = (&self.session, &self.api_version, self.own());
        match list::read(session, version, &settings, scope, path, false).await {
            Ok(mut list) => {
                list.secrets.retain(|row| !row.is_personal());
                Ok(list.secrets)
            }
            Err(failure) => Ok(self.refused(scope, path, failure).await.map(|_| Vec::new())?),
        }
    }

    /// Settings that read what is stored, and nothing else.
    fn own(&self) -> Settings {
        Settings {
            include_imports: false,
            personal: false,
            expand: false,
            recursive: false,
            tags: Vec::new(),
            ..self.settings.clone()
        }
    }

    /// The IDs of the tags that changes name, by their slugs.
    async fn tag_ids(
        &self,
        scope: &Scope,
        changes: &[Change],
    ) -> Result<HashMap<String, String>, WriteError> {
        let names = |change: &Change| match &change.action {
            Action::Put { annotations: Annotations { tags: Some(tags), .. }, .. } => tags.clone(),
            _ => Vec::new(),
        };
        if changes.iter().all(|change| names(change).is_empty()) {
            return Ok(HashMap::new());
        }
        let tags = project::tags(&self.session, &scope.project).await;
        let tags = tags.map_err(|failure| self.session.refused(Operation::Lookup, failure))?;
        Ok(tags.into_iter().map(|tag| (tag.slug, tag.id)).collect())
    }

    /// Says what it means that the server does not write.
    pub(super) async fn cannot_write(
        &self,
        (scope, path): (&Scope, &str),
        failure: WriteFailure,
    ) -> WriteError {
        let source = match failure {
            WriteFailure::NeedsApproval => return WriteError::NeedsApproval,
            WriteFailure::Failed(Failure::Refused(source)) => source,
            WriteFailure::Failed(failure) => {
                return self.session.refused(Operation::Write, failure).into();
            }
        };
        match source.kind() {
            // The message repeats a part of the value.
            _ if source.says("referenced secret") => WriteError::UnknownReference,
            _ if source.says("must be user") => WriteError::PersonalNeedsUser,
            _ if source.says("no corresponding shared secret") => WriteError::PersonalAlone,
            ResponseKind::Forbidden => WriteError::Forbidden { path: path.to_owned(), source },
            ResponseKind::Missing => {
                let found = self.misplaced(scope, path, ResponseKind::Missing).await;
                let refused = || self.session.refused(Operation::Write, Failure::Refused(source));
                found.unwrap_or_else(refused).into()
            }
            _ => self.session.refused(Operation::Write, Failure::Refused(source)).into(),
        }
    }
}

impl From<&SecretRow> for Known {
    fn from(row: &SecretRow) -> Self {
        Self { revision: row.revision(), value: row.value().cloned() }
    }
}

/// The fields that a change sends.
fn item<'a>(
    change: &'a Change,
    stored: Option<&'a Known>,
    tags: &HashMap<String, String>,
) -> Result<Item<'a>, WriteError> {
    let name = change.name.as_str();
    match &change.action {
        Action::Delete => Ok(Item { name, ..Item::default() }),
        Action::Rename { to } => {
            // Servers of 2024 want the value with every change.
            let secret_value = stored.and_then(|known| known.value.as_ref()?.expose_str());
            let new_secret_name = Some(to.as_str());
            Ok(Item { name, secret_value, new_secret_name, ..Item::default() })
        }
        Action::Put { value, annotations } => {
            let mut ids = None;
            for slug in annotations.tags.iter().flatten() {
                let unknown = || WriteError::UnknownTag { slug: slug.clone() };
                let id = tags.get(slug).ok_or_else(unknown)?;
                ids.get_or_insert_with(Vec::new).push(id.clone());
            }
            let pair = |(key, value): &'a (String, String)| Pair { key, value };
            let metadata = annotations.metadata.as_ref();
            Ok(Item {
                name,
                secret_value: Some(check_value(value)?),
                secret_comment: annotations.comment.as_deref(),
                tag_ids: ids.or_else(|| annotations.tags.as_ref().map(|_| Vec::new())),
                secret_metadata: metadata.map(|pairs| pairs.iter().map(pair).collect()),
                new_secret_name: None,
            })
        }
    }
}

/// What the user must know about a change that was written.
fn notice(change: &Change, is_twin: bool) -> Option<String> {
    let name = &change.name;
    match &change.action {
        Action::Put { .. } if is_twin => Some(format!(
            "somebody else created `{name}` at the same time: Infisical now has two secrets of that name; \
             delete one there"
        )),
        Action::Put { value, .. } if value.expose_str().is_some_and(|v| v.contains("${")) => {
            Some(format!(
                "the value of `{name}` contains `${{`, which Infisical expands when it is read"
            ))
        }
        Action::Rename { to } => Some(format!(
            "personal overrides of `{name}` keep that name: Infisical does not rename them to `{to}`"
        )),
        _ => None,
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
