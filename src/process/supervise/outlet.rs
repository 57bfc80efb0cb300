//! One of our own outputs, written to without ever waiting for its reader. It changes no flag of a
//! description that others share.

use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, send};
use nix::sys::stat::{Mode, SFlag, fstat};

/// As much as a pipe takes at once when it says that it has room (`PIPE_BUF`).
const SURE: usize = 4096;

/// How a write is kept from waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The description does not block, or the kind of file never does.
    Freely,
    /// A socket is told so with each message.
    Socket,
    /// Only when there is room, and no more than is sure to fit.
    Carefully,
}

/// An output of ours.
#[derive(Debug)]
pub(super) struct Outlet {
    fd: OwnedFd,
    way: Way,
}

impl Outlet {
    /// Opens an output. A pipe or a terminal is opened anew, which gives a description of its own.
    pub(super) fn open(fd: BorrowedFd<'_>) -> io::Result<Self> {
        let kind = SFlag::from_bits_truncate(fstat(fd)?.st_mode) & SFlag::S_IFMT;
        let flags = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL)?);
        let copy = || fd.try_clone_to_owned();
        if flags.contains(OFlag::O_NONBLOCK) || kind == SFlag::S_IFREG {
            return Ok(Self { fd: copy()?, way: Way::Freely });
        }
        if kind == SFlag::S_IFSOCK {
            return Ok(Self { fd: copy()?, way: Way::Socket });
        }
        let own = OFlag::O_WRONLY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
        let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
        match nix::fcntl::open(path.as_str(), own, Mode::empty()) {
            Ok(fd) => Ok(Self { fd, way: Way::Freely }),
            Err(_not_ours) => Ok(Self { fd: copy()?, way: Way::Carefully }),
        }
    }

    /// Writes what it can without waiting.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let written = match self.way {
            Way::Freely => nix::unistd::write(&self.fd, bytes),
            Way::Socket => {
                send(self.fd.as_raw_fd(), bytes, MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL)
            }
            Way::Carefully => {
                let mut ready = [PollFd::new(self.fd.as_fd(), PollFlags::POLLOUT)];
                if poll(&mut ready, PollTimeout::ZERO)? == 0 {
                    return Err(Errno::EAGAIN.into());
                }
                nix::unistd::write(&self.fd, bytes.get(..SURE).unwrap_or(bytes))
            }
        };
        written.map_err(io::Error::from)
    }
}

impl AsFd for Outlet {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
