//! All signals that a supervisor passes on: held back from their effect, read with their senders and
//! values, sent to others, and used to stop ourselves. It decides nothing.
#![expect(unsafe_code, reason = "nix knows no real-time signals, and no values")]

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::inherited::disposition;

/// The faults of our own code, which must have their effect. SIGABRT is none of them when another
/// process sends it, as a service manager's watchdog does; `abort(3)` unblocks it.
const FAULTS: [Signal; 6] = [
    Signal::SIGBUS,
    Signal::SIGFPE,
    Signal::SIGILL,
    Signal::SIGSEGV,
    Signal::SIGSYS,
    Signal::SIGTRAP,
];

/// The signals that stop a process from its terminal.
const STOPS: [Signal; 3] = [Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU];

static CHILD_IGNORED: AtomicBool = AtomicBool::new(false);

/// A signal as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// Its number.
    pub number: i32,
    /// Whether the kernel made it, as it does for the keys of a terminal.
    pub of_kernel: bool,
    /// Who sent it; 0 for one whom we cannot see.
    pub sender: i32,
    /// The value that came with it, where it was queued with one.
    pub value: Option<u64>,
}

/// Holds back all signals but the faults, and reads them.
#[derive(Debug)]
pub(crate) struct Blocked {
    inherited: SigSet,
    fd: SignalFd,
}

impl Blocked {
    /// Blocks the signals, but for those that stop us from the terminal: while there is no command they
    /// have their effect at once. To be called before any thread exists, since threads inherit the mask.
    pub(crate) fn new() -> io::Result<Self> {
        let mut all = SigSet::all();
        for fault in FAULTS {
            all.remove(fault);
        }
        let mut blocked = all;
        for stop in STOPS {
            blocked.remove(stop);
        }
        // With SIGCHLD ignored the kernel would reap for us, and keep what it learned to itself.
        if is_ignored(libc::SIGCHLD) {
            set_disposition(libc::SIGCHLD, libc::SIG_DFL)?;
            CHILD_IGNORED.store(true, Ordering::Relaxed);
        }
        let mut inherited = SigSet::empty();
        let fd = SignalFd::with_flags(&all, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&blocked), Some(&mut inherited))?;
        Ok(Self { inherited, fd })
    }

    /// The mask that we inherited, for the child.
    pub(crate) fn inherited(&self) -> &SigSet {
        &self.inherited
    }

    /// Takes the next signal that has come.
    pub(crate) fn next(&self) -> io::Result<Option<Received>> {
        let Some(info) = self.fd.read_signal()? else { return Ok(None) };
        Ok(Some(Received {
            number: i32::try_from(info.ssi_signo).unwrap_or(0),
            of_kernel: info.ssi_code == libc::SI_KERNEL,
            sender: i32::try_from(info.ssi_pid).unwrap_or(0),
            value: (info.ssi_code == libc::SI_QUEUE).then_some(info.ssi_ptr),
        }))
    }
}

impl AsFd for Blocked {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for Blocked {
    /// Gives the mask back that we inherited. A signal that came meanwhile then has its effect.
    fn drop(&mut self) {
        let restored = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&self.inherited), None);
        debug_assert!(restored.is_ok(), "the mask was valid when the kernel gave it to us");
    }
}

/// Blocks the signals that stop us from the terminal as well: from now on we stop when the command does.
pub(crate) fn block_stops() -> io::Result<()> {
    let stops = SigSet::from_iter(STOPS);
    Ok(sigprocmask(SigmaskHow::SIG_BLOCK, Some(&stops), None)?)
}

/// Puts back in the command what had to be changed in us. Does not allocate.
pub(super) fn restore_dispositions() -> io::Result<()> {
    if CHILD_IGNORED.load(Ordering::Relaxed) {
        set_disposition(libc::SIGCHLD, libc::SIG_IGN)?;
    }
    Ok(())
}

fn set_disposition(number: i32, disposition: libc::sighandler_t) -> io::Result<()> {
    // SAFETY: neither the default disposition nor the ignoring one runs code of ours.
    let before = unsafe { libc::signal(number, disposition) };
    if before == libc::SIG_ERR { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Whether a signal has no effect on us, because we inherited it so.
pub(crate) fn is_ignored(number: i32) -> bool {
    disposition(number) == Some(libc::SIG_IGN)
}

/// Sends a signal to a process, or with a negative PID to a process group. That there is nobody is
/// success: they have just ended.
pub(crate) fn send(pid: i32, number: i32) -> io::Result<()> {
    // SAFETY: the call touches no memory.
    succeeded(unsafe { libc::kill(pid, number) })
}

/// Sends a signal with a value to one process.
pub(crate) fn queue(pid: i32, number: i32, value: u64) -> io::Result<()> {
    let address = usize::try_from(value).unwrap_or(0);
    let value = libc::sigval { sival_ptr: ptr::without_provenance_mut(address) };
    // SAFETY: the value is only passed on; nobody here follows it as a pointer.
    succeeded(unsafe { libc::sigqueue(pid, number, value) })
}

fn succeeded(status: i32) -> io::Result<()> {
    match Errno::result(status) {
        Ok(_) | Err(Errno::ESRCH) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Whom a stop is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// This process alone.
    Process,
    /// Its whole process group, as the terminal would have it.
    Group,
}

/// Stops us by a signal that has been blocked, and returns when we run again: whether we were stopped, and
/// woken by a SIGCONT, which stays pending. Where the kernel lets nobody stop us (PID 1, an orphaned process
/// group) it returns at once.
pub(crate) fn stop_by(number: i32, extent: Extent) -> io::Result<bool> {
    let pid = if extent == Extent::Group { 0 } else { nix::unistd::getpid().as_raw() };
    send(pid, number)?;
    if let Ok(signal) = Signal::try_from(number)
        && signal != Signal::SIGSTOP
    {
        let only = SigSet::from(signal);
        sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&only), None)?;
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&only), None)?;
    }
    // Another stop that has come since takes the SIGCONT away that woke us.
    let woken = [libc::SIGCONT, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU].map(is_pending);
    Ok(woken.contains(&true))
}

fn is_pending(number: libc::c_int) -> bool {
    // SAFETY: all bytes zero is a valid set; the next call fills it.
    let mut pending: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: the set is ours.
    unsafe { libc::sigpending(&raw mut pending) };
    // SAFETY: the call only reads the set.
    unsafe { libc::sigismember(&raw const pending, number) == 1 }
}

/// Takes a pending SIGCONT.
pub(crate) fn take_continue() {
    let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let only = SigSet::from(Signal::SIGCONT);
    // SAFETY: the set and the time are valid for the call, which may be given no place for details.
    let _: i32 = unsafe { libc::sigtimedwait(only.as_ref(), ptr::null_mut(), &raw const now) };
}
