//! The sandbox of a process that may only read files, talk to servers and write its result: Landlock, seccomp
//! and dropped capabilities, as far as the kernel supports them.
#![expect(unsafe_code, reason = "descriptors by number")]

mod capabilities;

use std::fmt;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::libc;
use nix::sys::prctl::{set_dumpable, set_no_new_privs};
use nix::sys::resource::{RLIM_INFINITY, Resource, setrlimit};
use nix::sys::stat::Mode;

pub use super::landlock::TCP_PORTS;
use super::probe::{self, ProbeOutcome};
use super::stream::open_descriptors;
use super::{landlock, seccomp};

/// Which sandboxing mechanisms this process can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxSupport {
    /// The Landlock ABI.
    pub landlock: Result<u32, Unavailable>,
    /// Whether seccomp filters can be installed, and hushed has one for this architecture.
    pub seccomp: Result<(), Unavailable>,
    /// Whether capabilities can be dropped.
    pub capabilities: Result<(), Unavailable>,
}

/// Why a mechanism cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// The kernel or architecture does not have it, or it is turned off.
    Unsupported,
    /// The same, or a seccomp filter that returns the error of such a kernel.
    UnsupportedOrHidden,
    /// The kernel has it, but a seccomp filter or another policy denies it.
    Denied,
}

/// A restriction that the sandbox lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingRestriction {
    /// There is no Landlock.
    Landlock(Unavailable),
    /// The Landlock ABI is too old for TCP ports.
    TcpPorts(u32),
    /// There is no seccomp.
    Seccomp(Unavailable),
    /// Capabilities cannot be dropped.
    Capabilities(Unavailable),
}

impl SandboxSupport {
    /// Probes the kernel by sandboxing child processes, because a seccomp filter may kill a process that tries.
    /// Fails if no child can be started.
    pub fn probe() -> io::Result<Self> {
        static SUPPORT: OnceLock<SandboxSupport> = OnceLock::new();
        if let Some(support) = SUPPORT.get() {
            return Ok(*support);
        }
        let probed = Self {
            landlock: probe_landlock()?,
            seccomp: probe_seccomp()?,
            capabilities: probe_in_child(|| capabilities::drop_all().map(|()| 0))?.map(drop),
        };
        Ok(*SUPPORT.get_or_init(|| probed))
    }

    /// The restrictions that are not available.
    pub fn missing(self) -> Vec<MissingRestriction> {
        let landlock = match self.landlock {
            Err(reason) => Some(MissingRestriction::Landlock(reason)),
            Ok(abi) if abi < TCP_PORTS => Some(MissingRestriction::TcpPorts(abi)),
            Ok(_) => None,
        };
        let seccomp = self.seccomp.err().map(MissingRestriction::Seccomp);
        let capabilities = self.capabilities.err().map(MissingRestriction::Capabilities);
        landlock.into_iter().chain(seccomp).chain(capabilities).collect()
    }
}

fn probe_landlock() -> io::Result<Result<u32, Unavailable>> {
    let abi = match probe_in_child(landlock::abi)? {
        Ok(abi) => abi,
        unavailable => return Ok(unavailable.map(i32::unsigned_abs)),
    };
    let restrict = || {
        set_no_new_privs()?;
        landlock::restrict(&[1]).map(|()| abi)
    };
    Ok(probe_in_child(restrict)?.map(i32::unsigned_abs))
}

fn probe_seccomp() -> io::Result<Result<(), Unavailable>> {
    if !seccomp::supports_architecture() {
        return Ok(Err(Unavailable::Unsupported));
    }
    let install = || {
        set_no_new_privs()?;
        seccomp::install_empty().map(|()| 0)
    };
    Ok(probe_in_child(install)?.map(drop))
}

/// Makes system calls in a child: their result, or why they cannot be used.
fn probe_in_child(
    attempt: impl FnOnce() -> nix::Result<i32>,
) -> io::Result<Result<i32, Unavailable>> {
    match probe::run_in_child(attempt)? {
        ProbeOutcome::Returned(number) => Ok(Ok(number)),
        ProbeOutcome::Failed(Errno::ENOSYS | Errno::EOPNOTSUPP | Errno::EINVAL) => {
            Ok(Err(if probe::is_filtered() {
                Unavailable::UnsupportedOrHidden
            } else {
                Unavailable::Unsupported
            }))
        }
        // A limit of this process says nothing about the kernel.
        ProbeOutcome::Failed(
            errno @ (Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM | Errno::EAGAIN),
        ) => Err(errno.into()),
        ProbeOutcome::Failed(_) | ProbeOutcome::Killed => Ok(Err(Unavailable::Denied)),
    }
}

impl MissingRestriction {
    /// Whether a policy denies it that can be changed, so that the kernel is not to blame.
    pub fn is_denied(self) -> bool {
        match self {
            Self::Landlock(reason) | Self::Seccomp(reason) | Self::Capabilities(reason) => {
                reason != Unavailable::Unsupported
            }
            Self::TcpPorts(_) => false,
        }
    }
}

impl fmt::Display for MissingRestriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Landlock(reason) => {
                let reason = match reason {
                    Unavailable::Unsupported => "this kernel has no Landlock",
                    Unavailable::UnsupportedOrHidden => {
                        "this kernel has no Landlock, or a system-call filter hides it"
                    }
                    Unavailable::Denied => {
                        "a system-call filter or a container's policy denies Landlock"
                    }
                };
                write!(f, "{reason}; Landlock limits files and TCP ports")
            }
            Self::TcpPorts(abi) => write!(
                f,
                "Landlock of this kernel (ABI {abi}) does not limit TCP ports (ABI {TCP_PORTS}, \
                 Linux 6.7)"
            ),
            Self::Seccomp(Unavailable::Unsupported) => {
                f.write_str("this kernel or architecture has no seccomp filters")
            }
            Self::Seccomp(Unavailable::UnsupportedOrHidden) => {
                f.write_str("this kernel has no seccomp filters, or a system-call filter hides them")
            }
            Self::Seccomp(Unavailable::Denied) => {
                f.write_str("a system-call filter or a container's policy denies seccomp filters")
            }
            Self::Capabilities(_) => f.write_str(
                "a system-call filter or a container's policy denies dropping capabilities (capset)",
            ),
        }
    }
}

/// Restricts this process for good as far as `support` says: TCP connections only to these ports. Call it while
/// the process has one thread.
pub fn enter(support: SandboxSupport, ports: &[u16]) -> io::Result<()> {
    // Landlock and seccomp require it.
    set_no_new_privs()?;
    if support.landlock.is_ok() {
        landlock::restrict(ports)?;
    }
    if support.capabilities.is_ok() {
        // Memory that CAP_IPC_LOCK lets this process lock stays lockable. Without CAP_SYS_RESOURCE the limit
        // cannot be raised, and there is nothing to keep.
        let _refused = setrlimit(Resource::RLIMIT_MEMLOCK, RLIM_INFINITY, RLIM_INFINITY);
        capabilities::drop_all()?;
    }
    if support.seccomp.is_ok() {
        seccomp::restrict()?;
    }
    Ok(())
}

/// Makes this process undumpable: no debugger of the same user, no core file.
pub(super) fn forbid_inspection() -> nix::Result<()> {
    // A filter may deny it: an undumpable process writes no core file anyway.
    let _refused = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    set_dumpable(false)
}

/// Closes every writable descriptor except `result`. Standard input is reopened for reading; standard output
/// and standard error become `empty_pipe`, the reading end of a pipe.
pub(super) fn close_writable_descriptors(result: RawFd, empty_pipe: &OwnedFd) -> io::Result<()> {
    let reading = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    replace_stream(libc::STDOUT_FILENO, empty_pipe)?;
    replace_stream(libc::STDERR_FILENO, empty_pipe)?;
    if is_writable(libc::STDIN_FILENO) {
        match open(c"/proc/self/fd/0", reading, Mode::empty()) {
            Ok(reopened) => replace_stream(libc::STDIN_FILENO, &reopened)?,
            Err(_) => replace_stream(libc::STDIN_FILENO, empty_pipe)?,
        }
    }
    for fd in open_descriptors() {
        if fd != result && fd > libc::STDERR_FILENO && is_writable(fd) {
            // SAFETY: this forked process only reads, writes its result and exits, so its owner in this process
            // never uses or closes it.
            let _: libc::c_int = unsafe { libc::close(fd) };
        }
    }
    Ok(())
}

fn replace_stream(stream: RawFd, fd: &OwnedFd) -> nix::Result<()> {
    // SAFETY: both are descriptors, and no value in this process owns a standard stream.
    Errno::result(unsafe { libc::dup2(fd.as_raw_fd(), stream) }).map(drop)
}

fn is_writable(fd: RawFd) -> bool {
    // SAFETY: the call reads a flag of the descriptor table and touches no memory.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    flags != -1 && flags & libc::O_ACCMODE != libc::O_RDONLY
}

#[cfg(test)]
mod attempts;
#[cfg(test)]
mod tests;
