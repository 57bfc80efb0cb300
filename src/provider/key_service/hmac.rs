//! HMAC-SHA256 on this machine, with keys that are secrets of a source.

use ring::hmac;

use super::{Algorithm, KeyError, KeyFuture, KeyInfo, KeyService, Signature};
use crate::provider::Source;
use crate::secret::Value;

/// The least length of a key in bytes: that of the hash (RFC 2104, 3).
const LEAST: usize = 32;

/// The most data in bytes.
const MAX_SIZE: usize = 64 << 20;

/// The keys of a source.
#[derive(Debug)]
pub struct HmacKeys(Box<dyn Source>);

impl HmacKeys {
    /// The secrets of this source as keys.
    pub fn new(source: Box<dyn Source>) -> Self {
        Self(source)
    }

    async fn key(&self, name: &str) -> Result<hmac::Key, KeyError> {
        let secrets = self.0.fetch().await?;
        let secret = secrets.iter().rev().find(|secret| secret.name.as_str() == name);
        let place = format!("`{}`", self.0.name());
        let secret = secret.ok_or_else(|| KeyError::NoSuchKey { name: name.to_owned(), place })?;
        let size = secret.value.len();
        if size < LEAST {
            return Err(KeyError::WeakKey { name: name.to_owned(), size, least: LEAST });
        }
        Ok(hmac::Key::new(hmac::HMAC_SHA256, secret.value.expose()))
    }
}

/// What this service cannot do.
fn unsupported<T>(what: &str) -> KeyFuture<'static, T>
where
    T: 'static,
{
    let what = format!("the local store does not {what}");
    let hint = "configure a source with `transit`; hushed-kms(1) describes it";
    let error = KeyError::Unsupported { what, hint };
    Box::pin(std::future::ready(Err(error.into())))
}

impl KeyService for HmacKeys {
    fn scheme(&self) -> &'static str {
        "local"
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn max_size(&self) -> usize {
        MAX_SIZE
    }

    fn encrypt<'a>(&'a self, _: &'a str, _: &'a Value, _: &'a [u8]) -> KeyFuture<'a, String> {
        unsupported("encrypt")
    }

    fn decrypt<'a>(&'a self, _: &'a str, _: &'a str, _: &'a [u8]) -> KeyFuture<'a, Value> {
        unsupported("decrypt")
    }

    fn sign<'a>(
        &'a self,
        key: &'a str,
        algorithm: Option<Algorithm>,
        data: &'a Value,
    ) -> KeyFuture<'a, Signature> {
        let algorithm = algorithm.unwrap_or(Algorithm::HMAC_SHA_256);
        if algorithm != Algorithm::HMAC_SHA_256 {
            return unsupported(&format!("have {algorithm}, only {}", Algorithm::HMAC_SHA_256));
        }
        Box::pin(async move {
            let tag = hmac::sign(&self.key(key).await?, data.expose());
            Ok(Signature {
                service: self.scheme().to_owned(),
                algorithm,
                key: key.to_owned(),
                version: 0,
                bytes: tag.as_ref().to_vec(),
            })
        })
    }

    fn verify<'a>(&'a self, signature: &'a Signature, data: &'a Value) -> KeyFuture<'a, bool> {
        if signature.algorithm != Algorithm::HMAC_SHA_256 {
            return unsupported(&format!("have {}", signature.algorithm));
        }
        Box::pin(async move {
            let key = self.key(&signature.key).await?;
            Ok(hmac::verify(&key, data.expose(), &signature.bytes).is_ok())
        })
    }

    fn keys(&self) -> KeyFuture<'_, Vec<KeyInfo>> {
        unsupported("list keys: every secret of 32 bytes or more can be one")
    }
}
