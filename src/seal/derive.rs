//! From a key or a passphrase to the two values that an envelope needs.
//! It draws no random bytes and knows no file.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::x25519::{X25519Identity, X25519Recipient};
use crate::sys::allocator::try_reserve_exact;

/// What HKDF is told that a key is for, so that no key serves two purposes.
pub(super) struct Labels {
    seal: &'static [u8],
    check: &'static [u8],
}

/// The labels of an envelope of version 1.
pub(super) const ENVELOPE_1: Labels =
    Labels { seal: b"hushed envelope 1: seal", check: b"hushed envelope 1: check" };

/// The labels of a key slot in an envelope of version 2.
pub(super) const SLOT_2: Labels =
    Labels { seal: b"hushed envelope 2: slot", check: b"hushed envelope 2: check" };

/// What trying one passphrase costs: the parameters of Argon2id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Argon2Cost {
    /// The second recommendation of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
    pub const RECOMMENDED: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    /// The largest memory that is accepted, 2 GiB: RFC 9106's first recommendation.
    pub const MAX_MEMORY_KIB: u32 = 2 * 1024 * 1024;

    /// The most lanes that are accepted.
    pub const MAX_LANES: u32 = 64;

    /// The most memory times passes that is accepted, 8 GiB: some seconds of one core.
    pub const MAX_WORK_KIB: u64 = 8 * 1024 * 1024;

    /// Takes parameters that Argon2 knows and that do not keep a machine busy for minutes.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, ExcessiveCost> {
        let work = u64::from(memory_kib) * u64::from(passes);
        let sane = (1..=Self::MAX_LANES).contains(&lanes)
            && (8 * lanes..=Self::MAX_MEMORY_KIB).contains(&memory_kib)
            && (1..=Self::MAX_WORK_KIB).contains(&work);
        if sane {
            Ok(Self { memory_kib, passes, lanes })
        } else {
            Err(ExcessiveCost { memory_kib, passes, lanes })
        }
    }

    /// Memory times passes, in KiB.
    pub(super) fn work_kib(self) -> u64 {
        u64::from(self.memory_kib) * u64::from(self.passes)
    }

    /// Memory in KiB, passes, lanes.
    pub(super) fn parameters(self) -> [u32; 3] {
        [self.memory_kib, self.passes, self.lanes]
    }
}

/// Parameters that Argon2 does not know, or that are out of all proportion.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{memory_kib} KiB, {passes} passes and {lanes} lanes are not acceptable parameters for Argon2id"
)]
pub struct ExcessiveCost {
    /// The memory asked for, in KiB.
    pub memory_kib: u32,
    /// The passes asked for.
    pub passes: u32,
    /// The lanes asked for.
    pub lanes: u32,
}

/// The memory that a [`Argon2Cost`] asks for is not to be had.
#[derive(Debug)]
pub(super) struct OutOfMemory(pub(super) Argon2Cost);

/// What an envelope needs: two values, neither of which tells anything of the other.
pub(super) struct DerivedKeys {
    /// The key of the cipher.
    pub(super) seal: Zeroizing<[u8; 32]>,
    /// Proof, public, of which key it was.
    pub(super) check: [u8; 32],
}

/// Derives both values from 32 random bytes, at this salt. Not by ring, which asks the processor what it
/// is before anything else: in a virtual machine that takes longer than all of this.
pub(super) fn from_random(key: &[u8], salt: &[u8; 32], labels: &Labels) -> DerivedKeys {
    let extracted = Hkdf::<Sha256>::new(Some(salt), key);
    let fill = |info: &[u8], out: &mut [u8; 32]| {
        extracted.expand(info, out).expect("HKDF-SHA256 gives 32 bytes");
    };
    let mut derived = DerivedKeys { seal: Zeroizing::new([0; 32]), check: [0; 32] };
    fill(labels.seal, &mut derived.seal);
    fill(labels.check, &mut derived.check);
    derived
}

/// Derives both values from a passphrase, at this salt and this cost.
pub(super) fn from_passphrase(
    passphrase: &[u8],
    cost: Argon2Cost,
    salt: &[u8; 32],
    labels: &Labels,
) -> Result<DerivedKeys, OutOfMemory> {
    Ok(from_random(stretch(passphrase, cost, salt)?.as_slice(), salt, labels))
}

/// The X25519 identity that a random key has, the same everywhere: its recipient can be passed on.
pub(super) fn identity_of_key(key: &[u8]) -> X25519Identity {
    identity(None, key, b"hushed key 1: identity")
}

/// The X25519 identity that a passphrase has at this salt and this cost.
pub(super) fn identity_of_passphrase(
    passphrase: &[u8],
    cost: Argon2Cost,
    salt: &[u8; 32],
) -> Result<X25519Identity, OutOfMemory> {
    let stretched = stretch(passphrase, cost, salt)?;
    Ok(identity(Some(salt), stretched.as_slice(), b"hushed envelope 2: identity"))
}

fn identity(salt: Option<&[u8]>, secret: &[u8], label: &[u8]) -> X25519Identity {
    X25519Identity::from_bytes(&expand(salt, secret, label))
}

/// The key that wraps a content key for a recipient, from the secret that both ends share.
pub(super) fn wrapping_key(
    shared: &[u8; 32],
    share: &X25519Recipient,
    recipient: &X25519Recipient,
) -> Zeroizing<[u8; 32]> {
    expand(Some(&[share.0, recipient.0].concat()), shared, b"hushed envelope 2: recipient")
}

fn expand(salt: Option<&[u8]>, secret: &[u8], label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(salt, secret)
        .expand(label, out.as_mut_slice())
        .expect("HKDF-SHA256 gives 32 bytes");
    out
}

fn stretch(
    passphrase: &[u8],
    cost: Argon2Cost,
    salt: &[u8; 32],
) -> Result<Zeroizing<[u8; 32]>, OutOfMemory> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
        .expect("a cost is within Argon2's bounds");
    // Our own blocks, because Argon2's would be neither wiped nor refused politely.
    let mut blocks = Vec::new();
    try_reserve_exact(&mut blocks, params.block_count()).map_err(|_| OutOfMemory(cost))?;
    blocks.resize(params.block_count(), Block::new());
    let mut blocks = Zeroizing::new(blocks);
    let mut out = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, salt, out.as_mut(), blocks.as_mut_slice())
        .expect("lengths of passphrase, salt and output are within Argon2's bounds");
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_out_of_proportion_are_refused_before_anything_is_allocated() {
        for (memory_kib, passes, lanes, sane) in [
            (64 * 1024, 3, 4, true),
            (2 * 1024 * 1024, 1, 4, true),
            (8, 1, 1, true),
            (7, 1, 1, false),
            (31, 1, 4, false),
            (64, 0, 1, false),
            (64, 1, 0, false),
            (64 * 1024, 1, 65, false),
            (2 * 1024 * 1024 + 1, 1, 4, false),
            (2 * 1024 * 1024, 5, 4, false),
            (u32::MAX, u32::MAX, u32::MAX, false),
        ] {
            let cost = Argon2Cost::new(memory_kib, passes, lanes);
            assert_eq!(cost.is_ok(), sane, "{memory_kib} KiB, {passes} passes, {lanes} lanes");
        }
    }

    #[test]
    fn the_recommended_cost_is_acceptable() {
        let [memory_kib, passes, lanes] = Argon2Cost::RECOMMENDED.parameters();
        assert_eq!(Argon2Cost::new(memory_kib, passes, lanes), Ok(Argon2Cost::RECOMMENDED));
    }
}
