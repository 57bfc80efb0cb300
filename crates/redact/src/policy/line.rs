//! Lines of values with several lines that other texts have too: brackets, sections, keys with ordinary
//! values. They are never looked for by themselves.

use super::name::{self, Meaning};
use super::{ordinary, shape};

/// Whether a line, without white space around it, is one that other texts have too.
pub(crate) fn is_structural_line(line: &[u8]) -> bool {
    // Armor, as of keys, and the markers of YAML documents and dashed lines.
    if line.starts_with(b"-----") || line.starts_with(b"---- ") {
        return true;
    }
    let is_bracket = |byte: &u8| b"[]{}()<>,;:\"'-".contains(byte) || byte.is_ascii_whitespace();
    if line.iter().all(is_bracket) {
        return true;
    }
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let line = line.strip_prefix("- ").unwrap_or(line).trim();
    if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return section.chars().all(|c| is_of_key(c) || c == '[' || c == ']');
    }
    if ordinary::is_word_or_number(unquoted(line)) {
        return true;
    }
    is_plain_setting(line)
}

fn is_of_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-. \"'/".contains(c)
}

/// The longest key, and the longest value, of a setting that counts as structure.
const LONGEST: usize = 48;

/// `key: value`, `key = value`, `"key": {`, where neither looks secret.
fn is_plain_setting(line: &str) -> bool {
    let Some(at) = line.find([':', '=']) else { return false };
    let (key, rest) = line.split_at(at);
    let is_key = !key.is_empty() && key.len() <= LONGEST && key.chars().all(is_of_key);
    let value = unquoted(rest.get(1..).unwrap_or_default());
    let opens = matches!(value, "" | "{" | "[" | "{}" | "[]" | "|" | ">" | "|-" | ">-" | "|+");
    if !is_key || opens {
        return is_key;
    }
    let is_secret = matches!(name::meaning(unquoted(key)), Meaning::Secret(_));
    let is_plain =
        value.len() <= LONGEST && value.chars().all(|c| is_of_key(c) || "/,:@+".contains(c));
    if !is_plain || value.contains("://") {
        return false;
    }
    ordinary::is_word_or_number(value) || !is_secret && shape::is_plain(value)
}

/// A value of `key: value` without quotes, a comma and spaces around it.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let value = value.strip_suffix([',', ';']).unwrap_or(value).trim();
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_is_told_from_content() {
        for line in [
            "apiVersion: v1",
            "[default]",
            "\"auths\": {",
            "-----BEGIN PRIVATE KEY-----",
            "-----END CERTIFICATE-----",
            "---",
            "}, {",
            "clusters:",
            "- context:",
            "region = us-east-1",
            "output=json",
            "\"type\": \"service_account\",",
            "host: localhost",
            "name: my-cluster",
            "current-context: admin@kubernetes",
            "password:",
            "token: |",
            "enabled: true",
            "kind: Config",
            "production",
        ] {
            assert!(is_structural_line(line.as_bytes()), "{line}");
        }
        for line in [
            "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCY",
            "password: hunter-two",
            "token = plainwords",
            "\"client_secret\": \"canary-of-two\",",
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7Zk3vXq1YtHn",
            "first line of a secret",
            "session: k3J9xQ2mPz7v",
            "\u{1}\u{2}",
        ] {
            assert!(!is_structural_line(line.as_bytes()), "{line}");
        }
    }
}
