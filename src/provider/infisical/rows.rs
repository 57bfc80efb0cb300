//! Converts the rows of a list to secrets in order of precedence, as the server defines it. Pure.

use std::collections::HashSet;
use std::sync::Arc;

use super::error::Error;
use super::wire::{List, SecretRow};
use crate::secret::{Name, Provenance, Secret, SecretSet};

/// The folder that was listed, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct FolderQuery<'a> {
    pub(super) source: &'a Arc<str>,
    pub(super) environment: &'a str,
    pub(super) path: &'a str,
    pub(super) recursive: bool,
    pub(super) personal: bool,
}

/// Orders the rows, lowest precedence first: imports, the earlier first; then the folders, deeper ones later;
/// a personal value after the shared one. Overridden secrets stay in the set.
pub(super) fn merge(list: List, place: FolderQuery<'_>) -> Result<SecretSet, Error> {
    let mut merged = Merged { place, secrets: SecretSet::default(), hidden: Vec::new() };
    for import in list.imports {
        let below = if place.recursive { "under" } else { "by" };
        let (path, environment) = (&import.secret_path, &import.environment);
        let at: Arc<str> =
            format!("{path} in {environment}, imported {below} {}", place.path).into();
        // An imported folder's own secrets come before those that it imports itself.
        let mut rows: Vec<_> = import.secrets.into_iter().rev().collect();
        rows.sort_by_key(SecretRow::is_personal);
        for row in rows {
            merged.push(row, &at);
        }
    }
    let mut rows = list.secrets;
    rows.retain(|row| !place.recursive || is_below(row.folder().unwrap_or(place.path), place.path));
    rows.sort_by_cached_key(|row| {
        let folder = row.folder().unwrap_or(place.path).to_owned();
        let depth = folder.split('/').filter(|part| !part.is_empty()).count();
        (depth, folder, row.is_personal())
    });
    let mut seen = HashSet::new();
    let mut identity = |row: &&SecretRow| {
        let folder = row.folder().unwrap_or(place.path).to_owned();
        seen.insert((row.secret_key.clone(), folder, row.is_personal()))
    };
    let wanted = rows.iter().filter(|row| place.personal || !row.is_personal());
    if let Some(twin) = wanted.clone().find(|row| !identity(row)) {
        let path = twin.folder().unwrap_or(place.path);
        let place = format!("{path} in {}", place.environment);
        return Err(Error::DuplicateName { name: Name::new(&twin.secret_key), place });
    }
    for row in rows {
        let at = format!("{} in {}", row.folder().unwrap_or(place.path), place.environment);
        merged.push(row, &at.into());
    }
    if merged.hidden.is_empty() {
        return Ok(merged.secrets);
    }
    let place = format!("{} in {}", place.path, place.environment);
    Err(Error::Hidden { names: merged.hidden, place })
}

struct Merged<'a> {
    place: FolderQuery<'a>,
    secrets: SecretSet,
    hidden: Vec<Name>,
}

impl Merged<'_> {
    fn push(&mut self, row: SecretRow, at: &Arc<str>) {
        if row.is_personal() && !self.place.personal {
            return;
        }
        let Some(value) = row.value().cloned() else {
            self.hidden.push(Name::new(row.secret_key));
            return;
        };
        let at = if row.is_personal() { format!("{at}, personal").into() } else { Arc::clone(at) };
        let source = Arc::clone(self.place.source);
        let provenance = Provenance { source, place: at, version: row.version(), age: None };
        self.secrets.push(Secret { name: Name::new(row.secret_key), value, provenance });
    }
}

/// Whether a folder is the base or below it. Some servers take `/app` for the beginning of `/app2`.
fn is_below(folder: &str, base: &str) -> bool {
    let base = base.trim_end_matches('/');
    folder.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        name: &'static str,
        path: &'static str,
        recursive: bool,
        personal: bool,
        json: &'static str,
        want: &'static [&'static str],
    }

    fn merged(case: &Case) -> Result<SecretSet, Error> {
        let source = Arc::from("infisical");
        let place = FolderQuery {
            source: &source,
            environment: "dev",
            path: case.path,
            recursive: case.recursive,
            personal: case.personal,
        };
        merge(serde_json::from_str(case.json).unwrap(), place)
    }

    /// `KEY=value @ place`, lowest precedence first.
    fn lines(set: &SecretSet) -> Vec<String> {
        let line = |secret: &Secret| {
            let value = secret.value.expose_str().unwrap();
            format!("{}={value} @ {}", secret.name, secret.provenance.place)
        };
        set.iter().map(line).collect()
    }

    const CASES: &[Case] = &[
        Case {
            name: "own secrets beat imports, and the later import the earlier",
            path: "/api",
            recursive: false,
            personal: true,
            json: r#"{"secrets":[{"secretKey":"A","secretValue":"canary-own","secretPath":"/api"}],
                "imports":[
                {"secretPath":"/one","environment":"dev","secrets":[
                    {"secretKey":"A","secretValue":"canary-1"},{"secretKey":"B","secretValue":"canary-1"}]},
                {"secretPath":"/two","environment":"prod","secrets":[
                    {"secretKey":"B","secretValue":"canary-2"}]}]}"#,
            want: &[
                "B=canary-1 @ /one in dev, imported by /api",
                "A=canary-1 @ /one in dev, imported by /api",
                "B=canary-2 @ /two in prod, imported by /api",
                "A=canary-own @ /api in dev",
            ],
        },
        Case {
            name: "within one import the first occurrence wins",
            path: "/api",
            recursive: false,
            personal: true,
            json: r#"{"secrets":[],"imports":[{"secretPath":"/one","environment":"dev","secrets":[
                {"secretKey":"A","secretValue":"canary-own"},{"secretKey":"A","secretValue":"canary-nested"}]}]}"#,
            want: &[
                "A=canary-nested @ /one in dev, imported by /api",
                "A=canary-own @ /one in dev, imported by /api",
            ],
        },
        Case {
            name: "a personal value wins, wherever the server lists it",
            path: "/",
            recursive: false,
            personal: true,
            json: r#"{"secrets":[{"secretKey":"A","secretValue":"canary-mine","type":"personal"},
                {"secretKey":"A","secretValue":"canary-shared","type":"shared"}]}"#,
            want: &["A=canary-shared @ / in dev", "A=canary-mine @ / in dev, personal"],
        },
        Case {
            name: "a personal value is dropped when it is not wanted, hidden or not",
            path: "/",
            recursive: false,
            personal: false,
            json: r#"{"secrets":[{"secretKey":"A","secretValue":"canary-shared","type":"shared"},
                {"secretKey":"A","secretValue":"canary-mine","type":"personal"},
                {"secretKey":"A","type":"personal","secretValueHidden":true}]}"#,
            want: &["A=canary-shared @ / in dev"],
        },
        Case {
            name: "a folder that only begins alike is dropped",
            path: "/app",
            recursive: true,
            personal: true,
            json: r#"{"secrets":[{"secretKey":"A","secretValue":"canary-2","secretPath":"/app2"},
                {"secretKey":"B","secretValue":"canary","secretPath":"/app"},
                {"secretKey":"C","secretValue":"canary-2","secretPath":"/app2/x"},
                {"secretKey":"D","secretValue":"canary","secretPath":"/app/x"}]}"#,
            want: &["B=canary @ /app in dev", "D=canary @ /app/x in dev"],
        },
        Case {
            name: "what is deeper wins, then what sorts later",
            path: "/",
            recursive: true,
            personal: true,
            json: r#"{"secrets":[{"secretKey":"A","secretValue":"canary-b","secretPath":"/b"},
                {"secretKey":"A","secretValue":"canary-ax","secretPath":"/a/x"},
                {"secretKey":"A","secretValue":"canary-root","secretPath":"/"},
                {"secretKey":"A","secretValue":"canary-a","secretPath":"/a"}],
                "imports":[{"secretPath":"/i","environment":"dev","secrets":[
                {"secretKey":"A","secretValue":"canary-i"}]}]}"#,
            want: &[
                "A=canary-i @ /i in dev, imported under /",
                "A=canary-root @ / in dev",
                "A=canary-a @ /a in dev",
                "A=canary-b @ /b in dev",
                "A=canary-ax @ /a/x in dev",
            ],
        },
        Case {
            name: "a row without a folder is in the one that was asked for",
            path: "/api",
            recursive: true,
            personal: true,
            json: r#"{"secrets":[{"secretKey":"A","secretValue":"canary"}]}"#,
            want: &["A=canary @ /api in dev"],
        },
    ];

    #[test]
    fn rows_become_secrets_in_the_servers_order() {
        for case in CASES {
            assert_eq!(lines(&merged(case).unwrap()), case.want, "{}", case.name);
        }
    }

    #[test]
    fn a_name_that_occurs_twice_in_one_folder_is_an_error() {
        let row = |folder: &str, kind: &str| {
            format!(
                r#"{{"secretKey":"A","secretValue":"canary","secretPath":"{folder}","type":"{kind}"}}"#
            )
        };
        for (one, other, want) in [
            (row("/", "shared"), row("/", "shared"), true),
            (row("/", "personal"), row("/", "personal"), true),
            (row("/", "shared"), row("/", "personal"), false),
            (row("/", "shared"), row("/a", "shared"), false),
        ] {
            let json: &'static str = format!(r#"{{"secrets":[{one},{other}]}}"#).leak();
            let case =
                Case { name: "", path: "/", recursive: true, personal: true, json, want: &[] };
            let error = merged(&case).err().map(|error| error.to_string());
            let text = "the name `A` occurs twice at `/ in dev`".to_owned();
            assert_eq!(error, want.then_some(text), "{one} {other}");
        }
    }

    #[test]
    fn the_version_is_kept() {
        let json = r#"{"secrets":[{"secretKey":"A","secretValue":"canary","version":7}]}"#;
        let case = Case { name: "", path: "/", recursive: false, personal: true, json, want: &[] };
        let set = merged(&case).unwrap();
        assert_eq!(set.iter().next().unwrap().provenance.version, Some(7));
    }

    #[test]
    fn hidden_values_are_an_error_that_names_each_key() {
        let json = r#"{"secrets":[{"secretKey":"A","secretValue":"<hidden-by-infisical>"},
            {"secretKey":"B","secretValue":"canary"}],
            "imports":[{"secretPath":"/i","environment":"dev","secrets":[
            {"secretKey":"C","secretValue":"canary","secretValueHidden":true}]}]}"#;
        let case = Case { name: "", path: "/x", recursive: false, personal: true, json, want: &[] };
        let error = merged(&case).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the identity may not read the values of `C`, `A` at `/x in dev`"
        );
        assert!(!format!("{error:?}").contains("canary"));
    }
}
