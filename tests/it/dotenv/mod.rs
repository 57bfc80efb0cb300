//! Dotenv files: the dialects against what the real readers made of a corpus, files as projects have
//! them, whose value wins, and what the command line makes of them.

mod corpus;
mod document;
mod precedence;
mod shapes;
mod usage;
mod write;

use std::path::{Path, PathBuf};

/// A file of the corpus.
fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/dotenv").join(name)
}
