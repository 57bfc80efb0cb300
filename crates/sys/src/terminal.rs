//! Terminals: modes (termios(3)), window sizes, pseudo-terminals (pty(7)), and the foreground process group.
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
pub struct TerminalModes(libc::termios);

impl TerminalModes {
    /// The modes of a terminal; `None` if `fd` is not one.
    pub fn get(fd: BorrowedFd<'_>) -> Option<Self> {
        let mut modes = MaybeUninit::uninit();
        // SAFETY: the pointer is to a local structure, which the call writes.
        let status = unsafe { libc::tcgetattr(fd.as_raw_fd(), modes.as_mut_ptr()) };
        // SAFETY: on success, the call has written the whole structure.
        (status == 0).then(|| Self(unsafe { modes.assume_init() }))
    }

    /// Sets the modes of a terminal at once (TCSANOW), which keeps typed-ahead input.
    pub fn apply(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        // SAFETY: the call only reads the structure.
        let status = unsafe { libc::tcsetattr(fd.as_raw_fd(), libc::TCSANOW, &raw const self.0) };
        Errno::result(status).map(drop).map_err(io::Error::from)
    }

    /// These modes in raw mode (`cfmakeraw(3)`).
    #[must_use]
    pub fn raw(mut self) -> Self {
        // SAFETY: the call changes flags of an owned structure.
        unsafe { libc::cfmakeraw(&raw mut self.0) };
        self
    }

    /// Copies every flag and control character that differs between `before` and `after` from `after`.
    #[must_use]
    pub fn with_changes(mut self, before: &Self, after: &Self) -> Self {
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

    /// Whether the terminal writes `\r\n` for `\n` (OPOST and ONLCR).
    pub fn adds_carriage_returns(&self) -> bool {
        self.0.c_oflag & (libc::OPOST | libc::ONLCR) == libc::OPOST | libc::ONLCR
    }

    /// Whether background processes that write are stopped (TOSTOP).
    pub fn stops_background_writers(&self) -> bool {
        self.0.c_lflag & libc::TOSTOP != 0
    }

    /// Whether input is in canonical mode, line by line (ICANON).
    pub fn is_canonical(&self) -> bool {
        self.0.c_lflag & libc::ICANON != 0
    }

    /// These modes without output processing (OPOST).
    #[must_use]
    pub fn without_output_processing(mut self) -> Self {
        self.0.c_oflag &= !libc::OPOST;
        self
    }

    /// These modes without echo (ECHO and ECHONL).
    #[must_use]
    pub fn without_echo(mut self) -> Self {
        self.0.c_lflag &= !(libc::ECHO | libc::ECHONL);
        self
    }

    /// The end-of-file character (VEOF), usually Ctrl-D.
    pub fn end_of_file_key(&self) -> u8 {
        self.0.c_cc.get(libc::VEOF).copied().unwrap_or(4)
    }
}

impl PartialEq for TerminalModes {
    /// Compares flags and control characters, not speeds.
    fn eq(&self, other: &Self) -> bool {
        let flags =
            |modes: &Self| (modes.0.c_iflag, modes.0.c_oflag, modes.0.c_cflag, modes.0.c_lflag);
        flags(self) == flags(other) && self.0.c_cc == other.0.c_cc
    }
}

/// The size of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSize(libc::winsize);

impl WindowSize {
    /// The size of a terminal; `None` if `fd` is not one.
    pub fn get(fd: BorrowedFd<'_>) -> Option<Self> {
        let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: the pointer is to a local `winsize`, which this ioctl writes.
        let status = unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
        (status == 0).then_some(Self(size))
    }

    /// Sets the size of a terminal. After a change the kernel sends SIGWINCH to its foreground process group.
    pub fn apply(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        // SAFETY: this ioctl only reads the `winsize`.
        let status = unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCSWINSZ, &raw const self.0) };
        Errno::result(status).map(drop).map_err(io::Error::from)
    }
}

/// A pseudo-terminal pair.
#[derive(Debug)]
pub struct PtyPair {
    /// The master.
    pub master: OwnedFd,
    /// The slave, which is a terminal.
    pub slave: OwnedFd,
    /// The name of the slave, such as `/dev/pts/3`, if the kernel tells it.
    pub name: Option<PathBuf>,
}

impl PtyPair {
    /// Opens a pair with these modes and this size. The master does not block.
    pub fn open(modes: Option<&TerminalModes>, size: Option<&WindowSize>) -> io::Result<Self> {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        let master = nix::pty::posix_openpt(flags)?;
        nix::pty::grantpt(&master)?;
        nix::pty::unlockpt(&master)?;
        let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
        // SAFETY: this ioctl takes flags by value and opens a descriptor. It needs no /dev/pts.
        let slave = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCGPTPEER, flags) };
        let slave = Errno::result(slave)?;
        // SAFETY: the kernel has just opened it, and nothing else owns it.
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

/// Whether `fd` is the controlling terminal of this process, with its process group in the foreground.
pub fn is_foreground(fd: BorrowedFd<'_>) -> bool {
    nix::unistd::tcgetpgrp(fd) == Ok(nix::unistd::getpgrp())
}

/// Whether `fd` is the controlling terminal of this process.
pub fn is_controlling(fd: BorrowedFd<'_>) -> bool {
    nix::unistd::tcgetpgrp(fd).is_ok()
}

/// How many bytes of input a terminal holds (FIONREAD): in canonical mode, those of complete lines.
pub fn unread_bytes(fd: BorrowedFd<'_>) -> usize {
    let mut count: libc::c_int = 0;
    // SAFETY: the pointer is to a local integer, which this ioctl writes.
    let status = unsafe { libc::ioctl(fd.as_raw_fd(), libc::FIONREAD, &raw mut count) };
    if status == 0 { usize::try_from(count).unwrap_or(0) } else { 0 }
}
