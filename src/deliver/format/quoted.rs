//! JSON and YAML, which share a quoted string. It is never a plain scalar, so no YAML parser takes
//! `no` for false, and it never holds a raw character that either of them refuses or folds.

use super::{Error, ExportedSecret};
use crate::secret::SecretBuffer;

/// YAML allows 1024 characters between the start of a key and its colon, and an escape has six.
const YAML_KEY: usize = 170;

pub(super) fn write_json(
    secrets: &[ExportedSecret<'_>],
    out: &mut SecretBuffer,
) -> Result<(), Error> {
    if secrets.is_empty() {
        out.push("{}\n");
        return Ok(());
    }
    for (index, secret) in secrets.iter().enumerate() {
        out.push(if index == 0 { "{\n  " } else { ",\n  " });
        write_string(secret.name.as_str(), out);
        out.push(": ");
        write_string(secret.text()?, out);
    }
    out.push("\n}\n");
    Ok(())
}

pub(super) fn write_yaml(
    secrets: &[ExportedSecret<'_>],
    out: &mut SecretBuffer,
) -> Result<(), Error> {
    if secrets.is_empty() {
        out.push("{}\n");
    }
    for secret in secrets {
        let name = secret.name_if(|name| name.chars().count() <= YAML_KEY)?;
        write_string(name, out);
        out.push(": ");
        write_string(secret.text()?, out);
        out.push("\n");
    }
    Ok(())
}

/// Writes a string that JSON and YAML read alike.
pub(super) fn write_string(text: &str, out: &mut SecretBuffer) {
    out.push("\"");
    for c in text.chars() {
        match c {
            '"' => out.push(r#"\""#),
            '\\' => out.push(r"\\"),
            '\n' => out.push(r"\n"),
            '\r' => out.push(r"\r"),
            '\t' => out.push(r"\t"),
            // Controls, line separators, the byte order mark, noncharacters: YAML wants these escaped.
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                out.push(format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push_char(c),
        }
    }
    out.push("\"");
}
