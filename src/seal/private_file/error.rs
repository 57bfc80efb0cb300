//! What can go wrong with a private file, and what the user can do about it. It carries paths and
//! steps, never content.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::message::shown_path;

/// Why a file was not read or not written. The file is as it was before; only after a failed
/// [`Step::Sync`] may it have its new content already.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file.
    #[error("there is no file `{}`", shown_path(path))]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// There is one, where a new one was to be.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A symbolic link is never written through.
    #[error("`{}` is a symbolic link", path.display())]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// It belongs to somebody else.
    #[error("`{}` is not ours: user {owner} owns it", path.display())]
    Foreign {
        /// Where it is.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// Others may read or change what must be private.
    #[error("`{}` is open to others: its mode is {mode:04o}", path.display())]
    Exposed {
        /// Where it is.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A directory, a device, a pipe, a socket.
    #[error("`{}` is not a regular file", path.display())]
    NotRegular {
        /// Where it is.
        path: PathBuf,
    },
    /// Something that no hushed has made has the name of the hidden file.
    #[error("`{}` is in the way: it is not a regular file", path.display())]
    InTheWay {
        /// Where it is.
        path: PathBuf,
    },
    /// Larger than anything that could be meant.
    #[error("`{}` has {size} bytes, and at most {limit} are accepted", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The largest size that is read.
        limit: u64,
    },
    /// Another process held the lock all the time.
    #[error("another hushed is writing `{}` (waited {} s)", path.display(), waited.as_secs())]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long we waited.
        waited: Duration,
    },
    /// The kernel said no.
    #[error("cannot {step} `{}`", shown_path(path))]
    Io {
        /// What was being done.
        step: Step,
        /// The file.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some("check the path".to_owned()),
            Self::Exists { .. } => Some("remove it first, or choose another name".to_owned()),
            Self::Symlink { .. } => Some("give the path that the link leads to".to_owned()),
            Self::Foreign { .. } => {
                Some("find out who made it, or choose another place".to_owned())
            }
            Self::Exposed { path, .. } => {
                let path = path.display();
                Some(format!("run `chmod go-rwx {path}`, and ask who may have read or changed it"))
            }
            Self::NotRegular { .. } => Some("give the path of a file".to_owned()),
            Self::InTheWay { .. } => Some("remove it, or find out who put it there".to_owned()),
            Self::TooLarge { .. } => Some("check that this is the file you mean".to_owned()),
            Self::Busy { .. } => Some("try again when the other one is done".to_owned()),
            Self::Io { path, source, .. } => io_hint(path, source.kind()),
        }
    }
}

fn io_hint(path: &Path, kind: io::ErrorKind) -> Option<String> {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("make room on the disk, then try again".to_owned())
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            Some("choose a place on a file system that can be written".to_owned())
        }
        io::ErrorKind::PermissionDenied => Some(format!(
            "check the owner and the mode of `{}` and of its directory",
            path.display()
        )),
        io::ErrorKind::NotFound => Some("create its directory".to_owned()),
        _ => None,
    }
}

/// A step of reading or writing a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Opening the file.
    Open,
    /// Asking what kind of file it is.
    Inspect,
    /// Reading it.
    Read,
    /// Making a directory.
    MakeDirectory,
    /// Opening the directory that the file is in.
    OpenDirectory,
    /// Making the hidden file for the new content.
    Prepare,
    /// Locking it.
    Lock,
    /// Writing the new content.
    Write,
    /// Bringing the new content, or the new name, to the disk.
    Sync,
    /// Renaming the new content over the old.
    Replace,
    /// Giving the new content its name.
    Create,
    /// Removing the file.
    Remove,
}

impl Step {
    pub(in crate::seal) fn failed(self, path: &Path, source: impl Into<io::Error>) -> Error {
        Error::Io { step: self, path: path.into(), source: source.into() }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Inspect => "look at",
            Self::Read => "read",
            Self::MakeDirectory => "make the directory",
            Self::OpenDirectory => "open the directory of",
            Self::Prepare => "make a new file beside",
            Self::Lock => "lock",
            Self::Write => "write",
            Self::Sync => "bring to the disk",
            Self::Replace => "replace",
            Self::Create => "create",
            Self::Remove => "remove",
        })
    }
}
