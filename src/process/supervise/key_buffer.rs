//! Keys on their way to the master of a pseudo-terminal: wiped once forwarded.

use std::os::fd::OwnedFd;

use nix::errno::Errno;
use zeroize::Zeroizing;

/// How many bytes are read at once: the longest line of a terminal (`MAX_CANON` and more).
pub(super) const CHUNK: usize = 4096;

#[derive(Debug)]
pub(super) struct KeyBuffer(Zeroizing<Vec<u8>>);

impl KeyBuffer {
    pub(super) fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(CHUNK)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads keys that are known to be there; their number.
    pub(super) fn read_from(&mut self, terminal: &OwnedFd) -> nix::Result<usize> {
        self.0.resize(CHUNK, 0);
        let read = nix::unistd::read(terminal, &mut self.0);
        self.0.truncate(*read.as_ref().unwrap_or(&0));
        read
    }

    /// Writes as many keys as the pseudo-terminal takes now. After an error all are discarded.
    pub(super) fn write_to(&mut self, master: &OwnedFd) {
        let count = match nix::unistd::write(master, &self.0) {
            Ok(count) => count,
            Err(Errno::EAGAIN | Errno::EINTR) => 0,
            Err(_) => self.0.len(),
        };
        let left = self.0.len() - count;
        self.0.copy_within(count.., 0);
        self.0.get_mut(left..).unwrap_or_default().fill(0);
        self.0.truncate(left);
    }
}
