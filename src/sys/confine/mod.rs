//! A process that may read and answer, and no more: what of that this kernel can hold it to, and holding
//! it. What it is to read is not known here.
#![expect(unsafe_code, reason = "descriptors by number")]

mod capabilities;

use std::fmt;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::libc;
use nix::sys::prctl;
use nix::sys::resource::{RLIM_INFINITY, Resource, setrlimit};
use nix::sys::stat::Mode;

pub(crate) use super::landlock::TCP_PORTS;
use super::trial::{self, Outcome};
use super::{landlock, seccomp};

/// What this process may use to confine itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kernel {
    /// The ABI of Landlock.
    pub landlock: Result<u32, Absence>,
    /// Whether seccomp filters can be installed, and there is one for this architecture.
    pub seccomp: Result<(), Absence>,
    /// Whether capabilities can be given up.
    pub capabilities: Result<(), Absence>,
}

/// Why something cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    /// The kernel or the architecture does not have it, or it is turned off.
    Unsupported,
    /// The same, or a system-call filter that answers as such a kernel would.
    UnsupportedOrHidden,
    /// The kernel has it, and a system-call filter or another policy denies it.
    Denied,
}

/// What is missing, so that something is not held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// There is no Landlock.
    Landlock(Absence),
    /// Its ABI is too old for TCP ports.
    TcpPorts(u32),
    /// There is no seccomp.
    Seccomp(Absence),
    /// Capabilities cannot be given up.
    Capabilities(Absence),
}

impl Kernel {
    /// Finds out by confining child processes: a system-call filter may kill whoever tries. It is an
    /// error where no child can be made.
    pub(crate) fn ask() -> io::Result<Self> {
        static KNOWN: OnceLock<Kernel> = OnceLock::new();
        if let Some(known) = KNOWN.get() {
            return Ok(*known);
        }
        let asked = Self {
            landlock: try_landlock()?,
            seccomp: try_seccomp()?,
            capabilities: in_child(|| capabilities::drop_all().map(|()| 0))?.map(drop),
        };
        Ok(*KNOWN.get_or_init(|| asked))
    }

    /// What is missing for all that is to be held back.
    pub(crate) fn lacks(self) -> Vec<Lack> {
        let landlock = match self.landlock {
            Err(absence) => Some(Lack::Landlock(absence)),
            Ok(abi) if abi < TCP_PORTS => Some(Lack::TcpPorts(abi)),
            Ok(_) => None,
        };
        let seccomp = self.seccomp.err().map(Lack::Seccomp);
        let capabilities = self.capabilities.err().map(Lack::Capabilities);
        landlock.into_iter().chain(seccomp).chain(capabilities).collect()
    }
}

fn try_landlock() -> io::Result<Result<u32, Absence>> {
    let abi = match in_child(landlock::abi)? {
        Ok(abi) => abi,
        absent => return Ok(absent),
    };
    let restrict = || {
        forbid_privileges()?;
        landlock::restrict(&[1]).map(|()| abi)
    };
    in_child(restrict)
}

fn try_seccomp() -> io::Result<Result<(), Absence>> {
    if !seccomp::knows_architecture() {
        return Ok(Err(Absence::Unsupported));
    }
    let install = || {
        forbid_privileges()?;
        seccomp::install_empty().map(|()| 0)
    };
    Ok(in_child(install)?.map(drop))
}

/// Makes system calls in a child: the number that they give, or why they cannot be used.
fn in_child(attempt: impl FnOnce() -> nix::Result<u32>) -> io::Result<Result<u32, Absence>> {
    Ok(match trial::in_child(attempt)? {
        Outcome::Returned(number) => Ok(number),
        Outcome::Failed(Errno::ENOSYS | Errno::EOPNOTSUPP | Errno::EINVAL)
            if trial::is_filtered() =>
        {
            Err(Absence::UnsupportedOrHidden)
        }
        Outcome::Failed(Errno::ENOSYS | Errno::EOPNOTSUPP | Errno::EINVAL) => {
            Err(Absence::Unsupported)
        }
        // A limit of ours says nothing of the kernel.
        Outcome::Failed(
            errno @ (Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM | Errno::EAGAIN),
        ) => {
            return Err(errno.into());
        }
        Outcome::Failed(_) | Outcome::Killed => Err(Absence::Denied),
    })
}

impl Lack {
    /// Whether it is a policy that can be changed, and not the kernel.
    pub(crate) fn is_denied(self) -> bool {
        let (Self::Landlock(absence) | Self::Seccomp(absence) | Self::Capabilities(absence)) = self
        else {
            return false;
        };
        absence != Absence::Unsupported
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Landlock(absence) => {
                let why = match absence {
                    Absence::Unsupported => "this kernel has no Landlock",
                    Absence::UnsupportedOrHidden => {
                        "this kernel has no Landlock, or a system-call filter hides it"
                    }
                    Absence::Denied => {
                        "a system-call filter or a container's policy denies Landlock"
                    }
                };
                write!(f, "{why}; Landlock limits files and TCP ports")
            }
            Self::TcpPorts(abi) => write!(
                f,
                "Landlock of this kernel (ABI {abi}) does not limit TCP ports (ABI {TCP_PORTS}, \
                 Linux 6.7)"
            ),
            Self::Seccomp(Absence::Unsupported) => {
                f.write_str("this kernel or architecture has no seccomp filter here")
            }
            Self::Seccomp(Absence::UnsupportedOrHidden) => {
                f.write_str("this kernel has no seccomp filters, or a system-call filter hides them")
            }
            Self::Seccomp(Absence::Denied) => {
                f.write_str("a system-call filter or a container's policy denies seccomp filters")
            }
            Self::Capabilities(_) => f.write_str(
                "a system-call filter or a container's policy denies giving up capabilities (capset)",
            ),
        }
    }
}

/// Gives up, for good, all that this process may give up: it then connects by TCP to these ports only.
/// To be called while it has one thread.
pub(crate) fn confine(kernel: Kernel, ports: &[u16]) -> io::Result<()> {
    forbid_privileges()?;
    if kernel.landlock.is_ok() {
        landlock::restrict(ports)?;
    }
    if kernel.capabilities.is_ok() {
        keep_locking_memory();
        capabilities::drop_all()?;
    }
    if kernel.seccomp.is_ok() {
        seccomp::restrict()?;
    }
    Ok(())
}

/// Sets `no_new_privs`, which both Landlock and seccomp require.
fn forbid_privileges() -> nix::Result<()> {
    prctl::set_no_new_privs()
}

/// Lets a process that may lock any amount of memory go on doing so without `CAP_IPC_LOCK`. Without the
/// right to raise the limit there is nothing to keep.
fn keep_locking_memory() {
    let _refused = setrlimit(Resource::RLIMIT_MEMLOCK, RLIM_INFINITY, RLIM_INFINITY);
}

/// Lets nobody of the same user look into this process, and has no core file written of it.
pub(super) fn hide() -> nix::Result<()> {
    // A filter may refuse it: a process that is not dumpable has no core file anyway.
    let _refused = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    prctl::set_dumpable(false)
}

/// Keeps no descriptor that can be written to but `answer`. Standard input is opened once more, only to
/// be read; where standard output and standard error were, there is then `nothing`, which only reads.
pub(super) fn keep_readable(answer: RawFd, nothing: &OwnedFd) -> io::Result<()> {
    let reading = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    put(nothing, libc::STDOUT_FILENO)?;
    put(nothing, libc::STDERR_FILENO)?;
    if is_writable(libc::STDIN_FILENO) {
        match open(c"/proc/self/fd/0", reading, Mode::empty()) {
            Ok(again) => put(&again, libc::STDIN_FILENO)?,
            Err(_) => put(nothing, libc::STDIN_FILENO)?,
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
