//! A secret that waits to be needed: a login, a token, a passphrase. It is not used here, and seals
//! nothing for a disk: `seal` does.
//!
//! At rest it is sealed with ChaCha20-Poly1305 (RFC 8439) under a random key of its own, which is in
//! protected memory; what is sealed lies elsewhere. So the value as such is nowhere: neither a search through
//! memory nor a part of it (a page in a core file, what a fault of the processor lets through) shows it.
//! Whoever can read all of our memory can open it as we do.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, Tag, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::Value;
use crate::sys::memory::Chunk;
use crate::sys::stack::without_trace;

const KEY: usize = 32;

/// A secret value that can be sealed while nobody needs it. Clones share it: what seals one seals all.
///
/// ```
/// use hushed::secret::{Shielded, Value};
///
/// let token = Shielded::from(Value::from("correct horse"));
/// token.shield();
/// assert_eq!(token.open().expose(), b"correct horse");
/// ```
#[derive(Clone)]
pub struct Shielded(Rc<RefCell<State>>);

enum State {
    /// Not sealed yet: most runs end before that is worth its time.
    Open(Value),
    Sealed(Sealed),
}

struct Sealed {
    key: Value,
    text: Vec<u8>,
    tag: Tag,
}

impl Shielded {
    /// Seals it. It stays as it is if the kernel gives no random bytes, without which no request is made
    /// either.
    pub fn shield(&self) {
        let mut state = self.0.borrow_mut();
        if let State::Open(value) = &*state
            && let Some(sealed) = without_trace(|| Sealed::new(value))
        {
            *state = State::Sealed(sealed);
        }
    }

    /// The value, for the moment in which it is needed.
    pub fn open(&self) -> Value {
        match &*self.0.borrow() {
            State::Open(value) => value.clone(),
            State::Sealed(sealed) => without_trace(|| sealed.open()),
        }
    }
}

impl Sealed {
    fn new(value: &Value) -> Option<Self> {
        let mut key = Zeroizing::new([0; KEY]);
        SystemRandom::new().fill(key.as_mut()).ok()?;
        // It is encrypted where it lies, so nothing of the value remains.
        let mut text = value.expose().to_vec();
        let tag = cipher(key.as_slice())
            .seal_in_place_separate_tag(nonce(), Aad::empty(), &mut text)
            .expect("ChaCha20 encrypts up to 256 GiB");
        Some(Self { key: Value::from(key.as_slice()), text, tag })
    }

    fn open(&self) -> Value {
        let mut chunk = Chunk::new(self.text.len());
        chunk.copy_from_slice(&self.text);
        cipher(self.key.expose())
            .open_in_place_separate_tag(nonce(), Aad::empty(), self.tag, &mut chunk, 0..)
            .expect("nobody but us has changed our memory");
        Value::of(chunk)
    }
}

/// A key seals once, so its nonce need not differ from others.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

/// That of ring, which TLS uses too: another one would first ask the processor what it is, which takes
/// longer than all the rest.
fn cipher(key: &[u8]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).expect("a key has 32 bytes"))
}

impl From<Value> for Shielded {
    /// Takes a value, open still.
    fn from(value: Value) -> Self {
        Self(Rc::new(RefCell::new(State::Open(value))))
    }
}

impl fmt::Debug for Shielded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shielded(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_as_often_as_it_is_asked_whether_sealed_or_not() {
        for text in ["", "canary", &"canary ".repeat(9000)] {
            let shielded = Shielded::from(Value::from(text));
            let shared = shielded.clone();
            for _ in 0..2 {
                assert_eq!(shielded.open(), Value::from(text));
                assert!(shielded.open().is_protected());
                shared.shield();
            }
        }
    }

    #[test]
    fn what_is_sealed_is_not_there_as_it_was() {
        let (one, other) =
            (Sealed::new(&Value::from("canary")), Sealed::new(&Value::from("canary")));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_ne!(one.text, b"canary");
        assert_ne!(one.key, other.key);
        assert_ne!(one.text, other.text);
        assert!(one.key.is_protected());
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Shielded::from(Value::from("canary"))), "Shielded(..)");
    }
}
