//! Writes manifests as YAML: blocks of maps and lists, every text that a reader could take for something else in
//! quotes.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// A document, with a line break at its end.
pub(super) fn document(json: &Json) -> String {
    let mut text = String::new();
    block(json, 0, &mut text);
    text
}

fn block(json: &Json, indent: usize, out: &mut String) {
    match json {
        Json::Object(members) => {
            for (key, value) in members {
                let _infallible = write!(out, "{:indent$}{}:", "", scalar(key));
                nested(value, indent + 2, out);
            }
        }
        Json::Array(items) => {
            for item in items {
                let mut text = String::new();
                block(item, indent + 2, &mut text);
                let text = text.trim_start();
                let _infallible = write!(out, "{:indent$}- {text}", "");
            }
        }
        other => {
            let _infallible = writeln!(out, "{:indent$}{}", "", single(other));
        }
    }
}

/// What stands behind `key:`.
fn nested(json: &Json, indent: usize, out: &mut String) {
    match json {
        Json::Object(members) if members.is_empty() => out.push_str(" {}\n"),
        Json::Array(items) if items.is_empty() => out.push_str(" []\n"),
        Json::Object(_) | Json::Array(_) => {
            out.push('\n');
            block(json, indent, out);
        }
        other => {
            let _infallible = writeln!(out, " {}", single(other));
        }
    }
}

fn single(json: &Json) -> String {
    match json {
        Json::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text: plain if every reader of YAML takes it for that text, in quotes otherwise.
fn scalar(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(is_word)
        && !is_reserved(text);
    let is_printable = |c: char| matches!(c, ' '..='~');
    if is_plain {
        text.to_owned()
    } else if text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        // JSON escapes what a line may not contain; what is left is printable in both.
        Json::from(text).to_string().replace('\u{7f}', "\\u007f")
    }
}

/// Whether a reader of YAML 1.1 or 1.2 takes a word for a boolean, nothing or a number.
fn is_reserved(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn manifests_are_written_in_blocks_and_quoted_where_needed() {
        let manifest = json!({
            "a": [{ "x": 1, "y": ["on", "plain/word"] }, "text: #"],
            "empty": {}, "list": [], "n": true, "multi": "a\nb", "quote": "it's",
        });
        assert_eq!(
            document(&manifest),
            "a:\n  - x: 1\n    'y':\n      - 'on'\n      - plain/word\n  - 'text: #'\nempty: {}\n\
             list: []\nmulti: \"a\\nb\"\n'n': true\nquote: 'it''s'\n"
        );
    }
}
