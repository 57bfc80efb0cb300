//! The envelope: what sealed bytes look like in a file, and how they are opened.
//! It does no I/O and does not know what it seals.
//!
//! There are two versions. An envelope of version 1 has one key; the cache writes it. An envelope of
//! version 2 has a slot for each recipient, any of whose keys opens it; the local store writes it. Both are
//! read. The module `slots` describes version 2, and the rest of this text version 1.
//!
//! # Format
//!
//! All numbers are unsigned, the most significant byte first. `n` is the length of the plaintext.
//!
//! | offset  | size | field |
//! |--------:|-----:|-------|
//! |       0 |    8 | magic: `8f 68 75 73 68 65 64 0a` (0x8f, `hushed`, LF) |
//! |       8 |    2 | format version: 1 |
//! |      10 |    4 | kind: what is sealed, four ASCII characters |
//! |      14 |    2 | derivation: 1 random key, 2 passphrase, 3 machine credential |
//! |      16 |    4 | Argon2id memory in KiB (0 but for a passphrase) |
//! |      20 |    4 | Argon2id passes (0 but for a passphrase) |
//! |      24 |    4 | Argon2id lanes (0 but for a passphrase) |
//! |      28 |   32 | salt, random |
//! |      60 |   24 | nonce, random |
//! |      84 |   32 | key check |
//! |     116 |    8 | `n` |
//! |     124 |  `n` | ciphertext |
//! | 124+`n` |   16 | Poly1305 tag |
//! | 140+`n` |   32 | BLAKE2b-256 (RFC 7693) of all bytes before |
//!
//! The file ends there: it has 172+`n` bytes.
//!
//! ```text
//! secret     = the key's 32 bytes                                              (derivation 1)
//!            = Argon2id v1.3(passphrase, salt, memory, passes, lanes, 32 bytes) (derivation 2)
//!            = the credential's bytes                                         (derivation 3)
//! prk        = HKDF-SHA256-Extract(salt, secret)
//! key        = HKDF-SHA256-Expand(prk, "hushed envelope 1: seal", 32)
//! key check  = HKDF-SHA256-Expand(prk, "hushed envelope 1: check", 32)
//! ciphertext, tag = XChaCha20-Poly1305(key, nonce, bytes 0 to 123 ‖ context, plaintext)
//! ```
//!
//! The context is what whoever seals binds the content to, and is not in the file; a local store binds
//! it to nothing (no byte).
//!
//! # Reasons
//!
//! - Salt and nonce are new in each envelope, so no key and nonce meet twice, however many there
//!   are; 24 bytes of nonce are enough to be drawn at random even for one key.
//! - The whole header is associated data: neither kind nor parameters can be changed unseen.
//! - The key check tells a wrong key from altered content. It is the output of a one-way function
//!   under its own label, so it tells nothing of the key. For a passphrase it gives a guesser no
//!   more than the tag would. It also commits the envelope to one key, which Poly1305 alone does not.
//! - The checksum is no protection from anybody: it tells a damaged file from an altered one. It
//!   comes first, so damage is never taken for a wrong key.
//! - A machine credential (a client secret, a token) is made by a server and is as hard to guess as a
//!   key, so it is not stretched. What a person chose must be a passphrase.
//! - The header is of fixed length, so header and context cannot be taken for one another.
//! - The parameters of Argon2id are bounded before any memory is taken for them.
//! - An older envelope in place of a newer one is not noticed; who may write the file may do that.
//!
//! # What is wrong
//!
//! Checked in this order, so that each thing that can happen to a file has one name:
//!
//! | what | error |
//! |------|-------|
//! | another magic | [`Error::NotOurs`] |
//! | another format version | [`Error::UnknownVersion`] |
//! | fewer bytes than the header says, or no whole header | [`Error::Truncated`] |
//! | more bytes, or another checksum | [`Error::Damaged`] |
//! | another kind | [`Error::OtherKind`] |
//! | a key of another kind than it was sealed with | [`Error::NeedsPassphrase`], [`Error::NeedsKeyFile`], [`Error::NeedsCredential`] |
//! | an unknown derivation, or parameters out of bounds | [`Error::UnknownDerivation`], [`Error::ExcessiveCost`] |
//! | another key check | [`Error::WrongKey`] |
//! | another tag, or another context | [`Error::Altered`] |

use std::mem::take;

use blake2::{Blake2b256, Digest as _};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use ring::rand::{SecureRandom as _, SystemRandom};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::derive::{Argon2Cost, DerivedKeys, ENVELOPE_1, Labels, from_passphrase, from_random};
use super::key::{Key, KeyMaterial};
use crate::secret::Value;
use crate::sys::stack::clear_stack_after;

mod error;
mod header;
mod slots;

pub use error::Error;
use header::Header;
pub use slots::{MAX_RECIPIENTS, PassphraseRecipient, Recipient, seal_for, seal_to};

const TAG: usize = 16;
const CHECKSUM: usize = 32;

/// The number of bytes that sealing with one key adds.
pub const OVERHEAD: usize = Header::LENGTH + TAG + CHECKSUM;

/// What is sealed: an envelope of one kind does not open as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvelopeKind(pub [u8; 4]);

/// Seals bytes.
pub fn seal(kind: EnvelopeKind, key: &Key, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    seal_with_context(kind, key, &[], plaintext)
}

/// Seals bytes that open in this context only.
pub fn seal_with_context(
    kind: EnvelopeKind,
    key: &Key,
    context: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, Error> {
    let (mut salt, mut nonce) = ([0; 32], [0; 24]);
    let random = SystemRandom::new();
    random
        .fill(&mut salt)
        .and_then(|()| random.fill(&mut nonce))
        .map_err(|_| Error::NoRandomness)?;
    clear_stack_after(|| seal_with(kind, key, context, plaintext, (salt, nonce)))
}

fn seal_with(
    kind: EnvelopeKind,
    key: &Key,
    context: &[u8],
    plaintext: &[u8],
    (salt, nonce): ([u8; 32], [u8; 24]),
) -> Result<Vec<u8>, Error> {
    let (derivation, parameters, derived) = derive_new(key, &salt, &ENVELOPE_1)?;
    let length = u64::try_from(plaintext.len()).expect("a length fits into 64 bits");
    let check = derived.check;
    let header = Header { kind, derivation, parameters, salt, nonce, check, length }.encode();

    // It holds plaintext until it is encrypted in place, so it is wiped if that never comes.
    let mut sealed = Zeroizing::new(Vec::with_capacity(OVERHEAD + plaintext.len()));
    sealed.extend_from_slice(&header);
    sealed.extend_from_slice(plaintext);
    let (_, body) = sealed.split_at_mut(Header::LENGTH);
    let tag = cipher(&derived)
        .encrypt_inout_detached(&nonce.into(), &[&header, context].concat(), body.into())
        .expect("XChaCha20 encrypts up to 256 GiB");
    sealed.extend_from_slice(&tag);
    let checksum = checksum(&sealed);
    sealed.extend_from_slice(&checksum);
    Ok(take(&mut *sealed))
}

/// Opens an envelope of this kind. What was in it is wiped, but not hidden, which would cost time for
/// every page: it is there to be taken apart at once.
pub fn open(kind: EnvelopeKind, key: &Key, sealed: &[u8]) -> Result<Value, Error> {
    open_with_context(kind, key, &[], sealed)
}

/// Opens an envelope of this kind that was sealed in this context.
pub fn open_with_context(
    kind: EnvelopeKind,
    key: &Key,
    context: &[u8],
    sealed: &[u8],
) -> Result<Value, Error> {
    clear_stack_after(|| opened(kind, key, context, sealed)).map(|(_, plaintext)| plaintext)
}

/// Opens an envelope like [`open`], and tells what opens it.
pub fn open_with_openers(kind: EnvelopeKind, key: &Key, sealed: &[u8]) -> Result<Opened, Error> {
    let (own, plaintext) = clear_stack_after(|| opened(kind, key, &[], sealed))?;
    Ok(Opened { plaintext, openers: openers(sealed)?, own })
}

/// An envelope that was opened.
#[derive(Debug)]
pub struct Opened {
    /// What was sealed.
    pub plaintext: Value,
    /// What opens it.
    pub openers: Vec<Opener>,
    /// The number of the opener that opened it.
    pub own: usize,
}

/// What opens an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opener {
    /// The secret of a recipient, for whom anybody can seal.
    Recipient(Recipient),
    /// A key file, for which only its holder can seal.
    KeyFile,
    /// A passphrase, for which only those who know it can seal.
    Passphrase,
    /// A machine credential.
    Credential,
    /// Something that a newer hushed knows.
    Unknown,
}

impl Opener {
    fn from_derivation(derivation: u16) -> Self {
        match derivation {
            header::RANDOM => Self::KeyFile,
            header::PASSPHRASE => Self::Passphrase,
            header::CREDENTIAL => Self::Credential,
            _ => Self::Unknown,
        }
    }
}

/// What an envelope opens with. Its header is not verified.
pub fn openers(sealed: &[u8]) -> Result<Vec<Opener>, Error> {
    if header::version(sealed)? == header::SLOTTED {
        return slots::openers(sealed);
    }
    Ok(vec![Opener::from_derivation(Header::parse(sealed)?.derivation)])
}

fn opened(
    kind: EnvelopeKind,
    key: &Key,
    context: &[u8],
    sealed: &[u8],
) -> Result<(usize, Value), Error> {
    if header::version(sealed)? == header::SLOTTED {
        return slots::open(kind, key, context, sealed);
    }
    let header = Header::parse(sealed)?;
    let parts = split_envelope(Header::LENGTH, header.length, sealed)?;

    if header.kind != kind {
        return Err(Error::OtherKind { found: header.kind, wanted: kind });
    }
    let derived =
        derive_again(key, header.derivation, header.parameters, &header.salt, &ENVELOPE_1)?;
    if !bool::from(derived.check.ct_eq(&header.check)) {
        return Err(Error::WrongKey);
    }

    let mut plaintext = Zeroizing::new(parts.ciphertext.to_vec());
    cipher(&derived)
        .decrypt_inout_detached(
            &header.nonce.into(),
            &[parts.header, context].concat(),
            plaintext.as_mut_slice().into(),
            &(*parts.tag).into(),
        )
        .map_err(|_| Error::Altered)?;
    Ok((0, Value::plain(take(&mut *plaintext))))
}

/// Whether an envelope opens with a passphrase and with no key file. Its header is not verified: this is
/// for a message about a key that is missing.
pub fn needs_passphrase(sealed: &[u8]) -> bool {
    let needs = |opener: &Opener| {
        matches!(opener, Opener::Passphrase | Opener::Recipient(Recipient::Passphrase(_)))
    };
    let openers = openers(sealed).unwrap_or_default();
    let is_key = |opener: &Opener| {
        matches!(opener, Opener::KeyFile | Opener::Recipient(Recipient::X25519(_)))
    };
    openers.iter().any(needs) && !openers.iter().any(is_key)
}

struct EnvelopeParts<'a> {
    header: &'a [u8],
    ciphertext: &'a [u8],
    tag: &'a [u8; TAG],
}

/// The parts of an envelope whose bytes are all there and all undamaged: a header, so many bytes of
/// ciphertext, the tag and the checksum.
fn split_envelope(header: usize, length: u64, sealed: &[u8]) -> Result<EnvelopeParts<'_>, Error> {
    let found = sealed.len();
    let expected =
        usize::try_from(length).unwrap_or(usize::MAX).saturating_add(header + TAG + CHECKSUM);
    if found < expected {
        return Err(Error::Truncated { found, expected: Some(expected) });
    }
    let undamaged = sealed
        .split_last_chunk::<CHECKSUM>()
        .filter(|(before, sum)| found == expected && checksum(before) == **sum);
    undamaged
        .and_then(|(before, _)| {
            let (header, body) = before.split_at_checked(header)?;
            let (ciphertext, tag) = body.split_last_chunk()?;
            Some(EnvelopeParts { header, ciphertext, tag })
        })
        .ok_or(Error::Damaged)
}

/// Derives what seals with this key: the number of the derivation, its parameters, and the keys.
fn derive_new(
    key: &Key,
    salt: &[u8; 32],
    labels: &Labels,
) -> Result<(u16, [u32; 3], DerivedKeys), Error> {
    let unstretched = |secret: &Value| from_random(secret.expose(), salt, labels);
    Ok(match &key.0 {
        KeyMaterial::Random(key) | KeyMaterial::X25519(key) => {
            (header::RANDOM, [0; 3], unstretched(key))
        }
        KeyMaterial::Credential(secret) => (header::CREDENTIAL, [0; 3], unstretched(secret)),
        KeyMaterial::Passphrase { passphrase, cost } => {
            let derived = from_passphrase(passphrase.expose(), *cost, salt, labels)?;
            (header::PASSPHRASE, cost.parameters(), derived)
        }
    })
}

/// Derives the keys with the derivation and the parameters that an envelope states.
fn derive_again(
    key: &Key,
    derivation: u16,
    [memory_kib, passes, lanes]: [u32; 3],
    salt: &[u8; 32],
    labels: &Labels,
) -> Result<DerivedKeys, Error> {
    match (derivation, &key.0) {
        (header::RANDOM, KeyMaterial::Random(secret) | KeyMaterial::X25519(secret))
        | (header::CREDENTIAL, KeyMaterial::Credential(secret)) => {
            Ok(from_random(secret.expose(), salt, labels))
        }
        (header::PASSPHRASE, KeyMaterial::Passphrase { passphrase, .. }) => {
            let cost = Argon2Cost::new(memory_kib, passes, lanes)?;
            Ok(from_passphrase(passphrase.expose(), cost, salt, labels)?)
        }
        (header::RANDOM, _) => Err(Error::NeedsKeyFile),
        (header::PASSPHRASE, _) => Err(Error::NeedsPassphrase),
        (header::CREDENTIAL, _) => Err(Error::NeedsCredential),
        (found, _) => Err(Error::UnknownDerivation { found }),
    }
}

/// Unlike ring's SHA-256 it asks the processor nothing first.
fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    Blake2b256::digest(bytes).into()
}

fn cipher(derived: &DerivedKeys) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*derived.seal).into())
}

#[cfg(test)]
mod tests;
