//! The service manager's notification socket, passed on: the command sends to ours, and the manager sees
//! its messages come from the process that it knows as the main one. It makes up no message.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use super::tree;
use crate::sys::relay::{Inbox, Outbox};

const VARIABLE: &[u8] = b"NOTIFY_SOCKET=";

/// The relay between the command and the service manager.
#[derive(Debug)]
pub(super) struct Relay {
    inbox: Inbox,
    outbox: Outbox,
}

impl Relay {
    /// Opens a relay if the environment names a socket of a kind that we know.
    pub(super) fn open(environment: &[&CStr]) -> io::Result<Option<Self>> {
        let mut strings = environment.iter().map(|string| string.to_bytes());
        match strings.find_map(|string| string.strip_prefix(VARIABLE)) {
            Some(address @ [b'/' | b'@', _, ..]) => {
                Ok(Some(Self { inbox: Inbox::open()?, outbox: Outbox::open(address)? }))
            }
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

    /// Passes on what has come. Only the command and its descendants are heard, since anybody can
    /// send to a socket that has no place in the file system.
    pub(super) fn turn(&self, command: i32) -> io::Result<()> {
        while let Some(message) = self.inbox.receive()? {
            let ours = tree::descends(message.sender, nix::unistd::getpid().as_raw());
            let text = without_main_pid(&message.text, command);
            if ours && !(text.is_empty() && message.descriptors.is_empty()) {
                // A manager that has gone, or does not read, is not the command's concern.
                let _unheard = self.outbox.send(&text, &message.descriptors);
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

/// Takes out the lines by which the command says that it is the main process: for the manager that is
/// us, and it would no longer hear us. Another process's claim stays.
fn without_main_pid(text: &[u8], command: i32) -> Vec<u8> {
    let own = format!("MAINPID={command}");
    let claims = |line: &&[u8]| *line == own.as_bytes();
    if !text.split(|&byte| byte == b'\n').any(|line| claims(&line)) {
        return text.to_vec();
    }
    let about_itself = |line: &&[u8]| claims(line) || line.starts_with(b"MAINPIDFDID=");
    let kept = text.split(|&byte| byte == b'\n').filter(|line| !about_itself(line));
    kept.collect::<Vec<_>>().join(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_commands_claim_to_be_the_main_process_is_taken_out() {
        for (text, want) in [
            ("READY=1", "READY=1"),
            ("READY=1\nMAINPID=42\nSTATUS=up", "READY=1\nSTATUS=up"),
            ("MAINPID=42\nMAINPIDFDID=7\nREADY=1\n", "READY=1\n"),
            ("MAINPID=42", ""),
            ("MAINPID=43\nREADY=1", "MAINPID=43\nREADY=1"),
            ("STATUS=MAINPID=42", "STATUS=MAINPID=42"),
        ] {
            assert_eq!(without_main_pid(text.as_bytes(), 42), want.as_bytes(), "{text:?}");
        }
    }
}
