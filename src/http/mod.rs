//! Talking to servers: a thin client over reqwest with a deadline, a retry policy and errors told by type.
//! It knows no provider, reads no environment, and never looks into what a server answers.

mod body;
#[cfg(test)]
mod byte_tests;
mod client;
mod connecting;
#[cfg(test)]
mod crowd;
mod dns;
mod error;
mod explain;
mod origin;
mod proxy;
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
pub use error::{Error, ProxyName, RootCause, TlsFault};
pub use proxy::Proxy;
pub use request::{Authorize, Bearer, Body, Field, Request};
pub use response::Response;
pub use trust::{Identity, Trust};
