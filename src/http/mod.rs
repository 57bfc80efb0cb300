//! The HTTP client: reqwest with one deadline, a retry policy, and typed errors. It knows no store, reads no
//! environment variable, and does not interpret what a server sends.

mod body_buffer;
#[cfg(test)]
mod byte_tests;
#[cfg(test)]
mod certificate_tests;
mod classify;
mod client;
mod connection_tracker;
mod dns;
mod error;
mod origin;
mod proxy;
#[cfg(test)]
mod rate_limit_simulation;
mod request;
mod response;
pub mod retry;
#[cfg(test)]
pub(crate) mod stub;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_byte_tests;
#[cfg(test)]
mod tls_tests;
mod trust;

pub use client::{Client, Options};
pub use dns::lookup;
pub use error::{Error, ProxyName, RootCause, TlsError};
pub use proxy::Proxy;
pub use request::{Authorize, Bearer, FieldValue, Request, RequestBody};
pub use response::Response;
pub use trust::{ClientCertificate, ServerNameOverride, ServerTls, TrustRoots};
