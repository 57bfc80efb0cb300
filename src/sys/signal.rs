//! Signals that end us: received in order while secrets are fetched, and raised again at the end, so
//! that our parent sees what happened. It decides nothing about a child.
#![expect(unsafe_code, reason = "dispositions are process-wide state")]

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use nix::libc;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::inherited::disposition;

/// The signals that ask us to end. Those that we inherited as ignored stay so.
const ENDING: [libc::c_int; 4] = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM];

/// Holds the ending signals back from killing us, so that they can be waited for and everything is
/// dropped and wiped first. PID 1 needs this too: the kernel gives it no default dispositions.
#[derive(Debug)]
pub(crate) struct Interrupts {
    inherited: SigSet,
    fd: SignalFd,
}

impl Interrupts {
    /// Blocks the ending signals. To be called before any thread exists, since threads inherit the
    /// mask of their creator.
    pub(crate) fn block() -> io::Result<Self> {
        let mut ending = SigSet::empty();
        for number in ENDING {
            if disposition(number) != Some(libc::SIG_IGN) {
                ending.add(Signal::try_from(number)?);
            }
        }
        let mut inherited = SigSet::empty();
        let fd = SignalFd::with_flags(&ending, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&ending), Some(&mut inherited))?;
        Ok(Self { inherited, fd })
    }

    /// Takes an ending signal that has come: its number, and whether the kernel made it, as it does for
    /// the keys of a terminal, whose whole process group gets it.
    pub(crate) fn taken(&self) -> io::Result<Option<(u8, bool)>> {
        let info = self.fd.read_signal()?;
        let number = |number| u8::try_from(number).unwrap_or(0);
        Ok(info.map(|info| (number(info.ssi_signo), info.ssi_code == libc::SI_KERNEL)))
    }

    /// Waits for the next ending signal; its number.
    pub(crate) async fn next(&self) -> io::Result<u8> {
        // SAFETY: the descriptor is open for as long as `self` is borrowed, which outlives `ready`.
        let ready =
            unsafe { AsyncFd::register_with_interest(self.fd.as_fd(), Interest::READABLE) }?;
        loop {
            let mut guard = ready.readable().await?;
            if let Some((signal, _)) = self.taken()? {
                return Ok(signal);
            }
            guard.clear_ready();
        }
    }
}

impl AsFd for Interrupts {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for Interrupts {
    /// Gives the mask back that we inherited. A signal that came meanwhile then has its effect.
    fn drop(&mut self) {
        let restored = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&self.inherited), None);
        debug_assert!(restored.is_ok(), "the mask was valid when the kernel gave it to us");
    }
}

/// Ends this process by a signal, any number of them. Returns only where that cannot be: PID 1 does
/// not die of a signal without a handler.
pub(crate) fn die_of(number: u8) {
    let number = libc::c_int::from(number);
    // A core file would hold secrets: SIGQUIT makes one by default.
    let _limited = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0);
    // SAFETY: the default disposition runs no code of ours.
    if unsafe { libc::signal(number, libc::SIG_DFL) } == libc::SIG_ERR && !is_untouchable(number) {
        return;
    }
    // SAFETY: all bytes zero is a valid set; the next call fills it.
    let mut only: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: the set is ours.
    unsafe { libc::sigemptyset(&raw mut only) };
    // SAFETY: the same.
    unsafe { libc::sigaddset(&raw mut only, number) };
    // SAFETY: the call reads one set, and nobody asks for the old one.
    unsafe { libc::sigprocmask(libc::SIG_UNBLOCK, &raw const only, std::ptr::null_mut()) };
    // SAFETY: the call touches no memory.
    let _: libc::c_int = unsafe { libc::raise(number) };
}

/// The two whose disposition cannot be set, being always the default.
fn is_untouchable(number: libc::c_int) -> bool {
    matches!(number, libc::SIGKILL | libc::SIGSTOP)
}
