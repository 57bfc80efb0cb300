//! X25519 keys in age's text form: identities (`AGE-SECRET-KEY-1…`), which are private, and recipients (`age1…`).

use std::fmt;
use std::str::FromStr;

use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::bech32::{decode_key, encode_key};

pub(super) const IDENTITY_PREFIX: &str = "AGE-SECRET-KEY-";
const RECIPIENT_PREFIX: &str = "age";

/// A private key, and its recipient. Wiped when dropped.
pub struct X25519Identity {
    secret: Box<StaticSecret>,
    recipient: X25519Recipient,
}

impl fmt::Debug for X25519Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("X25519Identity(..)")
    }
}

impl X25519Identity {
    /// Takes the 32 bytes of a private key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let secret = Box::new(StaticSecret::from(*bytes));
        let recipient = X25519Recipient(PublicKey::from(&*secret).to_bytes());
        Self { secret, recipient }
    }

    /// Parses `AGE-SECRET-KEY-1…`.
    pub fn parse(word: &str) -> Option<Self> {
        decode_key(word, IDENTITY_PREFIX).map(|bytes| Self::from_bytes(&bytes))
    }

    /// The public key.
    pub fn recipient(&self) -> X25519Recipient {
        self.recipient
    }

    /// The secret that this key shares with a public key; none with one of low order, with which everybody shares
    /// the same.
    pub fn shared_secret(&self, public: &[u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
        let shared = self.secret.diffie_hellman(&PublicKey::from(*public));
        shared.was_contributory().then(|| Zeroizing::new(shared.to_bytes()))
    }
}

/// A public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct X25519Recipient(pub [u8; 32]);

impl fmt::Display for X25519Recipient {
    /// `age1…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode_key(&self.0, RECIPIENT_PREFIX))
    }
}

impl FromStr for X25519Recipient {
    type Err = RecipientError;

    fn from_str(text: &str) -> Result<Self, RecipientError> {
        if let Some(bytes) = decode_key(text, RECIPIENT_PREFIX) {
            // With a key of low order everybody shares the same secret.
            let probe = X25519Identity::from_bytes(&[1; 32]);
            return probe.shared_secret(&bytes).map(|_| Self(*bytes)).ok_or(RecipientError::NotAge);
        }
        let is_private = |prefix: &str| text.to_ascii_uppercase().starts_with(prefix);
        Err(if is_private("AGE-SECRET-KEY-") || is_private("HUSHED-KEY-") {
            RecipientError::Private
        } else if text.starts_with("age1pq1") || text.starts_with("ssh-") {
            RecipientError::Unsupported
        } else {
            RecipientError::NotAge
        })
    }
}

/// Why a text is not a recipient. The text may be a private key, and is never quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipientError {
    /// It is a private key.
    #[error("that is a private key, not a recipient")]
    Private,
    /// It is a recipient of another type.
    #[error("recipients of this type are not supported")]
    Unsupported,
    /// It is something else, or has a typing error.
    #[error("that is not an age recipient")]
    NotAge,
}

impl RecipientError {
    /// What the user can do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Private => {
                "pass the public key, `age1…`; a private key on a command line is known to others: make a new one"
            }
            Self::Unsupported => "pass an X25519 recipient, `age1…`, as `age-keygen` makes them",
            Self::NotAge => "a recipient is `age1` and 58 characters; copy it again",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_and_recipients_are_those_of_age() {
        let text = include_str!("../../tests/sops/keys/alice.txt");
        let word = text.lines().find(|line| line.starts_with(IDENTITY_PREFIX)).unwrap();
        let public = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
        let identity = X25519Identity::parse(word).unwrap();
        assert_eq!(identity.recipient().to_string(), public);
        assert_eq!(public.parse(), Ok(identity.recipient()));
        assert!(!format!("{identity:?}").contains(public));
    }

    #[test]
    fn what_is_no_recipient_is_refused_by_its_kind() {
        let low_order = encode_key(&[0; 32], "age");
        for (text, want) in [
            ("AGE-SECRET-KEY-1QQQQ", RecipientError::Private),
            ("age-secret-key-1qqqq", RecipientError::Private),
            ("hushed-key-1:AAAA", RecipientError::Private),
            ("ssh-ed25519 AAAA", RecipientError::Unsupported),
            ("age1pq1qqqq", RecipientError::Unsupported),
            ("age1qqqq", RecipientError::NotAge),
            ("", RecipientError::NotAge),
            (low_order.as_str(), RecipientError::NotAge),
            (&low_order.to_uppercase(), RecipientError::NotAge),
        ] {
            assert_eq!(text.parse::<X25519Recipient>(), Err(want), "{text}");
        }
    }
}
