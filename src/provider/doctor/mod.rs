//! The checks of `hushed doctor` that stores share: files and their modes, the way to a server, its clock.

mod check;
mod clock;
mod file;
mod network;

pub use check::{Check, Verdict, counted};
pub use clock::{clock, clock_seconds, is_rfc3339};
pub use file::{credential, fetching, private, reading, unchangeable};
pub use network::connection;
