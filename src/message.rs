//! Text shared by all messages: chains of causes, and "did you mean" suggestions. It knows no error type
//! of hushed.

use std::error::Error;
use std::iter::successors;

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
