//! Inherited state that hushed changes while it runs: signals that kill a process whose write fails (SIGPIPE,
//! SIGXFSZ), and closed standard streams, whose numbers hushed's own files would get. It is changed before
//! `main` and restored before the exec of the command.
#![expect(unsafe_code, reason = "only a function in .init_array runs before all else")]

use std::io;
use std::os::fd::RawFd;
use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering};

use nix::errno::Errno;
use nix::libc;

/// The signals that kill a process by default where a write would otherwise return an error: SIGPIPE (EPIPE,
/// a pipe without a reader) and SIGXFSZ (EFBIG, `RLIMIT_FSIZE`). hushed reports the error instead.
const WRITE_SIGNALS: [libc::c_int; 2] = [libc::SIGPIPE, libc::SIGXFSZ];

/// Which of [`WRITE_SIGNALS`] hushed ignores without having inherited them so, one bit each.
static CHANGED_SIGNALS: AtomicU8 = AtomicU8::new(0);

/// Which standard streams were closed at the start, one bit each.
static CLOSED_STREAMS: AtomicU8 = AtomicU8::new(0);

// SAFETY: the section holds pointers to C functions without arguments, which the loader calls before
// `main`; the function only makes system calls and stores into atomics.
#[used]
#[unsafe(link_section = ".init_array")]
static RECORD: extern "C" fn() = record;

extern "C" fn record() {
    // Rust's runtime ignores SIGPIPE before `main`, so the inherited disposition is visible only here.
    ignore(libc::SIGPIPE);
    for fd in 0..3 {
        // SAFETY: F_GETFD reads a flag of the descriptor table and touches no memory.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
            CLOSED_STREAMS.fetch_or(1 << fd, Ordering::Relaxed);
            // The new descriptor gets this number, the lowest free one: those below are open by now.
            // SAFETY: the path is a C string, and nothing else owns the new descriptor.
            if unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) } == -1
                && !open_empty_pipe(fd)
            {
                // Otherwise a socket could get the number, and receive what is written for the user.
                // SAFETY: the call only ends the process.
                unsafe { libc::abort() }
            }
        }
    }
}

/// Ignores SIGXFSZ. A library must not do that to its program, so `main` calls this.
pub(super) fn ignore_file_size_signal() {
    ignore(libc::SIGXFSZ);
}

fn bit(signal: libc::c_int) -> u8 {
    WRITE_SIGNALS.iter().position(|known| *known == signal).map_or(0, |index| 1 << index)
}

fn ignore(signal: libc::c_int) {
    if disposition(signal) != Some(libc::SIG_IGN) && set_disposition(signal, libc::SIG_IGN).is_ok()
    {
        CHANGED_SIGNALS.fetch_or(bit(signal), Ordering::Relaxed);
    }
}

/// Opens a pipe without a writer as `fd`, which must be the lowest free number: reading returns the end of the
/// file, and writing fails. For a root directory without `/dev/null`.
fn open_empty_pipe(fd: RawFd) -> bool {
    let mut ends = [-1; 2];
    // SAFETY: the call writes two numbers.
    if unsafe { libc::pipe(ends.as_mut_ptr()) } == -1 {
        return false;
    }
    let [reader, writer] = ends;
    close(writer);
    reader == fd
}

/// The disposition of a signal (`sigaction(2)`); `None` if there is no signal with this number.
pub(super) fn disposition(signal: libc::c_int) -> Option<libc::sighandler_t> {
    // SAFETY: all bytes zero is a valid `sigaction`: a plain C struct of integers and pointers.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: with no new action, sigaction only writes the present one into `action`.
    let status = unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) };
    (status == 0).then_some(action.sa_sigaction)
}

/// Sets the disposition of a signal to `SIG_DFL` or `SIG_IGN`. Does not allocate.
pub(super) fn set_disposition(
    signal: libc::c_int,
    disposition: libc::sighandler_t,
) -> io::Result<()> {
    // SAFETY: the callers pass SIG_DFL or SIG_IGN, which run no code of this process.
    let before = unsafe { libc::signal(signal, disposition) };
    if before == libc::SIG_ERR { Err(Errno::last().into()) } else { Ok(()) }
}

/// Restores the inherited signal dispositions, closed standard streams and limit on core files. Call it last
/// before `execve(2)`: what is written to a closed stream afterwards is lost. Does not allocate.
pub fn restore() -> io::Result<()> {
    super::harden::restore()?;
    let changed = CHANGED_SIGNALS.load(Ordering::Relaxed);
    for signal in WRITE_SIGNALS.into_iter().filter(|signal| changed & bit(*signal) != 0) {
        set_disposition(signal, libc::SIG_DFL)?;
    }
    (0..3).filter(|fd| was_closed_at_start(*fd)).for_each(close);
    Ok(())
}

/// Whether a standard stream was closed at the start; it is `/dev/null` or an empty pipe now.
pub fn was_closed_at_start(fd: RawFd) -> bool {
    CLOSED_STREAMS.load(Ordering::Relaxed) & (1 << fd) != 0
}

fn close(fd: RawFd) {
    // SAFETY: `record` opened the descriptor, and nothing owns it. It may be closed already.
    let _: libc::c_int = unsafe { libc::close(fd) };
}
