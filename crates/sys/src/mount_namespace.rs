//! A private mount namespace (`mount_namespaces(7)`) with files on a tmpfs that no process outside of it can see. It
//! ends with its last process. It does not know what the files are for.
//!
//! Without `CAP_SYS_ADMIN` it needs a user namespace, whose maps only a dumpable process can write. A helper without
//! any secret does that; this process joins the user namespace, and makes the mount namespace itself, so that its
//! working directory and root stay.
#![expect(unsafe_code, reason = "sendfile, and a forked process that may not allocate")]

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::prctl::set_dumpable;
use nix::sys::signal::Signal;
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{Gid, Uid, fchown, getegid, geteuid, pipe2, write};

use super::child::{Fork, errno_number, fork, read_words, set_parent_death_signal, write_words};
use super::memory::unmap_inherited;
use super::probe::{ProbeOutcome, run_in_child};
use super::threads::require_single_thread;
use super::{signals, wait};

/// How a process gets a mount namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceAccess {
    /// By its capabilities. Nothing else changes for the command.
    Capability,
    /// In a user namespace, in which programs with the set-user-ID bit have no effect.
    UserNamespace,
}

/// A file to write in the namespace.
#[derive(Debug)]
pub struct NamespaceFile {
    /// Its path, below the mount point.
    pub path: PathBuf,
    /// A descriptor with its content, which is read from the beginning.
    pub content: OwnedFd,
    /// The length of the content in bytes.
    pub length: usize,
    /// Its permissions.
    pub mode: Mode,
    /// Its owner, if another one than the user.
    pub owner: Option<(Uid, Gid)>,
}

/// A mount namespace to enter, with everything that it takes, because a forked process must not allocate.
#[derive(Debug)]
pub struct MountNamespace {
    user: Option<OwnedFd>,
    /// The mount point, and the directories above it.
    directories: Vec<CString>,
    /// The options of the tmpfs, the better ones first.
    options: [CString; 2],
    files: Vec<(CString, NamespaceFile)>,
}

/// How long a thread that resolves a name may take to end, in tries and their interval.
const THREAD_RETRIES: u32 = 200;
const THREAD_INTERVAL: Duration = Duration::from_millis(5);

/// How this process gets a mount namespace with a tmpfs on a directory; if not, why. A child tries it.
pub fn probe(directory: &Path) -> io::Result<NamespaceAccess> {
    let attempt = |access| {
        let namespace = MountNamespace::new(access, directory, 0o700, Vec::new())?;
        match run_in_child(|| namespace.enter().map(|()| 0))? {
            ProbeOutcome::Returned(_) => Ok(access),
            ProbeOutcome::Failed(errno) => Err(errno.into()),
            ProbeOutcome::Killed => Err(Errno::EPERM.into()),
        }
    };
    match attempt(NamespaceAccess::Capability) {
        // A user namespace with one user would take from root the others, whom it may want to become.
        Err(_) if !geteuid().is_root() => attempt(NamespaceAccess::UserNamespace),
        outcome => outcome,
    }
}

impl MountNamespace {
    /// Prepares one with files on a tmpfs, which is mounted on an existing directory with these permissions.
    pub fn new(
        access: NamespaceAccess,
        directory: &Path,
        mode: u32,
        files: Vec<NamespaceFile>,
    ) -> io::Result<Self> {
        let text = |path: &Path| CString::new(path.as_os_str().as_bytes());
        let directory = directory.canonicalize()?;
        let directories: Result<_, _> = directory.ancestors().map(text).collect();
        let files: Result<_, _> =
            files.into_iter().map(|file| Ok::<_, io::Error>((text(&file.path)?, file))).collect();
        Ok(Self {
            user: match access {
                NamespaceAccess::Capability => None,
                NamespaceAccess::UserNamespace => Some(user_namespace()?),
            },
            directories: directories?,
            // Linux knows `noswap` since 6.4, and not in a user namespace.
            options: [
                CString::new(format!("mode={mode:o},noswap"))?,
                CString::new(format!("mode={mode:o}"))?,
            ],
            files: files?,
        })
    }

    /// Enters it and writes the files. Does not allocate. After an error, the process must not go on.
    pub fn enter(&self) -> nix::Result<()> {
        if let Some(user) = &self.user {
            setns(user, CloneFlags::CLONE_NEWUSER)?;
        }
        unshare(CloneFlags::CLONE_NEWNS)?;
        let none: Option<&CStr> = None;
        // Only the file system around the mount point: what the command mounts elsewhere is seen outside, as before.
        let detach = |path: &CString| mount(none, &**path, none, MsFlags::MS_SLAVE, none).is_ok();
        if !self.directories.iter().any(detach) {
            return Err(Errno::EINVAL);
        }
        let target = self.directories.first().ok_or(Errno::ENOENT)?;
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
        let [better, plain] = &self.options;
        let tmpfs = |options: &CString| {
            mount(Some(c"hushed"), &**target, Some(c"tmpfs"), flags, Some(&**options))
        };
        tmpfs(better).or_else(|_| tmpfs(plain))?;
        self.files.iter().try_for_each(|(path, file)| file.write(path))
    }

    /// Enters it with this process, as soon as that has no other thread.
    pub fn enter_alone(&self) -> io::Result<()> {
        for _ in 0..THREAD_RETRIES {
            if require_single_thread().is_ok() {
                break;
            }
            std::thread::sleep(THREAD_INTERVAL);
        }
        Ok(self.enter()?)
    }
}

impl NamespaceFile {
    fn write(&self, path: &CStr) -> nix::Result<()> {
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        let file = open(path, flags, Mode::S_IRUSR)?;
        let mut offset = 0;
        while usize::try_from(offset).is_ok_and(|done| done < self.length) {
            let (out, content) = (file.as_raw_fd(), self.content.as_raw_fd());
            // SAFETY: both are open, and the pointer is to a local number.
            let sent = unsafe { libc::sendfile(out, content, &raw mut offset, self.length) };
            if Errno::result(sent)? == 0 {
                return Err(Errno::EIO);
            }
        }
        if let Some((uid, gid)) = self.owner {
            fchown(&file, Some(uid), Some(gid))?;
        }
        fchmod(&file, self.mode)
    }
}

/// A user namespace with this user and group, and no other.
fn user_namespace() -> io::Result<OwnedFd> {
    let maps = [
        (c"/proc/self/setgroups", "deny".to_owned()),
        (c"/proc/self/gid_map", format!("{0} {0} 1", getegid())),
        (c"/proc/self/uid_map", format!("{0} {0} 1", geteuid())),
    ];
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC)?;
    match fork()? {
        Fork::Child { parent } => {
            let made = set_parent_death_signal(parent, Signal::SIGKILL)
                .and_then(|()| make_user_namespace(&maps));
            write_words(writer.as_raw_fd(), &[made.map_or_else(errno_number, |()| 0)]);
            loop {
                // SAFETY: the call touches no memory. The parent ends this process.
                unsafe { libc::pause() };
            }
        }
        Fork::Parent { child } => {
            drop(writer);
            let path = format!("/proc/{child}/ns/user");
            let namespace = match read_words(&reader) {
                Ok(Some([0])) => open(&*path, OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty()),
                Ok(Some([errno])) => Err(Errno::from_raw(errno)),
                Ok(None) | Err(_) => Err(Errno::EPERM),
            };
            let _gone = signals::send(child, libc::SIGKILL);
            let _reaped = wait::wait_for(child);
            Ok(namespace?)
        }
    }
}

/// Runs in the helper. It lets debuggers in, so it gives up all secrets first.
fn make_user_namespace(maps: &[(&CStr, String)]) -> nix::Result<()> {
    unmap_inherited();
    set_dumpable(true)?;
    unshare(CloneFlags::CLONE_NEWUSER)?;
    maps.iter().try_for_each(|(path, text)| {
        let file = open(*path, OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty())?;
        write(&file, text.as_bytes()).map(drop)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use nix::sys::memfd::{MFdFlags, memfd_create};

    use super::*;

    #[test]
    fn a_file_is_only_in_the_namespace() {
        let directory = tempfile::tempdir().unwrap();
        let Ok(access) = probe(directory.path()) else { return };
        let mut content =
            std::fs::File::from(memfd_create(c"test", MFdFlags::MFD_CLOEXEC).unwrap());
        content.write_all(b"text").unwrap();
        let path = directory.path().join("name");
        let file = NamespaceFile {
            path: path.clone(),
            content: content.into(),
            length: 4,
            mode: Mode::from_bits_truncate(0o440),
            owner: None,
        };
        let namespace = MountNamespace::new(access, directory.path(), 0o700, vec![file]).unwrap();
        let seen = run_in_child(|| {
            namespace.enter()?;
            let mut text = [0; 8];
            let opened = open(&*path, OFlag::O_RDONLY, Mode::empty())?;
            nix::unistd::read(&opened, &mut text).map(|count| i32::from(&text[..count] == b"text"))
        });
        assert_eq!(seen, Ok(ProbeOutcome::Returned(1)));
        assert!(!path.exists());
    }
}
