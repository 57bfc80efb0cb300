//! Keys: what they are made of, where they come from, and how a key file is made.
//! It never makes a key unasked, and never prints one.
//!
//! A key file is one line of text, so that it survives copying, pasting and any secret store:
//!
//! ```text
//! hushed-key-1:<32 random bytes in standard base64, with padding>
//! ```
//!
//! An age identity file serves as one too: one `AGE-SECRET-KEY-1…`, and lines that begin with `#`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nix::unistd::{Gid, getegid, getgroups};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::Argon2Cost;
use super::bech32::decode_key;
use super::derive::{identity_of_key, identity_of_passphrase};
use super::envelope::{self, PassphraseRecipient, Recipient};
use super::private_file::{self, Lock};
use super::x25519::{IDENTITY_PREFIX, X25519Identity};
use crate::message::shown_path;
use crate::secret::Value;

const PREFIX: &str = "hushed-key-1:";
const KEY_LENGTH: usize = 32;
const ENCODED_LENGTH: usize = 44;

/// No key file is longer; a file that is was meant to be something else.
const LIMIT: u64 = 4096;

/// How long to wait for a key that comes through a pipe, unless told otherwise.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(30);

/// A key, ready to seal and to open. Wiped when dropped.
#[derive(Debug)]
pub struct Key(pub(super) KeyMaterial);

#[derive(Debug)]
pub(super) enum KeyMaterial {
    /// 32 random bytes.
    Random(Value),
    /// A passphrase, and what it costs to try one when something is sealed with it.
    Passphrase { passphrase: Value, cost: Argon2Cost },
    /// A secret that a server made, of any length.
    Credential(Value),
    /// The 32 bytes of an X25519 private key.
    X25519(Value),
}

impl Key {
    /// Draws a new random key.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        SystemRandom::new().fill(bytes.as_mut()).map_err(|_| Error::NoRandomness)?;
        Ok(Self(KeyMaterial::Random(Value::from(bytes.as_slice()))))
    }

    /// Takes the bytes of a random key, which came from where no text is needed.
    pub fn from_bytes(bytes: Value) -> Option<Self> {
        (bytes.len() == KEY_LENGTH).then_some(Self(KeyMaterial::Random(bytes)))
    }

    /// The bytes of a random key, to be kept where no text is needed; none of any other kind.
    pub fn bytes(&self) -> Option<&Value> {
        match &self.0 {
            KeyMaterial::Random(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether it is an X25519 identity itself.
    pub fn is_x25519(&self) -> bool {
        matches!(self.0, KeyMaterial::X25519(_))
    }

    /// The X25519 identity that this key is, or has; none of a passphrase or a credential.
    pub fn identity(&self) -> Option<X25519Identity> {
        match &self.0 {
            KeyMaterial::Random(bytes) => Some(identity_of_key(bytes.expose())),
            KeyMaterial::X25519(bytes) => {
                bytes.expose().try_into().ok().map(X25519Identity::from_bytes)
            }
            KeyMaterial::Passphrase { .. } | KeyMaterial::Credential(_) => None,
        }
    }

    /// Makes a recipient of this key, for whom others can seal. That of a passphrase has a new salt.
    pub fn to_recipient(&self) -> Result<Recipient, envelope::Error> {
        match (self.identity(), &self.0) {
            (Some(identity), _) => Ok(Recipient::X25519(identity.recipient())),
            (None, KeyMaterial::Passphrase { passphrase, cost }) => {
                let mut salt = [0; 32];
                let filled = SystemRandom::new().fill(&mut salt);
                filled.map_err(|_| envelope::Error::NoRandomness)?;
                let identity = identity_of_passphrase(passphrase.expose(), *cost, &salt)?;
                let recipient = identity.recipient();
                Ok(Recipient::Passphrase(PassphraseRecipient { cost: *cost, salt, recipient }))
            }
            (None, _) => Err(envelope::Error::NeedsKeyFile),
        }
    }

    /// Takes a credential that a server made at random: nobody can guess it. What a person chose is
    /// a passphrase.
    pub fn from_credential(secret: Value) -> Result<Self, Error> {
        if secret.is_empty() {
            return Err(Error::EmptyCredential);
        }
        Ok(Self(KeyMaterial::Credential(secret)))
    }

    /// Takes a passphrase. The cost counts for what is sealed from now on; what was sealed before
    /// says itself what it cost.
    pub fn from_passphrase(passphrase: Value, cost: Argon2Cost) -> Result<Self, Error> {
        if passphrase.is_empty() {
            return Err(Error::EmptyPassphrase);
        }
        Ok(Self(KeyMaterial::Passphrase { passphrase, cost }))
    }

    /// Parses a key given as text: its 32 bytes in base64, or the content of a key file. The origin is for
    /// the error.
    pub fn parse_text(text: &[u8], origin: &str) -> Result<Self, Error> {
        let text = text.trim_ascii();
        if let Some(identity) = Self::parse_identity(text) {
            return Ok(identity);
        }
        let encoded = text.strip_prefix(PREFIX.as_bytes()).unwrap_or(text);
        Self::decode(encoded).map_err(|_| Error::InvalidText { origin: origin.to_owned() })
    }

    /// Parses the content of a key file; the path is for the error.
    pub fn parse(content: &[u8], path: &Path) -> Result<Self, Error> {
        if let Some(identity) = Self::parse_identity(content) {
            return Ok(identity);
        }
        let line = content.strip_suffix(b"\n").unwrap_or(content);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(encoded) = line.strip_prefix(PREFIX.as_bytes()) else {
            return Err(Error::NotAKey { path: path.into() });
        };
        Self::decode(encoded).map_err(|error| match error {
            DecodeError::Length => Error::WrongLength { path: path.into() },
            DecodeError::NotBase64 => Error::NotBase64 { path: path.into() },
        })
    }

    /// Parses an age identity file that holds one X25519 identity.
    fn parse_identity(content: &[u8]) -> Option<Self> {
        let lines = str::from_utf8(content).ok()?.lines();
        let mut words = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (word, None) = (words.next()?, words.next()) else { return None };
        let bytes = decode_key(word, IDENTITY_PREFIX)?;
        Some(Self(KeyMaterial::X25519(Value::from(bytes.as_slice()))))
    }

    fn decode(encoded: &[u8]) -> Result<Self, DecodeError> {
        if encoded.len() != ENCODED_LENGTH {
            return Err(DecodeError::Length);
        }
        // The decoder writes three bytes at a time.
        let mut bytes = Zeroizing::new([0; ENCODED_LENGTH / 4 * 3]);
        let length =
            STANDARD.decode_slice(encoded, bytes.as_mut()).map_err(|_| DecodeError::NotBase64)?;
        let key = bytes.get(..length).filter(|key| key.len() == KEY_LENGTH);
        key.map(|key| Self(KeyMaterial::Random(Value::from(key)))).ok_or(DecodeError::Length)
    }
}

/// Why text is not a key.
enum DecodeError {
    Length,
    NotBase64,
}

/// Where a key comes from. It is read when it is needed, not before.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A key file of the user's own: nobody else may read it.
    File(PathBuf),
    /// A key file that somebody else put there for us: a systemd credential, a mounted secret. Who
    /// may read it is their business.
    Credential(PathBuf),
    /// The key itself, as text.
    Text {
        /// Its 32 bytes in base64, or the content of a key file.
        text: Value,
        /// Where it was read from: `HUSHED_KEY`.
        origin: String,
    },
    /// A passphrase.
    Passphrase {
        /// The passphrase itself.
        passphrase: Value,
        /// What it costs to try one.
        cost: Argon2Cost,
    },
}

impl fmt::Display for KeySource {
    /// Names the place, never the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the key file `{}`", shown_path(path)),
            Self::Credential(path) => write!(f, "the credential `{}`", shown_path(path)),
            Self::Text { origin, .. } => write!(f, "the key in {origin}"),
            Self::Passphrase { .. } => f.write_str("the passphrase"),
        }
    }
}

impl KeySource {
    /// Reads the key.
    pub fn load(&self) -> Result<Key, Error> {
        self.load_within(DEFAULT_PATIENCE)
    }

    /// Reads the key, and waits this long for one that comes through a pipe.
    pub fn load_within(&self, patience: Duration) -> Result<Key, Error> {
        match self {
            Self::File(path) => {
                let content = read(path, patience)?;
                if content.is_regular && !is_private(content.mode, content.gid) {
                    return Err(Error::Exposed { path: path.into(), mode: content.mode });
                }
                Key::parse(content.bytes.expose(), path)
            }
            Self::Credential(path) => Key::parse(read(path, patience)?.bytes.expose(), path),
            Self::Text { text, origin } => Key::parse_text(text.expose(), origin),
            Self::Passphrase { passphrase, cost } => {
                Key::from_passphrase(passphrase.clone(), *cost)
            }
        }
    }
}

/// Whether a key file of this mode is readable by its owner alone, or by one of our groups in the way of a
/// Kubernetes volume with an `fsGroup`: readable by owner and group, and writable by nobody.
pub fn is_private(mode: u32, gid: u32) -> bool {
    const OWNER_ONLY: u32 = 0o700;
    const READ_WITH_GROUP: u32 = 0o440;
    let is_within = |permitted: u32| mode & 0o777 & !permitted == 0;
    is_within(OWNER_ONLY) || (is_within(READ_WITH_GROUP) && is_own_group(gid))
}

/// Whether this process is in a group.
fn is_own_group(gid: u32) -> bool {
    let is_this = |group: &Gid| group.as_raw() == gid;
    is_this(&getegid()) || getgroups().is_ok_and(|groups| groups.iter().any(is_this))
}

fn read(path: &Path, patience: Duration) -> Result<private_file::FileContent, Error> {
    private_file::read_within(path, LIMIT, || patience).map_err(|error| match error {
        private_file::Error::Missing { path } => Error::Missing { path },
        error => Error::File(error),
    })
}

/// Makes a new random key and a key file for it, mode 0600, on the disk when this returns. A file
/// that is there already is never touched.
pub fn create(path: &Path) -> Result<Key, Error> {
    let key = Key::random()?;
    let bytes = key.bytes().map_or(&[][..], Value::expose);
    Lock::acquire(path, private_file::LOCK_TIMEOUT)?.create(format(bytes).as_slice())?;
    Ok(key)
}

/// The content of the key file for these bytes of a key.
fn format(key: &[u8]) -> Zeroizing<[u8; PREFIX.len() + ENCODED_LENGTH + 1]> {
    let mut line = Zeroizing::new([0; _]);
    let (prefix, rest) = line.split_at_mut(PREFIX.len());
    let (encoded, end) = rest.split_at_mut(ENCODED_LENGTH);
    prefix.copy_from_slice(PREFIX.as_bytes());
    STANDARD.encode_slice(key, encoded).expect("32 bytes are 44 characters of base64");
    end.copy_from_slice(b"\n");
    line
}

/// Why there is no key. The texts carry paths, never content.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such key file.
    #[error("the key file `{}` does not exist", shown_path(path))]
    Missing {
        /// The key file.
        path: PathBuf,
    },
    /// Others may read the key file.
    #[error(
        "the key file `{}` is accessible to other users: its mode is {mode:04o}",
        shown_path(path)
    )]
    Exposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It does not begin as a key file does.
    #[error(
        "`{}` is not a key file: it does not begin with `{PREFIX}`, and is not an age identity file",
        shown_path(path)
    )]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The key is cut short, or there is more than a key.
    #[error("the key in `{}` is not {KEY_LENGTH} bytes long", shown_path(path))]
    WrongLength {
        /// The key file.
        path: PathBuf,
    },
    /// The key is not base64.
    #[error("the key in `{}` is not base64", shown_path(path))]
    NotBase64 {
        /// The key file.
        path: PathBuf,
    },
    /// A key given as text is not one.
    #[error("{origin} is not a key: expected {KEY_LENGTH} bytes in base64")]
    InvalidText {
        /// Where it was read from.
        origin: String,
    },
    /// A passphrase of no characters.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// A credential of no characters.
    #[error("the credential is empty")]
    EmptyCredential,
    /// The kernel gave no random bytes.
    #[error("cannot get random bytes from the kernel for a key")]
    NoRandomness,
    /// The key file cannot be read or written.
    #[error(transparent)]
    File(#[from] private_file::Error),
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some("check the path of the key file".to_owned()),
            Self::Exposed { path, .. } => Some(format!(
                "run `chmod 600 {}`, and consider the key compromised if others could read it",
                path.display()
            )),
            Self::NotAKey { .. } => Some(
                "check the path; an age identity file has one X25519 identity, `AGE-SECRET-KEY-1…`"
                    .to_owned(),
            ),
            Self::WrongLength { .. } | Self::NotBase64 { .. } => {
                Some("check the path, or restore the key file from a backup".to_owned())
            }
            Self::InvalidText { origin } => {
                Some(format!("set {origin} to what follows `{PREFIX}` in the key file"))
            }
            Self::EmptyPassphrase => Some("use a passphrase of several words".to_owned()),
            Self::EmptyCredential | Self::NoRandomness => None,
            Self::File(error) => error.hint(),
        }
    }
}

#[cfg(test)]
mod tests;
