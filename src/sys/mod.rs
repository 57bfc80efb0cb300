//! Kernel interfaces: inherited state, protected memory, signals, terminals, sandboxing, exec and wait.
//! The only place for unsafe code. It knows no secrets.

pub(crate) mod allocator;
pub(crate) mod argv_environ;
pub(crate) mod child;
pub(crate) mod clock;
pub(crate) mod exec;
pub(crate) mod group_witness;
pub(crate) mod harden;
pub(crate) mod inherited;
pub(crate) mod keyring;
mod landlock;
pub(crate) mod limits;
mod math;
pub(crate) mod memory;
pub(crate) mod monitor;
pub(crate) mod mount_namespace;
pub(crate) mod notify_socket;
mod probe;
#[cfg(any(feature = "aws", feature = "kubernetes", feature = "sops"))]
pub(crate) mod program;
pub(crate) mod sandbox;
mod seccomp;
pub(crate) mod signals;
pub(crate) mod stack;
pub(crate) mod stream;
pub(crate) mod terminal;
mod threads;
mod unwind;
pub(crate) mod vector;
pub(crate) mod wait;
pub(crate) mod worker;
