//! All that is looked for, in order and each once, in memory that is wiped. It decides neither which
//! forms there are nor how they are found.

use super::encoding::Encodings;
use super::error::Error;
use super::form::{self, Sink};
use super::index;
use crate::secret::Value;
use crate::sys::memory::ProtectedWords;

/// The most bytes that all forms together may have: a bound on memory, far above any environment.
const MOST_BYTES: usize = 1 << 26;
/// The most forms there may be.
const MOST_FORMS: usize = 1 << 22;

/// Where a form is, and whose it is.
#[derive(Clone, Copy)]
struct Span {
    begin: u32,
    length: u32,
    owner: u32,
}

/// The forms of all values, sorted by their bytes.
pub(super) struct Forms {
    bytes: ProtectedWords,
    spans: Vec<Span>,
}

impl Forms {
    /// Writes the forms of these values that have at least `min` bytes. Of values with a form in
    /// common, the first owns it.
    pub(super) fn new(values: &[&Value], encodings: Encodings, min: usize) -> Result<Self, Error> {
        let mut room = Room { bytes: 0, forms: 0 };
        for value in values {
            form::all(value.expose(), encodings, &mut room);
        }
        if room.bytes > MOST_BYTES || room.forms >= MOST_FORMS {
            return Err(Error::TooLarge);
        }
        let mut bytes = ProtectedWords::locked(room.bytes.div_ceil(4))?;
        let spans = Vec::with_capacity(room.forms);
        let mut page =
            Page { bytes: bytes.bytes_mut(), used: 0, begin: 0, spans, of_owner: 0, owner: 0, min };
        for (owner, value) in (0..).zip(values) {
            page.owner = owner;
            page.of_owner = page.spans.len();
            form::all(value.expose(), encodings, &mut page);
        }
        let mut forms = Self { spans: page.spans, bytes };
        let text = forms.bytes.bytes();
        let key = |span: &Span| (slice(text, *span), span.owner);
        forms.spans.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        forms.spans.dedup_by(|later, first| slice(text, *later) == slice(text, *first));
        Ok(forms)
    }

    /// The number of forms.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The forms in order, each with the number of its owner.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], u32)> {
        self.spans.iter().map(|span| (slice(self.bytes.bytes(), *span), span.owner))
    }

    /// The length of the longest form.
    pub(super) fn longest(&self) -> usize {
        self.spans.iter().map(|span| index(span.length)).max().unwrap_or(0)
    }
}

fn slice(text: &[u8], span: Span) -> &[u8] {
    text.get(index(span.begin)..).and_then(|rest| rest.get(..index(span.length))).unwrap_or(&[])
}

/// Counts what will be written.
struct Room {
    bytes: usize,
    forms: usize,
}

impl Sink for Room {
    fn put(&mut self, bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(bytes.len());
    }

    fn end(&mut self) {
        self.forms += 1;
    }
}

/// Keeps what is written.
struct Page<'a> {
    bytes: &'a mut [u8],
    used: usize,
    /// Where the form that is being written begins.
    begin: usize,
    spans: Vec<Span>,
    /// How many forms there were before this owner's.
    of_owner: usize,
    owner: u32,
    min: usize,
}

impl Sink for Page<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.used + bytes.len();
        if let Some(room) = self.bytes.get_mut(self.used..end) {
            room.copy_from_slice(bytes);
        }
        self.used = end;
    }

    fn end(&mut self) {
        let form = self.bytes.get(self.begin..self.used).unwrap_or(&[]);
        let before = self.spans.get(self.of_owner..).unwrap_or(&[]);
        let again = before.iter().any(|span| slice(self.bytes, *span) == form);
        let (Ok(begin), Ok(length)) = (u32::try_from(self.begin), u32::try_from(form.len())) else {
            return;
        };
        if again || form.is_empty() || form.len() < self.min {
            self.used = self.begin;
        } else {
            self.spans.push(Span { begin, length, owner: self.owner });
        }
        self.begin = self.used;
    }
}
