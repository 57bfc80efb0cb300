//! The file that `docker run --env-file` reads. It has no quotes and no escapes: a value is the rest
//! of its line, byte for byte.

use super::{Error, ExportedSecret, Unsupported};
use crate::secret::SecretBuffer;

/// Docker reads lines with a buffer of 64 KiB, which holds the newline too.
const LINE: usize = (64 << 10) - 1;

pub(super) fn write(secrets: &[ExportedSecret<'_>], out: &mut SecretBuffer) -> Result<(), Error> {
    for secret in secrets {
        let name = secret.name_if(is_name)?;
        let text = secret.text()?;
        secret.refuse(text.contains('\0'), Unsupported::Nul)?;
        secret.refuse(text.contains('\n'), Unsupported::Newline)?;
        secret.refuse(text.ends_with('\r'), Unsupported::FinalCarriageReturn)?;
        secret.refuse(name.len() + 1 + text.len() > LINE, Unsupported::LongLine)?;
        for part in [name, "=", text, "\n"] {
            out.push(part);
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let stray = |c: char| c == '=' || c.is_whitespace() || c.is_control();
    !name.is_empty() && !name.starts_with(['#', '\u{feff}']) && !name.contains(stray)
}
