//! Starting the command as a child that is as if its parent were not there: with the signal mask and
//! dispositions that we inherited, and told by the kernel when we die. Between `fork(2)` and
//! `execve(2)` nothing here allocates or takes a lock.
#![expect(unsafe_code, reason = "fork, and what a child does before its exec")]

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd, RawFd};
use std::ptr;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::unistd::Pid;

use super::exec::{Failure, Launch};
use super::{inherited, signals};

/// What the child is to find.
#[derive(Debug)]
pub(crate) struct Setup<'a> {
    /// What takes the place of the standard streams; `None` leaves one as it is.
    pub streams: [Option<BorrowedFd<'a>>; 3],
    /// The signal mask.
    pub mask: &'a SigSet,
    /// Whether it leads a process group of its own.
    pub own_group: bool,
    /// Its controlling terminal, if it is to be in the foreground there. It must be in the session.
    pub foreground: Option<BorrowedFd<'a>>,
}

/// Why there is no child.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The program was not executed.
    Exec(Failure),
    /// What comes before was refused.
    Setup(io::Error),
}

/// Starts the command. `Ok` means that it runs: its PID.
pub(crate) fn spawn(launch: &mut Launch<'_>, setup: &Setup<'_>) -> Result<i32, Refusal> {
    let (told, tell) = nix::unistd::pipe2(OFlag::O_CLOEXEC).map_err(refused)?;
    match fork().map_err(refused)? {
        Fork::Child { parent } => become_command(launch, setup, parent, tell.as_raw_fd()),
        Fork::Parent { child } => {
            drop(tell);
            outcome(told).map(|()| child)
        }
    }
}

fn refused(errno: Errno) -> Refusal {
    Refusal::Setup(errno.into())
}

/// On which side of a fork we are.
pub(super) enum Fork {
    Parent { child: i32 },
    Child { parent: i32 },
}

pub(super) fn fork() -> nix::Result<Fork> {
    let parent = nix::unistd::getpid().as_raw();
    // SAFETY: the callers' child sides call only what is async-signal-safe, until they exec or exit.
    match Errno::result(unsafe { libc::fork() })? {
        0 => Ok(Fork::Child { parent }),
        child => Ok(Fork::Parent { child }),
    }
}

/// Has the kernel send us `signal` when our parent ends, unless it has ended already.
pub(super) fn follow(parent: i32, signal: Signal) -> Result<(), Errno> {
    prctl::set_pdeathsig(signal)?;
    if nix::unistd::getppid().as_raw() == parent { Ok(()) } else { Err(Errno::ESRCH) }
}

/// Becomes the command, or says over `tell` why not, and ends.
pub(super) fn become_command(
    launch: &mut Launch<'_>,
    setup: &Setup<'_>,
    parent: i32,
    tell: RawFd,
) -> ! {
    let refusal = match prepare(setup, parent) {
        Ok(()) => {
            launch.name_process();
            encode(launch.execute())
        }
        Err(errno) => [SETUP, 0, errno_number(errno)],
    };
    give_up(tell, refusal)
}

/// Says over `tell` why there is no command, and ends this process.
pub(super) fn give_up(tell: RawFd, refusal: [i32; 3]) -> ! {
    // SAFETY: the buffer is as long as the call is told; a pipe takes as little whole.
    let _: isize = unsafe { libc::write(tell, refusal.as_ptr().cast(), size_of_val(&refusal)) };
    // SAFETY: it ends the process, and runs nothing that the parent has yet to run.
    unsafe { libc::_exit(127) }
}

fn prepare(setup: &Setup<'_>, parent: i32) -> Result<(), Errno> {
    follow(parent, Signal::SIGKILL)?;
    if setup.own_group {
        nix::unistd::setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
    }
    if let Some(terminal) = setup.foreground {
        // SIGTTOU, which this would raise, is blocked.
        nix::unistd::tcsetpgrp(terminal, nix::unistd::getpgrp())?;
    }
    for (stream, given) in (0..).zip(setup.streams) {
        if let Some(given) = given {
            // SAFETY: both are descriptors; nothing in this process owns the standard streams.
            Errno::result(unsafe { libc::dup2(given.as_raw_fd(), stream) })?;
        }
    }
    let restored = inherited::restore().and_then(|()| signals::restore_dispositions());
    restored.map_err(|error| error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw))?;
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(setup.mask), None)
}

/// The kinds of a refusal on its way through the pipe.
const ABSENT: i32 = 1;
const FILE: i32 = 2;
const FORMAT: i32 = 3;
const SHELL: i32 = 4;
pub(super) const SETUP: i32 = 5;
const UNREADABLE: i32 = 6;

pub(super) fn errno_number(errno: Errno) -> i32 {
    io::Error::from(errno).raw_os_error().unwrap_or(0)
}

fn encode(failure: Failure) -> [i32; 3] {
    let number = |index| i32::try_from(index).unwrap_or(0);
    match failure {
        Failure::Absent => [ABSENT, 0, 0],
        Failure::File(index, errno) => [FILE, number(index), errno_number(errno)],
        Failure::Format(index) => [FORMAT, number(index), 0],
        Failure::Unreadable(index, errno) => [UNREADABLE, number(index), errno_number(errno)],
        Failure::Shell(errno) => [SHELL, 0, errno_number(errno)],
    }
}

/// Waits until the exec closes the pipe, or the refusal comes through it.
pub(super) fn outcome(told: OwnedFd) -> Result<(), Refusal> {
    let mut bytes = Vec::with_capacity(12);
    File::from(told).read_to_end(&mut bytes).map_err(Refusal::Setup)?;
    let word = |at: usize| {
        let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
        word.map_or(0, i32::from_ne_bytes)
    };
    let errno = Errno::from_raw(word(8));
    let index = usize::try_from(word(4)).unwrap_or(0);
    match word(0) {
        0 => Ok(()),
        ABSENT => Err(Refusal::Exec(Failure::Absent)),
        FILE => Err(Refusal::Exec(Failure::File(index, errno))),
        FORMAT => Err(Refusal::Exec(Failure::Format(index))),
        UNREADABLE => Err(Refusal::Exec(Failure::Unreadable(index, errno))),
        SHELL => Err(Refusal::Exec(Failure::Shell(errno))),
        _ => Err(Refusal::Setup(errno.into())),
    }
}

/// Makes this process the one that its descendants' orphans come to.
pub(crate) fn adopt_orphans() -> io::Result<()> {
    Ok(prctl::set_child_subreaper(true)?)
}

/// Closes every descriptor from `first` on.
pub(super) fn close_from(first: libc::c_uint) {
    // SAFETY: the caller owns the process and uses none of them any more.
    let status = unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) };
    if status == 0 {
        return;
    }
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call writes one structure, to which it is given a pointer.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, ptr::addr_of_mut!(limit)) };
    let end = RawFd::try_from(limit.rlim_cur.min(65_536)).unwrap_or(1024);
    for fd in RawFd::try_from(first).unwrap_or(3)..end {
        // SAFETY: as above; one that is not open is refused.
        let _: libc::c_int = unsafe { libc::close(fd) };
    }
}
