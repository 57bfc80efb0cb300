//! How a child gets its secrets: the environment block, files without a disk, and the formats of `hushed export`. It knows
//! no source.

pub mod environment;
pub mod files;
pub mod format;
pub mod import;
pub mod size;
