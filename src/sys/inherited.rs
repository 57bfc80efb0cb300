//! What we inherited and must not keep while we run: a SIGPIPE that ends us, and standard streams
//! that are closed, whose numbers would be given to files of ours. It is recorded and mended before
//! `main`, and put back before the command takes our place.
#![expect(unsafe_code, reason = "only a function in .init_array runs before all else")]

use std::io;
use std::os::fd::RawFd;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use nix::libc;
use nix::sys::signal::{SigHandler, Signal};

static SIGPIPE_IGNORED: AtomicBool = AtomicBool::new(false);
static CLOSED_STREAMS: AtomicU8 = AtomicU8::new(0);

// SAFETY: the section holds pointers to C functions without arguments, which the loader calls before
// `main`; the function only makes system calls and stores into atomics.
#[used]
#[unsafe(link_section = ".init_array")]
static RECORD: extern "C" fn() = record;

extern "C" fn record() {
    if disposition(libc::SIGPIPE) == Some(libc::SIG_IGN) {
        SIGPIPE_IGNORED.store(true, Ordering::Relaxed);
    } else {
        // A reader that is gone is an error to be reported, not our end.
        // SAFETY: to ignore a signal runs no code of ours.
        let _of_a_valid_signal: libc::sighandler_t =
            unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    }
    for fd in 0..3 {
        // SAFETY: F_GETFD reads a flag of the descriptor table and touches no memory.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
            CLOSED_STREAMS.fetch_or(1 << fd, Ordering::Relaxed);
            // The lowest free number is this one: those below are open by now.
            // SAFETY: the path is a C string, and the new descriptor belongs to nobody else.
            if unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) } == -1 {
                // A socket of ours in a standard stream's place would be told what is for a user.
                // SAFETY: ends this process, in which nothing has begun.
                unsafe { libc::abort() }
            }
        }
    }
}

/// The handler of a signal as `sigaction(2)` gives it; `None` for a number that is no signal.
pub(super) fn disposition(signal: libc::c_int) -> Option<libc::sighandler_t> {
    // SAFETY: all bytes zero is a valid `sigaction`: a plain C struct of integers and pointers.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: with no new action, sigaction only writes the present one into `action`.
    let status = unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) };
    (status == 0).then_some(action.sa_sigaction)
}

/// Puts back what was inherited: SIGPIPE's disposition, closed standard streams, and the limit of core
/// files. The last thing before `execve(2)`: what is written to a closed stream afterwards is lost.
pub(crate) fn restore() -> io::Result<()> {
    super::harden::restore()?;
    if !SIGPIPE_IGNORED.load(Ordering::Relaxed) {
        // SAFETY: the default disposition runs no code of ours.
        unsafe { nix::sys::signal::signal(Signal::SIGPIPE, SigHandler::SigDfl) }?;
    }
    let closed = CLOSED_STREAMS.load(Ordering::Relaxed);
    for fd in (0..3).filter(|fd| closed & (1 << fd) != 0) {
        close_stream(fd);
    }
    Ok(())
}

/// Whether a standard stream was closed when we began; what is there now is `/dev/null`.
pub(crate) fn was_closed(fd: RawFd) -> bool {
    CLOSED_STREAMS.load(Ordering::Relaxed) & (1 << fd) != 0
}

fn close_stream(fd: RawFd) {
    // SAFETY: `record` opened /dev/null here because the stream was closed; nothing owns it.
    // A failure means that it is closed already, which is what is wanted.
    let _: libc::c_int = unsafe { libc::close(fd) };
}
