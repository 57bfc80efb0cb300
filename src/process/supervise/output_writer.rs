//! Nonblocking writes to a standard stream of hushed, without changing flags of a shared description.

use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, send};
use nix::sys::stat::{Mode, SFlag, fstat};
use nix::sys::statfs::{FsType, fstatfs};

use crate::sys::signals::is_ignored;
use crate::sys::terminal::{TerminalModes, is_controlling, is_foreground};

/// How much a pipe that is ready takes without blocking (`PIPE_BUF`).
const PIPE_BUF: usize = 4096;

/// The file system of unnamed pipes.
const PIPEFS: FsType = FsType(0x5049_5045);

/// How a write is kept from blocking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriteMode {
    /// The description or the kind of file does not block.
    Direct,
    /// A socket gets `MSG_DONTWAIT` with each write.
    Socket,
    /// Polled before each write of at most `PIPE_BUF` bytes.
    Polled,
}

/// A standard stream of hushed, open for nonblocking writes.
#[derive(Debug)]
pub(super) struct OutputWriter {
    fd: OwnedFd,
    mode: WriteMode,
    terminal: bool,
    reports_hangup: bool,
}

impl OutputWriter {
    /// Opens an output. A pipe or terminal is reopened, which gives it a description of its own.
    pub(super) fn open(fd: BorrowedFd<'_>) -> io::Result<Self> {
        let kind = SFlag::from_bits_truncate(fstat(fd)?.st_mode) & SFlag::S_IFMT;
        let flags = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL)?);
        let terminal = fd.is_terminal();
        let reports_hangup = match kind {
            // A named FIFO may get another reader.
            SFlag::S_IFIFO => fstatfs(fd).is_ok_and(|system| system.filesystem_type() == PIPEFS),
            SFlag::S_IFSOCK => true,
            _ => terminal,
        };
        let opened = |fd, mode| Self { fd, mode, terminal, reports_hangup };
        let copy = || fd.try_clone_to_owned();
        if flags.contains(OFlag::O_NONBLOCK) || kind == SFlag::S_IFREG {
            return Ok(opened(copy()?, WriteMode::Direct));
        }
        if kind == SFlag::S_IFSOCK {
            return Ok(opened(copy()?, WriteMode::Socket));
        }
        let own = OFlag::O_WRONLY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
        let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
        match nix::fcntl::open(path.as_str(), own, Mode::empty()) {
            Ok(fd) => Ok(opened(fd, WriteMode::Direct)),
            Err(_not_ours) => Ok(opened(copy()?, WriteMode::Polled)),
        }
    }

    /// Whether a hangup that poll(2) reports is final.
    pub(super) fn reports_hangup(&self) -> bool {
        self.reports_hangup
    }

    /// Whether a write would stop hushed's process group: it is in the background of a terminal in `tostop` mode.
    pub(super) fn stops_writers(&self) -> bool {
        self.terminal
            && is_controlling(self.as_fd())
            && !is_foreground(self.as_fd())
            && !is_ignored(libc::SIGTTOU)
            && TerminalModes::get(self.as_fd())
                .is_some_and(|modes| modes.stops_background_writers())
    }

    /// Writes as much as possible without blocking.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let written = match self.mode {
            WriteMode::Direct => nix::unistd::write(&self.fd, bytes),
            WriteMode::Socket => {
                send(self.fd.as_raw_fd(), bytes, MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL)
            }
            WriteMode::Polled => {
                let mut ready = [PollFd::new(self.fd.as_fd(), PollFlags::POLLOUT)];
                if poll(&mut ready, PollTimeout::ZERO)? == 0 {
                    return Err(Errno::EAGAIN.into());
                }
                nix::unistd::write(&self.fd, bytes.get(..PIPE_BUF).unwrap_or(bytes))
            }
        };
        written.map_err(io::Error::from)
    }
}

impl AsFd for OutputWriter {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
