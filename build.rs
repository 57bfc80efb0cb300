//! How the executable is linked: relative relocations packed, and no tables for unwinding.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads its environment, writes a file and asks programs"
)]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The first version of glibc that reads `DT_RELR` (its NEWS for 2.36). An older one refuses to start the program.
const FIRST_GLIBC: (u32, u32) = (2, 36);

/// Leaves out the tables by which a stack is unwound. It is put into the linker's own script.
const WITHOUT_UNWIND_TABLES: &str =
    "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.gcc_except_table .gcc_except_table.*) } }
INSERT AFTER .rodata;
";

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let native = env::var_os("HOST") == env::var_os("TARGET");
    let glibc = env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|name| name == "gnu");
    if !native || !glibc {
        return Ok(());
    }
    // There are eleven thousand, which take 3 % of the file unless they are packed.
    if glibc_version().is_some_and(|version| version >= FIRST_GLIBC) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    // A release build aborts when it panics, and its tables are a twelfth of it. Cargo tells no profile's strategy.
    if env::var("PROFILE").is_ok_and(|name| name == "release") {
        let directory = env::var_os("OUT_DIR").unwrap_or_default();
        let script = Path::new(&directory).join("without-unwind-tables.ld");
        fs::write(&script, WITHOUT_UNWIND_TABLES)?;
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        println!("cargo::rustc-link-arg-bins=-T{}", script.display());
    }
    Ok(())
}

/// The version of this machine's glibc, as `getconf GNU_LIBC_VERSION` prints it: `glibc 2.36`.
fn glibc_version() -> Option<(u32, u32)> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = printed.strip_prefix("glibc ")?.trim().split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
