//! What stands in the head of a request for a token, as far as the libraries see it: they copy heads into
//! buffers that they keep. The token takes its place in what they hand on, which is in protected memory and
//! goes as soon as it is sent. Nothing is sent here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::header::HeaderValue;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::frames::{CONTINUATION, END_HEADERS, Frames, HEAD, HEADERS, Head, PAYLOAD};
use crate::secret::Value;

/// The characters whose Huffman code (RFC 7541, Appendix B) is their place in this list, in five bits.
const ALPHABET: &[u8; 8] = b"012aceio";
const LENGTH: usize = 32;
const BITS: usize = 5;
const CODED: usize = LENGTH * BITS / 8;

const SCHEME: &[u8] = b"Bearer ";

/// Random text: 96 bits, so that nobody gets the token to where they wrote the text before.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Text([u8; LENGTH]);

/// The placeholders of a connection that may still be sent, and the tokens that they are for.
#[derive(Clone, Default)]
pub(super) struct Placeholders(Arc<Mutex<Vec<(Text, Value)>>>);

/// A placeholder, for as long as it may be sent.
pub(super) struct Placeholder {
    text: Text,
    placeholders: Placeholders,
}

impl Placeholders {
    /// Makes one. None if the system gives no random bytes.
    pub(super) fn add(&self, token: Value) -> Option<Placeholder> {
        let text = Text::new()?;
        self.lock().push((text, token));
        Some(Placeholder { text, placeholders: self.clone() })
    }

    /// What to send in place of these bytes of HTTP/1, where they hold a placeholder.
    pub(super) fn in_http1(&self, bytes: &[u8]) -> Option<Value> {
        let (at, token) = take(&mut self.lock(), |text| find(bytes, &text.0))?;
        let (before, after) = (&bytes[..at], &bytes[at + LENGTH..]);
        Some(Value::new([before, SCHEME, token.expose(), after].concat()))
    }

    /// What to send in place of these bytes of HTTP/2, where they hold a placeholder. Their first byte is the
    /// one after those that have passed.
    pub(super) fn in_http2(&self, passed: &Frames, bytes: &[u8]) -> Option<Value> {
        let mut tokens = self.lock();
        if tokens.is_empty() {
            return None;
        }
        let (mut frames, mut rest, mut sent) = (passed.clone(), bytes, Zeroizing::new(Vec::new()));
        let mut is_found = false;
        // Enough, so that it does not move while it grows.
        let grown = |(_, token): &(_, Value)| token.len() + (token.len() / PAYLOAD + 4) * HEAD;
        sent.reserve(bytes.len() + tokens.iter().map(grown).sum::<usize>());
        while !rest.is_empty() {
            let whole = Head::of(rest).filter(|_| frames.is_at_head());
            let length = whole.map_or(frames.next(), |head| HEAD + head.length);
            let (frame, after) = rest.split_at(length.min(rest.len()));
            if let Some((head, payload)) =
                whole.and_then(|head| Some((head, replaced(head, frame, &mut tokens)?)))
            {
                is_found = true;
                write(head, &payload, &mut sent);
            } else {
                sent.extend_from_slice(frame);
            }
            frames.pass(frame);
            rest = after;
        }
        is_found.then(|| Value::from(sent.as_slice()))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Text, Value)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Placeholder {
    /// The header that stands for `Bearer TOKEN`.
    pub(super) fn header(&self) -> HeaderValue {
        let mut header = HeaderValue::from_bytes(&self.text.0).expect("letters and digits");
        // HTTP/2 then keeps it in no table, where it would be found again.
        header.set_sensitive(true);
        header
    }
}

impl Drop for Placeholder {
    fn drop(&mut self) {
        self.placeholders.lock().retain(|(text, _)| *text != self.text);
    }
}

impl Text {
    fn new() -> Option<Self> {
        let mut text = [0; LENGTH];
        SystemRandom::new().fill(&mut text).ok()?;
        Some(Self(text.map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()])))
    }

    /// As a string of HPACK (RFC 7541, 5.2): a bit for Huffman, the length, the codes.
    fn coded(&self) -> [u8; 1 + CODED] {
        let mut coded = [0; 1 + CODED];
        coded[0] = 0x80 | low_bits(CODED);
        for (place, character) in self.0.iter().enumerate() {
            let code = ALPHABET.iter().position(|it| it == character).unwrap_or_default();
            for bit in 0..BITS {
                let (at, is_set) = (place * BITS + bit, code >> (BITS - 1 - bit) & 1 == 1);
                coded[1 + at / 8] |= if is_set { 0x80 >> (at % 8) } else { 0 };
            }
        }
        coded
    }
}

/// The token whose placeholder is found, and where that is. It is sent once.
fn take(
    tokens: &mut Vec<(Text, Value)>,
    find: impl Fn(&Text) -> Option<usize>,
) -> Option<(usize, Value)> {
    let mut found = tokens.iter().enumerate().map(|(n, (text, _))| (find(text), n));
    let (at, n) = found.find_map(|(at, n)| Some((at?, n)))?;
    Some((at, tokens.swap_remove(n).1))
}

/// The payload of a frame of headers with the token in it, where it holds a placeholder.
fn replaced(
    head: Head,
    frame: &[u8],
    tokens: &mut Vec<(Text, Value)>,
) -> Option<Zeroizing<Vec<u8>>> {
    let payload = &frame[HEAD..];
    if !matches!(head.kind, HEADERS | CONTINUATION) || payload.len() < head.length {
        return None;
    }
    let (at, token) = take(tokens, |text| find(payload, &text.coded()))?;
    let (before, after) = (&payload[..at], &payload[at + 1 + CODED..]);
    let length = length(SCHEME.len() + token.len());
    Some(Zeroizing::new([before, &length, SCHEME, token.expose(), after].concat()))
}

/// The length of a string of HPACK that is written as it is (RFC 7541, 5.1 and 5.2).
fn length(length: usize) -> Vec<u8> {
    const MOST: usize = 127;
    let Some(mut rest) = length.checked_sub(MOST) else { return vec![low_bits(length)] };
    let mut bytes = vec![low_bits(MOST)];
    while rest >= 128 {
        bytes.push(0x80 | low_bits(rest));
        rest >>= 7;
    }
    bytes.push(low_bits(rest));
    bytes
}

fn low_bits(number: usize) -> u8 {
    let [.., last] = number.to_be_bytes();
    last & 0x7f
}

/// Writes a payload of headers in as many frames as it takes (RFC 9113, 6.10).
fn write(head: Head, payload: &[u8], sent: &mut Vec<u8>) {
    let pieces = payload.chunks(PAYLOAD);
    let last = pieces.len() - 1;
    for (n, piece) in pieces.enumerate() {
        let kind = if n == 0 { head.kind } else { CONTINUATION };
        let begins = if n == 0 { head.flags & !END_HEADERS } else { 0 };
        let ends = if n == last { head.flags & END_HEADERS } else { 0 };
        let head = Head { length: piece.len(), kind, flags: begins | ends, ..head };
        sent.extend_from_slice(&head.bytes());
        sent.extend_from_slice(piece);
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
