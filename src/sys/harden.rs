//! Keeps others from looking into this process while it holds secrets: no debugger of the same user, no
//! core file. What is given up is given back before the command takes our place, or becomes our child.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The soft limit of core files that we inherited, where it was not zero already.
static CORE: AtomicU64 = AtomicU64::new(0);

/// Makes this process one that may not be debugged (`PR_SET_DUMPABLE`) and dumps no core. The kernel
/// undoes the first at an exec. What it refuses is no reason to stop. `RLIMIT_FSIZE`, which also limits
/// memory of `memfd_secret(2)`, gives errors instead of a signal.
pub(crate) fn harden() {
    super::inherited::ignore_file_size_signal();
    let _refused = prctl::set_dumpable(false);
    if let Ok((soft @ 1.., hard)) = getrlimit(Resource::RLIMIT_CORE) {
        // The hard limit stays, so that anybody may restore the soft one.
        if setrlimit(Resource::RLIMIT_CORE, 0, hard).is_ok() {
            CORE.store(soft, Ordering::Relaxed);
        }
    }
}

/// The soft limit of core files that the command will have.
pub(super) fn core_limit() -> u64 {
    let inherited = CORE.load(Ordering::Relaxed);
    let present = || getrlimit(Resource::RLIMIT_CORE).map_or(u64::MAX, |(soft, _)| soft);
    if inherited == 0 { present() } else { inherited }
}

/// Puts the limit back as it was. Does not allocate.
pub(super) fn restore() -> io::Result<()> {
    let soft = CORE.load(Ordering::Relaxed);
    if soft == 0 {
        return Ok(());
    }
    let (_, hard) = getrlimit(Resource::RLIMIT_CORE)?;
    Ok(setrlimit(Resource::RLIMIT_CORE, soft, hard)?)
}
