//! The bytes that wait because they may yet become part of a value, in memory that is wiped. It
//! decides nothing about how many wait.

use hushed_sys::memory::ProtectedBytes;

/// The bytes that are held at first: as many as most values take.
const FIRST: usize = 1 << 10;

/// The last bytes of a stream.
pub(super) struct Held {
    buffer: ProtectedBytes,
    begin: usize,
    length: usize,
}

impl Held {
    /// Holds nothing yet.
    pub(super) fn new() -> Self {
        Self { buffer: ProtectedBytes::new(FIRST), begin: 0, length: 0 }
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.begin..self.begin + self.length).unwrap_or(&[])
    }

    /// Forgets all but so many of the last bytes.
    pub(super) fn keep(&mut self, last: usize) {
        let dropped = self.length.saturating_sub(last);
        let (begin, end) = (self.begin, self.begin + dropped);
        if let Some(dropped) = self.buffer.get_mut(begin..end) {
            dropped.fill(0);
        }
        (self.begin, self.length) = (end, self.length - dropped);
        if self.length == 0 {
            self.begin = 0;
        }
    }

    /// Appends bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        let length = self.length + bytes.len();
        if self.begin + length > self.buffer.len() {
            self.make_room(length);
        }
        let end = self.begin + self.length;
        if let Some(room) = self.buffer.get_mut(end..end + bytes.len()) {
            room.copy_from_slice(bytes);
        }
        self.length = length;
    }

    /// Moves the bytes to the beginning, in a larger buffer if this one would soon be full again.
    fn make_room(&mut self, length: usize) {
        let held = self.begin..self.begin + self.length;
        if 2 * length > self.buffer.len() {
            let mut larger = ProtectedBytes::new((4 * length).next_power_of_two());
            larger[..self.length].copy_from_slice(&self.buffer[held]);
            self.buffer = larger;
        } else {
            self.buffer.copy_within(held, 0);
        }
        self.begin = 0;
    }
}
