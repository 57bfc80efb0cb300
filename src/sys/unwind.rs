//! The unwinder that Rust's library wants, from libgcc's archive instead of its shared object. It
//! holds no code of ours.
//!
//! A shared object more costs every start 0.15 ms, a tenth of what `env` takes. An archive that is
//! named before the shared object answers for all of it, and the linker then leaves that one out.

#[cfg(all(target_env = "gnu", not(target_feature = "crt-static")))]
#[expect(
    unsafe_code,
    reason = "what is linked into the binary is unsafe by its nature; nothing is called"
)]
#[link(name = "gcc_eh")]
unsafe extern "C" {}
