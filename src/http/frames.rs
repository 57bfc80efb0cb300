//! Where one frame of HTTP/2 ends and the next begins (RFC 9113, 4.1), in bytes that pass in pieces. Of what
//! is in them it knows no more than their kinds.

/// The length of a frame's head: length, kind, flags, stream.
pub(super) const HEAD: usize = 9;
/// What a payload may be at most, as long as nobody has said that it may be more.
pub(super) const PAYLOAD: usize = 1 << 14;
/// What a client says first.
const PREFACE: usize = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len();

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
const PUSH_PROMISE: u8 = 5;
pub(super) const CONTINUATION: u8 = 9;
/// No kind that anything was ever made of; whoever gets such a frame ignores it (RFC 9113, 5.5).
pub(super) const UNKNOWN: u8 = 0xfa;

/// The flag of a frame that the rest of its headers does not follow.
pub(super) const END_HEADERS: u8 = 4;

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) length: usize,
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: [u8; 4],
}

/// The place in a sequence of frames up to which they have passed.
#[derive(Clone, Debug, Default)]
pub(super) struct Frames {
    /// The beginning of a head.
    head: Vec<u8>,
    kind: u8,
    /// What is still to come of this frame.
    left: usize,
    /// Whether nothing but more headers may follow.
    is_in_headers: bool,
}

impl Head {
    /// Reads the head that the bytes begin with.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let [high, middle, low, kind, flags, stream @ ..] = *bytes.first_chunk::<HEAD>()?;
        let length = usize::try_from(u32::from_be_bytes([0, high, middle, low])).ok()?;
        Some(Self { length, kind, flags, stream })
    }

    /// Writes it. The length must be below 2^24.
    pub(super) fn bytes(&self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        let [.., high, middle, low] = self.length.to_be_bytes();
        bytes[..5].copy_from_slice(&[high, middle, low, self.kind, self.flags]);
        bytes[5..].copy_from_slice(&self.stream);
        bytes
    }
}

impl Frames {
    /// What a client sends.
    pub(super) fn of_client() -> Self {
        Self { left: PREFACE, kind: UNKNOWN, ..Self::default() }
    }

    /// Lets bytes pass, and says whether there was something of a DATA frame among them.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) -> bool {
        let mut is_data = false;
        while !bytes.is_empty() {
            let (this, rest) = bytes.split_at(self.next().min(bytes.len()));
            bytes = rest;
            if self.left > 0 {
                self.left -= this.len();
                is_data |= self.kind == DATA;
                continue;
            }
            self.head.extend_from_slice(this);
            if let Some(head) = Head::of(&self.head) {
                self.begin(head);
            }
        }
        is_data
    }

    /// How many bytes to the end of this payload, or of this head.
    pub(super) fn next(&self) -> usize {
        if self.left > 0 { self.left } else { HEAD - self.head.len() }
    }

    /// Whether a frame may begin here, of any kind.
    pub(super) fn is_between(&self) -> bool {
        self.is_at_head() && !self.is_in_headers
    }

    /// Whether the next byte is the first of a frame.
    pub(super) fn is_at_head(&self) -> bool {
        self.left == 0 && self.head.is_empty()
    }

    fn begin(&mut self, head: Head) {
        self.head.clear();
        (self.left, self.kind) = (head.length, head.kind);
        if matches!(head.kind, HEADERS | PUSH_PROMISE | CONTINUATION) {
            self.is_in_headers = head.flags & END_HEADERS == 0;
        }
    }
}
