//! The header of an envelope: 124 bytes of fixed layout, which the parent module documents.
//! It judges magic and version only; whether the rest makes sense is for whoever opens.

use super::{EnvelopeKind, Error};

const MAGIC: [u8; 8] = *b"\x8fhushed\n";
const VERSION: u16 = 1;

/// The derivation of an envelope that is sealed with a random key.
pub(super) const RANDOM: u16 = 1;

/// The derivation of an envelope that is sealed with a passphrase.
pub(super) const PASSPHRASE: u16 = 2;

/// The derivation of an envelope that is sealed with a machine credential.
pub(super) const CREDENTIAL: u16 = 3;

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
            &VERSION.to_be_bytes(),
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

    pub(super) fn parse(sealed: &[u8]) -> Result<Self, Error> {
        let mut rest = sealed;
        match take::<8>(&mut rest) {
            Some(MAGIC) => {}
            None if MAGIC.starts_with(sealed) => return Err(truncated(sealed)),
            Some(_) | None => return Err(Error::NotOurs),
        }
        match take(&mut rest).map(u16::from_be_bytes) {
            Some(VERSION) => {}
            Some(found) => return Err(Error::UnknownVersion { found, known: VERSION }),
            None => return Err(truncated(sealed)),
        }
        Self::parse_fields(rest).ok_or_else(|| truncated(sealed))
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

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*taken)
}

fn truncated(sealed: &[u8]) -> Error {
    Error::Truncated { found: sealed.len(), expected: None }
}
