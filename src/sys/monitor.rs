//! A command in a session of its own, on a terminal of its own. It decides nothing: it tells what became
//! of the command, and does as it is told.
//!
//! ```text
//! hushed --fork--> monitor (session leader) --fork--> command (foreground process group)
//!        <--------- changes of the command
//!        ---------> continue it, in the foreground or not
//! ```
//!
//! The process between is needed for job control: the kernel lets nobody stop a process group whose
//! parents are all in other sessions. It outlives us by a moment, and then ends the command and gives
//! our terminal its modes back, so that even SIGKILL leaves both right.
#![expect(unsafe_code, reason = "fork, and a process that may not allocate")]

use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, setpgid};

use super::child::{self, Fork, Refusal, Setup};
use super::exec::Launch;
use super::memory::unmap_kept;
use super::terminal::Modes;
use super::wait::Change;

/// What the session has besides the command.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    /// The terminal that becomes the controlling one.
    pub terminal: BorrowedFd<'a>,
    /// Our own terminal, and the modes to give it back should we be killed.
    pub outer: Option<(BorrowedFd<'a>, Modes)>,
    /// Whether the command begins in the foreground.
    pub foreground: bool,
}

/// The monitor, as its parent sees it. It is reaped like any other child.
#[derive(Debug)]
pub(crate) struct Monitor {
    /// Its own PID.
    pub pid: i32,
    /// The command's PID, which is also its process group.
    pub command: i32,
    /// Where the changes come from.
    pub changes: OwnedFd,
}

/// Starts a session with the command in it.
pub(crate) fn spawn(
    launch: &mut Launch<'_>,
    setup: &Setup<'_>,
    session: &Session<'_>,
) -> Result<Monitor, Refusal> {
    let setup_error = |errno: Errno| Refusal::Setup(errno.into());
    let (told, tell) = nix::unistd::pipe2(OFlag::O_CLOEXEC).map_err(setup_error)?;
    let (changes, report) =
        nix::unistd::pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK).map_err(setup_error)?;
    match child::fork().map_err(setup_error)? {
        Fork::Child { parent } => {
            let Err(errno) =
                lead(launch, setup, session, parent, tell.as_raw_fd(), report.as_raw_fd());
            child::give_up(tell.as_raw_fd(), [child::SETUP, 0, child::errno_number(errno)])
        }
        Fork::Parent { child: pid } => {
            drop((tell, report));
            child::outcome(told)?;
            let monitor = Monitor { pid, command: 0, changes };
            match monitor.message().map_err(Refusal::Setup)? {
                Some([PID, command]) => Ok(Monitor { command, ..monitor }),
                _ => Err(Refusal::Setup(io::ErrorKind::UnexpectedEof.into())),
            }
        }
    }
}

const PID: i32 = 0;
const EXITED: i32 = 1;
const KILLED: i32 = 2;
const STOPPED: i32 = 3;
const CONTINUED: i32 = 4;

/// What [`Monitor::next`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The command has changed.
    Changed(Change),
    /// Nothing for now.
    Nothing,
    /// The monitor has ended.
    Ended,
}

impl Monitor {
    /// Takes the next change of the command.
    pub(crate) fn next(&self) -> io::Result<Report> {
        let message = match self.message() {
            Ok(message) => message,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Report::Nothing),
            Err(error) => return Err(error),
        };
        Ok(match message {
            Some([EXITED, code]) => {
                Report::Changed(Change::Exited(u8::try_from(code).unwrap_or(0)))
            }
            Some([KILLED, number]) => Report::Changed(Change::Killed(number)),
            Some([STOPPED, number]) => Report::Changed(Change::Stopped(number)),
            Some([CONTINUED, _]) => Report::Changed(Change::Continued),
            Some(_) => Report::Nothing,
            None => Report::Ended,
        })
    }

    fn message(&self) -> io::Result<Option<[i32; 2]>> {
        let mut bytes = [0_u8; 8];
        // A pipe gives a message of this size whole, so less of one is the end.
        let count = nix::unistd::read(&self.changes, &mut bytes)?;
        let (words, _) = bytes.get(..count).unwrap_or_default().as_chunks();
        let [kind, value] = words else { return Ok(None) };
        Ok(Some([i32::from_ne_bytes(*kind), i32::from_ne_bytes(*value)]))
    }

    /// Continues the command, in the foreground of its terminal or not.
    pub(crate) fn resume(&self, foreground: bool) -> io::Result<()> {
        super::signals::queue(self.pid, libc::SIGRTMIN(), u64::from(foreground))
    }
}

/// The life of the monitor; returns only when it could not begin.
fn lead(
    launch: &mut Launch<'_>,
    setup: &Setup<'_>,
    session: &Session<'_>,
    parent: i32,
    tell: RawFd,
    report: RawFd,
) -> Result<std::convert::Infallible, Errno> {
    child::follow(parent, Signal::SIGTERM)?;
    nix::unistd::setsid()?;
    let terminal = session.terminal.as_raw_fd();
    // SAFETY: this ioctl takes a number; a session leader without a terminal may ask for one.
    Errno::result(unsafe { libc::ioctl(terminal, libc::TIOCSCTTY, 0) })?;
    match child::fork()? {
        Fork::Child { parent } => child::become_command(launch, setup, parent, tell),
        Fork::Parent { child: command } => {
            // The command does the same; whoever is first, both find it done.
            // When the exec came first it is refused, rightly.
            let _refused = setpgid(Pid::from_raw(command), Pid::from_raw(command));
            send(report, [PID, command]);
            // The command has its own view of it, until its exec; the monitor lives on.
            unmap_kept();
            let outer = session.outer.map(|(fd, modes)| (fd.as_raw_fd(), modes));
            keep(&[terminal, report, outer.map_or(terminal, |(fd, _)| fd)]);
            let mut life = Life {
                parent,
                command,
                modes: outer.map(|(_, modes)| modes),
                foreground: session.foreground,
            };
            life.live()
        }
    }
}

/// The descriptors of the monitor: it has no standard streams, and keeps nobody's pipe open.
const TERMINAL: RawFd = 0;
const REPORT: RawFd = 1;
const OUTER: RawFd = 2;

fn keep(wanted: &[RawFd; 3]) {
    // They are all above the standard streams, since those are open from the start.
    for (place, fd) in (0..).zip(wanted) {
        // SAFETY: nothing of the monitor uses the standard streams.
        let _: i32 = unsafe { libc::dup2(*fd, place) };
    }
    child::close_from(3);
}

fn send(report: RawFd, message: [i32; 2]) {
    // SAFETY: the buffer is as long as the call is told.
    let _: isize = unsafe { libc::write(report, message.as_ptr().cast(), size_of_val(&message)) };
}

struct Life {
    parent: i32,
    command: i32,
    modes: Option<Modes>,
    foreground: bool,
}

impl Life {
    /// Waits for the command, for orders, and for the end of the parent.
    fn live(&mut self) -> ! {
        let order = libc::SIGRTMIN();
        // SAFETY: all bytes zero is a valid set; it is filled below.
        let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
        for number in [libc::SIGCHLD, libc::SIGTERM, order] {
            // SAFETY: the set is ours.
            unsafe { libc::sigaddset(&raw mut set, number) };
        }
        // The parent may have ended before its signal could be waited for, and the command before
        // its own; both are asked for once.
        let mut number = libc::SIGTERM;
        let mut value = 0;
        loop {
            match number {
                libc::SIGTERM if nix::unistd::getppid().as_raw() != self.parent => self.abandoned(),
                number if number == order => self.resume(value != 0),
                _ => {}
            }
            self.report_changes();
            // SAFETY: all bytes zero is a valid `siginfo_t`; the call fills it.
            let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
            // SAFETY: both pointers are valid; all of these signals are blocked.
            number = unsafe { libc::sigwaitinfo(&raw const set, &raw mut info) };
            // SAFETY: the field is there for a queued signal, and zero otherwise.
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
                send(REPORT, [STOPPED, libc::WSTOPSIG(status)]);
            } else if libc::WIFCONTINUED(status) {
                send(REPORT, [CONTINUED, 0]);
            } else if libc::WIFEXITED(status) {
                Self::end([EXITED, libc::WEXITSTATUS(status)]);
            } else {
                Self::end([KILLED, libc::WTERMSIG(status)]);
            }
        }
    }

    /// Ends with the command. What it left in its process group is not to be hung up for that, so
    /// the monitor takes the foreground first.
    fn end(message: [i32; 2]) -> ! {
        set_foreground(nix::unistd::getpgrp().as_raw());
        send(REPORT, message);
        // SAFETY: it ends the process, and runs nothing of the parent.
        unsafe { libc::_exit(0) }
    }

    fn resume(&mut self, foreground: bool) {
        self.foreground = foreground;
        set_foreground(if foreground { self.command } else { nix::unistd::getpgrp().as_raw() });
        let _gone = super::signals::send(-self.command, libc::SIGCONT);
    }

    /// The parent was killed: the command does not live on, and the terminal is as it was.
    fn abandoned(&self) -> ! {
        let _gone = super::signals::send(-self.command, libc::SIGKILL);
        if let Some(modes) = self.modes.filter(|_| self.foreground) {
            // SAFETY: the descriptor is open for the whole life of the monitor.
            let _hung_up = modes.apply(unsafe { BorrowedFd::borrow_raw(OUTER) });
        }
        // SAFETY: it ends the process, and runs nothing of the parent.
        unsafe { libc::_exit(0) }
    }
}

fn set_foreground(group: i32) {
    // SAFETY: the call touches no memory. SIGTTOU, which it would raise, is blocked.
    let _: i32 = unsafe { libc::tcsetpgrp(TERMINAL, group) };
}
