//! The kernel: what was inherited, signals, replacing our own image. The only place for unsafe code.
//! It knows nothing of secrets.

pub(crate) mod exec;
pub(crate) mod inherited;
pub(crate) mod limit;
pub(crate) mod signal;
mod unwind;
