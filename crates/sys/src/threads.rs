//! Whether this process has one thread, as a fork requires whose child goes on as a whole program: a lock that
//! another thread holds would stay locked there for ever.
#![expect(unsafe_code, reason = "unshare, with a flag that nix does not know")]

use std::fs;
use std::io;

use nix::errno::Errno;
use nix::libc;

/// Fails unless this process has one thread.
pub fn require_single_thread() -> io::Result<()> {
    if is_single_threaded()? {
        Ok(())
    } else {
        Err(io::Error::other("this process has more than one thread"))
    }
}

/// Reads `/proc` first, because seccomp filters (Docker's, for one) deny `unshare`; falls back to `unshare`
/// without `/proc`.
fn is_single_threaded() -> io::Result<bool> {
    if let Ok(threads) = fs::read_dir("/proc/self/task") {
        return Ok(threads.take(2).count() == 1);
    }
    is_single_threaded_by_unshare()
}

/// With this flag alone, `unshare(2)` changes nothing, and fails with EINVAL if there are more threads.
fn is_single_threaded_by_unshare() -> io::Result<bool> {
    // SAFETY: the call takes a flag and touches no memory.
    match Errno::result(unsafe { libc::unshare(libc::CLONE_THREAD) }) {
        Ok(_) => Ok(true),
        Err(Errno::EINVAL) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::probe::{ProbeOutcome, run_in_child};

    #[test]
    fn a_second_thread_is_detected_with_and_without_proc() {
        let (end, ended) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || ended.recv().is_err());
        for is_single in [is_single_threaded, is_single_threaded_by_unshare] {
            assert!(!is_single().unwrap(), "two threads are not detected");
            // The child of a fork has one.
            let answer = run_in_child(|| Ok(i32::from(is_single().unwrap())));
            assert_eq!(answer, Ok(ProbeOutcome::Returned(1)), "one thread counts as more");
        }
        let error = require_single_thread().unwrap_err().to_string();
        assert_eq!(error, "this process has more than one thread");
        drop(end);
        assert!(thread.join().unwrap());
    }
}
