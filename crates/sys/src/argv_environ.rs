//! Overwrites credentials in the initial argv and environ, which the kernel shows to other processes
//! (`/proc/PID/cmdline`, `/proc/PID/environ`).
#![expect(unsafe_code, reason = "C strings in the C library's lists")]

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt as _;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use nix::libc::{c_char, c_int};

use super::allocator::wipe;

unsafe extern "C" {
    /// The environment (environ(7)): pointers to strings, ending in a null pointer.
    static environ: *const *mut c_char;
}

/// The argv of this process, if the C library passes it to constructors.
static ARGUMENTS: AtomicPtr<*mut c_char> = AtomicPtr::new(ptr::null_mut());

// SAFETY: the section holds pointers to C functions which the loader calls before `main`. The GNU C
// library gives them what `main` gets in C; the function only stores into an atomic.
#[cfg(target_env = "gnu")]
#[used]
#[unsafe(link_section = ".init_array")]
static RECORD: extern "C" fn(c_int, *mut *mut c_char, *mut *mut c_char) = record;

#[cfg(target_env = "gnu")]
extern "C" fn record(_count: c_int, arguments: *mut *mut c_char, _environment: *mut *mut c_char) {
    ARGUMENTS.store(arguments, Ordering::Relaxed);
}

/// Overwrites the values of the variables that `is_secret` selects. The standard library returns copies, so
/// nothing points to them.
pub fn overwrite_environment(is_secret: impl Fn(&OsStr) -> bool) {
    // SAFETY: nothing in this process changes its environment.
    let list = unsafe { environ };
    wipe_strings(list, |text| {
        let at = text.iter().position(|byte| *byte == b'=')?;
        is_secret(OsStr::from_bytes(text.get(..at)?)).then_some(at + 1)
    });
}

/// Overwrites this text wherever it is an argument, or the part of one after `=`.
pub fn overwrite_argument(secret: &[u8]) {
    wipe_strings(ARGUMENTS.load(Ordering::Relaxed).cast_const(), |text| {
        let before = text.strip_suffix(secret).filter(|_| !secret.is_empty())?;
        matches!(before, [] | [.., b'=']).then_some(before.len())
    });
}

/// Wipes each string of a list from the offset on that `find_secret` returns.
fn wipe_strings(list: *const *mut c_char, find_secret: impl Fn(&[u8]) -> Option<usize>) {
    if list.is_null() {
        return;
    }
    for index in 0.. {
        // SAFETY: the list ends in a null pointer, which has not been reached yet.
        let start = unsafe { list.add(index) };
        // SAFETY: as above.
        let start = unsafe { start.read() };
        if start.is_null() {
            return;
        }
        // SAFETY: the entries of both lists are C strings, and nobody changes them meanwhile.
        let text = unsafe { CStr::from_ptr(start) }.to_bytes();
        let length = text.len();
        if let Some(from) = find_secret(text).filter(|from| *from < length) {
            // SAFETY: the offset is within the string.
            let start = unsafe { start.add(from) };
            // SAFETY: both lists are on the initial stack, which is writable; `text` is not used any more.
            unsafe { wipe(start.cast(), length - from) };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use super::*;

    #[test]
    fn a_string_is_wiped_from_the_offset_on() {
        let texts = ["A=canary", "B=other", "C", "D=canary"];
        let mut list: Vec<*mut c_char> =
            texts.iter().map(|text| CString::new(*text).unwrap().into_raw()).collect();
        list.push(ptr::null_mut());
        wipe_strings(list.as_ptr(), |text| text.ends_with(b"canary").then_some(2));
        for (start, text) in list.iter().zip(["A=", "B=other", "C", "D="]) {
            // SAFETY: the string is there until the end of the test, which leaks it.
            assert_eq!(unsafe { CStr::from_ptr(*start) }.to_str(), Ok(text));
        }
        wipe_strings(ptr::null(), |_| Some(0));
    }
}
