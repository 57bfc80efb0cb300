//! Private files: mode 0600, replaced as a whole or not at all, by one writer at a time.
//! Nothing here follows a symbolic link when it writes, or knows what the bytes are.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::mem::take;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::Mode;
use nix::unistd::geteuid;
use zeroize::Zeroizing;

use crate::secret::Value;

mod error;
mod lock;
mod stream;

pub use error::{Error, FileOperation};
pub use lock::Lock;
pub use stream::read_within;

/// How long a writer waits for another one, unless told otherwise.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Replaces a file's content, or creates the file.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    Lock::acquire(path, LOCK_TIMEOUT)?.replace(bytes)
}

/// A file's content and its mode's permission bits.
#[derive(Debug)]
pub struct FileContent {
    /// All bytes of the file.
    pub bytes: Value,
    /// Who may do what with it: the lower twelve bits of `st_mode`.
    pub mode: u32,
    /// The group that owns it.
    pub gid: u32,
    /// Whether it is a regular file, rather than a pipe or a device.
    pub is_regular: bool,
}

/// Reads a whole regular file of at most `limit` bytes. Links are followed: mounted secrets are
/// often links, and reading through one harms nobody.
pub fn read(path: &Path, limit: u64) -> Result<FileContent, Error> {
    // Without O_NONBLOCK a named pipe would hold us up before we know what it is.
    let (file, metadata) = open_for_reading(path, OFlag::O_NONBLOCK)?;
    read_open(file, &metadata, path, limit)
}

/// Reads a file that only we can have written: no link, ours, and closed to all others.
pub fn read_private(path: &Path, limit: u64) -> Result<FileContent, Error> {
    let (file, metadata) = open_for_reading(path, OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW)?;
    check_private(path, &metadata)?;
    read_open(file, &metadata, path, limit)
}

/// Sees that a directory is there, is no link, is ours, and is closed to all others; makes it if
/// that is asked for, with those above it that are missing. Says whether it is there.
pub fn private_directory(path: &Path, make: bool) -> Result<bool, Error> {
    if make && !path.is_symlink() {
        create_directory(path)?;
    }
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
    let directory = match openat(AT_FDCWD, path, flags, Mode::empty()) {
        Ok(directory) => File::from(directory),
        Err(Errno::ENOENT) if !make => return Ok(false),
        Err(Errno::ELOOP | Errno::ENOTDIR) if path.is_symlink() => {
            return Err(Error::Symlink { path: path.into() });
        }
        Err(errno) => return Err(FileOperation::Open.failed(path, errno)),
    };
    let metadata =
        directory.metadata().map_err(|error| FileOperation::Inspect.failed(path, error))?;
    check_private(path, &metadata)?;
    Ok(true)
}

fn check_private(path: &Path, metadata: &Metadata) -> Result<(), Error> {
    let mode = metadata.permissions().mode() & 0o7777;
    if metadata.uid() != geteuid().as_raw() {
        return Err(Error::WrongOwner { path: path.into(), owner: metadata.uid() });
    }
    if mode & 0o077 != 0 {
        return Err(Error::Exposed { path: path.into(), mode });
    }
    Ok(())
}

fn open_for_reading(path: &Path, flags: OFlag) -> Result<(File, Metadata), Error> {
    let opened = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path);
    let file = opened.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::Missing { path: path.into() },
        _ if flags.contains(OFlag::O_NOFOLLOW) && path.is_symlink() => {
            Error::Symlink { path: path.into() }
        }
        _ => FileOperation::Open.failed(path, error),
    })?;
    let metadata = file.metadata().map_err(|error| FileOperation::Inspect.failed(path, error))?;
    Ok((file, metadata))
}

fn read_open(
    mut file: File,
    metadata: &Metadata,
    path: &Path,
    limit: u64,
) -> Result<FileContent, Error> {
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
    file.read_exact(&mut bytes).map_err(|error| FileOperation::Read.failed(path, error))?;
    let bytes = Value::plain(take(&mut *bytes));
    let mode = metadata.permissions().mode() & 0o7777;
    Ok(FileContent { bytes, mode, gid: metadata.gid(), is_regular: true })
}

/// Makes a directory with mode 0700, and those above it that are missing; one that is there is
/// left as it is.
pub fn create_directory(path: &Path) -> Result<(), Error> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let failed = |error| FileOperation::MakeDirectory.failed(path, error);
    let parent = path.parent().unwrap_or(Path::new("/"));
    create_directory(parent)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made.and_then(|()| sync_directory(&open_directory(parent)?)).map_err(failed),
    }
}

/// Removes a file, and brings that to the disk; whether there was one.
pub fn remove(path: &Path) -> Result<bool, Error> {
    match std::fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(FileOperation::Remove.failed(path, error)),
    }
    let synced = open_directory(path.parent().unwrap_or(Path::new("")))
        .and_then(|directory| sync_directory(&directory));
    synced.map_err(|error| FileOperation::Sync.failed(path, error))?;
    Ok(true)
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
