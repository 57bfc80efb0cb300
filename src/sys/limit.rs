//! Limits of the kernel: page size, stack, core files, locked memory. It sets none.

use nix::sys::resource::{Resource, getrlimit};
use nix::unistd::{SysconfVar, sysconf};

/// The page size in bytes: 4 KiB, or up to 64 KiB on some architectures.
pub(crate) fn page_size() -> usize {
    let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten();
    page.and_then(|page| usize::try_from(page).ok()).filter(|page| *page > 0).unwrap_or(4096)
}

/// The soft stack limit in bytes; a quarter of it is what arguments and environment may take.
pub(crate) fn stack_limit() -> u64 {
    getrlimit(Resource::RLIMIT_STACK).map_or(8 << 20, |(soft, _)| soft)
}

/// The most bytes that a core file of the command may have; one of ours has none.
pub(crate) fn core_size() -> u64 {
    super::harden::core_limit()
}

/// The most bytes that may be locked in memory; for root there is no limit.
pub(crate) fn locked_memory() -> u64 {
    if nix::unistd::geteuid().is_root() {
        return u64::MAX;
    }
    memory_lock_limit()
}

/// How many bytes may be locked in RAM (`RLIMIT_MEMLOCK`).
pub(crate) fn memory_lock_limit() -> u64 {
    getrlimit(Resource::RLIMIT_MEMLOCK).map_or(0, |(soft, _)| soft)
}
