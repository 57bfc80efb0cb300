//! Which values of a file are encrypted: by the suffix of a key, a pattern for keys, or a pattern for comments.

use regex_lite::Regex;

use super::error::Reason;

/// The rule of a file.
pub(super) enum Rule {
    /// All values but those below a key with this suffix.
    UnencryptedSuffix(String),
    /// Only values below a key with this suffix.
    EncryptedSuffix(String),
    /// All values but those below a key that matches.
    UnencryptedKeys(Regex),
    /// Only values below a key that matches.
    EncryptedKeys(Regex),
    /// All values but those below a comment that matches.
    UnencryptedComments(Regex),
    /// Only values below a comment that matches.
    EncryptedComments(Regex),
}

/// The rule of a file that names none.
const DEFAULT_SUFFIX: &str = "_unencrypted";

/// The longest pattern that is compiled, in bytes.
const MAX_PATTERN: usize = 64 << 10;

impl Rule {
    /// The rule that metadata names, at most one: pairs of a key and its value.
    pub(super) fn new(named: Vec<(&'static str, String)>) -> Result<Self, Reason> {
        let mut named = named.into_iter().filter(|(_, value)| !value.is_empty());
        let Some((key, value)) = named.next() else {
            return Ok(Self::UnencryptedSuffix(DEFAULT_SUFFIX.to_owned()));
        };
        if let Some((other, _)) = named.next() {
            let what = format!("`{key}` and `{other}` cannot be used together");
            return Err(Reason::Metadata(what));
        }
        Ok(match key {
            "unencrypted_suffix" => Self::UnencryptedSuffix(value),
            "encrypted_suffix" => Self::EncryptedSuffix(value),
            "unencrypted_regex" => Self::UnencryptedKeys(compile(key, value)?),
            "encrypted_regex" => Self::EncryptedKeys(compile(key, value)?),
            "unencrypted_comment_regex" => Self::UnencryptedComments(compile(key, value)?),
            _ => Self::EncryptedComments(compile(key, value)?),
        })
    }

    /// The keys of all rules.
    pub(super) const KEYS: [&'static str; 6] = [
        "unencrypted_suffix",
        "encrypted_suffix",
        "unencrypted_regex",
        "encrypted_regex",
        "unencrypted_comment_regex",
        "encrypted_comment_regex",
    ];

    /// Whether a value at this path, with these comments before it and before what is above it, is encrypted.
    pub(super) fn encrypts(&self, path: &[String], comments: &[Vec<String>]) -> bool {
        let key = |matches: &dyn Fn(&str) -> bool| path.iter().any(|key| matches(key));
        let comment =
            |pattern: &Regex| comments.iter().flatten().any(|text| pattern.is_match(text));
        match self {
            Self::UnencryptedSuffix(suffix) => !key(&|key| key.ends_with(suffix.as_str())),
            Self::EncryptedSuffix(suffix) => key(&|key| key.ends_with(suffix.as_str())),
            Self::UnencryptedKeys(pattern) => !key(&|key| pattern.is_match(key)),
            Self::EncryptedKeys(pattern) => key(&|key| pattern.is_match(key)),
            Self::UnencryptedComments(pattern) => !comment(pattern),
            Self::EncryptedComments(pattern) => comment(pattern),
        }
    }
}

fn compile(key: &'static str, pattern: String) -> Result<Regex, Reason> {
    let compiled = (pattern.len() <= MAX_PATTERN).then(|| Regex::new(&unquote(&pattern)));
    match compiled {
        Some(Ok(pattern)) => Ok(pattern),
        _ => Err(Reason::Pattern { key, pattern }),
    }
}

/// Writes `\Q…\E`, which Go knows, as escaped characters.
fn unquote(pattern: &str) -> String {
    let mut written = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        written.push_str(before);
        if let Some(quoted) = escape.strip_prefix("\\Q") {
            let (quoted, after) = quoted.split_once("\\E").unwrap_or((quoted, ""));
            written.push_str(&regex_lite::escape(quoted));
            rest = after;
        } else {
            let length = escape.chars().take(2).map(char::len_utf8).sum();
            let (escape, after) = escape.split_at(length);
            written.push_str(escape);
            rest = after;
        }
    }
    written.push_str(rest);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_parts_of_patterns_are_escaped() {
        for (pattern, want) in [
            (r"^\Qa.b\E$", r"^a\.b$"),
            (r"\Qa+", r"a\+"),
            (r"\\Q", r"\\Q"),
            ("a\\", "a\\"),
            (r"\d+", r"\d+"),
        ] {
            assert_eq!(unquote(pattern), want);
        }
    }

    #[test]
    fn a_pattern_that_does_not_compile_is_an_error() {
        let named = vec![("encrypted_regex", "(".to_owned())];
        assert!(matches!(Rule::new(named), Err(Reason::Pattern { key: "encrypted_regex", .. })));
    }
}
