//! Standard streams and inherited descriptors: unbuffered output, comparing descriptions, and closing.
#![expect(unsafe_code, reason = "kcmp, and descriptors that nothing here owns")]

use std::fs::{self, DirEntry, File};
use std::io::{self, Write};
use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd, RawFd};

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::libc;
use nix::sys::resource::{Resource, getrlimit};
use nix::unistd::pipe2;

/// Standard output without a buffer, which would keep secrets until the process ends.
#[derive(Clone, Copy, Debug)]
pub struct UnbufferedStdout;

impl Write for UnbufferedStdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(nix::unistd::write(io::stdout(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether two descriptors of a process refer to the same open file description (`kcmp(2)`); `None` if the
/// kernel does not tell.
pub fn is_same_description(pid: i32, one: RawFd, other: RawFd) -> Option<bool> {
    const KCMP_FILE: libc::c_int = 0;
    // SAFETY: the call takes numbers and touches no memory.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, pid, pid, KCMP_FILE, one, other) };
    (order >= 0).then_some(order == 0)
}

/// Replaces a standard stream of this process with `/dev/null`, or an empty pipe where there is none, so that
/// only the command holds it: its peer sees the end as soon as the command closes it.
pub fn replace_with_null(stream: RawFd) {
    let null = File::open("/dev/null").map(OwnedFd::from);
    let Ok(null) = null.or_else(|_missing| pipe2(OFlag::O_CLOEXEC).map(|(reader, _writer)| reader))
    else {
        return;
    };
    // SAFETY: both are open descriptors, and no value in this process owns a standard stream.
    let _: libc::c_int = unsafe { libc::dup2(null.as_raw_fd(), stream) };
}

/// The open descriptors of this process, or without `/proc` all numbers that may be open.
pub(super) fn open_descriptors() -> Vec<RawFd> {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else {
        let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(1024, |(soft, _)| soft.min(65_536));
        return (0..RawFd::try_from(limit).unwrap_or(1024)).collect();
    };
    let number = |entry: io::Result<DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    entries.filter_map(number).collect()
}

/// Closes all descriptors that this process inherited, except the standard streams. Its own are those with
/// the close-on-exec flag, which no inherited one has.
pub fn close_inherited_descriptors() {
    for fd in open_descriptors().into_iter().filter(|fd| *fd > libc::STDERR_FILENO) {
        // SAFETY: the descriptor is borrowed for one call, which fails if it is not open.
        let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
        let is_inherited = fcntl(borrowed, FcntlArg::F_GETFD)
            .is_ok_and(|flags| !FdFlag::from_bits_retain(flags).contains(FdFlag::FD_CLOEXEC));
        if is_inherited {
            // SAFETY: everything that this process opened has the close-on-exec flag, so nothing owns this one.
            let _: libc::c_int = unsafe { libc::close(fd) };
        }
    }
}
