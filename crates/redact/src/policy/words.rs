//! The lists of words, each sorted once. `ordinary.txt` holds values that are never redacted, and
//! `vocabulary.txt` the words of names and addresses in configuration, beside those.

use std::cmp::Ordering;
use std::sync::LazyLock;

static ORDINARY: LazyLock<Vec<&str>> = LazyLock::new(|| sorted(include_str!("ordinary.txt")));
static VOCABULARY: LazyLock<Vec<&str>> = LazyLock::new(|| sorted(include_str!("vocabulary.txt")));

fn sorted(text: &'static str) -> Vec<&'static str> {
    let mut words: Vec<_> = text.split_ascii_whitespace().collect();
    words.sort_unstable();
    words
}

/// Whether a whole value is one that is never redacted, in any case of its letters.
pub(super) fn is_ordinary(value: &str) -> bool {
    contains(&ORDINARY, value)
}

/// Whether this is a word that names and addresses consist of, in any case of its letters.
pub(super) fn is_known(word: &str) -> bool {
    contains(&VOCABULARY, word) || contains(&ORDINARY, word)
}

fn contains(words: &[&str], word: &str) -> bool {
    words.binary_search_by(|known| compare(known, word)).is_ok()
}

/// Compares with a word in lower case, without a copy of what may be secret.
fn compare(known: &str, word: &str) -> Ordering {
    known.bytes().cmp(word.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// How many letters belong to known words of three letters or more, where the letters are known words
/// without a gap: `myshopapi`. One word at most has only two letters.
pub(super) fn count_in_compound(letters: &str) -> Option<usize> {
    if letters.len() > LONGEST {
        None
    } else if is_compound(letters, false) {
        Some(letters.len())
    } else {
        is_compound(letters, true).then(|| letters.len().saturating_sub(2))
    }
}

/// The longest run of letters that is divided into words.
const LONGEST: usize = 48;

fn is_compound(letters: &str, may_be_short: bool) -> bool {
    if letters.is_empty() {
        return true;
    }
    (2..=letters.len().min(16)).rev().any(|length| {
        let Some((word, rest)) = letters.split_at_checked(length) else { return false };
        let fits = length > 2 || may_be_short;
        fits && is_known(word) && is_compound(rest, may_be_short && length > 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_lower_case_and_have_each_word_once() {
        for words in [&*ORDINARY, &*VOCABULARY] {
            assert!(words.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(words.iter().all(|word| word.to_ascii_lowercase() == *word));
        }
        assert!(ORDINARY.len() > 300);
    }

    #[test]
    fn words_are_found_in_any_case() {
        assert!(is_ordinary("Production") && is_ordinary("en_US.UTF-8") && !is_ordinary("prod1"));
        assert!(is_known("Server") && !is_known("eiquaeh"));
    }

    #[test]
    fn compounds_have_no_gap() {
        for letters in ["myapp", "MyShopApi", "databasehost", "paymentservice"] {
            assert!(count_in_compound(letters).is_some(), "{letters}");
        }
        assert_eq!(count_in_compound("dbhost"), Some(4));
        for letters in ["eiquaeh", "myappx", "ioidid", "x"] {
            assert_eq!(count_in_compound(letters), None, "{letters}");
        }
    }
}
