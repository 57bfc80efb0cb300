//! Azure Key Vault (`azure-kv`).
//!
//! ```text
//! configure   settings, trust, cache identity     login   access tokens of Microsoft Entra ID
//! vault       addresses, audiences, names         api, source   what is read, lists, references
//! ```

mod api;
mod configure;
mod doctor;
mod error;
#[cfg(feature = "external-secrets")]
mod external_secret;
mod login;
pub mod schema;
mod source;
mod vault;

pub use configure::KeyVaultType;
