//! How a child gets its secrets: the environment block, and the formats of `hushed export`.

pub mod format;
