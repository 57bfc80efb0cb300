//! What is said in HTTP/2 that should not be, as a function of the stream. Must not do anything.

use crate::support::frames::frame;

// Types and flags of frames (RFC 9113, section 6), and why something ends (section 7).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const GOAWAY: u8 = 7;
const END_HEADERS: u8 = 4;
const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;

pub(super) fn nothing(_: u32) -> Vec<u8> {
    Vec::new()
}

/// HTTP/1.1, as a frame: of a length that none may have.
pub(super) fn text(_: u32) -> Vec<u8> {
    b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".to_vec()
}

/// Data of no stream.
pub(super) fn stray(_: u32) -> Vec<u8> {
    frame(DATA, 0, 0, b"canary")
}

/// A head that HPACK has no such names for.
pub(super) fn no_hpack(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &[0xff; 12])
}

/// A frame of which half is there.
pub(super) fn half(stream: u32) -> Vec<u8> {
    let mut whole = frame(DATA, 0, stream, &[b'c'; 100]);
    whole.truncate(60);
    whole
}

/// Half of a head.
pub(super) fn half_head(stream: u32) -> Vec<u8> {
    let mut whole = frame(HEADERS, END_HEADERS, stream, &[0x88; 100]);
    whole.truncate(60);
    whole
}

fn go_away(last: u32, why: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), why.to_be_bytes()].concat())
}

/// The server takes no further requests, but answers this one.
pub(super) fn last_one(stream: u32) -> Vec<u8> {
    go_away(stream, NO_ERROR)
}

/// The server has not begun with this one.
pub(super) fn too_late(_: u32) -> Vec<u8> {
    go_away(0, NO_ERROR)
}

pub(super) fn broken(stream: u32) -> Vec<u8> {
    go_away(stream, INTERNAL_ERROR)
}

pub(super) fn reset(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &INTERNAL_ERROR.to_be_bytes())
}

pub(super) fn refused(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &REFUSED_STREAM.to_be_bytes())
}
