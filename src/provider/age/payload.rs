//! The content of an age file: chunks of 64 KiB, each encrypted with ChaCha20-Poly1305 under a counter and a
//! mark of the last one. Nothing is returned unless all of it is authentic.

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use zeroize::Zeroizing;

use super::error::Error;
use super::header::{FileKey, derive};

const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
const NONCE: usize = 16;

/// Decrypts what follows the header.
pub(super) fn decrypt(key: &FileKey, payload: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (nonce, sealed) = payload.split_at_checked(NONCE).ok_or(Error::Payload)?;
    let mut payload_key = Zeroizing::new([0; 32]);
    derive(Some(nonce), key.as_slice(), b"payload", payload_key.as_mut_slice());
    let cipher = ChaCha20Poly1305::new((&*payload_key).into());
    // Of the right size from the start: a growing buffer would leave copies behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    let count = sealed.len().div_ceil(CHUNK + TAG).max(1);
    for (at, chunk) in (0_u64..).zip(Chunks(Some(sealed))) {
        let is_last = usize::try_from(at).is_ok_and(|at| at + 1 == count);
        let (body, tag) = chunk.split_last_chunk::<TAG>().ok_or(Error::Payload)?;
        // Only an empty file has an empty chunk.
        if body.is_empty() && at > 0 {
            return Err(Error::Payload);
        }
        let start = plain.len();
        plain.extend_from_slice(body);
        let output = plain.get_mut(start..).unwrap_or_default();
        cipher
            .decrypt_inout_detached(
                &chunk_nonce(at, is_last).into(),
                &[],
                output.into(),
                tag.into(),
            )
            .map_err(|_| Error::Payload)?;
    }
    Ok(plain)
}

fn chunk_nonce(at: u64, is_last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    if let Some(counter) = nonce.get_mut(3..11) {
        counter.copy_from_slice(&at.to_be_bytes());
    }
    nonce[11] = u8::from(is_last);
    nonce
}

/// The chunks of a payload: at least one, which may be empty.
struct Chunks<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Chunks<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let left = self.0.take()?;
        let (chunk, rest) = left.split_at_checked(CHUNK + TAG).unwrap_or((left, &[]));
        self.0 = (!rest.is_empty()).then_some(rest);
        Some(chunk)
    }
}
