//! Undoes what some servers do to values of several lines: where references were replaced in a
//! secret that is marked `skipMultilineEncoding`, they wrap the value in quotes and write `\n` for
//! each line break. Pure; it acts only where the value as stored proves that this has happened.

use super::wire::{Import, List, SecretRow};
use crate::secret::Value;

/// Whether any value looks as if it had been rewritten. Only then is the list worth a second look.
pub(super) fn is_suspect(list: &List) -> bool {
    let imported = list.imports.iter().flat_map(|import| &import.secrets);
    list.secrets.iter().chain(imported).any(|row| rewritten(row).is_some())
}

/// Restores the values, given the same list with the references left in place. A value is restored
/// if the stored one has a reference (without one the server rewrites nothing) and no `\n` of its
/// own (which could not be told from the server's). One thing escapes: a `\n` that came with what
/// the reference names becomes a line break.
pub(super) fn restore(list: &mut List, stored: &List) {
    for row in &mut list.secrets {
        let same = |other: &&SecretRow| {
            other.secret_key == row.secret_key
                && other.folder() == row.folder()
                && other.is_personal() == row.is_personal()
        };
        let stored = stored.secrets.iter().find(same);
        restore_row(row, stored);
    }
    for import in &mut list.imports {
        let same = |other: &&Import| {
            other.secret_path == import.secret_path && other.environment == import.environment
        };
        let Some(stored) = stored.imports.iter().find(same) else { continue };
        for row in &mut import.secrets {
            let stored = stored.secrets.iter().find(|other| other.secret_key == row.secret_key);
            restore_row(row, stored);
        }
    }
}

fn restore_row(row: &mut SecretRow, stored: Option<&SecretRow>) {
    let (Some(inner), Some(stored)) = (rewritten(row), stored.and_then(text)) else { return };
    if stored.contains("${") && !stored.contains("\\n") {
        let value = Value::from(inner.replace("\\n", "\n"));
        row.replace(value);
    }
}

/// What is between the quotes, if the value has the form that the server gives it.
fn rewritten(row: &SecretRow) -> Option<&str> {
    let inner = text(row)?.strip_prefix('"')?.strip_suffix('"')?;
    let fits = row.skips_multiline_encoding() && inner.contains("\\n") && !inner.contains('\n');
    fits.then_some(inner)
}

fn text(row: &SecretRow) -> Option<&str> {
    row.value()?.expose_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(skips: bool, value: &str) -> List {
        let row = serde_json::json!({
            "secretKey": "A", "secretValue": value, "skipMultilineEncoding": skips,
        });
        let imports = [serde_json::json!({
            "secretPath": "/i", "environment": "dev", "secrets": [row.clone()],
        })];
        let list = serde_json::json!({ "secrets": [row], "imports": imports });
        serde_json::from_value(list).unwrap()
    }

    #[test]
    fn a_value_is_restored_only_when_it_was_surely_rewritten() {
        let quoted = r#""canary\nab\n""#;
        for (name, skips, expanded, stored, want) in [
            ("rewritten", true, quoted, "canary\n${X}\n", "canary\nab\n"),
            ("stored so, without a reference", true, quoted, quoted, quoted),
            ("a backslash of its own", true, quoted, r"canary\n${X}", quoted),
            ("not marked", false, quoted, "canary\n${X}\n", quoted),
            ("no quotes", true, r"canary\nab", "${X}", r"canary\nab"),
            ("a real line break", true, "\"canary\\n\n\"", "${X}", "\"canary\\n\n\""),
            ("one line", true, "\"canary\"", "${X}", "\"canary\""),
            ("one quote", true, "\"", "${X}", "\""),
        ] {
            let mut list_ = list(skips, expanded);
            restore(&mut list_, &list(skips, stored));
            assert_eq!(text(&list_.secrets[0]), Some(want), "{name}");
            assert_eq!(text(&list_.imports[0].secrets[0]), Some(want), "{name}, imported");
        }
    }

    #[test]
    fn an_ordinary_list_is_not_fetched_twice() {
        for (skips, value, want) in [
            (true, r#""canary\nb""#, true),
            (false, r#""canary\nb""#, false),
            (true, "canary\nb", false),
            (true, "canary", false),
        ] {
            assert_eq!(is_suspect(&list(skips, value)), want, "{value}");
        }
    }
}
