//! A process that may read and answer, and no more: what of that this kernel can hold it to, and holding
//! it. What it is to read is not known here.
#![expect(unsafe_code, reason = "prctl options that nix does not know, and descriptors by number")]

use std::fmt;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::libc;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::stat::Mode;

use super::{landlock, seccomp};

/// What this kernel offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kernel {
    /// The ABI of Landlock.
    pub landlock: Option<u32>,
    /// Whether it takes seccomp filters, on an architecture that has one here.
    pub seccomp: bool,
}

/// What a kernel does not offer, and what is then not held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// There is no Landlock.
    Landlock,
    /// It is too old for TCP ports.
    TcpPorts(u32),
    /// There is no seccomp.
    Seccomp,
}

impl Kernel {
    /// Asks the kernel.
    pub(crate) fn ask() -> Self {
        Self { landlock: landlock::abi(), seccomp: seccomp::is_there() }
    }

    /// What is missing for all that is to be held back.
    pub(crate) fn lacks(self) -> Vec<Lack> {
        let landlock = match self.landlock {
            None => Some(Lack::Landlock),
            Some(abi) if abi < landlock::TCP_PORTS => Some(Lack::TcpPorts(abi)),
            Some(_) => None,
        };
        landlock.into_iter().chain((!self.seccomp).then_some(Lack::Seccomp)).collect()
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Landlock => f.write_str(
                "this kernel has no Landlock, which limits files and TCP ports (Linux 6.7, not \
                 turned off at boot)",
            ),
            Self::TcpPorts(abi) => write!(
                f,
                "Landlock of this kernel (ABI {abi}) does not limit TCP ports (ABI {}, Linux 6.7)",
                landlock::TCP_PORTS
            ),
            Self::Seccomp => f.write_str("this kernel or architecture has no seccomp filter here"),
        }
    }
}

/// Gives up, for good, all that this kernel can hold back: this process connects by TCP to these ports
/// only. To be called while it has one thread.
pub(crate) fn confine(kernel: Kernel, ports: &[u16]) -> io::Result<()> {
    set(libc::PR_SET_NO_NEW_PRIVS, 1)?;
    if let Some(abi) = kernel.landlock {
        landlock::restrict(abi, ports)?;
    }
    if kernel.seccomp {
        seccomp::restrict()?;
    }
    Ok(())
}

/// Lets nobody of the same user look into this process, and has no core file written of it.
pub(super) fn hide() -> io::Result<()> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    set(libc::PR_SET_DUMPABLE, 0)
}

fn set(option: libc::c_int, value: libc::c_ulong) -> io::Result<()> {
    let none: libc::c_ulong = 0;
    // SAFETY: these options take numbers, and touch no memory.
    let status = unsafe { libc::prctl(option, value, none, none, none) };
    Errno::result(status).map(drop).map_err(io::Error::from)
}

/// Keeps no descriptor that can be written to but `answer`. Standard input is opened once more, only to
/// be read; where standard output and standard error were, there is then nothing.
pub(super) fn keep_readable(answer: RawFd) -> io::Result<()> {
    let reading = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    let nothing = open(c"/dev/null", reading, Mode::empty())?;
    put(&nothing, libc::STDOUT_FILENO)?;
    put(&nothing, libc::STDERR_FILENO)?;
    if is_writable(libc::STDIN_FILENO) {
        match open(c"/proc/self/fd/0", reading, Mode::empty()) {
            Ok(again) => put(&again, libc::STDIN_FILENO)?,
            Err(_) => put(&nothing, libc::STDIN_FILENO)?,
        }
    }
    for fd in opened()? {
        if fd != answer && fd > libc::STDERR_FILENO && is_writable(fd) {
            // SAFETY: whoever owns it in this process never uses it again: the process only reads,
            // answers and ends.
            let _: libc::c_int = unsafe { libc::close(fd) };
        }
    }
    Ok(())
}

fn put(fd: &OwnedFd, stream: RawFd) -> nix::Result<()> {
    // SAFETY: both are descriptors; nothing in this process owns the standard streams.
    Errno::result(unsafe { libc::dup2(fd.as_raw_fd(), stream) }).map(drop)
}

fn is_writable(fd: RawFd) -> bool {
    // SAFETY: the call reads a flag of the descriptor table and touches no memory.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    flags != -1 && flags & libc::O_ACCMODE != libc::O_RDONLY
}

/// The descriptors of this process; those of a table that cannot be listed are tried by number.
fn opened() -> io::Result<Vec<RawFd>> {
    let Ok(listed) = std::fs::read_dir("/proc/self/fd") else {
        let (limit, _) = nix::sys::resource::getrlimit(Resource::RLIMIT_NOFILE)?;
        return Ok((0..RawFd::try_from(limit.min(65_536)).unwrap_or(1024)).collect());
    };
    let number =
        |entry: io::Result<std::fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    Ok(listed.filter_map(number).collect())
}

#[cfg(test)]
mod tests;
