//! How fast redaction is, in memory and on one core: `cargo bench --bench redact`.
//!
//! Speeds are ratios against the `aho-corasick` crate, which searches for the plain values alone, and
//! against a set of the `regex` crate with the common forms of each character, in the same run. Each
//! figure is the best of several rounds.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a bench prints its figures, and stops where it cannot go on"
)]

#[path = "text/mod.rs"]
mod text;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aho_corasick::{AhoCorasick, MatchKind};
use hushed::redact::{Encodings, MemoryProtection, Patterns, Redactor, Rules};
use hushed::secret::{Name, Value};
use text::{APART, LETTERS, Random, log, values};

/// The size of a text: it stays in the cache, as a relay's buffer does, into which it was just read.
const SIZE: usize = 1 << 20;
/// The size of a read.
const WINDOW: usize = 64 << 10;
const ROUNDS: usize = 20;

fn compile(values: &[Vec<u8>], encodings: Encodings) -> Arc<Patterns> {
    let named: Vec<(Name, Value)> = values
        .iter()
        .enumerate()
        .map(|(number, value)| (Name::new(format!("SECRET_{number}")), Value::new(value.clone())))
        .collect();
    let rules = Rules { encodings, ..Rules::default() };
    Arc::new(Patterns::compile(named.iter().map(|(n, v)| (n, v)), &rules).unwrap())
}

/// The best of several rounds.
fn best(mut round: impl FnMut()) -> Duration {
    let one = |_| {
        let start = Instant::now();
        round();
        start.elapsed()
    };
    (0..ROUNDS).map(one).min().unwrap()
}

/// The bytes a second, in thousand millions, at which a text goes through in reads of this size.
fn speed(patterns: &Arc<Patterns>, text: &[u8], window: usize) -> f64 {
    let mut redactor = Redactor::new(Arc::clone(patterns));
    let time = best(|| {
        let mut given = 0;
        for read in text.chunks(window) {
            redactor.push(black_box(read), |bytes| given += black_box(bytes).len());
        }
        redactor.finish(|bytes| given += bytes.len());
        black_box(given);
    });
    text.len() as f64 / time.as_secs_f64() / 1e9
}

/// Prints a figure, and whether it is what was asked for.
fn figure(what: &str, measured: f64, unit: &str, target: Option<(f64, bool)>) {
    let verdict = match target {
        None => String::new(),
        Some((target, at_least)) => {
            let met = if at_least { measured >= target } else { measured <= target };
            let than = if at_least { "at least" } else { "at most" };
            format!("  target {than} {target} {unit}  {}", if met { "ok" } else { "NOT MET" })
        }
    };
    println!("{what:<58} measured {measured:8.2} {unit}{verdict}");
}

/// The bytes a second, in thousand millions, at which the crate `aho-corasick` finds the values.
fn aho_corasick(values: &[Vec<u8>], text: &[u8]) -> f64 {
    let builder = &mut AhoCorasick::builder();
    let automaton = builder.match_kind(MatchKind::LeftmostFirst).build(values).unwrap();
    let time = best(|| {
        black_box(automaton.find_iter(black_box(text)).count());
    });
    text.len() as f64 / time.as_secs_f64() / 1e9
}

/// The same of the crate `regex`, with the common ways to write each character.
fn regexes(values: &[Vec<u8>], text: &[u8]) -> f64 {
    let character = |byte: &u8| {
        let plain = regex::escape(&char::from(*byte).to_string());
        let escaped = if byte.is_ascii_alphanumeric() { "" } else { r"\\{1,7}" };
        format!(
            "(?:{plain}|{escaped}{plain}|%{byte:02X}|%{byte:02x}|\\\\x{byte:02x}|\\\\u00{byte:02x}|&#{byte};|&#x{byte:x};|\\\\{byte:03o})"
        )
    };
    let patterns = values.iter().map(|value| value.iter().map(character).collect::<String>());
    let set = regex::bytes::RegexSetBuilder::new(patterns).size_limit(1 << 28).build().unwrap();
    let time = best(|| {
        for line in text.split(|byte| *byte == b'\n') {
            black_box(set.matches(black_box(line)).iter().count());
        }
    });
    text.len() as f64 / time.as_secs_f64() / 1e9
}

fn in_memory() {
    println!("log-like text, one value in {} KiB, reads of {} KiB", APART >> 10, WINDOW >> 10);
    for (count, target) in [(10, 0.7), (50, 0.0), (200, 0.5), (1_000, 0.4)] {
        let values = values(count);
        let text = log(&values, SIZE);
        let all = compile(&values, Encodings::ALL);
        let ours = speed(&all, &text, WINDOW);
        figure(&format!("{count} secrets, all forms"), ours, "GB/s", None);
        let target = (target > 0.0).then_some((target, true));
        let what = format!("{count} secrets, of aho-corasick with plain values");
        figure(&what, ours / aho_corasick(&values, &text), "x", target);
        if count == 10 {
            let ratio = ours / regexes(&values, &text);
            figure("10 secrets, of a set of regexes", ratio, "x", Some((2.0, true)));
        }
    }
}

fn line_by_line() {
    let values = values(200);
    let text = log(&values, SIZE);
    let patterns = compile(&values, Encodings::ALL);
    let mut redactor = Redactor::new(patterns);
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let count = lines.clone().count();
    let time = best(|| {
        for line in lines.clone() {
            redactor.push(black_box(line), |bytes| {
                black_box(bytes);
            });
        }
    });
    let each = time.as_secs_f64() * 1e6 / count as f64;
    figure("a line, 200 secrets × encodings", each, "µs", Some((20.0, false)));
}

fn worst_cases() {
    let values = values(1_000);
    let all = compile(&values, Encodings::ALL);
    let size = SIZE;
    let mut random = Random(0xbad);
    let target = Some((0.1, true));
    // What every value begins with, one after the other.
    let mut begun = Vec::new();
    let mut almost = Vec::new();
    while begun.len() < size {
        let value = random.pick(&values);
        begun.extend_from_slice(&value[..8]);
        almost.extend_from_slice(&value[..value.len() - 1]);
    }
    figure("beginnings of 1,000 secrets", speed(&all, &begun, WINDOW), "GB/s", target);
    figure("1,000 secrets but for a byte", speed(&all, &almost, WINDOW), "GB/s", target);
    let hits: Vec<u8> = values.iter().flatten().copied().cycle().take(size).collect();
    figure("1,000 secrets, nothing else", speed(&all, &hits, WINDOW), "GB/s", target);
    for (what, alphabet) in [("base64", LETTERS), ("hex", b"0123456789abcdef")] {
        let text = random.text(size, alphabet);
        let what = format!("nothing but {what}, 1,000 secrets × encodings");
        figure(&what, speed(&all, &text, WINDOW), "GB/s", target);
    }
    let mut runs: Vec<Vec<u8>> = (8..200).map(|length| vec![b'a'; length]).collect();
    for run in &mut runs {
        run.push(b'b');
    }
    let runs = compile(&runs, Encodings::RAW);
    let mut text = vec![b'a'; size];
    figure("a run of what 192 secrets begin with", speed(&runs, &text, WINDOW), "GB/s", target);
    for at in (0..size).step_by(150) {
        text[at] = b'c';
    }
    figure("the same, broken off in every 150 bytes", speed(&runs, &text, WINDOW), "GB/s", target);
    let period = b"abcabcabcabcabcabcabd".to_vec();
    let text: Vec<u8> = b"abc".iter().copied().cycle().take(size).collect();
    let periodic = compile(&[period, b"cabcabcabcabcabcabcx".to_vec()], Encodings::RAW);
    figure("a period", speed(&periodic, &text, WINDOW), "GB/s", target);
    let long = compile(&[vec![b'a'; 16_000]], Encodings::ALL);
    let text = vec![b'a'; size];
    figure("a value of 16,000 equal bytes, in itself", speed(&long, &text, WINDOW), "GB/s", target);
    figure("the same in reads of 64 bytes", speed(&long, &text, 64), "GB/s", target);
}

fn compiling() {
    let values = values(1_000);
    let time = best(|| {
        black_box(compile(&values, Encodings::ALL));
    });
    let milliseconds = time.as_secs_f64() * 1e3;
    figure("compiling 1,000 secrets, all forms", milliseconds, "ms", Some((30.0, false)));
    let large = Random(0x1a).text(1_000_000, LETTERS);
    let time = best(|| {
        black_box(compile(std::slice::from_ref(&large), Encodings::ALL));
    });
    figure("compiling a value of 1 MB", time.as_secs_f64() * 1e3, "ms", Some((50.0, false)));
    let patterns = compile(&self::values(200), Encodings::ALL);
    let size = patterns.memory() as f64 / 1e6;
    figure("the memory that 200 secrets take", size, "MB", Some((4.0, false)));
    let locked = patterns.protection() != MemoryProtection::Swappable;
    println!("which is {}", if locked { "locked" } else { "not locked: RLIMIT_MEMLOCK is less" });
}

fn main() {
    in_memory();
    line_by_line();
    worst_cases();
    compiling();
}
