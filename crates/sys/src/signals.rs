//! Signals: blocking them, reading them from a signalfd(2) with sender and value, sending them, stopping
//! this process, and terminating it by a signal. It decides nothing.
#![expect(unsafe_code, reason = "nix supports no real-time signals and no queued values")]

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::errno::Errno;
use nix::libc;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::inherited::{disposition, set_disposition};

/// The signals that ask a process to terminate.
const TERMINATION: [libc::c_int; 4] = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM];

/// Faults of our own code, which must keep their effect. SIGABRT is not among them: another process may
/// send it, as a service manager's watchdog does, and `abort(3)` unblocks it.
const FAULTS: [Signal; 6] = [
    Signal::SIGBUS,
    Signal::SIGFPE,
    Signal::SIGILL,
    Signal::SIGSEGV,
    Signal::SIGSYS,
    Signal::SIGTRAP,
];

/// The job-control signals of a terminal that stop a process.
const STOPS: [Signal; 3] = [Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU];

/// Whether SIGCHLD was ignored at the start, and the command must inherit it so.
static SIGCHLD_WAS_IGNORED: AtomicBool = AtomicBool::new(false);

/// A signal that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceivedSignal {
    /// Its number.
    pub number: i32,
    /// Whether the kernel generated it, as it does for the keys of a terminal, which signal the whole
    /// foreground process group.
    pub from_kernel: bool,
    /// The PID of the sender; 0 for a sender in another PID namespace.
    pub sender: i32,
    /// The value that was queued with it (`sigqueue(3)`).
    pub value: Option<u64>,
}

impl ReceivedSignal {
    /// Its number, which fits a byte on Linux.
    pub fn number_u8(&self) -> u8 {
        u8::try_from(self.number).unwrap_or(0)
    }
}

/// Blocks signals and reads them from a signalfd. Restores the inherited mask when dropped; a signal that
/// is pending then takes effect.
#[derive(Debug)]
pub struct BlockedSignals {
    inherited: SigSet,
    fd: SignalFd,
}

impl BlockedSignals {
    /// Blocks the signals that ask this process to terminate, except those it inherited as ignored, so that
    /// all secrets are wiped first. PID 1 needs this too: the kernel gives it no default dispositions.
    ///
    /// Call it before any thread exists, because threads inherit the mask of their creator.
    pub fn termination() -> io::Result<Self> {
        let mut signals = SigSet::empty();
        for number in TERMINATION.into_iter().filter(|number| !is_ignored(*number)) {
            signals.add(Signal::try_from(number)?);
        }
        Self::block(&signals, &signals)
    }

    /// Blocks the signals during which a terminal must not stay without echo: those that ask this process to
    /// terminate or to stop (Ctrl-Z), and SIGCONT. Leaves out those that it inherited as ignored.
    pub fn prompt() -> io::Result<Self> {
        let mut signals = SigSet::from(Signal::SIGCONT);
        let interrupting = TERMINATION.into_iter().chain([libc::SIGTSTP]);
        for number in interrupting.filter(|number| !is_ignored(*number)) {
            signals.add(Signal::try_from(number)?);
        }
        Self::block(&signals, &signals)
    }

    /// Blocks all signals except faults and the stop signals of a terminal, which take effect at once until
    /// [`block_stops`]. Reads the stop signals, too. Call it before any thread exists.
    pub fn all() -> io::Result<Self> {
        let mut read = SigSet::all();
        for fault in FAULTS {
            read.remove(fault);
        }
        let mut blocked = read;
        for stop in STOPS {
            blocked.remove(stop);
        }
        // While SIGCHLD is ignored, the kernel reaps children and discards their status.
        if is_ignored(libc::SIGCHLD) {
            set_disposition(libc::SIGCHLD, libc::SIG_DFL)?;
            SIGCHLD_WAS_IGNORED.store(true, Ordering::Relaxed);
        }
        Self::block(&blocked, &read)
    }

    fn block(blocked: &SigSet, read: &SigSet) -> io::Result<Self> {
        let mut inherited = SigSet::empty();
        let fd = SignalFd::with_flags(read, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(blocked), Some(&mut inherited))?;
        Ok(Self { inherited, fd })
    }

    /// The inherited signal mask, for the child.
    pub fn inherited(&self) -> &SigSet {
        &self.inherited
    }

    /// Takes the next pending signal, if there is one.
    pub fn next(&self) -> io::Result<Option<ReceivedSignal>> {
        let Some(info) = self.fd.read_signal()? else { return Ok(None) };
        Ok(Some(ReceivedSignal {
            number: i32::try_from(info.ssi_signo).unwrap_or(0),
            from_kernel: info.ssi_code == libc::SI_KERNEL,
            sender: i32::try_from(info.ssi_pid).unwrap_or(0),
            value: (info.ssi_code == libc::SI_QUEUE).then_some(info.ssi_ptr),
        }))
    }

    /// Waits for the next signal.
    pub async fn wait(&self) -> io::Result<ReceivedSignal> {
        // SAFETY: the descriptor stays open as long as `self` is borrowed, which outlives `ready`.
        let ready =
            unsafe { AsyncFd::register_with_interest(self.fd.as_fd(), Interest::READABLE) }?;
        loop {
            let mut guard = ready.readable().await?;
            if let Some(signal) = self.next()? {
                return Ok(signal);
            }
            guard.clear_ready();
        }
    }
}

impl AsFd for BlockedSignals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        let restored = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&self.inherited), None);
        debug_assert!(restored.is_ok(), "the kernel gave us this mask, so it is valid");
    }
}

/// Blocks the stop signals of a terminal: from now on hushed stops when the command stops.
pub fn block_stops() -> io::Result<()> {
    let stops = SigSet::from_iter(STOPS);
    Ok(sigprocmask(SigmaskHow::SIG_BLOCK, Some(&stops), None)?)
}

/// Restores in the child the dispositions that [`BlockedSignals::all`] changed. Does not allocate.
pub(super) fn restore_dispositions() -> io::Result<()> {
    if SIGCHLD_WAS_IGNORED.load(Ordering::Relaxed) {
        set_disposition(libc::SIGCHLD, libc::SIG_IGN)?;
    }
    Ok(())
}

/// Whether this process ignores the signal.
pub fn is_ignored(number: i32) -> bool {
    disposition(number) == Some(libc::SIG_IGN)
}

/// Sends a signal to a process, or with a negative PID to a process group. A process that does not exist
/// is not an error: it has just ended.
pub fn send(pid: i32, number: i32) -> io::Result<()> {
    // SAFETY: the call touches no memory of this process.
    ignore_missing_process(unsafe { libc::kill(pid, number) })
}

/// Sends a signal with a value to one process (`sigqueue(3)`).
pub fn send_with_value(pid: i32, number: i32, value: u64) -> io::Result<()> {
    let address = usize::try_from(value).unwrap_or(0);
    let value = libc::sigval { sival_ptr: ptr::without_provenance_mut(address) };
    // SAFETY: the kernel passes the value on; neither it nor this process dereferences it.
    ignore_missing_process(unsafe { libc::sigqueue(pid, number, value) })
}

fn ignore_missing_process(status: i32) -> io::Result<()> {
    match Errno::result(status) {
        Ok(_) | Err(Errno::ESRCH) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Which processes [`stop_self`] stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopTarget {
    /// This process alone.
    Process,
    /// Its process group, as a terminal does.
    Group,
}

/// Stops this process by a blocked signal. Returns once it runs again: whether it was stopped, and continued
/// by a SIGCONT, which stays pending. Where the kernel does not stop it (PID 1, an orphaned process group),
/// returns `false` at once.
pub fn stop_self(number: i32, target: StopTarget) -> io::Result<bool> {
    let pid = if target == StopTarget::Group { 0 } else { nix::unistd::getpid().as_raw() };
    send(pid, number)?;
    if let Ok(signal) = Signal::try_from(number)
        && signal != Signal::SIGSTOP
    {
        let only = SigSet::from(signal);
        sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&only), None)?;
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&only), None)?;
    }
    // A stop signal that arrived meanwhile has discarded the pending SIGCONT.
    let continued = [libc::SIGCONT, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU].map(is_pending);
    Ok(continued.contains(&true))
}

fn is_pending(number: libc::c_int) -> bool {
    // SAFETY: all bytes zero is a valid set; the next call fills it.
    let mut pending: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a local set, which the call fills.
    unsafe { libc::sigpending(&raw mut pending) };
    // SAFETY: the call only reads the set.
    unsafe { libc::sigismember(&raw const pending, number) == 1 }
}

/// Consumes a pending SIGCONT.
pub fn take_continue() {
    let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let only = SigSet::from(Signal::SIGCONT);
    // SAFETY: set and time are locals; a null pointer means that no details are wanted.
    let _: i32 = unsafe { libc::sigtimedwait(only.as_ref(), ptr::null_mut(), &raw const now) };
}

/// Terminates this process by a signal, real-time signals included, so that the parent sees the same wait
/// status as without hushed. Returns only where that is not possible: a signal without a handler does not
/// terminate PID 1.
pub fn terminate_by_signal(number: u8) {
    let number = libc::c_int::from(number);
    // A core file would hold secrets: SIGQUIT writes one by default.
    let _limited = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    let is_fixed = matches!(number, libc::SIGKILL | libc::SIGSTOP);
    if set_disposition(number, libc::SIG_DFL).is_err() && !is_fixed {
        return;
    }
    // SAFETY: all bytes zero is a valid set; the next call empties it.
    let mut only: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a local set.
    unsafe { libc::sigemptyset(&raw mut only) };
    // SAFETY: as above.
    unsafe { libc::sigaddset(&raw mut only, number) };
    // SAFETY: the call reads the local set; a null pointer means that the old mask is not wanted.
    unsafe { libc::sigprocmask(libc::SIG_UNBLOCK, &raw const only, ptr::null_mut()) };
    // SAFETY: the call touches no memory of this process.
    let _: libc::c_int = unsafe { libc::raise(number) };
}
