//! The AWS variables of the environment, as AWS CLI v2 reads them: a variable that is set and empty differs from
//! one that is not set.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::config::Environment;

/// The variables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variables<'a>(pub(super) &'a Environment);

impl<'a> Variables<'a> {
    /// A variable that is set, even if it is empty.
    pub(super) fn get(self, name: &str) -> Option<Cow<'a, str>> {
        self.0.verbatim(name).map(|text| text.to_string_lossy())
    }

    /// A variable that is set and not empty.
    pub(super) fn not_empty(self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).filter(|text| !text.is_empty())
    }

    /// The user's home directory.
    pub(super) fn home(self) -> Option<&'a Path> {
        self.0.text("HOME").map(Path::new)
    }

    /// A path with `~` at its start and `$NAME` or `${NAME}` anywhere expanded. An unknown variable stays.
    pub(super) fn expand(self, text: &str) -> PathBuf {
        let mut path = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            path.push_str(before);
            let braced = after.strip_prefix('{').and_then(|after| after.split_once('}'));
            let (name, after) = braced.unwrap_or_else(|| {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                after.split_at_checked(end.unwrap_or(after.len())).unwrap_or((after, ""))
            });
            if let Some(value) = self.get(name).filter(|_| !name.is_empty()) {
                path.push_str(&value);
            } else {
                let kept = rest.get(before.len()..rest.len() - after.len());
                path.push_str(kept.unwrap_or("$"));
            }
            rest = after;
        }
        path.push_str(rest);
        match (path.strip_prefix('~'), self.home()) {
            (Some(""), Some(home)) => home.to_owned(),
            (Some(below), Some(home)) if below.starts_with('/') => {
                home.join(below.trim_start_matches('/'))
            }
            _ => PathBuf::from(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_expanded_as_python_expands_them() {
        let environment: Environment =
            [("HOME", "/home/u"), ("X", "x/y"), ("EMPTY", "")].into_iter().collect();
        for (text, want) in [
            ("~", "/home/u"),
            ("~/a", "/home/u/a"),
            ("$HOME/a", "/home/u/a"),
            ("${HOME}/$X.b", "/home/u/x/y.b"),
            ("/a/$NONE/b", "/a/$NONE/b"),
            ("/a/${NONE}/b", "/a/${NONE}/b"),
            ("/a/$EMPTY/b", "/a//b"),
            ("~other/a", "~other/a"),
            ("a$", "a$"),
            ("", ""),
        ] {
            assert_eq!(Variables(&environment).expand(text), PathBuf::from(want), "{text}");
        }
    }
}
