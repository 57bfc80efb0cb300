//! Whether this process has one thread, as a fork must have whose child goes on as a whole program: a lock
//! that another thread held would stay locked there for ever. It starts none.
#![expect(unsafe_code, reason = "unshare, with a flag that nix does not know")]

use std::fs;
use std::io;

use nix::errno::Errno;
use nix::libc;

/// An error unless this process has one thread.
pub(super) fn require_one() -> io::Result<()> {
    if is_alone()? { Ok(()) } else { Err(io::Error::other("there is more than one thread")) }
}

/// Reading `/proc` comes first, since system-call filters (of Docker, for one) deny `unshare`. The latter is
/// for a root directory without `/proc`: with this flag alone it changes nothing, and the kernel answers
/// EINVAL where there are more threads.
fn is_alone() -> io::Result<bool> {
    if let Ok(threads) = fs::read_dir("/proc/self/task") {
        return Ok(threads.take(2).count() == 1);
    }
    alone_by_unshare()
}

fn alone_by_unshare() -> io::Result<bool> {
    // SAFETY: the call takes a flag, and touches no memory.
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
    use crate::sys::trial::{Outcome, in_child};

    #[test]
    fn a_second_thread_is_noticed_with_and_without_proc() {
        let (end, ended) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || ended.recv().is_err());
        for alone in [is_alone, alone_by_unshare] {
            assert!(!alone().unwrap(), "two threads are not noticed");
            // The child of a fork has one.
            let answer = in_child(|| Ok(u32::from(alone().unwrap())));
            assert_eq!(answer, Ok(Outcome::Returned(1)), "one thread is taken for more");
        }
        assert_eq!(require_one().unwrap_err().to_string(), "there is more than one thread");
        drop(end);
        assert!(thread.join().unwrap());
    }
}
