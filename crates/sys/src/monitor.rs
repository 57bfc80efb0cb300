//! The monitor: a session leader between hushed and a command that has a session and a terminal of its own.
//! It reports status changes of the command and continues it when told to. It decides nothing.
//!
//! ```text
//! hushed --fork--> monitor (session leader) --fork--> command (foreground process group)
//!        <--------- status changes of the command
//!        ---------> continue it, in the foreground or the background
//! ```
//!
//! Job control needs it: the kernel does not stop an orphaned process group, one whose parents are all in
//! other sessions. When hushed is killed, the monitor kills the command and restores the outer terminal.
#![expect(unsafe_code, reason = "fork, and a process that may not allocate")]

use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getpgrp, getppid, pipe2, setpgid};

use super::child::{
    self, ChildSetup, Fork, SpawnError, exit_without_cleanup, read_words, report_setup_error,
    write_words,
};
use super::exec::PreparedExec;
use super::memory::unmap_inherited;
use super::signals;
use super::terminal::TerminalModes;
use super::wait::ChildStatus;

/// The terminals of the session.
#[derive(Debug)]
pub struct SessionSetup<'a> {
    /// The terminal that becomes the controlling one.
    pub terminal: BorrowedFd<'a>,
    /// The terminal of hushed, and the modes to restore there if hushed is killed.
    pub outer: Option<(BorrowedFd<'a>, TerminalModes)>,
    /// Whether the command starts in the foreground.
    pub foreground: bool,
}

/// The monitor, as hushed sees it. It is reaped like any other child.
#[derive(Debug)]
pub struct Monitor {
    /// Its own PID.
    pub pid: i32,
    /// The command's PID, which is also its process group.
    pub command: i32,
    /// The pipe that reports the command's status changes.
    pub changes: OwnedFd,
}

/// Starts a session with the command in it.
pub fn spawn(
    exec: &mut PreparedExec<'_>,
    setup: &ChildSetup<'_>,
    session: &SessionSetup<'_>,
) -> Result<Monitor, SpawnError> {
    let (exec_reader, exec_writer) = pipe2(OFlag::O_CLOEXEC)?;
    let (changes, report) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
    match child::fork()? {
        Fork::Child { parent } => {
            let pipes = [exec_writer.as_raw_fd(), report.as_raw_fd()];
            let Err(errno) = lead_session(exec, setup, session, parent, pipes);
            report_setup_error(exec_writer.as_raw_fd(), errno)
        }
        Fork::Parent { child: pid } => {
            drop((exec_writer, report));
            child::wait_for_exec(&exec_reader)?;
            match read_words(&changes)? {
                Some([PID, command]) => Ok(Monitor { pid, command, changes }),
                _ => Err(SpawnError::Setup(io::ErrorKind::UnexpectedEof.into())),
            }
        }
    }
}

/// The first word of a message; the second is a PID, an exit code or a signal number.
const PID: i32 = 0;
const EXITED: i32 = 1;
const KILLED: i32 = 2;
const STOPPED: i32 = 3;
const CONTINUED: i32 = 4;

/// What [`Monitor::next_event`] read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonitorEvent {
    /// The status of the command has changed.
    Changed(ChildStatus),
    /// Nothing for now.
    Pending,
    /// The monitor has ended.
    Ended,
}

impl Monitor {
    /// Reads the next status change of the command.
    pub fn next_event(&self) -> io::Result<MonitorEvent> {
        Ok(match read_words(&self.changes) {
            Err(Errno::EAGAIN) => MonitorEvent::Pending,
            Err(errno) => return Err(errno.into()),
            Ok(None) => MonitorEvent::Ended,
            Ok(Some([EXITED, code])) => {
                MonitorEvent::Changed(ChildStatus::Exited(u8::try_from(code).unwrap_or(0)))
            }
            Ok(Some([KILLED, number])) => MonitorEvent::Changed(ChildStatus::Killed(number)),
            Ok(Some([STOPPED, number])) => MonitorEvent::Changed(ChildStatus::Stopped(number)),
            Ok(Some([CONTINUED, _])) => MonitorEvent::Changed(ChildStatus::Continued),
            Ok(Some(_)) => MonitorEvent::Pending,
        })
    }

    /// Continues the command, in the foreground of its terminal or in the background.
    pub fn continue_command(&self, foreground: bool) -> io::Result<()> {
        signals::send_with_value(self.pid, libc::SIGRTMIN(), u64::from(foreground))
    }
}

/// Runs the monitor process. Returns only if it cannot start. `pipes` are those for the exec failure and for
/// status changes.
fn lead_session(
    exec: &mut PreparedExec<'_>,
    setup: &ChildSetup<'_>,
    session: &SessionSetup<'_>,
    parent: i32,
    [exec_writer, report]: [RawFd; 2],
) -> Result<std::convert::Infallible, Errno> {
    child::set_parent_death_signal(parent, Signal::SIGTERM)?;
    nix::unistd::setsid()?;
    let terminal = session.terminal.as_raw_fd();
    // SAFETY: this ioctl takes a number and touches no memory.
    Errno::result(unsafe { libc::ioctl(terminal, libc::TIOCSCTTY, 0) })?;
    match child::fork()? {
        Fork::Child { parent } => child::exec_command(exec, setup, parent, exec_writer),
        Fork::Parent { child: command } => {
            // The command does the same, so that it is done whoever comes first. After the exec, the kernel
            // refuses it here.
            let _refused = setpgid(Pid::from_raw(command), Pid::from_raw(command));
            write_words(report, &[PID, command]);
            // The monitor outlives the exec and must not keep the secrets mapped.
            unmap_inherited();
            let outer = session.outer.map(|(fd, modes)| (fd.as_raw_fd(), modes));
            keep_descriptors(&[terminal, report, outer.map_or(terminal, |(fd, _)| fd)]);
            let modes = outer.map(|(_, modes)| modes);
            MonitorLoop { parent, command, modes, foreground: session.foreground }.run()
        }
    }
}

/// The descriptors of the monitor. It has no standard streams and keeps nobody's pipe open.
const TERMINAL: RawFd = 0;
const REPORT: RawFd = 1;
const OUTER: RawFd = 2;

fn keep_descriptors(wanted: &[RawFd; 3]) {
    // All of them are above the standard streams, which are open from the start of the program.
    for (target, fd) in (0..).zip(wanted) {
        // SAFETY: both are open descriptors; the monitor uses no standard stream.
        let _: i32 = unsafe { libc::dup2(*fd, target) };
    }
    child::close_from(3);
}

struct MonitorLoop {
    parent: i32,
    command: i32,
    modes: Option<TerminalModes>,
    foreground: bool,
}

impl MonitorLoop {
    /// Waits for the command, for requests to continue it, and for the death of the parent.
    fn run(&mut self) -> ! {
        let continue_request = libc::SIGRTMIN();
        // SAFETY: all bytes zero is a valid set; it is filled below.
        let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
        for number in [libc::SIGCHLD, libc::SIGTERM, continue_request] {
            // SAFETY: the pointer is to a local set.
            unsafe { libc::sigaddset(&raw mut set, number) };
        }
        // Parent and command may have ended before their signals could be waited for: check both once.
        let mut number = libc::SIGTERM;
        let mut value = 0;
        loop {
            match number {
                libc::SIGTERM if getppid().as_raw() != self.parent => self.exit_without_parent(),
                number if number == continue_request => self.continue_command(value != 0),
                _ => {}
            }
            self.report_changes();
            // SAFETY: all bytes zero is a valid `siginfo_t`; the call fills it.
            let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
            // SAFETY: both pointers are to locals; `BlockedSignals` blocks these signals before the fork.
            number = unsafe { libc::sigwaitinfo(&raw const set, &raw mut info) };
            // SAFETY: the kernel sets the field for a queued signal; it is zero otherwise.
            value = unsafe { info.si_value() }.sival_ptr.addr();
        }
    }

    fn report_changes(&self) {
        loop {
            let mut status = 0;
            let options = libc::WNOHANG | libc::WUNTRACED | libc::WCONTINUED;
            // SAFETY: the call writes one integer, to which it is given a pointer.
            if unsafe { libc::waitpid(self.command, &raw mut status, options) } <= 0 {
                return;
            }
            if libc::WIFSTOPPED(status) {
                write_words(REPORT, &[STOPPED, libc::WSTOPSIG(status)]);
            } else if libc::WIFCONTINUED(status) {
                write_words(REPORT, &[CONTINUED, 0]);
            } else if libc::WIFEXITED(status) {
                report_end([EXITED, libc::WEXITSTATUS(status)]);
            } else {
                report_end([KILLED, libc::WTERMSIG(status)]);
            }
        }
    }

    fn continue_command(&mut self, foreground: bool) {
        self.foreground = foreground;
        set_foreground(if foreground { self.command } else { getpgrp().as_raw() });
        let _gone = signals::send(-self.command, libc::SIGCONT);
    }

    /// Ends after hushed was killed: kills the command and restores the modes of the outer terminal.
    fn exit_without_parent(&self) -> ! {
        let _gone = signals::send(-self.command, libc::SIGKILL);
        if let Some(modes) = self.modes.filter(|_| self.foreground) {
            // SAFETY: `keep_descriptors` opened it, and the monitor closes nothing afterwards.
            let _hung_up = modes.apply(unsafe { BorrowedFd::borrow_raw(OUTER) });
        }
        exit_without_cleanup(0)
    }
}

/// Reports the command's end and exits. The monitor takes the foreground first, so that its end does not send
/// SIGHUP to processes that the command left in its group.
fn report_end(message: [i32; 2]) -> ! {
    set_foreground(getpgrp().as_raw());
    write_words(REPORT, &message);
    exit_without_cleanup(0)
}

fn set_foreground(group: i32) {
    // SAFETY: the call touches no memory. SIGTTOU, which it would raise, is blocked.
    let _: i32 = unsafe { libc::tcsetpgrp(TERMINAL, group) };
}
