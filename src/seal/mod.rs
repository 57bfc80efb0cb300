//! Encryption at rest: envelope, keys, private files written atomically.
//! It knows neither a store nor what is in the plaintext.

pub mod codec;
mod derive;
pub mod envelope;
pub mod key;
pub mod paths;
pub mod private_file;

pub use derive::{Argon2Cost, ExcessiveCost};
pub use envelope::EnvelopeKind;
pub use key::{Key, KeySource};
