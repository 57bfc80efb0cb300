//! The witness: a process in our process group that reports which signals were sent to the whole group. A
//! signal that reached the witness as well was sent to the group, so the command has received it, too; any
//! other was sent to hushed alone. The witness holds no descriptor and no memory of the command.
//!
//! ```text
//! hushed  --any byte------------------->  witness (blocks all signals)
//!         <-numbers of pending signals--
//! ```
#![expect(unsafe_code, reason = "a forked process that may not allocate")]

use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, send, socketpair};
use nix::unistd::{Pid, setpgid};

use super::child::{self, Fork, exit_without_cleanup};
use super::memory::unmap_inherited;

/// The most signals in one answer. More can only be queued real-time signals, which the next answer has.
const MAX_SIGNALS: usize = 128;

/// How long an answer may take before the witness counts as stopped, in milliseconds.
const ANSWER_TIMEOUT: u16 = 200;

/// Pads an answer without signals: an empty message would look like the end of the connection.
const NO_SIGNAL: u8 = 0;

/// The witness, as its parent sees it. Killed when dropped; reaped like any other child.
#[derive(Debug)]
pub struct GroupWitness {
    pid: i32,
    socket: OwnedFd,
    reaped: bool,
}

impl GroupWitness {
    /// Starts one in our process group. All signals must be blocked, and stay so in it.
    pub fn start() -> io::Result<Self> {
        let (ours, theirs) =
            socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
        match child::fork()? {
            Fork::Child { .. } => answer_requests(theirs.as_raw_fd()),
            Fork::Parent { child: pid } => Ok(Self { pid, socket: ours, reaped: false }),
        }
    }

    /// Its PID.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Drops it without a signal: it was reaped, and its PID may belong to another process.
    pub fn forget_reaped(mut self) {
        self.reaped = true;
    }

    /// Takes the numbers of the signals sent to the whole process group since the last call; `None` if the
    /// witness has ended.
    pub fn take_signals(&self) -> Option<Vec<u8>> {
        // The kernel signals the members of a group one by one under a lock. setpgid(2) waits for that lock,
        // so afterwards a signal that has reached us has reached the witness, too. The call itself fails,
        // because there is no such group.
        let _refused = setpgid(Pid::from_raw(0), Pid::from_raw(i32::MAX));
        self.discard_late_answers();
        send(self.socket.as_raw_fd(), &[NO_SIGNAL], MsgFlags::MSG_NOSIGNAL).ok()?;
        if !self.is_ready() {
            // Somebody has stopped it.
            let _gone = super::signals::send(self.pid, libc::SIGCONT);
            if !self.is_ready() {
                return None;
            }
        }
        let mut numbers = [0; MAX_SIGNALS];
        let count = recv(self.socket.as_raw_fd(), &mut numbers, MsgFlags::empty()).ok()?;
        let numbers = numbers.get(..count).filter(|numbers| !numbers.is_empty())?;
        Some(numbers.iter().copied().filter(|number| *number != NO_SIGNAL).collect())
    }

    fn discard_late_answers(&self) {
        let mut late = [0; MAX_SIGNALS];
        while recv(self.socket.as_raw_fd(), &mut late, MsgFlags::MSG_DONTWAIT).is_ok_and(|n| n > 0)
        {
        }
    }

    fn is_ready(&self) -> bool {
        let mut polled = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        loop {
            match poll(&mut polled, PollTimeout::from(ANSWER_TIMEOUT)) {
                Err(Errno::EINTR) => {}
                other => return other.is_ok_and(|count| count > 0),
            }
        }
    }
}

impl Drop for GroupWitness {
    fn drop(&mut self) {
        if !self.reaped {
            let _gone = super::signals::send(self.pid, libc::SIGKILL);
        }
    }
}

/// Runs the witness process until its parent ends, which closes the socket.
fn answer_requests(socket: RawFd) -> ! {
    unmap_inherited();
    let _unnamed = nix::sys::prctl::set_name(c"hushed-witness");
    // SAFETY: both are open descriptors; the witness uses no standard stream.
    let _: i32 = unsafe { libc::dup2(socket, 0) };
    child::close_from(1);
    loop {
        let mut request = [0_u8; 1];
        // SAFETY: pointer and length describe the local buffer.
        if unsafe { libc::read(0, request.as_mut_ptr().cast(), 1) } != 1 {
            exit_without_cleanup(0)
        }
        let (numbers, count) = take_pending();
        // SAFETY: `take_pending` returns at most the length of the buffer. A parent that has ended is no error.
        let _: isize = unsafe { libc::send(0, numbers.as_ptr().cast(), count, libc::MSG_NOSIGNAL) };
    }
}

/// Takes the pending signals: their numbers, and how many bytes of the buffer are an answer.
fn take_pending() -> ([u8; MAX_SIGNALS], usize) {
    let mut numbers = [NO_SIGNAL; MAX_SIGNALS];
    let mut count = 0;
    // SAFETY: all bytes zero is a valid set; the next call fills it.
    let mut all: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a local set.
    unsafe { libc::sigfillset(&raw mut all) };
    let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    for entry in &mut numbers {
        // SAFETY: set and time are locals; a null pointer means that no details are wanted.
        let number =
            unsafe { libc::sigtimedwait(&raw const all, std::ptr::null_mut(), &raw const now) };
        let Ok(number @ 1..) = u8::try_from(number) else { break };
        *entry = number;
        count += 1;
    }
    (numbers, count.max(1))
}
