//! What is a secret, measured: generated keys and passwords under names that say nothing, and the
//! configuration of real programs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hushed::redact::policy::{Candidate, Decision, Instruction, Policy, Scope};
use serde_json::Value as Json;

use super::random::Random;

/// Pairs of a name and a value, with what a person calls them.
const LABELLED: &str = include_str!("labelled.env");
/// What programs read from dotenv files.
const CORPUS: &str = include_str!("../../corpus/dotenv/readers.jsonl");

/// Names that say nothing of a secret.
const NAMES: [&str; 8] =
    ["VALUE", "SETTING_A", "FOO", "APP_OPTION", "my-value", "extra", "CUSTOM_2", "KEYBOARD_LAYOUT"];

fn decide(name: &str, value: &str) -> Decision {
    let policy = Policy { all: false, min: 6, path_exists: &|_| false };
    let (value, scope, instruction) = (value.as_bytes(), Scope::Auto, Instruction::None);
    policy.decide(&Candidate { name, value, scope, instruction })
}

const DIGITS: &str = "0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const SIGNS: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

fn any(random: &mut Random, alphabets: &[&str], length: usize) -> String {
    let alphabet: Vec<char> = alphabets.iter().flat_map(|alphabet| alphabet.chars()).collect();
    (0..length).map(|_| alphabet[random.below(alphabet.len())]).collect()
}

fn bytes(random: &mut Random, length: usize) -> Vec<u8> {
    (0..length).map(|_| u8::try_from(random.below(256)).unwrap()).collect()
}

fn hex(random: &mut Random, length: usize) -> String {
    bytes(random, length).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A password that can be pronounced, as pwgen(1) makes them: vowels and consonants in turn, with a capital
/// and a digit, and with a sign if asked for.
fn pronounceable(random: &mut Random, length: usize, with_sign: bool) -> String {
    let vowels = ["a", "ae", "ah", "ai", "e", "ee", "ei", "i", "ie", "o", "oh", "oo", "u"];
    let consonants = [
        "b", "c", "ch", "d", "f", "g", "h", "j", "k", "l", "m", "n", "ng", "p", "ph", "qu", "r",
        "s", "sh", "t", "th", "v", "w", "x", "y", "z",
    ];
    loop {
        let (mut password, mut vowel) = (String::new(), random.below(2) == 0);
        let signs: Vec<char> = SIGNS.chars().collect();
        while password.len() < length {
            let element = if vowel {
                vowels[random.below(vowels.len())].to_owned()
            } else {
                consonants[random.below(consonants.len())].to_owned()
            };
            let capital = random.below(5) == 0;
            password += &if capital { capitalized(&element) } else { element };
            if random.below(10) < 3 {
                password += &random.below(10).to_string();
            } else if with_sign && random.below(5) == 0 {
                password.push(signs[random.below(signs.len())]);
            }
            vowel = !vowel;
        }
        password.truncate(length);
        let has = |is: &dyn Fn(char) -> bool| password.contains(is);
        let has_sign = has(&|c| c.is_ascii_punctuation());
        if has(&|c| c.is_ascii_digit()) && has(&|c| c.is_ascii_uppercase()) && has_sign == with_sign
        {
            return password;
        }
    }
}

fn capitalized(element: &str) -> String {
    let (first, rest) = element.split_at(1);
    first.to_uppercase() + rest
}

/// A password as `pwgen --secure` and password managers make them: with a capital and a digit.
fn secure(random: &mut Random, alphabets: &[&str], length: usize) -> String {
    loop {
        let password = any(random, alphabets, length);
        let has = |is: fn(&u8) -> bool| password.bytes().any(|byte| is(&byte));
        if has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) {
            return password;
        }
    }
}

fn uuid(random: &mut Random) -> String {
    let hex = hex(random, 16);
    [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)]
        .map(|(from, to)| hex.get(from..to).unwrap())
        .join("-")
}

/// A key or a password of one of many kinds.
fn generated(random: &mut Random) -> String {
    let (alnum, all) = ([UPPER, LOWER, DIGITS], [UPPER, LOWER, DIGITS, SIGNS]);
    let kinds: [&dyn Fn(&mut Random) -> String; 26] = [
        &|random| pronounceable(random, 8, false),
        &|random| pronounceable(random, 12, false),
        &|random| pronounceable(random, 16, false),
        &|random| pronounceable(random, 10, true),
        &|random| secure(random, &alnum, 8),
        &|random| secure(random, &alnum, 12),
        &|random| secure(random, &alnum, 20),
        &|random| secure(random, &all, 16),
        &|random| secure(random, &all, 24),
        &|random| any(random, &alnum, 32),
        &|random| hex(random, 8),
        &|random| hex(random, 16),
        &|random| hex(random, 20),
        &|random| hex(random, 32),
        &|random| STANDARD.encode(bytes(random, 12)),
        &|random| STANDARD.encode(bytes(random, 24)),
        &|random| STANDARD.encode(bytes(random, 32)),
        &|random| URL_SAFE_NO_PAD.encode(bytes(random, 16)),
        &|random| URL_SAFE_NO_PAD.encode(bytes(random, 32)),
        &uuid,
        &|random| uuid(random).to_uppercase(),
        &|random| format!("ghp_{}", any(random, &alnum, 36)),
        &|random| format!("sk_live_{}", any(random, &alnum, 24)),
        &|random| format!("xoxb-{}", any(random, &[LOWER, DIGITS], 24)),
        &|random| format!("AKIA{}", any(random, &[UPPER, "234567"], 16)),
        &|random| format!("hvs.{}", any(random, &[UPPER, LOWER, DIGITS, "-_"], 90)),
    ];
    kinds[random.below(kinds.len())](random)
}

#[test]
fn generated_keys_are_redacted_under_names_that_say_nothing() {
    const COUNT: usize = 10_000;
    let mut random = Random::new(14);
    let mut missed = Vec::new();
    for number in 0..COUNT {
        let value = generated(&mut random);
        if !decide(NAMES[number % NAMES.len()], &value).is_redacted {
            missed.push(value);
        }
    }
    let hundredths = 10_000 * (COUNT - missed.len()) / COUNT;
    println!("{}.{:02} % of {COUNT} keys redacted", hundredths / 100, hundredths % 100);
    assert!(missed.len() * 1_000 <= COUNT, "{} of {COUNT}: {missed:?}", missed.len());
}

/// The labelled pairs whose label is this.
fn labelled(label: &str) -> Vec<(&str, &str)> {
    let pair = |line: &'static str| {
        let (name, value) = line.strip_prefix(label)?.strip_prefix(' ')?.split_once('=')?;
        let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        Some((name, inner.unwrap_or(value)))
    };
    LABELLED.lines().filter_map(pair).collect()
}

/// What programs read from the dotenv corpus, but for what a person keeps secret there.
fn corpus() -> BTreeSet<(String, String)> {
    let mut pairs = BTreeSet::new();
    for line in CORPUS.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        for result in case["results"].as_array().unwrap() {
            let Some(read) = result["read"].as_object().filter(|read| !read.contains_key("error"))
            else {
                continue;
            };
            for (name, value) in read {
                pairs.extend(value.as_str().map(|value| (name.clone(), value.to_owned())));
            }
        }
    }
    pairs.retain(|(name, value)| {
        let name = name.to_uppercase();
        let secret = ["SECRET", "TOKEN", "PASSWORD", "KEYFILE", "APP_KEY"];
        !secret.iter().any(|word| name.contains(word)) && !value.contains("postgres://u:")
    });
    pairs
}

#[test]
fn configuration_is_not_redacted() {
    let table = labelled("config");
    assert!(table.len() >= 300, "{} pairs", table.len());
    let corpus = corpus();
    assert!(corpus.len() > 500, "{} pairs", corpus.len());
    let corpus: Vec<_> = corpus.iter().map(|(name, value)| (&**name, &**value)).collect();
    for (what, pairs) in [("labelled pairs", table), ("pairs of the dotenv corpus", corpus)] {
        let is_redacted = |(name, value): &&(&str, &str)| decide(name, value).is_redacted;
        let redacted: Vec<_> = pairs.iter().filter(is_redacted).collect();
        let hundredths = 10_000 * redacted.len() / pairs.len();
        println!(
            "{}.{:02} % of {} {what} redacted",
            hundredths / 100,
            hundredths % 100,
            pairs.len()
        );
        assert!(redacted.len() * 50 <= pairs.len(), "{what}: {redacted:#?}");
    }
}

#[test]
fn what_a_person_keeps_secret_is_redacted() {
    let pairs = labelled("secret");
    assert!(pairs.len() >= 45, "{} pairs", pairs.len());
    for (name, value) in pairs {
        assert!(decide(name, value).is_redacted, "{name}={value}");
    }
}
