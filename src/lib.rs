//! hushed runs a command with its secrets as environment variables.
//!
//! Modules import only from modules listed above them; `tests/it/layers` enforces this. `sys`, `secret` and `redact` are
//! crates of their own, so that they can be optimized for speed.
//!
//! - `message` — chains of causes, "did you mean" suggestions
//! - `exit`, `sys` — exit statuses; kernel interfaces and the only unsafe code
//! - `secret` — a secret: value, name, provenance; sets of secrets
//! - `seal`, `http` — encryption at rest; the HTTP client
//! - `redact` — finds secrets in a byte stream
//! - `config` — layers, origins, trust and merging of settings
//! - `cache` — the encrypted cache of fetched secrets
//! - `provider` — the stores, one folder each, and their registry
//! - `resolve`, `deliver` — merges the sources into variables; builds environments and export formats
//! - `scan` — searches files and git repositories for values
//! - `process`, `cli` — runs the child process; defines the command line
//! - `command` — the subcommands, one file each

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
pub mod reference;
pub mod resolve;
pub mod scan;
pub mod seal;

pub use hushed_redact as redact;
pub use hushed_secret as secret;
use hushed_sys as sys;
pub use sys::allocator::ClearingAllocator;

use std::io;
use std::path::PathBuf;

use command::Context;
use config::Environment;
use exit::Exit;
use provider::Registry;

/// Installs a panic hook that prints the source location only: the payload may quote a secret.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let mut stderr = io::stderr();
        let text = format!("hushed: this is a bug in hushed ({location}); please report it\n");
        let _ignored = io::Write::write_all(&mut stderr, text.as_bytes());
    }));
}

/// Runs hushed with the arguments of this process, and returns the exit status.
pub fn main() -> u8 {
    main_with(Registry::default())
}

/// Runs hushed with a custom registry of stores.
pub fn main_with(registry: Registry) -> u8 {
    sys::harden::harden();
    install_panic_hook();
    let mut context = Context {
        stdout: &mut sys::stream::UnbufferedStdout,
        stderr: &mut io::stderr(),
        environment: Environment::inherit(|name| registry.is_credential(name)),
        directory: std::env::current_dir().unwrap_or(PathBuf::from(".")),
        registry,
        error_format: cli::ErrorFormat::default(),
    };
    let exit = command::dispatch(std::env::args_os().collect(), &mut context);
    drop(context);
    if let Exit::Signal(number) = exit {
        sys::signals::terminate_by_signal(number);
    }
    exit.code()
}
