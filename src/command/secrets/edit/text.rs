//! The text of `hushed secrets edit`: a dotenv file in hushed's strict dialect, and the changes that an edited one
//! asks for.

use crate::deliver::format::{DotenvReader, Format, RenderOptions, render as render_format};
use crate::deliver::import::{ImportFormat, read};
use crate::error::Error;
use crate::provider::dotenv::Dialect;
use crate::provider::{Change, Expected, StoredSecret};
use crate::secret::{Name, SecretBuffer, Value};

const HEAD: &str = "\
# Change values, add lines NAME='value', delete lines. Save and close the editor when you are done.
# hushed shows the names that change and asks before it writes. hushed-dotenv(5) describes the syntax.
";

/// Secrets as text.
pub(super) struct RenderedSecrets {
    pub(super) text: Value,
    /// Secrets that no line of the text can express.
    pub(super) left_out: Vec<Name>,
}

/// Writes secrets as lines, with the lines that explain them.
pub(super) fn render(stored: &[&StoredSecret]) -> RenderedSecrets {
    let dotenv_reader = Some(DotenvReader::Dialect(Dialect::Strict));
    let options = RenderOptions { dotenv_reader, ..RenderOptions::default() };
    let mut text = SecretBuffer::default();
    text.push(HEAD);
    let mut left_out = Vec::new();
    for secret in stored {
        match render_format(Format::Dotenv, [(&secret.name, &secret.value)], options) {
            Ok(line) => text.push(&*line),
            Err(_) => left_out.push(secret.name.clone()),
        }
    }
    RenderedSecrets { text: Value::from(text.as_bytes()), left_out }
}

/// Reads a text as names and values.
pub(super) fn parse(text: &Value) -> Result<Vec<(Name, Value)>, Error> {
    read(ImportFormat::Dotenv(Dialect::Strict), text.expose())
        .map_err(|error| Error::Import { file: "the edited text".to_owned(), error })
}

/// What must change in the store: what the edit changed of the text that it began with. Secrets that somebody else
/// has changed since then are an error, but for those that have the edited value already.
pub(super) fn changes(
    edited: &Value,
    begun: &Value,
    stored: &[StoredSecret],
) -> Result<Vec<Change>, Error> {
    let (edited, begun) = (parse(edited)?, parse(begun)?);
    let value = |secrets: &'_ [(Name, Value)], name: &Name| {
        secrets.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
    };
    let gone = begun.iter().map(|(name, _)| name).filter(|name| value(&edited, name).is_none());
    let mut changes = Vec::new();
    let mut conflicts = Vec::new();
    for name in edited.iter().map(|(name, _)| name).chain(gone) {
        let (new, old) = (value(&edited, name), value(&begun, name));
        let current = stored.iter().find(|secret| secret.name == *name);
        let current_value = current.map(|secret| &secret.value);
        if new == old || new.as_ref() == current_value {
            continue;
        }
        if old.as_ref() != current_value {
            conflicts.push(name.to_string());
            continue;
        }
        let expected =
            current.map_or(Expected::Absent, |secret| Expected::Revision(secret.revision.clone()));
        let change = new
            .map_or_else(|| Change::delete(name.clone()), |value| Change::put(name.clone(), value));
        changes.push(change.expecting(expected));
    }
    if conflicts.is_empty() { Ok(changes) } else { Err(Error::EditConflicts(conflicts)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Action, Annotations, Revision};

    #[test]
    fn what_was_changed_in_the_text_changes_in_the_store() {
        let secret = |name: &str, value: &[u8]| StoredSecret {
            name: Name::new(name),
            value: Value::from(value),
            revision: Revision(format!("revision of {name}")),
            annotations: Annotations::default(),
        };
        let stored = [
            secret("KEPT", b"canary ${x} 'y'\n"),
            secret("CHANGED", b"canary one"),
            secret("GONE", b"canary two"),
            secret("RAW", b"canary \xff"),
        ];
        let rendered = render(&stored.iter().collect::<Vec<_>>());
        assert_eq!(rendered.left_out, [Name::new("RAW")]);
        let text = rendered.text.expose_str().unwrap();
        assert!(changes(&rendered.text, &rendered.text, &stored).unwrap().is_empty());
        let edited = text.replace("GONE='canary two'\n", "NEW=x\n").replace("one", "three");
        let got = changes(&Value::from(edited.as_str()), &rendered.text, &stored).unwrap();
        let shown: Vec<_> = got
            .iter()
            .map(|change| {
                let is_put = matches!(change.action, Action::Put { .. });
                (change.name.as_str(), is_put, change.expected.clone())
            })
            .collect();
        let at = |name: &str| Expected::Revision(Revision(format!("revision of {name}")));
        let want = [
            ("CHANGED", true, at("CHANGED")),
            ("NEW", true, Expected::Absent),
            ("GONE", false, at("GONE")),
        ];
        assert_eq!(shown, want);
        let error =
            changes(&Value::from("A='canary\n"), &rendered.text, &stored).unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
    }

    #[test]
    fn an_edit_that_is_taken_up_again_changes_only_what_it_changed() {
        let secret = |name: &str, value: &str| StoredSecret {
            name: Name::new(name),
            value: Value::from(value),
            revision: Revision(format!("{name} {value}")),
            annotations: Annotations::default(),
        };
        let begun = Value::from("A=1\nB=1\nC=1\nD=1\n");
        // A was changed, C deleted, E added; meanwhile B and D have other values, and F is new.
        let edited = Value::from("A=2\nB=1\nD=1\nE=2\n");
        let stored = [("A", "1"), ("B", "3"), ("C", "1"), ("D", "3"), ("F", "3")];
        let stored = stored.map(|(name, value)| secret(name, value));
        let got = changes(&edited, &begun, &stored).unwrap();
        let names: Vec<_> = got.iter().map(|change| change.name.as_str()).collect();
        assert_eq!(names, ["A", "E", "C"]);

        for (name, value, conflicts) in [
            ("A", "3", true),
            ("A", "2", false),
            ("C", "3", true),
            ("E", "3", true),
            ("E", "2", false),
        ] {
            let mut stored: Vec<_> =
                stored.iter().filter(|it| it.name != Name::new(name)).cloned().collect();
            stored.push(secret(name, value));
            let outcome = changes(&edited, &begun, &stored);
            assert_eq!(outcome.is_err(), conflicts, "{name} {value}");
            if let Err(error) = outcome {
                assert!(error.to_string().contains(name), "{error}");
            }
        }
    }
}
