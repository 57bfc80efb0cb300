//! Changing a dotenv file: all changes in one replacement of the file, which keeps its mode.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ring::hmac;
use ring::rand::SystemRandom;
use zeroize::Zeroizing;

use super::edit::{EditError, Editor};
use super::settings::Dotenv;
use super::{MAX_SIZE, ReadOptions, read};
use crate::provider::{
    self, Action, Annotations, Change, KeptAnnotations, Revision, StoredSecret, Write, WriteFuture,
    WriteOutcome, WriteRefusal, WriteReport, check_changes,
};
use crate::seal::private_file::{self, Lock};
use crate::secret::{Name, Value};

/// The mode of a new file.
const NEW_MODE: u32 = 0o600;

/// A dotenv file that hushed can change.
#[derive(Debug)]
pub(super) struct DotenvWriter {
    pub(super) file: Dotenv,
    pub(super) path: PathBuf,
}

/// Why a dotenv file was not changed. It is as it was.
#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    /// The change cannot be made, whatever the store.
    #[error(transparent)]
    Refused(#[from] WriteRefusal),
    /// The file cannot be changed as wanted.
    #[error("cannot change `{}`: {error}", path.display())]
    Edit {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: EditError,
    },
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] private_file::Error),
}

impl provider::ProviderError for WriteError {
    fn class(&self) -> provider::Class {
        match self {
            Self::Refused(refusal) => refusal.class(),
            Self::Edit { .. } | Self::File(_) => provider::Class::BadData,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.hint(),
            Self::File(error) => error.hint(),
            Self::Edit { error: EditError::Syntax(errors), .. } => Some(errors.hint()),
            Self::Edit { error: EditError::Unsupported { .. }, .. } => {
                Some("keep this secret in another store".to_owned())
            }
            Self::Edit { error: EditError::Entangled { .. }, .. } => {
                Some("change the line with an editor".to_owned())
            }
        }
    }

    fn names_its_place(&self) -> bool {
        true
    }
}

impl DotenvWriter {
    fn editor(&self) -> Editor {
        Editor::new(self.file.file.dialect, self.file.file.expand)
    }

    fn edit_error(&self, error: EditError) -> WriteError {
        WriteError::Edit { path: self.path.clone(), error }
    }

    /// The variables of a file, each with its last value. References are expanded where the dialect always does so.
    fn stored(&self, file: &[u8]) -> Result<Vec<StoredSecret>, WriteError> {
        let options = ReadOptions {
            dialect: self.file.file.dialect,
            expand: false,
            overrides: true,
            ..ReadOptions::default()
        };
        let document =
            read(file, options).map_err(|errors| self.edit_error(EditError::Syntax(errors)))?;
        let mut stored: Vec<StoredSecret> = Vec::new();
        for assignment in document.assignments {
            stored.retain(|known| known.name != assignment.name);
            stored.push(StoredSecret {
                revision: revision(&assignment.value),
                name: assignment.name,
                value: assignment.value,
                annotations: Annotations::default(),
            });
        }
        Ok(stored)
    }

    fn read_file(&self) -> Result<Vec<StoredSecret>, WriteError> {
        match private_file::read(&self.path, limit()) {
            Err(private_file::Error::Missing { .. }) => Ok(Vec::new()),
            content => self.stored(content?.bytes.expose()),
        }
    }

    fn change_file(&self, changes: &[Change]) -> Result<Vec<WriteOutcome>, WriteError> {
        check_changes(changes, &KeptAnnotations::default())?;
        let lock = Lock::acquire(&self.path, private_file::LOCK_TIMEOUT)?;
        let (mut file, mode) = match lock.read(limit())? {
            Some(content) => (Zeroizing::new(content.bytes.expose().to_vec()), content.mode),
            None => (Zeroizing::new(Vec::new()), NEW_MODE),
        };
        let editor = self.editor();
        let mut stored = self.stored(&file)?;
        let mut outcomes = Vec::with_capacity(changes.len());
        for change in changes {
            let find = |name: &Name| stored.iter().find(|secret| secret.name == *name);
            let known = find(&change.name).map(|secret| &secret.revision);
            outcomes.push(change.outcome(known, |to| find(to).is_some())?);
            let new_file = match &change.action {
                Action::Put { value, .. } => editor.set(&file, &change.name, value).map(Some),
                Action::Delete => editor.delete(&file, &change.name),
                Action::Rename { to } => editor.rename(&file, &change.name, to).map(Some),
            };
            if let Some(new_file) = new_file.map_err(|error| self.edit_error(error))? {
                file = new_file;
                stored = self.stored(&file)?;
            }
        }
        lock.replace_with_mode(&file, mode)?;
        Ok(outcomes)
    }
}

impl Write for DotenvWriter {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn check(&self, name: &Name, value: &Value) -> Result<(), provider::Error> {
        self.editor().set(&[], name, value).map_err(|error| self.edit_error(error))?;
        Ok(())
    }

    fn read_stored(&self) -> WriteFuture<'_, Vec<StoredSecret>> {
        Box::pin(async { Ok(self.read_file()?) })
    }

    fn apply<'a>(&'a self, changes: &'a [Change], report: WriteReport<'a>) -> WriteFuture<'a, ()> {
        Box::pin(async move {
            for (change, outcome) in changes.iter().zip(self.change_file(changes)?) {
                report(change, outcome.into());
            }
            Ok(())
        })
    }

    fn is_transactional(&self) -> bool {
        true
    }
}

/// The file to change; none for standard input.
pub(super) fn writer(file: &Dotenv) -> Option<DotenvWriter> {
    let path = file.file.path.as_deref().map(Path::to_owned)?;
    Some(DotenvWriter { file: file.clone(), path })
}

fn limit() -> u64 {
    u64::try_from(MAX_SIZE).unwrap_or(u64::MAX)
}

/// The state of a variable, which nobody can compute from a guessed value: the key is this process's own.
fn revision(value: &Value) -> Revision {
    static KEY: OnceLock<Option<hmac::Key>> = OnceLock::new();
    let key = KEY.get_or_init(|| hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok());
    let mut text = String::new();
    if let Some(key) = key {
        for byte in hmac::sign(key, value.expose()).as_ref() {
            let _ = write!(text, "{byte:02x}");
        }
    }
    Revision(text)
}
