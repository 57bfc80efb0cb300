//! A private directory for the files of one run. Its name and a lock on it tell a run that goes on from one that was
//! killed, whose directory the next run removes.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{fchown, geteuid};

use super::SecretFile;

/// What the name of a directory begins with. The rest is random.
const PREFIX: &str = "hushed-";

/// The number of random hexadecimal digits behind it.
const DIGITS: usize = 16;

/// A directory that is locked while it is in use, and removed when it is dropped.
#[derive(Debug)]
pub(super) struct PrivateDirectory {
    path: PathBuf,
    _lock: Flock<File>,
}

impl PrivateDirectory {
    /// Makes one with a name that nobody can know before, and removes those of runs that were killed.
    pub(super) fn new(parent: &Path, mode: u32) -> io::Result<Self> {
        for stale in abandoned(parent) {
            let _gone = std::fs::remove_dir_all(stale.path);
        }
        let mut random = [0_u8; 8];
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut random)
            .map_err(|_unspecified| io::Error::other("no random numbers"))?;
        let name = format!("{PREFIX}{:016x}", u64::from_be_bytes(random));
        // Nobody may take it for abandoned before it is locked.
        let new = parent.join(format!(".{name}"));
        DirBuilder::new().mode(mode).create(&new)?;
        let lock = lock(&new)?;
        let path = parent.join(name);
        std::fs::rename(&new, &path)?;
        Ok(Self { path, _lock: lock })
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file.
    pub(super) fn write(&self, file: &SecretFile<'_>) -> io::Result<PathBuf> {
        let path = self.path.join(file.name);
        let mut created =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        created.write_all(file.value.expose())?;
        if let Some((uid, gid)) = file.owner {
            fchown(&created, Some(uid), Some(gid))?;
        }
        fchmod(&created, Mode::from_bits_truncate(file.mode))?;
        Ok(path)
    }
}

impl Drop for PrivateDirectory {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.path);
    }
}

/// Locks a directory; fails at once if a run uses it.
fn lock(path: &Path) -> io::Result<Flock<File>> {
    let flags = (OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW).bits();
    let directory = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    Flock::lock(directory, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| errno.into())
}

/// A directory of a run that was killed. The lock keeps another run from removing it at the same time.
#[derive(Debug)]
pub(super) struct Abandoned {
    pub(super) path: PathBuf,
    _lock: Flock<File>,
}

/// The directories that runs of this user, which were killed, have left behind.
pub(super) fn abandoned(parent: &Path) -> Vec<Abandoned> {
    let entries = parent.read_dir().into_iter().flatten().flatten();
    let found = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let digits = name.strip_prefix(PREFIX)?;
        let is_ours = digits.len() == DIGITS
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            && entry.metadata().is_ok_and(|found| found.uid() == geteuid().as_raw());
        let path = entry.path();
        let lock = is_ours.then(|| lock(&path).ok())??;
        Some(Abandoned { path, _lock: lock })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::secret::Value;

    #[test]
    fn it_is_private_and_goes_with_its_files() {
        let parent = tempfile::tempdir().unwrap();
        let directory = PrivateDirectory::new(parent.path(), 0o700).unwrap();
        let value = Value::from("canary");
        let file = SecretFile { name: "KEY", value: &value, mode: 0o440, owner: None };
        let path = directory.write(&file).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"canary");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(directory.path())), (0o440, 0o700));
        drop(directory);
        assert_eq!(parent.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn only_what_a_killed_run_has_left_is_removed() {
        let parent = tempfile::tempdir().unwrap();
        let used = PrivateDirectory::new(parent.path(), 0o700).unwrap();
        for name in ["hushed-0123456789abcdef", "hushed-1000", "hushed-0123456789abcdeX", "other"] {
            std::fs::create_dir(parent.path().join(name)).unwrap();
        }
        let left = abandoned(parent.path());
        assert_eq!(left.len(), 1);
        assert!(left.iter().all(|it| it.path.ends_with("hushed-0123456789abcdef")));
        drop(left);
        let another = PrivateDirectory::new(parent.path(), 0o700).unwrap();
        assert!(used.path().exists() && another.path().exists());
        assert_eq!(parent.path().read_dir().unwrap().count(), 5);
    }
}
