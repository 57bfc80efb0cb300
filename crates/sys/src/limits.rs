//! Resource limits (getrlimit(2)), the page size, and hints about the limit that an error comes from.

use std::error::Error;
use std::io;
use std::iter::successors;

use nix::errno::Errno;
use nix::libc;
use nix::sys::resource::{Resource, getrlimit};
use nix::unistd::{SysconfVar, sysconf};

/// The page size in bytes: 4 KiB, or up to 64 KiB on some architectures.
pub fn page_size() -> usize {
    let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten();
    page.and_then(|page| usize::try_from(page).ok()).filter(|page| *page > 0).unwrap_or(4096)
}

/// The soft stack limit in bytes. Arguments and environment may take a quarter of it.
pub fn stack_limit() -> u64 {
    getrlimit(Resource::RLIMIT_STACK).map_or(8 << 20, |(soft, _)| soft)
}

/// The smallest stack that hushed needs, in bytes: with less, it may be killed by SIGSEGV. Measured: 108 KiB, and
/// 570 KiB without optimization.
pub const MIN_STACK: u64 = if cfg!(debug_assertions) { 768 << 10 } else { 192 << 10 };

/// The maximum size of the command's core files, in bytes.
pub fn core_file_limit() -> u64 {
    super::harden::core_limit()
}

/// How many bytes this process can lock in RAM; unlimited for root.
pub fn lockable_memory() -> u64 {
    if nix::unistd::geteuid().is_root() {
        return u64::MAX;
    }
    memory_lock_limit()
}

/// The soft limit on locked memory (`RLIMIT_MEMLOCK`), in bytes.
pub fn memory_lock_limit() -> u64 {
    getrlimit(Resource::RLIMIT_MEMLOCK).map_or(0, |(soft, _)| soft)
}

/// A hint about the resource limit that an error or one of its causes comes from.
pub fn hint_for(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let causes = successors(Some(error), |error| (*error).source());
    causes.filter_map(errno).find_map(limit_behind)
}

/// A hint for a failed fork or thread: EAGAIN means the limit on processes only there.
pub fn hint_for_fork(error: &io::Error) -> Option<&'static str> {
    let again = error.raw_os_error() == Some(libc::EAGAIN);
    again.then_some(
        "raise the limit on processes and threads (RLIMIT_NPROC: `ulimit -u`; in a systemd unit \
         LimitNPROC= and TasksMax=; the pids limit of a container)",
    )
}

fn errno(cause: &(dyn Error + 'static)) -> Option<Errno> {
    if let Some(errno) = cause.downcast_ref::<Errno>() {
        return Some(*errno);
    }
    let error = cause.downcast_ref::<io::Error>()?;
    // An error that `io::Error` wraps is not among its sources.
    error.raw_os_error().map(Errno::from_raw).or_else(|| errno(error.get_ref()?))
}

fn limit_behind(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::EMFILE => Some(
            "raise the limit on open files (RLIMIT_NOFILE: `ulimit -n`; in a systemd unit LimitNOFILE=)",
        ),
        Errno::ENFILE => Some("raise the system's limit on open files (sysctl fs.file-max)"),
        Errno::EFBIG => Some(
            "raise the limit on the size of files (RLIMIT_FSIZE: `ulimit -f`; in a systemd unit \
             LimitFSIZE=)",
        ),
        Errno::ENOMEM => Some(OUT_OF_MEMORY),
        _ => None,
    }
}

/// The hint for exhausted memory.
pub const OUT_OF_MEMORY: &str = "raise the limit on memory (RLIMIT_AS, RLIMIT_DATA: `ulimit -v`, `ulimit -d`; in a systemd unit \
     LimitAS=, LimitDATA= and MemoryMax=; the memory limit of a container)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_names_the_limit_behind_any_cause() {
        for (errno, limit) in [
            (Errno::EMFILE, "RLIMIT_NOFILE"),
            (Errno::EFBIG, "RLIMIT_FSIZE"),
            (Errno::ENOMEM, "RLIMIT_AS"),
        ] {
            let error = io::Error::other(io::Error::from(errno));
            assert!(hint_for(&errno).unwrap().contains(limit));
            assert!(hint_for(&io::Error::other(error)).unwrap().contains(limit));
        }
        assert_eq!(hint_for(&io::Error::from(Errno::EACCES)), None);
        assert_eq!(hint_for(&io::Error::from(Errno::EAGAIN)), None);
        assert!(hint_for_fork(&Errno::EAGAIN.into()).unwrap().contains("RLIMIT_NPROC"));
    }
}
