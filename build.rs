//! Packs the relative relocations of the executable where the C library can read them: the dynamic linker
//! works through eleven thousand of them before `main`, which is a fifth of a start.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads its environment and asks programs"
)]

use std::env;
use std::process::Command;

/// The first version of glibc that reads `DT_RELR` (its NEWS for 2.36). An older one refuses to start the program.
const FIRST_GLIBC: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let native = env::var_os("HOST") == env::var_os("TARGET");
    let glibc = env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|name| name == "gnu");
    if native && glibc && glibc_version().is_some_and(|version| version >= FIRST_GLIBC) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of this machine's glibc, as `getconf GNU_LIBC_VERSION` prints it: `glibc 2.36`.
fn glibc_version() -> Option<(u32, u32)> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = printed.strip_prefix("glibc ")?.trim().split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
