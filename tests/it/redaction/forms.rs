//! Written forms against what is obviously right: mixed escapes against the slow reference, and values that
//! a program wrote in one style, with other text around them.
//!
//! With `HUSHED_FUZZ_SECONDS` set, cases are tried for so long, from a seed that is told.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hushed::redact::{Encoding, Encodings, RedactionRules};

use super::random::Random;
use super::reference::{CHARACTERS, PIECES, redacted};
use super::{compile, whole};

/// Tries a few values on one text, cut in several ways.
fn try_one(random: &mut Random) {
    let mut values: Vec<Vec<u8>> = Vec::new();
    for _ in 0..=random.below(3) {
        let length = 4 + random.below(8);
        values.push((0..length).map(|_| CHARACTERS[random.below(CHARACTERS.len())]).collect());
    }
    let mut text = Vec::new();
    for _ in 0..random.below(40) {
        if random.below(3) == 0 {
            let value = &values[random.below(values.len())];
            for character in &value[random.below(value.len())..] {
                let escaped = !character.is_ascii_alphanumeric() && random.below(2) == 0;
                let lead = ["%", "=", "%25", "%u00"][random.below(4)];
                if escaped {
                    text.extend_from_slice(format!("{lead}{character:02X}").as_bytes());
                } else {
                    text.push(*character);
                }
            }
        } else {
            text.extend_from_slice(PIECES[random.below(PIECES.len())].as_bytes());
        }
    }
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    let encodings: Encodings = [Encoding::Percent].into_iter().collect();
    let patterns =
        compile(&values, &RedactionRules { encodings, min: 4, ..RedactionRules::default() });
    let labels: Vec<String> = (0..values.len()).map(|n| format!("[hushed:S{n}]")).collect();
    let want = redacted(&text, &values, &labels);
    for _ in 0..4 {
        let chunks = random.cut(&text);
        let got = whole(&patterns, &chunks);
        let story = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            got == want,
            "values {}\nchunks {}\ngot    {}\nwant   {}",
            story(&values.join(&b'|')),
            story(&chunks.join(&b'|')),
            story(&got),
            story(&want)
        );
    }
}

#[test]
fn mixed_escapes_agree_with_the_reference_however_they_are_cut() {
    let mut random = Random::new(2);
    (0..1_500).for_each(|_| try_one(&mut random));
}

#[test]
fn mixed_escapes_agree_for_as_long_as_is_asked() {
    let Ok(seconds) = std::env::var("HUSHED_FUZZ_SECONDS") else {
        return println!("skipped: HUSHED_FUZZ_SECONDS is not set");
    };
    let until = Instant::now() + Duration::from_secs(seconds.parse().unwrap());
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    println!("seed {seed}");
    let mut random = Random::new(seed);
    while Instant::now() < until {
        try_one(&mut random);
    }
}

/// Writes a value in one style, as programs do.
type Style = (&'static str, fn(&[u8]) -> Vec<u8>);

fn each(value: &[u8], write: impl Fn(u8) -> String) -> Vec<u8> {
    value.iter().map(|byte| write(*byte)).collect::<String>().into_bytes()
}

/// The same of signs only.
fn signs(value: &[u8], write: impl Fn(char) -> String) -> Vec<u8> {
    each(value, |byte| match char::from(byte) {
        letter if letter.is_ascii_alphanumeric() => letter.to_string(),
        sign => write(sign),
    })
}

fn joined(value: &[u8], separator: &str, write: impl Fn(u8) -> String) -> Vec<u8> {
    value.iter().map(|byte| write(*byte)).collect::<Vec<_>>().join(separator).into_bytes()
}

fn wrapped(value: &[u8], width: usize, by: &str) -> Vec<u8> {
    value.chunks(width).collect::<Vec<_>>().join(by.as_bytes())
}

const STYLES: [Style; 32] = [
    ("raw", <[u8]>::to_vec),
    ("percent", |v| each(v, |b| format!("%{b:02x}"))),
    ("percent of signs", |v| signs(v, |c| format!("%{:02X}", u32::from(c)))),
    ("percent twice", |v| signs(v, |c| format!("%25{:02X}", u32::from(c)))),
    ("quoted-printable", |v| each(v, |b| format!("={b:02X}"))),
    ("\\x", |v| each(v, |b| format!("\\x{b:02x}"))),
    ("\\x of signs", |v| signs(v, |c| format!("\\x{:02x}", u32::from(c)))),
    ("\\u", |v| each(v, |b| format!("\\u{b:04x}"))),
    ("\\u of signs", |v| signs(v, |c| format!("\\u{:04X}", u32::from(c)))),
    ("\\u{}", |v| signs(v, |c| format!("\\u{{{:x}}}", u32::from(c)))),
    ("octal", |v| signs(v, |c| format!("\\{:03o}", u32::from(c)))),
    ("backslashes", |v| signs(v, |c| format!("\\{c}"))),
    ("three backslashes", |v| signs(v, |c| format!("\\\\\\{c}"))),
    ("decimal entities", |v| signs(v, |c| format!("&#{};", u32::from(c)))),
    ("hexadecimal entities", |v| each(v, |b| format!("&#x{b:x};"))),
    ("hex", |v| joined(v, "", |b| format!("{b:02x}"))),
    ("upper hex", |v| joined(v, "", |b| format!("{b:02X}"))),
    ("hex with spaces", |v| joined(v, " ", |b| format!("{b:02x}"))),
    ("hex with colons", |v| joined(v, ":", |b| format!("{b:02X}"))),
    ("0x", |v| joined(v, ", ", |b| format!("0x{b:02x}"))),
    ("decimal bytes", |v| joined(v, ", ", |b| b.to_string())),
    ("octal bytes", |v| joined(v, " ", |b| format!("{b:03o}"))),
    ("base64", |v| STANDARD.encode(v).into_bytes()),
    ("base64url", |v| URL_SAFE_NO_PAD.encode(v).into_bytes()),
    ("base64 of base64", |v| STANDARD.encode(STANDARD.encode(v)).into_bytes()),
    ("base64, wrapped", |v| wrapped(STANDARD.encode(v).as_bytes(), 20, "\n")),
    ("wrapped", |v| wrapped(v, 17, "\n    ")),
    ("wrapped with backslashes", |v| wrapped(v, 18, "\\\n")),
    ("soft line breaks", |v| wrapped(v, 19, "=\r\n")),
    ("a literal of parts", |v| wrapped(v, 17, "' +\n  '")),
    ("colors", |v| wrapped(v, 16, "\u{1b}[1;31m")),
    ("utf-16", |v| each(v, |b| format!("{}\0", char::from(b)))),
];

#[test]
fn a_value_in_any_style_becomes_one_label_and_nothing_else_does() {
    let mut random = Random::new(3);
    let signs = b"abcdefghijklmnopqrstuvwxyABCDEFGHIJKLMNOPQRSTUVWXY23456789-#@:,;()*!~";
    for round in 0..40 {
        let length = 24 + random.below(16);
        // A line break or a color needs a beginning without one.
        let plain = |at: usize| if at < 16 { 57 } else { signs.len() };
        let value: Vec<u8> = (0..length).map(|at| signs[random.below(plain(at))]).collect();
        let patterns = compile(&[&value], &RedactionRules::default());
        for (style, write) in STYLES {
            let written = write(&value);
            let text = [b"Zz <", written.as_slice(), b"> zZ\n"].concat();
            let story = || format!("{style}, {round}: {}", String::from_utf8_lossy(&text));
            let got = String::from_utf8_lossy(&whole(&patterns, &[&text])).into_owned();
            let (before, rest) =
                got.split_once("[hushed:S0]").unwrap_or_else(|| panic!("{}", story()));
            assert_eq!(before.trim_end_matches("0x"), "Zz <", "{}", story());
            // Of base64, what shares bits with what follows stays.
            let rest = rest.trim_start_matches('=');
            let most = if style.starts_with("base64") { 8 } else { 1 };
            assert!(rest.ends_with("> zZ\n") && rest.len() <= 5 + most, "{}: {got}", story());
            let chunks = random.cut(&text);
            assert_eq!(String::from_utf8_lossy(&whole(&patterns, &chunks)), got, "{}", story());
        }
    }
}
