//! JSON Web Tokens that prove an identity: signed with an RSA key, RS256 or PS256 (RFC 7518, 3.3 and 3.5).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value as Json, json};

use crate::secret::Value;

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rs256,
    /// RSA-PSS with SHA-256.
    Ps256,
}

/// A private key.
#[derive(Debug)]
pub(crate) struct SigningKey(KeyPair);

impl SigningKey {
    /// Reads an RSA key of 2048 to 4096 bits in PEM: PKCS#8 or PKCS#1, without a passphrase.
    pub(crate) fn from_pem(pem: &Value) -> Option<Self> {
        let pair = match PrivateKeyDer::from_pem_slice(pem.expose()).ok()? {
            PrivateKeyDer::Pkcs8(key) => KeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => KeyPair::from_der(key.secret_pkcs1_der()),
            _ => return None,
        };
        Some(Self(pair.ok()?))
    }

    /// Signs a token. `header` is an object without `alg` and `typ`.
    pub(crate) fn sign(&self, algorithm: Algorithm, header: &Json, claims: &Json) -> Option<Value> {
        let (name, encoding): (_, &dyn RsaEncoding) = match algorithm {
            Algorithm::Rs256 => ("RS256", &RSA_PKCS1_SHA256),
            Algorithm::Ps256 => ("PS256", &RSA_PSS_SHA256),
        };
        let mut head = json!({ "alg": name, "typ": "JWT" });
        for (key, value) in header.as_object()? {
            head[key.as_str()] = value.clone();
        }
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let signed = [&head, claims].map(|part| encoded(part.to_string().as_bytes())).join(".");
        let mut signature = vec![0; self.0.public().modulus_len()];
        let random = SystemRandom::new();
        self.0.sign(encoding, &random, signed.as_bytes(), &mut signature).ok()?;
        Some(Value::from(format!("{signed}.{}", encoded(&signature))))
    }
}

/// Seconds since 1970, as the claims of a token have them.
pub(crate) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// A random ID, for the claim `jti`; none without randomness.
pub(crate) fn random_id() -> Option<String> {
    use ring::rand::SecureRandom as _;
    let mut id = [0; 16];
    SystemRandom::new().fill(&mut id).ok()?;
    Some(URL_SAFE_NO_PAD.encode(id))
}

/// A key for tests, of 2048 bits.
#[cfg(test)]
pub(crate) const TEST_KEY: &str = include_str!("../../../tests/identity/rsa.pem");

#[cfg(test)]
mod tests {
    use ring::signature::{
        KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
        VerificationAlgorithm,
    };

    use super::*;

    #[test]
    fn a_token_is_signed_with_each_algorithm_and_each_form_of_key() {
        let pkcs1 = include_str!("../../../tests/identity/rsa-pkcs1.pem");
        for pem in [TEST_KEY, pkcs1] {
            let key = SigningKey::from_pem(&Value::from(pem)).unwrap();
            let cases: [(Algorithm, &dyn VerificationAlgorithm); 2] = [
                (Algorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256),
                (Algorithm::Ps256, &RSA_PSS_2048_8192_SHA256),
            ];
            for (algorithm, verification) in cases {
                let (header, claims) = (json!({ "kid": "k" }), json!({ "sub": "me" }));
                let token = key.sign(algorithm, &header, &claims).unwrap();
                let (signed, signature) = token.expose_str().unwrap().rsplit_once('.').unwrap();
                let public = key.0.public_key().as_ref().to_vec();
                let public = UnparsedPublicKey::new(verification, public);
                let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
                public.verify(signed.as_bytes(), &signature).unwrap();
                let (head, body) = signed.split_once('.').unwrap();
                let part = |text: &str| -> Json {
                    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
                };
                assert_eq!((part(head)["kid"].as_str(), part(body)), (Some("k"), claims));
            }
        }
    }

    #[test]
    fn what_is_no_rsa_key_is_refused() {
        let ec = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        for pem in
            ["", "canary", "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n"]
                .into_iter()
                .chain([ec.serialize_pem().as_str()])
        {
            assert!(SigningKey::from_pem(&Value::from(pem)).is_none());
        }
    }
}
