//! hushed runs a command with its secrets as environment variables, and leaves nothing behind.
//!
//! This page is the map of the crate. Modules import downwards only; a test keeps it so.
//!
//! - `secret` — what a secret is; `sys` — the kernel
//! - `seal`, `http` — encryption at rest, talking to servers
//! - `cli`, `config` — what was said, what holds
//! - `provider` — where secrets live
//! - `resolve`, `deliver` — from many sources to one environment, and how a child gets it
//! - `process` — running the child
//! - `command` — what is done: one file a command

pub mod deliver;
pub mod http;
pub mod provider;
pub mod seal;
pub mod secret;
