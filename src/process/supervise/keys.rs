//! Keys for a program that opens the pseudo-terminal by its name and reads from it, as less(1) does with
//! the name of its standard error. Everybody else reads from the real terminal, which we leave alone.

use std::fs;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::libc;
use nix::poll::PollFlags;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::unistd::Pid;
use zeroize::Zeroizing;

use crate::sys::terminal::{Modes, is_foreground};

/// As many keys as are read at once.
const CHUNK: usize = 4096;

/// Passes keys from the real terminal on, while somebody reads from the pseudo-terminal.
#[derive(Debug)]
pub(super) struct KeyForwarding {
    terminal: OwnedFd,
    master: OwnedFd,
    slave: PathBuf,
    opens: Inotify,
    /// Whether somebody may read from it: it was opened since we looked last.
    opened: bool,
    keys: Zeroizing<Vec<u8>>,
}

impl KeyForwarding {
    /// Watches the pseudo-terminal of this name. `terminal` is the real one, open for reading without
    /// blocking. `None` where nobody could open it by name, or the kernel does not tell.
    pub(super) fn new(terminal: OwnedFd, master: OwnedFd, slave: PathBuf) -> Option<Self> {
        let opens = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).ok()?;
        opens.add_watch(&slave, AddWatchFlags::IN_OPEN | AddWatchFlags::IN_CLOSE).ok()?;
        let keys = Zeroizing::new(Vec::with_capacity(CHUNK));
        Some(Self { terminal, master, slave, opens, opened: false, keys })
    }

    /// What to wait for: somebody who opens or closes it.
    pub(super) fn opens(&self) -> BorrowedFd<'_> {
        self.opens.as_fd()
    }

    /// What else to wait for: keys, or room for those that were typed.
    pub(super) fn wanted(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        if !self.keys.is_empty() {
            return Some((self.master.as_fd(), PollFlags::POLLOUT));
        }
        let reads = self.opened && is_foreground(self.terminal.as_fd());
        reads.then(|| (self.terminal.as_fd(), PollFlags::POLLIN))
    }

    /// Takes the news of who opened it, or closed it.
    pub(super) fn note_opens(&mut self) {
        while let Ok(events) = self.opens.read_events() {
            self.opened |= !events.is_empty();
        }
    }

    /// Passes on what was typed, if somebody reads it. There is something to read, so it cannot block.
    pub(super) fn forward(&mut self) {
        if self.keys.is_empty() {
            // Most who open it only write, as a script does to /dev/stderr, and Node.js to its own
            // description of standard output.
            let by_keys = Modes::of(self.master.as_fd()).is_some_and(|modes| !modes.is_canonical());
            self.opened = is_read_from(&self.slave, by_keys);
            if !self.opened {
                return;
            }
            self.keys.resize(CHUNK, 0);
            let read = nix::unistd::read(&self.terminal, &mut self.keys).unwrap_or(0);
            self.keys.truncate(read);
        }
        match nix::unistd::write(&self.master, &self.keys) {
            Ok(count) => {
                let left = self.keys.len() - count;
                self.keys.copy_within(count.., 0);
                self.keys.get_mut(left..).unwrap_or_default().fill(0);
                self.keys.truncate(left);
            }
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(_) => {
                self.keys.fill(0);
                self.keys.clear();
            }
        }
    }
}

/// Whether a process has opened this terminal for reading. One that may write as well reads only if somebody
/// has set it to give key by key, and not as one of the standard streams, as which everybody has it. Where
/// /proc does not tell, whoever opened it reads.
fn is_read_from(terminal: &Path, by_keys: bool) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else { return true };
    let reads = |descriptor: fs::DirEntry| {
        let path = descriptor.path();
        if fs::read_link(&path).ok()? != terminal {
            return None;
        }
        let number: i32 = descriptor.file_name().to_str()?.parse().ok()?;
        let process = path.parent()?.parent()?;
        let info = fs::read_to_string(process.join("fdinfo").join(number.to_string())).ok()?;
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?.trim();
        let access = i32::from_str_radix(flags, 8).ok()? & libc::O_ACCMODE;
        Some(access == libc::O_RDONLY || by_keys && access == libc::O_RDWR && number > 2)
    };
    let own_group = nix::unistd::getpgrp();
    processes.flatten().any(|process| match fs::read_dir(process.path().join("fd")) {
        Ok(descriptors) => descriptors.flatten().any(|entry| reads(entry) == Some(true)),
        // A process of another user, as sudo starts one, may be the one that reads.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let pid = process.file_name().to_str().and_then(|name| name.parse().ok());
            let group = pid.map(|pid| nix::unistd::getpgid(Some(Pid::from_raw(pid))));
            group == Some(Ok(own_group))
        }
        Err(_gone) => false,
    })
}
