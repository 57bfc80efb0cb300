//! Arguments and environment where the kernel put them at our start, which is where it shows them to
//! others (`/proc/PID/cmdline`, `/proc/PID/environ`). It gives them no meaning.
#![expect(unsafe_code, reason = "they are C strings, and the C library's list of them")]

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt as _;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use nix::libc::{c_char, c_int};

use super::allocator::clear;

unsafe extern "C" {
    /// The environment (environ(7)): pointers to strings, the last of them null.
    static environ: *const *mut c_char;
}

/// The list of our arguments, if the C library passed it on.
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

/// Overwrites the values of these variables. Nobody may hold on to them as they lie there: what the
/// standard library gives are copies.
pub(crate) fn overwrite_variables(are_meant: impl Fn(&OsStr) -> bool) {
    // SAFETY: nothing in this process changes its environment.
    let list = unsafe { environ };
    each(list, |text| {
        let at = text.iter().position(|byte| *byte == b'=')?;
        are_meant(OsStr::from_bytes(text.get(..at)?)).then_some(at + 1)
    });
}

/// Overwrites this text wherever it is an argument, or stands behind the `=` of one.
pub(crate) fn overwrite_argument(secret: &[u8]) {
    each(ARGUMENTS.load(Ordering::Relaxed).cast_const(), |text| {
        let before = text.strip_suffix(secret).filter(|_| !secret.is_empty())?;
        matches!(before, [] | [.., b'=']).then_some(before.len())
    });
}

/// Clears each string of a list from the place on that is given for it.
fn each(list: *const *mut c_char, place: impl Fn(&[u8]) -> Option<usize>) {
    if list.is_null() {
        return;
    }
    for index in 0.. {
        // SAFETY: the list ends in a null pointer, and none before this was it.
        let start = unsafe { list.add(index) };
        // SAFETY: the same.
        let start = unsafe { start.read() };
        if start.is_null() {
            return;
        }
        // SAFETY: the entries of both lists are C strings, and nobody changes them meanwhile.
        let text = unsafe { CStr::from_ptr(start) }.to_bytes();
        let length = text.len();
        if let Some(from) = place(text).filter(|from| *from < length) {
            // SAFETY: the place is within the string.
            let start = unsafe { start.add(from) };
            // SAFETY: both lists lie on the stack of the process, which may be written to; the text is
            // not looked at any more.
            unsafe { clear(start.cast(), length - from) };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use super::*;

    #[test]
    fn a_string_is_cleared_from_a_place_on() {
        let texts = ["A=canary", "B=other", "C", "D=canary"];
        let mut list: Vec<*mut c_char> =
            texts.iter().map(|text| CString::new(*text).unwrap().into_raw()).collect();
        list.push(ptr::null_mut());
        each(list.as_ptr(), |text| text.ends_with(b"canary").then_some(2));
        for (start, text) in list.iter().zip(["A=", "B=other", "C", "D="]) {
            // SAFETY: the string is there until the end of the test, which leaks it.
            assert_eq!(unsafe { CStr::from_ptr(*start) }.to_str(), Ok(text));
        }
        each(ptr::null(), |_| Some(0));
    }
}
