//! Encryption at rest: envelope, keys, private files written atomically.
//! It knows neither a store nor what is in the plaintext.

pub mod bech32;
pub mod codec;
mod derive;
pub mod envelope;
pub mod key;
pub mod paths;
pub mod private_file;
pub mod x25519;

pub use derive::{Argon2Cost, ExcessiveCost};
pub use envelope::EnvelopeKind;
pub use key::{Key, KeySource};
pub use x25519::{X25519Identity, X25519Recipient};
