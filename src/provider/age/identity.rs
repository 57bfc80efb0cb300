//! Identities: the private keys and passphrases that open age files, and the text that they are read from.

use std::fmt;

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use scrypt::Params;
use zeroize::Zeroizing;

use super::error::{Error, KeyError};
use super::header::{FileKey, Stanza, decode, derive};
use super::hybrid::HybridKey;
use super::ssh::{SshKey, is_ssh};
use crate::seal::bech32::decode_key;
use crate::seal::x25519::X25519Identity;
use crate::secret::Value;

/// The largest work factor of scrypt that is accepted: 4 GiB, as age itself does.
pub(super) const MAX_WORK_FACTOR: u8 = 22;

const X25519_LABEL: &[u8] = b"age-encryption.org/v1/X25519";
const SCRYPT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";

/// A private key or a passphrase. Wiped when dropped.
pub struct Identity(Kind);

enum Kind {
    X25519(X25519Identity),
    Hybrid(Box<HybridKey>),
    Ssh(Box<SshKey>),
    Passphrase(Value),
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::X25519(_) => "X25519(..)",
            Kind::Hybrid(_) => "Hybrid(..)",
            Kind::Ssh(_) => "Ssh(..)",
            Kind::Passphrase(_) => "Passphrase(..)",
        })
    }
}

impl Identity {
    /// Takes a passphrase.
    pub fn from_passphrase(passphrase: Value) -> Self {
        Self(Kind::Passphrase(passphrase))
    }

    /// Parses an OpenSSH private key.
    pub fn from_ssh(text: &[u8]) -> Result<Self, KeyError> {
        let text = std::str::from_utf8(text).map_err(|_| KeyError::NotSsh)?;
        SshKey::parse(text).map(|key| Self(Kind::Ssh(Box::new(key))))
    }

    fn parse(word: &str) -> Option<Self> {
        if let Some(seed) = decode_key(word, "AGE-SECRET-KEY-PQ-") {
            return Some(Self(Kind::Hybrid(Box::new(HybridKey::new(seed)))));
        }
        X25519Identity::parse(word).map(|identity| Self(Kind::X25519(identity)))
    }

    /// The file key, if one of these stanzas is for this identity.
    pub(super) fn unwrap(&self, stanzas: &[Stanza<'_>]) -> Result<Option<FileKey>, Error> {
        Ok(match &self.0 {
            Kind::X25519(identity) => {
                stanzas.iter().find_map(|stanza| unwrap_x25519(identity, stanza))
            }
            Kind::Hybrid(key) => stanzas.iter().find_map(|stanza| key.unwrap(stanza)),
            Kind::Ssh(key) => stanzas.iter().find_map(|stanza| key.unwrap(stanza)),
            Kind::Passphrase(passphrase) => match stanzas {
                [stanza] if stanza.kind == "scrypt" => Some(unwrap_scrypt(passphrase, stanza)?),
                _ => None,
            },
        })
    }
}

/// Parses identities, one a line, as the files of age-keygen hold them. Empty lines and lines that begin
/// with `#` are ignored. With `words`, a line may hold several.
pub fn parse_identities(text: &[u8], words: bool) -> Result<Vec<Identity>, KeyError> {
    let text = std::str::from_utf8(text).map_err(|_| KeyError::Line(1))?;
    if is_ssh(text) {
        return Err(KeyError::Ssh);
    }
    let mut identities = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut parse = |word: &str| {
            let fault = if word.to_ascii_uppercase().starts_with("AGE-PLUGIN-") {
                KeyError::Plugin(number)
            } else {
                KeyError::Line(number)
            };
            identities.push(Identity::parse(word).ok_or(fault)?);
            Ok(())
        };
        if words {
            line.split_whitespace().try_for_each(parse)?;
        } else {
            parse(line)?;
        }
    }
    if identities.is_empty() { Err(KeyError::Empty) } else { Ok(identities) }
}

fn unwrap_x25519(identity: &X25519Identity, stanza: &Stanza<'_>) -> Option<FileKey> {
    let [share] = stanza.arguments[..] else { return None };
    if stanza.kind != "X25519" {
        return None;
    }
    let share: [u8; 32] = decode(share)?.try_into().ok()?;
    let shared = identity.shared_secret(&share)?;
    let salt = [share, identity.recipient().0].concat();
    unwrap_with(&salt, shared.as_slice(), X25519_LABEL, &stanza.body)
}

fn unwrap_scrypt(passphrase: &Value, stanza: &Stanza<'_>) -> Result<FileKey, Error> {
    let malformed = || Error::Header("the passphrase recipient is malformed");
    let [salt, factor] = stanza.arguments[..] else { return Err(malformed()) };
    let salt = decode(salt).filter(|salt| salt.len() == 16).ok_or_else(malformed)?;
    let is_canonical =
        !factor.starts_with(['0', '+']) && factor.bytes().all(|byte| byte.is_ascii_digit());
    let factor: u8 = factor.parse().ok().filter(|_| is_canonical).ok_or_else(malformed)?;
    if factor > MAX_WORK_FACTOR {
        return Err(Error::WorkFactor(factor));
    }
    let salt = [SCRYPT_LABEL, &salt].concat();
    let mut key = Zeroizing::new([0; 32]);
    let parameters = Params::new(factor, 8, 1).map_err(|_| Error::WorkFactor(factor))?;
    scrypt::scrypt(passphrase.expose(), &salt, &parameters, key.as_mut_slice())
        .map_err(|_| malformed())?;
    open(&key, &stanza.body).ok_or(Error::WrongPassphrase)
}

/// Unwraps a file key with the key that HKDF derives from a shared secret.
pub(super) fn unwrap_with(
    salt: &[u8],
    shared: &[u8],
    label: &[u8],
    body: &[u8],
) -> Option<FileKey> {
    let mut key = Zeroizing::new([0; 32]);
    derive(Some(salt), shared, label, key.as_mut_slice());
    open(&key, body)
}

fn open(key: &[u8; 32], body: &[u8]) -> Option<FileKey> {
    let (body, tag) = body.split_last_chunk::<16>()?;
    let mut file_key = Zeroizing::new(<[u8; 16]>::try_from(body).ok()?);
    ChaCha20Poly1305::new(key.into())
        .decrypt_inout_detached(&[0; 12].into(), &[], file_key.as_mut_slice().into(), tag.into())
        .ok()?;
    Some(file_key)
}
