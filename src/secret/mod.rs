//! What a secret is: its value, its name, where it came from, and a set of them.
//! Nothing here does I/O, and nothing here can print a value.

mod buffer;
mod set;
mod value;

pub use buffer::SecretBuffer;
pub use set::{Name, Provenance, Secret, SecretSet, Span};
pub use value::Value;
