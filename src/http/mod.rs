//! Talking to servers: one client, its trust, its retry policy, its errors.
//! It knows no provider, reads no environment, and never looks into what a server answers.

mod body;
#[cfg(test)]
mod byte_tests;
mod client;
mod connect;
mod connections;
#[cfg(test)]
mod crowd;
mod dns;
mod error;
mod explain;
mod frames;
mod link;
mod origin;
mod placeholder;
mod pool;
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
mod transport;
#[cfg(test)]
mod transport_tests;
mod trust;
mod wiping;

pub use client::{Client, Options};
pub use dns::lookup;
pub use error::{Error, ProxyName, RootCause, TlsFault};
pub use proxy::Proxy;
pub use response::Response;
pub use trust::Trust;
