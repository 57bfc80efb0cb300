//! How a child gets its secrets: the environment block, and the formats of `hushed export`. It knows
//! no source.

pub mod environment;
pub mod format;
pub mod size;
