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
use hushed::redact::{Encodings, MemoryProtection, Patterns, RedactionRules, Redactor};
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
    let rules = RedactionRules { encodings, ..RedactionRules::default() };
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

/// How much slower than on ordinary text the worst text may be.
const WORST: f64 = 1.0 / 40.0;

/// Prints how fast a text goes through, as a share of log-like text through the same patterns.
fn worst_case(
    what: &str,
    patterns: &Arc<Patterns>,
    values: &[Vec<u8>],
    text: &[u8],
    window: usize,
) {
    let good = speed(patterns, &log(values, SIZE), WINDOW);
    figure(what, speed(patterns, text, window) / good, "x", Some((WORST, true)));
}

fn worst_cases() {
    println!("the worst texts, of the speed of log-like text");
    for count in [10, 1_000] {
        almost_matching(count);
    }
    let size = SIZE / 4;
    let mut runs: Vec<Vec<u8>> = (8..200).map(|length| vec![b'a'; length]).collect();
    for run in &mut runs {
        run.push(b'b');
    }
    let patterns = compile(&runs, Encodings::RAW);
    let mut text = vec![b'a'; size];
    worst_case("a run of what 192 secrets begin with", &patterns, &runs, &text, WINDOW);
    for at in (0..size).step_by(150) {
        text[at] = b'c';
    }
    worst_case("the same, broken off in every 150 bytes", &patterns, &runs, &text, WINDOW);
    let cycle = |of: &[u8]| of.iter().copied().cycle().take(size).collect::<Vec<u8>>();
    let one = |what: &str, value: &[u8], text: &[u8], window| {
        let values = [value.to_vec()];
        worst_case(what, &compile(&values, Encodings::ALL), &values, text, window);
    };
    one("a period", b"abcabcabcabcabcabcabd", &cycle(b"abc"), WINDOW);
    one("backslashes", b"\\\\\\\\\\\\\\\\\\x", &cycle(b"\\"), WINDOW);
    one("quotes", b"\"\"\"\"\"\"\"\"\"\"x", &cycle(b"\""), WINDOW);
    let equal = vec![b'a'; 16_000];
    one("a value of 16,000 equal bytes, in itself", &equal, &cycle(b"a"), WINDOW);
    one("the same in reads of 64 bytes", &equal, &cycle(b"a"), 64);
}

/// Texts that are made of the values, or of what they are made of.
fn almost_matching(count: usize) {
    let values = values(count);
    let all = compile(&values, Encodings::ALL);
    let size = SIZE;
    let mut random = Random(0xbad);
    // What every value begins with, one after the other.
    let mut begun = Vec::new();
    let mut almost = Vec::new();
    while begun.len() < size {
        let value = random.pick(&values);
        begun.extend_from_slice(&value[..8]);
        almost.extend_from_slice(&value[..value.len() - 1]);
    }
    let hits: Vec<u8> = values.iter().flatten().copied().cycle().take(size).collect();
    for (what, text) in
        [("beginnings", begun), ("all but a byte", almost), ("nothing but secrets", hits)]
    {
        worst_case(&format!("{count} secrets, {what}"), &all, &values, &text, WINDOW);
    }
    for (what, alphabet) in [("base64", LETTERS), ("hex", b"0123456789abcdef")] {
        let text = random.text(size, alphabet);
        worst_case(&format!("{count} secrets, nothing but {what}"), &all, &values, &text, WINDOW);
    }
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
