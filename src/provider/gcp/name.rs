//! Names of secrets and their versions, as people write them and as the API has them. Pure.

/// A secret to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretRef {
    /// The project, if it is not that of the source.
    pub(super) project: Option<String>,
    /// The location of a regional secret, if it is not that of the source.
    pub(super) location: Option<String>,
    /// Its ID.
    pub(super) id: String,
    /// A number or an alias, unless it is the newest version.
    pub(super) version: Option<String>,
}

impl SecretRef {
    /// Parses `NAME`, `NAME?version=VERSION`, `PROJECT/NAME`, or the full name of a secret or a version:
    /// `projects/PROJECT/secrets/NAME/versions/VERSION`, with `locations/LOCATION` for a regional one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (path, query) = text.split_once('?').map_or((text, None), |(path, q)| (path, Some(q)));
        let selected = match query {
            None => None,
            Some(query) => Some(query.strip_prefix("version=")?),
        };
        Self::from_path(path, selected)
    }

    /// The same, with the version apart.
    pub(super) fn from_path(path: &str, selected: Option<&str>) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        let (project, location, id, version) = match parts.as_slice() {
            [id] => (None, None, *id, None),
            ["projects", project, "secrets", id, "versions", version] => {
                (Some(*project), None, *id, Some(*version))
            }
            ["projects", project, "locations", location, "secrets", id] => {
                (Some(*project), Some(*location), *id, None)
            }
            ["projects", project, "locations", location, "secrets", id, "versions", version] => {
                (Some(*project), Some(*location), *id, Some(*version))
            }
            ["projects", project, "secrets", id] | [project, id] => {
                (Some(*project), None, *id, None)
            }
            _ => return None,
        };
        let version = match (version, selected) {
            (Some(_), Some(_)) => return None,
            (version, selected) => version.or(selected),
        };
        let is_valid = is_id(id)
            && version.is_none_or(is_id)
            && project.is_none_or(is_project)
            && location.is_none_or(is_location);
        is_valid.then(|| Self {
            project: project.map(str::to_owned),
            location: location.map(str::to_owned),
            id: id.to_owned(),
            version: version.filter(|version| *version != "latest").map(str::to_owned),
        })
    }

    /// A text that [`Self::parse`] reads back, for the cache.
    pub(super) fn text(&self) -> String {
        let project = self.project.iter().map(|project| format!("projects/{project}/"));
        let location = self.location.iter().map(|location| format!("locations/{location}/"));
        let secrets = self.project.iter().map(|_| "secrets/".to_owned());
        let version = self.version.iter().map(|version| format!("?version={version}"));
        let parts = project.chain(location).chain(secrets).chain([self.id.clone()]).chain(version);
        parts.collect()
    }
}

/// Whether it can be the ID of a secret, or a version or alias.
fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// Whether it can be the ID or the number of a project. A domain may stand before it: `example.com:project`.
pub(super) fn is_project(text: &str) -> bool {
    let is_usual = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':');
    !text.is_empty() && !text.starts_with('.') && text.bytes().all(is_usual)
}

/// Whether it can be a location, which is a part of a host name: `europe-west3`.
pub(super) fn is_location(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_each_form() {
        for (text, project, location, id, version) in [
            ("db", None, None, "db", None),
            ("db?version=3", None, None, "db", Some("3")),
            ("db?version=latest", None, None, "db", None),
            ("db?version=prod", None, None, "db", Some("prod")),
            ("p-1/db", Some("p-1"), None, "db", None),
            ("projects/p/secrets/db", Some("p"), None, "db", None),
            ("projects/x.com:p/secrets/db", Some("x.com:p"), None, "db", None),
            ("projects/1/secrets/db/versions/7", Some("1"), None, "db", Some("7")),
            ("projects/p/locations/eu-1/secrets/db", Some("p"), Some("eu-1"), "db", None),
            (
                "projects/p/locations/eu-1/secrets/db/versions/2",
                Some("p"),
                Some("eu-1"),
                "db",
                Some("2"),
            ),
        ] {
            let own = |text: Option<&str>| text.map(str::to_owned);
            let want = SecretRef {
                project: own(project),
                location: own(location),
                id: id.to_owned(),
                version: own(version),
            };
            assert_eq!(SecretRef::parse(text), Some(want.clone()), "{text}");
            assert_eq!(SecretRef::parse(&want.text()), Some(want), "{text}");
        }
        for text in [
            "",
            "a b",
            "db?v=3",
            "db?version=",
            "a/b/c",
            "p/",
            "../db",
            "db.x",
            "db?version=../x",
            "projects/p/secrets/db/versions/1?version=2",
            "projects/p/locations/EU/secrets/db",
            "projects/../secrets/db",
        ] {
            assert_eq!(SecretRef::parse(text), None, "{text}");
        }
    }
}
