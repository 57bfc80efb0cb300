//! Random patterns, texts and cuts against the oracle: the output after every chunk, byte by byte.
//!
//! With `HUSHED_FUZZ_SECONDS` set, cases are tried for so long, from a seed that is told.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hushed::redact::{Encodings, Label, RedactionRules};

use super::{Oracle, compile, outputs};

/// Numbers that only look random: xorshift64*.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bound = u64::try_from(bound).unwrap();
        let number = (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound;
        usize::try_from(number).unwrap()
    }

    fn bytes(&mut self, length: usize, alphabet: usize) -> Vec<u8> {
        (0..length).map(|_| b'a' + u8::try_from(self.below(alphabet)).unwrap()).collect()
    }

    /// The text in pieces, some of them empty.
    pub(super) fn cut<'a>(&mut self, mut text: &'a [u8]) -> Vec<&'a [u8]> {
        let mut chunks = Vec::new();
        let most = [2, 5, 20, 100][self.below(4)];
        while !text.is_empty() {
            let (chunk, rest) = text.split_at(self.below(most + 1).min(text.len()));
            chunks.push(chunk);
            text = rest;
        }
        chunks
    }
}

/// Patterns that share much with each other, and a text that is made of their pieces.
fn case(random: &mut Random) -> (Vec<Vec<u8>>, Vec<u8>) {
    let alphabet = [1, 2, 3, 4, 8, 20][random.below(6)];
    let longest = [4, 12, 40][random.below(3)];
    let mut patterns: Vec<Vec<u8>> = Vec::new();
    let most = [2, 4, 12][random.below(3)];
    for _ in 0..=random.below(most) {
        let length = 1 + random.below(longest);
        let mut pattern = random.bytes(length, alphabet);
        if !patterns.is_empty() && random.below(2) == 0 {
            // Begins with the end of another.
            let other = &patterns[random.below(patterns.len())];
            pattern.splice(..0, other[random.below(other.len())..].iter().copied());
        }
        patterns.push(pattern);
    }
    let mut text = Vec::new();
    for _ in 0..random.below(10) {
        let pattern = &patterns[random.below(patterns.len())];
        match random.below(4) {
            0 => text.extend_from_slice(pattern),
            1 => text.extend_from_slice(&pattern[..random.below(pattern.len())]),
            2 => text.extend_from_slice(&pattern[random.below(pattern.len())..]),
            _ => {
                let length = random.below(40);
                text.extend(random.bytes(length, alphabet + 1));
            }
        }
    }
    (patterns, text)
}

/// Tries one set of patterns on one text, cut in several ways.
fn try_one(random: &mut Random, cuts: usize) {
    let (values, text) = case(random);
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    let rules =
        RedactionRules { encodings: Encodings::RAW, min: 1, label: Label::Named, except: vec![] };
    let patterns = compile(&values, &rules);
    let labels = (0..).map(|number: u32| format!("[hushed:S{number}]"));
    let named: Vec<(&[u8], String)> = values.iter().copied().zip(labels).collect();
    let oracle = Oracle::new(&named, &text);
    let mut wants: Vec<Option<Vec<u8>>> = vec![None; text.len() + 1];
    for _ in 0..cuts {
        let chunks = random.cut(&text);
        let mut read = 0;
        let mut outputs = outputs(&patterns, &chunks);
        let last = outputs.pop().unwrap();
        for (chunk, got) in chunks.iter().zip(outputs) {
            read += chunk.len();
            let want = wants[read].get_or_insert_with(|| oracle.output(read, false));
            assert!(got == *want, "{}", story(&values, &chunks, &got, want));
        }
        let want = oracle.output(text.len(), true);
        assert!(last == want, "{}", story(&values, &chunks, &last, &want));
    }
}

fn story(values: &[&[u8]], chunks: &[&[u8]], got: &[u8], want: &[u8]) -> String {
    let text = |parts: &[&[u8]]| String::from_utf8_lossy(&parts.join(&b'|')).into_owned();
    format!(
        "patterns {}\nchunks   {}\ngot      {}\nwant     {}",
        text(values),
        text(chunks),
        text(&[got]),
        text(&[want])
    )
}

#[test]
fn random_cases_agree_with_the_oracle_after_every_chunk() {
    let mut random = Random::new(1);
    for _ in 0..4_000 {
        try_one(&mut random, 25);
    }
}

#[test]
fn random_cases_agree_for_as_long_as_is_asked() {
    let Ok(seconds) = std::env::var("HUSHED_FUZZ_SECONDS") else {
        return println!("skipped: HUSHED_FUZZ_SECONDS is not set");
    };
    let until = Instant::now() + Duration::from_secs(seconds.parse().unwrap());
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let mut cases = 0;
    while Instant::now() < until {
        try_one(&mut random, 5);
        cases += 5;
    }
    println!("{cases} cases");
}
