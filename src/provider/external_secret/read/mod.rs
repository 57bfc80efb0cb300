//! The source `external-secret`: reads what manifests name, without a cluster. `model` reads the manifests, `stores`
//! makes hushed's own sources of the stores in them, `source` fetches from these, and `evaluate` does what the operator
//! does with the result. hushed-external-secrets(7) lists what differs.

#[cfg(test)]
mod cases;
mod decode;
mod error;
mod evaluate;
mod fake;
mod fields;
mod gotemplate;
mod model;
mod parse;
mod property;
mod rewrite;
pub mod schema;
mod settings;
mod source;
mod stores;
mod value;

pub use fields::{Fault, Fields};
pub use schema::ExternalSecretType;
pub use settings::{InnerSettings, Location};
