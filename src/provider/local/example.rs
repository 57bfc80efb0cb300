//! The table of a local store in a new `hushed.toml`, and which key file it names. It makes no file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::DEFAULT_FILE;
use super::settings::{KEY, PASSPHRASE};
use crate::config::{self, abbreviate_home};
use crate::provider::{Example, InitContext, toml_string};

const HEAD: &str = "\
# The sealed store that hushed keeps itself: `hushed secrets set NAME` adds a secret to it.
[source.local]
type = \"local\"
file = \"secrets.hushed\"
";

const DEFAULT_KEY: &str =
    "# key-file = \"/etc/hushed/key\"   # outside the project; ~/.config/hushed/key by default\n";

/// The table, where there is a store or one is wanted. A new store gets a key of its own, unless the
/// environment already has a key or a passphrase.
pub(super) fn table(found: &InitContext<'_>) -> Option<Example> {
    let exists = found.directory.join(DEFAULT_FILE).exists();
    if !exists && !found.wants_store {
        return None;
    }
    let new_key = if exists || has_key(found) { None } else { new_key_file(found.directory) };
    let mut table = HEAD.to_owned();
    match &new_key {
        Some(path) => {
            let path = toml_string(&abbreviate_home(path).to_string_lossy());
            let _ = writeln!(table, "key-file = {path}   # never in the project");
        }
        None => table += DEFAULT_KEY,
    }
    let next = (!exists).then_some("add the first secret with `hushed secrets set NAME`");
    Some(Example { table, what: "a sealed local store", next, new_key })
}

/// Whether the environment has a key or a passphrase for local stores.
fn has_key(found: &InitContext<'_>) -> bool {
    [&KEY, &PASSPHRASE].iter().flat_map(|key| key.variables).any(|&name| {
        let is_set = |name: &str| found.environment.get(name).is_some_and(|text| !text.is_empty());
        is_set(name) || is_set(&format!("{name}_FILE"))
    })
}

/// A key file that does not exist yet, named after the directory of the project.
fn new_key_file(project: &Path) -> Option<PathBuf> {
    let keys = config::base_directories()?.config_dir().join("hushed").join("keys");
    let name = key_name(&project.file_name()?.to_string_lossy());
    let number = |number: u32| match number {
        1 => keys.join(format!("{name}.key")),
        number => keys.join(format!("{name}-{number}.key")),
    };
    // Another name could not be written to the configuration.
    keys.to_str()?;
    (1..1000).map(number).find(|path| path.symlink_metadata().is_err())
}

/// A name of letters, digits, `-` and `_` for a key.
fn key_name(directory: &str) -> String {
    const LONGEST: usize = 64;
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let name: String = directory.chars().take(LONGEST).map(plain).collect();
    match name.trim_matches('-') {
        "" => "store".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_after_the_directory() {
        let long = "x".repeat(100);
        for (directory, want) in [
            ("shop", "shop"),
            ("My Shop 2", "My-Shop-2"),
            (".dotfiles", "dotfiles"),
            ("caf\u{e9}.git", "caf--git"),
            ("a_b", "a_b"),
            ("...", "store"),
            (&long, long.get(..64).unwrap()),
        ] {
            assert_eq!(key_name(directory), want);
        }
    }
}
