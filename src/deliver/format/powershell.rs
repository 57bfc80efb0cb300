//! A script that PowerShell runs. Every value stands in single quotes, in which PowerShell expands nothing
//! and ends a string at any of four quotes unless it is doubled.

use super::{Error, ExportedSecret, Unsupported};
use crate::secret::SecretBuffer;

pub(super) fn write(secrets: &[ExportedSecret<'_>], out: &mut SecretBuffer) -> Result<(), Error> {
    for secret in secrets {
        let (name, text) = (secret.identifier()?, secret.text()?);
        secret.refuse(text.contains('\0'), Unsupported::Nul)?;
        // Before version 7.5, PowerShell removes a variable that is set to an empty string.
        secret.refuse(text.is_empty(), Unsupported::Empty)?;
        for part in ["$env:", name, " = '"] {
            out.push(part);
        }
        for c in text.chars() {
            if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
                out.push_char(c);
            }
            out.push_char(c);
        }
        out.push("'\n");
    }
    Ok(())
}
