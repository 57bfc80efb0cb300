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
pub(super) fn render(stored: &[StoredSecret]) -> RenderedSecrets {
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

/// What must change in the store, which has not changed since it was read.
pub(super) fn changes(
    edited: &[u8],
    stored: &[StoredSecret],
    rendered: &RenderedSecrets,
) -> Result<Vec<Change>, Error> {
    let secrets = read(ImportFormat::Dotenv(Dialect::Strict), edited)
        .map_err(|error| Error::Import { file: "the edited text".to_owned(), error })?;
    let find = |name: &Name| stored.iter().find(|secret| secret.name == *name);
    let at = |secret: &StoredSecret| Expected::Revision(secret.revision.clone());
    let mut changes = Vec::new();
    for (name, value) in &secrets {
        let expected = match find(name) {
            Some(known) if known.value == *value => continue,
            Some(known) => at(known),
            None => Expected::Absent,
        };
        changes.push(Change::put(name.clone(), value.clone()).expecting(expected));
    }
    for secret in stored {
        let is_there = secrets.iter().any(|(name, _)| *name == secret.name);
        if !is_there && !rendered.left_out.contains(&secret.name) {
            changes.push(Change::delete(secret.name.clone()).expecting(at(secret)));
        }
    }
    Ok(changes)
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
        let rendered = render(&stored);
        assert_eq!(rendered.left_out, [Name::new("RAW")]);
        let text = rendered.text.expose_str().unwrap();
        assert!(changes(text.as_bytes(), &stored, &rendered).unwrap().is_empty());
        let edited = text.replace("GONE='canary two'\n", "NEW=x\n").replace("one", "three");
        let got = changes(edited.as_bytes(), &stored, &rendered).unwrap();
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
        let error = changes(b"A='canary\n", &stored, &rendered).unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
    }
}
