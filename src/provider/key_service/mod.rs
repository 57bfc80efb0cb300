//! Keys that a store holds and uses without giving them away: encryption, signatures and message authentication.
//!
//! ```text
//! algorithm  the names of algorithms     signature  the text form of a signature, which names its scheme
//! error      service against client      hmac       HMAC with a key that is a secret of a store
//! ```

mod algorithm;
mod error;
mod hmac;
mod signature;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

pub use algorithm::{Algorithm, Family};
pub use error::KeyError;
pub use hmac::HmacKeys;
pub use signature::{Signature, is_key_name};

use super::{End, Error};
use crate::secret::Value;

/// What a [`KeyService`] returns.
pub type KeyFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// A service that encrypts, decrypts, signs and verifies with keys that it holds.
pub trait KeyService: fmt::Debug {
    /// Its word in the schemes of signatures, such as `transit`.
    fn scheme(&self) -> &'static str;

    /// Whether a server does the work.
    fn is_remote(&self) -> bool {
        true
    }

    /// The most bytes that a request may process.
    fn max_size(&self) -> usize;

    /// Encrypts data. `context` is authenticated, and needed again for decryption; it may be empty. Returns the text
    /// form of the service.
    fn encrypt<'a>(
        &'a self,
        key: &'a str,
        plaintext: &'a Value,
        context: &'a [u8],
    ) -> KeyFuture<'a, String>;

    /// Decrypts what [`Self::encrypt`] returned.
    fn decrypt<'a>(
        &'a self,
        key: &'a str,
        ciphertext: &'a str,
        context: &'a [u8],
    ) -> KeyFuture<'a, Value>;

    /// Signs data, or makes an HMAC of it. Without an algorithm, the type of the key decides.
    fn sign<'a>(
        &'a self,
        key: &'a str,
        algorithm: Option<Algorithm>,
        data: &'a Value,
    ) -> KeyFuture<'a, Signature>;

    /// Whether a signature or an HMAC is of this data.
    fn verify<'a>(&'a self, signature: &'a Signature, data: &'a Value) -> KeyFuture<'a, bool>;

    /// The keys, without their material.
    fn keys(&self) -> KeyFuture<'_, Vec<KeyInfo>>;

    /// Ends the login, where the settings ask for it.
    fn end(&self) -> End<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A key of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name.
    pub name: String,
    /// Its type, as the service names it; none if the identity may not read it.
    pub kind: Option<String>,
    /// Its newest version.
    pub version: Option<u64>,
    /// The oldest version that still decrypts and verifies.
    pub oldest: Option<u64>,
}

/// Refuses data that a service would reject for its size.
pub fn check_size(service: &dyn KeyService, data: &[u8]) -> Result<(), KeyError> {
    let (size, limit) = (data.len(), service.max_size());
    if size > limit { Err(KeyError::TooLarge { size, limit }) } else { Ok(()) }
}
