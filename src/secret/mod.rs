//! What a secret is: its value, its name, where it came from, a set of them, and how one waits.
//! Nothing here does I/O, and nothing here can print a value.

mod set;
mod shielded;
mod value;

pub use set::{Name, Provenance, Secret, SecretSet, Span};
pub use shielded::Shielded;
pub use value::Value;
