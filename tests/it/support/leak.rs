//! Whether a secret got out: the canary that every fixture has, plain or in base64.
//! Must not decide where it may be.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};

/// The word that every secret of a fixture contains.
pub const CANARY: &str = "canary";

/// Returns whether the canary is in there.
pub fn is_in(bytes: &[u8]) -> bool {
    let plain = CANARY.as_bytes().to_vec();
    let forms = (0..3).map(encoded).chain([plain]);
    forms.into_iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
}

/// Returns what the canary looks like in base64, so many bytes after a whole group.
fn encoded(offset: usize) -> Vec<u8> {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(CANARY.as_bytes());
    let text = STANDARD.encode(&bytes).into_bytes();
    // Only letters made of the canary's bits alone.
    let (first, last) = ((offset * 8).div_ceil(6), bytes.len() * 8 / 6);
    text.get(first..last).unwrap_or_default().to_vec()
}

/// Returns the files below a folder that have the canary in them, but for those exempt.
pub fn files(root: &Path, exempt: &BTreeSet<PathBuf>) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if is_in(entry.file_name().as_encoded_bytes()) {
                found.push(path.clone());
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && !exempt.contains(&path) {
                let leaks = match fs::read(&path) {
                    // Another run that goes on has given it its name, or has removed it.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                    bytes => is_in(&bytes?),
                };
                found.extend(leaks.then_some(path));
            }
        }
    }
    Ok(found)
}

/// Returns whether the canary is in what `ps` shows of a process.
pub fn in_command_line(pid: u32) -> io::Result<bool> {
    Ok(is_in(&fs::read(format!("/proc/{pid}/cmdline"))?))
}
