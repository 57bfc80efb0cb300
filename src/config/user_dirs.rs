//! The directories of this user (XDG base directory specification), found once. It looks into none.

use std::path::Path;
use std::sync::OnceLock;

use directories::BaseDirs;

/// The directories; none where there is no home.
pub fn base_directories() -> Option<&'static BaseDirs> {
    static BASE: OnceLock<Option<BaseDirs>> = OnceLock::new();
    BASE.get_or_init(BaseDirs::new).as_ref()
}

/// Whether there is something at this path that can be seen. Unlike the standard library's, it does not
/// first try what the kernel can do, at the price of a page fault.
pub fn path_exists(path: &Path) -> bool {
    nix::unistd::access(path, nix::unistd::AccessFlags::F_OK).is_ok()
}
