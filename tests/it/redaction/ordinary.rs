//! Ordinary output with secrets set that do not stand in it: logs, source code and configuration, with all
//! that looks like a key. No label may turn up.
//!
//! With `HUSHED_ORDINARY_MB` set, so many megabytes are searched.

use std::fmt::Write as _;

use hushed::redact::{RedactionRules, Redactor};

use super::compile;
use super::random::Random;

const LOWER: &[u8] = b"0123456789abcdef";
const UPPER: &[u8] = b"0123456789ABCDEF";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SIGNS: &[u8] =
    b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!@#$%&*+/=?-_.:'\"\\";
const WORDS: [&str; 40] = [
    "request",
    "user",
    "config",
    "server",
    "client",
    "error",
    "value",
    "index",
    "buffer",
    "stream",
    "handler",
    "password",
    "token",
    "session",
    "cache",
    "worker",
    "database",
    "password_hash",
    "connection",
    "timeout",
    "retry",
    "response",
    "header",
    "payload",
    "result",
    "queue",
    "metric",
    "trace",
    "debug",
    "secret",
    "key",
    "name",
    "path",
    "line",
    "count",
    "total",
    "status",
    "type",
    "default",
    "production",
];

fn letters(random: &mut Random, length: usize, alphabet: &[u8]) -> String {
    (0..length).map(|_| char::from(alphabet[random.below(alphabet.len())])).collect()
}

fn word(random: &mut Random) -> &'static str {
    WORDS[random.below(WORDS.len())]
}

/// Tokens, keys, passwords, URLs and a key of several lines.
fn secrets(random: &mut Random) -> Vec<Vec<u8>> {
    let secret = |number: usize| match number % 7 {
        0 => letters(random, 40, LOWER),
        1 => letters(random, 44, BASE64),
        2 => letters(random, 16 + number % 9, SIGNS),
        3 => format!("postgres://app:{}@db.internal:5432/app", letters(random, 14, SIGNS)),
        4 => format!("ghp_{}", letters(random, 36, &BASE64[..62])),
        5 => letters(random, 20, &BASE64[..62]),
        _ => {
            let lines: Vec<String> = (0..6).map(|_| letters(random, 64, BASE64)).collect();
            let body = lines.join("\n");
            format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
        }
    };
    (0..50).map(secret).map(String::into_bytes).collect()
}

/// Appends a piece of what programs write.
fn piece(random: &mut Random, out: &mut String) {
    let (a, b, c) = (word(random), word(random), word(random));
    let n = random.below(100_000);
    let (hour, minute, second) = (n % 24, n % 60, random.below(60));
    let clock = format!("2026-11-{:02}T{hour:02}:{minute:02}:{second:02}.{n:06}Z", 1 + n % 28);
    let hex = letters(random, 32, LOWER);
    match random.below(16) {
        0 => writeln!(out, "{clock} INFO {a} request_id={hex} path=/api/v1/{b}/{n} status=200"),
        1 => writeln!(out, "{{\"time\":\"{clock}\",\"level\":\"{a}\",\"msg\":\"{b} \\\"{c}\\\"\\n\",\"n\":{n}}}"),
        2 => writeln!(out, "10.0.{}.{} - - [22/Nov/2026:{hour:02}:{minute:02}:{second:02} +0000] \"GET /{a}?q={b}%20{c}&u=%2F{hex} HTTP/1.1\" 200 {n}", n % 256, minute),
        3 => writeln!(out, "    let {a} = {b}.{c}(\"{a}_{n}\", &[{minute}, {second}, 0x{n:x}])?; // \\u{{{n:x}}}"),
        4 => writeln!(out, "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {a}-{b}\ndata:\n  {c}: {}", letters(random, 48, BASE64)),
        5 => writeln!(out, "      \"integrity\": \"sha512-{}==\",", letters(random, 86, BASE64)),
        6 => writeln!(out, "commit {}\nAuthor: {a} <{b}@example.com>\n\n    {c} {a}\n", letters(random, 40, LOWER)),
        7 => writeln!(out, "{:08x}  {} |................|", n * 16, letters(random, 32, LOWER).as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned() + " ").collect::<String>()),
        8 => writeln!(out, "[{}]", (0..24).map(|_| random.below(256).to_string()).collect::<Vec<_>>().join(", ")),
        9 => writeln!(out, "{}", (0..16).map(|_| letters(random, 2, UPPER)).collect::<Vec<_>>().join(":")),
        10 => writeln!(out, "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", (0..8).map(|_| letters(random, 64, BASE64)).collect::<Vec<_>>().join("\n")),
        11 => writeln!(out, "export {a}_{b}='{c}'\"'\"'s'; printf '%s\\\\n' \"${a}\" $'\\x{minute:02x}\\x{second:02x}\\t'"),
        12 => writeln!(out, "<a href=\"/{a}?{b}={n}&amp;{c}=&#{minute};&#x{second:x};&quot;\">{a} &lt;{b}&gt;</a>"),
        13 => writeln!(out, "\u{1b}[32m{a}\u{1b}[0m {b} \u{1b}[1;34m{n}\u{1b}[0m {c}...\r"),
        14 => writeln!(out, "{}-{}-4{}-a{}-{} {a} {b}", letters(random, 8, LOWER), letters(random, 4, LOWER), letters(random, 3, LOWER), letters(random, 3, LOWER), letters(random, 12, LOWER)),
        _ => writeln!(out, "postgres://app:****@db.internal:5432/{a} {b}={n} ghp_… https://example.com/{c}"),
    }
    .unwrap();
}

#[test]
fn ordinary_output_gets_no_label() {
    let megabytes = std::env::var("HUSHED_ORDINARY_MB").map_or(2, |text| text.parse().unwrap());
    let mut random = Random::new(5);
    let values = secrets(&mut random);
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    let mut redactor = Redactor::new(compile(&values, &RedactionRules::default()));
    let mut out: Vec<u8> = Vec::new();
    let mut text = String::new();
    for _ in 0..megabytes {
        text.clear();
        while text.len() < 1_000_000 {
            piece(&mut random, &mut text);
        }
        out.clear();
        redactor.push(text.as_bytes(), |bytes| out.extend_from_slice(bytes));
        redactor.finish(|bytes| out.extend_from_slice(bytes));
        let at = text.bytes().zip(&out).position(|(byte, shown)| byte != *shown);
        let story = at.map(|at| String::from_utf8_lossy(&out[at.saturating_sub(80)..at + 40]));
        assert!(at.is_none() && out.len() == text.len(), "{story:?}");
    }
    // The same secrets are found where they do stand.
    let last = values[0];
    redactor.push(last, |bytes| out.extend_from_slice(bytes));
    redactor.finish(|bytes| out.extend_from_slice(bytes));
    assert!(out.ends_with(b"[hushed:S0]"));
}
