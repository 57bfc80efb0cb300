//! Where a store and its key may be: apart, so that whoever copies one does not copy the other.
//! It looks at paths only and opens no file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf, absolute};

use super::Error;
use crate::seal::private_file;

/// Whether something is there; a link counts as what it leads to.
pub(super) fn exists(path: &Path) -> Result<bool, Error> {
    path.try_exists().map_err(|error| inspect(path, error))
}

/// Refuses a key file in the directory of the store or below it.
pub(super) fn check_apart(key: &Path, store: &Path) -> Result<(), Error> {
    let directory = real(store.parent().unwrap_or(Path::new("")))?;
    if real(key)?.starts_with(&directory) {
        return Err(Error::KeyBeside { key: key.into(), directory });
    }
    Ok(())
}

/// The absolute path with all links resolved, as far as it exists.
fn real(path: &Path) -> Result<PathBuf, Error> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let path = absolute(path).map_err(|error| inspect(path, error))?;
    let mut missing = PathBuf::new();
    for ancestor in path.ancestors() {
        match fs::canonicalize(ancestor) {
            Ok(real) => return Ok(real.join(missing)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let name = ancestor.file_name().unwrap_or_default();
                missing = Path::new(name).join(missing);
            }
            Err(error) => return Err(inspect(&path, error)),
        }
    }
    Ok(path)
}

fn inspect(path: &Path, source: io::Error) -> Error {
    let step = private_file::Step::Inspect;
    Error::File(private_file::Error::Io { step, path: path.into(), source })
}
