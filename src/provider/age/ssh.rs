//! OpenSSH private keys of type Ed25519 as age identities. It reads the format `openssh-key-v1` without a
//! passphrase; RSA and older formats are told apart and refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256, Sha512};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::error::KeyError;
use super::header::{FileKey, Stanza, decode, derive};
use super::identity::unwrap_with;

const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";
const MAGIC: &[u8] = b"openssh-key-v1\0";
const TYPE: &[u8] = b"ssh-ed25519";
const LABEL: &[u8] = b"age-encryption.org/v1/ssh-ed25519";

/// An Ed25519 key, as X25519 uses it.
pub(super) struct SshKey {
    /// The public key in SSH's wire format.
    wire: Vec<u8>,
    secret: StaticSecret,
    public: PublicKey,
}

/// Whether this is a private key of SSH, in any format.
pub(super) fn is_ssh(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or_default();
    first.starts_with("-----BEGIN ") && first.trim_end().ends_with(" PRIVATE KEY-----")
}

impl SshKey {
    /// Parses a private key file.
    pub(super) fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let Some(body) = text.strip_prefix(BEGIN).and_then(|body| body.strip_suffix(END)) else {
            return Err(if is_ssh(text) { KeyError::SshType } else { KeyError::NotSsh });
        };
        let mut compact = Zeroizing::new(String::with_capacity(body.len()));
        compact.extend(body.chars().filter(|c| !c.is_ascii_whitespace()));
        let mut bytes = Zeroizing::new(vec![0; compact.len() / 4 * 3 + 3]);
        let length = STANDARD.decode_slice(compact.as_bytes(), bytes.as_mut_slice());
        let length = length.map_err(|_| KeyError::NotSsh)?;
        Self::parse_binary(bytes.get(..length).unwrap_or_default())
    }

    fn parse_binary(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(KeyError::NotSsh)?;
        let cipher = field(&mut rest)?;
        let (_kdf, _options) = (field(&mut rest)?, field(&mut rest)?);
        if number(&mut rest)? != 1 {
            return Err(KeyError::NotSsh);
        }
        let wire = field(&mut rest)?.to_vec();
        let mut public = wire.as_slice();
        if field(&mut public)? != TYPE {
            return Err(KeyError::SshType);
        }
        if cipher != b"none" {
            return Err(KeyError::SshPassphrase);
        }
        let mut private = field(&mut rest)?;
        let checks = (number(&mut private)?, number(&mut private)?);
        if checks.0 != checks.1 || field(&mut private)? != TYPE {
            return Err(KeyError::NotSsh);
        }
        let own = field(&mut private)?;
        let pair = field(&mut private)?;
        let (seed, _) = pair.split_first_chunk::<32>().ok_or(KeyError::NotSsh)?;
        if pair.len() != 64 || own != field(&mut public)? {
            return Err(KeyError::NotSsh);
        }
        let mut hash = Zeroizing::new([0; 64]);
        hash.copy_from_slice(&Sha512::digest(seed));
        let mut scalar = Zeroizing::new([0; 32]);
        scalar.copy_from_slice(&hash[..32]);
        let secret = StaticSecret::from(*scalar);
        let public = PublicKey::from(&secret);
        Ok(Self { wire, secret, public })
    }

    /// The file key, if this stanza is for this key.
    pub(super) fn unwrap(&self, stanza: &Stanza<'_>) -> Option<FileKey> {
        let [tag, share] = stanza.arguments[..] else { return None };
        if stanza.kind != "ssh-ed25519" || decode(tag)? != Sha256::digest(&self.wire)[..4] {
            return None;
        }
        let share: [u8; 32] = decode(share)?.try_into().ok()?;
        let shared = self.secret.diffie_hellman(&PublicKey::from(share));
        let mut tweak = Zeroizing::new([0; 32]);
        derive(Some(&self.wire), &[], LABEL, tweak.as_mut_slice());
        let tweaked =
            StaticSecret::from(*tweak).diffie_hellman(&PublicKey::from(*shared.as_bytes()));
        let salt = [share, *self.public.as_bytes()].concat();
        unwrap_with(&salt, tweaked.as_bytes(), LABEL, &stanza.body)
    }
}

fn number(rest: &mut &[u8]) -> Result<u32, KeyError> {
    let (number, after) = rest.split_first_chunk::<4>().ok_or(KeyError::NotSsh)?;
    *rest = after;
    Ok(u32::from_be_bytes(*number))
}

fn field<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], KeyError> {
    let length = usize::try_from(number(rest)?).unwrap_or(usize::MAX);
    let (field, after) = rest.split_at_checked(length).ok_or(KeyError::NotSsh)?;
    *rest = after;
    Ok(field)
}
