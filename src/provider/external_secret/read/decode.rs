//! Conversion of keys and decoding of values, as the operator does both. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use zeroize::Zeroizing;

/// `conversionStrategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    Default,
    Unicode,
}

/// `decodingStrategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoding {
    None,
    Base64,
    Base64Url,
    Auto,
}

/// A key in the alphabet of Secrets, but for letters outside ASCII.
pub(super) fn convert(key: &str, conversion: Conversion) -> String {
    let mut out = String::new();
    for c in key.chars() {
        if c.is_alphanumeric() || matches!(c, '-' | '.' | '_') {
            out.push(c);
        } else if conversion == Conversion::Default {
            out.push('_');
        } else {
            let escaped = format!("_U{:04x}_", u32::from(c));
            out.push_str(&escaped);
        }
    }
    out
}

/// A value after decoding. The error says what is wrong, without the value.
pub(super) fn decode(value: &[u8], decoding: Decoding) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let without_lines = || {
        let kept = value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n'));
        Zeroizing::new(kept.collect::<Vec<u8>>())
    };
    let plain = || Zeroizing::new(value.to_vec());
    Ok(Zeroizing::new(match decoding {
        Decoding::None => return Ok(plain()),
        Decoding::Base64 => {
            STANDARD.decode(&*without_lines()).map_err(|_| "it is no padded Base64")?
        }
        Decoding::Base64Url => {
            URL_SAFE.decode(&*without_lines()).map_err(|_| "it is no padded Base64URL")?
        }
        Decoding::Auto => {
            let text = without_lines();
            let decoded = STANDARD.decode(&*text).or_else(|_| URL_SAFE.decode(&*text));
            let Ok(bytes) = decoded else { return Ok(plain()) };
            if std::str::from_utf8(&bytes).is_err() {
                return Err(
                    "`Auto` would make bytes of it that are no text; write Base64, Base64URL or None",
                );
            }
            bytes
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_converted_as_the_operator_does() {
        for (key, default, unicode) in [
            ("a b/c", "a_b_c", "a_U0020_b_U002f_c"),
            ("ü-1.x_y", "ü-1.x_y", "ü-1.x_y"),
            ("🐤", "_", "_U1f424_"),
        ] {
            assert_eq!(convert(key, Conversion::Default), default);
            assert_eq!(convert(key, Conversion::Unicode), unicode);
        }
    }
}
