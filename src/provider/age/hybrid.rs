//! Post-quantum identities (`AGE-SECRET-KEY-PQ-1…`): HPKE (RFC 9180, base mode) with the KEM
//! MLKEM768-X25519 (X-Wing), HKDF-SHA-256 and ChaCha20-Poly1305.

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use hkdf::Hkdf;
use ml_kem::{Decapsulate as _, FromSeed as _, MlKem768};
use sha2::Sha256;
use sha3::{Digest as _, Sha3_256};
use shake::Shake256;
use shake::digest::{ExtendableOutput as _, Update as _, XofReader as _};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::header::{FileKey, Stanza, decode};

const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";

/// `HPKE`, then the numbers of KEM, KDF and AEAD.
const SUITE: &[u8] = b"HPKE\x64\x7a\x00\x01\x00\x03";
const VERSION: &[u8] = b"HPKE-v1";

/// What the KEM hashes last.
const KEM_LABEL: &[u8] = br"\.//^\";

/// The length of an encapsulated key of ML-KEM-768.
const ENCAPSULATED: usize = 1088;

/// A post-quantum identity.
pub(super) struct HybridKey(Zeroizing<[u8; 32]>);

impl HybridKey {
    /// Takes the seed.
    pub(super) fn new(seed: Zeroizing<[u8; 32]>) -> Self {
        Self(seed)
    }

    /// The file key, if this stanza is for this key.
    pub(super) fn unwrap(&self, stanza: &Stanza<'_>) -> Option<FileKey> {
        let [encapsulated] = stanza.arguments[..] else { return None };
        if stanza.kind != "mlkem768x25519" {
            return None;
        }
        let shared = self.decapsulate(&decode(encapsulated)?)?;
        let (key, nonce) = key_schedule(shared.as_slice());
        let (body, tag) = stanza.body.split_last_chunk::<16>()?;
        let mut file_key = Zeroizing::new(<[u8; 16]>::try_from(body).ok()?);
        ChaCha20Poly1305::new((&*key).into())
            .decrypt_inout_detached(&nonce.into(), &[], file_key.as_mut_slice().into(), tag.into())
            .ok()?;
        Some(file_key)
    }

    fn decapsulate(&self, encapsulated: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let (post_quantum, classic) = encapsulated.split_at_checked(ENCAPSULATED)?;
        let classic: [u8; 32] = classic.try_into().ok()?;
        let (mut seed, mut scalar) = (Zeroizing::new([0; 64]), Zeroizing::new([0; 32]));
        let mut hash = Shake256::default();
        hash.update(self.0.as_slice());
        let mut expanded = hash.finalize_xof();
        expanded.read(seed.as_mut_slice());
        expanded.read(scalar.as_mut_slice());
        let (decapsulation_key, _) = MlKem768::from_seed(&(*seed).into());
        let post_quantum = decapsulation_key.decapsulate(&post_quantum.try_into().ok()?);
        let post_quantum = Zeroizing::new(<[u8; 32]>::from(post_quantum));
        let secret = StaticSecret::from(*scalar);
        let shared = secret.diffie_hellman(&PublicKey::from(classic));
        let combined = Sha3_256::new()
            .chain_update(post_quantum.as_slice())
            .chain_update(shared.as_bytes())
            .chain_update(classic)
            .chain_update(PublicKey::from(&secret).as_bytes())
            .chain_update(KEM_LABEL)
            .finalize();
        Some(Zeroizing::new(combined.into()))
    }
}

/// The key and the first nonce of HPKE in base mode.
fn key_schedule(shared: &[u8]) -> (Zeroizing<[u8; 32]>, [u8; 12]) {
    let labeled = |label: &[u8], input: &[u8]| [VERSION, SUITE, label, input].concat();
    let (no_psk, _) = Hkdf::<Sha256>::extract(None, &labeled(b"psk_id_hash", b""));
    let (info, _) = Hkdf::<Sha256>::extract(None, &labeled(b"info_hash", INFO));
    let context = [&[0], no_psk.as_slice(), info.as_slice()].concat();
    let (_, secret) = Hkdf::<Sha256>::extract(Some(shared), &labeled(b"secret", b""));
    let (mut key, mut nonce) = (Zeroizing::new([0; 32]), [0; 12]);
    let expand = |length: u8, label: &[u8], output: &mut [u8]| {
        let info = [&[0, length], labeled(label, &context).as_slice()].concat();
        // Only more than 255 blocks are an error.
        let _expanded = secret.expand(&info, output);
    };
    expand(32, b"key", key.as_mut_slice());
    expand(12, b"base_nonce", &mut nonce);
    (key, nonce)
}
