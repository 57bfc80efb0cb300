//! Kernel interfaces: inherited state, protected memory, signals, terminals, sandboxing, exec and wait.
//! The only place for unsafe code. It knows no secrets.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "hushed runs on Linux only: it relies on memfd_secret, signalfd, Landlock and pidfds"
);

pub mod allocator;
pub mod argv_environ;
pub mod child;
pub mod clock;
pub mod exec;
pub mod group_witness;
pub mod harden;
pub mod inherited;
pub mod keyring;
mod landlock;
pub mod limits;
mod math;
pub mod memory;
pub mod monitor;
pub mod mount_namespace;
pub mod notify_socket;
mod probe;
pub mod program;
pub mod sandbox;
mod seccomp;
pub mod signals;
pub mod stack;
pub mod stream;
pub mod terminal;
pub mod threads;
mod unwind;
pub mod vector;
pub mod wait;
pub mod worker;
