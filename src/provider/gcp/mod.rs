//! Google Secret Manager (`gcp-sm`).
//!
//! ```text
//! configure   settings, trust, cache identity       credentials   Application Default Credentials (reads files)
//! job         the login with the ID token of a CI job
//! login, federation   obtain an access token        api, source   what is read, checksums, references
//! ```

mod api;
mod configure;
mod crc32c;
mod credentials;
mod doctor;
mod error;
#[cfg(feature = "external-secrets")]
mod external_secret;
mod federation;
mod job;
mod login;
mod name;
pub mod schema;
mod source;

pub use configure::SecretManagerType;
