//! The lock that a writer holds, and the new file that it writes: they are one.
//! It never locks the file itself, nor its directory.
//!
//! The new content of `dir/file` is written to `dir/.file.hushed-new`, and that file is the lock
//! too: its writer holds an exclusive `flock` on it from the first moment to the rename.
//!
//! ```text
//! create .file.hushed-new (O_EXCL, O_NOFOLLOW, 0600) ── it is there ──► try to lock it
//!    │                                                      busy: wait   free: its writer died,
//!    ▼                                                                   remove it, begin again
//! lock it; is it still what the name leads to? ── no ──► begin again
//!    │
//!    ▼
//! read file · write · fsync · rename over file · fsync the directory
//! ```
//!
//! So no lock file stays behind, a killed writer leaves at most the one hidden file, which the
//! next writer removes, and nobody takes the place of a writer that is alive. The directory itself
//! is not locked: `flock . make` is a common idiom that must not stop us, and NFS cannot do it.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, renameat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};
use nix::unistd::{UnlinkatFlags, linkat, unlinkat};

use super::{Error, FileContent, FileOperation, open_directory, read, sync_directory};

const POLL: Duration = Duration::from_millis(5);

/// Beginning again takes microseconds. Whoever must do so for longer is on a file system where
/// names and open files never agree.
const BEGINNING_AGAIN: Duration = Duration::from_secs(1);

/// The mode of a file that its owner alone can read.
const PRIVATE: u32 = 0o600;

/// The right to write a file, held by one process at a time: for read, change, write.
///
/// Dropped without a write, it leaves the file as it was.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    directory: File,
    name: OsString,
    new_name: OsString,
    new: File,
    published: bool,
}

impl Lock {
    /// Waits until no other hushed writes the file, at most for `wait`. The file need not exist;
    /// its directory must.
    pub fn acquire(path: &Path, wait: Duration) -> Result<Self, Error> {
        let Some(name) = path.file_name() else {
            return Err(Error::NotRegular { path: path.into() });
        };
        let directory = open_directory(path.parent().unwrap_or(Path::new("")))
            .map_err(|error| FileOperation::OpenDirectory.failed(path, error))?;
        check_target(&directory, name, path)?;
        let mut new_name = OsString::from(".");
        new_name.push(name);
        new_name.push(".hushed-new");

        let begun = Instant::now();
        loop {
            match try_lock_once(&directory, &new_name, path)? {
                LockAttempt::Held(new) => {
                    let (path, name) = (path.into(), name.into());
                    return Ok(Self { path, directory, name, new_name, new, published: false });
                }
                LockAttempt::Busy if begun.elapsed() < wait => sleep(POLL),
                LockAttempt::Again if begun.elapsed() < wait + BEGINNING_AGAIN => {}
                LockAttempt::Busy | LockAttempt::Again => {
                    return Err(Error::Busy { path: path.into(), waited: begun.elapsed() });
                }
            }
        }
    }

    /// Reads the file that the lock is for, if there is one.
    pub fn read(&self, limit: u64) -> Result<Option<FileContent>, Error> {
        match read(&self.path, limit) {
            Ok(content) => Ok(Some(content)),
            Err(Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives the file this content, or creates it, and lets go of the lock. The content is on the
    /// disk when this returns.
    pub fn replace(self, bytes: &[u8]) -> Result<(), Error> {
        self.replace_with_mode(bytes, PRIVATE)
    }

    /// Like [`Self::replace`]; the file has these permission bits afterwards.
    pub fn replace_with_mode(mut self, bytes: &[u8], mode: u32) -> Result<(), Error> {
        self.write(bytes)?;
        if mode != PRIVATE {
            self.new
                .set_permissions(Permissions::from_mode(mode))
                .map_err(|error| FileOperation::Prepare.failed(&self.path, error))?;
        }
        check_target(&self.directory, &self.name, &self.path)?;
        let (directory, name) = (&self.directory, self.name.as_os_str());
        renameat(directory, self.new_name.as_os_str(), directory, name)
            .map_err(|errno| FileOperation::Replace.failed(&self.path, errno))?;
        self.published = true;
        sync_directory(&self.directory)
            .map_err(|error| FileOperation::Sync.failed(&self.path, error))
    }

    /// Creates the file with this content and lets go of the lock. What is there already stays.
    pub fn create(self, bytes: &[u8]) -> Result<(), Error> {
        self.write(bytes)?;
        let (directory, name) = (&self.directory, self.name.as_os_str());
        // A link, unlike a rename, does not replace what somebody else has put there meanwhile.
        linkat(directory, self.new_name.as_os_str(), directory, name, AtFlags::empty()).map_err(
            |errno| match errno {
                Errno::EEXIST => Error::Exists { path: self.path.clone() },
                _ => FileOperation::Create.failed(&self.path, errno),
            },
        )?;
        sync_directory(&self.directory)
            .map_err(|error| FileOperation::Sync.failed(&self.path, error))
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Error> {
        (&self.new)
            .write_all(bytes)
            .map_err(|error| FileOperation::Write.failed(&self.path, error))?;
        // A file system may report a full disk only now.
        self.new.sync_all().map_err(|error| FileOperation::Sync.failed(&self.path, error))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if !self.published {
            // What cannot be removed now is removed by the next writer.
            let _ = remove(&self.directory, &self.new_name);
        }
    }
}

enum LockAttempt {
    Held(File),
    Busy,
    Again,
}

/// Tries once to make and lock the new file.
fn try_lock_once(directory: &File, new_name: &OsStr, path: &Path) -> Result<LockAttempt, Error> {
    let flags = OFlag::O_RDWR | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let create = flags | OFlag::O_CREAT | OFlag::O_EXCL;
    match openat(directory, new_name, create, Mode::S_IRUSR | Mode::S_IWUSR) {
        Ok(new) => return claim(directory, new_name, new.into(), path),
        Err(Errno::EEXIST) => {}
        Err(errno) => return Err(FileOperation::Prepare.failed(path, errno)),
    }
    match openat(directory, new_name, flags, Mode::empty()) {
        Ok(old) => clear(directory, new_name, &old.into(), path),
        Err(Errno::ENOENT) => Ok(LockAttempt::Again),
        Err(Errno::ELOOP | Errno::EISDIR | Errno::ENXIO) => Err(in_the_way(new_name, path)),
        Err(errno) => Err(FileOperation::Prepare.failed(path, errno)),
    }
}

/// Locks the file that we have made.
fn claim(directory: &File, new_name: &OsStr, new: File, path: &Path) -> Result<LockAttempt, Error> {
    // Whoever opened it before we lock it takes it for a dead writer's, and removes it.
    if !lock(&new, path)? || !is_same_file(directory, new_name, &new, path)? {
        return Ok(LockAttempt::Again);
    }
    // The umask may have taken bits away.
    new.set_permissions(Permissions::from_mode(PRIVATE))
        .map_err(|error| FileOperation::Prepare.failed(path, error))?;
    Ok(LockAttempt::Held(new))
}

/// Removes the file that was there before us, if its writer is dead.
fn clear(
    directory: &File,
    new_name: &OsStr,
    old: &File,
    path: &Path,
) -> Result<LockAttempt, Error> {
    if !old.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err(in_the_way(new_name, path));
    }
    if !lock(old, path)? {
        return Ok(LockAttempt::Busy);
    }
    // Before we locked it, another writer may have removed it and made its own.
    if is_same_file(directory, new_name, old, path)? {
        remove(directory, new_name).map_err(|errno| FileOperation::Prepare.failed(path, errno))?;
    }
    Ok(LockAttempt::Again)
}

fn in_the_way(new_name: &OsStr, path: &Path) -> Error {
    Error::InTheWay { path: path.with_file_name(new_name) }
}

fn lock(file: &File, path: &Path) -> Result<bool, Error> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(FileOperation::Lock.failed(path, error)),
    }
}

/// Whether the name still leads to this open file.
fn is_same_file(directory: &File, name: &OsStr, file: &File, path: &Path) -> Result<bool, Error> {
    let failed = |errno| FileOperation::Inspect.failed(path, errno);
    let open = fstat(file).map_err(failed)?;
    let named = status(directory, name).map_err(failed)?;
    Ok(named.is_some_and(|named| (named.st_dev, named.st_ino) == (open.st_dev, open.st_ino)))
}

/// Refuses all that is there and is not a regular file.
fn check_target(directory: &File, name: &OsStr, path: &Path) -> Result<(), Error> {
    let found =
        status(directory, name).map_err(|errno| FileOperation::Inspect.failed(path, errno))?;
    match found.map(|found| SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT) {
        None | Some(SFlag::S_IFREG) => Ok(()),
        Some(SFlag::S_IFLNK) => Err(Error::Symlink { path: path.into() }),
        Some(_) => Err(Error::NotRegular { path: path.into() }),
    }
}

fn status(directory: &File, name: &OsStr) -> Result<Option<FileStat>, Errno> {
    match fstatat(directory, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
        Ok(found) => Ok(Some(found)),
        Err(Errno::ENOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

fn remove(directory: &File, name: &OsStr) -> Result<(), Errno> {
    unlinkat(directory, name, UnlinkatFlags::NoRemoveDir)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_living_writers_file_is_never_removed_for_a_dead_ones() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        Lock::acquire(&file, Duration::ZERO).unwrap().create(b"dead").unwrap();
        let hidden = directory.path().join(".file.hushed-new");
        fs::rename(&file, &hidden).unwrap();

        let dead = File::open(&hidden).unwrap();
        let alive = Lock::acquire(&file, Duration::ZERO).unwrap();
        let cleared = clear(&alive.directory, &alive.new_name, &dead, &file).unwrap();
        assert!(matches!(cleared, LockAttempt::Again));
        assert!(hidden.exists(), "the living writer keeps its own");
        alive.replace(b"canary").unwrap();
    }

    #[test]
    fn a_new_file_that_was_taken_for_a_dead_writers_is_given_up() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        let lock = Lock::acquire(&file, Duration::ZERO).unwrap();
        let removed = lock.new.try_clone().unwrap();
        let (place, name) = (lock.directory.try_clone().unwrap(), lock.new_name.clone());
        drop(lock);
        assert!(matches!(claim(&place, &name, removed, &file).unwrap(), LockAttempt::Again));
    }
}
