//! A process in our process group that tells which signals were sent to the whole group. A signal that
//! reached it as well was sent to all of us, so the command has it already; one that it has not seen was
//! sent to us alone. It does nothing else, and holds no descriptor and no memory of the command.
//!
//! ```text
//! hushed  --any byte-------------->  witness
//!         <-numbers of its signals-  (all signals blocked; those that came are taken)
//! ```
#![expect(unsafe_code, reason = "a forked process that may not allocate")]

use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, send, socketpair};

use super::child::{self, Fork};
use super::memory::unmap_kept;

/// More signals than can be pending but for queued ones, of which the rest waits for the next question.
const MOST: usize = 128;

/// How long an answer may take before the witness is taken for stopped (milliseconds).
const PATIENCE: u16 = 200;

/// Fills an answer that would be empty, which would look like the end.
const NOTHING: u8 = 0;

/// The witness, as its parent sees it. It is killed when this is dropped; it is reaped as any child.
#[derive(Debug)]
pub(crate) struct Witness {
    pid: i32,
    socket: OwnedFd,
    gone: bool,
}

impl Witness {
    /// Starts one in our process group. All signals must be blocked, and stay so in it.
    pub(crate) fn start() -> io::Result<Self> {
        let (ours, theirs) =
            socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
        match child::fork()? {
            Fork::Child { .. } => answer_questions(theirs.as_raw_fd()),
            Fork::Parent { child: pid } => Ok(Self { pid, socket: ours, gone: false }),
        }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    /// Drops it after it has ended and was reaped, so that its PID may be another's.
    pub(crate) fn forget(mut self) {
        self.gone = true;
    }

    /// Takes the numbers of the signals that have come to the whole process group since the last
    /// question; `None` if the witness is not there any more.
    pub(crate) fn take_signals(&self) -> Option<Vec<u8>> {
        // The kernel signals the members of a group one after the other, under a lock that this call
        // waits for: after it, a signal that we have got has reached the witness, too.
        // It fails, as there is no such group.
        let nowhere = nix::unistd::Pid::from_raw(i32::MAX);
        let _refused = nix::unistd::setpgid(nix::unistd::Pid::from_raw(0), nowhere);
        self.discard_late_answers();
        self.ask()?;
        if !self.is_ready() {
            // Somebody has stopped it.
            let _gone = super::signals::send(self.pid, libc::SIGCONT);
            if !self.is_ready() {
                return None;
            }
        }
        let mut numbers = [0; MOST];
        let count = recv(self.socket.as_raw_fd(), &mut numbers, MsgFlags::empty()).ok()?;
        let numbers = numbers.get(..count).filter(|numbers| !numbers.is_empty())?;
        Some(numbers.iter().copied().filter(|number| *number != NOTHING).collect())
    }

    fn discard_late_answers(&self) {
        let mut late = [0; MOST];
        while recv(self.socket.as_raw_fd(), &mut late, MsgFlags::MSG_DONTWAIT).is_ok_and(|n| n > 0)
        {
        }
    }

    fn ask(&self) -> Option<()> {
        send(self.socket.as_raw_fd(), &[NOTHING], MsgFlags::MSG_NOSIGNAL).ok().map(drop)
    }

    fn is_ready(&self) -> bool {
        let mut waiting = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        loop {
            match poll(&mut waiting, PollTimeout::from(PATIENCE)) {
                Err(Errno::EINTR) => {}
                other => return other.is_ok_and(|count| count > 0),
            }
        }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        if !self.gone {
            let _gone = super::signals::send(self.pid, libc::SIGKILL);
        }
    }
}

/// The life of the witness: until its parent ends, which closes the socket.
fn answer_questions(socket: RawFd) -> ! {
    unmap_kept();
    let _nameless = nix::sys::prctl::set_name(c"hushed-witness");
    // SAFETY: nothing of the witness uses the standard streams.
    let _: i32 = unsafe { libc::dup2(socket, 0) };
    child::close_from(1);
    loop {
        let mut question = [0_u8; 1];
        // SAFETY: the buffer is as long as the call is told.
        if unsafe { libc::read(0, question.as_mut_ptr().cast(), 1) } != 1 {
            // SAFETY: it ends the process, and runs nothing of the parent.
            unsafe { libc::_exit(0) }
        }
        let (numbers, count) = take_pending();
        // SAFETY: the count is at most the length of the buffer. A parent that has gone is no fault.
        let _: isize = unsafe { libc::send(0, numbers.as_ptr().cast(), count, libc::MSG_NOSIGNAL) };
    }
}

/// Takes the pending signals; their numbers, and how many bytes of the buffer hold one.
fn take_pending() -> ([u8; MOST], usize) {
    let mut numbers = [NOTHING; MOST];
    let mut count = 0;
    // SAFETY: all bytes zero is a valid set; the next call fills it.
    let mut all: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: the set is ours.
    unsafe { libc::sigfillset(&raw mut all) };
    let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    for place in &mut numbers {
        // SAFETY: the set and the time are valid for the call, which is given no place for details.
        let number =
            unsafe { libc::sigtimedwait(&raw const all, std::ptr::null_mut(), &raw const now) };
        let Ok(number @ 1..) = u8::try_from(number) else { break };
        *place = number;
        count += 1;
    }
    (numbers, count.max(1))
}
