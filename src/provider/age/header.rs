//! The header of an age file: one stanza for each recipient, and a MAC under the file key.
//!
//! ```text
//! age-encryption.org/v1
//! -> TYPE ARGUMENT...
//! base64 of the wrapped file key, in lines of 64 characters, the last one shorter
//! --- base64 of the MAC
//! payload
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hkdf::Hkdf;
use ring::hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error::Error;

const INTRO: &[u8] = b"age-encryption.org/v1\n";
const FOOTER: &str = "---";
const STANZA: &str = "-> ";
const COLUMNS: usize = 64;

/// The most recipients that are read.
const MAX_STANZAS: usize = 1024;

/// The key of one file.
pub(super) type FileKey = Zeroizing<[u8; 16]>;

/// A parsed header.
pub(super) struct Header<'a> {
    pub(super) stanzas: Vec<Stanza<'a>>,
    /// What the MAC covers.
    signed: &'a [u8],
    mac: Vec<u8>,
    /// What follows it.
    pub(super) payload: &'a [u8],
}

/// The file key, wrapped for one recipient.
pub(super) struct Stanza<'a> {
    pub(super) kind: &'a str,
    pub(super) arguments: Vec<&'a str>,
    pub(super) body: Vec<u8>,
}

/// Decodes base64 as a header has it: without padding and without unused bits.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text).ok()
}

impl<'a> Header<'a> {
    /// Parses the header of a binary age file.
    pub(super) fn parse(file: &'a [u8]) -> Result<Self, Error> {
        let mut rest = file.strip_prefix(INTRO).ok_or(Error::NotAge)?;
        let mut stanzas = Vec::new();
        loop {
            let before = rest;
            let line = take_line(&mut rest)?;
            if let Some(mac) = line.strip_prefix(FOOTER) {
                let mac = mac.strip_prefix(' ').and_then(decode).filter(|mac| mac.len() == 32);
                let mac = mac.ok_or(Error::Header("its last line is malformed"))?;
                let signed = file.len() - before.len() + FOOTER.len();
                let signed = file.get(..signed).unwrap_or_default();
                return Ok(Self { stanzas, signed, mac, payload: rest });
            }
            if stanzas.len() == MAX_STANZAS {
                return Err(Error::Header("it has too many recipients"));
            }
            stanzas.push(stanza(line, &mut rest)?);
        }
    }

    /// Whether the header was made with this file key.
    pub(super) fn verify(&self, key: &FileKey) -> Result<(), Error> {
        let mut mac_key = Zeroizing::new([0; 32]);
        derive(None, key.as_slice(), b"header", mac_key.as_mut_slice());
        let key = hmac::Key::new(hmac::HMAC_SHA256, mac_key.as_slice());
        hmac::verify(&key, self.signed, &self.mac).map_err(|_| Error::HeaderMac)
    }
}

/// Fills `output` by HKDF-SHA-256.
pub(super) fn derive(salt: Option<&[u8]>, secret: &[u8], info: &[u8], output: &mut [u8]) {
    // Only more than 255 blocks are an error.
    let _expanded = Hkdf::<Sha256>::new(salt, secret).expand(info, output);
}

fn take_line<'a>(rest: &mut &'a [u8]) -> Result<&'a str, Error> {
    let end = rest.iter().position(|&byte| byte == b'\n');
    let end = end.ok_or(Error::Header("it is cut short"))?;
    let (line, after) = rest.split_at(end);
    *rest = after.get(1..).unwrap_or_default();
    std::str::from_utf8(line).map_err(|_| Error::Header("it is not text"))
}

fn stanza<'a>(line: &'a str, rest: &mut &'a [u8]) -> Result<Stanza<'a>, Error> {
    let malformed = Error::Header("a recipient is malformed");
    let mut words = line.strip_prefix(STANZA).ok_or(malformed.clone())?.split(' ');
    let is_valid =
        |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic());
    let kind = words.next().filter(is_valid).ok_or(malformed.clone())?;
    let arguments: Vec<&str> = words.collect();
    if !arguments.iter().all(is_valid) {
        return Err(malformed);
    }
    let mut body = Vec::new();
    loop {
        let line = take_line(rest)?;
        let bytes = decode(line).filter(|_| line.len() <= COLUMNS).ok_or(malformed.clone())?;
        body.extend_from_slice(&bytes);
        if line.len() < COLUMNS {
            return Ok(Stanza { kind, arguments, body });
        }
    }
}
