//! What wraps the data key of an entry: the machine credential, the kernel's keyring, a key file, a
//! systemd credential, or a passphrase. It makes a key only when an entry is to be written.

use std::io;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;

use super::Error;
use crate::config::CacheKey;
use crate::seal::key::{self, Key, KeySource};
use crate::seal::{Argon2Cost, paths, private_file};
use crate::secret::Value;
use crate::sys::keyring::Keyring;

/// The length of a key in the keyring.
const LENGTH: usize = 32;

/// Where the key is from that wraps data keys.
#[derive(Clone, Debug)]
pub(super) enum KeyWrapper {
    /// What proves who we are to the server.
    Credential(Value),
    /// A random key for each entry, in the kernel's keyring, for this long after the last write.
    Keyring(Duration),
    /// A key file, a systemd credential, or a passphrase.
    Source(KeySource),
}

impl KeyWrapper {
    /// What the settings say.
    pub(super) fn new(key: &CacheKey, proof: &Value, time: Duration) -> Self {
        match key {
            CacheKey::Credential => Self::Credential(proof.clone()),
            CacheKey::Keyring => Self::Keyring(time),
            CacheKey::File(path) => Self::Source(KeySource::File(path.clone())),
            CacheKey::Systemd(path) => Self::Source(KeySource::Credential(path.clone())),
            CacheKey::Passphrase(passphrase) => Self::Source(KeySource::Passphrase {
                passphrase: passphrase.value.clone(),
                cost: Argon2Cost::RECOMMENDED,
            }),
        }
    }

    /// The key of an entry that is there.
    pub(super) fn key_for_opening(&self, entry: &Path) -> Result<Key, Error> {
        match self {
            Self::Credential(secret) => {
                // Blanks around it are not sent either.
                let bare = Value::from(secret.expose().trim_ascii());
                Ok(Key::from_credential(bare)?)
            }
            Self::Source(source) => Ok(source.load()?),
            Self::Keyring(_) => {
                find_in_keyring(entry)?.ok_or_else(|| Error::Forgotten { path: entry.to_owned() })
            }
        }
    }

    /// The key of an entry that is to be written, made where it may be made.
    pub(super) fn key_for_sealing(&self, entry: &Path) -> Result<Key, Error> {
        match self {
            Self::Source(KeySource::File(path)) => load_or_create_key(path, entry),
            Self::Keyring(time) => match find_in_keyring(entry)? {
                // The same key, so that the older entry opens until it is replaced.
                Some(key) => store_in_keyring(entry, key, *time),
                None => store_in_keyring(entry, Key::random()?, *time),
            },
            _ => self.key_for_opening(entry),
        }
    }

    /// Forgets what was kept for an entry alone.
    pub(super) fn forget(&self, entry: &Path) {
        if matches!(self, Self::Keyring(_))
            && let Ok(keyring) = Keyring::open()
            && let Ok(Some(key)) = keyring.find(&key_description(entry))
        {
            // Without its entry it opens nothing.
            let _forgotten_in_time = key.invalidate();
        }
    }
}

/// The key of a file, which is made when there is none: all that it opens can be fetched again.
fn load_or_create_key(path: &Path, entry: &Path) -> Result<Key, Error> {
    let directory = entry.parent().unwrap_or(Path::new(""));
    if let Some(directory) = paths::resolve_within(path, directory)? {
        return Err(Error::KeyBeside { key: path.to_owned(), directory });
    }
    let source = KeySource::File(path.to_owned());
    match source.load() {
        Err(key::Error::Missing { .. }) => {}
        loaded => return Ok(loaded?),
    }
    private_file::create_directory(path.parent().unwrap_or(Path::new("")))?;
    match key::create(path) {
        // Another hushed was faster: its key is as good as ours.
        Err(key::Error::File(private_file::Error::Exists { .. })) => Ok(source.load()?),
        made => Ok(made?),
    }
}

fn find_in_keyring(entry: &Path) -> Result<Option<Key>, Error> {
    let read = || {
        let Some(key) = Keyring::open()?.find(&key_description(entry))? else { return Ok(None) };
        Ok(Key::from_bytes(Value::from(key.read(LENGTH)?.as_slice())))
    };
    read().map_err(keyring_error)
}

fn store_in_keyring(entry: &Path, key: Key, time: Duration) -> Result<Key, Error> {
    let bytes = key.bytes().map_or(&[][..], Value::expose);
    let put = || Keyring::open()?.put(&key_description(entry), bytes, time).map(drop);
    put().map_err(keyring_error)?;
    Ok(key)
}

fn keyring_error(errno: Errno) -> Error {
    Error::Keyring(io::Error::from(errno))
}

/// The name of a key in the keyring, which `/proc/keys` shows to the user: as dark as the file's.
fn key_description(entry: &Path) -> String {
    format!("hushed:cache:{}", entry.file_name().unwrap_or_default().to_string_lossy())
}
