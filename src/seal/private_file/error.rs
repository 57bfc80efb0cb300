//! What can go wrong with a private file, and what the user can do about it. It carries paths and
//! steps, never content.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::errno::Errno;

use crate::message::{is_known_path, shown_path};

/// Why a file was not read or not written. The file is as it was before; only after a failed
/// [`FileOperation::Sync`] may it have its new content already.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file.
    #[error("the file `{}` does not exist", shown_path(path))]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// There is one, where a new one was to be.
    #[error("`{}` already exists", path.display())]
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
    #[error("`{}` is owned by another user (uid {owner})", path.display())]
    WrongOwner {
        /// Where it is.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// Others may read or change what must be private.
    #[error("`{}` is accessible to other users: its mode is {mode:04o}", path.display())]
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
    #[error("`{}` has {size} bytes; the limit is {limit}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The largest size that is read.
        limit: u64,
    },
    /// A pipe or a FIFO gave no data, or did not end, in time.
    #[error("no data from `{}` within {} s", path.display(), waited.as_secs_f32())]
    TimedOut {
        /// The file.
        path: PathBuf,
        /// How long reading may take.
        waited: Duration,
    },
    /// Another process held the lock all the time.
    #[error("another hushed process is writing `{}` (waited {} s)", path.display(), waited.as_secs())]
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
        step: FileOperation,
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
            Self::Symlink { .. } => Some("pass the path of the link's target".to_owned()),
            Self::WrongOwner { .. } => {
                Some("find out who created it, or use another path".to_owned())
            }
            Self::Exposed { path, .. } => {
                let path = path.display();
                Some(format!(
                    "run `chmod go-rwx {path}`, and check whether others read or changed it"
                ))
            }
            Self::NotRegular { .. } => Some("pass the path of a regular file".to_owned()),
            Self::InTheWay { .. } => Some("remove it after checking who created it".to_owned()),
            Self::TooLarge { .. } => Some("check that this is the file you mean".to_owned()),
            Self::TimedOut { .. } => {
                Some("check what writes to it, or allow more time with --timeout".to_owned())
            }
            Self::Busy { .. } => Some("try again when the other process has finished".to_owned()),
            Self::Io { path, source, .. } => io_hint(path, source.kind()),
        }
    }
}

impl From<Error> for io::Error {
    /// For callers that report the path themselves.
    fn from(error: Error) -> Self {
        match error {
            Error::Io { source, .. } => source,
            Error::Missing { .. } => Errno::ENOENT.into(),
            Error::NotRegular { .. } => Self::other("not a regular file"),
            error => Self::other(error),
        }
    }
}

fn io_hint(path: &Path, kind: io::ErrorKind) -> Option<String> {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("free some disk space, then try again".to_owned())
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            Some("choose a path on a writable file system".to_owned())
        }
        io::ErrorKind::PermissionDenied => Some(format!(
            "check the owner and the mode of `{}` and of its directory",
            path.display()
        )),
        io::ErrorKind::NotFound => path.parent().map(|parent| {
            if is_known_path(path) {
                format!("create the directory `{}`", parent.display())
            } else {
                "create its directory".to_owned()
            }
        }),
        _ => None,
    }
}

/// A step of reading or writing a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileOperation {
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

impl FileOperation {
    pub(in crate::seal) fn failed(self, path: &Path, source: impl Into<io::Error>) -> Error {
        Error::Io { step: self, path: path.into(), source: source.into() }
    }
}

impl fmt::Display for FileOperation {
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
