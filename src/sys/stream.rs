//! Our standard streams: output without a buffer of its own, which would keep what passes through it
//! until the process ends; whether two streams are one; and letting go of them.
#![expect(unsafe_code, reason = "kcmp, and descriptors that nothing here owns")]

use std::fs;
use std::io::{self, Write};
use std::os::fd::{AsRawFd as _, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::libc;

/// Standard output: every write is one of the kernel's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        nix::unistd::write(io::stdout(), bytes).map_err(|errno: Errno| errno.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether two descriptors of a process are the same open file description (`kcmp(2)`); `None` where the
/// kernel does not tell.
pub(crate) fn is_same_description(pid: i32, one: RawFd, other: RawFd) -> Option<bool> {
    const KCMP_FILE: libc::c_int = 0;
    // SAFETY: the call takes numbers, and touches no memory.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, pid, pid, KCMP_FILE, one, other) };
    (order >= 0).then_some(order == 0)
}

/// Lets go of a standard stream of ours, so that only the command has it: whoever is at its other end
/// sees it end with the command. `/dev/null` takes its place, or a pipe that nobody writes to.
pub(crate) fn release(stream: RawFd) {
    let place: std::os::fd::OwnedFd = match fs::File::open("/dev/null") {
        Ok(file) => file.into(),
        Err(_no_device) => match nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC) {
            Ok((reader, _writer)) => reader,
            Err(_) => return,
        },
    };
    // SAFETY: nothing owns the standard streams, which stay open.
    let _: libc::c_int = unsafe { libc::dup2(place.as_raw_fd(), stream) };
}

/// Closes every descriptor that we inherited besides the standard streams. Ours are told from them by
/// being closed at an exec, which no inherited one is.
pub(crate) fn close_inherited() {
    let open = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    let listed: Vec<RawFd> = match fs::read_dir("/proc/self/fd") {
        Ok(entries) => entries.filter_map(open).collect(),
        Err(_no_proc) => (3..1024).collect(),
    };
    for fd in listed.into_iter().filter(|fd| *fd > 2) {
        // SAFETY: the descriptor is only looked at; one that is not open is refused.
        let fd = unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) };
        let inherited = fcntl(fd, FcntlArg::F_GETFD)
            .is_ok_and(|flags| !FdFlag::from_bits_retain(flags).contains(FdFlag::FD_CLOEXEC));
        if inherited {
            // SAFETY: all that this process opened is closed at an exec; this one belongs to nobody.
            let _: libc::c_int = unsafe { libc::close(fd.as_raw_fd()) };
        }
    }
}
