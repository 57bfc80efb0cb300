//! Starting the command as a child process, with the signal mask and dispositions that hushed inherited.
//! The kernel kills it when hushed dies. Between `fork(2)` and `execve(2)` nothing here allocates or takes a
//! lock.
#![expect(unsafe_code, reason = "fork, and what a child does before its exec")]

use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::unistd::{Pid, getpgrp, pipe2, setpgid, tcsetpgrp};

use super::exec::{ExecFailure, PreparedExec};
use super::mount_namespace::MountNamespace;
use super::{inherited, signals};

/// How the child is set up before its exec.
#[derive(Debug)]
pub struct ChildSetup<'a> {
    /// The mount namespace that it enters.
    pub namespace: Option<&'a MountNamespace>,
    /// The standard streams; `None` keeps the inherited one.
    pub streams: [Option<BorrowedFd<'a>>; 3],
    /// The signal mask.
    pub mask: &'a SigSet,
    /// Whether it leads a process group of its own.
    pub own_group: bool,
    /// The controlling terminal in whose foreground the child's process group is put.
    pub foreground: Option<BorrowedFd<'a>>,
}

/// Why the command was not started.
#[derive(Debug)]
pub enum SpawnError {
    /// The program was not executed.
    Exec(ExecFailure),
    /// It could not enter its mount namespace.
    Namespace(io::Error),
    /// Another step before the exec failed.
    Setup(io::Error),
}

impl From<Errno> for SpawnError {
    fn from(errno: Errno) -> Self {
        Self::Setup(errno.into())
    }
}

/// Starts the command and waits for its exec; its PID.
pub fn spawn(exec: &mut PreparedExec<'_>, setup: &ChildSetup<'_>) -> Result<i32, SpawnError> {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC)?;
    match fork()? {
        Fork::Child { parent } => exec_command(exec, setup, parent, writer.as_raw_fd()),
        Fork::Parent { child } => {
            drop(writer);
            wait_for_exec(&reader).map(|()| child)
        }
    }
}

/// The side of a fork.
pub(super) enum Fork {
    Parent { child: i32 },
    Child { parent: i32 },
}

pub(super) fn fork() -> nix::Result<Fork> {
    let parent = nix::unistd::getpid().as_raw();
    // SAFETY: every caller's child calls only async-signal-safe functions until it execs or exits; a worker,
    // which goes on as a program, is forked only while this process has one thread.
    match Errno::result(unsafe { libc::fork() })? {
        0 => Ok(Fork::Child { parent }),
        child => Ok(Fork::Parent { child }),
    }
}

/// Exits without running destructors and exit handlers, which belong to the parent of this fork.
pub(super) fn exit_without_cleanup(status: libc::c_int) -> ! {
    // SAFETY: the call only ends the process.
    unsafe { libc::_exit(status) }
}

/// Has the kernel send this process `signal` when its parent dies. Fails if the parent has died already.
pub(super) fn set_parent_death_signal(parent: i32, signal: Signal) -> Result<(), Errno> {
    prctl::set_pdeathsig(signal)?;
    if nix::unistd::getppid().as_raw() == parent { Ok(()) } else { Err(Errno::ESRCH) }
}

/// Executes the command in this child, or reports the failure to the parent and exits.
pub(super) fn exec_command(
    exec: &mut PreparedExec<'_>,
    setup: &ChildSetup<'_>,
    parent: i32,
    report: RawFd,
) -> ! {
    if let Some(Err(errno)) = setup.namespace.map(MountNamespace::enter) {
        write_words(report, &[NAMESPACE, 0, errno_number(errno)]);
        exit_without_cleanup(127)
    }
    if let Err(errno) = apply_setup(setup, parent) {
        report_setup_error(report, errno);
    }
    exec.write_pid_variables();
    write_words(report, &encode(exec.execute()));
    exit_without_cleanup(127)
}

/// Reports to the parent that the setup failed, and exits.
pub(super) fn report_setup_error(report: RawFd, errno: Errno) -> ! {
    write_words(report, &[SETUP, 0, errno_number(errno)]);
    exit_without_cleanup(127)
}

fn apply_setup(setup: &ChildSetup<'_>, parent: i32) -> Result<(), Errno> {
    set_parent_death_signal(parent, Signal::SIGKILL)?;
    if setup.own_group {
        setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
    }
    if let Some(terminal) = setup.foreground {
        // SIGTTOU, which this would raise, is blocked.
        tcsetpgrp(terminal, getpgrp())?;
    }
    for (stream, given) in (0..).zip(setup.streams) {
        if let Some(given) = given {
            // SAFETY: both are open descriptors, and no value in this process owns a standard stream.
            Errno::result(unsafe { libc::dup2(given.as_raw_fd(), stream) })?;
        }
    }
    let restored = inherited::restore().and_then(|()| signals::restore_dispositions());
    restored.map_err(|error| error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw))?;
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(setup.mask), None)
}

/// Writes words to a pipe, which takes so few at once or not at all. Does not allocate.
pub(super) fn write_words(pipe: RawFd, words: &[i32]) {
    // SAFETY: pointer and length describe the slice.
    let _: isize = unsafe { libc::write(pipe, words.as_ptr().cast(), size_of_val(words)) };
}

/// Reads words that [`write_words`] wrote; `None` at the end of the pipe.
pub(super) fn read_words<const N: usize>(pipe: &impl AsFd) -> nix::Result<Option<[i32; N]>> {
    let mut bytes = [0_u8; 16];
    let bytes = bytes.get_mut(..N * 4).ok_or(Errno::EINVAL)?;
    let count = loop {
        match nix::unistd::read(pipe, bytes) {
            Err(Errno::EINTR) => {}
            count => break count?,
        }
    };
    let (words, _) = bytes.as_chunks();
    let mut words = words.iter().map(|word| i32::from_ne_bytes(*word));
    Ok((count == N * 4).then(|| std::array::from_fn(|_| words.next().unwrap_or(0))))
}

/// How a failure is encoded in the pipe.
const NOT_FOUND: i32 = 1;
const FILE: i32 = 2;
const FORMAT: i32 = 3;
const SHELL: i32 = 4;
const SETUP: i32 = 5;
const UNREADABLE: i32 = 6;
const NAMESPACE: i32 = 7;

pub(super) fn errno_number(errno: Errno) -> i32 {
    io::Error::from(errno).raw_os_error().unwrap_or(0)
}

fn encode(failure: ExecFailure) -> [i32; 3] {
    let number = |index| i32::try_from(index).unwrap_or(0);
    match failure {
        ExecFailure::NotFound => [NOT_FOUND, 0, 0],
        ExecFailure::File(index, errno) => [FILE, number(index), errno_number(errno)],
        ExecFailure::Format(index) => [FORMAT, number(index), 0],
        ExecFailure::Unreadable(index, errno) => [UNREADABLE, number(index), errno_number(errno)],
        ExecFailure::Shell(errno) => [SHELL, 0, errno_number(errno)],
    }
}

/// Waits until the exec closes the pipe or a failure is reported through it.
pub(super) fn wait_for_exec(report: &OwnedFd) -> Result<(), SpawnError> {
    let Some([kind, index, errno]) = read_words(report)? else { return Ok(()) };
    let errno = Errno::from_raw(errno);
    let index = usize::try_from(index).unwrap_or(0);
    Err(SpawnError::Exec(match kind {
        NOT_FOUND => ExecFailure::NotFound,
        FILE => ExecFailure::File(index, errno),
        FORMAT => ExecFailure::Format(index),
        UNREADABLE => ExecFailure::Unreadable(index, errno),
        SHELL => ExecFailure::Shell(errno),
        NAMESPACE => return Err(SpawnError::Namespace(errno.into())),
        _ => return Err(errno.into()),
    }))
}

/// Makes this process the parent of its orphaned descendants (`PR_SET_CHILD_SUBREAPER`).
pub fn become_subreaper() -> io::Result<()> {
    Ok(prctl::set_child_subreaper(true)?)
}

/// Closes every descriptor from `first` on. Does not allocate.
pub(super) fn close_from(first: libc::c_uint) {
    // SAFETY: the caller uses none of these descriptors any more.
    let status = unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) };
    if status == 0 {
        return;
    }
    let (limit, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((1024, 1024));
    let end = RawFd::try_from(limit.min(65_536)).unwrap_or(1024);
    for fd in RawFd::try_from(first).unwrap_or(3)..end {
        // SAFETY: as above; closing a number that is not open only fails.
        let _: libc::c_int = unsafe { libc::close(fd) };
    }
}
