//! Terminals: pseudo-terminals, their modes and sizes, and who is in the foreground. It reads and
//! writes no byte of them.
#![expect(unsafe_code, reason = "ioctls, and modes that a child can set without allocating")]

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;

/// The modes of a terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Modes(libc::termios);

impl Modes {
    /// The modes of the terminal behind `fd`; `None` if there is none.
    pub(crate) fn of(fd: BorrowedFd<'_>) -> Option<Self> {
        let mut modes = MaybeUninit::uninit();
        // SAFETY: on success the call has written the whole structure.
        let status = unsafe { libc::tcgetattr(fd.as_raw_fd(), modes.as_mut_ptr()) };
        // SAFETY: it was written, as the status says.
        (status == 0).then(|| Self(unsafe { modes.assume_init() }))
    }

    /// Gives the terminal these modes, at once: what was typed ahead is kept.
    pub(crate) fn apply(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        // SAFETY: the structure is valid, and only read.
        let status = unsafe { libc::tcsetattr(fd.as_raw_fd(), libc::TCSANOW, &raw const self.0) };
        Errno::result(status).map(drop).map_err(io::Error::from)
    }

    /// The same terminal as a mere wire: no key means anything, no byte is changed.
    pub(crate) fn raw(mut self) -> Self {
        // SAFETY: the call changes flags of a valid structure.
        unsafe { libc::cfmakeraw(&raw mut self.0) };
        self
    }

    /// These modes with every flag and key that differs between two others as the second has it.
    pub(crate) fn with_changes(mut self, before: &Self, after: &Self) -> Self {
        let merge = |own: &mut libc::tcflag_t, before: libc::tcflag_t, after: libc::tcflag_t| {
            let changed = before ^ after;
            *own = (*own & !changed) | (after & changed);
        };
        merge(&mut self.0.c_iflag, before.0.c_iflag, after.0.c_iflag);
        merge(&mut self.0.c_oflag, before.0.c_oflag, after.0.c_oflag);
        merge(&mut self.0.c_cflag, before.0.c_cflag, after.0.c_cflag);
        merge(&mut self.0.c_lflag, before.0.c_lflag, after.0.c_lflag);
        for (own, (before, after)) in
            self.0.c_cc.iter_mut().zip(before.0.c_cc.iter().zip(&after.0.c_cc))
        {
            if before != after {
                *own = *after;
            }
        }
        self
    }

    /// Whether the terminal writes `\r\n` for `\n` (OPOST and ONLCR of termios(3)).
    pub(crate) fn adds_carriage_returns(&self) -> bool {
        self.0.c_oflag & (libc::OPOST | libc::ONLCR) == libc::OPOST | libc::ONLCR
    }

    /// Whether the terminal stops those who write to it from the background (TOSTOP).
    pub(crate) fn stops_background_writers(&self) -> bool {
        self.0.c_lflag & libc::TOSTOP != 0
    }

    /// Whether input is read line by line (ICANON).
    pub(crate) fn is_canonical(&self) -> bool {
        self.0.c_lflag & libc::ICANON != 0
    }

    /// The same modes with output passed on as it is.
    pub(crate) fn without_output_processing(mut self) -> Self {
        self.0.c_oflag &= !libc::OPOST;
        self
    }

    /// The same modes without echo of what is typed.
    pub(crate) fn without_echo(mut self) -> Self {
        self.0.c_lflag &= !(libc::ECHO | libc::ECHONL);
        self
    }

    /// The key that ends the input (VEOF), Ctrl-D in general.
    pub(crate) fn end_of_file_key(&self) -> u8 {
        self.0.c_cc.get(libc::VEOF).copied().unwrap_or(4)
    }

    /// Whether both are the same in every flag and key.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let flags =
            |modes: &Self| (modes.0.c_iflag, modes.0.c_oflag, modes.0.c_cflag, modes.0.c_lflag);
        flags(self) == flags(other) && self.0.c_cc == other.0.c_cc
    }
}

/// The size of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(libc::winsize);

impl Size {
    /// The size of the terminal behind `fd`; `None` if there is none.
    pub(crate) fn of(fd: BorrowedFd<'_>) -> Option<Self> {
        let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: this ioctl writes one `winsize`, to which it is given a pointer.
        let status = unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
        (status == 0).then_some(Self(size))
    }

    /// Gives the terminal this size. The kernel tells its foreground process group of a change.
    pub(crate) fn apply(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        // SAFETY: this ioctl reads one `winsize`, to which it is given a pointer.
        let status = unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCSWINSZ, &raw const self.0) };
        Errno::result(status).map(drop).map_err(io::Error::from)
    }
}

/// A pseudo-terminal.
#[derive(Debug)]
pub(crate) struct Pair {
    /// Our end.
    pub master: OwnedFd,
    /// The end that is a terminal.
    pub slave: OwnedFd,
    /// Its name, such as `/dev/pts/3`, where the kernel tells it.
    pub name: Option<PathBuf>,
}

impl Pair {
    /// Opens one with these modes and this size. Our end does not block.
    pub(crate) fn open(modes: Option<&Modes>, size: Option<&Size>) -> io::Result<Self> {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        let master = nix::pty::posix_openpt(flags)?;
        nix::pty::grantpt(&master)?;
        nix::pty::unlockpt(&master)?;
        let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
        // SAFETY: this ioctl takes flags by value and gives a new descriptor; it needs no /dev/pts.
        let slave = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCGPTPEER, flags) };
        let slave = Errno::result(slave)?;
        // SAFETY: the kernel has just given us the descriptor, and nothing else owns it.
        let slave = unsafe { OwnedFd::from_raw_fd(slave) };
        if let Some(modes) = modes {
            modes.apply(slave.as_fd())?;
        }
        if let Some(size) = size {
            size.apply(slave.as_fd())?;
        }
        let name = nix::pty::ptsname_r(&master).ok().map(PathBuf::from);
        Ok(Self { master: master.into(), slave, name })
    }
}

/// Whether `fd` is our controlling terminal, and our process group is in its foreground.
pub(crate) fn is_foreground(fd: BorrowedFd<'_>) -> bool {
    nix::unistd::tcgetpgrp(fd) == Ok(nix::unistd::getpgrp())
}

/// Whether `fd` is our controlling terminal.
pub(crate) fn is_controlling(fd: BorrowedFd<'_>) -> bool {
    nix::unistd::tcgetpgrp(fd).is_ok()
}

/// How many bytes wait to be read from a terminal: those of complete lines, where it reads by lines.
pub(crate) fn unread(fd: BorrowedFd<'_>) -> usize {
    let mut count: libc::c_int = 0;
    // SAFETY: this ioctl writes one integer, to which it is given a pointer.
    let status = unsafe { libc::ioctl(fd.as_raw_fd(), libc::FIONREAD, &raw mut count) };
    if status == 0 { usize::try_from(count).unwrap_or(0) } else { 0 }
}
