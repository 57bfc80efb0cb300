//! Secrets as files that are on no disk: a sealed memfd, which lives as long as the command has it open; a file on a
//! tmpfs in a mount namespace of the command's own, which ends with it; a file in a private directory on a tmpfs, or a
//! FIFO there, which are removed when the command has ended.

mod directory;
mod fifo;
mod owner;

pub(crate) use crate::sys::mount_namespace::probe as probe_namespace;
pub use crate::sys::mount_namespace::{MountNamespace, NamespaceAccess};
pub use fifo::Fifos;
pub use owner::parse_owner;

use std::ffi::CString;
use std::fmt;
use std::fs::DirBuilder;
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, FdFlag, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::stat::{Mode, fchmod};
use nix::sys::statfs::{FsType, TMPFS_MAGIC, statfs};
use nix::unistd::{Gid, Uid, fchown, geteuid};

use crate::secret::Value;
use crate::sys::mount_namespace::NamespaceFile;
use directory::PrivateDirectory;

/// The magic number of ramfs, which nothing swaps: `statfs(2)`.
const RAMFS_MAGIC: FsType = FsType(0x8584_58f6);

/// Where secrets are written that are delivered as files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileStorage {
    /// A sealed memfd for each, which the command inherits.
    Memfd,
    /// A tmpfs in a mount namespace, which is mounted below this directory.
    Namespace(PathBuf, NamespaceAccess),
    /// Below this directory, on a tmpfs.
    Directory(PathBuf),
    /// FIFOs below this directory.
    Fifo(PathBuf),
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
    /// Its owner, if another one than the user.
    pub owner: Option<(Uid, Gid)>,
}

/// Files that were written. Dropping it closes and removes them.
#[derive(Debug, Default)]
pub struct SecretFiles {
    memfds: Vec<OwnedFd>,
    namespace: Option<MountNamespace>,
    fifos: Option<Fifos>,
    directory: Option<PrivateDirectory>,
}

/// A secret cannot be written as a file.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the secret file `{name}` ({place})")]
pub struct FileError {
    /// The name of the file.
    pub name: String,
    /// Where it would be.
    pub place: String,
    /// Why not.
    #[source]
    pub error: io::Error,
}

impl fmt::Display for FileStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memfd => f.write_str("memfd"),
            Self::Namespace(parent, NamespaceAccess::Capability) => {
                write!(f, "mount namespace with a tmpfs in {}", parent.display())
            }
            Self::Namespace(parent, NamespaceAccess::UserNamespace) => {
                write!(f, "mount and user namespace with a tmpfs in {}", parent.display())
            }
            Self::Directory(parent) => write!(f, "tmpfs in {}", parent.display()),
            Self::Fifo(parent) => write!(f, "FIFO in {}", parent.display()),
        }
    }
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

/// How many directories runs have left below this one, because they were killed.
pub fn abandoned(parent: &Path) -> usize {
    directory::abandoned(parent).len()
}

impl SecretFiles {
    /// Writes files. Returns the path of each, in their order.
    pub fn write(
        storage: &FileStorage,
        files: &[SecretFile<'_>],
    ) -> Result<(Self, Vec<PathBuf>), FileError> {
        let mut written = Self::default();
        let mut paths = Vec::with_capacity(files.len());
        // Another user has to pass the directory.
        let mode = if files.iter().any(|file| file.owner.is_some()) { 0o711 } else { 0o700 };
        let failed = |file: &SecretFile<'_>, error| FileError {
            name: file.name.to_owned(),
            place: storage.to_string(),
            error,
        };
        if let (FileStorage::Namespace(parent, access), [first, ..]) = (storage, files) {
            let prepared =
                mount_point(parent).and_then(|path| prepare(&path, *access, mode, files));
            let (namespace, paths) = prepared.map_err(|error| failed(first, error))?;
            return Ok((Self { namespace: Some(namespace), ..written }, paths));
        }
        for file in files {
            let path = match storage {
                FileStorage::Memfd | FileStorage::Namespace(..) => written.add_memfd(file),
                FileStorage::Directory(parent) => {
                    written.directory(parent, mode).and_then(|directory| directory.write(file))
                }
                FileStorage::Fifo(parent) => written.add_fifo(parent, mode, file),
            };
            paths.push(path.map_err(|error| failed(file, error))?);
        }
        Ok((written, paths))
    }

    /// The namespace that the command has to enter, if the files are in one.
    pub fn namespace(&self) -> Option<&MountNamespace> {
        self.namespace.as_ref()
    }

    /// Takes the FIFOs, which have to be replaced while the command runs.
    pub fn take_fifos(&mut self) -> Option<Fifos> {
        self.fifos.take()
    }

    /// Closes descriptors, when the command has its own. What is in a directory stays.
    pub fn close(&mut self) {
        self.memfds.clear();
        self.namespace = None;
    }

    /// A descriptor that the command inherits; nobody can change its content (`memfd_create(2)`).
    fn add_memfd(&mut self, file: &SecretFile<'_>) -> io::Result<PathBuf> {
        let memfd = memfd(file, MFdFlags::MFD_ALLOW_SEALING)?;
        // The numbers below 3 belong to the standard streams, even if they are closed.
        let memfd = if memfd.as_raw_fd() < 3 { above_standard_streams(&memfd)? } else { memfd };
        if let Some((uid, gid)) = file.owner {
            fchown(&memfd, Some(uid), Some(gid))?;
        }
        fchmod(&memfd, Mode::from_bits_truncate(file.mode))?;
        let seals = SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SHRINK;
        fcntl(&memfd, FcntlArg::F_ADD_SEALS(seals | SealFlag::F_SEAL_SEAL))?;
        let path = format!("/proc/self/fd/{}", memfd.as_raw_fd());
        self.memfds.push(memfd);
        Ok(path.into())
    }

    fn add_fifo(&mut self, parent: &Path, mode: u32, file: &SecretFile<'_>) -> io::Result<PathBuf> {
        let path = self.directory(parent, mode)?.path().to_owned();
        let fifos = match &mut self.fifos {
            Some(fifos) => fifos,
            None => self.fifos.insert(Fifos::new(&path)?),
        };
        fifos.add(file)
    }

    fn directory(&mut self, parent: &Path, mode: u32) -> io::Result<&PrivateDirectory> {
        if self.directory.is_none() {
            self.directory = Some(PrivateDirectory::new(parent, mode)?);
        }
        self.directory.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A memfd with the content of a file.
fn memfd(file: &SecretFile<'_>, flags: MFdFlags) -> io::Result<OwnedFd> {
    let name = CString::new(file.name)?;
    let mut memfd = std::fs::File::from(memfd_create(&*name, flags)?);
    memfd.write_all(file.value.expose())?;
    Ok(memfd.into())
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

/// The directory on which a namespace mounts its tmpfs. It is the same for all runs of a user, and always empty: so
/// nobody has to remove it. A run in the namespace of another one has its own in there.
fn mount_point(parent: &Path) -> io::Result<PathBuf> {
    let mut path = parent.join(format!("hushed-{}", geteuid()));
    let mut device = parent.metadata()?.dev();
    loop {
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let found = path.symlink_metadata()?;
        if !found.is_dir() || found.uid() != geteuid().as_raw() {
            let text = format!("`{}` is not a directory of this user", path.display());
            return Err(io::Error::other(text));
        }
        if found.dev() == device {
            return Ok(path);
        }
        device = found.dev();
        path.push("nested");
    }
}

/// Prepares a namespace with these files; their paths.
fn prepare(
    mount_point: &Path,
    access: NamespaceAccess,
    mode: u32,
    files: &[SecretFile<'_>],
) -> io::Result<(MountNamespace, Vec<PathBuf>)> {
    let to_write = |file: &SecretFile<'_>| {
        Ok(NamespaceFile {
            path: mount_point.join(file.name),
            content: memfd(file, MFdFlags::MFD_CLOEXEC)?,
            length: file.value.len(),
            mode: Mode::from_bits_truncate(file.mode),
            owner: file.owner,
        })
    };
    let to_write: Vec<_> = files.iter().map(to_write).collect::<io::Result<_>>()?;
    let paths = to_write.iter().map(|file| file.path.clone()).collect();
    Ok((MountNamespace::new(access, mount_point, mode, to_write)?, paths))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_memfd_can_be_read_and_not_changed() {
        let value = Value::from("canary\0bytes");
        let file = SecretFile { name: "KEY", value: &value, mode: 0o440, owner: None };
        let (files, paths) = SecretFiles::write(&FileStorage::Memfd, &[file]).unwrap();
        assert_eq!(std::fs::read(&paths[0]).unwrap(), value.expose());
        let memfd = &files.memfds[0];
        assert!(nix::unistd::write(memfd, b"x").is_err(), "it can be written");
        assert_eq!(std::fs::metadata(&paths[0]).unwrap().permissions().mode() & 0o777, 0o440);
    }

    #[test]
    fn only_a_file_system_in_memory_counts() {
        let candidates = ["/nonexistent", "/proc", "/dev/shm"].map(Path::new);
        let found = memory_directory(&candidates);
        assert!(found.is_none_or(|found| found == Path::new("/dev/shm")));
    }

    #[test]
    fn a_mount_point_is_the_users_own_directory() {
        let parent = tempfile::tempdir().unwrap();
        let path = mount_point(parent.path()).unwrap();
        assert_eq!(mount_point(parent.path()).unwrap(), path);
        std::fs::remove_dir(&path).unwrap();
        std::os::unix::fs::symlink("/tmp", &path).unwrap();
        assert!(mount_point(parent.path()).is_err());
    }
}
