//! The files of a cache: their directory, their names, and how an entry is sealed in one. It decides
//! neither when an entry is used nor what is in it.
//!
//! The directory is of mode 0700, ours, and no symbolic link. In it:
//!
//! | file | content |
//! |---|---|
//! | `names` | 32 random bytes, the key of the names |
//! | 64 hexadecimal digits | an entry |
//! | `.NAME.hushed-new` | an entry that is being written, or was when its writer was killed |
//!
//! ```text
//! name    = hexadecimal HMAC-SHA256(names, scope)
//! entry   = envelope of kind `ckey`, context = scope, plaintext = data key (32 random bytes)
//!         ‖ envelope of kind `csec` (secrets) or `clog` (a login), key = data key, context = scope
//! ```
//!
//! The first envelope has 204 bytes; the second is the rest. Both are described in `seal::envelope`, the
//! scope in `scope`, what is sealed in `entry`. The scope is in no file: an entry opens only for whoever
//! asks for the same. Whoever has the directory learns how many entries there are, when they were
//! written, and their sizes to the next power of two; and may test whether there is an entry for a scope
//! that he knows already, ids and all.

use std::cell::OnceCell;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::key::KeyWrapper;
use super::scope::CacheScope;
use super::{Error, entry};
use crate::seal::key::Key;
use crate::seal::private_file::{self, Lock};
use crate::seal::{EnvelopeKind, envelope};
use crate::secret::Value;

/// The kind of envelope that a data key is in.
const WRAPPED: EnvelopeKind = EnvelopeKind(*b"ckey");

/// The length of a data key.
const DATA_KEY: usize = 32;

/// The length of the envelope that a data key is in.
const WRAPPED_LENGTH: usize = DATA_KEY + envelope::OVERHEAD;

/// The name of the file with the key of the names.
const NAME_KEY_FILE: &str = "names";

/// The length of the key of the names.
const NAME_KEY_LENGTH: usize = 32;

/// How long to wait for another hushed that makes the key of the names.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// A directory of sealed entries. Nothing is opened until needed.
pub(super) struct CacheDirectory {
    directory: PathBuf,
    name_key: OnceCell<hmac::Key>,
}

impl fmt::Debug for CacheDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheDirectory").field("directory", &self.directory).finish_non_exhaustive()
    }
}

/// Which state a file is in: another one, once it was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    inode: u64,
    seconds: i64,
    nanoseconds: i64,
    /// Its size in bytes.
    pub size: u64,
}

impl CacheDirectory {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory, name_key: OnceCell::new() }
    }

    /// The file of a scope; none where there is no cache at all.
    pub(super) fn path(&self, scope: &CacheScope) -> Result<Option<PathBuf>, Error> {
        if self.name_key.get().is_none() {
            if !private_file::private_directory(&self.directory, false)? {
                return Ok(None);
            }
            match private_file::read_private(&self.directory.join(NAME_KEY_FILE), 4096) {
                Ok(content) if content.bytes.len() == NAME_KEY_LENGTH => {
                    self.name_key.get_or_init(|| parse_name_key(&content.bytes));
                }
                // A damaged one names nothing; the next that is written is a new one.
                Ok(_) | Err(private_file::Error::Missing { .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.name_key.get().map(|key| self.entry_path(key, scope)))
    }

    /// The same where an entry is to be written: directory and key of the names are made.
    pub(super) fn prepare(&self, scope: &CacheScope) -> Result<PathBuf, Error> {
        if let Some(path) = self.path(scope)? {
            return Ok(path);
        }
        private_file::private_directory(&self.directory, true)?;
        let lock = Lock::acquire(&self.directory.join(NAME_KEY_FILE), LOCK_TIMEOUT)?;
        // Another hushed may have been faster.
        if let Some(path) = self.path(scope)? {
            return Ok(path);
        }
        let mut bytes = [0; NAME_KEY_LENGTH];
        let random = SystemRandom::new().fill(&mut bytes);
        random.map_err(|_| Error::Sealing(envelope::Error::NoRandomness))?;
        lock.replace(&bytes)?;
        Ok(self.entry_path(
            self.name_key.get_or_init(|| parse_name_key(&Value::from(&bytes[..]))),
            scope,
        ))
    }

    fn entry_path(&self, key: &hmac::Key, scope: &CacheScope) -> PathBuf {
        let tag = hmac::sign(key, scope.bytes());
        self.directory.join(hexadecimal(tag.as_ref()))
    }

    /// All entries of the directory, whoever can open them, and what killed writers left.
    pub(super) fn list_entries(&self) -> Result<Vec<PathBuf>, Error> {
        if !private_file::private_directory(&self.directory, false)? {
            return Ok(Vec::new());
        }
        let listing = fs::read_dir(&self.directory).map_err(|source| private_file::Error::Io {
            step: private_file::FileOperation::OpenDirectory,
            path: self.directory.clone(),
            source,
        })?;
        let ours = |path: &PathBuf| {
            path.file_name().is_some_and(|name| is_entry_name(&name.to_string_lossy()))
        };
        let mut paths: Vec<_> = listing.flatten().map(|entry| entry.path()).filter(ours).collect();
        paths.sort();
        Ok(paths)
    }
}

/// Whether a file is an entry, or one that is being written.
fn is_entry_name(name: &str) -> bool {
    let name = name.strip_prefix('.').and_then(|n| n.strip_suffix(".hushed-new")).unwrap_or(name);
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn parse_name_key(bytes: &Value) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes.expose())
}

/// Bytes as text.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// The state of a file, if there is one.
pub(super) fn file_stamp(path: &Path) -> Option<FileStamp> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some(FileStamp {
        inode: metadata.ino(),
        seconds: metadata.mtime(),
        nanoseconds: metadata.mtime_nsec(),
        size: metadata.size(),
    })
}

/// Opens an entry, if there is one.
pub(super) fn read(
    path: &Path,
    kind: EnvelopeKind,
    scope: &CacheScope,
    wrapper: &KeyWrapper,
) -> Result<Option<Value>, Error> {
    let limit = entry::MAX_SIZE + envelope::OVERHEAD + WRAPPED_LENGTH;
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let content = match private_file::read_private(path, limit) {
        Err(private_file::Error::Missing { .. }) => return Ok(None),
        content => content?,
    };
    let failed = |source| Error::Sealed { path: path.to_owned(), source };
    let sealed = content.bytes.expose();
    let Some((head, body)) = sealed.split_at_checked(WRAPPED_LENGTH) else {
        let cut = envelope::Error::Truncated { found: sealed.len(), expected: None };
        return Err(failed(cut));
    };
    let key = wrapper.key_for_opening(path)?;
    let data_key =
        envelope::open_with_context(WRAPPED, &key, scope.bytes(), head).map_err(failed)?;
    let data_key = Key::from_bytes(data_key).ok_or_else(|| failed(envelope::Error::Altered))?;
    envelope::open_with_context(kind, &data_key, scope.bytes(), body).map(Some).map_err(failed)
}

/// Seals an entry, and gives its file this content.
pub(super) fn write(
    lock: Lock,
    path: &Path,
    kind: EnvelopeKind,
    scope: &CacheScope,
    wrapper: &KeyWrapper,
    plaintext: &Value,
) -> Result<(), Error> {
    let data_key = Key::random()?;
    let bytes = data_key.bytes().map_or(&[][..], Value::expose);
    let key = wrapper.key_for_sealing(path)?;
    let seal = |kind, key: &Key, plaintext: &[u8]| {
        envelope::seal_with_context(kind, key, scope.bytes(), plaintext).map_err(Error::Sealing)
    };
    let mut sealed = seal(WRAPPED, &key, bytes)?;
    sealed.extend_from_slice(&seal(kind, &data_key, plaintext.expose())?);
    Ok(lock.replace(&sealed)?)
}

/// Destroys an entry; whether there was one.
pub(super) fn delete(path: &Path, wrapper: Option<&KeyWrapper>) -> Result<bool, Error> {
    if let Some(wrapper) = wrapper {
        wrapper.forget(path);
    }
    Ok(private_file::remove(path)?)
}
