//! Private files: mode 0600, replaced as a whole or not at all, by one writer at a time.
//! Nothing here follows a symbolic link when it writes, or knows what the bytes are.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _};
use std::mem::take;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::Mode;
use zeroize::Zeroizing;

use crate::secret::Value;

mod error;
mod lock;

pub use error::{Error, Step};
pub use lock::Lock;

/// How long a writer waits for another one, unless told otherwise.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Replaces a file's content, or creates the file.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    Lock::acquire(path, PATIENCE)?.replace(bytes)
}

/// A file's content and its mode's permission bits.
#[derive(Debug)]
pub struct Content {
    /// All bytes of the file.
    pub bytes: Value,
    /// Who may do what with it: the lower twelve bits of `st_mode`.
    pub mode: u32,
}

/// Reads a whole regular file of at most `limit` bytes. Links are followed: mounted secrets are
/// often links, and reading through one harms nobody.
pub fn read(path: &Path, limit: u64) -> Result<Content, Error> {
    // Without O_NONBLOCK a named pipe would hold us up before we know what it is.
    let nonblocking = OFlag::O_NONBLOCK.bits();
    let mut file =
        OpenOptions::new().read(true).custom_flags(nonblocking).open(path).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                Error::Missing { path: path.into() }
            } else {
                Step::Open.failed(path, error)
            }
        })?;
    let metadata = file.metadata().map_err(|error| Step::Inspect.failed(path, error))?;
    if !metadata.is_file() {
        return Err(Error::NotRegular { path: path.into() });
    }
    let size = metadata.len();
    let length = usize::try_from(size).ok().filter(|_| size <= limit);
    let Some(length) = length else {
        return Err(Error::TooLarge { path: path.into(), size, limit });
    };
    // One buffer of the right size: a growing one would leave copies behind.
    let mut bytes = Zeroizing::new(vec![0; length]);
    file.read_exact(&mut bytes).map_err(|error| Step::Read.failed(path, error))?;
    let bytes = Value::new(take(&mut *bytes));
    Ok(Content { bytes, mode: metadata.permissions().mode() & 0o7777 })
}

/// Makes a directory with mode 0700, and those above it that are missing; one that is there is
/// left as it is.
pub fn create_directory(path: &Path) -> Result<(), Error> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let failed = |error| Step::MakeDirectory.failed(path, error);
    let parent = path.parent().unwrap_or(Path::new("/"));
    create_directory(parent)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made.and_then(|()| sync_directory(&open_directory(parent)?)).map_err(failed),
    }
}

fn open_directory(path: &Path) -> io::Result<File> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    Ok(File::from(openat(AT_FDCWD, path, flags, Mode::empty())?))
}

fn sync_directory(directory: &File) -> io::Result<()> {
    match directory.sync_all() {
        // Some file systems have no such thing for directories.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests;
