//! The kernel: what was inherited, memory, signals, terminals, starting a program and waiting for it.
//! The only place for unsafe code. It knows nothing of secrets.

pub(crate) mod allocator;
pub(crate) mod apart;
pub(crate) mod child;
pub(crate) mod clock;
pub(crate) mod confine;
pub(crate) mod exec;
pub(crate) mod harden;
pub(crate) mod inherited;
pub(crate) mod initial;
pub(crate) mod keyring;
mod landlock;
pub(crate) mod limit;
pub(crate) mod memory;
pub(crate) mod monitor;
pub(crate) mod relay;
mod seccomp;
pub(crate) mod signal;
pub(crate) mod signals;
pub(crate) mod stack;
pub(crate) mod stream;
pub(crate) mod terminal;
mod threads;
mod trial;
mod unwind;
pub(crate) mod wait;
pub(crate) mod witness;
