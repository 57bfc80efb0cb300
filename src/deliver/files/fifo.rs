//! Named pipes (`fifo(7)`) that hold a secret until they are opened. Each has its content in it from the beginning, and
//! hushed holds it open, so that no reader waits. When one is opened (`inotify(7)`), a new one takes its place, and
//! hushed closes the old one: its reader finds the content once, and then the end.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{Gid, Uid, fchown, mkfifo, write};

use super::SecretFile;
use crate::secret::Value;

/// The FIFOs of a directory.
#[derive(Debug)]
pub struct Fifos {
    inotify: Inotify,
    directory: PathBuf,
    named: BTreeMap<String, Fifo>,
}

#[derive(Debug)]
struct Fifo {
    value: Value,
    mode: Mode,
    owner: Option<(Uid, Gid)>,
    /// The end that keeps the content of the one that is to be opened next.
    held: OwnedFd,
}

impl Fifos {
    /// Watches a directory.
    pub(super) fn new(directory: &Path) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        inotify.add_watch(directory, AddWatchFlags::IN_OPEN | AddWatchFlags::IN_ONLYDIR)?;
        Ok(Self { inotify, directory: directory.to_owned(), named: BTreeMap::new() })
    }

    /// Adds a FIFO. Fails if a pipe cannot hold the value.
    pub(super) fn add(&mut self, file: &SecretFile<'_>) -> io::Result<PathBuf> {
        let path = self.directory.join(file.name);
        let mode = Mode::from_bits_truncate(file.mode);
        let held = filled(&path, file.value, mode, file.owner)?;
        let fifo = Fifo { value: file.value.clone(), mode, owner: file.owner, held };
        self.named.insert(file.name.to_owned(), fifo);
        Ok(path)
    }

    /// Replaces the FIFOs that have been opened.
    pub fn replace_opened(&mut self) {
        while let Ok(events) = self.inotify.read_events() {
            for name in events.into_iter().filter_map(|event| event.name?.into_string().ok()) {
                if let Some(fifo) = self.named.get_mut(&name) {
                    let path = self.directory.join(&name);
                    // Where it fails, the old one stays: its next reader waits instead of reading nothing.
                    if let Ok(held) = filled(&path, &fifo.value, fifo.mode, fifo.owner) {
                        fifo.held = held;
                    }
                }
            }
        }
    }
}

impl AsFd for Fifos {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

/// A new FIFO with the value in it, in place of the one with this path.
fn filled(
    path: &Path,
    value: &Value,
    mode: Mode,
    owner: Option<(Uid, Gid)>,
) -> io::Result<OwnedFd> {
    // An opening of this name is our own.
    let new = path.with_file_name(".new");
    mkfifo(&new, Mode::S_IRUSR | Mode::S_IWUSR)?;
    let filled = open(&new, OFlag::O_RDWR | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC, Mode::empty())
        .map_err(io::Error::from)
        .and_then(|fifo| {
            fill(&fifo, value)?;
            if let Some((uid, gid)) = owner {
                fchown(&fifo, Some(uid), Some(gid))?;
            }
            fchmod(&fifo, mode)?;
            std::fs::rename(&new, path)?;
            Ok(fifo)
        });
    if filled.is_err() {
        let _gone = std::fs::remove_file(&new);
    }
    filled
}

/// Writes a value to a pipe that nobody reads yet.
fn fill(fifo: &OwnedFd, value: &Value) -> io::Result<()> {
    let (length, too_long) = (value.len(), || {
        io::Error::other("it is longer than a pipe can be (/proc/sys/fs/pipe-max-size)")
    });
    let size = i32::try_from(length).map_err(|_range| too_long())?;
    if fcntl(fifo.as_fd(), FcntlArg::F_GETPIPE_SZ)? < size {
        fcntl(fifo.as_fd(), FcntlArg::F_SETPIPE_SZ(size)).map_err(|_denied| too_long())?;
    }
    match write(fifo, value.expose()) {
        Ok(written) if written == length => Ok(()),
        Ok(_) | Err(Errno::EAGAIN) => Err(too_long()),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(fifos: &mut Fifos, value: &Value) -> io::Result<PathBuf> {
        fifos.add(&SecretFile { name: "KEY", value, mode: 0o400, owner: None })
    }

    #[test]
    fn every_reader_gets_the_value_once() {
        let directory = tempfile::tempdir().unwrap();
        for length in [0, 1, 70_000] {
            let mut fifos = Fifos::new(directory.path()).unwrap();
            let value = Value::from("x".repeat(length).as_str());
            let path = add(&mut fifos, &value).unwrap();
            for _ in 0..3 {
                let reader = std::fs::File::open(&path).unwrap();
                fifos.replace_opened();
                let text = io::read_to_string(reader).unwrap();
                assert_eq!(text.len(), length);
            }
        }
    }

    #[test]
    fn a_value_that_no_pipe_holds_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let mut fifos = Fifos::new(directory.path()).unwrap();
        // A process with CAP_SYS_RESOURCE may make any pipe.
        let large = Value::from("x".repeat(4 << 20).as_str());
        let Err(error) = add(&mut fifos, &large) else { return };
        assert!(error.to_string().contains("pipe-max-size"), "{error}");
        assert_eq!(directory.path().read_dir().unwrap().count(), 0);
    }
}
