//! Relays `sd_notify(3)` messages: the command sends them to a socket of hushed, which forwards them to the service
//! manager, so that they come from the process that the manager knows as the main one.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use super::process_tree;
use crate::sys::notify_socket::{self, NotifyMessage, NotifyReceiver, NotifySender};

const VARIABLE: &[u8] = b"NOTIFY_SOCKET=";

/// How many messages are forwarded before the event loop handles other events. A queue holds fewer, unless
/// `net.unix.max_dgram_qlen` is set higher.
const MAX_AT_ONCE: usize = 1024;

/// The relay between the command and the service manager.
#[derive(Debug)]
pub(super) struct NotifyRelay {
    inbox: NotifyReceiver,
    outbox: NotifySender,
}

impl NotifyRelay {
    /// Opens a relay if the environment names a supported socket.
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

    /// The variable that names hushed's socket.
    pub(super) fn variable(&self) -> CString {
        let mut text = VARIABLE.to_vec();
        text.push(b'@');
        text.extend_from_slice(self.inbox.name());
        CString::new(text).unwrap_or_default()
    }

    /// Whether this variable names the manager's socket.
    pub(super) fn replaces(string: &CStr) -> bool {
        string.to_bytes().starts_with(VARIABLE)
    }

    /// Forwards received messages, at most [`MAX_AT_ONCE`]. Drops messages of processes other than the command and its
    /// descendants, because any process can send to an abstract socket.
    pub(super) fn forward_messages(&self, command: i32) -> io::Result<()> {
        for _ in 0..MAX_AT_ONCE {
            let Some(mut message) = self.inbox.receive()? else { break };
            // `/proc` may be missing, or hide a command that is not dumpable (`ProtectProc=invisible`).
            let own = nix::unistd::getpid().as_raw();
            if message.sender != command && !process_tree::is_descendant(message.sender, own) {
                continue;
            }
            remove_main_pid(&mut message, command);
            if !(message.text.is_empty() && message.descriptors.is_empty()) {
                // A manager that has ended or does not read is no reason to stop.
                let _lost = self.outbox.send(&message.text, &message.descriptors);
            }
        }
        Ok(())
    }
}

impl AsFd for NotifyRelay {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inbox.as_fd()
    }
}

/// Removes the lines in which the command names itself the main process: for the manager that is hushed, whose
/// messages it would then ignore. Lines that name another process stay.
fn remove_main_pid(message: &mut NotifyMessage, command: i32) {
    let own = format!("MAINPID={command}");
    let by_descriptor =
        || message.descriptors.iter().any(|fd| notify_socket::pid_of_pidfd(fd) == Some(command));
    let names_command = |line: &[u8]| match line {
        b"MAINPIDFD=1" => by_descriptor(),
        line => line == own.as_bytes(),
    };
    let lines = || message.text.split(|&byte| byte == b'\n');
    if !lines().any(names_command) {
        return;
    }
    let is_about_command = |line: &[u8]| names_command(line) || line.starts_with(b"MAINPIDFDID=");
    let kept: Vec<_> = lines().filter(|line| !is_about_command(line)).collect();
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
    fn a_main_pid_is_removed_only_if_it_is_the_commands() {
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

    /// The relay sends to itself, so that there is always another message.
    #[test]
    fn a_flood_of_messages_does_not_block_other_events() {
        let inbox = NotifyReceiver::open().unwrap();
        let outbox = NotifySender::open(&[b"@", inbox.name()].concat()).unwrap();
        outbox.send(b"WATCHDOG=1", &[]).unwrap();
        let relay = NotifyRelay { inbox, outbox };
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            relay.forward_messages(nix::unistd::getpid().as_raw()).unwrap();
            sender.send(relay.inbox.receive().unwrap().map(|message| message.text))
        });
        let rest = receiver.recv_timeout(Duration::from_mins(1)).expect("one call ends");
        assert_eq!(rest, Some(b"WATCHDOG=1".to_vec()));
    }
}
