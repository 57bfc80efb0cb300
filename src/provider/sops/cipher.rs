//! A sealed value, `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`: its parts, and how it is opened.

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::aead::consts::{U8, U12, U16, U20, U24, U32, U48, U64};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::provider::document::{Scalar, ScalarKind, timestamp, written_float};

/// The key that all values of a file are sealed with.
pub(super) type DataKey = Zeroizing<[u8; 32]>;

/// Why a value is not opened. It carries no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it is not encrypted, but the rules of the file demand it")]
    Plain,
    #[error("it is not of the form ENC[AES256_GCM,…], or has something around that")]
    Form,
    #[error("it is not authentic: it was changed, moved, or sealed with another key")]
    NotAuthentic,
    #[error("its IV has a length that hushed does not support")]
    Iv,
    #[error("it has an unknown type")]
    Type,
    #[error("its content is not of its type")]
    Content,
    #[error("it is a comment, not a value")]
    Comment,
}

/// The text that begins a sealed value.
const PREFIX: &str = "ENC[AES256_GCM,data:";

/// An opened value: as it is, and as the MAC covers it.
pub(super) struct Opened {
    pub(super) scalar: Scalar,
    pub(super) hashed: Zeroizing<Vec<u8>>,
}

/// Opens a sealed value; its path is authenticated with it.
pub(super) fn open(sealed: &str, key: &DataKey, path: &str) -> Result<Opened, Fault> {
    let form = sealed.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(']'));
    let form = form.ok_or(if sealed.contains(PREFIX) { Fault::Form } else { Fault::Plain })?;
    let (data, rest) = form.split_once(",iv:").ok_or(Fault::Form)?;
    let (iv, rest) = rest.split_once(",tag:").ok_or(Fault::Form)?;
    let (tag, kind) = rest.split_once(",type:").ok_or(Fault::Form)?;
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| Fault::Form);
    let (iv, tag) = (decode(iv)?, decode(tag)?);
    let tag: [u8; 16] = tag.try_into().map_err(|_| Fault::Form)?;
    // It is decrypted in place.
    let mut data = Zeroizing::new(decode(data)?);
    if data.is_empty() {
        return Err(Fault::Form);
    }
    decrypt(key, &iv, path.as_bytes(), &mut data, &tag)?;
    typed(kind, data)
}

/// Seals a value with its path, as sops does: with an IV of 32 bytes. `None` without randomness.
pub(super) fn seal(value: &[u8], kind: &str, key: &DataKey, path: &str) -> Option<String> {
    let mut iv = [0; 32];
    SystemRandom::new().fill(&mut iv).ok()?;
    // sops writes booleans so.
    let text = match (kind, value) {
        ("bool", b"true") => &b"True"[..],
        ("bool", b"false") => b"False",
        _ => value,
    };
    let mut data = Zeroizing::new(text.to_vec());
    let cipher = AesGcm::<Aes256, U32>::new((&**key).into());
    let tag = cipher
        .encrypt_inout_detached((&iv).into(), path.as_bytes(), data.as_mut_slice().into())
        .ok()?;
    let [data, iv, tag] = [data.as_slice(), &iv, &tag].map(|bytes| STANDARD.encode(bytes));
    Some(format!("{PREFIX}{data},iv:{iv},tag:{tag},type:{kind}]"))
}

macro_rules! decrypt_by_length {
    ($key:ident, $iv:ident, $aad:ident, $data:ident, $tag:ident, [$($length:ident),*]) => {
        $(
            if let Ok(nonce) = $iv.try_into() {
                return AesGcm::<Aes256, $length>::new((&**$key).into())
                    .decrypt_inout_detached(nonce, $aad, $data.into(), $tag.into())
                    .map_err(|_| Fault::NotAuthentic);
            }
        )*
    };
}

/// AES-256-GCM. sops writes IVs of 32 bytes, and reads any length.
fn decrypt(
    key: &DataKey,
    iv: &[u8],
    aad: &[u8],
    data: &mut [u8],
    tag: &[u8; 16],
) -> Result<(), Fault> {
    decrypt_by_length!(key, iv, aad, data, tag, [U32, U12, U16, U8, U20, U24, U48, U64]);
    Err(Fault::Iv)
}

/// Checks that a text is of its type, and puts it in the one spelling of its type.
fn typed(kind: &str, text: Zeroizing<Vec<u8>>) -> Result<Opened, Fault> {
    let as_text = || std::str::from_utf8(&text).map_err(|_| Fault::Content);
    let scalar = |kind, text: String| Scalar { kind, text: Zeroizing::new(text.into_bytes()) };
    Ok(match kind {
        "str" | "bytes" => {
            let hashed = text.clone();
            return Ok(Opened { scalar: Scalar { kind: ScalarKind::Text, text }, hashed });
        }
        "int" => same(scalar(ScalarKind::Number, integer(as_text()?).ok_or(Fault::Content)?)),
        "float" => {
            let number: f64 = as_text()?.parse().map_err(|_| Fault::Content)?;
            same(scalar(ScalarKind::Number, written_float(number)))
        }
        "time" => {
            let time = timestamp::rfc3339(as_text()?).ok_or(Fault::Content)?;
            same(scalar(ScalarKind::Time, time))
        }
        "bool" => match as_text()? {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => boolean(true),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => boolean(false),
            _ => return Err(Fault::Content),
        },
        "comment" => return Err(Fault::Comment),
        _ => return Err(Fault::Type),
    })
}

/// A value that the file holds openly.
pub(super) fn plain(scalar: &Scalar) -> Result<Opened, Fault> {
    let text = Zeroizing::new(scalar.text.to_vec());
    let as_text = || std::str::from_utf8(&scalar.text).map_err(|_| Fault::Content);
    match scalar.kind {
        ScalarKind::Text => typed("str", text),
        ScalarKind::Time => typed("time", text),
        ScalarKind::Bool => typed("bool", text),
        ScalarKind::Number => {
            typed(if integer(as_text()?).is_some() { "int" } else { "float" }, text)
        }
    }
}

fn same(scalar: Scalar) -> Opened {
    let hashed = Zeroizing::new(scalar.text.to_vec());
    Opened { scalar, hashed }
}

fn boolean(value: bool) -> Opened {
    let (text, hashed): (&[u8], &[u8]) =
        if value { (b"true", b"True") } else { (b"false", b"False") };
    let scalar = Scalar { kind: ScalarKind::Bool, text: Zeroizing::new(text.to_vec()) };
    Opened { scalar, hashed: Zeroizing::new(hashed.to_vec()) }
}

/// A whole number of 64 bits, in decimal.
fn integer(text: &str) -> Option<String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = text.parse().ok().filter(|_| is_decimal)?;
    Some(number.to_string())
}
