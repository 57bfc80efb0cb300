//! The paths that the documents for developers name.
//! Must not check what they say about them.

use std::{fs, path::Path};

/// The folders that a path begins with.
const ROOTS: [&str; 10] = [
    "src/",
    "tests/",
    "fuzz/",
    "benches/",
    "man/",
    "docs/",
    "examples/",
    "completions/",
    ".ci/",
    "findings/",
];

#[test]
fn every_path_that_a_document_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let quoted = text.split('`').skip(1).step_by(2);
        let paths: Vec<&str> = quoted
            .filter(|quoted| ROOTS.iter().any(|folder| quoted.starts_with(folder)))
            .map(|quoted| quoted.split_whitespace().next().unwrap())
            .collect();
        let missing: Vec<&&str> = paths.iter().filter(|path| !root.join(path).exists()).collect();
        assert!(missing.is_empty(), "{document} names what is not there: {missing:?}");
        assert!(!paths.is_empty(), "{document} names no path");
    }
    let lines = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap().lines().count();
    assert!(lines <= 150, "ARCHITECTURE.md has {lines} lines");
}
