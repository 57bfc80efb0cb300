//! Slots that anyone can seal, and only the recipient can open: the content key is wrapped with a secret that an
//! ephemeral X25519 key shares with the recipient's. The parent module documents the format.

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use zeroize::Zeroizing;

use super::{CONTENT_KEY, Slot, append_head};
use crate::seal::derive::{Argon2Cost, identity_of_passphrase, wrapping_key};
use crate::seal::envelope::header::{self, take};
use crate::seal::envelope::{Error, TAG};
use crate::seal::key::{Key, KeyMaterial};
use crate::seal::x25519::{X25519Identity, X25519Recipient};

/// The rest of a slot: recipient, share, content key and tag.
const BODY: usize = 32 + 32 + CONTENT_KEY + TAG;

/// What the slot of a passphrase has before that: parameters and salt.
const PASSPHRASE_HEAD: usize = 12 + 32;

/// For whom an envelope is sealed, without the secret that opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The holder of an X25519 identity, or of a key file.
    X25519(X25519Recipient),
    /// Whoever knows a passphrase.
    Passphrase(PassphraseRecipient),
}

/// The recipient that a passphrase has at one salt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassphraseRecipient {
    /// What it costs to try a passphrase.
    pub cost: Argon2Cost,
    /// The salt.
    pub salt: [u8; 32],
    /// The public key of the identity that comes of the passphrase.
    pub recipient: X25519Recipient,
}

impl Recipient {
    /// Its public key.
    pub fn public_key(&self) -> X25519Recipient {
        match self {
            Self::X25519(recipient) | Self::Passphrase(PassphraseRecipient { recipient, .. }) => {
                *recipient
            }
        }
    }

    /// The size of its slot.
    pub(super) fn size(&self) -> usize {
        super::SLOT_HEAD
            + match self {
                Self::X25519(_) => BODY,
                Self::Passphrase(_) => PASSPHRASE_HEAD + BODY,
            }
    }

    /// Appends its slot. `ephemeral` is a private key that is used for nothing else.
    pub(super) fn append_slot(
        &self,
        sealed: &mut Vec<u8>,
        ephemeral: &[u8; 32],
        content_key: &[u8; CONTENT_KEY],
    ) -> Result<(), Error> {
        let start = sealed.len();
        let recipient = self.public_key();
        match self {
            Self::X25519(_) => append_head(sealed, header::X25519, BODY),
            Self::Passphrase(PassphraseRecipient { cost, salt, .. }) => {
                append_head(sealed, header::PASSPHRASE_RECIPIENT, PASSPHRASE_HEAD + BODY);
                sealed.extend_from_slice(cost.parameters().map(u32::to_be_bytes).as_flattened());
                sealed.extend_from_slice(salt);
            }
        }
        let ephemeral = X25519Identity::from_bytes(ephemeral);
        let share = ephemeral.recipient();
        sealed.extend_from_slice(&recipient.0);
        sealed.extend_from_slice(&share.0);
        let shared = ephemeral.shared_secret(&recipient.0).ok_or(Error::WeakRecipient)?;
        let mut wrapped = Zeroizing::new(*content_key);
        let head = sealed.get(start..).unwrap_or_default();
        let tag = XChaCha20Poly1305::new((&*wrapping_key(&shared, &share, &recipient)).into())
            .encrypt_inout_detached(&[0; 24].into(), head, wrapped.as_mut_slice().into())
            .expect("XChaCha20 encrypts 32 bytes");
        sealed.extend_from_slice(wrapped.as_slice());
        sealed.extend_from_slice(&tag);
        Ok(())
    }
}

/// The cost that the parameters of a slot state: memory in KiB, passes, lanes.
pub(super) fn cost(parameters: &[u8]) -> Result<Argon2Cost, Error> {
    let (numbers, _) = parameters.as_chunks::<4>();
    match numbers.iter().map(|number| u32::from_be_bytes(*number)).collect::<Vec<_>>()[..] {
        [memory_kib, passes, lanes] => Ok(Argon2Cost::new(memory_kib, passes, lanes)?),
        _ => Ok(Argon2Cost::new(0, 0, 0)?),
    }
}

/// The fields of a slot for a recipient.
struct Fields<'a> {
    recipient: Recipient,
    share: X25519Recipient,
    wrapped: [u8; CONTENT_KEY],
    tag: [u8; TAG],
    /// What comes before the wrapped key.
    associated: &'a [u8],
}

impl<'a> Slot<'a> {
    /// For whom the slot is; none if its derivation or its length is another one. Parameters out of all proportion
    /// are an error.
    pub(super) fn recipient(&self) -> Result<Option<Recipient>, Error> {
        Ok(self.recipient_fields()?.map(|fields| fields.recipient))
    }

    fn recipient_fields(&self) -> Result<Option<Fields<'a>>, Error> {
        let mut rest = self.bytes.get(super::SLOT_HEAD..).unwrap_or_default();
        let head = match self.derivation {
            header::X25519 => 0,
            header::PASSPHRASE_RECIPIENT => PASSPHRASE_HEAD,
            _ => return Ok(None),
        };
        if rest.len() != head + BODY {
            return Ok(None);
        }
        let mut passphrase = None;
        if head > 0
            && let (Some(parameters), Some(salt)) = (take::<12>(&mut rest), take(&mut rest))
        {
            passphrase = Some((cost(&parameters)?, salt));
        }
        let mut fields = || {
            let recipient = X25519Recipient(take(&mut rest)?);
            Some(Fields {
                recipient: match passphrase {
                    None => Recipient::X25519(recipient),
                    Some((cost, salt)) => {
                        Recipient::Passphrase(PassphraseRecipient { cost, salt, recipient })
                    }
                },
                share: X25519Recipient(take(&mut rest)?),
                wrapped: take(&mut rest)?,
                tag: take(&mut rest)?,
                associated: self.bytes.get(..self.bytes.len() - CONTENT_KEY - TAG)?,
            })
        };
        Ok(fields())
    }

    /// Unwraps the content key of a slot for a recipient, with the key or with the identity that the key has.
    pub(super) fn unwrap_for_recipient(
        &self,
        key: &Key,
        identity: Option<&X25519Identity>,
    ) -> Result<Zeroizing<[u8; CONTENT_KEY]>, Error> {
        let unknown = Error::UnknownDerivation { found: self.derivation };
        let fields = self.recipient_fields()?.ok_or(unknown)?;
        match (&fields.recipient, identity, &key.0) {
            (Recipient::X25519(_), Some(identity), _) => fields.unwrap(identity),
            (Recipient::X25519(_), None, _) => Err(Error::NeedsKeyFile),
            (
                Recipient::Passphrase(PassphraseRecipient { cost, salt, .. }),
                _,
                KeyMaterial::Passphrase { passphrase, .. },
            ) => fields.unwrap(&identity_of_passphrase(passphrase.expose(), *cost, salt)?),
            (Recipient::Passphrase(_), _, _) => Err(Error::NeedsPassphrase),
        }
    }
}

impl Fields<'_> {
    fn unwrap(&self, identity: &X25519Identity) -> Result<Zeroizing<[u8; CONTENT_KEY]>, Error> {
        let recipient = identity.recipient();
        if recipient != self.recipient.public_key() {
            return Err(Error::WrongKey);
        }
        let shared = identity.shared_secret(&self.share.0).ok_or(Error::Altered)?;
        let mut content_key = Zeroizing::new(self.wrapped);
        XChaCha20Poly1305::new((&*wrapping_key(&shared, &self.share, &recipient)).into())
            .decrypt_inout_detached(
                &[0; 24].into(),
                self.associated,
                content_key.as_mut_slice().into(),
                &self.tag.into(),
            )
            .map_err(|_| Error::Altered)?;
        Ok(content_key)
    }
}
