//! Inherited state that hushed must not keep while it runs: signals that end a process whose write fails
//! (SIGPIPE, SIGXFSZ), and closed standard streams, whose numbers would be given to files of ours. It is
//! recorded and changed before `main`, and restored before the command takes our place.
#![expect(unsafe_code, reason = "only a function in .init_array runs before all else")]

use std::io;
use std::os::fd::RawFd;
use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering};

use nix::errno::Errno;
use nix::libc;

/// The signals that end a process by default where a call would otherwise return an error: a pipe without
/// a reader (EPIPE), and a file that may not grow because of `RLIMIT_FSIZE` (EFBIG). We report the error.
const WRITE_SIGNALS: [libc::c_int; 2] = [libc::SIGPIPE, libc::SIGXFSZ];
/// Their places in that list.
const SIGPIPE: usize = 0;
const SIGXFSZ: usize = 1;

/// Which of [`WRITE_SIGNALS`] we ignore and did not inherit so, one bit each.
static CHANGED_SIGNALS: AtomicU8 = AtomicU8::new(0);
static CLOSED_STREAMS: AtomicU8 = AtomicU8::new(0);

// SAFETY: the section holds pointers to C functions without arguments, which the loader calls before
// `main`; the function only makes system calls and stores into atomics.
#[used]
#[unsafe(link_section = ".init_array")]
static RECORD: extern "C" fn() = record;

extern "C" fn record() {
    // The standard library's start of a program ignores it, too: what was inherited is seen only before.
    ignore(SIGPIPE);
    for fd in 0..3 {
        // SAFETY: F_GETFD reads a flag of the descriptor table and touches no memory.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
            CLOSED_STREAMS.fetch_or(1 << fd, Ordering::Relaxed);
            // The lowest free number is this one: those below are open by now.
            // SAFETY: the path is a C string, and the new descriptor belongs to nobody else.
            if unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) } == -1 && !open_empty(fd) {
                // A socket of ours in a standard stream's place would be told what is for a user.
                // SAFETY: ends this process, in which nothing has begun.
                unsafe { libc::abort() }
            }
        }
    }
}

/// Ignores the signal of `RLIMIT_FSIZE`. A library must not do so to its program, so `main` asks for it.
pub(super) fn ignore_file_size_signal() {
    ignore(SIGXFSZ);
}

fn ignore(place: usize) {
    let Some(signal) = WRITE_SIGNALS.get(place).copied() else { return };
    if disposition(signal) != Some(libc::SIG_IGN) && set_disposition(signal, libc::SIG_IGN).is_ok()
    {
        CHANGED_SIGNALS.fetch_or(1 << place, Ordering::Relaxed);
    }
}

/// Opens a pipe without a writer under the lowest free number, which must be `fd`: nothing can be read
/// from it, and writing to it fails. It is for a root directory without `/dev/null`.
fn open_empty(fd: RawFd) -> bool {
    let mut ends = [-1; 2];
    // SAFETY: the call writes two numbers.
    if unsafe { libc::pipe(ends.as_mut_ptr()) } == -1 {
        return false;
    }
    let [reader, writer] = ends;
    // SAFETY: the descriptor was made above, and nothing else knows of it.
    let _: libc::c_int = unsafe { libc::close(writer) };
    reader == fd
}

/// The handler of a signal as `sigaction(2)` gives it; `None` for a number that is no signal.
pub(super) fn disposition(signal: libc::c_int) -> Option<libc::sighandler_t> {
    // SAFETY: all bytes zero is a valid `sigaction`: a plain C struct of integers and pointers.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: with no new action, sigaction only writes the present one into `action`.
    let status = unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) };
    (status == 0).then_some(action.sa_sigaction)
}

/// Sets the disposition of a signal to the default or to ignoring it.
fn set_disposition(signal: libc::c_int, disposition: libc::sighandler_t) -> io::Result<()> {
    // SAFETY: neither disposition runs code of ours.
    let before = unsafe { libc::signal(signal, disposition) };
    if before == libc::SIG_ERR { Err(Errno::last().into()) } else { Ok(()) }
}

/// Restores what was inherited: signal dispositions, closed standard streams, and the limit on core
/// files. The last thing before `execve(2)`: what is written to a closed stream afterwards is lost.
pub(crate) fn restore() -> io::Result<()> {
    super::harden::restore()?;
    let changed = CHANGED_SIGNALS.load(Ordering::Relaxed);
    for (place, signal) in WRITE_SIGNALS.into_iter().enumerate() {
        if changed & (1 << place) != 0 {
            set_disposition(signal, libc::SIG_DFL)?;
        }
    }
    let closed = CLOSED_STREAMS.load(Ordering::Relaxed);
    for fd in (0..3).filter(|fd| closed & (1 << fd) != 0) {
        close_stream(fd);
    }
    Ok(())
}

/// Whether a standard stream was closed when we began; what is there now is `/dev/null`, or an empty pipe.
pub(crate) fn was_closed(fd: RawFd) -> bool {
    CLOSED_STREAMS.load(Ordering::Relaxed) & (1 << fd) != 0
}

fn close_stream(fd: RawFd) {
    // SAFETY: `record` opened this descriptor because the stream was closed; nothing owns it.
    // A failure means that it is closed already, which is what is wanted.
    let _: libc::c_int = unsafe { libc::close(fd) };
}
