//! The fenced blocks of a document, and how YAML is read. Must not judge what is in them.

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

/// A fenced block.
pub(super) struct Snippet {
    /// The file and the line of its first line.
    pub place: String,
    /// What the fence says.
    pub language: String,
    pub text: String,
}

/// Returns the fenced blocks of a document.
pub(super) fn read(path: &Path) -> Vec<Snippet> {
    let text = fs::read_to_string(path).unwrap();
    let mut snippets = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let block = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
        let text = block.flat_map(|line| [line, "\n"]).collect();
        let place = format!("{}:{}", path.display(), number + 2);
        snippets.push(Snippet { place, language: language.to_owned(), text });
    }
    snippets
}

/// Returns the first block of a document in `docs/` that has this text in it.
pub(super) fn find(document: &str, what: &str) -> String {
    let blocks = read(&super::root().join("docs").join(document));
    let found = blocks.into_iter().find(|snippet| snippet.text.contains(what));
    found.unwrap_or_else(|| panic!("{document} has no block with `{what}`")).text
}

const TO_JSON: &str = "\
import json, sys, yaml
try: documents = list(yaml.safe_load_all(sys.stdin))
except yaml.YAMLError as error: sys.exit(str(error))
json.dump(documents, sys.stdout)";

/// Reads YAML as a list of documents; `None` where no Python here can.
pub(super) fn yaml(text: &str) -> Option<Result<Value, String>> {
    let mut child = Command::new(python("yaml")?);
    child.args(["-c", TO_JSON]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Some(if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    })
}

/// Returns a Python that has a module: that of `.ci/run`, or the system's.
pub(crate) fn python(module: &str) -> Option<PathBuf> {
    let own = super::root().join("target/python/bin/python");
    let named = env::var_os("HUSHED_TEST_PYTHON").map(PathBuf::from);
    let candidates = named.into_iter().chain([own, "python3".into()]);
    let has = |python: &PathBuf| {
        let import = format!("import {module}");
        let output = Command::new(python).args(["-c", &import]).output();
        output.is_ok_and(|output| output.status.success())
    };
    candidates.into_iter().find(has)
}
