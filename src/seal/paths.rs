//! Where sealed files and their key may be: apart, so that whoever copies one does not copy the other.
//! It looks at paths only and opens no file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf, absolute};

use super::private_file::{Error, FileOperation};

/// Whether something is there; a link counts as what it leads to.
pub fn exists(path: &Path) -> Result<bool, Error> {
    path.try_exists().map_err(|error| inspect(path, error))
}

/// The directory, with its links resolved, if the path is in it or below it.
pub fn resolve_within(path: &Path, directory: &Path) -> Result<Option<PathBuf>, Error> {
    let directory = real(directory)?;
    Ok(real(path)?.starts_with(&directory).then_some(directory))
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
    FileOperation::Inspect.failed(path, source)
}
