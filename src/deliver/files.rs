//! Secrets as files that are on no disk: a sealed memfd, which lives as long as the command has it open, or a file in
//! a private directory on a tmpfs, which is removed when the command has ended.

use std::ffi::CString;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, FdFlag, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::stat::{Mode, fchmod};
use nix::sys::statfs::{FsType, TMPFS_MAGIC, statfs};

use crate::secret::Value;

/// The magic number of ramfs, which nothing swaps: `statfs(2)`.
const RAMFS_MAGIC: FsType = FsType(0x8584_58f6);

/// Where secrets are written that are delivered as files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileStorage {
    /// A sealed memfd for each, which the command inherits.
    Memfd,
    /// Below this directory, on a tmpfs.
    Directory(PathBuf),
}

/// A secret to write.
#[derive(Debug)]
pub struct SecretFile<'a> {
    /// The name of the file, in a directory.
    pub name: &'a str,
    /// Its content.
    pub value: &'a Value,
    /// Its permissions.
    pub mode: u32,
}

/// Files that were written. Dropping it closes and removes them.
#[derive(Debug, Default)]
pub struct SecretFiles {
    memfds: Vec<OwnedFd>,
    directory: Option<PathBuf>,
}

/// A secret cannot be written as a file.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the secret file `{name}` ({place})")]
pub struct FileError {
    /// The name of the file.
    pub name: String,
    /// The directory, or `memfd`.
    pub place: String,
    /// Why not.
    #[source]
    pub error: io::Error,
}

/// The first of these directories that is on a tmpfs or ramfs.
pub fn memory_directory(candidates: &[&Path]) -> Option<PathBuf> {
    let is_memory = |path: &&&Path| {
        statfs(**path).is_ok_and(|found| {
            let kind = found.filesystem_type();
            kind == TMPFS_MAGIC || kind == RAMFS_MAGIC
        })
    };
    candidates.iter().find(is_memory).map(|path| path.to_path_buf())
}

impl SecretFiles {
    /// Writes files. Returns the path of each, in their order.
    pub fn write(
        storage: &FileStorage,
        files: &[SecretFile<'_>],
    ) -> Result<(Self, Vec<PathBuf>), FileError> {
        let mut written = Self::default();
        let mut paths = Vec::with_capacity(files.len());
        for file in files {
            let path = match storage {
                FileStorage::Memfd => written.add_memfd(file),
                FileStorage::Directory(parent) => written.add_file(parent, file),
            };
            paths.push(path.map_err(|error| FileError {
                name: file.name.to_owned(),
                place: match storage {
                    FileStorage::Memfd => "memfd".to_owned(),
                    FileStorage::Directory(parent) => parent.display().to_string(),
                },
                error,
            })?);
        }
        Ok((written, paths))
    }

    /// Closes descriptors, when the command has its own. What is in a directory stays.
    pub fn close(&mut self) {
        self.memfds.clear();
    }

    /// A descriptor that the command inherits; nobody can change its content (`memfd_create(2)`).
    fn add_memfd(&mut self, file: &SecretFile<'_>) -> io::Result<PathBuf> {
        let name = CString::new(file.name)?;
        let memfd = memfd_create(&*name, MFdFlags::MFD_ALLOW_SEALING)?;
        // The numbers below 3 belong to the standard streams, even if they are closed.
        let memfd = if memfd.as_raw_fd() < 3 { above_standard_streams(&memfd)? } else { memfd };
        let mut memfd = std::fs::File::from(memfd);
        memfd.write_all(file.value.expose())?;
        fchmod(&memfd, Mode::from_bits_truncate(file.mode))?;
        let seals = SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SHRINK;
        fcntl(&memfd, FcntlArg::F_ADD_SEALS(seals | SealFlag::F_SEAL_SEAL))?;
        let path = format!("/proc/self/fd/{}", memfd.as_raw_fd());
        self.memfds.push(memfd.into());
        Ok(path.into())
    }

    fn add_file(&mut self, parent: &Path, file: &SecretFile<'_>) -> io::Result<PathBuf> {
        let directory = match &self.directory {
            Some(directory) => directory.clone(),
            None => self.directory.insert(private_directory(parent)?).clone(),
        };
        let path = directory.join(file.name);
        let mut open = OpenOptions::new();
        let mut created = open.write(true).create_new(true).mode(0o600).open(&path)?;
        created.write_all(file.value.expose())?;
        fchmod(&created, Mode::from_bits_truncate(file.mode))?;
        Ok(path)
    }
}

impl Drop for SecretFiles {
    fn drop(&mut self) {
        if let Some(directory) = &self.directory {
            let _gone = std::fs::remove_dir_all(directory);
        }
    }
}

fn above_standard_streams(fd: &OwnedFd) -> io::Result<OwnedFd> {
    let mut low = Vec::new();
    loop {
        let copy = fd.try_clone()?;
        // `try_clone` sets the flag that closes it at an exec.
        fcntl(&copy, FcntlArg::F_SETFD(FdFlag::empty()))?;
        if copy.as_raw_fd() > 2 {
            return Ok(copy);
        }
        low.push(copy);
    }
}

/// A new directory that only this user can enter, with a name that nobody can know before.
fn private_directory(parent: &Path) -> io::Result<PathBuf> {
    let mut random = [0_u8; 8];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut random)
        .map_err(|_unspecified| io::Error::other("no random numbers"))?;
    let path = parent.join(format!("hushed-{:016x}", u64::from_be_bytes(random)));
    DirBuilder::new().mode(0o700).create(&path)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn file(value: &Value) -> SecretFile<'_> {
        SecretFile { name: "KEY", value, mode: 0o440 }
    }

    #[test]
    fn a_memfd_can_be_read_and_not_changed() {
        let value = Value::from("canary\0bytes");
        let (files, paths) = SecretFiles::write(&FileStorage::Memfd, &[file(&value)]).unwrap();
        assert_eq!(std::fs::read(&paths[0]).unwrap(), value.expose());
        let memfd = &files.memfds[0];
        assert!(nix::unistd::write(memfd, b"x").is_err(), "it can be written");
        assert_eq!(std::fs::metadata(&paths[0]).unwrap().permissions().mode() & 0o777, 0o440);
    }

    #[test]
    fn a_directory_is_private_and_goes_with_its_files() {
        let parent = tempfile::tempdir().unwrap();
        let storage = FileStorage::Directory(parent.path().to_owned());
        let value = Value::from("canary");
        let (files, paths) = SecretFiles::write(&storage, &[file(&value)]).unwrap();
        assert_eq!(std::fs::read(&paths[0]).unwrap(), b"canary");
        let directory = paths[0].parent().unwrap();
        assert_eq!(std::fs::metadata(directory).unwrap().permissions().mode() & 0o777, 0o700);
        drop(files);
        assert!(!directory.exists());
    }

    #[test]
    fn only_a_file_system_in_memory_counts() {
        let candidates = ["/nonexistent", "/proc", "/dev/shm"].map(Path::new);
        let found = memory_directory(&candidates);
        assert!(found.is_none_or(|found| found == Path::new("/dev/shm")));
    }
}
