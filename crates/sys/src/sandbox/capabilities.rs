//! Dropping all capabilities (`capabilities(7)`) for good.
#![expect(unsafe_code, reason = "neither libc nor nix has a function for capset")]

use nix::errno::Errno;
use nix::libc;

/// `_LINUX_CAPABILITY_VERSION_3`: sets of 64 bits.
const VERSION: u32 = 0x2008_0522;

/// `struct __user_cap_header_struct`; PID 0 is the caller.
#[repr(C)]
struct Header {
    version: u32,
    pid: i32,
}

/// 32 bits of each set: `struct __user_cap_data_struct`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Half {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// Empties the permitted, effective and inheritable sets (the kernel then empties the ambient one), and with
/// `CAP_SETPCAP` the bounding set. Does not allocate.
pub(super) fn drop_all() -> nix::Result<()> {
    for capability in 0..64 {
        // SAFETY: this option takes a number and touches no memory.
        let status = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        match Errno::result(status) {
            Ok(_) => {}
            // Without CAP_SETPCAP, or after the last capability of this kernel.
            Err(Errno::EPERM | Errno::EINVAL) => break,
            Err(errno) => return Err(errno),
        }
    }
    if has_none()? {
        return Ok(());
    }
    let header = Header { version: VERSION, pid: 0 };
    let none = [Half::default(); 2];
    // SAFETY: both structures are valid for the call, which reads two halves for this version.
    let status = unsafe { libc::syscall(libc::SYS_capset, &raw const header, none.as_ptr()) };
    Errno::result(status).map(drop)
}

/// Whether the three sets are empty already. `capset(2)` is then not called: more seccomp filters deny it.
fn has_none() -> nix::Result<bool> {
    let mut header = Header { version: VERSION, pid: 0 };
    let mut sets = [Half::default(); 2];
    // SAFETY: both structures are valid for the call, which writes two halves for this version.
    let status = unsafe { libc::syscall(libc::SYS_capget, &raw mut header, sets.as_mut_ptr()) };
    Errno::result(status)?;
    Ok(sets.iter().all(|half| half.effective | half.permitted | half.inheritable == 0))
}
