//! Text shared by all messages: chains of causes, and "did you mean" suggestions. It knows no error type
//! of hushed.

use std::error::Error;
use std::fmt;
use std::iter::successors;
use std::path::{Component, Path};

/// Iterates over an error and its causes, the outermost first.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |error| (*error).source())
}

/// Joins an error and its causes with `: `. Skips a cause that repeats the error above it.
pub(crate) fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = causes(error).map(ToString::to_string).collect();
    texts.dedup();
    texts.join(": ")
}

/// How long a name or a path may be and still be quoted.
const MAX_QUOTED: usize = 64;

/// Whether a text looks like the name of a variable or secret, so that a message may quote it. A token or
/// a key that was pasted in the wrong place does not: it mixes letter cases and digits, or has other
/// characters.
pub(crate) fn is_plain_name(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let has = |kind: fn(&char) -> bool| text.chars().any(|c| kind(&c));
    let mixes =
        has(char::is_ascii_digit) && has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase);
    // Base32 has upper case and digits, but no underscore.
    let is_base32 = text.len() > 12 && !text.contains('_') && has(char::is_ascii_digit) && !mixes;
    !text.is_empty()
        && text.len() <= MAX_QUOTED
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(is_word)
        && !mixes
        && !is_base32
}

/// A name in backticks, or only its length if it may be a secret.
pub(crate) fn quoted_name(text: &str) -> String {
    if is_plain_name(text) {
        format!("`{text}`")
    } else {
        format!("the given name ({})", length(text))
    }
}

/// The length of a text that is not quoted.
pub(crate) fn length(text: &str) -> String {
    match text.chars().count() {
        1 => "1 character".to_owned(),
        count => format!("{count} characters"),
    }
}

/// Displays a path, or only its length if it may be the content of a file in place of its path: users set
/// `KEY_FILE="$(cat key)"` by mistake, and an error must not print the key.
pub(crate) fn shown_path(path: &Path) -> impl fmt::Display {
    let text = path.display().to_string();
    if is_known_path(path) { text } else { format!("(a path of {})", length(&text)) }
}

/// Whether a path exists, has ordinary names below an existing directory, or has a usual extension.
pub(crate) fn is_known_path(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let ordinary = |name: &str| {
        let stem = name.trim_start_matches('.');
        name.len() <= MAX_QUOTED && stem.split(['.', '-']).all(is_plain_name)
    };
    if path.as_os_str().len() <= 4096 && path.symlink_metadata().is_ok() {
        return true;
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if ordinary(name) && (name.starts_with(".env") || USUAL_EXTENSIONS.contains(&extension)) {
        return true;
    }
    let mut above = path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
    // The root exists always, and base64 may begin with a slash.
    let existing = above.find(|above| *above != Path::new("/") && above.is_dir());
    let missing = existing.and_then(|existing| path.strip_prefix(existing).ok()).unwrap_or(path);
    let names = missing.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_str().unwrap_or_default()),
        _ => None,
    });
    let names: Vec<_> = names.collect();
    // Lower-case words with slashes between them are no key or token.
    let is_word = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || "._-".contains(c));
    let are_words = names.len() > 1 && names.iter().all(is_word);
    names.into_iter().all(ordinary) && (existing.is_some() || are_words)
}

/// Extensions of files that settings name.
const USUAL_EXTENSIONS: [&str; 13] = [
    "conf", "crt", "env", "ini", "json", "key", "local", "pem", "toml", "token", "txt", "yaml",
    "yml",
];

/// Finds the known name closest to `written` by edit distance, if it is close enough to suggest.
pub(crate) fn nearest<'k>(
    written: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let written = written.to_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&written, &known.to_lowercase());
    let nearest = known.into_iter().min_by_key(|known| distance(known))?;
    // An abbreviation is close as well: `dev` for `development`.
    let short = |one: &str, other: &str| !one.is_empty() && other.starts_with(one);
    let lower = nearest.to_lowercase();
    let near = distance(nearest) <= 1 + nearest.len() / 4;
    (near || short(&written, &lower) || short(&lower, &written)).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_typos_and_abbreviations() {
        for (written, want) in [
            ("deb", Some("dev")),
            ("Dev", Some("dev")),
            ("development", Some("dev")),
            ("production", Some("prod")),
            ("stagin", Some("staging")),
            ("stagign", Some("staging")),
            ("qa", None),
            ("nothing", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, ["dev", "staging", "prod"]), want, "{written}");
        }
        assert_eq!(nearest("dev", []), None);
    }

    #[test]
    fn names_are_quoted_and_what_may_be_a_secret_is_not() {
        for name in ["API_KEY", "DATABASE_URL", "db_password", "PATH", "OAUTH2_SECRET", "KEY1"] {
            assert!(is_plain_name(name), "{name}");
        }
        for secret in ["sk-live-X", "ghp_16C7e42F292c", "JBSWY3DPEHPK3PXP", "a b", "", "1A", "A=b"]
        {
            assert!(!is_plain_name(secret), "{secret}");
        }
        assert_eq!(quoted_name("sk-live-X"), "the given name (9 characters)");
    }

    #[test]
    fn a_path_is_shown_and_content_in_its_place_is_not() {
        for path in ["/etc/hostname", "/etc/nothing", "none.toml", "/etc/db_password", ".env.local"]
        {
            assert_eq!(shown_path(Path::new(path)).to_string(), path);
        }
        for content in [
            "hushed-key-v1:AAAA",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
            "s3cr3t",
            "/nowhere/aGVsbG8gd29ybGQ",
            "st.abc.def",
        ] {
            let shown = shown_path(Path::new(content)).to_string();
            assert!(!shown.contains(content), "{shown}");
        }
    }

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn causes_follow_their_error_and_repeat_nothing() {
        let wrapped = |text: &str| in_one_line(&Outer(std::io::Error::other(text.to_owned())));
        assert_eq!(wrapped("inner"), "outer: inner");
        assert_eq!(wrapped("outer"), "outer");
    }
}
