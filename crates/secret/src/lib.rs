//! Secrets: value, name, provenance, and sets of them. No I/O; nothing here can print a value.

mod buffer;
mod object;
mod set;
mod value;

pub use buffer::{SecretBuffer, to_json};
pub use object::{Object, ObjectAddress, ObjectContent};
pub use set::{Age, Name, Provenance, Secret, SecretSet};
pub use value::Value;
