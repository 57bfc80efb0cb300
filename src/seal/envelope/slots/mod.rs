//! Envelopes of version 2: the content is sealed with a key of its own, and that key once for each recipient.
//!
//! # Format
//!
//! Numbers, kind and context are as in version 1. `n` is the length of the plaintext, `s` that of all slots.
//!
//! | offset     | size | field |
//! |-----------:|-----:|-------|
//! |          0 |    8 | magic: `8f 68 75 73 68 65 64 0a` (0x8f, `hushed`, LF) |
//! |          8 |    2 | format version: 2 |
//! |         10 |    4 | kind: what is sealed, four ASCII characters |
//! |         14 |   24 | nonce, random |
//! |         38 |    8 | `n` |
//! |         46 |    2 | number of slots, 1 to 64 |
//! |         48 |  `s` | slots |
//! |     48+`s` |  `n` | ciphertext |
//! | 48+`s`+`n` |   16 | Poly1305 tag |
//! | 64+`s`+`n` |   32 | BLAKE2b-256 (RFC 7693) of all bytes before |
//!
//! A slot begins with its derivation (2 bytes) and the length of the rest (2 bytes), so that a slot of a kind
//! that this version does not know can be skipped. The derivations 1 to 3 are those of version 1, and have:
//!
//! | offset | size | field |
//! |-------:|-----:|-------|
//! |      4 |   12 | Argon2id memory in KiB, passes, lanes (0 but for a passphrase) |
//! |     16 |   32 | salt, random |
//! |     48 |   32 | key check |
//! |     80 |   32 | content key, encrypted |
//! |    112 |   16 | Poly1305 tag |
//!
//! The derivations 4 (X25519 identity or key file) and 5 (passphrase) are for a public key, so that whoever writes
//! the file can seal for all recipients without their secrets. A slot of derivation 5 begins with parameters
//! (12 bytes) and salt (32 bytes); then both have:
//!
//! | size | field |
//! |-----:|-------|
//! |   32 | recipient: an X25519 public key |
//! |   32 | share: an ephemeral X25519 public key, new in each envelope |
//! |   32 | content key, encrypted |
//! |   16 | Poly1305 tag |
//!
//! ```text
//! identity    = the X25519 private key                                          (derivation 4)
//!             = HKDF-SHA256(no salt, the key's 32 bytes, "hushed key 1: identity")   (derivation 4, key file)
//!             = HKDF-SHA256(salt, Argon2id(…), "hushed envelope 2: identity")   (derivation 5)
//! slot key    = HKDF-SHA256(share ‖ recipient, X25519(ephemeral, recipient), "hushed envelope 2: recipient")
//! slot        = XChaCha20-Poly1305(slot key, 24 bytes of zero, all of the slot before, content key)
//! ```
//!
//! ```text
//! content key = 32 random bytes, new in each envelope
//! prk         = HKDF-SHA256-Extract(salt, secret)
//! slot key    = HKDF-SHA256-Expand(prk, "hushed envelope 2: slot", 32)
//! key check   = HKDF-SHA256-Expand(prk, "hushed envelope 2: check", 32)
//! slot        = XChaCha20-Poly1305(slot key, 24 bytes of zero, bytes 0 to 79 of the slot, content key)
//! ciphertext, tag = XChaCha20-Poly1305(content key, nonce, bytes 0 to 47+s ‖ context, plaintext)
//! ```
//!
//! # Reasons
//!
//! - A slot key encrypts one message: its salt is new in each envelope. So its nonce can be zero.
//! - The slots are associated data of the content: nobody without a key adds or removes a recipient unseen.
//! - Whoever knows the recipients of an envelope, which are not secret, can make another one for them. An envelope
//!   whose slots all have the derivations 1 to 3 can only be made with one of the keys.
//! - The passphrase slots of one envelope together may ask for no more work than one passphrase may.

mod recipient;

use std::mem::take as take_out;

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use ring::rand::{SecureRandom as _, SystemRandom};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::header::{self, MAGIC, SLOTTED, take, truncated};
use super::{
    CHECKSUM, EnvelopeKind, Error, Opener, TAG, checksum, cipher, derive_again, derive_new,
    split_envelope,
};
use crate::seal::derive::{Argon2Cost, SLOT_2};
use crate::seal::key::Key;
use crate::seal::x25519::X25519Identity;
use crate::secret::Value;
use crate::sys::stack::clear_stack_after;
use recipient::cost;
pub use recipient::{PassphraseRecipient, Recipient};

/// The largest number of recipients that one envelope can have.
pub const MAX_RECIPIENTS: usize = 64;

const CONTENT_KEY: usize = 32;
const FIXED: usize = 48;
const SLOT_HEAD: usize = 4;
const SLOT_BODY: usize = 12 + 32 + 32 + CONTENT_KEY + TAG;

/// What is drawn for one envelope: the content key, its nonce, and a salt or an ephemeral key for each slot.
type Drawn<'a> = (&'a [u8; CONTENT_KEY], [u8; 24], &'a [[u8; 32]]);

/// Seals bytes with several keys, 1 to [`MAX_RECIPIENTS`]: each of them opens the envelope, and nobody without one
/// of them could have made it.
pub fn seal_for(kind: EnvelopeKind, keys: &[&Key], plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    seal_slots(kind, &keys.iter().map(|key| NewSlot::Key(key)).collect::<Vec<_>>(), plaintext)
}

/// Seals bytes for several recipients, 1 to [`MAX_RECIPIENTS`].
pub fn seal_to(
    kind: EnvelopeKind,
    recipients: &[Recipient],
    plaintext: &[u8],
) -> Result<Vec<u8>, Error> {
    let slots: Vec<_> = recipients.iter().map(NewSlot::Recipient).collect();
    seal_slots(kind, &slots, plaintext)
}

/// What a new slot is sealed with.
enum NewSlot<'a> {
    Key(&'a Key),
    Recipient(&'a Recipient),
}

fn seal_slots(
    kind: EnvelopeKind,
    slots: &[NewSlot<'_>],
    plaintext: &[u8],
) -> Result<Vec<u8>, Error> {
    if !(1..=MAX_RECIPIENTS).contains(&slots.len()) {
        return Err(Error::RecipientCount { found: slots.len() });
    }
    let mut content_key = Zeroizing::new([0; CONTENT_KEY]);
    let (mut nonce, mut drawn) = ([0; 24], Zeroizing::new(vec![[0; 32]; slots.len()]));
    let random = SystemRandom::new();
    random
        .fill(content_key.as_mut())
        .and_then(|()| random.fill(&mut nonce))
        .and_then(|()| drawn.iter_mut().try_for_each(|drawn| random.fill(drawn)))
        .map_err(|_| Error::NoRandomness)?;
    clear_stack_after(|| seal_with(kind, slots, plaintext, (&content_key, nonce, &drawn)))
}

fn seal_with(
    kind: EnvelopeKind,
    slots: &[NewSlot<'_>],
    plaintext: &[u8],
    (content_key, nonce, drawn): Drawn<'_>,
) -> Result<Vec<u8>, Error> {
    let size = |slot: &NewSlot<'_>| match slot {
        NewSlot::Key(_) => SLOT_HEAD + SLOT_BODY,
        NewSlot::Recipient(recipient) => recipient.size(),
    };
    let header = FIXED + slots.iter().map(size).sum::<usize>();
    let length = u64::try_from(plaintext.len()).expect("a length fits into 64 bits");
    let count = u16::try_from(slots.len()).expect("there are at most 64 recipients");
    // It holds plaintext until it is encrypted in place, so it is wiped if that never comes.
    let mut sealed = Zeroizing::new(Vec::with_capacity(header + plaintext.len() + TAG + CHECKSUM));
    for field in [
        MAGIC.as_slice(),
        &SLOTTED.to_be_bytes(),
        &kind.0,
        &nonce,
        &length.to_be_bytes(),
        &count.to_be_bytes(),
    ] {
        sealed.extend_from_slice(field);
    }
    for (slot, drawn) in slots.iter().zip(drawn) {
        match slot {
            NewSlot::Key(key) => append_slot(&mut sealed, key, drawn, content_key)?,
            NewSlot::Recipient(recipient) => {
                recipient.append_slot(&mut sealed, drawn, content_key)?;
            }
        }
    }
    let associated = sealed.to_vec();
    sealed.extend_from_slice(plaintext);
    let (_, body) = sealed.split_at_mut(header);
    let tag = XChaCha20Poly1305::new(content_key.into())
        .encrypt_inout_detached(&nonce.into(), &associated, body.into())
        .expect("XChaCha20 encrypts up to 256 GiB");
    sealed.extend_from_slice(&tag);
    let checksum = checksum(&sealed);
    sealed.extend_from_slice(&checksum);
    Ok(take_out(&mut *sealed))
}

/// Appends what every slot begins with.
fn append_head(sealed: &mut Vec<u8>, derivation: u16, body: usize) {
    let length = u16::try_from(body).expect("the rest of a slot has a few hundred bytes");
    sealed.extend_from_slice(&derivation.to_be_bytes());
    sealed.extend_from_slice(&length.to_be_bytes());
}

/// Appends the slot of a key.
fn append_slot(
    sealed: &mut Vec<u8>,
    key: &Key,
    salt: &[u8; 32],
    content_key: &[u8; CONTENT_KEY],
) -> Result<(), Error> {
    let (derivation, parameters, derived) = derive_new(key, salt, &SLOT_2)?;
    let start = sealed.len();
    append_head(sealed, derivation, SLOT_BODY);
    sealed.extend_from_slice(parameters.map(u32::to_be_bytes).as_flattened());
    sealed.extend_from_slice(salt);
    sealed.extend_from_slice(&derived.check);
    let mut wrapped = Zeroizing::new(*content_key);
    let head = sealed.get(start..).unwrap_or_default();
    let tag = cipher(&derived)
        .encrypt_inout_detached(&[0; 24].into(), head, wrapped.as_mut_slice().into())
        .expect("XChaCha20 encrypts 32 bytes");
    sealed.extend_from_slice(wrapped.as_slice());
    sealed.extend_from_slice(&tag);
    Ok(())
}

/// Opens an envelope of version 2 with any of its keys; the number of the key's slot, and the plaintext.
pub(super) fn open(
    kind: EnvelopeKind,
    key: &Key,
    context: &[u8],
    sealed: &[u8],
) -> Result<(usize, Value), Error> {
    let header = Header::parse(sealed).ok_or_else(|| truncated(sealed))?;
    let parts = split_envelope(header.size, header.length, sealed)?;
    if header.kind != kind {
        return Err(Error::OtherKind { found: header.kind, wanted: kind });
    }
    let (slot, content_key) = header.unwrap_content_key(key)?;
    let mut plaintext = Zeroizing::new(parts.ciphertext.to_vec());
    XChaCha20Poly1305::new((&*content_key).into())
        .decrypt_inout_detached(
            &header.nonce.into(),
            &[parts.header, context].concat(),
            plaintext.as_mut_slice().into(),
            &(*parts.tag).into(),
        )
        .map_err(|_| Error::Altered)?;
    Ok((slot, Value::plain(take_out(&mut *plaintext))))
}

/// What an envelope of version 2 opens with. Nothing of it is verified.
pub(super) fn openers(sealed: &[u8]) -> Result<Vec<Opener>, Error> {
    let header = Header::parse(sealed).ok_or_else(|| truncated(sealed))?;
    header.check_work()?;
    let opener = |slot: &Slot<'_>| {
        let recipient = slot.recipient()?.map(Opener::Recipient);
        Ok(recipient.unwrap_or_else(|| Opener::from_derivation(slot.derivation)))
    };
    header.slots.iter().map(opener).collect()
}

struct Header<'a> {
    kind: EnvelopeKind,
    nonce: [u8; 24],
    /// Of the plaintext, and of the ciphertext without its tag.
    length: u64,
    slots: Vec<Slot<'a>>,
    /// Of the header with all slots.
    size: usize,
}

/// What one recipient opens the envelope with.
struct Slot<'a> {
    derivation: u16,
    /// All bytes of the slot.
    bytes: &'a [u8],
}

impl<'a> Header<'a> {
    /// The header; none where the bytes end too early.
    fn parse(sealed: &'a [u8]) -> Option<Self> {
        let mut rest = sealed.get(MAGIC.len() + 2..)?;
        let kind = EnvelopeKind(take(&mut rest)?);
        let nonce = take(&mut rest)?;
        let length = u64::from_be_bytes(take(&mut rest)?);
        let count = u16::from_be_bytes(take(&mut rest)?);
        let (mut slots, mut size) = (Vec::new(), FIXED);
        for _ in 0..count {
            let head = rest;
            let derivation = u16::from_be_bytes(take(&mut rest)?);
            let body = usize::from(u16::from_be_bytes(take(&mut rest)?));
            rest = rest.get(body..)?;
            let bytes = head.get(..SLOT_HEAD + body)?;
            size += bytes.len();
            slots.push(Slot { derivation, bytes });
        }
        Some(Self { kind, nonce, length, slots, size })
    }

    /// Finds the slot of this key. Without one, the error is that of a slot for a key of the same kind, or
    /// else that of the first slot.
    fn unwrap_content_key(
        &self,
        key: &Key,
    ) -> Result<(usize, Zeroizing<[u8; CONTENT_KEY]>), Error> {
        if !(1..=MAX_RECIPIENTS).contains(&self.slots.len()) {
            return Err(Error::RecipientCount { found: self.slots.len() });
        }
        self.check_work()?;
        let has_public = |slot: &Slot<'_>| slot.derivation == header::X25519;
        let identity = if self.slots.iter().any(has_public) { key.identity() } else { None };
        let mut reason = None;
        for (number, slot) in self.slots.iter().enumerate() {
            match slot.unwrap_content_key(key, identity.as_ref()) {
                Err(error @ Error::WrongKey) => reason = Some(error),
                Err(
                    error @ (Error::NeedsKeyFile
                    | Error::NeedsPassphrase
                    | Error::NeedsCredential
                    | Error::UnknownDerivation { .. }),
                ) => reason = reason.or(Some(error)),
                found => return Ok((number, found?)),
            }
        }
        Err(reason.unwrap_or(Error::WrongKey))
    }

    /// Refuses slots whose passphrases together cost too much to try.
    fn check_work(&self) -> Result<(), Error> {
        let mut work_kib: u64 = 0;
        let takes_work = [header::PASSPHRASE, header::PASSPHRASE_RECIPIENT];
        for slot in self.slots.iter().filter(|slot| takes_work.contains(&slot.derivation)) {
            let Some(parameters) = slot.bytes.get(SLOT_HEAD..SLOT_HEAD + 12) else { continue };
            work_kib = work_kib.saturating_add(cost(parameters)?.work_kib());
        }
        if work_kib > Argon2Cost::MAX_WORK_KIB {
            return Err(Error::ExcessiveSlots { work_kib });
        }
        Ok(())
    }
}

/// The fields of the slot of a key.
struct SlotFields<'a> {
    parameters: [u32; 3],
    salt: [u8; 32],
    check: [u8; 32],
    wrapped: [u8; CONTENT_KEY],
    tag: [u8; TAG],
    /// What comes before the encrypted key.
    associated: &'a [u8],
}

impl<'a> Slot<'a> {
    /// The fields; none if the slot has another length.
    fn fields(&self) -> Option<SlotFields<'a>> {
        let mut rest = self.bytes.get(SLOT_HEAD..).filter(|body| body.len() == SLOT_BODY)?;
        let rest = &mut rest;
        Some(SlotFields {
            parameters: [
                u32::from_be_bytes(take(rest)?),
                u32::from_be_bytes(take(rest)?),
                u32::from_be_bytes(take(rest)?),
            ],
            salt: take(rest)?,
            check: take(rest)?,
            wrapped: take(rest)?,
            tag: take(rest)?,
            associated: self.bytes.get(..self.bytes.len() - CONTENT_KEY - TAG)?,
        })
    }

    fn unwrap_content_key(
        &self,
        key: &Key,
        identity: Option<&X25519Identity>,
    ) -> Result<Zeroizing<[u8; CONTENT_KEY]>, Error> {
        if [header::X25519, header::PASSPHRASE_RECIPIENT].contains(&self.derivation) {
            return self.unwrap_for_recipient(key, identity);
        }
        let Some(fields) = self.fields() else {
            return Err(Error::UnknownDerivation { found: self.derivation });
        };
        let derived = derive_again(key, self.derivation, fields.parameters, &fields.salt, &SLOT_2)?;
        if !bool::from(derived.check.ct_eq(&fields.check)) {
            return Err(Error::WrongKey);
        }
        let mut content_key = Zeroizing::new(fields.wrapped);
        cipher(&derived)
            .decrypt_inout_detached(
                &[0; 24].into(),
                fields.associated,
                content_key.as_mut_slice().into(),
                &fields.tag.into(),
            )
            .map_err(|_| Error::Altered)?;
        Ok(content_key)
    }
}

#[cfg(test)]
mod tests;
