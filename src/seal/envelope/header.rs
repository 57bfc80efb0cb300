//! The header of an envelope of version 1: 124 bytes of fixed layout, which the parent module documents,
//! and the beginning that all versions have. Whether the rest makes sense is for whoever opens.

use super::{EnvelopeKind, Error};

pub(super) const MAGIC: [u8; 8] = *b"\x8fhushed\n";

/// The version of envelopes with one key.
pub(super) const SINGLE: u16 = 1;

/// The version of envelopes with key slots, the newest that is known.
pub(super) const SLOTTED: u16 = 2;

/// The derivation of an envelope that is sealed with a random key.
pub(super) const RANDOM: u16 = 1;

/// The derivation of an envelope that is sealed with a passphrase.
pub(super) const PASSPHRASE: u16 = 2;

/// The derivation of an envelope that is sealed with a machine credential.
pub(super) const CREDENTIAL: u16 = 3;

/// The derivation of a slot for an X25519 recipient.
pub(super) const X25519: u16 = 4;

/// The derivation of a slot for the recipient that a passphrase has.
pub(super) const PASSPHRASE_RECIPIENT: u16 = 5;

pub(super) struct Header {
    pub(super) kind: EnvelopeKind,
    pub(super) derivation: u16,
    /// Of Argon2id: memory in KiB, passes, lanes.
    pub(super) parameters: [u32; 3],
    pub(super) salt: [u8; 32],
    pub(super) nonce: [u8; 24],
    pub(super) check: [u8; 32],
    /// Of the plaintext, and of the ciphertext without its tag.
    pub(super) length: u64,
}

impl Header {
    pub(super) const LENGTH: usize = 124;

    pub(super) fn encode(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let [memory, passes, lanes] = self.parameters.map(u32::to_be_bytes);
        let mut rest = bytes.as_mut_slice();
        for field in [
            MAGIC.as_slice(),
            &SINGLE.to_be_bytes(),
            &self.kind.0,
            &self.derivation.to_be_bytes(),
            &memory,
            &passes,
            &lanes,
            &self.salt,
            &self.nonce,
            &self.check,
            &self.length.to_be_bytes(),
        ] {
            let place = rest.split_off_mut(..field.len()).expect("the fields are 124 bytes");
            place.copy_from_slice(field);
        }
        bytes
    }

    /// Parses the fields behind the version.
    pub(super) fn parse(sealed: &[u8]) -> Result<Self, Error> {
        let fields = sealed.get(MAGIC.len() + 2..).unwrap_or_default();
        Self::parse_fields(fields).ok_or_else(|| truncated(sealed))
    }

    fn parse_fields(mut rest: &[u8]) -> Option<Self> {
        let rest = &mut rest;
        Some(Self {
            kind: EnvelopeKind(take(rest)?),
            derivation: u16::from_be_bytes(take(rest)?),
            parameters: [
                u32::from_be_bytes(take(rest)?),
                u32::from_be_bytes(take(rest)?),
                u32::from_be_bytes(take(rest)?),
            ],
            salt: take(rest)?,
            nonce: take(rest)?,
            check: take(rest)?,
            length: u64::from_be_bytes(take(rest)?),
        })
    }
}

/// The version of an envelope, which is known.
pub(super) fn version(sealed: &[u8]) -> Result<u16, Error> {
    let mut rest = sealed;
    match take::<8>(&mut rest) {
        Some(MAGIC) => {}
        None if MAGIC.starts_with(sealed) => return Err(truncated(sealed)),
        Some(_) | None => return Err(Error::NotOurs),
    }
    match take(&mut rest).map(u16::from_be_bytes) {
        Some(version @ (SINGLE | SLOTTED)) => Ok(version),
        Some(found) => Err(Error::UnknownVersion { found, known: SLOTTED }),
        None => Err(truncated(sealed)),
    }
}

pub(super) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*taken)
}

pub(super) fn truncated(sealed: &[u8]) -> Error {
    Error::Truncated { found: sealed.len(), expected: None }
}
