//! Changing a sops file: all changes in one replacement of the file, which keeps its mode.

use std::time::SystemTime;

use zeroize::Zeroizing;

use super::edit::{EditError, Editor, Opened, leaves};
use super::layout::Step;
use super::metadata::Metadata;
use super::{Error, Format, MAX_SIZE, Reason, SopsFile, cipher, format};
use crate::message::shown_path;
use crate::provider::document::timestamp;
use crate::provider::{
    self, Action, Annotations, Change, Class, KeptAnnotations, ProviderError, Revision,
    StoredSecret, Write, WriteFuture, WriteOutcome, WriteRefusal, WriteReport, check_changes,
};
use crate::seal::private_file::{self, Lock};
use crate::secret::{Name, Value};

/// Why a sops file was not changed. It is as it was.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    #[error(transparent)]
    Refused(#[from] WriteRefusal),
    #[error("cannot change `{}`: {error}", shown_path(path))]
    Edit { path: std::path::PathBuf, error: EditError },
    #[error(transparent)]
    File(#[from] private_file::Error),
    #[error(transparent)]
    Read(#[from] Error),
}

impl ProviderError for WriteError {
    fn class(&self) -> Class {
        match self {
            Self::Refused(refusal) => refusal.class(),
            Self::Edit { .. } | Self::File(_) => Class::BadData,
            Self::Read(error) => error.class(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.hint(),
            Self::Edit { error, .. } => error.hint(),
            Self::File(error) => error.hint(),
            Self::Read(error) => error.hint(),
        }
    }

    fn names_its_place(&self) -> bool {
        true
    }
}

impl Write for SopsFile {
    fn place(&self) -> String {
        self.file.display().to_string()
    }

    fn check(&self, name: &Name, value: &Value) -> Result<(), provider::Error> {
        if value.expose_str().is_some() || self.format == Format::Binary {
            return Ok(());
        }
        Err(self.edit_error(EditError::NotText { name: name.to_string() }).into())
    }

    fn read_stored(&self) -> WriteFuture<'_, Vec<StoredSecret>> {
        Box::pin(async {
            let content = private_file::read(&self.file, MAX_SIZE);
            let bytes =
                content.map_err(|error| self.edit_error(EditError::Read(error.into())))?.bytes;
            let key = self.key_of(bytes.expose()).await?;
            let editor = self.editor(&key);
            let opened = editor.open(bytes.expose()).map_err(|error| self.edit_error(error))?;
            Ok(stored(&editor, &opened))
        })
    }

    fn apply<'a>(&'a self, changes: &'a [Change], report: WriteReport<'a>) -> WriteFuture<'a, ()> {
        Box::pin(async {
            for (change, outcome) in changes.iter().zip(self.change(changes).await?) {
                report(change, outcome.into());
            }
            Ok(())
        })
    }

    fn is_transactional(&self) -> bool {
        true
    }
}

impl SopsFile {
    fn editor<'a>(&'a self, key: &'a cipher::DataKey) -> Editor<'a> {
        Editor { format: self.format, selection: &self.selection, key }
    }

    fn edit_error(&self, error: EditError) -> WriteError {
        match error {
            EditError::Read(reason) => WriteError::Read(self.fault(reason)),
            error => WriteError::Edit { path: self.file.clone(), error },
        }
    }

    fn missing(&self) -> WriteError {
        WriteError::Read(
            self.fault(Reason::File(private_file::Error::Missing { path: self.file.clone() })),
        )
    }

    async fn key_of(&self, bytes: &[u8]) -> Result<cipher::DataKey, WriteError> {
        let key = async {
            let loaded = format::load(bytes, self.format)?;
            let metadata = Metadata::read(&loaded.metadata)?;
            self.data_key(&metadata).await
        };
        key.await.map_err(|reason| WriteError::Read(self.fault(reason)))
    }

    async fn change(&self, changes: &[Change]) -> Result<Vec<WriteOutcome>, WriteError> {
        check_changes(changes, &KeptAnnotations::default())?;
        let lock = Lock::acquire(&self.file, private_file::LOCK_TIMEOUT)?;
        let content = lock.read(MAX_SIZE)?.ok_or_else(|| self.missing())?;
        let mut file = Zeroizing::new(content.bytes.expose().to_vec());
        let key = self.key_of(&file).await?;
        let editor = self.editor(&key);
        let now = timestamp::utc(SystemTime::now());
        let opened = editor.open(&file).map_err(|error| self.edit_error(error))?;
        let mut known = stored(&editor, &opened);
        let mut outcomes = Vec::with_capacity(changes.len());
        for change in changes {
            let find = |name: &Name| known.iter().find(|secret| secret.name == *name);
            let revision = find(&change.name).map(|secret| &secret.revision);
            let outcome = change.outcome(revision, |to| find(to).is_some())?;
            outcomes.push(outcome);
            if outcome == WriteOutcome::Absent {
                continue;
            }
            file = editor.change(&file, change, &now).map_err(|error| self.edit_error(error))?;
            // A later change may be for the name that this one freed.
            if matches!(change.action, Action::Delete | Action::Rename { .. }) {
                let opened = editor.open(&file).map_err(|error| self.edit_error(error))?;
                known = stored(&editor, &opened);
            }
        }
        if outcomes.iter().any(|outcome| *outcome != WriteOutcome::Absent) {
            lock.replace_with_mode(&file, content.mode)?;
        }
        Ok(outcomes)
    }
}

/// The secrets of a file, by the names that they have as variables.
fn stored(editor: &Editor<'_>, opened: &Opened) -> Vec<StoredSecret> {
    let secret = |(path, value): (Vec<String>, Zeroizing<Vec<u8>>)| {
        let steps: Vec<Step> = path.iter().map(|text| Step::key(text)).collect();
        Some(StoredSecret {
            name: Name::new(editor.name_of(&steps)?),
            revision: Revision::of_content([value.as_slice()]),
            value: Value::from(value.as_slice()),
            annotations: Annotations::default(),
        })
    };
    leaves(&opened.tree).into_iter().filter_map(secret).collect()
}
