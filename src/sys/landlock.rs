//! Landlock (`landlock(7)`): from here on this process opens no file for writing, executes nothing, and
//! connects by TCP to a few ports only. It asks nobody whether that is wanted.
#![expect(unsafe_code, reason = "neither libc nor nix knows these system calls")]

use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::ptr;

use nix::errno::Errno;
use nix::libc;

/// The first ABI that knows TCP ports (Linux 6.7).
pub(crate) const TCP_PORTS: u32 = 4;

/// The rights of `<linux/landlock.h>` to change something, by the ABI that they came with.
mod right {
    /// To execute; to write, to remove, to make any kind of node: all of ABI 1 but reading.
    pub(super) const CHANGE: u64 = 1 | 1 << 1 | 0x1ff << 4;
    /// To link and rename between directories (ABI 2).
    pub(super) const REFER: u64 = 1 << 13;
    /// To truncate (ABI 3).
    pub(super) const TRUNCATE: u64 = 1 << 14;
    /// `ioctl(2)` on devices (ABI 5).
    pub(super) const IOCTL_DEVICE: u64 = 1 << 15;
    /// To bind a TCP port (ABI 4).
    pub(super) const BIND_TCP: u64 = 1;
    /// To connect to one (ABI 4).
    pub(super) const CONNECT_TCP: u64 = 1 << 1;
    /// Abstract Unix sockets, and signals, of processes outside (ABI 6).
    pub(super) const SCOPES: u64 = 1 | 1 << 1;
}

/// `struct landlock_ruleset_attr`; an older kernel takes it where what it does not know is zero.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Handled {
    files: u64,
    net: u64,
    scopes: u64,
}

/// `struct landlock_net_port_attr`.
#[repr(C)]
struct Port {
    allowed: u64,
    port: u64,
}

const GIVE_VERSION: libc::c_uint = 1;
const RULE_NET_PORT: libc::c_uint = 2;

/// The ABI of this kernel.
pub(crate) fn abi() -> nix::Result<u32> {
    // SAFETY: asked for the version, the call takes no attributes.
    let abi = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            ptr::null::<Handled>(),
            0_usize,
            GIVE_VERSION,
        )
    };
    u32::try_from(Errno::result(abi)?).map_err(|_range| Errno::ENOSYS)
}

/// All that this ABI can hold back.
fn handled(abi: u32) -> Handled {
    let since = |first, rights| if abi >= first { rights } else { 0 };
    Handled {
        files: right::CHANGE
            | since(2, right::REFER)
            | since(3, right::TRUNCATE)
            | since(5, right::IOCTL_DEVICE),
        net: since(TCP_PORTS, right::BIND_TCP | right::CONNECT_TCP),
        scopes: since(6, right::SCOPES),
    }
}

/// Restricts this thread, and all that it starts. `no_new_privs` must be set. Does not allocate.
pub(crate) fn restrict(abi: u32, ports: &[u16]) -> nix::Result<()> {
    let ruleset = create(handled(abi))?;
    if abi >= TCP_PORTS {
        for port in ports {
            allow(&ruleset, *port)?;
        }
    }
    // SAFETY: the call takes a descriptor and no flags.
    let status = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0) };
    Errno::result(status).map(drop)
}

fn create(handled: Handled) -> nix::Result<OwnedFd> {
    let size = size_of::<Handled>();
    // SAFETY: the attributes are valid for the call, which is told their size.
    let fd =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, &raw const handled, size, 0) };
    let fd = i32::try_from(Errno::result(fd)?).map_err(|_range| Errno::EBADF)?;
    // SAFETY: the kernel has just made it for us, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn allow(ruleset: &OwnedFd, port: u16) -> nix::Result<()> {
    let rule = Port { allowed: right::CONNECT_TCP, port: port.into() };
    let fd = ruleset.as_raw_fd();
    // SAFETY: the rule is valid for the call, and of the kind that the call is told.
    let status = unsafe {
        libc::syscall(libc::SYS_landlock_add_rule, fd, RULE_NET_PORT, &raw const rule, 0)
    };
    Errno::result(status).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_abi_is_asked_for_what_it_knows() {
        for (abi, files, net, scopes) in [
            (1, 0x1ff3, 0, 0),
            (2, 0x3ff3, 0, 0),
            (3, 0x7ff3, 0, 0),
            (4, 0x7ff3, 3, 0),
            (5, 0xfff3, 3, 0),
            (6, 0xfff3, 3, 3),
            (99, 0xfff3, 3, 3),
        ] {
            assert_eq!(handled(abi), Handled { files, net, scopes }, "ABI {abi}");
        }
    }
}
