//! The keys of an envelope, computed from the format's description and without hushed's code, so that tests know them.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, aead::AeadInOut};
use ring::hmac;

use super::Known;

/// The bytes of an envelope beside what is sealed.
pub(super) const LENGTH: usize = 172;

/// What comes of a key for this envelope, the cipher's key last.
pub(super) fn of_key(key: &[u8], envelope: &[u8]) -> Vec<Known> {
    let extracted = hmac(salt(envelope), key);
    let seal = hmac(&extracted, b"hushed envelope 1: seal\x01");
    vec![Known::new("what HKDF extracted", extracted), Known::new("the cipher's key", seal)]
}

/// The same for a passphrase.
pub(super) fn of_passphrase(passphrase: &[u8], envelope: &[u8]) -> Vec<Known> {
    let mut known = stretched(passphrase, &envelope[16..28], salt(envelope));
    known.extend(of_key(&known[0].value.clone(), envelope));
    known
}

/// What comes of a key for the first slot of a store's envelope, which has version 2.
pub(super) fn of_store_key(key: &[u8], envelope: &[u8]) -> Vec<Known> {
    let slot = &envelope[48..176];
    let extracted = hmac(&slot[16..48], key);
    let cipher = hmac(&extracted, b"hushed envelope 2: slot\x01");
    let content = decrypted(&cipher, [0; 24], &slot[80..112]);
    vec![
        Known::new("what HKDF extracted", extracted),
        Known::new("the slot's key", cipher),
        Known::new("the content's key", content),
    ]
}

/// The same for a passphrase.
pub(super) fn of_store_passphrase(passphrase: &[u8], envelope: &[u8]) -> Vec<Known> {
    let mut known = stretched(passphrase, &envelope[52..64], &envelope[64..96]);
    known.extend(of_store_key(&known[0].value.clone(), envelope));
    known
}

fn stretched(passphrase: &[u8], parameters: &[u8], salt: &[u8]) -> Vec<Known> {
    let number = |at: usize| u32::from_be_bytes(parameters[at..at + 4].try_into().unwrap());
    let params = Params::new(number(0), number(4), number(8), Some(32)).unwrap();
    let mut blocks = vec![argon2::Block::new(); params.block_count()];
    let mut stretched = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, salt, &mut stretched, &mut blocks)
        .unwrap();
    vec![Known::new("what Argon2id made of the passphrase", stretched)]
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

fn salt(envelope: &[u8]) -> &[u8] {
    &envelope[28..60]
}

/// The key of 32 bytes that this envelope holds, unproven: what zeros become by the cipher is what it
/// was encrypted with.
pub(super) fn opened(key: &[u8], envelope: &[u8]) -> Vec<u8> {
    let nonce = envelope[60..84].try_into().unwrap();
    decrypted(key, nonce, &envelope[124..156])
}

fn decrypted(key: &[u8], nonce: [u8; 24], encrypted: &[u8]) -> Vec<u8> {
    let mut stream = [0; 32];
    let cipher = XChaCha20Poly1305::new_from_slice(key).unwrap();
    cipher.encrypt_inout_detached(&nonce.into(), &[], stream.as_mut_slice().into()).unwrap();
    stream.iter().zip(encrypted).map(|(one, other)| one ^ other).collect()
}
