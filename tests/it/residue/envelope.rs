//! The keys of an envelope, computed from the format's description and without hushed's code, so that tests know them.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, aead::AeadInOut};
use ring::hmac;

use super::Known;

/// The bytes of an envelope beside what is sealed.
pub(super) const LENGTH: usize = 172;

/// What comes of a key for this envelope, the cipher's key last.
pub(super) fn of_key(key: &[u8], envelope: &[u8]) -> Vec<Known> {
    let hmac = |key: &[u8], text: &[u8]| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
    };
    let extracted = hmac(salt(envelope), key);
    let seal = hmac(&extracted, b"hushed envelope 1: seal\x01");
    vec![Known::new("what HKDF extracted", extracted), Known::new("the cipher's key", seal)]
}

/// The same for a passphrase.
pub(super) fn of_passphrase(passphrase: &[u8], envelope: &[u8]) -> Vec<Known> {
    let number = |at: usize| u32::from_be_bytes(envelope[at..at + 4].try_into().unwrap());
    let params = Params::new(number(16), number(20), number(24), Some(32)).unwrap();
    let mut blocks = vec![argon2::Block::new(); params.block_count()];
    let mut stretched = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, salt(envelope), &mut stretched, &mut blocks)
        .unwrap();
    let mut known = vec![Known::new("what Argon2id made of the passphrase", stretched)];
    known.extend(of_key(&stretched, envelope));
    known
}

fn salt(envelope: &[u8]) -> &[u8] {
    &envelope[28..60]
}

/// The key of 32 bytes that this envelope holds, unproven: what zeros become by the cipher is what it
/// was encrypted with.
pub(super) fn opened(key: &[u8], envelope: &[u8]) -> Vec<u8> {
    let mut stream = [0; 32];
    let nonce: [u8; 24] = envelope[60..84].try_into().unwrap();
    let cipher = XChaCha20Poly1305::new_from_slice(key).unwrap();
    cipher.encrypt_inout_detached(&nonce.into(), &[], stream.as_mut_slice().into()).unwrap();
    stream.iter().zip(&envelope[124..156]).map(|(one, other)| one ^ other).collect()
}
