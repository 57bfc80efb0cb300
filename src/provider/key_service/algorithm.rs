//! The algorithms of signatures, by the names that AWS KMS and others use.

use std::fmt;
use std::str::FromStr;

/// A kind of signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// RSA with PKCS #1 v1.5 padding (RFC 8017).
    RsaPkcs1,
    /// RSA with PSS padding; the salt is as long as the hash.
    RsaPss,
    /// ECDSA; the signature is in ASN.1 DER.
    Ecdsa,
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// HMAC (RFC 2104), a message authentication code.
    Hmac,
}

/// An algorithm: the kind of signature, and the bits of the SHA-2 hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithm {
    /// The kind of signature.
    pub family: Family,
    /// 256, 384 or 512.
    pub hash: u16,
}

const NAMES: [(&str, Family, u16); 13] = [
    ("RSASSA_PKCS1_V1_5_SHA_256", Family::RsaPkcs1, 256),
    ("RSASSA_PKCS1_V1_5_SHA_384", Family::RsaPkcs1, 384),
    ("RSASSA_PKCS1_V1_5_SHA_512", Family::RsaPkcs1, 512),
    ("RSASSA_PSS_SHA_256", Family::RsaPss, 256),
    ("RSASSA_PSS_SHA_384", Family::RsaPss, 384),
    ("RSASSA_PSS_SHA_512", Family::RsaPss, 512),
    ("ECDSA_SHA_256", Family::Ecdsa, 256),
    ("ECDSA_SHA_384", Family::Ecdsa, 384),
    ("ECDSA_SHA_512", Family::Ecdsa, 512),
    ("ED25519_SHA_512", Family::Ed25519, 512),
    ("HMAC_SHA_256", Family::Hmac, 256),
    ("HMAC_SHA_384", Family::Hmac, 384),
    ("HMAC_SHA_512", Family::Hmac, 512),
];

impl Algorithm {
    /// HMAC with SHA-256.
    pub const HMAC_SHA_256: Self = Self { family: Family::Hmac, hash: 256 };

    /// The names of all algorithms.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, ..)| *name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let found =
            NAMES.iter().find(|(_, family, hash)| (*family, *hash) == (self.family, self.hash));
        found.map_or("", |(name, ..)| name)
    }
}

impl FromStr for Algorithm {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let found = NAMES.iter().find(|(name, ..)| *name == text);
        found.map(|(_, family, hash)| Self { family: *family, hash: *hash }).ok_or(())
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
