//! hushed runs a command with its secrets as environment variables, and leaves nothing behind.
//!
//! This page is the map of the crate. Modules import downwards only; a test keeps it so.
//!
//! - `exit`, `sys` — the table of exit codes; the kernel, and the only unsafe code
//! - `secret` — what a secret is: value, name, provenance, set
//! - `seal`, `http` — encryption at rest; talking to servers
//! - `cli`, `config` — what may be said; what holds
//! - `provider` — where secrets live, one folder a system
//! - `resolve`, `deliver` — from many sources to one environment; how a child gets it
//! - `process` — running the child
//! - `command` — what is done: one file a command, and the only place where parts meet

pub mod cli;
pub mod config;
pub mod deliver;
pub mod exit;
pub mod http;
pub mod process;
pub mod provider;
pub mod resolve;
pub mod seal;
pub mod secret;
mod sys;
