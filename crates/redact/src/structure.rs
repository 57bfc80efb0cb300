//! What a value says about its own parts: a URL with a password, JSON with keys in it, a key in PEM,
//! escapes that a program will decode. It looks for nothing in a text.

use zeroize::Zeroizing;

use super::heads::Extent;
use super::policy::is_secret_key;
use super::targets::SHORTEST_PART;

/// Beginnings of values that anybody knows, and that betray nothing.
const PUBLIC_HEADS: [&[u8]; 16] = [
    b"-----BEGIN ",
    b"eyJ",
    b"ghp_",
    b"gho_",
    b"ghs_",
    b"github_pat_",
    b"glpat-",
    b"sk_live_",
    b"sk_test_",
    b"sk-",
    b"xoxb-",
    b"xoxp-",
    b"AKIA",
    b"npm_",
    b"hvs.",
    b"https://",
];

/// The number of bytes at the beginning of a value that are no secret.
pub(super) fn public_head(value: &[u8]) -> usize {
    if let Some((scheme, _)) = scheme(value) {
        return scheme.len() + 3;
    }
    if value.starts_with(b"-----BEGIN ") {
        return value.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    }
    PUBLIC_HEADS.iter().find(|head| value.starts_with(head)).map_or(0, |head| head.len())
}

/// A value of `key: value` without quotes, a comma and spaces around it.
fn unquoted(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    let value = value.strip_suffix(b",").unwrap_or(value).trim_ascii();
    match value {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        _ => value,
    }
}

/// Whether a part of a structured value looks like a key or a password, and like no word, address or
/// number.
pub(super) fn looks_secret(part: &[u8]) -> bool {
    if part.len() < SHORTEST_PART || part.len() > 1 << 20 {
        return false;
    }
    if part.starts_with(b"-----BEGIN ") {
        return true;
    }
    let count = |is: &dyn Fn(&u8) -> bool| part.iter().filter(|byte| is(byte)).count();
    if count(&u8::is_ascii_whitespace) > 0 {
        return false;
    }
    let is_address = part.contains(&b'@') || scheme(part).is_some();
    if is_address {
        return false;
    }
    let digits = count(&u8::is_ascii_digit);
    let (upper, lower) = (count(&u8::is_ascii_uppercase), count(&u8::is_ascii_lowercase));
    let signs = part.len() - digits - upper - lower;
    let mixed = digits > 0 && upper + lower > 0 && signs * 6 <= part.len();
    let cases = upper > 1 && lower > 1 && (digits > 0 || part.len() >= 20);
    let strange = signs > 0 && digits > 0 && upper > 0 && lower > 0;
    mixed && part.len() >= 12 || cases || strange
}

/// The scheme of a URL, and what follows `://`.
fn scheme(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = value.windows(3).take(32).position(|window| window == b"://")?;
    let (scheme, rest) = value.split_at(at);
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.:".contains(byte);
    let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic) && scheme.iter().all(known);
    is_scheme.then(|| (scheme, rest.get(3..).unwrap_or(&[])))
}

/// The value with its own escapes decoded: backslashes of a string literal, `%XX` of a URL.
pub(super) fn decoded(value: &[u8]) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
    let literal = value.contains(&b'\\').then(|| unescaped(value));
    let percent = value.contains(&b'%').then(|| percent_decoded(value));
    let changed = |decoded: &Zeroizing<Vec<u8>>| decoded.as_slice() != value;
    let found: Vec<_> = literal.into_iter().chain(percent).filter(changed).collect();
    found.into_iter()
}

/// Decodes the escapes of JSON; others stay.
fn unescaped(value: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(value.len()));
    let mut rest = value;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let Some((letter, behind)) = after.split_first().filter(|_| *byte == b'\\') else {
            out.push(*byte);
            continue;
        };
        if let Some((character, behind)) = unicode(after) {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            rest = behind;
            continue;
        }
        let decoded = match letter {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 0x08,
            b'f' => 0x0c,
            b'"' | b'\\' | b'/' | b'\'' => *letter,
            _ => {
                out.push(*byte);
                continue;
            }
        };
        out.push(decoded);
        rest = behind;
    }
    out
}

/// `uNNNN`, perhaps with a second half, and what follows.
fn unicode(text: &[u8]) -> Option<(char, &[u8])> {
    let code = |text: &[u8]| {
        let digits = text.strip_prefix(b"u")?.get(..4)?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let first = code(text)?;
    let rest = text.get(5..)?;
    if (0xd800..0xdc00).contains(&first) {
        let low =
            code(rest.strip_prefix(b"\\")?)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        return Some((char::from_u32(0x10000 + ((first - 0xd800) << 10) + low)?, rest.get(6..)?));
    }
    Some((char::from_u32(first)?, rest))
}

fn percent_decoded(value: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(value.len()));
    let mut rest = value;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let digits =
            after.get(..2).filter(|_| *byte == b'%').and_then(|d| std::str::from_utf8(d).ok());
        if let Some(decoded) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            out.push(decoded);
            rest = after.get(2..).unwrap_or(&[]);
        } else {
            out.push(*byte);
        }
    }
    out
}

/// The value as programs escape it before they encode it in base64: in JSON, and in Latin-1.
pub(super) fn escaped(value: &[u8]) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
    let Ok(text) = std::str::from_utf8(value) else { return Vec::new().into_iter() };
    let mut found = Vec::new();
    let special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    if value.iter().copied().any(special) || !text.is_ascii() {
        for ascii in [false, true] {
            found.push(json(text, ascii));
        }
    }
    if !text.is_ascii() {
        let latin: Option<Vec<u8>> =
            text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        found.extend(latin.map(Zeroizing::new));
    }
    found.retain(|escaped| escaped.as_slice() != value);
    found.into_iter()
}

fn json(text: &str, ascii: bool) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(2 * text.len()));
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            _ if character < ' ' || ascii && !character.is_ascii() => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
            _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out
}

/// Gives the parts of a structured value that are secret by themselves.
pub(super) fn parts(value: &[u8], give: &mut impl FnMut(&[u8], Extent)) {
    if let Some((_, rest)) = scheme(value) {
        url(rest, give);
        return;
    }
    let first = value.trim_ascii_start().first();
    let opens = first == Some(&b'{') || first == Some(&b'[');
    if opens && let Ok(document) = serde_json::from_slice::<serde_json::Value>(value) {
        return leaves(&document, give);
    }
    if value.contains(&b'\n') && !value.starts_with(b"-----") {
        for line in value.split(|byte| *byte == b'\n') {
            if let Some(at) = line.iter().position(|byte| b":=".contains(byte)) {
                let part = unquoted(line.get(at + 1..).unwrap_or(&[]));
                let key = std::str::from_utf8(line.get(..at).unwrap_or(&[])).unwrap_or_default();
                if looks_secret(part) || is_secret_key(key) {
                    give(part, Extent::Text);
                }
            }
        }
    }
}

/// Of a URL behind its scheme: its password, as it is and decoded, and all but its scheme or path.
fn url(rest: &[u8], give: &mut impl FnMut(&[u8], Extent)) {
    let end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if let Some(at) = authority.iter().rposition(|byte| *byte == b'@') {
        let user = authority.get(..at).unwrap_or(&[]);
        if let Some(colon) = user.iter().position(|byte| *byte == b':') {
            let password = user.get(colon + 1..).unwrap_or(&[]);
            give(password, Extent::All);
            give(&percent_decoded(password), Extent::All);
            give(rest, Extent::Text);
            give(authority, Extent::Text);
            give(user, Extent::Text);
        } else if looks_secret(user) {
            give(user, Extent::All);
        }
    }
    for part in path.split(|byte| b"/?#&;".contains(byte)) {
        let part = part.splitn(2, |byte| *byte == b'=').last().unwrap_or(&[]);
        if looks_secret(part) {
            give(part, Extent::All);
            give(&percent_decoded(part), Extent::All);
        }
    }
}

fn leaves(document: &serde_json::Value, give: &mut impl FnMut(&[u8], Extent)) {
    match document {
        serde_json::Value::String(text) if looks_secret(text.as_bytes()) => {
            give(text.as_bytes(), Extent::All);
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| leaves(item, give)),
        serde_json::Value::Object(fields) => fields.iter().for_each(|(key, item)| match item {
            serde_json::Value::String(text) if is_secret_key(key) => {
                give(text.as_bytes(), Extent::All);
            }
            _ => leaves(item, give),
        }),
        _ => {}
    }
}
