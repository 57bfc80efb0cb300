//! The file that `EnvironmentFile=` of a systemd unit reads. Not the one of `environment.d`, where
//! systemd expands `$NAME`.

use super::{Error, ExportedSecret, Unsupported};
use crate::secret::SecretBuffer;

pub(super) fn write(secrets: &[ExportedSecret<'_>], out: &mut SecretBuffer) -> Result<(), Error> {
    for secret in secrets {
        let name = secret.identifier()?;
        let text = secret.text()?;
        secret.refuse(text.contains('\0'), Unsupported::Nul)?;
        secret.refuse(text.contains(is_refused), Unsupported::Noncharacter)?;
        out.push(name);
        out.push("=\"");
        for piece in text.split_inclusive(['"', '\\']) {
            match piece.as_bytes() {
                [start @ .., special @ (b'"' | b'\\')] => {
                    out.push(start);
                    out.push([b'\\', *special]);
                }
                whole => out.push(whole),
            }
        }
        out.push("\"\n");
    }
    Ok(())
}

/// What systemd.exec(5) says such a file may not have.
fn is_refused(c: char) -> bool {
    let code = u32::from(c);
    matches!(c, '\u{feff}' | '\u{fdd0}'..='\u{fdef}') || code & 0xfffe == 0xfffe
}
