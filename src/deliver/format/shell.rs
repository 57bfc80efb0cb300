//! A script that a POSIX shell sources. Nothing in it is ever expanded: every value stands in single
//! quotes.

use super::{Error, ExportedSecret, Unsupported};
use crate::secret::SecretBuffer;

pub(super) fn write(secrets: &[ExportedSecret<'_>], out: &mut SecretBuffer) -> Result<(), Error> {
    for secret in secrets {
        let name = secret.identifier()?;
        let bytes = secret.value.expose();
        secret.refuse(bytes.contains(&0), Unsupported::Nul)?;
        for part in ["export ", name, "='"] {
            out.push(part);
        }
        for (index, piece) in bytes.split(|byte| *byte == b'\'').enumerate() {
            if index > 0 {
                out.push(r"'\''");
            }
            out.push(piece);
        }
        out.push("'\n");
    }
    Ok(())
}
