//! Keeps other processes from reading this one while it holds secrets: no debugger of the same user, no core
//! file. The command gets the inherited state back.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The inherited soft limit on core files, if it was not zero.
static INHERITED_CORE_LIMIT: AtomicU64 = AtomicU64::new(0);

/// Makes this process undumpable (`PR_SET_DUMPABLE`, which an exec undoes) and limits core files to zero
/// bytes. Ignores SIGXFSZ, because `RLIMIT_FSIZE` also limits memory of `memfd_secret(2)`. Goes on if the
/// kernel refuses any of it.
pub fn harden() {
    super::inherited::ignore_file_size_signal();
    let _refused = prctl::set_dumpable(false);
    if let Ok((soft @ 1.., hard)) = getrlimit(Resource::RLIMIT_CORE) {
        // The hard limit stays, because only root could raise it again.
        if setrlimit(Resource::RLIMIT_CORE, 0, hard).is_ok() {
            INHERITED_CORE_LIMIT.store(soft, Ordering::Relaxed);
        }
    }
}

/// The soft limit on core files of the command, in bytes.
pub(super) fn core_limit() -> u64 {
    match INHERITED_CORE_LIMIT.load(Ordering::Relaxed) {
        0 => getrlimit(Resource::RLIMIT_CORE).map_or(u64::MAX, |(soft, _)| soft),
        inherited => inherited,
    }
}

/// Restores the inherited limit on core files. Does not allocate.
pub(super) fn restore() -> io::Result<()> {
    let soft = INHERITED_CORE_LIMIT.load(Ordering::Relaxed);
    if soft == 0 {
        return Ok(());
    }
    let (_, hard) = getrlimit(Resource::RLIMIT_CORE)?;
    Ok(setrlimit(Resource::RLIMIT_CORE, soft, hard)?)
}
