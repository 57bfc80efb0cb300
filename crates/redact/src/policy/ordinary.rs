//! Values that are never redacted, from any source: words that every output contains, port numbers and
//! round numbers, addresses without a secret in them, and paths of files that exist. Each as a whole value.

use std::fmt;

use super::{form, number, shape, words};

/// What makes a value ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordinary {
    /// A word such as `production`.
    Word,
    /// A port, or a round number.
    Number,
    /// A URL without a user, a query and a part that looks like a key; or a well-known host with a port.
    Address,
    /// A path that exists.
    Path,
}

impl fmt::Display for Ordinary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Word => "an ordinary word",
            Self::Number => "an ordinary number",
            Self::Address => "an ordinary address",
            Self::Path => "a path that exists",
        })
    }
}

/// What makes this value ordinary, if something does. A list with commas is as ordinary as its items.
pub(super) fn find(value: &str, path_exists: &dyn Fn(&str) -> bool) -> Option<Ordinary> {
    let mut items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
    let first = find_one(items.next()?, path_exists)?;
    items.all(|item| find_one(item, path_exists).is_some()).then_some(first)
}

fn find_one(value: &str, path_exists: &dyn Fn(&str) -> bool) -> Option<Ordinary> {
    if words::is_ordinary(value) {
        Some(Ordinary::Word)
    } else if is_number(value) {
        Some(Ordinary::Number)
    } else if is_address(value) {
        Some(Ordinary::Address)
    } else if may_be_path(value) && path_exists(value) || is_path_list(value, path_exists) {
        Some(Ordinary::Path)
    } else {
        None
    }
}

/// Whether a part of a value is a word or a number of these.
pub(super) fn is_word_or_number(value: &str) -> bool {
    words::is_ordinary(value) || is_number(value)
}

fn is_number(value: &str) -> bool {
    value.parse::<u16>().is_ok() || number::is_round(value)
}

fn is_address(value: &str) -> bool {
    if let Some((scheme, rest)) = form::scheme(value) {
        let is_local = scheme == "file" || scheme == "unix";
        let has_secret_part = rest.contains(['@', '?']) || !shape::is_plain(rest);
        return !has_secret_part && (is_local || !rest.is_empty());
    }
    let Some((host, port)) = value.rsplit_once(':') else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    words::is_ordinary(host) && port.trim_end_matches('/').parse::<u16>().is_ok()
}

/// Whether a value has the form of a path: asking for a file of every value would be slow, and would
/// take a password for one by chance.
fn may_be_path(value: &str) -> bool {
    let begins = ["/", "./", "../", "~/"].iter().any(|begin| value.starts_with(begin));
    begins && value.len() > 1 && value.len() <= 4096 && !value.contains('\0')
}

/// Whether a value is a list of absolute paths, such as `PATH`, of which one exists.
fn is_path_list(value: &str, path_exists: &dyn Fn(&str) -> bool) -> bool {
    let paths = || value.split(':').filter(|path| !path.is_empty());
    value.contains(':')
        && paths().all(|path| path.starts_with('/') && may_be_path(path))
        && paths().any(path_exists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_values_are_found_as_a_whole() {
        let exists = |path: &str| path == "/srv/app/data";
        for (value, want) in [
            ("production", Some(Ordinary::Word)),
            ("Postgres", Some(Ordinary::Word)),
            ("us-east-1", Some(Ordinary::Word)),
            ("en_US.UTF-8", Some(Ordinary::Word)),
            ("5432", Some(Ordinary::Number)),
            ("65535", Some(Ordinary::Number)),
            ("65536", Some(Ordinary::Number)),
            ("10485760", Some(Ordinary::Number)),
            ("86400000", Some(Ordinary::Number)),
            ("http://localhost:5173/", Some(Ordinary::Address)),
            ("https://api.example.com/v1", Some(Ordinary::Address)),
            ("redis://cache:6379/0", Some(Ordinary::Address)),
            ("localhost:5432", Some(Ordinary::Address)),
            ("http://localhost:3000,http://localhost:5173", Some(Ordinary::Address)),
            ("/srv/app/data", Some(Ordinary::Path)),
            ("/srv/app/other", None),
            ("/tmp/tmp.fqsd8HYEBk/bin:/srv/app/data:", Some(Ordinary::Path)),
            ("/srv/app/data:fqsd8HYEBk", None),
            ("/srv/other:/tmp/tmp.fqsd8HYEBk/bin", None),
            ("productions", None),
            ("my production", None),
            ("73519264", None),
            ("https://user@example.com/", None),
            ("https://example.com/?a=b", None),
            ("https://hooks.example.com/T02A8KJ/B9x7RmQ2/kQ3vX8pLz0tYwN5s", None),
            ("postgres://postgres:postgres@localhost/app", None),
            ("", None),
            (",", None),
        ] {
            assert_eq!(find(value, &exists), want, "{value}");
        }
    }
}
