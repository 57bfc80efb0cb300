//! Landlock (`landlock(7)`): denies this process writing to files, executing programs, and TCP connections
//! except to given ports.
#![expect(unsafe_code, reason = "the crate does not say why a kernel has no Landlock")]

use std::ptr;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, NetPort, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};
use nix::errno::Errno;
use nix::libc;

/// The first ABI that restricts TCP ports (Linux 6.7).
pub const TCP_PORTS: u32 = 4;

/// The newest ABI whose rights are denied, where the kernel has them. A later one would deny the Unix sockets
/// that name services use.
const NEWEST: ABI = ABI::V6;

/// The Landlock ABI of this kernel. Does not allocate.
pub(crate) fn abi() -> nix::Result<i32> {
    const GIVE_VERSION: libc::c_uint = 1;
    // SAFETY: asked for the version, the call takes a null pointer.
    let abi = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, ptr::null::<u8>(), 0_usize, GIVE_VERSION)
    };
    i32::try_from(Errno::result(abi)?).map_err(|_range| Errno::ENOSYS)
}

/// Restricts this thread and its descendants, as far as the kernel's ABI allows. Does not allocate.
pub(crate) fn restrict(ports: &[u16]) -> nix::Result<()> {
    match enforce(ports) {
        Ok(RulesetStatus::NotEnforced) => Err(Errno::ENOSYS),
        Ok(_) => Ok(()),
        Err(error) => Err(Errno::from_raw(*landlock::Errno::from(error))),
    }
}

fn enforce(ports: &[u16]) -> Result<RulesetStatus, RulesetError> {
    let rule = |port: &u16| Ok::<_, RulesetError>(NetPort::new(*port, AccessNet::ConnectTcp));
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_write(NEWEST) | AccessFs::Execute)?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(ports.iter().map(rule))?;
    Ok(ruleset.restrict_self()?.ruleset)
}
