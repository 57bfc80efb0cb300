//! What the tests stand on: servers, a sandbox, transcripts.
//! Must not test anything itself.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "a part of the support waits for the tests of later parts"
)]

pub mod breaker;
pub mod frames;
pub mod infisical;
pub mod leak;
pub mod proxy;
pub mod recorded;
pub mod replies;
pub mod sandbox;
pub mod scenario;
pub mod socks;
pub mod transcript;
pub mod wire;
