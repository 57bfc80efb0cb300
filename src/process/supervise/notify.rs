//! The service manager's notification socket, passed on: the command sends to ours, and the manager sees
//! its messages come from the process that it knows as the main one. It makes up no message.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use super::tree;
use crate::sys::notify_socket::{self, NotifyMessage, NotifyReceiver, NotifySender};

const VARIABLE: &[u8] = b"NOTIFY_SOCKET=";

/// How many messages are passed on before other events get their turn. A queue holds fewer, unless
/// `net.unix.max_dgram_qlen` was set higher.
const MOST_AT_ONCE: usize = 1024;

/// The relay between the command and the service manager.
#[derive(Debug)]
pub(super) struct Relay {
    inbox: NotifyReceiver,
    outbox: NotifySender,
}

impl Relay {
    /// Opens a relay if the environment names a socket of a kind that we know.
    pub(super) fn open(environment: &[&CStr]) -> io::Result<Option<Self>> {
        let mut strings = environment.iter().map(|string| string.to_bytes());
        match strings.find_map(|string| string.strip_prefix(VARIABLE)) {
            Some(address @ [b'/' | b'@', _, ..]) => Ok(Some(Self {
                inbox: NotifyReceiver::open()?,
                outbox: NotifySender::open(address)?,
            })),
            _ => Ok(None),
        }
    }

    /// The variable that names our socket.
    pub(super) fn variable(&self) -> CString {
        let mut text = VARIABLE.to_vec();
        text.push(b'@');
        text.extend_from_slice(self.inbox.name());
        CString::new(text).unwrap_or_default()
    }

    /// Whether this is the variable that ours replaces.
    pub(super) fn replaces(string: &CStr) -> bool {
        string.to_bytes().starts_with(VARIABLE)
    }

    /// Passes on the messages that have come; the rest of a flood at the next call. Only the command and
    /// its descendants are heard, since anybody can send to a socket that has no place in the file system.
    pub(super) fn turn(&self, command: i32) -> io::Result<()> {
        for _ in 0..MOST_AT_ONCE {
            let Some(mut message) = self.inbox.receive()? else { break };
            // `/proc` may be missing, or hide a command that is not dumpable (`ProtectProc=invisible`).
            let own = nix::unistd::getpid().as_raw();
            if message.sender != command && !tree::descends(message.sender, own) {
                continue;
            }
            remove_main_pid(&mut message, command);
            if !(message.text.is_empty() && message.descriptors.is_empty()) {
                // A manager that has gone, or does not read, is not the command's concern.
                let _unheard = self.outbox.send(&message.text, &message.descriptors);
            }
        }
        Ok(())
    }
}

impl AsFd for Relay {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inbox.as_fd()
    }
}

/// Removes the lines by which the command says that it is the main process: for the manager that is
/// us, and it would no longer hear us. Another process's claim stays.
fn remove_main_pid(message: &mut NotifyMessage, command: i32) {
    let own = format!("MAINPID={command}");
    let by_descriptor =
        || message.descriptors.iter().any(|fd| notify_socket::pid_of_pidfd(fd) == Some(command));
    let claims = |line: &[u8]| match line {
        b"MAINPIDFD=1" => by_descriptor(),
        line => line == own.as_bytes(),
    };
    let lines = || message.text.split(|&byte| byte == b'\n');
    if !lines().any(claims) {
        return;
    }
    let about_itself = |line: &[u8]| claims(line) || line.starts_with(b"MAINPIDFDID=");
    let kept: Vec<_> = lines().filter(|line| !about_itself(line)).collect();
    let text = kept.join(&b'\n');
    message.descriptors.retain(|fd| notify_socket::pid_of_pidfd(fd) != Some(command));
    message.text = text;
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_the_commands_claim_to_be_the_main_process_is_removed() {
        for (text, want) in [
            ("READY=1", "READY=1"),
            ("READY=1\nMAINPID=42\nSTATUS=up", "READY=1\nSTATUS=up"),
            ("MAINPID=42\nMAINPIDFDID=7\nREADY=1\n", "READY=1\n"),
            ("MAINPID=42", ""),
            ("MAINPID=43\nREADY=1", "MAINPID=43\nREADY=1"),
            ("STATUS=MAINPID=42", "STATUS=MAINPID=42"),
            ("MAINPIDFD=1", "MAINPIDFD=1"),
        ] {
            let text = text.as_bytes().to_vec();
            let mut message = NotifyMessage { text, descriptors: Vec::new(), sender: 42 };
            remove_main_pid(&mut message, 42);
            assert_eq!(message.text, want.as_bytes());
        }
    }

    /// What is passed on comes back, so there is always one more.
    #[test]
    fn a_flood_of_messages_leaves_other_events_their_turn() {
        let inbox = NotifyReceiver::open().unwrap();
        let outbox = NotifySender::open(&[b"@", inbox.name()].concat()).unwrap();
        outbox.send(b"WATCHDOG=1", &[]).unwrap();
        let relay = Relay { inbox, outbox };
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            relay.turn(nix::unistd::getpid().as_raw()).unwrap();
            sender.send(relay.inbox.receive().unwrap().map(|message| message.text))
        });
        let rest = receiver.recv_timeout(Duration::from_mins(1)).expect("one turn ends");
        assert_eq!(rest, Some(b"WATCHDOG=1".to_vec()));
    }
}
