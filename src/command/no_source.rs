//! Explains that no source is configured: which directory was searched, where hushed.toml was looked for, and
//! which files nearby may be what the user meant.

use std::path::Path;

use crate::config::{CONFIG_NAME, UnusedFile};
use crate::error::Error;

/// How many files are listed.
const MAX_FILES: usize = 4;

/// The error for a working directory without a source; `ways` are the environment variables that configure
/// one, store by store.
pub(super) fn explain(ways: &str, directory: &Path, unused: &[UnusedFile]) -> Error {
    let root = directory.ancestors().find(|above| above.join(".git").exists());
    let searched = match root {
        Some(root) if root == directory => {
            format!("hushed looks for {CONFIG_NAME} here, at the root of the repository")
        }
        Some(root) => format!(
            "hushed looks for {CONFIG_NAME} here and in the parents up to the repository's root {}",
            root.display()
        ),
        None => format!(
            "hushed looks for {CONFIG_NAME} here and in the parents, up to your home directory or the \
             boundary of the file system"
        ),
    };
    let mut hints = vec![searched];
    let above = directory.ancestors().skip(1).map(|above| above.join(CONFIG_NAME));
    if let Some(found) = above.into_iter().find(|path| path.is_file()) {
        hints.push(format!(
            "{} is not used; to use it, pass --config {}",
            found.display(),
            found.display()
        ));
    }
    hints.extend(unused.iter().map(ToString::to_string));
    let files = dotenv_files(directory);
    if let Some(first) = files.first() {
        let listed: Vec<_> = files.iter().map(|file| format!("`{file}`")).collect();
        hints.push(format!("found {} here; to use it, pass --env-file {first}", listed.join(", ")));
    }
    hints
        .push(format!("to configure a source, run `hushed init`, {ways}, or pass --env-file FILE"));
    Error::NoSource { directory: directory.to_owned(), hint: hints.join("\n  hint: ") }
}

/// The dotenv files of a directory that may hold secrets, in the order of their names.
fn dotenv_files(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let is_template =
        |name: &str| [".example", ".sample", ".template"].iter().any(|end| name.ends_with(end));
    let is_dotenv = |name: &String| {
        name.strip_prefix(".env").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            && !is_template(name)
    };
    let mut names: Vec<_> = names.filter(is_dotenv).collect();
    names.sort();
    names.truncate(MAX_FILES);
    names
}
