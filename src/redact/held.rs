//! The bytes that wait because they may yet become part of a value, in memory that is wiped. It
//! decides nothing about how many wait.

use crate::sys::memory::ProtectedBytes;

/// The last bytes of a stream.
pub(super) struct Held {
    /// Twice as long as what it holds, so that moving it costs little. It shares a page with others: a
    /// page of its own, for each stream, would take longer than all else about it.
    buffer: ProtectedBytes,
    begin: usize,
    length: usize,
}

impl Held {
    /// Makes room for up to this many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { buffer: ProtectedBytes::new(2 * most), begin: 0, length: 0 }
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.begin..self.begin + self.length).unwrap_or(&[])
    }

    /// Appends what was read, and keeps so many of the last bytes only.
    pub(super) fn keep(&mut self, last: usize, read: &[u8]) {
        let buffer = &mut *self.buffer;
        let appended = read.get(read.len().saturating_sub(last)..).unwrap_or(&[]);
        let kept = last - appended.len();
        let mut begin = self.begin + self.length - kept;
        if begin + last > buffer.len() || kept == 0 {
            buffer.copy_within(begin..begin + kept, 0);
            begin = 0;
        }
        buffer[begin + kept..begin + last].copy_from_slice(appended);
        (self.begin, self.length) = (begin, last);
    }
}
