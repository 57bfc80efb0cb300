//! CSV as RFC 4180 has it, every field in quotes. It does not guard against spreadsheets that take
//! `=…` for a formula: that would change the value.

use super::{Error, ExportedSecret, Unsupported};
use crate::secret::SecretBuffer;

pub(super) fn write(secrets: &[ExportedSecret<'_>], out: &mut SecretBuffer) -> Result<(), Error> {
    out.push("name,value\r\n");
    for secret in secrets {
        let name = secret.name_if(|name| !name.contains('\0'))?;
        let text = secret.text()?;
        secret.refuse(text.contains('\0'), Unsupported::Nul)?;
        write_field(name, out);
        out.push(",");
        write_field(text, out);
        out.push("\r\n");
    }
    Ok(())
}

fn write_field(text: &str, out: &mut SecretBuffer) {
    out.push("\"");
    for (index, piece) in text.split('"').enumerate() {
        if index > 0 {
            out.push("\"\"");
        }
        out.push(piece);
    }
    out.push("\"");
}
