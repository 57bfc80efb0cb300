//! A script that fish sources. Every value stands in single quotes, in which fish expands nothing.

use super::{Error, ExportedSecret, Unsupported};
use crate::secret::SecretBuffer;

pub(super) fn write(secrets: &[ExportedSecret<'_>], out: &mut SecretBuffer) -> Result<(), Error> {
    for secret in secrets {
        let (name, text) = (secret.identifier()?, secret.text()?);
        secret.refuse(text.contains('\0'), Unsupported::Nul)?;
        for part in ["set -gx ", name, " '"] {
            out.push(part);
        }
        for c in text.chars() {
            if matches!(c, '\'' | '\\') {
                out.push("\\");
            }
            out.push_char(c);
        }
        out.push("'\n");
    }
    Ok(())
}
