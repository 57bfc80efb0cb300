//! The edited text that is not written yet: a sealed file, whose key is in the kernel's keyring and expires.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ring::digest;

use crate::config::base_directories;
use crate::seal::{EnvelopeKind, Key, envelope, private_file};
use crate::secret::{SecretBuffer, Value};
use crate::sys::keyring::Keyring;

const KIND: EnvelopeKind = EnvelopeKind(*b"edt2");

/// How long a draft opens.
const LIFETIME: Duration = Duration::from_hours(7 * 24);

const KEY_LENGTH: usize = 32;

/// The largest draft that is read, in bytes.
const MAX_SIZE: u64 = 65 << 20;

/// The texts of an edit.
pub(super) struct DraftTexts {
    /// What the store had when the edit began.
    pub(super) begun: Value,
    /// What was made of it.
    pub(super) edited: Value,
}

impl DraftTexts {
    /// The length of the first text in eight bytes, the least significant first, and both texts.
    fn to_bytes(&self) -> SecretBuffer {
        let mut bytes = SecretBuffer::with_capacity(8 + self.begun.len() + self.edited.len());
        bytes.push(u64::try_from(self.begun.len()).unwrap_or(u64::MAX).to_le_bytes());
        bytes.push(self.begun.expose());
        bytes.push(self.edited.expose());
        bytes
    }

    fn parse(bytes: &Value) -> Option<Self> {
        let (length, texts) = bytes.expose().split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (begun, edited) = texts.split_at_checked(length)?;
        Some(Self { begun: Value::from(begun), edited: Value::from(edited) })
    }
}

/// The draft of one place. Without a state directory or a keyring there is none.
pub(super) struct Draft {
    path: Option<PathBuf>,
    description: String,
}

impl Draft {
    /// The draft of a place that is edited, which may be a path relative to the working directory.
    pub(super) fn of(directory: &Path, place: &str) -> Self {
        let state = base_directories().and_then(|base| base.state_dir());
        let drafts = state.map(|state| state.join("hushed").join("edits"));
        let mut hash = digest::Context::new(&digest::SHA256);
        // The keyring is that of the user, whatever the home directory is.
        for part in [drafts.as_deref().unwrap_or(Path::new("")), directory, Path::new(place)] {
            hash.update(part.as_os_str().as_bytes());
            hash.update(&[0]);
        }
        let mut id = String::new();
        for byte in hash.finish().as_ref().iter().take(16) {
            let _infallible = write!(id, "{byte:02x}");
        }
        let path = drafts.map(|drafts| drafts.join(&id));
        Self { path, description: format!("hushed:edit:{id}") }
    }

    /// The texts of an earlier edit.
    pub(super) fn read(&self) -> Option<DraftTexts> {
        let sealed = private_file::read_private(self.path.as_ref()?, MAX_SIZE).ok()?;
        let bytes = Keyring::open().ok()?.find(&self.description).ok()??.read(KEY_LENGTH).ok()?;
        let key = Key::from_bytes(Value::from(bytes.as_slice()))?;
        DraftTexts::parse(&envelope::open(KIND, &key, sealed.bytes.expose()).ok()?)
    }

    /// Keeps the texts; whether that was possible.
    pub(super) fn write(&self, texts: &DraftTexts) -> bool {
        let Some(path) = &self.path else { return false };
        let Ok(key) = Key::random() else { return false };
        let Some(bytes) = key.bytes() else { return false };
        let put = || Keyring::open()?.put(&self.description, bytes.expose(), LIFETIME);
        let Ok(sealed) = envelope::seal(KIND, &key, texts.to_bytes().as_bytes()) else {
            return false;
        };
        let directory = path.parent().unwrap_or(path);
        put().is_ok()
            && private_file::private_directory(directory, true).is_ok()
            && private_file::write_atomically(path, &sealed).is_ok()
    }

    /// Removes it.
    pub(super) fn remove(&self) {
        if let Some(path) = &self.path {
            let _gone = private_file::remove(path);
        }
        if let Ok(keyring) = Keyring::open()
            && let Ok(Some(key)) = keyring.find(&self.description)
        {
            let _gone = key.invalidate();
        }
    }
}
