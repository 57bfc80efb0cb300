//! Resource limits that the kernel holds an exec to.

use nix::sys::resource::{Resource, getrlimit};

/// The soft stack limit in bytes; a quarter of it is what arguments and environment may take.
pub(crate) fn stack_limit() -> u64 {
    getrlimit(Resource::RLIMIT_STACK).map_or(8 << 20, |(soft, _)| soft)
}
