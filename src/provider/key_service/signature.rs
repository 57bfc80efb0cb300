//! The text form of a signature, which names its scheme: `SERVICE:ALGORITHM:KEY:VERSION:BASE64`. Pure.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Algorithm, KeyError};

/// A signature or an HMAC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The service that made it: [`super::KeyService::scheme`].
    pub service: String,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The name of the key.
    pub key: String,
    /// The version of the key; 0 where keys have none.
    pub version: u64,
    /// The signature itself.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// Parses the text form.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let parts: Vec<&str> = text.trim().split(':').collect();
        let [service, algorithm, key, version, bytes] = parts.as_slice() else {
            return Err(KeyError::SignatureForm);
        };
        let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
        let signature = Self {
            service: (*service).to_owned(),
            algorithm: algorithm.parse().map_err(|()| KeyError::SignatureForm)?,
            key: (*key).to_owned(),
            version: version.parse().map_err(|_| KeyError::SignatureForm)?,
            bytes: STANDARD.decode(bytes).map_err(|_| KeyError::SignatureForm)?,
        };
        let is_valid = is_word(service) && is_key_name(key) && !signature.bytes.is_empty();
        if is_valid { Ok(signature) } else { Err(KeyError::SignatureForm) }
    }

    /// What a configuration must list before the signature is accepted: service and algorithm.
    pub fn scheme(&self) -> String {
        format!("{}:{}", self.service, self.algorithm)
    }
}

/// Whether a text can be the name of a key. All others would need escapes in the text form and in paths.
pub fn is_key_name(text: &str) -> bool {
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (1..=128).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(is_name_byte)
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, algorithm, key, version, bytes } = self;
        write!(f, "{service}:{algorithm}:{key}:{version}:{}", STANDARD.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_read_back_and_other_texts_are_no_signatures() {
        for name in Algorithm::names() {
            let text = format!("transit:{name}:app.key-1:3:AAEC");
            let signature = Signature::parse(&format!("{text}\n")).unwrap();
            assert_eq!(signature.to_string(), text);
            assert_eq!(signature.scheme(), format!("transit:{name}"));
        }
        for text in [
            "",
            "AAEC",
            "transit:ECDSA_SHA_1:app:1:AAEC",
            "transit:ECDSA_SHA_256:app:1:",
            "transit:ECDSA_SHA_256:app:x:AAEC",
            "transit:ECDSA_SHA_256:../app:1:AAEC",
            "transit:ECDSA_SHA_256::1:AAEC",
            ":ECDSA_SHA_256:app:1:AAEC",
            "transit:ECDSA_SHA_256:app:1:AAEC:x",
            "transit:ECDSA_SHA_256:app:1:A",
        ] {
            assert!(Signature::parse(text).is_err(), "{text}");
        }
    }
}
