//! hushed runs a command with its secrets as environment variables, and leaves nothing behind.
//!
//! This page is the map of the crate. Modules import downwards only; a test keeps it so.
//!
//! - `message` — what messages have in common: causes, the nearest name
//! - `exit`, `sys` — the table of exit statuses; the kernel, and the only unsafe code
//! - `secret` — what a secret is: value, name, provenance, set
//! - `seal`, `http` — encryption at rest; talking to servers
//! - `redact` — finding secrets in a byte stream
//! - `config` — layers, origins, trust and merging of settings
//! - `cache` — what a server returned, sealed, for when it is away
//! - `provider` — the stores, one folder each, and their registry
//! - `resolve`, `deliver` — from many sources to one environment; how a child gets it
//! - `process`, `cli` — running the child; the command line
//! - `command` — what is done: one file a command, and the only place where parts meet

#[cfg(not(target_os = "linux"))]
compile_error!(
    "hushed runs on Linux only: it relies on memfd_secret, signalfd, Landlock and pidfds"
);

pub mod cache;
pub mod cli;
pub mod command;
pub mod config;
pub mod deliver;
pub mod error;
pub mod exit;
pub mod http;
mod message;
pub mod process;
pub mod provider;
pub mod redact;
pub mod resolve;
pub mod seal;
pub mod secret;
mod sys;

pub use sys::allocator::ClearingAllocator;

use std::io;
use std::path::PathBuf;

use command::Context;
use config::Environment;
use exit::Exit;
use provider::Registry;

/// Lets a panic say where it happened, and nothing else: its payload may quote a secret.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let mut stderr = io::stderr();
        let text = format!("hushed: this is a fault in hushed ({place}); please report it\n");
        let _unheard = io::Write::write_all(&mut stderr, text.as_bytes());
    }));
}

/// The program: parses the arguments of this process, does what they say, and gives the exit code.
pub fn main() -> u8 {
    main_with(Registry::default())
}

/// The program with these stores.
pub fn main_with(registry: Registry) -> u8 {
    sys::harden::harden();
    quiet_panics();
    let mut context = Context {
        stdout: &mut sys::stream::UnbufferedStdout,
        stderr: &mut io::stderr(),
        environment: Environment::inherit(|name| registry.is_credential(name)),
        directory: std::env::current_dir().unwrap_or(PathBuf::from(".")),
        registry,
    };
    let exit = command::dispatch(std::env::args_os().collect(), &mut context);
    drop(context);
    if let Exit::Signal(number) = exit {
        sys::signals::terminate_by_signal(number);
    }
    exit.code()
}
