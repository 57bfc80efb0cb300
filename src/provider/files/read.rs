//! Reads all files of a directory, of one generation: a volume of Kubernetes is replaced as a whole, by a link
//! `..data` to a new directory. A pipe or a device never holds it up.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::Reason;
use crate::seal::private_file;
use crate::secret::{Name, Value};

/// The largest file that is read, in bytes: the largest that systemd and Kubernetes pass.
const MAX_SIZE: u64 = 1 << 20;

/// The most bytes that are read of all files together.
pub(super) const MAX_TOTAL: usize = 16 << 20;

/// The most files that a directory may have.
pub(super) const MAX_ENTRIES: usize = 4096;

/// How often it begins anew where the directory is replaced meanwhile.
const MAX_TRIES: usize = 5;

/// The link to the current generation.
const GENERATION: &str = "..data";

/// A file of a directory.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) value: Value,
}

/// What a directory holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Its files, in the order of their names.
    pub(super) entries: Vec<Entry>,
    /// What is no secret: directories and hidden files.
    pub(super) skipped: Vec<String>,
}

/// Reads a file, which must be a regular one.
pub(super) fn file(path: &Path) -> Result<Value, private_file::Error> {
    private_file::read(path, MAX_SIZE).map(|content| content.bytes)
}

/// Reads all files of a directory.
pub(super) fn directory(directory: &Path) -> Result<Found, Reason> {
    let link = directory.join(GENERATION);
    for _ in 0..MAX_TRIES {
        let generation = fs::read_link(&link).ok();
        let current = match &generation {
            Some(target) => directory.join(target),
            None => directory.to_owned(),
        };
        let is_replaced = || generation.is_some() && fs::read_link(&link).ok() != generation;
        match read(directory, &current) {
            // A file that is gone belonged to the former generation.
            Err(Reason::Missing | Reason::File(private_file::Error::Missing { .. }))
                if is_replaced() => {}
            found => return found,
        }
    }
    Err(Reason::Changing)
}

/// Reads one generation. Its files are named as they are seen in the directory.
fn read(directory: &Path, generation: &Path) -> Result<Found, Reason> {
    let listed = fs::read_dir(generation).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Reason::Missing,
        io::ErrorKind::NotADirectory => Reason::NotADirectory,
        _ => Reason::Directory(error),
    })?;
    let (mut found, mut invalid, mut total) = (Found::default(), Vec::new(), 0);
    let mut names = Vec::new();
    for entry in listed {
        names.push(entry.map_err(Reason::Directory)?.file_name());
        if names.len() > MAX_ENTRIES {
            return Err(Reason::TooMany);
        }
    }
    names.sort();
    for file_name in names {
        let path = generation.join(&file_name);
        let Ok(name) = file_name.into_string() else {
            invalid.push(format!("`{}`", path.file_name().unwrap_or_default().display()));
            continue;
        };
        if name.starts_with("..") {
            continue;
        }
        let shown = || format!("`{}`", Name::new(name.as_str()));
        if name.starts_with('.') {
            found.skipped.push(format!("{} (hidden)", shown()));
        } else if path.is_dir() {
            found.skipped.push(format!("{} (a directory)", shown()));
        } else {
            let value = file(&path)?;
            total += value.len();
            if total > MAX_TOTAL {
                return Err(Reason::TooLarge);
            }
            found.entries.push(Entry { path: directory.join(&name), name, value });
        }
    }
    if invalid.is_empty() { Ok(found) } else { Err(Reason::Names(invalid)) }
}
