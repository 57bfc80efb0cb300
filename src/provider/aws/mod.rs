//! AWS: the stores Secrets Manager (`aws-sm`) and Systems Manager Parameter Store (`aws-ssm`).
//!
//! ```text
//! configure   settings, trust, cache identity         chain      which provider has the credentials (pure)
//! resolve     files and variables to one plan         login      obtains them: process, sso, metadata, STS
//! secrets_manager, parameter_store   what is read     api, call, sigv4   signed requests, retries by code
//! write, write_secrets, write_parameters, stored_*   what is changed
//! ```

mod api;
mod call;
mod caller_identity;
mod chain;
#[cfg(test)]
mod chain_tests;
mod configure;
mod credential_plan;
mod describe;
mod doctor;
mod endpoint;
mod environment;
mod error;
#[cfg(feature = "external-secrets")]
mod external_secret;
mod ini;
mod keys;
mod login;
mod login_session;
mod metadata;
mod objects;
mod parameter_store;
mod process;
mod profiles;
mod resolve;
pub mod schema;
mod secrets_manager;
mod sigv4;
mod source;
mod sso;
mod stored_parameters;
mod stored_secrets;
mod time;
mod write;
mod write_error;
mod write_parameters;
mod write_secrets;

pub use caller_identity::CallerIdentity;
pub(crate) use caller_identity::SignedRequest;
pub use configure::{ParameterStoreType, SecretsManagerType};
