//! Unix datagram sockets as `sd_notify(3)` uses them: messages with descriptors and the sender's PID.
#![expect(unsafe_code, reason = "received descriptors are given as numbers")]

use std::cell::Cell;
use std::fs;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    self, AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType,
    UnixAddr, sockopt,
};
use nix::sys::time::TimeVal;

/// The maximum number of descriptors in a message (`SCM_MAX_FD`).
const MAX_DESCRIPTORS: usize = 253;

/// A received message.
#[derive(Debug)]
pub struct NotifyMessage {
    /// Its text.
    pub text: Vec<u8>,
    /// The descriptors that came with it.
    pub descriptors: Vec<OwnedFd>,
    /// The sender's PID according to the kernel; 0 for a sender in another PID namespace.
    pub sender: i32,
}

/// The socket that the command sends its messages to.
#[derive(Debug)]
pub struct NotifyReceiver {
    socket: OwnedFd,
    name: Vec<u8>,
}

impl NotifyReceiver {
    /// Opens a socket with an abstract name that the kernel chooses.
    pub fn open() -> io::Result<Self> {
        let socket = datagram()?;
        socket::bind(socket.as_raw_fd(), &UnixAddr::new_unnamed())?;
        socket::setsockopt(&socket, sockopt::PassCred, &true)?;
        let address: UnixAddr = socket::getsockname(socket.as_raw_fd())?;
        let name = address.as_abstract().ok_or(Errno::EADDRNOTAVAIL)?.to_owned();
        Ok(Self { socket, name })
    }

    /// Its name in the abstract namespace, without the leading NUL.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Receives the next message, if there is one.
    pub fn receive(&self) -> io::Result<Option<NotifyMessage>> {
        // More than sd_notify(3) can send.
        let mut text = vec![0; 1 << 16];
        let mut space = cmsg_space!(libc::ucred, [RawFd; MAX_DESCRIPTORS]);
        let mut parts = [IoSliceMut::new(&mut text)];
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC;
        let received =
            socket::recvmsg::<()>(self.socket.as_raw_fd(), &mut parts, Some(&mut space), flags);
        let received = match received {
            Err(Errno::EAGAIN | Errno::EINTR) => return Ok(None),
            other => other?,
        };
        let mut descriptors = Vec::new();
        let mut sender = 0;
        // A truncated message has no control messages, and so no sender.
        for control in received.cmsgs().into_iter().flatten() {
            match control {
                ControlMessageOwned::ScmRights(numbers) => {
                    // SAFETY: the kernel has just opened them, and nothing else owns them.
                    descriptors
                        .extend(numbers.iter().map(|fd| unsafe { OwnedFd::from_raw_fd(*fd) }));
                }
                ControlMessageOwned::ScmCredentials(credentials) => sender = credentials.pid(),
                _ => {}
            }
        }
        let count = received.bytes;
        text.truncate(count);
        Ok(Some(NotifyMessage { text, descriptors, sender }))
    }
}

impl AsFd for NotifyReceiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The socket that messages are forwarded to.
#[derive(Debug)]
pub struct NotifySender {
    socket: OwnedFd,
    address: UnixAddr,
    /// Whether the last message was dropped because the queue was full; the next send then does not wait.
    stalled: Cell<bool>,
}

impl NotifySender {
    /// Opens a socket that sends to a path, or to `@` and an abstract name.
    pub fn open(address: &[u8]) -> io::Result<Self> {
        let address = match address {
            [b'@', name @ ..] => UnixAddr::new_abstract(name)?,
            path => UnixAddr::new(path)?,
        };
        let socket = datagram()?;
        // A manager that does not read must not block this process for ever.
        socket::setsockopt(&socket, sockopt::SendTimeout, &TimeVal::new(1, 0))?;
        Ok(Self { socket, address, stalled: Cell::new(false) })
    }

    /// Sends a message with its descriptors.
    pub fn send(&self, text: &[u8], descriptors: &[OwnedFd]) -> io::Result<()> {
        let numbers: Vec<RawFd> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
        let rights = [ControlMessage::ScmRights(&numbers)];
        let control = if numbers.is_empty() { &[][..] } else { &rights[..] };
        let mut flags = MsgFlags::MSG_NOSIGNAL;
        flags.set(MsgFlags::MSG_DONTWAIT, self.stalled.get());
        let fd = self.socket.as_raw_fd();
        let parts = [IoSlice::new(text)];
        let sent = socket::sendmsg(fd, &parts, control, flags, Some(&self.address));
        self.stalled.set(sent == Err(Errno::EAGAIN));
        Ok(sent.map(drop)?)
    }
}

/// The PID of the process that a pidfd refers to; `None` for other descriptors.
pub fn pid_of_pidfd(descriptor: &OwnedFd) -> Option<i32> {
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", descriptor.as_raw_fd())).ok()?;
    info.lines().find_map(|line| line.strip_prefix("Pid:")?.trim().parse().ok())
}

fn datagram() -> nix::Result<OwnedFd> {
    socket::socket(AddressFamily::Unix, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)
}
