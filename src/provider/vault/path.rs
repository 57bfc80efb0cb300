//! Paths of secrets, normalized before they are sent: a server answers `//` and `..` with a redirect to
//! another path. Pure.

use std::fmt;

/// A path on the server, as its segments. None is empty, `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiPath(Vec<String>);

/// Why a text is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InvalidPath;

/// The segment that a KV 2 engine has between its mount and the path of a secret.
const DATA: &str = "data";

impl ApiPath {
    /// Parses a path. Slashes at its ends are ignored; one in its middle that is doubled is not.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidPath> {
        let text = text.trim_matches('/');
        let segments: Vec<_> = text.split('/').map(str::to_owned).collect();
        let invalid = |segment: &String| {
            matches!(segment.as_str(), "" | "." | "..") || segment.contains(char::is_control)
        };
        if segments.iter().any(invalid) { Err(InvalidPath) } else { Ok(Self(segments)) }
    }

    /// A path of these segments, which are valid ones.
    pub(super) fn of(segments: &[&'static str]) -> Self {
        Self(segments.iter().map(|segment| (*segment).to_owned()).collect())
    }

    /// The path of a name in it. The name may have any character: it is encoded when it is sent.
    pub(super) fn with(mut self, name: &str) -> Self {
        self.0.push(name.to_owned());
        self
    }

    /// The path below another one.
    pub(super) fn below(&self, prefix: &Self) -> Self {
        Self(prefix.0.iter().chain(&self.0).cloned().collect())
    }

    /// Its segments.
    pub(super) fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The rest of it after a prefix; empty if it is the prefix itself.
    pub(super) fn strip_prefix(&self, prefix: &Self) -> Option<&[String]> {
        self.0.strip_prefix(prefix.0.as_slice())
    }

    /// The part before the first segment `data`, if there is one that is not at its ends: the mount of a
    /// KV 2 engine in a path of its API.
    pub(super) fn before_data(&self) -> Option<Self> {
        let at = self.0.iter().position(|segment| segment == DATA)?;
        (at > 0 && at + 1 < self.0.len()).then(|| Self(self.0.iter().take(at).cloned().collect()))
    }

    /// The first segment.
    pub(super) fn first(&self) -> Self {
        Self(self.0.iter().take(1).cloned().collect())
    }

    /// The path of a secret in a KV 2 engine's API: `data` or `metadata` behind the mount. A path that has
    /// `data` there already is the same secret.
    pub(super) fn in_kv2(&self, mount: &Self, kind: &str) -> Self {
        let rest = self.strip_prefix(mount).unwrap_or_default();
        let rest = match rest {
            [first, others @ ..] if first == DATA && !others.is_empty() => others,
            rest => rest,
        };
        let segments = mount.0.iter().cloned().chain([kind.to_owned()]).chain(rest.iter().cloned());
        Self(segments.collect())
    }

    /// The path without its last segment, and that segment; `None` for a path of one segment.
    pub(super) fn parent(&self) -> Option<(Self, &str)> {
        let (last, parent) = self.0.split_last()?;
        (!parent.is_empty()).then(|| (Self(parent.to_vec()), last.as_str()))
    }
}

impl fmt::Display for ApiPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ApiPath {
        ApiPath::parse(text).unwrap()
    }

    #[test]
    fn paths_that_a_server_would_change_are_refused() {
        for (text, want) in [
            ("secret/app", Ok("secret/app")),
            ("/secret/app/", Ok("secret/app")),
            ("secret/a b#c?d/é", Ok("secret/a b#c?d/é")),
            ("secret//app", Err(InvalidPath)),
            ("secret/../sys", Err(InvalidPath)),
            ("secret/./a", Err(InvalidPath)),
            ("secret/a\nb", Err(InvalidPath)),
            ("/", Err(InvalidPath)),
            ("", Err(InvalidPath)),
        ] {
            let parsed = ApiPath::parse(text).map(|path| path.to_string());
            assert_eq!(parsed.as_deref().map_err(|error| *error), want, "{text}");
        }
    }

    #[test]
    fn a_secret_of_kv_2_has_one_place_however_it_is_written() {
        for (mount, given, want) in [
            ("secret", "secret/app/web", "secret/data/app/web"),
            ("secret", "secret/data/app/web", "secret/data/app/web"),
            ("secret", "secret/data", "secret/data/data"),
            ("apps/kv", "apps/kv/x", "apps/kv/data/x"),
            ("apps/kv", "apps/kv/data/x", "apps/kv/data/x"),
            ("secret", "secret/data/data/x", "secret/data/data/x"),
        ] {
            assert_eq!(path(given).in_kv2(&path(mount), "data").to_string(), want, "{given}");
        }
    }

    #[test]
    fn a_path_of_the_api_names_its_mount() {
        for (given, want) in [
            ("secret/data/app", Some("secret")),
            ("apps/kv/data/x", Some("apps/kv")),
            ("secret/app", None),
            ("secret/data", None),
            ("data/app", None),
        ] {
            let mount = path(given).before_data().map(|path| path.to_string());
            assert_eq!(mount.as_deref(), want, "{given}");
        }
    }
}
